package hub

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/wire"
)

// MaxSay is how much a client may say by HTTP at once, in bytes.
const MaxSay = 256 << 10

// Why nothing can be said or heard by HTTP.
var (
	errNoStream = screenpop.Errorf(screenpop.CodeNotFound, "no-such-stream",
		"this stream has ended, or was opened by somebody else; open another")
	errNotAStream = screenpop.Errorf(screenpop.CodeInvalid, "not-an-event-stream",
		"this address answers with an endless stream of events; open it with an EventSource, or with Accept: text/event-stream")
)

// line is a session by HTTP: its frames come down by a stream of events or by
// polls, and what its client says comes up by requests that name it.
type line struct {
	*session
	caller string
	poll   *poller    // nil for a stream of events
	up     sync.Mutex // held while one request is heard, so that their frames do not mix
}

// lines are the open ones by their ids, which nobody can guess.
type lines struct {
	mu sync.Mutex // guards of; Hub.mu and a session's mu may be taken while it is held
	of map[string]*line
}

// openLine starts a session by HTTP. Its client learns the id from hello and may
// use it at once: so it is written down before anybody else can look.
func (h *Hub) openLine(who Who, c conn, hello wire.Frame) (l *line, id string, err error) {
	h.lines.mu.Lock()
	defer h.lines.mu.Unlock()
	hello.ID = rand.Text()
	s, err := h.open(who, c, hello)
	if err != nil {
		return nil, "", err
	}
	l = &line{session: s, caller: who.Caller}
	l.poll, _ = c.(*poller)
	h.lines.of[hello.ID] = l
	return l, hello.ID, nil
}

// closeLine ends a line whose connection has ended.
func (h *Hub) closeLine(l *line, id string) {
	h.lines.mu.Lock()
	delete(h.lines.of, id)
	h.lines.mu.Unlock()
	l.lost()
}

// lineOf returns an open line to whoever opened it.
func (h *Hub) lineOf(id, caller string) (*line, error) {
	h.lines.mu.Lock()
	defer h.lines.mu.Unlock()
	if l := h.lines.of[id]; l != nil && l.caller == caller {
		return l, nil
	}
	return nil, errNoStream
}

// Say takes what a client of a stream or of polls says: one frame, or a JSON
// array of them, in order. It waits while too many acts wait. What no client may
// say is answered by a bye on the way down.
func (h *Hub) Say(id, caller string, body []byte) error {
	l, err := h.lineOf(id, caller)
	if err != nil {
		return err
	}
	if !l.join() {
		return errNoStream
	}
	defer l.done("say")
	l.up.Lock()
	defer l.up.Unlock()
	frames := []json.RawMessage{body}
	if bytes.HasPrefix(bytes.TrimSpace(body), []byte("[")) {
		if err := json.Unmarshal(body, &frames); err != nil {
			l.bye(wire.ByeProtocol, fmt.Sprintf("decode frames: %v", err))
			return nil
		}
	}
	for _, b := range frames {
		l.hear(b)
	}
	return nil
}

// hear is receive for a frame that came by HTTP.
func (l *line) hear(b []byte) {
	if len(b) > readLimit {
		l.bye(wire.ByeProtocol, fmt.Sprintf("a frame of more than %d bytes came", readLimit))
		return
	}
	l.receive(b)
}

// accepts reports whether r asks for a content type by its name: an image or a
// form of another site cannot.
func accepts(r *http.Request, kind string) bool {
	return strings.Contains(strings.Join(r.Header.Values("Accept"), ","), kind)
}
