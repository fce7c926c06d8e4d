// Package session is the client's end of the connection between a workspace and
// the server: it dials, resumes where it was, drops what it has seen, answers
// the heartbeat, keeps receipts until they are confirmed, and comes back after
// every loss. The browser, the end-to-end tests and the load tests use the same
// code.
//
// What it relies on is only what a browser gives: close codes are not seen (the
// server's bye frame says why), a cancelled read closes nothing, and timers of a
// hidden tab may come a minute late. So frames drive everything; timers only
// notice that no frames come.
package session

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/wire"
)

// Options sets a session up; its zero value works, and starts with a snapshot.
type Options struct {
	Tab        string // names this tab or device; what it claims is claimed under this name
	Build      string // of the client, kept with its receipts
	Epoch, Seq int64  // the last frame seen, if the page still has what came with it
	// OnFrame is called with every frame but pings, once and in order, on the
	// goroutine that reads. Streamed frames come without a gap; a snapshot
	// replaces all before it. The session's methods may be called from it.
	OnFrame func(wire.Frame)
	// OnState is called when the state changes, one call at a time, in order.
	OnState func(State)
	// OnAsks is called with all that the agent is asked and has not answered,
	// oldest first, whenever that changes; one call at a time, in order.
	OnAsks func([]Ask)
	// OnFault is called with what went wrong in OnFrame or with stored receipts;
	// the session goes on.
	OnFault func(error)
	// Lead is asked at every resume whether this tab opens pops by itself; without
	// it the last call of Session.Lead counts.
	Lead     func() bool
	Receipts ReceiptBox // in memory if nil
	// Dial opens a websocket within ctx; DialWebsocket if nil.
	Dial func(ctx context.Context, url string) (Conn, error)
	// HTTP is how to go where websockets do not get through; nil for not at all.
	HTTP *HTTP
	Now  func() time.Time // time.Now if nil
	Rand func() float64   // in [0,1); math/rand if nil
}

const (
	dialWait     = 10 * time.Second // for a connection, and then for its hello
	helloWait    = 4 * time.Second  // for a hello, where there is another way
	probeWait    = 5 * time.Second  // for any frame after a doubt
	writeWait    = 10 * time.Second // for one frame
	backoffFirst = 500 * time.Millisecond
	backoffMost  = 30 * time.Second
	offlineAfter = 10 * time.Second       // without a connection
	goodAfter    = 5 * time.Second        // a connection that lasts this long ends the back-off
	ackEvery     = 100 * time.Millisecond // at most
	resendAfter  = 20 * time.Second       // for receipts without an answer
	maxOut       = 1000                   // frames waiting to be written, receipts aside
)

// Session is one client of the server. Its methods may be called from anywhere
// and never block.
type Session struct {
	url  string
	o    Options
	ways []way         // the best first
	wake chan struct{} // ends a wait between two attempts

	mu       sync.Mutex // guards all below
	link     *link      // nil while not connected
	route    route
	epoch    int64 // of seq
	seq      int64 // of the newest frame passed on
	asked    int   // resumes sent since the last progress
	acks     acks
	lead     bool
	claims   map[string]bool     // pops whose claim is not answered
	closes   map[string]bool     // requests whose end is not seen
	receipts map[string]*pending // receipts that are not confirmed
	made     int                 // receipts
	asks     []*asking           // oldest first
	// asksNew says that OnAsks is to be called, asksTelling that somebody does so.
	asksNew, asksTelling bool
	status               status
}

// New returns a session with the server at url (ws, wss, http or https). Run
// makes it connect.
func New(url string, o Options) *Session {
	if o.Dial == nil {
		o.Dial = DialWebsocket
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Rand == nil {
		o.Rand = rand.Float64
	}
	if o.Receipts == nil {
		o.Receipts = &memoryBox{frames: map[string][]byte{}}
	}
	return &Session{
		url: url, o: o, ways: ways(o), wake: make(chan struct{}, 1), epoch: o.Epoch, seq: o.Seq,
		claims: map[string]bool{}, closes: map[string]bool{}, receipts: map[string]*pending{},
	}
}

// Run keeps the session connected until ctx ends, and returns its error, or
// until the server says not to come back: then it returns a *screenpop.Error of
// CodeUnauthorized (signed out), CodeDenied or CodeConflict (replaced by newer
// tabs), with the server's reason. One Run at a time; a later one goes on where
// the one before it ended.
func (s *Session) Run(ctx context.Context) error {
	s.begin()
	for {
		start := s.o.Now()
		err := s.connect(ctx)
		if errors.Is(err, errBetter) {
			continue
		}
		end := final(ctx, err)
		if end == nil {
			end = s.pause(ctx, s.lose(err, s.o.Now().Sub(start)))
		}
		if end != nil {
			s.end(end)
			return end
		}
	}
}

// final returns the error that ends Run, or nil if err is no such thing.
func final(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	var b *byeError
	if !errors.As(err, &b) {
		return nil
	}
	switch b.code {
	case wire.ByeSignOut:
		return screenpop.Errorf(screenpop.CodeUnauthorized, "signed-out", "%s", b.reason)
	case wire.ByeDenied:
		return screenpop.Errorf(screenpop.CodeDenied, "denied", "%s", b.reason)
	case wire.ByeReplaced:
		return screenpop.Errorf(screenpop.CodeConflict, "replaced", "%s", b.reason)
	}
	return nil
}

// pause waits before the next attempt, unless it is woken.
func (s *Session) pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-s.wake:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	return nil
}

// Position returns the epoch and seq of the newest frame passed to OnFrame.
func (s *Session) Position() (epoch, seq int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.epoch, s.seq
}

// Wake says that now is a good time: the browser is online again, or the tab is
// seen. A session that waits tries at once; one that is connected makes sure
// that it still is, within five seconds.
func (s *Session) Wake() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.link != nil {
		s.probe()
		return
	}
	s.status.tries = 0
	select {
	case s.wake <- struct{}{}:
	default: // one is waiting already
	}
}

// Offline says what the browser believes about its network. A connection that
// still works is kept all the same, and attempts go on: browsers are wrong at
// times. Back online, it may be another network: a websocket is tried again.
func (s *Session) Offline(offline bool) {
	s.mu.Lock()
	if s.status.offline && !offline {
		s.retryNow()
	}
	s.status.offline = offline
	connected := s.link != nil
	s.mu.Unlock()
	if connected || !offline {
		s.Wake()
	}
	s.tell()
}

// byeError is a bye of the server.
type byeError struct {
	code   int
	reason string
}

func (e *byeError) Error() string { return fmt.Sprintf("%s (%d)", e.reason, e.code) }

// protocolError is a server that speaks another protocol.
type protocolError struct{ theirs int }

func (e *protocolError) Error() string {
	return fmt.Sprintf("this page speaks protocol %d and the server %d; reload the page", wire.Protocol, e.theirs)
}

var errSilent = errors.New("nothing heard from the server")
