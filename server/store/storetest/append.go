package storetest

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/wire"
	"github.com/crmpop/crmpop/server/store"
)

var oneRing = plan{agents: []string{"anna"}, once: []string{"crm"}}

var appendTests = []test{
	{name: "an event gives its agent the request and its pops, in this order", run: func(r *rig) {
		a := r.append(r.event("e1", "c-1", plan{agents: []string{"anna"}, once: []string{"crm", "kb"}}))
		r.same("answer", store.Accepted{EventID: "e1", RequestID: "c-1", Pops: 2}, a, cmpopts.IgnoreFields(store.Accepted{}, "Hints"))
		want := []string{"1 request c-1 ringing", "2 pop crm pending", "3 pop kb pending"}
		r.same("hint", want, words(hinted(a.Hints, anna)))
		r.same("stream", want, words(r.since(anna, 0)))
		if len(a.Hints) != 1 || a.Hints[0].Head != 3 {
			r.Errorf("hints %+v, want one with head 3", a.Hints)
		}
	}},
	{name: "an event that comes again is answered as the first time and changes nothing", run: func(r *rig) {
		first := r.append(r.event("e1", "c-1", oneRing))
		again := r.append(r.event("e1", "c-other", plan{agents: []string{"ola"}, once: []string{"x", "y"}}))
		first.Duplicate, first.Hints = true, nil
		r.same("answer", first, again)
		if head := r.head(ola); head != 0 {
			r.Errorf("ola's head is %d after a repeated event, want 0", head)
		}
	}},
	{name: "an event that comes twice in one call is accepted once", run: func(r *rig) {
		got, err := r.Append(r.ctx, r.event("e1", "c-1", oneRing), r.event("e1", "c-1", oneRing))
		r.must(err)
		if got[0].Duplicate || !got[1].Duplicate || got[1].Pops != 1 || got[1].Err != nil {
			r.Errorf("answers %+v, want the second to repeat the first", got)
		}
		if head := r.head(anna); head != 2 {
			r.Errorf("head is %d, want 2", head)
		}
	}},
	{name: "the same event id from another source or tenant is another event", run: func(r *rig) {
		r.append(r.event("e1", "c-1", oneRing))
		other := r.event("e1", "c-2", oneRing)
		other.Source = "src2"
		for _, in := range []store.Intake{other, r.eventOf("other", "e1", "c-1", oneRing)} {
			if a := r.append(in); a.Duplicate {
				r.Errorf("event of %s/%s is a duplicate", in.Tenant, in.Source)
			}
		}
	}},
	{name: "the same event from 16 senders at once makes one pop", run: func(r *rig) {
		var wg sync.WaitGroup
		answers := make([]store.Accepted, 16)
		for i := range answers {
			wg.Go(func() {
				got, err := r.Append(r.ctx, r.event("e1", "c-1", oneRing))
				if err != nil {
					r.Errorf("Append: %v", err)
					return
				}
				answers[i] = got[0]
			})
		}
		wg.Wait()
		first := 0
		for _, a := range answers {
			if a.Err != nil || a.Pops != 1 {
				r.Errorf("answer %+v, want 1 pop", a)
			}
			if !a.Duplicate {
				first++
			}
		}
		if first != 1 || r.head(anna) != 2 {
			r.Errorf("%d senders were first, head %d; want 1 and 2", first, r.head(anna))
		}
	}},
	{name: "an event sees what the ones before it in the same call did", run: func(r *rig) {
		seen := map[string]int{}
		look := func(id string) store.Intake {
			p := oneRing
			p.more = func(cur store.Current, out *store.Plan) {
				seen[id] = len(cur.Copies)
				if cur.Popped("anna", "crm") {
					seen[id] += 10
				}
			}
			return r.event(id, "c-1", p)
		}
		got, err := r.Append(r.ctx, look("e1"), look("e2"))
		r.must(err)
		r.same("copies seen, and popped", map[string]int{"e1": 0, "e2": 11}, seen)
		if got[0].Pops != 1 || got[1].Pops != 0 {
			r.Errorf("pops %d and %d, want 1 and then 0: a once key pops once", got[0].Pops, got[1].Pops)
		}
	}},
	{name: "an event sees what was stored before it", run: func(r *rig) {
		r.append(r.event("e1", "c-1", plan{agents: []string{"anna", "ola"}, once: []string{"crm"}}))
		_, err := r.Trace(r.ctx, "t", "c-1") // whatever waits is written out by now
		r.must(err)
		p := plan{agents: []string{"anna"}}
		p.more = func(cur store.Current, out *store.Plan) {
			if len(cur.Copies) != 2 || cur.Copies[0].AgentID != "anna" || cur.Copies[1].AgentID != "ola" {
				r.Errorf("copies %+v, want anna's and ola's, oldest first", cur.Copies)
			}
			r.same("what is known", map[string]string{"segment": "gold"}, cur.Copies[0].Variables)
			if !cur.Popped("ola", "crm") || cur.Popped("ola", "kb") || cur.Popped("kari", "crm") {
				r.Error("Popped is wrong")
			}
		}
		r.append(r.event("e2", "c-1", p))
	}},
	{name: "a once key counts for each agent and each request", run: func(r *rig) {
		r.append(r.event("e1", "c-1", plan{agents: []string{"anna", "ola"}, once: []string{"crm"}}))
		a := r.append(r.event("e2", "c-2", oneRing))
		if a.Pops != 1 {
			r.Errorf("%d pops on another request, want 1", a.Pops)
		}
		if a := r.append(r.event("e3", "c-1", plan{agents: []string{"anna", "ola"}, once: []string{"crm"}})); a.Pops != 0 {
			r.Errorf("%d pops on the same request, want 0", a.Pops)
		}
	}},
	{name: "pops without a once key all pop", run: func(r *rig) {
		for i := range 3 {
			if a := r.append(r.event(fmt.Sprint("e", i), "c-1", plan{agents: []string{"anna"}, once: []string{""}})); a.Pops != 1 {
				r.Errorf("event %d made %d pops, want 1", i, a.Pops)
			}
		}
	}},
	{name: "a pop that is planned in a final state is written and sent as it is", run: func(r *rig) {
		p := oneRing
		p.popState = screenpop.PopSkipped
		p.more = func(_ store.Current, out *store.Plan) { out.Pops[0].Pop.Detail = "not yet" }
		a := r.append(r.event("e1", "c-1", p))
		frames := hinted(a.Hints, anna)
		r.same("stream", []string{"1 request c-1 ringing", "2 pop crm skipped"}, words(frames))
		if got := r.state(frames[1].Pop.ID); a.Pops != 1 || got.State != screenpop.PopSkipped || got.Detail != "not yet" || frames[1].Pop.Detail != "not yet" {
			r.Errorf("%d pops; it is %s, %q; want one, skipped, with the plan's detail", a.Pops, got.State, got.Detail)
		}
	}},
	{name: "a refused event is not stored and may come again", run: func(r *rig) {
		p := oneRing
		refusal := screenpop.Errorf(screenpop.CodeInvalid, "unknown-request", "no").At("/request/channel")
		p.more = func(_ store.Current, out *store.Plan) { *out = store.Plan{Reject: refusal} }
		got, err := r.Append(r.ctx, r.event("e1", "c-1", p))
		r.must(err)
		if got[0].Err != error(refusal) {
			r.Errorf("error %v, want the plan's own", got[0].Err)
		}
		if a := r.append(r.event("e1", "c-1", oneRing)); a.Duplicate {
			r.Error("the event is a duplicate after a refusal")
		}
	}},
	{name: "a plan that panics fails alone", run: func(r *rig) {
		bad := oneRing
		bad.more = func(store.Current, *store.Plan) { panic("boom") }
		got, err := r.Append(r.ctx, r.event("e1", "c-1", oneRing), r.event("e2", "c-1", bad), r.event("e3", "c-2", oneRing))
		r.must(err)
		if got[0].Err != nil || got[2].Err != nil {
			r.Errorf("the others failed: %v, %v", got[0].Err, got[2].Err)
		}
		r.code("the bad event", got[1].Err, screenpop.CodeInternal)
		if got[1].EventID != "e2" || got[1].RequestID != "c-1" {
			r.Errorf("answer %+v does not name its event", got[1])
		}
		r.same("requests", 2, len(r.snapshot(anna).Requests))
	}},
	{name: "an event of nobody known is stored and listed, and does nothing else", run: func(r *rig) {
		r.must(r.PutTenant(r.ctx, store.Tenant{ID: "t"}))
		unknown := plan{more: func(_ store.Current, out *store.Plan) { *out = store.Plan{UnmappedAs: "205"} }}
		start := r.clock()
		if a := r.append(r.event("e1", "c-1", unknown)); !a.Unmapped || a.Pops != 0 || len(a.Hints) != 0 {
			r.Errorf("answer %+v, want unmapped only", a)
		}
		r.wait(time.Minute)
		r.append(r.event("e2", "c-2", unknown))
		if again := r.append(r.event("e1", "c-1", unknown)); !again.Duplicate || !again.Unmapped {
			r.Errorf("repeated: %+v, want an unmapped duplicate", again)
		}
		got, err := r.Unmapped(r.ctx, "t")
		r.must(err)
		r.same("unmapped", []store.Unmapped{{Alias: "205", Source: "src", Events: 2, FirstAt: start, LastAt: r.clock(), Request: "c-2"}}, got)
		tr, err := r.Trace(r.ctx, "t", "c-1")
		r.must(err)
		if len(tr.Events) != 1 || tr.Events[0].Unmapped != "205" || len(tr.Requests) != 0 {
			r.Errorf("trace %+v, want the event and no copy", tr)
		}
		r.must(r.PutUser(r.ctx, store.User{ID: "anna", Tenant: "t", Email: "anna@t", Aliases: []string{"205"}}))
		if got, err = r.Unmapped(r.ctx, "t"); err != nil || len(got) != 0 {
			r.Errorf("unmapped after somebody has the alias: %v, %v; want none", got, err)
		}
	}},
	{name: "withdrawals go before misses and pops, and reach what was not opened", run: func(r *rig) {
		r.append(r.event("e1", "c-1", plan{agents: []string{"anna", "ola"}, once: []string{"a", "b", "c"}}))
		pops := r.snapshot(anna).Pops
		r.receive(anna, pops[0].ID, "r1", screenpop.PopShown)
		r.receive(anna, pops[1].ID, "r2", screenpop.PopWaiting)
		p := plan{agents: []string{"ola"}, once: []string{"d"}}
		p.more = func(cur store.Current, out *store.Plan) {
			q := cur.Copies[0]
			q.TakenBy = "Ola"
			out.Requests = append(out.Requests, q)
			out.Withdraw = []store.Withdrawal{{AgentID: "anna", Reason: "taken by Ola"}}
			out.Miss = []string{"ola"}
		}
		a := r.append(r.event("e2", "c-1", p))
		r.same("anna", []string{"7 request c-1 ringing taken by Ola", "8 withdraw taken by Ola", "9 withdraw taken by Ola"}, words(hinted(a.Hints, anna)))
		r.same("ola", []string{"5 request c-1 ringing", "6 pop a missed", "7 pop b missed", "8 pop c missed", "9 pop d pending"}, words(hinted(a.Hints, ola)))
		r.same("states", []screenpop.PopState{"shown", "withdrawn", "withdrawn"}, states(r.snapshot(anna).Pops))
	}},
	{name: "a pop can be made and ended in one call", run: func(r *rig) {
		end := plan{agents: []string{"anna"}, state: screenpop.StateHangup}
		end.more = func(_ store.Current, out *store.Plan) { out.Miss = []string{"anna"} }
		got, err := r.Append(r.ctx, r.event("e1", "c-1", oneRing), r.event("e2", "c-1", end))
		r.must(err)
		r.same("first", []string{"1 request c-1 ringing", "2 pop crm pending"}, words(hinted(got[0].Hints, anna)))
		r.same("second", []string{"3 request c-1 hangup", "4 pop crm missed"}, words(hinted(got[1].Hints, anna)))
		r.same("states", []screenpop.PopState{"missed"}, states(r.snapshot(anna).Pops))
	}},
	{name: "ids may hold anything", run: func(r *rig) {
		for i, id := range []string{"a'b\"c", "x\x00y", "per%cent?#&", "日本", "semi;colon--", " ", strings.Repeat("long", 500)} {
			a := wire.AgentKey{Tenant: "t" + id, ID: "agent" + id}
			in := r.eventOf(a.Tenant, id, id, plan{agents: []string{a.ID}, once: []string{id}})
			r.append(in)
			if again := r.append(in); !again.Duplicate {
				r.Errorf("id %d came twice and is no duplicate", i)
			}
			got := r.snapshot(a)
			if len(got.Requests) != 1 || got.Requests[0].ID != id || len(got.Pops) != 1 {
				r.Errorf("snapshot for id %q = %+v", id, got)
			}
		}
	}},
	{name: "the trace has every event, decision, copy and pop", run: func(r *rig) {
		p := oneRing
		decisions := []store.Decision{{AgentID: "anna", PopupID: "tenant:crm", Title: "crm", Matched: true, Why: "matched", PopID: "p"},
			{AgentID: "anna", PopupID: "tenant:kb", Why: "channel is voice, the popup is for email"}}
		p.more = func(_ store.Current, out *store.Plan) { out.Decisions = decisions }
		first := r.event("e1", "c-1", p)
		r.append(first)
		at := r.clock()
		r.wait(time.Second)
		closed := plan{more: func(_ store.Current, out *store.Plan) { out.Decisions = []store.Decision{{Why: "nothing to do"}} }}
		second := r.event("e2", "c-1", closed)
		r.append(second)
		r.append(r.event("e3", "c-2", oneRing))
		got, err := r.Trace(r.ctx, "t", "c-1")
		r.must(err)
		r.same("events", []store.TracedEvent{
			{Source: "src", Event: first.Event, ReceivedAt: at, AgentIDs: []string{"anna"}, Decisions: decisions},
			{Source: "src", Event: second.Event, ReceivedAt: r.clock(), Decisions: []store.Decision{{Why: "nothing to do"}}},
		}, got.Events, cmpopts.EquateEmpty())
		if len(got.Requests) != 1 || len(got.Pops) != 1 {
			r.Errorf("%d copies and %d pops, want one each", len(got.Requests), len(got.Pops))
		}
		_, err = r.Trace(r.ctx, "other", "c-1")
		r.code("another tenant's trace", err, screenpop.CodeNotFound)
		_, err = r.Trace(r.ctx, "t", "c-9")
		r.code("an unknown request's trace", err, screenpop.CodeNotFound)
	}},
	{name: "many senders at once are all answered, and every stream is whole", run: func(r *rig) {
		const senders, each, agents = 32, 20, 5
		var wg sync.WaitGroup
		for s := range senders {
			wg.Go(func() {
				for i := range each {
					agent := fmt.Sprint("agent", (s+i)%agents)
					got, err := r.Append(r.ctx, r.event(fmt.Sprintf("e%d-%d", s, i), fmt.Sprintf("c%d-%d", s, i),
						plan{agents: []string{agent}, once: []string{"crm"}}))
					if err != nil || got[0].Err != nil || got[0].Pops != 1 {
						r.Errorf("Append: %+v, %v", got, err)
					}
				}
			})
		}
		wg.Wait()
		total := 0
		for i := range agents {
			a := wire.AgentKey{Tenant: "t", ID: fmt.Sprint("agent", i)}
			for k, f := range r.since(a, 0) {
				total++
				if f.Seq != int64(k+1) {
					r.Fatalf("frame %d of %s has seq %d", k, a.ID, f.Seq)
				}
			}
		}
		if want := senders * each * 2; total != want {
			r.Errorf("%d frames in all streams, want %d", total, want)
		}
	}},
	{name: "nothing to take in is nothing to answer", run: func(r *rig) {
		got, err := r.Append(r.ctx)
		if len(got) != 0 || err != nil {
			r.Errorf("Append() = %v, %v", got, err)
		}
	}},
	{name: "a sender who has gone is not waited for", run: func(r *rig) {
		ctx, cancel := context.WithCancel(r.ctx)
		cancel()
		if _, err := r.Append(ctx, r.event("e1", "c-1", oneRing)); err == nil {
			r.Error("Append with an ended context gave no error")
		}
	}},
	{name: "a closed store says so", run: func(r *rig) {
		r.must(r.Close())
		_, err := r.Append(r.ctx, r.event("e1", "c-1", oneRing))
		r.code("Append", err, screenpop.CodeUnavailable)
		_, err = r.Snapshot(r.ctx, anna)
		r.code("Snapshot", err, screenpop.CodeUnavailable)
		r.code("Ready", r.Ready(r.ctx), screenpop.CodeUnavailable)
		r.must(r.Close())
	}},
}

func states(pops []screenpop.Pop) []screenpop.PopState {
	var all []screenpop.PopState
	for _, p := range pops {
		all = append(all, p.State)
	}
	return all
}
