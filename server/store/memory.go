package store

import (
	"slices"
	"time"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/wire"
)

const (
	maxThreads = 16384 // requests in memory
	maxInboxes = 65536 // agents in memory
	maxUnacked = 1000  // pops of an agent who acknowledges nothing; past it they are looked up when the agent does
)

// memory is the writer's own picture of what it has touched. What the tables do
// not show yet (see settle.go) is always in it.
type memory struct {
	events  map[eventKey]known
	threads map[requestKey]*thread
	pops    map[popKey]*pop // of all threads here
	inboxes map[wire.AgentKey]*inbox
	settled int64 // what forget was last told
}

type (
	eventKey   struct{ tenant, source, id string }
	requestKey struct{ tenant, id string }
	popKey     struct{ tenant, id string }
)

// known is the answer that an event was given when it came first.
type known struct {
	n        int64
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
	n      int64 // its newest row
}

// pop is a pop as it stands. Receipts only grow.
type pop struct {
	screenpop.Pop
	thread *thread
	once   string
	seq    int64 // of its first frame
}

// inbox is the head of one agent's stream.
type inbox struct {
	head, acked int64
	n           int64  // its newest row
	tracked     bool   // unacked is complete
	unacked     []*pop // with a seq above acked, in order of seq
}

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

// remove drops a thread.
func (m *memory) remove(th *thread) {
	for _, p := range th.pops {
		delete(m.pops, popKey{th.tenant, p.ID})
	}
	delete(m.threads, th.requestKey)
}

// forget drops what need not be held once the tables show all rows up to settled.
func (m *memory) forget(settled int64) {
	if settled == m.settled {
		return
	}
	m.settled = settled
	for k, e := range m.events {
		if e.n <= settled {
			delete(m.events, k)
		}
	}
	if len(m.threads) > maxThreads {
		for _, th := range m.threads {
			if th.n <= settled {
				m.remove(th)
			}
		}
		for _, b := range m.inboxes { // their pops may be among those
			b.tracked, b.unacked = false, nil
		}
	}
	if len(m.inboxes) > maxInboxes {
		for k, b := range m.inboxes {
			if b.n <= settled {
				delete(m.inboxes, k)
			}
		}
	}
}

// put writes an agent's copy of the request and returns the kind of the frame
// that says so.
func (th *thread) put(r screenpop.Request) (kind string) {
	i := slices.IndexFunc(th.copies, func(c screenpop.Request) bool { return c.AgentID == r.AgentID })
	if i < 0 {
		th.copies = append(th.copies, r)
		return kindRequest
	}
	th.copies[i] = r
	return kindRequestAgain
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

// has reports whether a receipt is known.
func (p *pop) has(id string) bool {
	return slices.ContainsFunc(p.Receipts, func(r screenpop.Receipt) bool { return r.ID == id })
}

// unopened reports whether a withdrawal still reaches the pop. What the server
// sends by itself goes out all the same: that a request has ended is news to a CRM.
func (p *pop) unopened() bool {
	return !p.ByServer() && (p.State.Open() || p.State == screenpop.PopWaiting || p.State == screenpop.PopMissed)
}

// due reports whether the pop's time to open by itself is over.
func (p *pop) due(now time.Time) bool {
	return !p.ExpiresAt.IsZero() && !now.Before(p.ExpiresAt)
}

// sent notes that a pop's first frame is on its way.
func (b *inbox) sent(p *pop) {
	if !b.tracked {
		return
	}
	if len(b.unacked) >= maxUnacked {
		b.tracked, b.unacked = false, nil
		return
	}
	b.unacked = append(b.unacked, p)
}

// maxReceipts is how many receipts a frame carries of a pop: the newest. The
// record keeps more.
const maxReceipts = 50

// sent returns a pop as a client gets it at now: with the time it has left.
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
