package dispatch_test

import (
	"context"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/wire"
	"github.com/crmpop/crmpop/server/dispatch"
	"github.com/crmpop/crmpop/server/store"
)

// rig is a dispatch on a real record, with a clock and a leading tab that the
// test sets.
type rig struct {
	*dispatch.Dispatch
	t     *testing.T
	store *store.SQLite

	mu    sync.Mutex // guards what follows
	now   time.Time
	leads map[string]string
	comps map[string]dispatch.Companion
	n     int
}

func newRig(t *testing.T, doc string) *rig {
	t.Helper()
	ctx := t.Context()
	r := &rig{t: t, now: time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC), leads: map[string]string{}, comps: map[string]dispatch.Companion{}}
	s, err := store.Open(ctx, filepath.Join(t.TempDir(), "pop.db"), store.Options{Now: r.clock})
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	t.Cleanup(func() { s.Close() })
	r.store = s
	must(t, s.PutTenant(ctx, store.Tenant{ID: "t", Name: "Acme", Region: "NO", Hosts: []string{"mail.example.com"}}))
	must(t, s.PutGroup(ctx, store.Group{ID: "g", Tenant: "t", Name: "Sales"}))
	for _, id := range []string{"anna", "ola"} {
		must(t, s.PutUser(ctx, store.User{ID: id, Tenant: "t", Email: id + "@acme.example", Name: id, Role: store.AgentRole, Group: "g"}))
	}
	_, err = s.Publish(ctx, store.Revision{Tenant: "t", Level: "tenant", LevelID: "t", Document: doc, Author: "test"}, -1)
	must(t, err)
	r.Dispatch = dispatch.New(dispatch.Options{Record: s, Directory: s, Bus: store.NewBus(), Now: r.clock,
		Companion: func(a wire.AgentKey) dispatch.Companion { r.mu.Lock(); defer r.mu.Unlock(); return r.comps[a.ID] },
		Leads:     func(a wire.AgentKey) string { r.mu.Lock(); defer r.mu.Unlock(); return r.leads[a.ID] }})
	return r
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (r *rig) clock() time.Time { r.mu.Lock(); defer r.mu.Unlock(); return r.now }

func (r *rig) wait(d time.Duration) { r.mu.Lock(); defer r.mu.Unlock(); r.now = r.now.Add(d) }

// send takes one event in and returns its result.
func (r *rig) send(typ screenpop.Trigger, agent string, more ...func(*screenpop.RequestReport)) dispatch.Result {
	r.t.Helper()
	r.n++
	req := screenpop.RequestReport{ID: "c-1", Channel: screenpop.Voice, ANI: "22334455", QueueKey: "sales"}
	if agent != "" {
		req.Agent = agent + "@acme.example"
	}
	for _, f := range more {
		f(&req)
	}
	e := screenpop.Event{ID: "e" + string(rune('0'+r.n)), Type: typ, Request: req}
	return r.Ingest(r.t.Context(), "t", "native", []dispatch.Item{{Event: e}})[0]
}

func (r *rig) ok(res dispatch.Result, pops int) {
	r.t.Helper()
	if res.Err != nil || res.Pops != pops {
		r.t.Errorf("event %s: %d pops, error %v; want %d pops", res.EventID, res.Pops, res.Err, pops)
	}
}

func (r *rig) snapshot(agent string) wire.Frame {
	r.t.Helper()
	f, err := r.store.Snapshot(r.t.Context(), wire.AgentKey{Tenant: "t", ID: agent})
	must(r.t, err)
	return f
}

// states returns the state of each pop an agent sees, by popup.
func (r *rig) states(agent string) map[string]screenpop.PopState {
	r.t.Helper()
	all := map[string]screenpop.PopState{}
	for _, p := range r.snapshot(agent).Pops {
		all[p.PopupID] = p.State
	}
	return all
}

func (r *rig) want(agent string, want map[string]screenpop.PopState) {
	r.t.Helper()
	if diff := cmp.Diff(want, r.states(agent)); diff != "" {
		r.t.Errorf("pops of %s (-want +got):\n%s", agent, diff)
	}
}

const voiceDoc = `<screenpopup>
  <url id="crm" on="ringing accepted" channel="voice" target="request">https://crm.example.com/find?phone={anum|e164}</url>
  <url id="end" on="hangup" channel="voice" target="request">https://crm.example.com/end?id={request_id}</url>
  <url id="mail" on="accepted" channel="email" target="request">{url}</url>
</screenpopup>`

func TestPopupPopsOncePerRequestAndTriggerList(t *testing.T) {
	r := newRig(t, voiceDoc)
	r.ok(r.send(screenpop.Ringing, "anna"), 1)
	r.ok(r.send(screenpop.Accepted, "anna"), 0)
	r.want("anna", map[string]screenpop.PopState{"tenant:crm": screenpop.PopPending})
	got := r.snapshot("anna").Pops[0].URL
	if want := "https://crm.example.com/find?phone=%2B4722334455"; got != want {
		t.Errorf("URL = %q, want %q", got, want)
	}
}

func TestRepeatedEventChangesNothing(t *testing.T) {
	r := newRig(t, voiceDoc)
	r.ok(r.send(screenpop.Ringing, "anna"), 1)
	r.n--
	again := r.send(screenpop.Ringing, "anna")
	if !again.Duplicate || again.Pops != 1 {
		t.Errorf("repeated event: %+v, want the first answer again, as a duplicate", again)
	}
}

func TestHangupMissesWhatWasNotOpened(t *testing.T) {
	r := newRig(t, voiceDoc)
	r.ok(r.send(screenpop.Ringing, "anna"), 1)
	r.ok(r.send(screenpop.Hangup, "anna"), 1)
	r.want("anna", map[string]screenpop.PopState{"tenant:crm": screenpop.PopMissed, "tenant:end": screenpop.PopPending})
}

func TestRingingAfterHangupIsMissedAtOnce(t *testing.T) {
	r := newRig(t, voiceDoc)
	r.ok(r.send(screenpop.Hangup, "anna"), 1)
	r.ok(r.send(screenpop.Ringing, "anna"), 1)
	r.want("anna", map[string]screenpop.PopState{"tenant:crm": screenpop.PopMissed, "tenant:end": screenpop.PopPending})
	if got := r.snapshot("anna").Requests[0].State; got != screenpop.StateHangup {
		t.Errorf("state = %s, want hangup: it only moves forward", got)
	}
}

func TestPopIsMissedAfterItsTime(t *testing.T) {
	r := newRig(t, voiceDoc)
	r.ok(r.send(screenpop.Ringing, "anna"), 1)
	r.wait(31 * time.Second)
	_, err := r.store.Expire(t.Context(), r.clock())
	must(t, err)
	r.want("anna", map[string]screenpop.PopState{"tenant:crm": screenpop.PopMissed})
}

func TestClosedWithdrawsAndRemovesTheRequest(t *testing.T) {
	r := newRig(t, voiceDoc)
	r.ok(r.send(screenpop.Ringing, "anna"), 1)
	id := r.snapshot("anna").Pops[0].ID
	r.ok(r.send(screenpop.Closed, "", func(q *screenpop.RequestReport) { q.Channel = "" }), 0)
	if n := len(r.snapshot("anna").Requests); n != 0 {
		t.Errorf("%d requests after closed, want none", n)
	}
	p, err := r.store.Pop(t.Context(), "t", id)
	must(t, err)
	if p.State != screenpop.PopWithdrawn {
		t.Errorf("pop is %s after closed, want withdrawn", p.State)
	}
	r.ok(r.send(screenpop.Ringing, "anna"), 0)
}

func TestRingAllThenOneAccepts(t *testing.T) {
	r := newRig(t, voiceDoc)
	r.ok(r.send(screenpop.Ringing, "anna"), 1)
	r.ok(r.send(screenpop.Ringing, "ola"), 1)
	r.ok(r.send(screenpop.Accepted, "ola"), 0)
	anna := r.snapshot("anna")
	if got := anna.Requests[0].TakenBy; got != "ola" {
		t.Errorf("anna's copy is taken by %q, want ola", got)
	}
	r.want("anna", map[string]screenpop.PopState{"tenant:crm": screenpop.PopWithdrawn})
	r.want("ola", map[string]screenpop.PopState{"tenant:crm": screenpop.PopPending})
}

func TestTransferGivesTheNewAgentThePopsAndWhatIsKnown(t *testing.T) {
	r := newRig(t, voiceDoc)
	r.ok(r.send(screenpop.Accepted, "anna", func(q *screenpop.RequestReport) { q.Name = "Kari" }), 1)
	r.ok(r.send(screenpop.Ringing, "ola", func(q *screenpop.RequestReport) { q.ANI = "" }), 1)
	if got := r.snapshot("anna").Requests[0]; got.TakenBy != "" || got.State != screenpop.StateAccepted {
		t.Errorf("while it rings at ola, anna's copy is %s, taken by %q; want accepted, by nobody", got.State, got.TakenBy)
	}
	ola := r.snapshot("ola").Requests[0]
	if ola.State != screenpop.StateRinging || ola.Name != "Kari" || ola.ANI != "22334455" {
		t.Errorf("ola's copy = %+v, want ringing with what is known", ola)
	}
	r.ok(r.send(screenpop.Accepted, "ola"), 0)
	if got := r.snapshot("anna").Requests[0].TakenBy; got != "ola" {
		t.Errorf("taken by %q, want ola", got)
	}
}

func TestUnknownAgentIsListedAndMappedLater(t *testing.T) {
	r := newRig(t, voiceDoc)
	res := r.send(screenpop.Ringing, "", func(q *screenpop.RequestReport) { q.Agent = "205" })
	if res.Err != nil || !res.Unmapped {
		t.Fatalf("result %+v, want accepted as unmapped", res)
	}
	list, err := r.store.Unmapped(t.Context(), "t")
	must(t, err)
	if len(list) != 1 || list[0].Alias != "205" {
		t.Errorf("unmapped = %+v, want 205", list)
	}
}

func TestEventForANewRequestMustSayEnough(t *testing.T) {
	r := newRig(t, voiceDoc)
	for name, f := range map[string]func(*screenpop.RequestReport){
		"/request/channel": func(q *screenpop.RequestReport) { q.Channel, q.Agent = "", "anna@acme.example" },
		"/request/agent":   func(q *screenpop.RequestReport) {},
	} {
		res := r.send(screenpop.Ringing, "", f)
		e, ok := res.Err.(*screenpop.Error)
		if !ok || e.Code != screenpop.CodeInvalid || e.Pointer != name {
			t.Errorf("without %s: error %v, want invalid at that pointer", name, res.Err)
		}
	}
}

func TestPopIsGrantedToTheLeadingTab(t *testing.T) {
	r := newRig(t, voiceDoc)
	r.leads["anna"] = "tab-1"
	r.ok(r.send(screenpop.Ringing, "anna"), 1)
	p := r.snapshot("anna").Pops[0]
	if p.ClaimedBy != "tab-1" {
		t.Errorf("claimed by %q, want tab-1", p.ClaimedBy)
	}
	ok, by, err := r.Claim(t.Context(), wire.AgentKey{Tenant: "t", ID: "anna"}, p.ID, "tab-2")
	if ok || by != "tab-1" || err != nil {
		t.Errorf("claim by tab-2 = %t, held by %q, %v; want refused, tab-1", ok, by, err)
	}
}

func TestUpdatedChangesWhatIsKnownAndPopsNothing(t *testing.T) {
	r := newRig(t, voiceDoc)
	r.ok(r.send(screenpop.Ringing, "anna"), 1)
	r.ok(r.send(screenpop.Updated, "", func(q *screenpop.RequestReport) { q.Name = "Kari"; q.Channel = "" }), 0)
	got := r.snapshot("anna").Requests[0]
	if got.Name != "Kari" || got.State != screenpop.StateRinging {
		t.Errorf("request = %q %s, want Kari, ringing", got.Name, got.State)
	}
}

func TestEveryPopupLookedAtIsInTheTrace(t *testing.T) {
	r := newRig(t, voiceDoc)
	r.ok(r.send(screenpop.Ringing, "anna"), 1)
	r.ok(r.send(screenpop.Accepted, "anna"), 0)
	tr, err := r.store.Trace(t.Context(), "t", "c-1")
	must(t, err)
	if len(tr.Events) != 2 || len(tr.Events[0].Decisions) != 3 || len(tr.Events[1].Decisions) != 3 {
		t.Fatalf("trace = %+v, want 2 events with 3 decisions each", tr)
	}
	for _, d := range tr.Events[1].Decisions {
		if d.Matched || d.Why == "" {
			t.Errorf("decision %+v, want not matched, with a reason", d)
		}
	}
}

func TestPublishedConfigurationCountsAfterForget(t *testing.T) {
	r := newRig(t, `<screenpopup></screenpopup>`)
	r.ok(r.send(screenpop.Ringing, "anna"), 0)
	_, err := r.store.Publish(t.Context(), store.Revision{Tenant: "t", Level: "user", LevelID: "anna", Document: voiceDoc, Author: "test"}, -1)
	must(t, err)
	r.Forget("t")
	r.ok(r.send(screenpop.Accepted, "anna"), 1)
	r.want("anna", map[string]screenpop.PopState{"user:crm": screenpop.PopPending})
}

func TestSenderThatHangsUpLosesNoPop(t *testing.T) {
	r := newRig(t, voiceDoc)
	r.ok(r.send(screenpop.Ringing, "anna"), 1)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	e := screenpop.Event{ID: "gone", Type: screenpop.Hangup, Request: screenpop.RequestReport{ID: "c-1"}}
	res := r.Ingest(ctx, "t", "native", []dispatch.Item{{Event: e}})[0]
	if res.Err == nil && res.Pops != 1 {
		t.Errorf("accepted with %d pops, want 1 or a refusal", res.Pops)
	}
}
