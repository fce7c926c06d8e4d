// Package ingest reads what contact-centre platforms send over HTTP and turns it
// into events. A Dialect knows one way of saying things; it is given headers and
// the raw body, and touches neither network nor record.
//
// What is refused is refused with a *screenpop.Error that names the place (a
// JSON pointer where there is one), the fault and the cure. In an array each
// item stands for itself: one bad item does not sink the others.
package ingest

import (
	"net/http"

	"github.com/crmpop/crmpop/app/screenpop"
)

// The limits of what one HTTP request may carry.
const (
	// MaxEvent is the size of one event in bytes, alone or as an item of an array.
	MaxEvent = 64 << 10
	// MaxEvents is how many events an array may hold.
	MaxEvents = 500
	// MaxBody is the size of a body in bytes. It leaves 16 KiB for each event of
	// a full array, far more than an event takes, and bounds the memory that a
	// request can hold.
	MaxBody = 8 << 20
)

// The limits of what one event may carry, in bytes where nothing else is said.
const (
	maxID        = 256  // of an event, a request, a CloudEvents id
	maxText      = 2048 // any other text
	maxName      = 128  // the name of a variable
	maxVariables = 100  // how many
	maxDepth     = 16   // how deeply JSON may nest, the item of an array being 1
	maxUsers     = 100  // how many agents one call may ring
)

// Item is one event of a Batch, or why it was refused. If Err is set, Event
// holds no more than the ids that could be read.
type Item struct {
	Event screenpop.Event
	// Aliases are the names by which the source may know the agent, the most
	// certain first; the first stands in Event.Request.Agent too. It is empty
	// for an event that names nobody: that one is about everybody who has the
	// request.
	Aliases []string
	Err     *screenpop.Error
}

// Reply writes what a sender expects to read back once its events are stored.
// url is the public address of the source, to which later events are to be sent.
type Reply func(url string) (contentType string, body []byte)

// Batch is what one HTTP request carried, in the sender's order. It may be
// empty: some reports concern nobody here.
type Batch struct {
	Items []Item
	Array bool  // the sender sent an array and expects one answer an item
	Reply Reply // nil: the answer is ours to shape, one result an item
}

// Dialect reads one HTTP request. An error refuses all of it; its Code is
// invalid, too_large or unsupported.
type Dialect interface {
	Read(h http.Header, body []byte) (Batch, *screenpop.Error)
}
