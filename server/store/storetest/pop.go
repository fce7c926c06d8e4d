package storetest

import (
	"fmt"
	"sync"
	"time"

	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/wire"
	"github.com/crmpop/crmpop/server/store"
)

// receive reports what became of a pop and returns the frames that this sends.
func (r *rig) receive(a wire.AgentKey, pop, id string, s screenpop.PopState) []wire.Frame {
	r.Helper()
	hints, err := r.Receive(r.ctx, a, screenpop.Receipt{ID: id, PopID: pop, State: s, Detail: "detail of " + id, Build: "b1"})
	r.must(err)
	return hinted(hints, a)
}

var popTests = []test{
	{name: "a receipt moves the pop, is kept, and sends the pop again", run: func(r *rig) {
		p := r.ring("e1", "c-1")
		r.wait(time.Second)
		frames := r.receive(anna, p.ID, "r1", screenpop.PopShown)
		r.same("frames", []string{"3 pop crm shown"}, words(frames))
		want := screenpop.Receipt{ID: "r1", PopID: p.ID, State: screenpop.PopShown, Detail: "detail of r1", Build: "b1", At: r.clock()}
		got := r.state(p.ID)
		r.same("receipts", []screenpop.Receipt{want}, got.Receipts)
		r.same("the frame's pop", *frames[0].Pop, got)
		if got.Detail != "detail of r1" || got.State != screenpop.PopShown {
			r.Errorf("pop is %s, %q; want shown with the receipt's detail", got.State, got.Detail)
		}
	}},
	{name: "a receipt that is known changes nothing", run: func(r *rig) {
		p := r.ring("e1", "c-1")
		r.receive(anna, p.ID, "r1", screenpop.PopShown)
		if frames := r.receive(anna, p.ID, "r1", screenpop.PopOpened); len(frames) != 0 {
			r.Errorf("a known receipt sent %v", words(frames))
		}
		if got := r.state(p.ID); got.State != screenpop.PopShown || len(got.Receipts) != 1 {
			r.Errorf("pop is %s with %d receipts, want shown with 1", got.State, len(got.Receipts))
		}
	}},
	{name: "every receipt is kept, and the state only moves on", run: func(r *rig) {
		p := r.ring("e1", "c-1")
		for i, s := range []screenpop.PopState{"refused", "waiting", "opened", "waiting"} {
			r.receive(anna, p.ID, fmt.Sprint("r", i), s)
		}
		got := r.state(p.ID)
		if got.State != screenpop.PopOpened || len(got.Receipts) != 4 {
			r.Errorf("pop is %s with %d receipts, want opened with 4", got.State, len(got.Receipts))
		}
	}},
	{name: "a receipt for another agent's or tenant's pop, or for none, is not found", run: func(r *rig) {
		p := r.ring("e1", "c-1")
		for what, a := range map[string]wire.AgentKey{"another agent": ola, "another tenant": stranger} {
			_, err := r.Receive(r.ctx, a, screenpop.Receipt{ID: "r", PopID: p.ID, State: screenpop.PopShown})
			r.code(what, err, screenpop.CodeNotFound)
		}
		_, err := r.Receive(r.ctx, anna, screenpop.Receipt{ID: "r", PopID: "none", State: screenpop.PopShown})
		r.code("no pop", err, screenpop.CodeNotFound)
		_, err = r.Pop(r.ctx, "other", p.ID)
		r.code("Pop of another tenant", err, screenpop.CodeNotFound)
		if got := r.state(p.ID); len(got.Receipts) != 0 {
			r.Errorf("receipts %v, want none", got.Receipts)
		}
	}},
	{name: "a receipt without an id or a known state is refused", run: func(r *rig) {
		p := r.ring("e1", "c-1")
		for _, bad := range []screenpop.Receipt{{PopID: p.ID, State: screenpop.PopShown}, {ID: "r", PopID: p.ID, State: "vanished"}, {ID: "r", PopID: p.ID}} {
			_, err := r.Receive(r.ctx, anna, bad)
			r.code(fmt.Sprintf("%+v", bad), err, screenpop.CodeInvalid)
		}
	}},
	{name: "a receipt's detail is cut between characters", run: func(r *rig) {
		p := r.ring("e1", "c-1")
		detail := "x"
		for len(detail) < screenpop.MaxDetail+10 {
			detail += "ø"
		}
		_, err := r.Receive(r.ctx, anna, screenpop.Receipt{ID: "r", PopID: p.ID, State: screenpop.PopFailed, Detail: detail})
		r.must(err)
		if got := r.state(p.ID).Detail; got != detail[:screenpop.MaxDetail-1] {
			r.Errorf("detail has %d bytes, want the %d before half a character", len(got), screenpop.MaxDetail-1)
		}
	}},
	{name: "a pop is given to one tab", run: func(r *rig) {
		p := r.ring("e1", "c-1")
		ok, by, hints, err := r.Claim(r.ctx, anna, p.ID, "tab-1")
		r.must(err)
		if frames := hinted(hints, anna); !ok || by != "tab-1" || len(frames) != 1 || frames[0].Pop.ClaimedBy != "tab-1" {
			r.Errorf("first claim: %t, %q, %v; want granted and sent", ok, by, words(frames))
		}
		ok, by, hints, err = r.Claim(r.ctx, anna, p.ID, "tab-2")
		if ok || by != "tab-1" || len(hints) != 0 || err != nil {
			r.Errorf("second tab: %t, %q, %v, %v; want refused", ok, by, hints, err)
		}
		ok, by, hints, err = r.Claim(r.ctx, anna, p.ID, "tab-1")
		if !ok || by != "tab-1" || len(hints) != 0 || err != nil {
			r.Errorf("first tab again: %t, %q, %v, %v; want granted, nothing sent", ok, by, hints, err)
		}
		if got := r.state(p.ID); got.ClaimedBy != "tab-1" || len(got.Receipts) != 0 {
			r.Errorf("pop %+v, want claimed by tab-1, no receipt", got)
		}
	}},
	{name: "of many tabs that claim at once one gets the pop", run: func(r *rig) {
		p := r.ring("e1", "c-1")
		var wg sync.WaitGroup
		got := make([]bool, 16)
		for i := range got {
			wg.Go(func() {
				var err error
				if got[i], _, _, err = r.Claim(r.ctx, anna, p.ID, fmt.Sprint("tab-", i)); err != nil {
					r.Error(err)
				}
			})
		}
		wg.Wait()
		n := 0
		for _, ok := range got {
			if ok {
				n++
			}
		}
		if n != 1 {
			r.Errorf("%d tabs got the pop, want 1", n)
		}
	}},
	{name: "a pop may be given to a tab with its event", run: func(r *rig) {
		p := oneRing
		p.claim = "tab-1"
		a := r.append(r.event("e1", "c-1", p))
		pop := hinted(a.Hints, anna)[1].Pop
		if pop.ClaimedBy != "tab-1" || r.state(pop.ID).ClaimedBy != "tab-1" {
			r.Errorf("claimed by %q, want tab-1", pop.ClaimedBy)
		}
		if ok, _, _, err := r.Claim(r.ctx, anna, pop.ID, "tab-2"); ok || err != nil {
			r.Errorf("Claim by tab-2 = %t, %v; want refused", ok, err)
		}
	}},
	{name: "a pop that is over is given to nobody", run: func(r *rig) {
		expired, shown := r.ring("e1", "c-1"), r.ring("e2", "c-2")
		r.receive(anna, shown.ID, "r1", screenpop.PopShown)
		r.wait(30 * time.Second)
		for _, p := range []screenpop.Pop{expired, shown} {
			if ok, _, hints, err := r.Claim(r.ctx, anna, p.ID, "tab-1"); ok || len(hints) != 0 || err != nil {
				r.Errorf("Claim = %t, %v, %v; want refused", ok, hints, err)
			}
		}
		_, _, _, err := r.Claim(r.ctx, ola, expired.ID, "tab-1")
		r.code("another agent's pop", err, screenpop.CodeNotFound)
	}},
	{name: "what the workspace has is marked delivered, and nothing is sent for it", run: func(r *rig) {
		first, second := r.ring("e1", "c-1"), r.ring("e2", "c-2")
		r.must(r.Deliver(r.ctx, anna, 3))
		r.must(r.Deliver(r.ctx, anna, 3))
		r.must(r.Deliver(r.ctx, anna, 1))
		got := r.state(first.ID)
		if got.State != screenpop.PopDelivered || len(got.Receipts) != 1 || !got.Receipts[0].At.Equal(r.clock()) {
			r.Errorf("first pop is %s with receipts %v, want delivered with one", got.State, got.Receipts)
		}
		if got := r.state(second.ID); got.State != screenpop.PopPending {
			r.Errorf("second pop is %s, want pending", got.State)
		}
		r.must(r.Deliver(r.ctx, anna, 4))
		if got := r.state(second.ID); got.State != screenpop.PopDelivered {
			r.Errorf("second pop is %s, want delivered", got.State)
		}
		if head := r.head(anna); head != 4 {
			r.Errorf("head is %d, want 4", head)
		}
		r.must(r.Deliver(r.ctx, ola, 99))
	}},
	{name: "a pop that is further already is not called delivered", run: func(r *rig) {
		p := r.ring("e1", "c-1")
		r.receive(anna, p.ID, "r1", screenpop.PopShown)
		r.must(r.Deliver(r.ctx, anna, 2))
		if got := r.state(p.ID); got.State != screenpop.PopShown || len(got.Receipts) != 1 {
			r.Errorf("pop is %s with %d receipts, want shown with 1", got.State, len(got.Receipts))
		}
	}},
	{name: "a pop past its time is missed, and sent", run: func(r *rig) {
		p := r.ring("e1", "c-1")
		r.must(r.Deliver(r.ctx, anna, 2))
		hints, err := r.Expire(r.ctx, r.clock().Add(30*time.Second-time.Nanosecond))
		if len(hints) != 0 || err != nil {
			r.Errorf("before its time: %v, %v", hints, err)
		}
		r.wait(30 * time.Second)
		hints, err = r.Expire(r.ctx, r.clock())
		r.must(err)
		frames := hinted(hints, anna)
		r.same("frames", []string{"3 pop crm missed"}, words(frames))
		if frames[0].Pop.TTLms > 0 {
			r.Errorf("a missed pop has %d ms left", frames[0].Pop.TTLms)
		}
		if got := r.state(p.ID); len(got.Receipts) != 2 || got.Receipts[1].State != screenpop.PopMissed {
			r.Errorf("receipts %v, want delivered and missed", got.Receipts)
		}
		if hints, err = r.Expire(r.ctx, r.clock().Add(time.Hour)); len(hints) != 0 || err != nil {
			r.Errorf("again: %v, %v", hints, err)
		}
		r.receive(anna, p.ID, "r1", screenpop.PopOpened)
		if got := r.state(p.ID); got.State != screenpop.PopOpened {
			r.Errorf("the agent has opened it by hand and it is %s", got.State)
		}
	}},
	{name: "a command past its time has failed, for what it waited for or because nobody said what became of it", run: func(r *rig) {
		for i, c := range []struct{ waits, claimed, want string }{
			{"no companion is connected", "", "no companion is connected"},
			{"no companion is connected", "companion:c1", "the companion has not said in time what became of it"},
			{"", "companion:c1", "the companion has not said in time what became of it"},
		} {
			ring := oneRing
			ring.more = func(_ store.Current, p *store.Plan) {
				p.Pops[0].Pop.Kind, p.Pops[0].Pop.Detail = screenpop.KindCommand, c.waits
			}
			id := fmt.Sprint("c-", i)
			r.append(r.event("e"+id, id, ring))
			p := r.snapshot(anna).Pops[i]
			if c.claimed != "" {
				_, _, _, err := r.Claim(r.ctx, anna, p.ID, c.claimed)
				r.must(err)
			}
			r.wait(30 * time.Second)
			_, err := r.Expire(r.ctx, r.clock())
			r.must(err)
			if got := r.state(p.ID); got.State != screenpop.PopFailed || got.Detail != c.want {
				r.Errorf("waiting for %q, claimed by %q: it is %s %q, want failed %q", c.waits, c.claimed, got.State, got.Detail, c.want)
			}
		}
	}},
	{name: "many pops are missed at once", run: func(r *rig) {
		const n = 450
		var in []store.Intake
		for i := range n {
			in = append(in, r.event(fmt.Sprint("e", i), fmt.Sprint("c", i), oneRing))
		}
		_, err := r.Append(r.ctx, in...)
		r.must(err)
		r.wait(time.Minute)
		hints, err := r.Expire(r.ctx, r.clock())
		r.must(err)
		if got := len(hinted(hints, anna)); got != n {
			r.Errorf("%d frames, want %d", got, n)
		}
	}},
	{name: "a pop that is over, or has no end, does not expire", run: func(r *rig) {
		shown := r.ring("e1", "c-1")
		r.receive(anna, shown.ID, "r1", screenpop.PopShown)
		endless := oneRing
		endless.ttl = -1
		r.append(r.event("e2", "c-2", endless))
		r.wait(1000 * time.Hour)
		if hints, err := r.Expire(r.ctx, r.clock()); len(hints) != 0 || err != nil {
			r.Errorf("Expire = %v, %v; want nothing", hints, err)
		}
	}},
	{name: "an agent closes a request: it goes, and what was not opened is withdrawn", run: func(r *rig) {
		r.append(r.event("e1", "c-1", plan{agents: []string{"anna", "ola"}, once: []string{"a", "b"}}))
		shown := r.snapshot(anna).Pops[0]
		r.receive(anna, shown.ID, "r1", screenpop.PopShown)
		r.wait(time.Second)
		hints, err := r.CloseRequest(r.ctx, anna, "c-1")
		r.must(err)
		r.same("frames", []string{"5 request c-1 closed", "6 withdraw request closed"}, words(hinted(hints, anna)))
		if got := hinted(hints, anna)[0].Request; !got.EndedAt.Equal(r.clock()) {
			r.Errorf("ended at %v, want now", got.EndedAt)
		}
		r.same("anna's snapshot", wire.Frame{Type: wire.Snapshot, Seq: 6}, r.snapshot(anna),
			cmpopts.IgnoreFields(wire.Frame{}, "Epoch"), cmpopts.EquateEmpty())
		if len(r.snapshot(ola).Requests) != 1 {
			r.Error("ola's copy has gone too")
		}
		if hints, err = r.CloseRequest(r.ctx, anna, "c-1"); len(hints) != 0 || err != nil {
			r.Errorf("closed again: %v, %v; want nothing", hints, err)
		}
		for _, a := range []wire.AgentKey{stranger, {Tenant: "t", ID: "kari"}} {
			_, err = r.CloseRequest(r.ctx, a, "c-1")
			r.code("somebody else's", err, screenpop.CodeNotFound)
		}
	}},
}
