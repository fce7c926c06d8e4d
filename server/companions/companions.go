// Package companions keeps the sockets of the programs on agents' PCs, and has
// them run and copy what pops for their agents.
//
// A connected companion is one more reader of its agent's stream: it subscribes
// on the bus, reads the record, and acts on the pops that are its own. What it is
// sent stands in the record first, so a server that is killed in between sends it
// again; the companion keeps a journal and starts nothing twice.
package companions

import (
	"context"
	"crypto/ed25519"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/wire"
)

// Record is the part of the record that the room reads.
type Record interface {
	Head(ctx context.Context, a wire.AgentKey) (epoch, head int64, err error)
	Since(ctx context.Context, a wire.AgentKey, seq int64, limit int) (frames []wire.Frame, ok bool, err error)
	Snapshot(ctx context.Context, a wire.AgentKey) (wire.Frame, error)
	Pop(ctx context.Context, tenant, popID string) (screenpop.Pop, error)
}

// Bus brings hints, and may lose any of them.
type Bus interface {
	// Subscribe calls f, which does not block, for each hint of agent a until cancel.
	Subscribe(a wire.AgentKey, f func(wire.Hint)) (cancel func())
}

// Acts is what companions do to pops.
type Acts interface {
	// Claim asks for the right of by to do what a pop asks for; holder has it now.
	Claim(ctx context.Context, a wire.AgentKey, popID, by string) (ok bool, holder string, err error)
	// Receipt writes what became of a pop, and returns once it is on stable storage.
	Receipt(ctx context.Context, a wire.AgentKey, r screenpop.Receipt) error
}

// Known is a companion that was paired.
type Known struct {
	ID        string
	Agent     wire.AgentKey
	Email     string // of the agent
	AgentName string
	Host      string // the PC's name
	Key       ed25519.PublicKey
}

// Options set a room up. Server, Find, Seen and AtWork are needed.
type Options struct {
	Server string // our public address: a signature for another server is worth nothing here
	// Find returns the companion with an id; one that is not paired is CodeNotFound.
	Find func(ctx context.Context, id string) (Known, error)
	// Seen notes that a companion has proved itself just now.
	Seen func(ctx context.Context, id, version, address string) error
	// AtWork reports whether somebody has signed in to an open workspace of the agent.
	AtWork    func(wire.AgentKey) bool
	Heartbeat time.Duration // between pings; 30 s if 0. Who is silent for 1.5 times as long is cut
	Now       func() time.Time
	Log       *slog.Logger
}

const (
	helloWait  = 10 * time.Second // for the answer to the challenge
	actTimeout = 10 * time.Second // for one act, one read of the record, one write to a socket
	byeWait    = time.Second      // for a bye to be read
	seenEvery  = time.Hour        // between notes that a companion is still there
	maxEach    = 8                // companions of one agent at once
)

// Room is all the companions that are connected to one server. Its methods may be
// called from anywhere.
type Room struct {
	rec  Record
	bus  Bus
	acts Acts
	o    Options
	gone sync.WaitGroup // counts sessions

	mu       sync.RWMutex // guards all below; never held while the record or a socket is waited for
	agents   map[wire.AgentKey][]*session
	draining bool
}

// New returns a room without companions.
func New(rec Record, bus Bus, acts Acts, o Options) *Room {
	if o.Heartbeat == 0 {
		o.Heartbeat = 30 * time.Second
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Room{rec: rec, bus: bus, acts: acts, o: o, agents: map[wire.AgentKey][]*session{}}
}

// Standing is how an agent's companions stand at an instant.
type Standing struct {
	Holder    string // what a pop is claimed for that can be done now; "" for none
	Connected bool   // there is at least one
	Paused    bool   // all that are connected are paused
	AtWork    bool   // the agent has a workspace open
}

// Standing returns how the companions of agent a stand: the newest that is not
// paused does the work, as long as the agent has a workspace open.
func (r *Room) Standing(a wire.AgentKey) Standing {
	s := Standing{AtWork: r.o.AtWork(a)}
	for _, one := range slices.Backward(r.of(a)) {
		s.Connected = true
		if one.isPaused() {
			continue
		}
		if s.AtWork {
			s.Holder = one.holder()
		}
		return s
	}
	s.Paused = s.Connected
	return s
}

// Connection is one connected companion.
type Connection struct {
	ID     string
	Paused bool
}

// Connected returns the companions of an agent that are connected.
func (r *Room) Connected(a wire.AgentKey) []Connection {
	var all []Connection
	for _, one := range r.of(a) {
		all = append(all, Connection{ID: one.known.ID, Paused: one.isPaused()})
	}
	return all
}

// of returns the companions of an agent that are connected and were not sent away,
// oldest first.
func (r *Room) of(a wire.AgentKey) []*session {
	r.mu.RLock()
	all := slices.Clone(r.agents[a])
	r.mu.RUnlock()
	return slices.DeleteFunc(all, (*session).isLeaving)
}

// Revoke sends a companion away whose pairing has ended.
func (r *Room) Revoke(a wire.AgentKey, id string) {
	for _, one := range r.of(a) {
		if one.known.ID == id {
			one.bye(wire.ByeSignOut, unpaired)
		}
	}
}

const unpaired = "this companion is not paired here; pair it again"

// admit takes a session in and returns those that have to go for it.
func (r *Room) admit(s *session) (surplus []*session, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.draining {
		return nil, false
	}
	for _, other := range r.agents[s.known.Agent] {
		if other.known.ID == s.known.ID {
			surplus = append(surplus, other)
		}
	}
	if all := r.agents[s.known.Agent]; len(all)-len(surplus) >= maxEach {
		surplus = append(surplus, all[0])
	}
	r.agents[s.known.Agent] = append(slices.Clip(r.agents[s.known.Agent]), s)
	return surplus, true
}

// forget drops a session that has ended.
func (r *Room) forget(s *session) {
	r.mu.Lock()
	defer r.mu.Unlock()
	a := s.known.Agent
	rest := slices.DeleteFunc(slices.Clone(r.agents[a]), func(o *session) bool { return o == s })
	if r.agents[a] = rest; len(rest) == 0 {
		delete(r.agents, a)
	}
}

// Drain sends all companions away, and returns when they are gone or ctx ends.
func (r *Room) Drain(ctx context.Context) {
	r.mu.Lock()
	r.draining = true
	var all []*session
	for _, of := range r.agents {
		all = append(all, of...)
	}
	r.mu.Unlock()
	for _, s := range all {
		s.bye(wire.ByeRestart, "this server restarts; reconnecting")
	}
	done := make(chan struct{})
	go func() {
		r.gone.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-ctx.Done():
	}
}
