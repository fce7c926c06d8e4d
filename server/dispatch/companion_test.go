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

const commandDoc = `<screenpopup>
  <command id="dde" on="ringing" name="ddesend">anum={anum|digits}&amp;queue_key={queue_key}</command>
  <clipboard id="copy" on="ringing">{anum}</clipboard>
</screenpopup>`

// pair pairs a companion with an agent.
func (r *rig) pair(agent string) {
	r.t.Helper()
	now := r.clock()
	must(r.t, r.store.AddCompanion(r.t.Context(), store.Companion{Tenant: "t", ID: "pc-of-" + agent, Agent: agent, PublicKey: []byte("k"), Host: "PC-7", CreatedAt: now, SeenAt: now}))
	r.Forget("t")
}

// popOf returns an agent's pop of a popup.
func (r *rig) popOf(agent, popup string) screenpop.Pop {
	r.t.Helper()
	for _, p := range r.snapshot(agent).Pops {
		if p.PopupID == "tenant:"+popup {
			return p
		}
	}
	r.t.Fatalf("%s has no pop of %s", agent, popup)
	return screenpop.Pop{}
}

func TestHowACommandBegins(t *testing.T) {
	ready := dispatch.Companion{Holder: "companion:c1", Connected: true, AtWork: true}
	for _, tt := range []struct {
		name    string
		paired  bool
		stands  dispatch.Companion
		state   screenpop.PopState
		detail  string
		claimed string // the command's; the text's is the same or the leading tab's
	}{
		{"nobody ever paired", false, dispatch.Companion{AtWork: true}, screenpop.PopFailed, "no companion is paired for anna: pair one under This computer", ""},
		{"not started", true, dispatch.Companion{AtWork: true}, screenpop.PopPending,
			"no companion is connected for anna: start it on the PC, or pair one under This computer", ""},
		{"paused", true, dispatch.Companion{Connected: true, Paused: true, AtWork: true}, screenpop.PopFailed, "the companion of anna is paused; it goes on from its own menu", ""},
		{"no workspace", true, dispatch.Companion{Connected: true}, screenpop.PopPending, "anna has no workspace open, and a command runs only beside one", ""},
		{"ready", true, ready, screenpop.PopPending, "", "companion:c1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, commandDoc)
			if tt.paired {
				r.pair("anna")
			}
			r.comps["anna"], r.leads["anna"] = tt.stands, "tab-1"
			r.comps["ola"] = ready // of no concern
			r.ok(r.send(screenpop.Ringing, "anna"), 2)
			p := r.popOf("anna", "dde")
			if p.State != tt.state || p.Detail != tt.detail || p.ClaimedBy != tt.claimed {
				t.Errorf("the command is %s %q, claimed by %q; want %s %q, %q", p.State, p.Detail, p.ClaimedBy, tt.state, tt.detail, tt.claimed)
			}
			want := []screenpop.Var{{Name: "anum", Value: "22334455"}, {Name: "queue_key", Value: "sales"}}
			if diff := cmp.Diff(want, p.Vars); diff != "" || p.Command != "ddesend" {
				t.Errorf("command %q with (-want +got):\n%s", p.Command, diff)
			}
			text := tt.claimed
			if text == "" {
				text = "tab-1"
			}
			if got := r.popOf("anna", "copy").ClaimedBy; got != text {
				t.Errorf("the text is granted to %q, want %q", got, text)
			}
		})
	}
}

// A command cannot be opened later, so it never stands there as missed.
func TestCommandThatWaitedInVainHasFailedForIt(t *testing.T) {
	r := newRig(t, commandDoc)
	r.pair("anna")
	r.ok(r.send(screenpop.Ringing, "anna"), 2)
	r.comps["ola"] = dispatch.Companion{Holder: "companion:c1", Connected: true, AtWork: true}
	r.ok(r.send(screenpop.Ringing, "ola"), 2)
	must(t, r.Ack(t.Context(), wire.AgentKey{Tenant: "t", ID: "anna"}, 3)) // delivered, and still waiting
	for _, step := range []struct {
		wait        time.Duration
		anna, ola   screenpop.PopState
		why, olaWhy string
	}{
		{14 * time.Second, screenpop.PopDelivered, screenpop.PopPending, "no companion is connected for anna: start it on the PC, or pair one under This computer", ""},
		{time.Second, screenpop.PopFailed, screenpop.PopFailed, "no companion is connected for anna: start it on the PC, or pair one under This computer",
			"the companion has not said in time what became of it"},
	} {
		r.wait(step.wait)
		_, err := r.store.Expire(t.Context(), r.clock())
		must(t, err)
		if p := r.popOf("anna", "dde"); p.State != step.anna || p.Detail != step.why {
			t.Errorf("after %v anna's is %s %q", step.wait, p.State, p.Detail)
		}
		if p := r.popOf("ola", "dde"); p.State != step.ola || p.Detail != step.olaWhy {
			t.Errorf("after %v ola's is %s %q", step.wait, p.State, p.Detail)
		}
	}
}
