// Package hub keeps the sockets of the agents' workspaces, and the streams and
// polls of those that no websocket reaches, and brings each
// agent's stream to them: every frame, in order, without a gap.
//
// The record is the truth and the bus a hint that may be lost. A session
// subscribes on the bus first, then reads from the record, and from there on
// takes live frames: what it has it drops, what is next it sends, and for
// anything further it reads the record again. A sweep compares with the
// record's heads for the hints that never came.
//
// An idle agent costs one goroutine, parked in a read. Whatever else a session
// needs runs on demand: a pump while there is something to write, a clerk while
// the agent's acts are carried out. DESIGN.md beside this file says more.
package hub

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/wire"
)

// Record is the part of the record that a hub reads.
type Record interface {
	// Head returns the epoch and the newest seq of an agent's stream.
	Head(ctx context.Context, a wire.AgentKey) (epoch, head int64, err error)
	// Since returns the frames after seq in order, at most limit; ok is false
	// when the stream no longer reaches back that far.
	Since(ctx context.Context, a wire.AgentKey, seq int64, limit int) (frames []wire.Frame, ok bool, err error)
	// Snapshot returns all that the agent has open, as of its Epoch and Seq.
	Snapshot(ctx context.Context, a wire.AgentKey) (wire.Frame, error)
	// Heads returns the newest seq of each agent.
	Heads(ctx context.Context, agents []wire.AgentKey) (map[wire.AgentKey]int64, error)
}

// Bus brings hints, and may lose any of them.
type Bus interface {
	// Subscribe calls f, which does not block, for each hint of agent a until cancel.
	Subscribe(a wire.AgentKey, f func(wire.Hint)) (cancel func())
}

// Acts is what an agent's frames do. An act that was done already is no error.
type Acts interface {
	// Ack notes that the agent's workspace has all frames up to seq.
	Ack(ctx context.Context, a wire.AgentKey, seq int64) error
	// Claim asks for the right of tab to open a pop by itself; by is who has it.
	Claim(ctx context.Context, a wire.AgentKey, popID, tab string) (ok bool, by string, err error)
	// Receipt writes what became of a pop.
	Receipt(ctx context.Context, a wire.AgentKey, r screenpop.Receipt) error
	// Close ends a request for its agent.
	Close(ctx context.Context, a wire.AgentKey, requestID string) error
}

// Options sets a hub up; its zero value works.
type Options struct {
	Build        string           // named in hello
	Heartbeat    time.Duration    // between pings, ± 10 %; 30 s if 0. A socket silent for 1.5 times as long is cut
	Sweep        time.Duration    // between comparisons with the record's heads; 30 s if 0
	WriteTimeout time.Duration    // for one frame; 10 s if 0
	MaxSessions  int              // sockets of one user; 8 if 0
	Now          func() time.Time // time.Now if nil
	Rand         func() float64   // in [0,1), for jitter; math/rand if nil
	Log          *slog.Logger     // slog.Default() if nil
}

const (
	resumeWait  = 10 * time.Second // from the socket's opening to its resume
	actTimeout  = 10 * time.Second // for one act, and for one read of the record
	byeWait     = 10 * time.Second // for a bye to reach a slow client
	signOutWait = time.Second      // the same, when the client has lost its right to be here
	maxQueue    = 64               // frames waiting for one socket
	maxQueued   = 256 << 10        // bytes waiting for one socket
	maxInbox    = 64               // acts of one client waiting to be carried out
	pageSize    = 16               // frames read from the record at once
	sweepSize   = 500              // agents compared at once
)

// Hub is all the sockets of one server. Its methods may be called from
// anywhere.
type Hub struct {
	rec   Record
	bus   Bus
	acts  Acts
	o     Options
	log   *slog.Logger
	start time.Time // the zero of clock
	asks  asks
	lines lines
	live  atomic.Int64 // sessions that have not been sent away
	count atomic.Int64 // sessions ever opened

	mu       sync.RWMutex // guards all below; never taken while a session's mu is held
	agents   map[wire.AgentKey][]*session
	out      map[string]time.Duration // sign-ins that ended within the last minute, by hub's clock
	draining bool
	empty    chan struct{} // closed when draining and the last session is gone
}

// New returns a hub without sockets. Run keeps their heartbeat.
func New(rec Record, bus Bus, acts Acts, o Options) *Hub {
	defaults(&o.Heartbeat, 30*time.Second)
	defaults(&o.Sweep, 30*time.Second)
	defaults(&o.WriteTimeout, 10*time.Second)
	defaults(&o.MaxSessions, 8)
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Rand == nil {
		o.Rand = rand.Float64
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	return &Hub{
		rec: rec, bus: bus, acts: acts, o: o, log: o.Log, start: o.Now(),
		asks:   asks{of: map[wire.AgentKey][]*ask{}},
		lines:  lines{of: map[string]*line{}},
		agents: map[wire.AgentKey][]*session{}, out: map[string]time.Duration{}, empty: make(chan struct{}),
	}
}

func defaults[T comparable](field *T, v T) {
	var zero T
	if *field == zero {
		*field = v
	}
}

// clock returns the time since the hub began, which no step of the wall clock
// changes.
func (h *Hub) clock() time.Duration { return h.o.Now().Sub(h.start) }

// Who is the agent behind a socket, as the sign-in says. Login is the id of the
// sign-in, by which SignOut finds its sockets; empty if there is none.
type Who struct {
	Key    wire.AgentKey
	Agent  string // e-mail address
	Name   string
	Tenant string // the tenant's name
	Login  string
	Caller string // the sign-in or the key: what comes later by HTTP must come from the same
}

// Sessions returns how many sockets are open and not about to be closed.
func (h *Hub) Sessions() int { return int(h.live.Load()) }

// Leader returns the tab of the newest session of agent a that leads, or "".
func (h *Hub) Leader(a wire.AgentKey) string {
	h.mu.RLock()
	defer h.mu.RUnlock()
	all := h.agents[a]
	for i := len(all) - 1; i >= 0; i-- {
		if tab := all[i].leads(); tab != "" {
			return tab
		}
	}
	return ""
}

// SignOut sends every socket of a sign-in away. Their clients are told and the
// sockets are closed within a second, whether they listen or not.
func (h *Hub) SignOut(login string) {
	if login == "" {
		return
	}
	h.shut(login)
	for _, s := range h.sessions() {
		if s.login == login {
			s.bye(wire.ByeSignOut, signedOut)
		}
	}
}

const signedOut = "you have signed out; sign in again"

// shut keeps out the sockets that are just being opened: their sign-in was
// checked before it ended.
func (h *Hub) shut(login string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for other, at := range h.out {
		if h.clock()-at > time.Minute {
			delete(h.out, other)
		}
	}
	h.out[login] = h.clock()
}

// sessions returns every session, in no order.
func (h *Hub) sessions() []*session {
	h.mu.RLock()
	defer h.mu.RUnlock()
	all := make([]*session, 0, len(h.agents))
	for _, of := range h.agents {
		all = append(all, of...)
	}
	return all
}

// open starts a session on a fresh connection and greets its client with hello,
// which says where the stream is. Whoever reads the connection calls receive for
// each frame and lost at its end.
func (h *Hub) open(who Who, c conn, hello wire.Frame) (*session, error) {
	s := &session{hub: h, conn: c, key: who.Key, login: who.Login, holds: 1}
	s.tab = fmt.Sprintf("socket-%d", h.count.Add(1))
	s.silence()
	surplus, err := h.admit(s)
	if err != nil {
		return nil, err
	}
	for _, old := range surplus {
		old.bye(wire.ByeReplaced, "you have opened the workspace in too many places; this is the oldest")
	}
	hello.Type, hello.Protocol, hello.Build = wire.Hello, wire.Protocol, h.o.Build
	hello.Agent, hello.AgentName, hello.Tenant = who.Agent, who.Name, who.Tenant
	hello.HeartbeatS = max(1, int(h.o.Heartbeat.Seconds()))
	s.send(hello)
	s.expectResume()
	return s, nil
}

// admit takes s in and returns the sessions that must go for it, oldest first.
func (h *Hub) admit(s *session) (surplus []*session, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.draining {
		return nil, errDraining
	}
	if _, out := h.out[s.login]; out {
		return nil, errSignedOut
	}
	for _, other := range h.agents[s.key] {
		if !other.gone() {
			surplus = append(surplus, other)
		}
	}
	surplus = surplus[:max(0, len(surplus)+1-h.o.MaxSessions)]
	h.agents[s.key] = append(h.agents[s.key], s)
	h.live.Add(1)
	return surplus, nil
}

// Why a session is not admitted.
var (
	errDraining  = screenpop.Errorf(screenpop.CodeUnavailable, "draining", "this server is about to stop; try again in a few seconds")
	errSignedOut = screenpop.Errorf(screenpop.CodeUnauthorized, "signed-out", signedOut)
)

// forget drops a session of which nothing runs any more.
func (h *Hub) forget(s *session) {
	h.mu.Lock()
	defer h.mu.Unlock()
	all := h.agents[s.key]
	for i, other := range all {
		if other == s {
			all = append(append([]*session{}, all[:i]...), all[i+1:]...)
			break
		}
	}
	if h.agents[s.key] = all; len(all) == 0 {
		delete(h.agents, s.key)
	}
	if h.draining && len(h.agents) == 0 {
		close(h.empty)
	}
}
