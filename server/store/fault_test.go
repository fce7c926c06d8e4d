package store_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/wire"
	"github.com/crmpop/crmpop/server/store"
)

var anna = wire.AgentKey{Tenant: "t", ID: "anna"}

// ring returns an event that gives an agent a request with one pop.
func ring(event, request, agent string) store.Intake {
	e := screenpop.Event{ID: event, Type: screenpop.Ringing, Request: screenpop.RequestReport{ID: request, Channel: screenpop.Voice, ANI: "+4722334455"}}
	now := time.Now().UTC()
	return store.Intake{Tenant: "t", Source: "src", Event: e, Plan: func(cur store.Current) store.Plan {
		var q screenpop.Request
		for _, c := range cur.Copies {
			if c.AgentID == agent {
				q = c
			}
		}
		q = q.Apply(e, now)
		q.AgentID = agent
		return store.Plan{
			Requests: []screenpop.Request{q},
			Pops: []store.PlannedPop{{AgentID: agent, Once: "crm", Pop: screenpop.Pop{
				ID: screenpop.PopID("t", "src", event, "tenant:crm", agent), EventID: event, PopupID: "tenant:crm", Kind: screenpop.KindURL,
				Trigger: e.Type, Title: "CRM", URL: "https://crm.example.com/find?phone=%2B4722334455", Target: screenpop.TargetRequest,
				Visible: true, CreatedAt: now, ExpiresAt: now.Add(30 * time.Second)}}},
			Decisions: []store.Decision{{AgentID: agent, PopupID: "tenant:crm", Matched: true, Why: "matched"}},
		}
	}}
}

func temp(t *testing.T) *store.SQLite {
	t.Helper()
	return open(t, filepath.Join(t.TempDir(), "pop.db"), store.Options{})
}

func mustAppend(t *testing.T, s *store.SQLite, in ...store.Intake) []store.Accepted {
	t.Helper()
	got, err := s.Append(t.Context(), in...)
	if err != nil {
		t.Fatalf("Append: %v", err)
	}
	for _, a := range got {
		if a.Err != nil {
			t.Fatalf("Append of %s: %v", a.EventID, a.Err)
		}
	}
	return got
}

func TestBadRowFailsAlone(t *testing.T) {
	s := temp(t)
	for _, sql := range []string{
		`create trigger bad_event before insert on event when new.id like 'bad%' begin select raise(abort, 'bad event'); end`,
		`create trigger bad_frame before insert on frame when new.agent = 'cursed' begin select raise(abort, 'bad frame'); end`,
	} {
		if err := s.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	var in []store.Intake
	wantErr := map[string]bool{}
	for i := range 60 {
		id, agent := fmt.Sprint("good", i), "anna"
		switch i {
		case 7, 31:
			id = fmt.Sprint("bad", i)
		case 40:
			agent = "cursed"
		}
		wantErr[id] = strings.HasPrefix(id, "bad") || agent == "cursed"
		in = append(in, ring(id, fmt.Sprint("c", i), agent))
	}
	got, err := s.Append(t.Context(), in...)
	if err != nil {
		t.Fatalf("Append: %v", err)
	}
	for _, a := range got {
		if (a.Err != nil) != wantErr[a.EventID] {
			t.Errorf("event %s: error %v, want one: %t", a.EventID, a.Err, wantErr[a.EventID])
		}
		if a.Err != nil && screenpop.ErrorCode(a.Err) != screenpop.CodeInternal {
			t.Errorf("event %s: code %q, want internal", a.EventID, screenpop.ErrorCode(a.Err))
		}
	}
	frames, ok, err := s.Since(t.Context(), anna, 0, 1000)
	if err != nil || !ok || len(frames) != 2*57 {
		t.Fatalf("Since: %d frames, %t, %v; want %d without a hole", len(frames), ok, err, 2*57)
	}
}

func TestBadRowDoesNotTakeWhatWasNotSettledAway(t *testing.T) {
	s := temp(t)
	if err := s.Exec(t.Context(), `create trigger bad before insert on event when new.id = 'bad' begin select raise(abort, 'bad'); end`); err != nil {
		t.Fatal(err)
	}
	mustAppend(t, s, ring("e1", "c-1", "anna"))
	if _, err := s.Append(t.Context(), ring("bad", "c-1", "anna")); err != nil {
		t.Fatal(err)
	}
	got := mustAppend(t, s, ring("e1", "c-1", "anna"), ring("e2", "c-1", "anna"))
	if !got[0].Duplicate || got[1].Pops != 0 {
		t.Errorf("answers %+v, want a duplicate, and no second pop", got)
	}
	f, err := s.Snapshot(t.Context(), anna)
	if err != nil || len(f.Requests) != 1 || len(f.Pops) != 1 || f.Seq != 3 {
		t.Errorf("snapshot %+v, %v; want one request and pop, seq 3", f, err)
	}
}

func TestFullDiskIsSaidAndHeals(t *testing.T) {
	s := temp(t)
	ctx := t.Context()
	mustAppend(t, s, ring("before", "c", "anna"))
	before, err := s.Snapshot(ctx, anna)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.LimitPages(ctx, true); err != nil {
		t.Fatal(err)
	}
	accepted, refused := 0, 0
	for i := range 400 {
		got, err := s.Append(ctx, ring(fmt.Sprint("full", i), fmt.Sprint("c", i), "anna"))
		if err == nil {
			err = got[0].Err
		}
		if err == nil {
			accepted++
			continue
		}
		refused++
		if e, ok := err.(*screenpop.Error); !ok || e.Code != screenpop.CodeUnavailable || e.Kind != "storage" {
			t.Fatalf("error %v, want unavailable, storage", err)
		}
	}
	if refused < 300 {
		t.Fatalf("%d of 400 refused on a full disk", refused)
	}
	if err := s.Ready(ctx); screenpop.ErrorCode(err) != screenpop.CodeUnavailable {
		// A probe writes no new page, so it may well succeed once nothing waits.
		if err != nil {
			t.Errorf("Ready = %v", err)
		}
	}
	f, err := s.Snapshot(ctx, anna)
	if err != nil || f.Seq < before.Seq || len(f.Requests) == 0 {
		t.Errorf("reading on a full disk: seq %d, %d requests, %v", f.Seq, len(f.Requests), err)
	}
	if err := s.LimitPages(ctx, false); err != nil {
		t.Fatal(err)
	}
	mustAppend(t, s, ring("after", "c-after", "anna"))
	if err := s.Ready(ctx); err != nil {
		t.Errorf("Ready after the disk was freed: %v", err)
	}
	frames, ok, err := s.Since(ctx, anna, 0, 10_000)
	if err != nil || !ok || len(frames) != 2*(accepted+2) {
		t.Errorf("%d frames, %t, %v; want the %d of what was accepted", len(frames), ok, err, 2*(accepted+2))
	}
}

func TestActThatFailsChangesNothing(t *testing.T) {
	s := temp(t)
	ctx := t.Context()
	pop := mustAppend(t, s, ring("e1", "c-1", "anna"))[0].Hints[0].Frames[1].Pop
	if err := s.Exec(ctx, `create trigger bad before insert on step when new.reported = 'bad' begin select raise(abort, 'bad'); end`); err != nil {
		t.Fatal(err)
	}
	_, err := s.Receive(ctx, anna, screenpop.Receipt{ID: "r1", PopID: pop.ID, State: screenpop.PopFailed, Detail: "bad"})
	if screenpop.ErrorCode(err) != screenpop.CodeInternal {
		t.Fatalf("Receive = %v, want internal", err)
	}
	got, err := s.Pop(ctx, "t", pop.ID)
	if err != nil || got.State != screenpop.PopPending || len(got.Receipts) != 0 {
		t.Errorf("pop %+v, %v; want it as it was", got, err)
	}
	if _, err := s.Receive(ctx, anna, screenpop.Receipt{ID: "r1", PopID: pop.ID, State: screenpop.PopShown}); err != nil {
		t.Errorf("Receive after it: %v", err)
	}
}

func TestReadersSeeWhatWasAcknowledgedWhileMuchIsWritten(t *testing.T) {
	s := temp(t)
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
					s.Append(t.Context(), ring(fmt.Sprintf("noise%d-%d", w, i), fmt.Sprintf("n%d-%d", w, i), fmt.Sprint("other", w)))
				}
			}
		})
	}
	for i := range 30 {
		a := mustAppend(t, s, ring(fmt.Sprint("e", i), fmt.Sprint("c", i), "anna"))[0]
		f, err := s.Snapshot(t.Context(), anna)
		if err != nil || f.Seq != a.Hints[0].Head || len(f.Requests) != i+1 {
			t.Errorf("after event %d: seq %d, %d requests, %v; want seq %d, %d requests", i, f.Seq, len(f.Requests), err, a.Hints[0].Head, i+1)
		}
	}
	close(stop)
	wg.Wait()
}

func TestWhatWaitsIsSettledWhenNothingElseIsToDo(t *testing.T) {
	s := temp(t)
	mustAppend(t, s, ring("e1", "c-1", "anna"))
	deadline := time.Now().Add(10 * time.Second)
	for s.Unsettled() > 0 {
		if time.Now().After(deadline) {
			t.Fatal("rows still wait")
		}
		time.Sleep(time.Millisecond)
	}
	n, err := s.Integer(t.Context(), `select count(*) from pop`)
	if n != 1 || err != nil {
		t.Errorf("%d pops, %v", n, err)
	}
}

func TestBadRowsAmongManySendersFailAlone(t *testing.T) {
	s := temp(t)
	if err := s.Exec(t.Context(), `create trigger bad before insert on frame when new.request like 'bad%' begin select raise(abort, 'bad'); end`); err != nil {
		t.Fatal(err)
	}
	const senders, each, agents = 24, 30, 5
	var wg sync.WaitGroup
	var mu sync.Mutex
	want := map[string]int{}
	for w := range senders {
		wg.Go(func() {
			for i := range each {
				kind, agent := "good", fmt.Sprint("agent", (w+i)%agents)
				if (w*each+i)%20 == 7 {
					kind = "bad"
				}
				in := ring(fmt.Sprintf("%s%d-%d", kind, w, i), fmt.Sprintf("%s%d-%d", kind, w, i), agent)
				got, err := s.Append(t.Context(), in)
				if err != nil || (got[0].Err != nil) != (kind == "bad") {
					t.Errorf("%s event: %+v, %v", kind, got, err)
				}
				if kind == "bad" {
					continue
				}
				if again, err := s.Append(t.Context(), in); err != nil || !again[0].Duplicate {
					t.Errorf("again: %+v, %v; want a duplicate", again, err)
				}
				pop := got[0].Hints[0].Frames[1].Pop
				if _, err := s.Receive(t.Context(), wire.AgentKey{Tenant: "t", ID: agent}, screenpop.Receipt{ID: "r", PopID: pop.ID, State: screenpop.PopShown}); err != nil {
					t.Errorf("Receive: %v", err)
				}
				mu.Lock()
				want[agent]++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	for agent, n := range want {
		a := wire.AgentKey{Tenant: "t", ID: agent}
		frames, ok, err := s.Since(t.Context(), a, 0, 10_000)
		if err != nil || !ok || len(frames) != 3*n {
			t.Errorf("%s: %d frames, %t, %v; want %d without a hole", agent, len(frames), ok, err, 3*n)
		}
		f, err := s.Snapshot(t.Context(), a)
		if err != nil || len(f.Requests) != n || len(f.Pops) != n {
			t.Fatalf("%s: %d requests, %d pops, %v; want %d", agent, len(f.Requests), len(f.Pops), err, n)
		}
		for _, p := range f.Pops {
			if p.State != screenpop.PopShown || len(p.Receipts) != 1 {
				t.Errorf("pop of %s is %s with %d receipts", p.RequestID, p.State, len(p.Receipts))
			}
		}
	}
}

func TestWriterWaitsForTheDisk(t *testing.T) {
	s := temp(t)
	for name, want := range map[string]string{"synchronous": "2", "journal_mode": "wal"} {
		if got, err := s.Pragma(t.Context(), name); got != want || err != nil {
			t.Errorf("%s = %q, %v; want %s", name, got, err, want)
		}
	}
}
