package store

import (
	"context"
	"fmt"
	"runtime/debug"
	"slices"

	"github.com/crmpop/crmpop/app/screenpop"
)

// intake is an Intake on its way, and what came of it.
type intake struct {
	Intake
	body   string // the event as JSON
	out    Accepted
	thread *thread
	plan   Plan
	frames []frame
	docs   string  // the decisions as JSON
	seen   string  // what held for the agents as JSON
	twin   *intake // the same event, earlier in this turn
}

// Append takes events in; see Record.
func (s *SQLite) Append(ctx context.Context, in ...Intake) ([]Accepted, error) {
	units := make([]*unit, len(in))
	for i, it := range in {
		units[i] = &unit{intake: &intake{Intake: it, body: encodeEvent(it.Event)}}
	}
	if len(units) == 0 {
		return nil, ctx.Err()
	}
	if err := s.w.do(ctx, &job{units: units}); err != nil {
		return nil, err
	}
	out := make([]Accepted, len(in))
	for i, u := range units {
		out[i] = u.intake.out
		out[i].EventID = in[i].Event.ID
		if u.err != nil {
			out[i] = Accepted{EventID: in[i].Event.ID, RequestID: in[i].Event.Request.ID, Err: fault(u.err)}
			continue
		}
		out[i].Hints = u.hints
	}
	return out, allFailed(out)
}

// allFailed returns the error that kept every event out for the disk's sake.
func allFailed(out []Accepted) error {
	for _, a := range out {
		if a.Err == nil || !storage(a.Err) {
			return nil
		}
	}
	return out[0].Err
}

// takeIn carries events out in order: what is known already, what each plans on
// its request as the ones before it left it, and then their places in the streams.
func (t *turn) takeIn(units []*unit) error {
	fresh, err := t.sift(units)
	if err != nil {
		return err
	}
	if err := t.gather(fresh); err != nil {
		return err
	}
	for _, u := range fresh {
		u.err = t.evolve(u.intake)
	}
	for _, u := range units {
		if err := t.enter(u); err != nil {
			return err
		}
	}
	return nil
}

// sift answers what came before and returns the rest, in order.
func (t *turn) sift(units []*unit) (fresh []*unit, err error) {
	here := make(map[eventKey]*intake, len(units))
	var ask []*unit
	for _, u := range units {
		it := u.intake
		k := it.key()
		it.out, it.frames, it.twin = Accepted{}, nil, here[k]
		if it.twin != nil {
			continue
		}
		here[k] = it
		if answer, ok := t.mem.events[k]; ok {
			it.repeat(answer)
		} else if !t.w.sieves.fresh(t.w.sieves.event(k)) {
			ask = append(ask, u)
		}
	}
	stored, err := t.storedEvents(ask)
	if err != nil {
		return nil, err
	}
	for _, u := range units {
		it := u.intake
		if answer, ok := stored[it.key()]; ok {
			it.repeat(answer)
		}
		if it.twin == nil && !it.out.Duplicate {
			fresh = append(fresh, u)
		}
	}
	return fresh, nil
}

func (it *intake) key() eventKey { return eventKey{it.Tenant, it.Source, it.Event.ID} }

// repeat answers as the event was answered the first time.
func (it *intake) repeat(k known) {
	it.out = Accepted{RequestID: k.request, Pops: k.pops, Unmapped: k.unmapped, Duplicate: true}
}

// evolve has an event plan and changes its request accordingly.
func (t *turn) evolve(it *intake) error {
	th := it.thread
	plan, err := it.ask(Current{Copies: slices.Clone(th.copies), Popped: th.popped})
	if err != nil {
		return err
	}
	if plan.Reject != nil {
		return plan.Reject
	}
	it.plan = plan
	it.out = Accepted{RequestID: it.Event.Request.ID, Unmapped: plan.UnmappedAs != ""}
	it.docs, it.seen = "[]", ""
	if it.out.Unmapped {
		return nil
	}
	if len(plan.Decisions) > 0 {
		it.docs = encodeDecisions(plan.Decisions)
	}
	if len(plan.Seen) > 0 {
		it.seen = encode(plan.Seen)
	}
	it.frames = make([]frame, 0, len(plan.Requests)+len(plan.Pops))
	for _, r := range plan.Requests {
		r.ID = th.id
		it.frames = append(it.frames, t.request(th, r))
	}
	t.end(it)
	for _, pp := range plan.Pops {
		if f, ok := t.plant(th, it.Event.ID, pp); ok {
			it.frames = append(it.frames, f)
			it.out.Pops++
		}
	}
	return nil
}

// ask runs the event's Plan, which is not ours and may panic.
func (it *intake) ask(cur Current) (plan Plan, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &screenpop.Error{Code: screenpop.CodeInternal, Kind: "plan",
				Msg: fmt.Sprintf("event %q could not be worked out; it was not stored", it.Event.ID),
				Err: fmt.Errorf("panic: %v\n%s", p, debug.Stack())}
		}
	}()
	return it.Plan(cur), nil
}

// request writes an agent's copy and returns the frame that sends it.
func (t *turn) request(th *thread, r screenpop.Request) frame {
	return frame{agent: r.AgentID, kind: th.put(r), state: string(r.State), body: encodeRequest(r), request: &r}
}

// end withdraws and misses what the plan says.
func (t *turn) end(it *intake) {
	for _, w := range it.plan.Withdraw {
		for _, p := range it.thread.pops {
			if p.AgentID == w.AgentID && p.unopened() {
				it.frames = append(it.frames, t.withdrawn(p, w.Reason))
			}
		}
	}
	for _, agent := range it.plan.Miss {
		for _, p := range it.thread.pops {
			if p.AgentID == agent && p.State.Open() && !p.ByServer() {
				it.frames = append(it.frames, t.missed(p, idHangup, "the call ended before it opened"))
			}
		}
	}
}

// plant writes a planned pop, unless the request has popped under its once key.
func (t *turn) plant(th *thread, event string, pp PlannedPop) (frame, bool) {
	p := &pop{Pop: pp.Pop, thread: th, once: pp.Once}
	p.RequestID, p.AgentID, p.ClaimedBy, p.Receipts = th.id, pp.AgentID, pp.ClaimFor, nil
	if p.EventID == "" {
		p.EventID = event
	}
	if p.State == "" {
		p.State = screenpop.PopPending
	}
	if p.once == "" {
		p.once = "pop:" + p.ID
	}
	if th.popped(p.AgentID, p.once) || slices.ContainsFunc(th.pops, func(q *pop) bool { return q.ID == p.ID }) {
		return frame{}, false
	}
	th.pops = append(th.pops, p)
	now := sent(p.Pop, t.now)
	return frame{agent: p.AgentID, kind: kindPop, pop: p, state: string(p.State), body: encodePop(p.Pop), show: &now, letter: pp.Letter}, true
}

// enter gives an event its row and its frames their places.
func (t *turn) enter(u *unit) error {
	it := u.intake
	if it.twin != nil {
		return t.enterTwin(u)
	}
	if u.err != nil || it.out.Duplicate {
		return nil
	}
	n := t.next()
	agents := make([]string, len(it.plan.Requests))
	for i, r := range it.plan.Requests {
		agents[i] = r.AgentID
	}
	t.pages.events.add(n, it.Tenant, it.Source, it.Event.ID, it.thread.id, it.thread.last, list(agents),
		it.plan.UnmappedAs, int64(it.out.Pops), stamp(t.now), it.body, it.docs, it.seen)
	t.w.sieves.add(t.w.sieves.event(it.key()))
	if it.thread.n == 0 {
		t.w.sieves.add(t.w.sieves.request(it.thread.requestKey))
	}
	it.thread.last, it.thread.n = n, n
	t.mem.events[it.key()] = known{n: n, request: it.thread.id, pops: it.out.Pops, unmapped: it.out.Unmapped}
	for _, f := range it.frames {
		if f.kind == kindPop {
			t.mem.pops[popKey{it.Tenant, f.pop.ID}] = f.pop
		}
	}
	if err := t.send(u, it.thread, n, it.frames...); err != nil {
		return err
	}
	for _, f := range it.frames {
		if f.posted != nil {
			it.out.Letters = append(it.out.Letters, *f.posted)
		}
	}
	return nil
}

// enterTwin answers an event that came twice in one turn.
func (t *turn) enterTwin(u *unit) error {
	it := u.intake
	if answer, ok := t.mem.events[it.key()]; ok {
		it.repeat(answer)
		return nil
	}
	u.err = screenpop.Errorf(screenpop.CodeConflict, "refused-twin",
		"event %q came twice at once, and the first was refused; send it again", it.Event.ID)
	return nil
}
