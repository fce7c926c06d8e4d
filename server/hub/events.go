package hub

import (
	"net/http"
	"sync"
	"time"

	"github.com/crmpop/crmpop/app/wire"
)

// Stream answers r with the session of agent who as a stream of events: one
// event a frame. It returns at the session's end. The caller has checked the
// sign-in and the origin. An error means that nothing was written yet.
func (h *Hub) Stream(w http.ResponseWriter, r *http.Request, who Who) error {
	if !accepts(r, eventStream) {
		return errNotAStream
	}
	hello, err := h.ready(r.Context(), who)
	if err != nil {
		return err
	}
	c := newEvents(w, h.o.WriteTimeout)
	defer c.end()
	l, id, err := h.openLine(who, c, hello)
	if err != nil {
		return c.refuse(lateBye(err))
	}
	select {
	case <-r.Context().Done():
	case <-c.over:
	}
	h.closeLine(l, id)
	return nil
}

// RefuseStream answers r with a stream that only says bye: like a socket, it has
// no other way to tell its page why. An error means that nothing was written yet.
func (h *Hub) RefuseStream(w http.ResponseWriter, r *http.Request, code int, reason string) error {
	if !accepts(r, eventStream) {
		return errNotAStream
	}
	c := newEvents(w, h.o.WriteTimeout)
	defer c.end()
	return c.refuse(code, reason)
}

const eventStream = "text/event-stream"

// events is a conn on the answer to one request. That answer lives as long as
// the request's goroutine, so end waits for whoever writes, and lets no other
// begin.
type events struct {
	w       http.ResponseWriter
	control *http.ResponseController
	timeout time.Duration
	over    chan struct{} // closed by Cut
	once    sync.Once

	mu    sync.Mutex // held while something is written
	begun bool
	ended bool
}

func newEvents(w http.ResponseWriter, timeout time.Duration) *events {
	return &events{w: w, control: http.NewResponseController(w), timeout: timeout, over: make(chan struct{})}
}

// Write sends a frame as one event. JSON has no line breaks of its own.
func (c *events) Write(b []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.deadline(time.Now().Add(c.timeout))
	select { // after the deadline is set: Cut does it the other way round
	case <-c.over:
		return errOver
	default:
	}
	if c.ended {
		return errOver
	}
	if err := c.begin(); err != nil {
		return err
	}
	return c.put("data: ", string(b), "\n\n")
}

// begin writes the headers, and a comment at once: a proxy that holds it back
// will hold back everything.
func (c *events) begin() error {
	if c.begun {
		return nil
	}
	c.begun = true
	header := c.w.Header()
	header.Set("Content-Type", eventStream)
	header.Set("Cache-Control", "no-store, no-transform")
	header.Set("X-Accel-Buffering", "no")
	header.Set("Connection", "close") // its deadlines are not for the next request
	return c.put(": CRM Pop\n\n")
}

func (c *events) put(parts ...string) error {
	for _, p := range parts {
		if _, err := c.w.Write([]byte(p)); err != nil {
			return err
		}
	}
	return c.control.Flush()
}

// deadline does nothing for writers without deadlines.
func (c *events) deadline(t time.Time) { _ = c.control.SetWriteDeadline(t) }

// Close ends the answer: the bye was the last of it.
func (c *events) Close(int, string) { c.once.Do(func() { close(c.over) }) }

// Cut ends the answer at once.
func (c *events) Cut() {
	c.once.Do(func() {
		close(c.over)
		c.deadline(time.Unix(1, 0))
	})
}

// end is called before the answer's goroutine returns.
func (c *events) end() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ended = true
}

func (c *events) refuse(code int, reason string) error {
	_ = c.Write(wire.Encode(wire.Frame{Type: wire.Bye, Code: code, Reason: reason})) // whoever has gone needs no bye
	return nil
}
