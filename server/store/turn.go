package store

import (
	"errors"
	"time"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/wire"
)

// The kinds of a frame row.
const (
	kindRequest      = "request" // the first frame of an agent's copy
	kindRequestAgain = "request again"
	kindPop          = "pop" // a pop's first frame
	kindPopAgain     = "pop again"
	kindWithdraw     = "withdraw"
)

// The ids of the receipts that the server itself writes.
const (
	idDelivered = "server:delivered"
	idExpired   = "server:expired"
	idHangup    = "server:hangup"
	idWithdrawn = "server:withdrawn"
)

// turn is one transaction: planning it takes memory further and leaves rows.
type turn struct {
	w     *writer
	mem   *memory
	now   time.Time
	units []*unit
	jobs  []*job // to be told when it is written
	from  int64  // the newest row before it
	n     int64  // the newest row
	pages *pages
	acked map[wire.AgentKey]int64

	soonest int64 // when the first of its pops is due

	begun   bool  // the transaction has begun while it was planned
	settled int64 // and within it the tables were brought up to this row
	err     error // of writing it
}

// acknowledge tells those who wait that their jobs have an end.
func (t *turn) acknowledge() {
	for _, j := range t.jobs {
		close(j.done)
	}
}

// play runs units, events before acts.
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
		begun := t.begun
		u.err = u.act(t, u)
		if u.err != nil && (!told(u.err) || t.begun != begun) {
			return u.err
		}
	}
	return nil
}

// told reports whether err is an answer to the caller, given before anything was
// changed, and no failure.
func told(err error) bool {
	_, ok := err.(*screenpop.Error)
	return ok
}

// errVoid says that a turn was planned on one that has failed since.
var errVoid = errors.New("the turn before this one has failed")

// conn returns the writer's connection, within the turn's transaction. An act
// that needs it keeps the turn from being planned while another is written.
func (t *turn) conn() (*conn, error) {
	if t.begun {
		return t.w.c, nil
	}
	if !t.w.wait() {
		return nil, errVoid
	}
	if err := t.w.c.exec("begin immediate"); err != nil {
		return nil, err
	}
	t.begun = true
	return t.w.c, nil
}

// settle writes what the turn has so far, and brings the tables up within it.
func (t *turn) settle() error {
	c, err := t.conn()
	if err != nil {
		return err
	}
	if err := t.pages.write(c); err != nil {
		return err
	}
	if err := settle(c, t.n, t.w.book.acked); err != nil {
		return err
	}
	t.settled = t.n
	return nil
}

// next numbers a row.
func (t *turn) next() int64 {
	t.n++
	return t.n
}

// frame is one frame on its way: everything but its place in the stream. State
// and show are kept here because the pop may be further by the time it is sent.
type frame struct {
	agent   string
	kind    string
	state   string
	body    string
	request *screenpop.Request // of a request's frames
	pop     *pop               // of the others
	show    *screenpop.Pop     // what a pop's frames send
	step    *step              // goes before the frame
	letter  *screenpop.Letter  // of a pop's first frame: what it sends; goes behind the frame
	posted  *Letter            // the letter once it has its row
}

// wire returns the frame as it is sent.
func (f frame) wire(seq int64) wire.Frame {
	switch f.kind {
	case kindRequest, kindRequestAgain:
		return wire.Frame{Type: wire.Request, Seq: seq, Request: f.request}
	case kindWithdraw:
		return wire.Frame{Type: wire.Withdraw, Seq: seq, PopID: f.pop.ID, Reason: f.body}
	}
	return wire.Frame{Type: wire.Pop, Seq: seq, Pop: f.show}
}

// step is one step of a pop, and what the pop is from then on.
type step struct {
	pop                  *pop
	receipt              screenpop.Receipt // without a State it is a claim
	now, detail, claimed string
}

// send gives frames of a thread their places in their agents' streams. event is
// the row of the event that caused them, 0 for an act.
func (t *turn) send(u *unit, th *thread, event int64, frames ...frame) error {
	for i := range frames {
		f := &frames[i]
		if f.step != nil {
			t.write(f.step)
		}
		agent := wire.AgentKey{Tenant: th.tenant, ID: f.agent}
		box, err := t.inbox(agent)
		if err != nil {
			return err
		}
		box.head++
		t.place(th, box, f, event)
		u.hint(agent, f.wire(box.head), len(frames)-i)
	}
	return nil
}

// place adds the row of a frame at the head of an inbox.
func (t *turn) place(th *thread, box *inbox, f *frame, event int64) {
	var popID, once, claimed string
	var expires int64
	if f.pop != nil {
		popID = f.pop.ID
	}
	if f.kind == kindPop {
		f.pop.seq = box.head
		box.sent(f.pop)
		once, claimed, expires = f.pop.once, f.show.ClaimedBy, stamp(f.pop.ExpiresAt)
	}
	if f.kind == kindPop && f.pop.ByServer() { // the outbox ends it
		expires = 0
	}
	if expires > 0 {
		t.soonest = min(t.soonest, expires)
	}
	n := t.next()
	t.pages.frames.add(n, th.tenant, f.agent, box.head, f.kind, th.id, popID, event,
		stamp(t.now), f.body, f.state, once, claimed, expires)
	th.n, box.n = n, n
	if f.letter != nil {
		t.post(th, f)
	}
}

// hint adds a frame to what is published of the unit; at most room come after it.
func (u *unit) hint(a wire.AgentKey, f wire.Frame, room int) {
	for i := range u.hints {
		if h := &u.hints[i]; h.Agent == a {
			h.Head, h.Frames = f.Seq, append(h.Frames, f)
			return
		}
	}
	u.hints = append(u.hints, wire.Hint{Agent: a, Head: f.Seq, Frames: append(make([]wire.Frame, 0, room), f)})
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
	r, th := s.receipt, s.pop.thread
	th.n = t.next()
	t.pages.steps.add(th.n, th.tenant, s.pop.ID, r.ID, string(r.State), r.Detail, r.Build,
		stamp(t.now), s.now, s.detail, s.claimed)
}

// again returns the frame that sends a pop once more, as it is now.
func (t *turn) again(p *pop, s *step) frame {
	now := sent(p.Pop, t.now)
	return frame{agent: p.AgentID, kind: kindPopAgain, pop: p, step: s, state: string(p.State), show: &now}
}

// withdrawn returns the frame that takes a pop back.
func (t *turn) withdrawn(p *pop, reason string) frame {
	s := t.advance(p, screenpop.Receipt{ID: idWithdrawn, State: screenpop.PopWithdrawn, Detail: reason})
	return frame{agent: p.AgentID, kind: kindWithdraw, pop: p, step: s, state: string(p.State), body: reason}
}

// missed returns the frame of a pop that did not open in time.
func (t *turn) missed(p *pop, id, why string) frame {
	return t.again(p, t.advance(p, screenpop.Receipt{ID: id, State: screenpop.PopMissed, Detail: why}))
}

// overdue returns the frame of a pop whose time is over.
func (t *turn) overdue(p *pop) frame {
	if p.Kind != screenpop.KindCommand {
		return t.missed(p, idExpired, "its time to open by itself was over")
	}
	why := p.Detail
	if why == "" || p.ClaimedBy != "" {
		why = "the companion has not said in time what became of it"
	}
	return t.again(p, t.advance(p, screenpop.Receipt{ID: idExpired, State: screenpop.PopFailed, Detail: why}))
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
