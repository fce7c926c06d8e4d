package store

import (
	"slices"
	"time"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/wire"
)

// memory is the writer's own picture of what it has touched. Rows that the
// tables do not show yet (see settle.go) are always in it; it may be forgotten
// whenever there are none, and is after a transaction that failed.
type memory struct {
	events  map[eventKey]known
	threads map[requestKey]*thread
	pops    map[popKey]*pop // of all threads here
	inboxes map[wire.AgentKey]*inbox
}

type (
	eventKey   struct{ tenant, source, id string }
	requestKey struct{ tenant, id string }
	popKey     struct{ tenant, id string }
)

// known is the answer that an event was given when it came first.
type known struct {
	request  string
	pops     int
	unmapped bool
}

// thread is a request with all that belongs to it.
type thread struct {
	requestKey
	copies []screenpop.Request // oldest first
	pops   []*pop
	last   int64 // n of its newest event
}

// pop is a pop as it stands. Receipts only grow.
type pop struct {
	screenpop.Pop
	tenant string
	once   string
	seq    int64 // of its first frame
}

// inbox is the head of one agent's stream.
type inbox struct {
	head, acked int64
	tracked     bool   // unacked is complete
	unacked     []*pop // with a seq above acked, in order of seq
	dirty       bool   // acked has moved
}

// maxUnacked is how many pops of an agent who acknowledges nothing are kept in
// memory; past it they are looked up when the agent does.
const maxUnacked = 1000

func newMemory() *memory {
	return &memory{
		events:  map[eventKey]known{},
		threads: map[requestKey]*thread{},
		pops:    map[popKey]*pop{},
		inboxes: map[wire.AgentKey]*inbox{},
	}
}

// add takes in a thread that has just been read, or a new one.
func (m *memory) add(th *thread) {
	m.threads[th.requestKey] = th
	for _, p := range th.pops {
		m.pops[popKey{th.tenant, p.ID}] = p
	}
}

// put writes an agent's copy of the request.
func (th *thread) put(r screenpop.Request) {
	i := slices.IndexFunc(th.copies, func(c screenpop.Request) bool { return c.AgentID == r.AgentID })
	if i < 0 {
		th.copies = append(th.copies, r)
		return
	}
	th.copies[i] = r
}

// copyOf returns an agent's copy of the request.
func (th *thread) copyOf(agent string) (screenpop.Request, bool) {
	i := slices.IndexFunc(th.copies, func(c screenpop.Request) bool { return c.AgentID == agent })
	if i < 0 {
		return screenpop.Request{}, false
	}
	return th.copies[i], true
}

// popped reports whether the request has popped under once for that agent.
func (th *thread) popped(agent, once string) bool {
	return slices.ContainsFunc(th.pops, func(p *pop) bool { return p.AgentID == agent && p.once == once })
}

// frame returns the pop as a client gets it at now.
func (p *pop) frame(now time.Time) *screenpop.Pop {
	f := sent(p.Pop, now)
	return &f
}

// maxReceipts is how many receipts a frame carries of a pop: the newest. The
// record keeps all.
const maxReceipts = 50

// sent returns a pop as a client gets it: with the time it has left.
func sent(p screenpop.Pop, now time.Time) screenpop.Pop {
	p.TTLms = 0
	if !p.ExpiresAt.IsZero() {
		p.TTLms = p.ExpiresAt.Sub(now).Milliseconds()
	}
	if n := len(p.Receipts); n > maxReceipts {
		p.Receipts = p.Receipts[n-maxReceipts:]
	}
	p.Receipts = slices.Clip(p.Receipts)
	return p
}

// has reports whether a receipt is known.
func (p *pop) has(id string) bool {
	return slices.ContainsFunc(p.Receipts, func(r screenpop.Receipt) bool { return r.ID == id })
}

// unopened reports whether a withdrawal still reaches the pop.
func (p *pop) unopened() bool {
	return p.State.Open() || p.State == screenpop.PopWaiting || p.State == screenpop.PopMissed
}

// due reports whether the pop's time to open by itself is over.
func (p *pop) due(now time.Time) bool {
	return !p.ExpiresAt.IsZero() && !now.Before(p.ExpiresAt)
}
