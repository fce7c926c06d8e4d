package dispatch_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/wire"
	"github.com/crmpop/crmpop/server/dispatch"
	"github.com/crmpop/crmpop/server/store"
)

func (r *rig) mapAlias(alias string) dispatch.Replayed {
	r.t.Helper()
	u, err := r.store.User(r.t.Context(), "t", "anna")
	must(r.t, err)
	u.Aliases = append(u.Aliases, alias)
	must(r.t, r.store.PutUser(r.t.Context(), u))
	got, err := r.Map(r.t.Context(), "t", alias, "anna")
	must(r.t, err)
	return got
}

func TestEventsOfAnAliasPopOnceItIsMapped(t *testing.T) {
	for _, c := range []struct {
		name string
		wait time.Duration
		want screenpop.PopState
	}{
		{"still fresh", 10 * time.Second, screenpop.PopPending},
		{"too late", time.Minute, screenpop.PopMissed},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t, voiceDoc)
			if res := r.send(screenpop.Ringing, "ghost"); !res.Unmapped {
				t.Fatalf("event of a ghost: %+v, want it unmapped", res)
			}
			rang := r.clock()
			r.wait(c.wait)
			if got := r.mapAlias("ghost@acme.example"); got != (dispatch.Replayed{Events: 1, Pops: 1}) {
				t.Errorf("Map = %+v, want one event and one pop", got)
			}
			r.want("anna", map[string]screenpop.PopState{"tenant:crm": c.want})
			if got := r.snapshot("anna").Requests[0]; !got.CreatedAt.Equal(rang) {
				t.Errorf("the request began at %v, want %v, when the event came", got.CreatedAt, rang)
			}
			if got, err := r.Map(t.Context(), "t", "ghost@acme.example", "anna"); err != nil || got.Events != 0 {
				t.Errorf("Map once more = %+v, %v, want nothing", got, err)
			}
		})
	}
}

func TestTraceSaysWhoWasConnectedAndWhatCounted(t *testing.T) {
	r := newRig(t, voiceDoc)
	r.Dispatch = dispatch.New(dispatch.Options{Record: r.store, Directory: r.store, Bus: store.NewBus(), Now: r.clock,
		Connected: func(wire.AgentKey) []store.Connection {
			return []store.Connection{{Tab: "tab-1", Build: "v1", Leads: true}}
		}})
	r.ok(r.send(screenpop.Ringing, "anna"), 1)
	trace, err := r.store.Trace(t.Context(), "t", "c-1")
	must(t, err)
	seen := trace.Events[0].Seen
	if len(seen) != 1 || len(seen[0].Connected) != 1 || !seen[0].Connected[0].Leads || len(seen[0].Revisions) != 1 || seen[0].Revisions[0].Revision != 1 {
		t.Errorf("seen = %+v, want one leading tab and revision 1 of the tenant", seen)
	}
}

func TestAPopCarriesTheServersWordOnItsPage(t *testing.T) {
	r := newRig(t, `<screenpopup>
  <url id="a" on="ringing" channel="voice" target="request">https://crm.example.com/find?phone={anum}</url>
  <url id="b" on="ringing" channel="voice" target="request" probe="no">https://crm.example.com/find?new={anum}</url>
  <url id="c" on="ringing" channel="voice" target="request">https://wiki.example.com/</url></screenpopup>`)
	r.Dispatch = dispatch.New(dispatch.Options{Record: r.store, Directory: r.store, Bus: store.NewBus(), Now: r.clock, Verdicts: r.store.PageVerdicts})
	must(t, r.store.PutPageVerdict(t.Context(), "t", screenpop.PageVerdict{Key: "https://crm.example.com/find",
		Verdict: screenpop.VerdictRefused, Reason: "so it is", CheckedAt: r.clock()}))
	r.ok(r.send(screenpop.Ringing, "anna"), 3)
	refused := map[string]string{}
	for _, p := range r.snapshot("anna").Pops {
		refused[p.PopupID] = p.Refused
	}
	want := map[string]string{"tenant:a": "so it is", "tenant:b": "", "tenant:c": ""}
	if diff := cmp.Diff(want, refused); diff != "" {
		t.Error(diff)
	}
}

// An agent's receipt that a page is blank is a vote; three decide for all, also of
// pages that may not be probed.
func TestAgentsWhoFindAPageBlankDecideForAll(t *testing.T) {
	r := newRig(t, `<screenpopup>
  <url id="a" again="yes" on="ringing" channel="voice" target="request" probe="no">https://crm.example.com/find?phone={anum}</url></screenpopup>`)
	r.Dispatch = dispatch.New(dispatch.Options{Record: r.store, Directory: r.store, Bus: store.NewBus(), Now: r.clock, Verdicts: r.store.PageVerdicts})
	must(t, r.store.PutUser(t.Context(), store.User{ID: "kim", Tenant: "t", Email: "kim@acme.example", Name: "kim", Role: store.AgentRole, Group: "g"}))
	last := func(agent string) screenpop.Pop {
		t.Helper()
		r.ok(r.send(screenpop.Ringing, agent), 1)
		pops := r.snapshot(agent).Pops
		return pops[len(pops)-1]
	}
	say := func(agent, id, detail string) {
		t.Helper()
		must(t, r.Receipt(t.Context(), wire.AgentKey{Tenant: "t", ID: agent}, screenpop.Receipt{ID: "r-" + id + detail, PopID: id, State: screenpop.PopRefused, Detail: detail}))
	}
	say("anna", last("anna").ID, "X-Frame-Options: DENY")
	for _, agent := range []string{"anna", "anna", "anna", "ola"} {
		say(agent, last(agent).ID, screenpop.FoundBlank)
	}
	if p := last("kim"); p.Blank || p.Refused != "" {
		t.Errorf("two agents have decided for all: %+v", p)
	}
	say("kim", last("kim").ID, screenpop.FoundBlank)
	if p := last("ola"); !p.Blank || p.Refused != "3 agents found it blank" {
		t.Errorf("after three agents' word: %+v", p)
	}
	must(t, r.store.ForgetBlank(t.Context(), "t", "https://crm.example.com/find"))
	r.Forget("t")
	if p := last("ola"); p.Blank || p.Refused != "" {
		t.Errorf("after it was forgotten: %+v", p)
	}
}

func TestRehearsalChangesNothing(t *testing.T) {
	r := newRig(t, voiceDoc)
	event := screenpop.Event{ID: "x", Type: screenpop.Ringing, Request: screenpop.RequestReport{ID: "c-9", Channel: screenpop.Voice, ANI: "22334455"}}
	draft := &dispatch.Draft{Level: "group", ID: "g", Document: `<screenpopup><inherit/>
  <url id="new" on="ringing" target="request">https://new.example.com/?q={anum}</url></screenpopup>`}
	got, err := r.Rehearse(t.Context(), dispatch.Rehearsal{For: dispatch.Subject{Tenant: "t", User: "anna"}, Draft: draft, Event: event})
	must(t, err)
	matched := ""
	for _, e := range got {
		if e.Matched {
			matched += e.Level + ":" + e.Popup + " "
		}
	}
	if matched != "tenant:crm group:new " {
		t.Errorf("matched %q, want the tenant's and the draft's", matched)
	}
	if n := len(r.snapshot("anna").Requests); n != 0 {
		t.Errorf("%d requests after a rehearsal", n)
	}
}

func TestTestPopIsMarkedAndSendsNothing(t *testing.T) {
	r := newRig(t, voiceDoc)
	draft := &dispatch.Draft{Level: "tenant", ID: "t", Document: `<screenpopup>
  <url id="crm" on="ringing" target="request">https://crm.example.com/{anum}</url>
  <webrequest id="log" on="ringing" method="GET" href="https://crm.example.com/log"/>
  <command id="dde" on="ringing" name="ddesend">anum={anum}</command></screenpopup>`}
	event := screenpop.Event{Type: screenpop.Ringing, Request: screenpop.RequestReport{Channel: screenpop.Voice, ANI: "22334455"}}
	res, err := r.PopTest(t.Context(), dispatch.Rehearsal{For: dispatch.Subject{Tenant: "t", User: "anna"}, Draft: draft, Event: event})
	must(t, err)
	if res.Pops != 3 {
		t.Errorf("%d pops, want 3", res.Pops)
	}
	s := r.snapshot("anna")
	if len(s.Requests) != 1 || !s.Requests[0].Test || s.Requests[0].ID != res.RequestID {
		t.Errorf("requests %+v, want one marked as a test", s.Requests)
	}
	r.want("anna", map[string]screenpop.PopState{"tenant:crm": screenpop.PopPending, "tenant:log": screenpop.PopSkipped, "tenant:dde": screenpop.PopSkipped})
	r.want("ola", map[string]screenpop.PopState{})
}
