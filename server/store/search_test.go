package store_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/wire"
	"github.com/crmpop/crmpop/server/store"
)

// library is a record with requests to be found, a minute apart.
type library struct {
	*store.SQLite
	t   *testing.T
	now time.Time
}

func newLibrary(t *testing.T) *library {
	t.Helper()
	l := &library{t: t, now: time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)}
	s, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "pop.db"), store.Options{Now: func() time.Time { return l.now }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	l.SQLite = s
	return l
}

// add takes in the first event of a request, with one pop in a state, "" for none.
func (l *library) add(id, agent, name, anum string, state screenpop.PopState) {
	l.t.Helper()
	l.now = l.now.Add(time.Minute)
	r := screenpop.Request{ID: id, AgentID: agent, Channel: screenpop.Voice, Direction: screenpop.In, Name: name, ANI: anum,
		State: screenpop.StateRinging, CreatedAt: l.now, UpdatedAt: l.now}
	plan := store.Plan{Requests: []screenpop.Request{r}}
	if agent == "" {
		plan = store.Plan{UnmappedAs: "nobody"}
	}
	if state != "" {
		plan.Pops = []store.PlannedPop{{AgentID: agent, Pop: screenpop.Pop{ID: "p-" + id, Title: "CRM", State: state,
			CreatedAt: l.now, ExpiresAt: l.now.Add(30 * time.Second)}}}
	}
	out, err := l.Append(l.t.Context(), store.Intake{Tenant: "t", Source: "s", Plan: func(store.Current) store.Plan { return plan },
		Event: screenpop.Event{ID: "e-" + id, Type: screenpop.Ringing, Request: screenpop.RequestReport{ID: id}}})
	if err != nil || out[0].Err != nil {
		l.t.Fatal(err, out)
	}
}

func (l *library) search(f store.RequestFilter) (ids []string, next string) {
	l.t.Helper()
	found, next, err := l.Search(l.t.Context(), "t", f)
	if err != nil {
		l.t.Fatal(err)
	}
	for _, f := range found {
		ids = append(ids, f.ID)
	}
	return ids, next
}

func TestRequestsAreFound(t *testing.T) {
	l := newLibrary(t)
	l.add("c-1", "anna", "Kari Åsnes", "+47 22 33 44 55", screenpop.PopPending)
	l.add("c-2", "ola", "Per <b>", "+4722334466", screenpop.PopMissed)
	l.add("mail-3", "anna", "", "Kari@Example.com", "")
	l.add("c-4", "", "", "+4999", "")
	start := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name string
		f    store.RequestFilter
		want string
	}{
		{"the newest first", store.RequestFilter{}, "c-4 mail-3 c-2 c-1"},
		{"by agent", store.RequestFilter{Agent: "anna"}, "mail-3 c-1"},
		{"by word, without case", store.RequestFilter{Words: "KARI"}, "mail-3 c-1"},
		{"by letters that ASCII lacks", store.RequestFilter{Words: "ÅSN"}, "c-1"},
		{"by two words", store.RequestFilter{Words: "kari åsnes"}, "c-1"},
		{"by the number as it is written", store.RequestFilter{Words: "+47 22 33 44"}, "c-2 c-1"},
		{"by the number without its country", store.RequestFilter{Words: "22334455"}, "c-1"},
		{"by caller only", store.RequestFilter{Caller: "c-1"}, ""},
		{"by id", store.RequestFilter{Words: "mail-"}, "mail-3"},
		{"by outcome", store.RequestFilter{Outcome: store.OutcomeMissed}, "c-2"},
		{"by outcome unmapped", store.RequestFilter{Outcome: store.OutcomeUnmapped}, "c-4"},
		{"by outcome none", store.RequestFilter{Outcome: store.OutcomeNone}, "mail-3"},
		{"by agent and word", store.RequestFilter{Agent: "ola", Words: "kari"}, ""},
		{"by time", store.RequestFilter{From: start.Add(2 * time.Minute), To: start.Add(3 * time.Minute)}, "mail-3 c-2"},
		{"by word and time", store.RequestFilter{Words: "kari", To: start.Add(time.Minute)}, "c-1"},
		{"what looks like a pattern", store.RequestFilter{Words: `%" <b>`}, ""},
	} {
		if ids, _ := l.search(c.f); strings.Join(ids, " ") != c.want {
			t.Errorf("%s: %v, want %s", c.name, ids, c.want)
		}
	}
}

func TestPagesOfRequestsFollowOneAnother(t *testing.T) {
	l := newLibrary(t)
	for i := range 7 {
		l.add(fmt.Sprint("c-", i), "anna", "Kari", "", "")
	}
	for _, f := range []store.RequestFilter{{}, {Agent: "anna"}, {Words: "kari"}, {Words: "kari", Agent: "anna"}} {
		var all []string
		f.Limit = 3
		for {
			ids, next := l.search(f)
			all = append(all, ids...)
			if f.Cursor = next; next == "" {
				break
			}
		}
		if got := strings.Join(all, " "); got != "c-6 c-5 c-4 c-3 c-2 c-1 c-0" {
			t.Errorf("%+v: %s", f, got)
		}
	}
	if _, _, err := l.Search(t.Context(), "t", store.RequestFilter{Cursor: "nonsense"}); screenpop.ErrorCode(err) != screenpop.CodeInvalid {
		t.Errorf("a cursor that is none: %v", err)
	}
}

func TestTheListFollowsWhatBecomesOfARequest(t *testing.T) {
	l := newLibrary(t)
	l.add("c-1", "anna", "Kari", "", screenpop.PopPending)
	if ids, _ := l.search(store.RequestFilter{Outcome: store.OutcomePending}); len(ids) != 1 {
		t.Fatalf("pending: %v", ids)
	}
	l.now = l.now.Add(200 * time.Millisecond)
	_, err := l.Receive(t.Context(), wire.AgentKey{Tenant: "t", ID: "anna"}, screenpop.Receipt{ID: "r", PopID: "p-c-1", State: screenpop.PopShown})
	if err != nil {
		t.Fatal(err)
	}
	if ids, _ := l.search(store.RequestFilter{Outcome: store.OutcomePending}); len(ids) != 0 {
		t.Errorf("still pending: %v", ids)
	}
	found, _, err := l.Search(t.Context(), "t", store.RequestFilter{Outcome: store.OutcomeDone})
	if err != nil || len(found) != 1 {
		t.Fatalf("done: %v, %v", found, err)
	}
	if diff := cmp.Diff([]store.FoundPop{{AgentID: "anna", Title: "CRM", State: screenpop.PopShown}}, found[0].Pops); diff != "" {
		t.Errorf("pops (-want +got):\n%s", diff)
	}
	times, err := l.Times(t.Context(), "t", l.now.Add(-time.Hour), l.now)
	if err != nil || times.Count != 1 || times.P50 != 200*time.Millisecond || times.P99 != 200*time.Millisecond {
		t.Errorf("Times = %+v, %v, want one pop that took 200 ms", times, err)
	}
	if other, _, err := l.Search(t.Context(), "u", store.RequestFilter{}); err != nil || len(other) > 0 {
		t.Errorf("another tenant finds %v, %v", other, err)
	}
}

func TestRequestsThatArePrunedAreNotFound(t *testing.T) {
	l := newLibrary(t)
	l.add("c-1", "anna", "Kari", "", screenpop.PopPending)
	if _, err := l.CloseRequest(t.Context(), wire.AgentKey{Tenant: "t", ID: "anna"}, "c-1"); err != nil {
		t.Fatal(err)
	}
	if ids, _ := l.search(store.RequestFilter{Words: "kari"}); len(ids) != 1 {
		t.Fatalf("closed and not pruned: %v", ids)
	}
	if err := l.Prune(t.Context(), l.now.Add(30*24*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if ids, _ := l.search(store.RequestFilter{Words: "kari"}); len(ids) != 0 {
		t.Errorf("pruned: %v", ids)
	}
	if n, err := l.Integer(t.Context(), `select count(*) from sought_by`); n != 0 || err != nil {
		t.Errorf("%d keys are left, %v", n, err)
	}
}
