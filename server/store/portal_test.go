package store_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/server/store"
)

func (l *library) company() {
	l.t.Helper()
	ctx := l.t.Context()
	for _, err := range []error{
		l.PutTenant(ctx, store.Tenant{ID: "t", Name: "Acme", Region: "NO"}),
		l.PutGroup(ctx, store.Group{ID: "g", Tenant: "t", Name: "Sales"}),
	} {
		if err != nil {
			l.t.Fatal(err)
		}
	}
}

func TestAWriteAndItsAuditEntryAreOneTransaction(t *testing.T) {
	l := newLibrary(t)
	l.company()
	note := func(object string) *store.AuditEntry {
		return &store.AuditEntry{Tenant: "t", Actor: "admin@acme.example", Action: "group.change", Object: object, Before: "Sales", After: "Salg"}
	}
	if err := l.PutGroup(store.Audited(t.Context(), note("group g")), store.Group{ID: "g", Tenant: "t", Name: "Salg"}); err != nil {
		t.Fatal(err)
	}
	if err := l.PutGroup(store.Audited(t.Context(), note("group x")), store.Group{ID: "x", Tenant: "nobody", Name: "X"}); err == nil {
		t.Fatal("a group of no tenant was written")
	}
	got, next, err := l.Audit(t.Context(), "t", store.AuditFilter{})
	want := []store.AuditEntry{{Tenant: "t", At: l.now, Actor: "admin@acme.example", Action: "group.change", Object: "group g", Before: "Sales", After: "Salg"}}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(store.AuditEntry{}, "N")); diff != "" || next != 0 || err != nil {
		t.Errorf("Audit: next %d, %v (-want +got):\n%s", next, err, diff)
	}
}

func TestAuditIsFilteredAndPaged(t *testing.T) {
	l := newLibrary(t)
	for _, object := range []string{"user anna", "user ola", "key k1", "user kari"} {
		l.now = l.now.Add(time.Minute)
		if err := l.Note(t.Context(), store.AuditEntry{Tenant: "t", Actor: "a", Action: "x", Object: object}); err != nil {
			t.Fatal(err)
		}
	}
	page, next, err := l.Audit(t.Context(), "t", store.AuditFilter{Words: "USER", Limit: 2})
	if err != nil || len(page) != 2 || page[0].Object != "user kari" || next == 0 {
		t.Fatalf("first page %v, next %d, %v", page, next, err)
	}
	page, next, err = l.Audit(t.Context(), "t", store.AuditFilter{Words: "user", Limit: 2, Before: next})
	if err != nil || len(page) != 1 || page[0].Object != "user anna" || next != 0 {
		t.Errorf("second page %v, next %d, %v", page, next, err)
	}
	page, _, err = l.Audit(t.Context(), "t", store.AuditFilter{From: l.now})
	if err != nil || len(page) != 1 {
		t.Errorf("from the last minute: %v, %v", page, err)
	}
}

func TestAGroupTriesARevisionUntilItEnds(t *testing.T) {
	l := newLibrary(t)
	l.company()
	ctx := t.Context()
	own := store.Revision{Tenant: "t", Level: "group", LevelID: "g", Document: "own"}
	if _, err := l.Publish(ctx, own, -1); err != nil {
		t.Fatal(err)
	}
	active := func(want string) {
		t.Helper()
		r, err := l.Active(ctx, "t", "group", "g")
		if err != nil || r.Document != want {
			t.Errorf("active: %+v, %v, want %q", r, err, want)
		}
	}
	if _, err := l.PutStage(ctx, store.Stage{Tenant: "t", Group: "g", Author: "a"}, "try"); err != nil {
		t.Fatal(err)
	}
	active("try")
	if _, err := l.PutStage(ctx, store.Stage{Tenant: "t", Group: "g", Author: "a"}, "other"); screenpop.ErrorCode(err) != screenpop.CodeConflict {
		t.Errorf("a second try-out: %v, want a conflict", err)
	}
	if r, err := l.EndStage(ctx, "t", "g", "a"); err != nil || r.Revision != 3 {
		t.Errorf("EndStage = %+v, %v, want revision 3", r, err)
	}
	active("own")
	if _, err := l.EndStage(ctx, "t", "g", "a"); screenpop.ErrorCode(err) != screenpop.CodeNotFound {
		t.Errorf("ending nothing: %v", err)
	}
	if _, err := l.PutStage(ctx, store.Stage{Tenant: "t", Group: "g", Author: "a"}, "try"); err != nil {
		t.Fatal(err)
	}
	own.Document = "newer"
	if _, err := l.Publish(ctx, own, -1); err != nil {
		t.Fatal(err)
	}
	if r, err := l.EndStage(ctx, "t", "g", "a"); err != nil || r.Revision != 0 {
		t.Errorf("EndStage after another save = %+v, %v, want nothing brought back", r, err)
	}
	active("newer")
}

func TestALinkPopsOnce(t *testing.T) {
	l := newLibrary(t)
	ctx := t.Context()
	if err := l.PutTestLink(ctx, store.TestLink{Tenant: "t", ID: "l", State: "{}", At: l.now, Expires: l.now.Add(time.Minute)}); err != nil {
		t.Fatal(err)
	}
	if err := l.SpendTestLink(ctx, "t", "l"); err != nil {
		t.Fatal(err)
	}
	if err := l.SpendTestLink(ctx, "t", "l"); screenpop.ErrorCode(err) != screenpop.CodeConflict {
		t.Errorf("the second time: %v", err)
	}
	if err := l.SpendTestLink(ctx, "u", "l"); screenpop.ErrorCode(err) != screenpop.CodeNotFound {
		t.Errorf("another tenant: %v", err)
	}
	one, err := l.Secret(ctx, "links")
	two, err2 := l.Secret(ctx, "links")
	if err != nil || err2 != nil || len(one) != 32 || string(one) != string(two) {
		t.Errorf("Secret: %d and %d bytes, %v, %v", len(one), len(two), err, err2)
	}
}

func TestKeptEventsAreTakenUpOnce(t *testing.T) {
	l := newLibrary(t)
	ctx := t.Context()
	l.add("c-1", "", "", "+4999", "")
	kept, err := l.KeptUnmapped(ctx, "t", " NOBODY ")
	if err != nil || len(kept) != 1 || kept[0].Event.ID != "e-c-1" || !kept[0].At.Equal(l.now) {
		t.Fatalf("KeptUnmapped = %+v, %v", kept, err)
	}
	in := store.Intake{Tenant: "t", Source: "s", Event: kept[0].Event, Plan: func(store.Current) store.Plan {
		return store.Plan{Requests: []screenpop.Request{{AgentID: "anna", State: screenpop.StateRinging}},
			Pops: []store.PlannedPop{{AgentID: "anna", Pop: screenpop.Pop{ID: "p"}}}}
	}}
	for i, want := range []store.Accepted{{EventID: "e-c-1", RequestID: "c-1", Pops: 1}, {EventID: "e-c-1", RequestID: "c-1", Duplicate: true}} {
		out, err := l.Replay(ctx, in)
		if diff := cmp.Diff(want, out[0], cmpopts.IgnoreFields(store.Accepted{}, "Hints")); err != nil || diff != "" {
			t.Errorf("time %d: %v (-want +got):\n%s", i+1, err, diff)
		}
	}
	if err := l.ForgetUnmapped(ctx, "t", "nobody"); err != nil {
		t.Fatal(err)
	}
	if kept, err = l.KeptUnmapped(ctx, "t", "nobody"); err != nil || len(kept) != 0 {
		t.Errorf("after it was forgotten: %v, %v", kept, err)
	}
	trace, err := l.Trace(ctx, "t", "c-1")
	if err != nil || len(trace.Events) != 2 || len(trace.Pops) != 1 {
		t.Errorf("trace: %+v, %v, want the event twice and its pop", trace, err)
	}
	in.Event.ID = "never came"
	if out, err := l.Replay(ctx, in); err != nil || screenpop.ErrorCode(out[0].Err) != screenpop.CodeNotFound {
		t.Errorf("an event that never came: %+v, %v", out, err)
	}
}
