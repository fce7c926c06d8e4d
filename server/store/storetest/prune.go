package storetest

import (
	"fmt"
	"time"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/server/store"
)

var pruneTests = []test{
	{name: "frames past their time are gone, and a reader that needs them is told", run: func(r *rig) {
		r.ring("e1", "c-1")
		r.wait(time.Hour)
		r.ring("e2", "c-2")
		r.wait(23 * time.Hour)
		r.must(r.Prune(r.ctx, r.clock()))
		r.same("a day later", []string{"1 request c-1 ringing", "2 pop crm pending", "3 request c-2 ringing", "4 pop crm pending"}, words(r.since(anna, 0)))
		r.wait(time.Nanosecond)
		r.must(r.Prune(r.ctx, r.clock()))
		if frames, ok, err := r.Since(r.ctx, anna, 1, 10); ok || err != nil {
			r.Errorf("Since(1) = %v, %t, %v; want not ok", words(frames), ok, err)
		}
		r.same("from the floor", []string{"3 request c-2 ringing", "4 pop crm pending"}, words(r.since(anna, 2)))
		if n := len(r.snapshot(anna).Requests); n != 2 {
			r.Errorf("%d requests in the snapshot, want 2: open ones stay", n)
		}
		r.wait(24 * time.Hour)
		r.must(r.Prune(r.ctx, r.clock()))
		if got := r.since(anna, 4); len(got) != 0 {
			r.Errorf("at the head: %v", words(got))
		}
	}},
	{name: "of each stream only the newest frames are kept", options: store.Options{KeepFrames: 3}, run: func(r *rig) {
		for i := range 4 {
			r.ring(fmt.Sprint("e", i), fmt.Sprint("c", i))
		}
		r.must(r.Prune(r.ctx, r.clock()))
		if _, ok, err := r.Since(r.ctx, anna, 4, 10); ok || err != nil {
			r.Errorf("Since(4) = %t, %v; want not ok", ok, err)
		}
		r.same("the newest", []string{"6 pop crm pending", "7 request c3 ringing", "8 pop crm pending"}, words(r.since(anna, 5)))
		r.ring("e9", "c9")
		if head := r.head(anna); head != 10 {
			r.Errorf("head is %d after pruning, want 10", head)
		}
	}},
	{name: "an event is known for as long as promised", options: store.Options{KeepKeys: 7 * 24 * time.Hour}, run: func(r *rig) {
		r.ring("e1", "c-1")
		_, err := r.CloseRequest(r.ctx, anna, "c-1")
		r.must(err)
		r.wait(7 * 24 * time.Hour)
		r.must(r.Prune(r.ctx, r.clock()))
		if a := r.append(r.event("e1", "c-1", oneRing)); !a.Duplicate || a.Pops != 1 {
			r.Errorf("after 7 days: %+v, want a duplicate", a)
		}
		r.wait(time.Nanosecond)
		r.must(r.Prune(r.ctx, r.clock()))
		if a := r.append(r.event("e1", "c-1", oneRing)); a.Duplicate {
			r.Error("past 7 days the event is still known")
		}
	}},
	{name: "a request that is closed for all is removed after its time, with all that belongs to it", run: func(r *rig) {
		r.append(r.event("e1", "c-1", plan{agents: []string{"anna", "ola"}, once: []string{"crm"}}))
		open := r.ring("e2", "c-2")
		p := r.snapshot(ola).Pops[0]
		r.receive(ola, p.ID, "r1", screenpop.PopShown)
		_, err := r.CloseRequest(r.ctx, anna, "c-1")
		r.must(err)
		r.wait(30 * 24 * time.Hour)
		r.must(r.Prune(r.ctx, r.clock()))
		if _, err := r.Trace(r.ctx, "t", "c-1"); err != nil {
			r.Errorf("a request that ola still has is gone: %v", err)
		}
		_, err = r.CloseRequest(r.ctx, ola, "c-1")
		r.must(err)
		r.must(r.Prune(r.ctx, r.clock()))
		if _, err := r.Pop(r.ctx, "t", p.ID); err != nil {
			r.Errorf("the pop is gone before its time: %v", err)
		}
		r.wait(7*24*time.Hour + time.Second)
		r.must(r.Prune(r.ctx, r.clock()))
		_, err = r.Trace(r.ctx, "t", "c-1")
		r.code("Trace", err, screenpop.CodeNotFound)
		_, err = r.Pop(r.ctx, "t", p.ID)
		r.code("Pop", err, screenpop.CodeNotFound)
		_, err = r.Receive(r.ctx, ola, screenpop.Receipt{ID: "r2", PopID: p.ID, State: screenpop.PopOpened})
		r.code("Receive", err, screenpop.CodeNotFound)
		tr, err := r.Trace(r.ctx, "t", "c-2")
		r.must(err)
		if len(tr.Events) != 1 || len(tr.Pops) != 1 || tr.Pops[0].ID != open.ID {
			r.Errorf("the open request's trace = %+v, want it whole", tr)
		}
		a := r.append(r.event("e1", "c-1", oneRing))
		if a.Duplicate || a.Pops != 1 {
			r.Errorf("the request from new: %+v, want 1 pop", a)
		}
	}},
	{name: "pruning what is empty does nothing", run: func(r *rig) {
		r.must(r.Prune(r.ctx, r.clock()))
		r.ring("e1", "c-1")
		r.must(r.Prune(r.ctx, r.clock()))
		r.same("stream", 2, len(r.since(anna, 0)))
	}},
}
