package browser

import "time"

// What a test of this browser finds out. Only the portal's program tests; the
// workspace does these things for good.

// Framing is what the stage would find out about a page before it frames it.
type Framing struct {
	Allowed bool
	Refused bool   // neither: no document came in time
	Why     string // it was refused, in words for people
}

// Socket is what became of a websocket that was opened to see whether one can be.
type Socket struct {
	Opened bool
	Took   time.Duration // until it was open
	First  string        // what the server said first, "" for nothing in time
	After  time.Duration // its opening
}

// Worker is the service worker of the pages that lie directly at this server.
type Worker struct {
	Able     bool // this page may have one
	There    bool
	Controls bool     // this very page
	Caches   []string // the names of what it keeps
}

// Storage is what this browser keeps for this server.
type Storage struct {
	Local, Session bool // can be written
	Usage, Quota   int  // in bytes; 0 if the browser does not say
	Persisted      bool // it is not thrown away when space gets short
}

// Memory is what this document takes, in bytes; 0 if the browser does not say.
type Memory struct {
	Used, Limit int
}

// Workspaces are the other tabs of this browser with a workspace.
type Workspaces struct {
	Open   int
	Frames int // that they hold
	Used   int // by their own scripts, in bytes
}
