package hub

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/crmpop/crmpop/app/screenpop"
)

const (
	pollWait = 25 * time.Second // for a frame, before a poll is answered with none
	maxBatch = 64 << 10         // bytes that wait for the next poll; one frame may be larger
)

var (
	errOver = errors.New("the connection is over")
	errTurn = screenpop.Errorf(screenpop.CodeConflict, "poll-out-of-turn",
		"each poll of a stream has the next number, and there is one at a time; open another stream")
)

// OpenPoll starts a session of agent who that is read by polls, and answers as
// the first of them: with hello, which names the stream. The caller has checked
// the sign-in and the origin. An error means that nothing was written yet.
func (h *Hub) OpenPoll(w http.ResponseWriter, r *http.Request, who Who) error {
	hello, err := h.ready(r.Context(), who)
	if err != nil {
		return err
	}
	c := newPoller(h.o.WriteTimeout)
	l, id, err := h.openLine(who, c, hello)
	if err != nil {
		return err
	}
	go func() {
		<-c.over
		h.guarded(func() { h.closeLine(l, id) })
	}()
	return c.answer(w, r, 1)
}

// Poll answers with the frames that wait for a session, as soon as there is one,
// and after 25 seconds with none. Polls are counted from 1, which was OpenPoll:
// a poll that somebody sends twice must not take frames away. An error means that
// nothing was written yet.
func (h *Hub) Poll(w http.ResponseWriter, r *http.Request, id, caller string, turn int) error {
	l, err := h.lineOf(id, caller)
	switch {
	case err != nil:
		return err
	case l.poll == nil:
		return errNoStream
	}
	return l.poll.answer(w, r, turn)
}

// poller is a conn whose frames wait for polls. A client polls again as soon as it
// is answered: one that does not come back within the time of a write, or goes
// away in the middle of a poll, has lost its connection.
type poller struct {
	timeout time.Duration
	news    chan struct{} // told when there is something to take
	room    chan struct{} // told when it was taken
	over    chan struct{} // closed by Cut
	once    sync.Once

	mu    sync.Mutex // guards all below
	batch [][]byte
	size  int
	turn  int         // of the newest poll
	busy  bool        // it waits
	late  *time.Timer // for the next
}

func newPoller(timeout time.Duration) *poller {
	return &poller{timeout: timeout, news: make(chan struct{}, 1), room: make(chan struct{}, 1), over: make(chan struct{})}
}

// Write leaves a frame for the next poll; it waits for room.
func (c *poller) Write(b []byte) error {
	late := time.NewTimer(c.timeout)
	defer late.Stop()
	for !c.put(b) {
		select {
		case <-c.room:
		case <-c.over:
			return errOver
		case <-late.C:
			return context.DeadlineExceeded
		}
	}
	return nil
}

func (c *poller) put(b []byte) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.size > 0 && c.size+len(b) > maxBatch {
		return false
	}
	c.batch, c.size = append(c.batch, b), c.size+len(b)
	tell(c.news)
	return true
}

// take returns what waits, nil for nothing.
func (c *poller) take() [][]byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	b := c.batch
	c.batch, c.size = nil, 0
	tell(c.room)
	return b
}

// tell wakes whoever waits on ch, or will.
func tell(ch chan struct{}) {
	select {
	case ch <- struct{}{}:
	default:
	}
}

// Close waits until somebody has come for the bye, or Cut.
func (c *poller) Close(int, string) {
	for c.waits() {
		select {
		case <-c.room:
		case <-c.over:
			return
		}
	}
	c.Cut()
}

func (c *poller) waits() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.batch) > 0
}

// Cut ends the connection.
func (c *poller) Cut() { c.once.Do(func() { close(c.over) }) }

// answer waits for frames and writes them as a JSON array.
func (c *poller) answer(w http.ResponseWriter, r *http.Request, turn int) error {
	if !c.enter(turn) {
		return errTurn
	}
	frames, err := c.wait(r.Context())
	c.leave() // before the client can have the answer and send the next
	if err != nil {
		c.Cut()
		return err
	}
	if err := c.send(w, frames); err != nil {
		c.Cut() // what was in it is lost, and the client resumes
	}
	return nil
}

func (c *poller) send(w http.ResponseWriter, frames [][]byte) error {
	body := append(append([]byte{'['}, bytes.Join(frames, []byte{','})...), ']')
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	control := http.NewResponseController(w)
	_ = control.SetWriteDeadline(time.Now().Add(c.timeout)) // a writer without deadlines is no connection
	_, err := w.Write(body)
	if err == nil {
		err = control.Flush()
	}
	_ = control.SetWriteDeadline(time.Time{}) // the connection's next request has its own
	return err
}

func (c *poller) wait(ctx context.Context) ([][]byte, error) {
	end := time.NewTimer(pollWait)
	defer end.Stop()
	for {
		if frames := c.take(); frames != nil {
			return frames, nil
		}
		select {
		case <-c.news:
		case <-end.C:
			return nil, nil
		case <-c.over:
			return nil, errNoStream
		case <-ctx.Done():
			return nil, errNoStream
		}
	}
}

func (c *poller) enter(turn int) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.busy || turn != c.turn+1 {
		return false
	}
	c.busy, c.turn = true, turn
	if c.late != nil {
		c.late.Stop()
	}
	return true
}

func (c *poller) leave() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.busy, c.late = false, time.AfterFunc(c.timeout, c.Cut)
}
