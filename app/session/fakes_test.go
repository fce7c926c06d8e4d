package session_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/session"
	"github.com/crmpop/crmpop/app/wire"
)

// pipe is a connection whose other end is the test. Like a browser's, a
// cancelled Read leaves it open.
type pipe struct {
	in chan []byte

	mu     sync.Mutex
	got    []wire.Frame
	closed bool
	broken chan struct{}
	once   sync.Once
}

var errBroken = errors.New("connection reset")

func newPipe() *pipe { return &pipe{in: make(chan []byte, 5000), broken: make(chan struct{})} }

func (p *pipe) Read(ctx context.Context) ([]byte, error) {
	select { // what was sent before the break is still read
	case b := <-p.in:
		return b, nil
	default:
	}
	select {
	case b := <-p.in:
		return b, nil
	case <-p.broken:
		return nil, errBroken
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (p *pipe) Write(_ context.Context, b []byte) error {
	select {
	case <-p.broken:
		return errBroken
	default:
	}
	f, err := wire.Decode(b)
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.got = append(p.got, f)
	return nil
}

func (p *pipe) Close() {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	p.cut()
}

func (p *pipe) cut() { p.once.Do(func() { close(p.broken) }) }

// send sends frames to the client.
func (p *pipe) send(frames ...wire.Frame) {
	for _, f := range frames {
		p.in <- wire.Encode(f)
	}
}

// take returns what the client has sent since the last call.
func (p *pipe) take() []wire.Frame {
	p.mu.Lock()
	defer p.mu.Unlock()
	got := p.got
	p.got = nil
	return got
}

func (p *pipe) isClosed() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.closed
}

// rig is a session in a synctest bubble with the test as its server.
type rig struct {
	*testing.T
	s    *session.Session
	stop context.CancelFunc
	done chan error

	mu     sync.Mutex
	dials  []time.Time
	accept func() (*pipe, error)
	pipes  []*pipe
	frames []wire.Frame
	states []session.State
	faults []error
}

// inBubble runs f with a session that is already running.
func inBubble(t *testing.T, o session.Options, f func(r *rig)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, o)
		r.run()
		f(r)
		r.stop()
		time.Sleep(time.Minute)
	})
}

func newRig(t *testing.T, o session.Options) *rig {
	r := &rig{T: t, done: make(chan error, 1)}
	o.Dial = r.dial
	own := o.OnFrame
	o.OnFrame = func(f wire.Frame) {
		r.mu.Lock()
		r.frames = append(r.frames, f)
		r.mu.Unlock()
		if own != nil {
			own(f)
		}
	}
	o.OnState = func(st session.State) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.states = append(r.states, st)
	}
	o.OnFault = func(err error) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.faults = append(r.faults, err)
	}
	r.s = session.New("ws://test/connect", o)
	return r
}

func (r *rig) run() {
	ctx, stop := context.WithCancel(context.Background())
	r.stop = stop
	go func() { r.done <- r.s.Run(ctx) }()
	synctest.Wait()
}

func (r *rig) dial(ctx context.Context, _ string) (session.Conn, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.dials = append(r.dials, time.Now())
	if r.accept != nil {
		p, err := r.accept()
		if err != nil {
			return nil, err
		}
		r.pipes = append(r.pipes, p)
		return p, nil
	}
	p := newPipe()
	r.pipes = append(r.pipes, p)
	return p, nil
}

func (r *rig) refuse(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.accept = func() (*pipe, error) { return nil, err }
	if err == nil {
		r.accept = nil
	}
}

// server waits for the client's connection number n, from 1.
func (r *rig) server(n int) *pipe {
	r.Helper()
	for range 1200 {
		synctest.Wait()
		r.mu.Lock()
		if len(r.pipes) >= n {
			defer r.mu.Unlock()
			return r.pipes[n-1]
		}
		r.mu.Unlock()
		time.Sleep(100 * time.Millisecond)
	}
	r.Fatalf("connection %d did not come within two minutes", n)
	return nil
}

var hello = wire.Frame{Type: wire.Hello, Protocol: wire.Protocol, Epoch: 7, HeartbeatS: 30}

// greeted brings connection n to where the client has resumed.
func (r *rig) greeted(n int) *pipe {
	r.Helper()
	p := r.server(n)
	p.send(hello)
	synctest.Wait()
	return p
}

// live brings the first connection to a snapshot at seq.
func (r *rig) live(seq int64) *pipe {
	r.Helper()
	p := r.greeted(1)
	p.send(wire.Frame{Type: wire.Snapshot, Epoch: 7, Seq: seq}, wire.Frame{Type: wire.Ping, Seq: seq})
	time.Sleep(time.Second)
	synctest.Wait()
	p.take()
	r.took()
	return p
}

// took returns the frames passed to the page since the last call.
func (r *rig) took() []wire.Frame {
	synctest.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	frames := r.frames
	r.frames = nil
	return frames
}

// phases returns the states told so far, in short.
func (r *rig) phases() string {
	synctest.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	var all []string
	for _, st := range r.states {
		all = append(all, fmt.Sprintf("%s%d", st.Phase, st.Attempt))
	}
	return strings.Join(all, " ")
}

func (r *rig) state() session.State {
	synctest.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.states[len(r.states)-1]
}

func (r *rig) expect(what string, frames []wire.Frame, want string) {
	r.Helper()
	if got := shape(frames); got != want {
		r.Errorf("%s got %q, want %q", what, got, want)
	}
}

func (r *rig) fromClient(p *pipe, want string) {
	r.Helper()
	synctest.Wait()
	r.expect("server", p.take(), want)
}

func (r *rig) onPage(want string) {
	r.Helper()
	r.expect("page", r.took(), want)
}

func request(seq int64) wire.Frame {
	return wire.Frame{Type: wire.Request, Seq: seq, Request: &screenpop.Request{ID: fmt.Sprint("c-", seq)}}
}

// shape writes frames the short way: "resume7/3 ack5 pong".
func shape(frames []wire.Frame) string {
	var all []string
	for _, f := range frames {
		one := string(f.Type)
		switch f.Type {
		case wire.Resume, wire.Snapshot:
			one += fmt.Sprintf("%d/%d", f.Epoch, f.Seq)
		case wire.Request, wire.Ack:
			one += fmt.Sprint(f.Seq)
		case wire.Receipt:
			one += fmt.Sprintf(":%s:%s", f.PopID, f.State)
		case wire.Claim, wire.Claimed, wire.Withdraw:
			one += ":" + f.PopID
		case wire.Close:
			one += ":" + f.RequestID
		case wire.Lead:
			one += fmt.Sprintf(":%v", f.Lead)
		}
		all = append(all, one)
	}
	return strings.Join(all, " ")
}

// box is a receipt box that outlives its session, as a page's storage does.
type box struct {
	mu     sync.Mutex
	frames map[string][]byte
}

func newBox() *box { return &box{frames: map[string][]byte{}} }

func (b *box) Put(id string, frame []byte) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.frames[id] = frame
}

func (b *box) Delete(id string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.frames, id)
}

func (b *box) All() map[string][]byte {
	b.mu.Lock()
	defer b.mu.Unlock()
	all := map[string][]byte{}
	for id, f := range b.frames {
		all[id] = f
	}
	return all
}
