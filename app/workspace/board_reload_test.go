package workspace_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crmpop/crmpop/app/browser"
	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/wire"
	"github.com/crmpop/crmpop/app/workspace"
)

func TestEndOfARequest(t *testing.T) {
	t.Run("hangup keeps the tab, closed takes it with its frames", func(t *testing.T) {
		play(t, leading(), []step{
			{"one", request(call("c1")), announced, ""},
			{"two", request(call("c2")), announced, ""},
			{"three", request(call("c3")), announced, ""},
			{"a page", pop(crm("p2", "c2")), []string{"frame p2 https://crm.example.com/p2"}, ""},
			{"look", func(b *workspace.Board) []string { return b.ShowRequest("c2") }, nil, "c1 [c2] c3 | Request [p2:loading] | stage p2"},
			{"hangup", request(call("c2", reach(screenpop.StateHangup))), nil, "c1 [c2] c3 | Request [p2:loading] | stage p2"},
			{"closed", request(call("c2", reach(screenpop.StateClosed))), []string{"drop frame p2"}, "c1 [c3] | [Request]"},
			{"closed again", request(call("c2", reach(screenpop.StateClosed))), nil, "c1 [c3] | [Request]"},
			{"the last in the row", request(call("c3", reach(screenpop.StateClosed))), nil, "[c1] | [Request]"},
			{"the last of all", request(call("c1", reach(screenpop.StateClosed))), nil, "|"},
		})
	})
	t.Run("withdrawn", func(t *testing.T) {
		withdraw := func(id string) func(*workspace.Board) []string {
			return func(b *workspace.Board) []string {
				return b.Apply(wire.Frame{Type: wire.Withdraw, Seq: 1, PopID: id, Reason: "taken over by Ola"})
			}
		}
		b := leading()
		play(t, b, []step{
			{"it rings", request(call("c1")), announced, ""},
			{"shown", pop(crm("p1", "c1")), []string{"frame p1 https://crm.example.com/p1"}, ""},
			{"loaded", loaded("p1"), []string{`receipt p1 shown "0.3 s"`}, ""},
			{"not opened", pop(crm("p2", "c1", state(screenpop.PopMissed, ""))), nil, "[c1] | Request [p1] p2:missed | stage p1"},
			{"selected", func(b *workspace.Board) []string { return b.ShowView("p2") }, nil, ""},
			{"the unopened one goes", withdraw("p2"), nil, "[c1] | [Request] p1"},
			{"the opened one stays", withdraw("p1"), nil, "[c1] | [Request] p1"},
			{"an unknown one", withdraw("p9"), nil, ""},
		})
		want := []string{"p1 shown, 0.3 s", "p2 came while you were away, withdrawn: taken over by Ola"}
		if d := cmp.Diff(want, b.Lines()); d != "" {
			t.Errorf("timeline (-want +got):\n%s", d)
		}
	})
}

func TestReloadOfThePageBringsEverythingBack(t *testing.T) {
	requests := []*screenpop.Request{call("c2"), call("c1", func(r *screenpop.Request) { r.CreatedAt = r.CreatedAt.Add(-time.Minute) })}
	shown := func(id, request string) *screenpop.Pop { return crm(id, request, state(screenpop.PopShown, "0.3 s")) }

	t.Run("in order of arrival, the selected page at once, others when looked at", func(t *testing.T) {
		b := workspace.NewBoard(`{"shown":"c2","views":{"c2":"p2","c1":"p1"}}`)
		play(t, b, []step{
			{"snapshot", snapshot(requests, shown("p1", "c1"), shown("p2", "c2"), shown("p3", "c2")),
				[]string{"frame p2 https://crm.example.com/p2"}, "c1 [c2] | Request [p2:loading] p3 | stage p2"},
			{"no second receipt", loaded("p2"), nil, "c1 [c2] | Request [p2] p3 | stage p2"},
			{"the next view", func(b *workspace.Board) []string { return b.Step(1) }, []string{"frame p3 https://crm.example.com/p3"},
				"c1 [c2] | Request p2 [p3:loading] | stage p3"},
			{"back again", func(b *workspace.Board) []string { return b.Step(-1) }, nil, "c1 [c2] | Request [p2] p3:loading | stage p2"},
			{"the other request", func(b *workspace.Board) []string { return b.ShowRequest("c1") }, []string{"frame p1 https://crm.example.com/p1"},
				"[c1] c2 | Request [p1:loading] | stage p1"},
		})
	})
	t.Run("without a memory the first page has the space", func(t *testing.T) {
		play(t, workspace.NewBoard("not json"), []step{
			{"snapshot", snapshot(requests, shown("p1", "c1"), shown("p2", "c2")),
				[]string{"frame p1 https://crm.example.com/p1"}, "[c1] c2 | Request [p1:loading] | stage p1"},
		})
	})
	t.Run("a chosen Request view stays chosen", func(t *testing.T) {
		play(t, workspace.NewBoard(`{"shown":"c1","views":{"c1":""}}`), []step{
			{"snapshot", snapshot(requests, shown("p1", "c1")), nil, "[c1] c2 | [Request] p1"},
		})
	})
	t.Run("what was opened but not confirmed is not opened again", func(t *testing.T) {
		b := workspace.NewBoard("", "w1")
		b.Lead(true)
		play(t, b, []step{
			{"snapshot", snapshot(requests, crm("w1", "c1", target("_blank")), crm("w2", "c1", target("_blank"))),
				[]string{"window w2 _blank"}, ""},
		})
	})
	t.Run("a refused page stays refused", func(t *testing.T) {
		play(t, workspace.NewBoard(`{"shown":"c1","views":{"c1":"p1"}}`), []step{
			{"snapshot", snapshot(requests, crm("p1", "c1", state(screenpop.PopRefused, "XFO"), state(screenpop.PopOpened, "in a browser tab"))), nil,
				"[c1] c2 | Request [p1:elsewhere] | card opened"},
		})
	})
	t.Run("a page that was also opened in a tab comes back in its frame", func(t *testing.T) {
		play(t, workspace.NewBoard(`{"shown":"c1","views":{"c1":"p1"}}`), []step{
			{"snapshot", snapshot(requests, crm("p1", "c1", state(screenpop.PopShown, "0.3 s"), state(screenpop.PopOpened, "in a browser tab"))),
				[]string{"frame p1 https://crm.example.com/p1"}, "[c1] c2 | Request [p1:loading] | stage p1"},
		})
	})
	t.Run("refused on its way back opens nothing by itself", func(t *testing.T) {
		play(t, workspace.NewBoard(`{"shown":"c1","views":{"c1":"p1"}}`), []step{
			{"snapshot", snapshot(requests, shown("p1", "c1")), []string{"frame p1 https://crm.example.com/p1"}, ""},
			{"refused", happens("p1", browser.PageRefused, "XFO"), []string{`receipt p1 refused "XFO"`}, "[c1] c2 | Request [p1:refused] | card refused"},
		})
	})
}

func TestSnapshotAfterALostConnectionKeepsWhatStands(t *testing.T) {
	b := leading()
	play(t, b, []step{
		{"one", request(call("c1")), announced, ""},
		{"two", request(call("c2")), announced, ""},
		{"page of one", pop(crm("p1", "c1")), []string{"frame p1 https://crm.example.com/p1"}, ""},
		{"page of two", pop(crm("p2", "c2")), []string{"frame p2 https://crm.example.com/p2"}, ""},
		{"loaded", loaded("p1"), []string{`receipt p1 shown "0.3 s"`}, "[c1] c2*1 | Request [p1] | stage p1"},
		{"snapshot: two is gone, three is new, one's receipt has not arrived",
			snapshot([]*screenpop.Request{call("c3"), call("c1")}, crm("p1", "c1"), crm("p3", "c3")),
			append([]string{"drop frame p2"}, append(announced, "frame p3 https://crm.example.com/p3")...),
			"[c1] c3*1 | Request [p1] | stage p1"},
	})
	if d := cmp.Diff([]string{"p1 shown, 0.3 s"}, b.Lines()); d != "" {
		t.Errorf("timeline (-want +got):\n%s", d)
	}
}

func TestTheOtherWorkspaceTab(t *testing.T) {
	b := leading()
	b.Lead(false)
	play(t, b, []step{
		{"it rings", request(call("c1")), announced, ""},
		{"the other tab opens it", pop(crm("p1", "c1", claimed("there"))), nil, "[c1] | [Request] p1:elsewhere"},
		{"it was shown there", pop(crm("p1", "c1", claimed("there"), state(screenpop.PopShown, "0.3 s"))), nil, ""},
		{"looked at here", func(b *workspace.Board) []string { return b.ShowView("p1") }, nil, "[c1] | Request [p1:elsewhere] | card elsewhere"},
	})
	if got, want := b.Card(), "p1 is open in your other workspace tab. [Use here]"; got != want {
		t.Errorf("card is %q, want %q", got, want)
	}
	play(t, b, []step{
		{"use here", func(b *workspace.Board) []string { return append(b.Lead(true), b.Present("p1")...) },
			[]string{"frame p1 https://crm.example.com/p1"}, "[c1] | Request [p1:loading] | stage p1"},
	})
}
