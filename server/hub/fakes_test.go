package hub_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/wire"
	"github.com/crmpop/crmpop/server/hub"
)

var anna = hub.Who{
	Key:   wire.AgentKey{Tenant: "t1", ID: "u-anna"},
	Agent: "anna@acme.example", Name: "Anna", Tenant: "Acme", Login: "login-1",
}

// record is a record in memory: each agent's stream, with the oldest frame that
// it still reaches back to.
type record struct {
	mu     sync.Mutex
	epoch  int64
	frames map[wire.AgentKey][]wire.Frame
	pruned map[wire.AgentKey]int64 // frames up to this seq are gone
	err    error
	reads  int           // calls of Since
	wait   chan struct{} // if set, Since's answer arrives once it is closed
	onHead func()        // called at the end of Head
}

func newRecord() *record {
	return &record{epoch: 7, frames: map[wire.AgentKey][]wire.Frame{}, pruned: map[wire.AgentKey]int64{}}
}

// add commits n requests and returns the hint for them.
func (r *record) add(a wire.AgentKey, n int) wire.Hint {
	return r.addSized(a, n, 10)
}

func (r *record) addSized(a wire.AgentKey, n, size int) wire.Hint {
	r.mu.Lock()
	defer r.mu.Unlock()
	var h wire.Hint
	for range n {
		seq := int64(len(r.frames[a])) + 1
		f := wire.Frame{Type: wire.Request, Seq: seq, Request: &screenpop.Request{
			ID: fmt.Sprintf("c-%d", seq), Subject: strings.Repeat("x", size)}}
		r.frames[a] = append(r.frames[a], f)
		h.Frames = append(h.Frames, f)
		h.Head = seq
	}
	h.Agent = a
	return h
}

func (r *record) Head(_ context.Context, a wire.AgentKey) (int64, int64, error) {
	r.mu.Lock()
	epoch, head, err, then := r.epoch, int64(len(r.frames[a])), r.err, r.onHead
	r.mu.Unlock()
	if then != nil {
		then()
	}
	return epoch, head, err
}

func (r *record) Since(_ context.Context, a wire.AgentKey, seq int64, limit int) ([]wire.Frame, bool, error) {
	r.mu.Lock()
	r.reads++
	wait, err := r.wait, r.err
	all, reaches := r.frames[a], seq >= r.pruned[a] && seq <= int64(len(r.frames[a]))
	r.mu.Unlock()
	if wait != nil {
		<-wait // the answer is fixed, and on its way
	}
	if err != nil || !reaches {
		return nil, false, err
	}
	all = all[seq:]
	return slices.Clone(all[:min(limit, len(all))]), true, nil
}

func (r *record) Snapshot(_ context.Context, a wire.AgentKey) (wire.Frame, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	f := wire.Frame{Type: wire.Snapshot, Epoch: r.epoch, Seq: int64(len(r.frames[a]))}
	for _, one := range r.frames[a] {
		f.Requests = append(f.Requests, *one.Request)
	}
	return f, r.err
}

func (r *record) Heads(_ context.Context, agents []wire.AgentKey) (map[wire.AgentKey]int64, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	heads := map[wire.AgentKey]int64{}
	for _, a := range agents {
		heads[a] = int64(len(r.frames[a]))
	}
	return heads, r.err
}

func (r *record) set(f func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	f()
}

// bus calls its subscribers under its lock, the strictest that a bus may be.
type bus struct {
	mu   sync.Mutex
	subs map[wire.AgentKey]map[int]func(wire.Hint)
	next int
}

func newBus() *bus { return &bus{subs: map[wire.AgentKey]map[int]func(wire.Hint){}} }

func (b *bus) Subscribe(a wire.AgentKey, f func(wire.Hint)) func() {
	b.mu.Lock()
	defer b.mu.Unlock()
	id := b.next
	b.next++
	if b.subs[a] == nil {
		b.subs[a] = map[int]func(wire.Hint){}
	}
	b.subs[a][id] = f
	return func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		if delete(b.subs[a], id); len(b.subs[a]) == 0 {
			delete(b.subs, a)
		}
	}
}

func (b *bus) publish(h wire.Hint) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, f := range b.subs[h.Agent] {
		f(h)
	}
}

func (b *bus) subscribers() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := 0
	for _, of := range b.subs {
		n += len(of)
	}
	return n
}

// acts notes what is asked of it.
type acts struct {
	mu       sync.Mutex
	said     []string
	receipts []screenpop.Receipt
	claims   map[string]string // pop id to tab
	err      error
	panics   bool
	wait     chan struct{}
}

func (a *acts) note(format string, args ...any) error {
	a.mu.Lock()
	wait := a.wait
	a.mu.Unlock()
	if wait != nil {
		<-wait
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.panics {
		panic("acts are broken")
	}
	a.said = append(a.said, fmt.Sprintf(format, args...))
	return a.err
}

func (a *acts) Ack(_ context.Context, _ wire.AgentKey, seq int64) error { return a.note("ack %d", seq) }

func (a *acts) Claim(_ context.Context, _ wire.AgentKey, popID, tab string) (bool, string, error) {
	if err := a.note("claim %s %s", popID, tab); err != nil {
		return false, "", err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.claims == nil {
		a.claims = map[string]string{}
	}
	if a.claims[popID] == "" {
		a.claims[popID] = tab
	}
	return a.claims[popID] == tab, a.claims[popID], nil
}

func (a *acts) Receipt(_ context.Context, _ wire.AgentKey, r screenpop.Receipt) error {
	if err := a.note("receipt %s %s %s", r.ID, r.PopID, r.State); err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.receipts = append(a.receipts, r)
	return nil
}

func (a *acts) Close(_ context.Context, _ wire.AgentKey, requestID string) error {
	return a.note("close %s", requestID)
}

func (a *acts) set(f func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	f()
}

func (a *acts) all() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.said)
}

// link is the test's end of a connection.
type link struct {
	mu      sync.Mutex
	frames  []wire.Frame
	at      []time.Time
	stalled chan struct{} // if set, Write blocks until it is closed or the link is cut
	cut     chan struct{}
	once    sync.Once
	closed  int // code of the close
}

func newLink() *link { return &link{cut: make(chan struct{})} }

var errCut = errors.New("connection cut")

func (l *link) Write(b []byte) error {
	l.mu.Lock()
	stalled := l.stalled
	l.mu.Unlock()
	if stalled != nil {
		select {
		case <-stalled:
		case <-l.cut:
		case <-time.After(10 * time.Second):
			return errors.New("write timeout")
		}
	}
	select {
	case <-l.cut:
		return errCut
	default:
	}
	f, err := wire.Decode(b)
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.frames, l.at = append(l.frames, f), append(l.at, time.Now())
	return nil
}

func (l *link) Close(code int, _ string) {
	l.mu.Lock()
	l.closed = code
	l.mu.Unlock()
	l.Cut()
}

func (l *link) Cut() { l.once.Do(func() { close(l.cut) }) }

func (l *link) isCut() bool {
	select {
	case <-l.cut:
		return true
	default:
		return false
	}
}

func (l *link) stall() (resume func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	c := make(chan struct{})
	l.stalled = c
	return func() { close(c) }
}

// take returns what came since it was last called, and forgets it.
func (l *link) take() []wire.Frame {
	frames, _ := l.takeTimed()
	return frames
}

// takeTimed is take, with the time at which each frame came.
func (l *link) takeTimed() (frames []wire.Frame, at []time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	frames, at = l.frames, l.at
	l.frames, l.at = nil, nil
	return frames, at
}

// shape writes frames the short way: "hello7/41 request42 ping42 bye4408".
func shape(frames []wire.Frame) string {
	var all []string
	for _, f := range frames {
		one := string(f.Type)
		switch f.Type {
		case wire.Hello, wire.Snapshot:
			one += fmt.Sprintf("%d/%d", f.Epoch, f.Seq)
		case wire.Request, wire.Ping:
			one += fmt.Sprint(f.Seq)
		case wire.Bye:
			one += fmt.Sprint(f.Code)
		case wire.Claimed:
			one += fmt.Sprintf(":%s:%v:%s", f.PopID, f.OK, f.By)
		case wire.ReceiptOK:
			one += ":" + f.ID
		}
		all = append(all, one)
	}
	return strings.Join(all, " ")
}

// bench is a hub with its fakes, in a synctest bubble.
type bench struct {
	*testing.T
	rec  *record
	bus  *bus
	acts *acts
	hub  *hub.Hub
}

func quiet() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

// inBubble runs f with a hub whose clock is synctest's, and drains it at the end.
func inBubble(t *testing.T, o hub.Options, f func(b *bench)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		b := &bench{T: t, rec: newRecord(), bus: newBus(), acts: &acts{}}
		o.Log = quiet()
		b.hub = hub.New(b.rec, b.bus, b.acts, o)
		ctx, stop := context.WithCancel(t.Context())
		go b.hub.Run(ctx)
		f(b)
		stop()
		over, cancel := context.WithTimeout(context.Background(), 0)
		b.hub.Drain(over)
		cancel()
		time.Sleep(time.Minute) // whatever was cut has ended
		if n := b.bus.subscribers(); n != 0 {
			t.Errorf("%d subscriptions are left after all sessions ended", n)
		}
		if n := b.hub.Sessions(); n != 0 {
			t.Errorf("Sessions() = %d after all sessions ended", n)
		}
	})
}

// client is one open session with its link; reading ends when the link is cut.
type client struct {
	*link
	s *hub.Session
}

// open opens a session and leaves it waiting for resume.
func (b *bench) open(who hub.Who) *client {
	b.Helper()
	epoch, head, err := b.rec.Head(b.Context(), who.Key)
	if err != nil {
		b.Fatal(err)
	}
	l := newLink()
	s, err := b.hub.Open(who, l, epoch, head)
	if err != nil {
		b.Fatal(err)
	}
	go func() {
		<-l.cut
		s.Lost()
	}()
	return &client{l, s}
}

func (c *client) say(f wire.Frame) { c.s.Receive(wire.Encode(f)) }

// resumed opens a session at a position and lets it catch up.
func (b *bench) resumed(who hub.Who, epoch, seq int64, tab string) *client {
	b.Helper()
	c := b.open(who)
	c.say(wire.Frame{Type: wire.Resume, Epoch: epoch, Seq: seq, Tab: tab, Lead: true})
	synctest.Wait()
	return c
}

// expect compares what came since the last call.
func (b *bench) expect(c *client, want string) {
	b.Helper()
	synctest.Wait()
	if got := shape(c.take()); got != want {
		b.Errorf("client got %q, want %q", got, want)
	}
}
