package store

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/wire"
)

// The kinds of a frame row.
const (
	kindRequest  = "request"
	kindPop      = "pop"   // a pop's first frame
	kindAgain    = "again" // a pop that has changed
	kindWithdraw = "withdraw"
)

// turn is a transaction under way: units change memory and leave rows, which
// are written at its end.
type turn struct {
	w       *writer
	c       *conn
	mem     *memory
	now     time.Time
	n       int64 // the newest row
	rows    int   // written in this turn
	settled bool

	events, frames, steps *rows
}

// play runs units, events before acts, and writes their rows.
func (t *turn) play(units []*unit) error {
	var events []*unit
	for _, u := range units {
		if u.intake != nil {
			events = append(events, u)
		}
	}
	if err := t.takeIn(events); err != nil {
		return err
	}
	for _, u := range units {
		if u.act == nil {
			continue
		}
		if u.err = u.act(t, u); u.err != nil && (u.alone || !told(u.err)) {
			return u.err
		}
	}
	return t.flush()
}

// told reports whether err is an answer to the caller, given before anything was
// changed, and no failure.
func told(err error) bool {
	_, ok := err.(*screenpop.Error)
	return ok
}

// next numbers a row.
func (t *turn) next() int64 {
	t.n++
	t.rows++
	return t.n
}

// flush writes the rows that the turn has collected.
func (t *turn) flush() error {
	for _, r := range []*rows{t.events, t.frames, t.steps} {
		if err := r.write(t.c); err != nil {
			return err
		}
	}
	return nil
}

// settle writes what was collected and brings the tables up within the turn.
func (t *turn) settle() error {
	if err := t.flush(); err != nil {
		return err
	}
	if err := settle(t.c, t.mem, t.n); err != nil {
		return err
	}
	t.settled, t.rows = true, 0
	return nil
}

// frame is one frame on its way: everything but its place in the stream. State
// is kept here because the pop may be further by the time the row is written.
type frame struct {
	agent wire.AgentKey
	kind  string
	wire  wire.Frame // Seq is set when it is sent
	body  string
	pop   *pop // of a pop's frames
	state string
	step  *step // goes before the frame
}

// step is one step of a pop, and what the pop is from then on.
type step struct {
	pop                  *pop
	receipt              screenpop.Receipt // without a State it is a claim
	now, detail, claimed string
}

// send gives a frame its place in its agent's stream.
func (t *turn) send(u *unit, f frame, event int64) error {
	if f.step != nil {
		t.write(f.step)
	}
	box, err := t.inbox(f.agent)
	if err != nil {
		return err
	}
	box.head++
	f.wire.Seq = box.head
	var request, popID, once, claimed string
	var expires int64
	if f.kind == kindRequest {
		request = f.wire.Request.ID
	} else {
		request, popID = f.pop.RequestID, f.pop.ID
	}
	if f.kind == kindPop {
		f.pop.seq = box.head
		box.sent(f.pop)
		once, claimed, expires = f.pop.once, f.wire.Pop.ClaimedBy, stamp(f.pop.ExpiresAt)
	}
	t.frames.add(t.next(), f.agent.Tenant, f.agent.ID, box.head, f.kind, request, popID, event,
		stamp(t.now), f.body, f.state, once, claimed, expires)
	u.hint(f.agent, f.wire)
	return nil
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

// hint adds a frame to what is published of the unit.
func (u *unit) hint(a wire.AgentKey, f wire.Frame) {
	for i := range u.hints {
		if h := &u.hints[i]; h.Agent == a {
			h.Head, h.Frames = f.Seq, append(h.Frames, f)
			return
		}
	}
	u.hints = append(u.hints, wire.Hint{Agent: a, Head: f.Seq, Frames: []wire.Frame{f}})
}

// advance takes a pop a step further in memory.
func (t *turn) advance(p *pop, r screenpop.Receipt) *step {
	r.PopID, r.At = p.ID, t.now
	p.State = p.State.Next(r.State)
	p.Detail = r.Detail
	p.Receipts = append(p.Receipts[:len(p.Receipts):len(p.Receipts)], r)
	return p.stepped(r)
}

// stepped returns the step that has just brought the pop where it is.
func (p *pop) stepped(r screenpop.Receipt) *step {
	return &step{pop: p, receipt: r, now: string(p.State), detail: p.Detail, claimed: p.ClaimedBy}
}

// write adds the row of a step.
func (t *turn) write(s *step) {
	r := s.receipt
	t.steps.add(t.next(), s.pop.tenant, s.pop.ID, r.ID, string(r.State), r.Detail, r.Build,
		stamp(t.now), s.now, s.detail, s.claimed)
}

// again returns the frame that sends a pop once more, as it is now.
func (t *turn) again(p *pop, s *step) frame {
	return frame{agent: wire.AgentKey{Tenant: p.tenant, ID: p.AgentID}, kind: kindAgain, pop: p, step: s,
		state: string(p.State), wire: wire.Frame{Type: wire.Pop, Pop: p.frame(t.now)}}
}

// withdrawn returns the frame that takes a pop back.
func (t *turn) withdrawn(p *pop, reason string) frame {
	s := t.advance(p, screenpop.Receipt{ID: idWithdrawn, State: screenpop.PopWithdrawn, Detail: reason})
	return frame{agent: wire.AgentKey{Tenant: p.tenant, ID: p.AgentID}, kind: kindWithdraw, pop: p, step: s,
		state: string(p.State), body: reason, wire: wire.Frame{Type: wire.Withdraw, PopID: p.ID, Reason: reason}}
}

// missed returns the frame of a pop that did not open in time.
func (t *turn) missed(p *pop, id, why string) frame {
	s := t.advance(p, screenpop.Receipt{ID: id, State: screenpop.PopMissed, Detail: why})
	return t.again(p, s)
}

// The ids of the receipts that the server itself writes.
const (
	idDelivered = "server:delivered"
	idExpired   = "server:expired"
	idHangup    = "server:hangup"
	idWithdrawn = "server:withdrawn"
)

// encode returns v as JSON. What the record stores holds nothing that JSON
// cannot carry.
func encode(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("encode %T: %v", v, err))
	}
	return string(b)
}

// stamp returns a time as the tables hold it, 0 for the zero time.
func stamp(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixNano()
}

// unstamp returns the time that stamp wrote.
func unstamp(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.Unix(0, n).UTC()
}
