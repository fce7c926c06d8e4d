package storetest

import (
	"fmt"
	"time"

	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/wire"
	"github.com/crmpop/crmpop/server/store"
)

var streamTests = []test{
	{name: "an agent of whom nothing is known has an empty stream", run: func(r *rig) {
		epoch, head, err := r.Head(r.ctx, anna)
		if epoch == 0 || head != 0 || err != nil {
			r.Errorf("Head = %d, %d, %v; want an epoch and 0", epoch, head, err)
		}
		if got := r.since(anna, 0); len(got) != 0 {
			r.Errorf("Since = %v", words(got))
		}
		r.same("snapshot", wire.Frame{Type: wire.Snapshot, Epoch: epoch}, r.snapshot(anna), cmpopts.EquateEmpty())
	}},
	{name: "a stream is read from anywhere, some frames at a time", run: func(r *rig) {
		for i := range 5 {
			r.ring(fmt.Sprint("e", i), fmt.Sprint("c", i))
		}
		var all []wire.Frame
		for seq := int64(0); seq < 10; seq = all[len(all)-1].Seq {
			frames, ok, err := r.Since(r.ctx, anna, seq, 3)
			if err != nil || !ok || len(frames) == 0 || len(frames) > 3 {
				r.Fatalf("Since(%d, 3) = %d frames, %t, %v", seq, len(frames), ok, err)
			}
			all = append(all, frames...)
		}
		r.same("in pieces and whole", words(r.since(anna, 0)), words(all))
		r.same("a part", words(all[7:]), words(r.since(anna, 7)))
		if got := r.since(anna, 10); len(got) != 0 {
			r.Errorf("after the head: %v", words(got))
		}
	}},
	{name: "a stream is replayed as it was sent, but pops as they stand now", run: func(r *rig) {
		a := r.append(r.event("e1", "c-1", oneRing))
		sent := hinted(a.Hints, anna)
		sent = append(sent, r.receive(anna, sent[1].Pop.ID, "r1", screenpop.PopShown)...)
		r.wait(10 * time.Second)
		r.append(r.event("e2", "c-1", plan{agents: []string{"anna"}, state: screenpop.StateHangup}))
		got := r.since(anna, 0)[:3]
		r.same("the request's frame", sent[0], got[0], cmpopts.EquateEmpty())
		now := *sent[2].Pop
		now.TTLms = 20_000
		sent[1].Pop, sent[2].Pop = &now, &now
		r.same("the pop's frames", sent[1:], got[1:])
	}},
	{name: "the time a pop has left is counted when it is read", run: func(r *rig) {
		p := r.ring("e1", "c-1")
		if p.TTLms != 30_000 {
			r.Errorf("sent with %d ms, want 30000", p.TTLms)
		}
		for wait, want := range map[time.Duration]int64{29 * time.Second: 1000, 2 * time.Second: -1000} {
			_ = want
			r.wait(wait)
			left := p.ExpiresAt.Sub(r.clock()).Milliseconds()
			if got := r.since(anna, 1)[0].Pop.TTLms; got != left {
				r.Errorf("Since: %d ms left, want %d", got, left)
			}
			if got := r.snapshot(anna).Pops[0].TTLms; got != left {
				r.Errorf("Snapshot: %d ms left, want %d", got, left)
			}
		}
	}},
	{name: "a position that the stream has not reached, or never had, is no position", run: func(r *rig) {
		r.ring("e1", "c-1")
		for _, seq := range []int64{3, 1000, -1} {
			if frames, ok, err := r.Since(r.ctx, anna, seq, 10); ok || len(frames) != 0 || err != nil {
				r.Errorf("Since(%d) = %v, %t, %v; want not ok", seq, words(frames), ok, err)
			}
		}
	}},
	{name: "streams of agents and tenants are apart", run: func(r *rig) {
		r.append(r.event("e1", "c-1", plan{agents: []string{"anna"}, once: []string{"mine"}}))
		r.append(r.eventOf("other", "e1", "c-1", plan{agents: []string{"anna"}, once: []string{"theirs"}}))
		r.append(r.event("e2", "c-2", plan{agents: []string{"ola"}}))
		for a, want := range map[wire.AgentKey][]string{
			anna:     {"1 request c-1 ringing", "2 pop mine pending"},
			stranger: {"1 request c-1 ringing", "2 pop theirs pending"},
			ola:      {"1 request c-2 ringing"},
		} {
			r.same(a.Tenant+"/"+a.ID, want, words(r.since(a, 0)))
			if got := r.snapshot(a); len(got.Requests) != 1 || got.Seq != int64(len(want)) {
				r.Errorf("snapshot of %v = %+v", a, got)
			}
		}
	}},
	{name: "a snapshot has what is open, oldest first, with pops and receipts", run: func(r *rig) {
		r.append(r.event("e1", "c-2", plan{agents: []string{"anna", "ola"}, once: []string{"a", "b"}}))
		r.wait(time.Second)
		r.append(r.event("e2", "c-1", plan{agents: []string{"anna"}, once: []string{"c"}}))
		r.append(r.event("e3", "c-3", plan{agents: []string{"anna"}, once: []string{"d"}}))
		r.append(r.event("e4", "c-3", plan{agents: []string{"anna"}, state: screenpop.StateClosed}))
		r.append(r.event("e5", "c-2", plan{agents: []string{"anna"}}))
		p := r.snapshot(anna).Pops[1]
		r.receive(anna, p.ID, "r1", screenpop.PopOpened)
		got := r.snapshot(anna)
		var requests, pops []string
		for _, q := range got.Requests {
			requests = append(requests, q.ID)
		}
		for _, p := range got.Pops {
			pops = append(pops, fmt.Sprintf("%s %s %d", p.Title, p.State, len(p.Receipts)))
		}
		r.same("requests", []string{"c-2", "c-1"}, requests)
		r.same("pops", []string{"a pending 0", "b opened 1", "c pending 0"}, pops)
		if epoch, head, _ := r.Head(r.ctx, anna); got.Epoch != epoch || got.Seq != head || got.Type != wire.Snapshot {
			r.Errorf("snapshot %s at %d/%d, want at %d/%d", got.Type, got.Epoch, got.Seq, epoch, head)
		}
		if n := len(got.Requests[0].Timeline); n != 2 {
			r.Errorf("the timeline has %d events, want 2", n)
		}
	}},
	{name: "a copy that another agent has taken stays until it is closed", run: func(r *rig) {
		r.ring("e1", "c-1")
		take := plan{agents: []string{"ola"}}
		take.more = func(cur store.Current, out *store.Plan) {
			q := cur.Copies[0]
			q.TakenBy = "Ola"
			out.Requests = append(out.Requests, q)
		}
		r.append(r.event("e2", "c-1", take))
		if got := r.snapshot(anna).Requests; len(got) != 1 || got[0].TakenBy != "Ola" {
			r.Errorf("anna sees %+v, want her copy, taken by Ola", got)
		}
		_, err := r.CloseRequest(r.ctx, anna, "c-1")
		r.must(err)
		if got := r.snapshot(anna).Requests; len(got) != 0 {
			r.Errorf("anna sees %+v after closing it", got)
		}
	}},
	{name: "heads are those of all agents asked for", run: func(r *rig) {
		var ask []wire.AgentKey
		want := map[wire.AgentKey]int64{}
		var in []store.Intake
		for i := range 1200 {
			a := wire.AgentKey{Tenant: "t", ID: fmt.Sprint("agent", i)}
			ask = append(ask, a)
			if i%2 == 0 {
				in = append(in, r.event(fmt.Sprint("e", i), fmt.Sprint("c", i), plan{agents: []string{a.ID}, once: []string{"crm"}}))
				want[a] = 2
			}
		}
		_, err := r.Append(r.ctx, in...)
		r.must(err)
		got, err := r.Heads(r.ctx, ask)
		r.must(err)
		for a, head := range got {
			if head == 0 {
				delete(got, a)
			}
		}
		r.same("heads", want, got)
		if got, err := r.Heads(r.ctx, nil); len(got) != 0 || err != nil {
			r.Errorf("Heads of nobody = %v, %v", got, err)
		}
	}},
	{name: "the record is ready when it can write", run: func(r *rig) { r.must(r.Ready(r.ctx)) }},
}
