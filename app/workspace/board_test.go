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

// step is one thing that happens to a board: what it makes the page do, and how
// the screen looks after it ("" is not looked at).
type step struct {
	name   string
	do     func(b *workspace.Board) []string
	acts   []string
	screen string
}

func play(t *testing.T, b *workspace.Board, steps []step) {
	t.Helper()
	for _, s := range steps {
		acts := s.do(b)
		if d := cmp.Diff(s.acts, acts); d != "" {
			t.Errorf("%s: acts (-want +got):\n%s", s.name, d)
		}
		if got := b.Screen(); s.screen != "" && got != s.screen {
			t.Errorf("%s: screen is\n  %s, want\n  %s", s.name, got, s.screen)
		}
	}
}

// call returns a voice request as it rings.
func call(id string, change ...func(*screenpop.Request)) *screenpop.Request {
	r := &screenpop.Request{
		ID: id, Channel: screenpop.Voice, Direction: screenpop.In, ANI: "+4722334455", QueueKey: "sales",
		State: screenpop.StateRinging, CreatedAt: workspace.Start, UpdatedAt: workspace.Start,
	}
	for _, c := range change {
		c(r)
	}
	return r
}

// crm returns a pop of a request for a page inside the request's tab, granted to
// the tab "here".
func crm(id, request string, change ...func(*screenpop.Pop)) *screenpop.Pop {
	p := &screenpop.Pop{
		ID: id, RequestID: request, Kind: screenpop.KindURL, Title: id, URL: "https://crm.example.com/" + id,
		Target: screenpop.TargetRequest, Visible: true, State: screenpop.PopPending, ClaimedBy: "here",
		CreatedAt: workspace.Start, ExpiresAt: workspace.Start.Add(30 * time.Second), TTLms: 30_000,
	}
	for _, c := range change {
		c(p)
	}
	return p
}

func state(s screenpop.PopState, detail string) func(*screenpop.Pop) {
	return func(p *screenpop.Pop) {
		p.State, p.Detail, p.TTLms = s, detail, 0
		p.Receipts = append(p.Receipts, screenpop.Receipt{State: s, Detail: detail})
	}
}

func target(to string) func(*screenpop.Pop)  { return func(p *screenpop.Pop) { p.Target = to } }
func claimed(by string) func(*screenpop.Pop) { return func(p *screenpop.Pop) { p.ClaimedBy = by } }

func reach(s screenpop.State) func(*screenpop.Request) {
	return func(r *screenpop.Request) { r.State = s }
}

func request(r *screenpop.Request) func(*workspace.Board) []string {
	return func(b *workspace.Board) []string { return b.Apply(wire.Frame{Type: wire.Request, Seq: 1, Request: r}) }
}

func pop(p *screenpop.Pop) func(*workspace.Board) []string {
	return func(b *workspace.Board) []string { return b.Apply(wire.Frame{Type: wire.Pop, Seq: 1, Pop: p}) }
}

func snapshot(requests []*screenpop.Request, pops ...*screenpop.Pop) func(*workspace.Board) []string {
	f := wire.Frame{Type: wire.Snapshot, Seq: 1, Epoch: 1}
	for _, r := range requests {
		f.Requests = append(f.Requests, *r)
	}
	for _, p := range pops {
		f.Pops = append(f.Pops, *p)
	}
	return func(b *workspace.Board) []string { return b.Apply(f) }
}

func loaded(id string) func(*workspace.Board) []string {
	return happens(id, browser.PageLoaded, "")
}

func happens(id string, what browser.Happening, detail string) func(*workspace.Board) []string {
	return func(b *workspace.Board) []string {
		return b.Happened(browser.PageEvent{ID: id, What: what, Detail: detail, After: 300 * time.Millisecond, Loads: 1})
	}
}

func opened(id string, ok bool) func(*workspace.Board) []string {
	return func(b *workspace.Board) []string { return b.Opened(id, ok, false) }
}

// leading returns a board in a tab that leads and has had its first snapshot.
func leading() *workspace.Board {
	b := workspace.NewBoard("")
	b.Apply(wire.Frame{Type: wire.Snapshot, Seq: 1, Epoch: 1})
	b.Lead(true)
	return b
}

var announced = []string{`announce "Call from +47 22 33 44 55, sales"`}

func TestPageOfACallIsInItsTabAtOnce(t *testing.T) {
	play(t, leading(), []step{
		{"it rings", request(call("c1")), announced, "[c1] | [Request]"},
		{"a page pops", pop(crm("p1", "c1")), []string{"frame p1 https://crm.example.com/p1"}, "[c1] | Request [p1:loading] | stage p1"},
		{"it has loaded", loaded("p1"), []string{`receipt p1 shown "0.3 s"`}, "[c1] | Request [p1] | stage p1"},
		{"a second page only gets a badge", pop(crm("p2", "c1")), []string{"frame p2 https://crm.example.com/p2"},
			"[c1*1] | Request [p1] p2:loading* | stage p1"},
		{"the agent looks at it", func(b *workspace.Board) []string { return b.ShowView("p2") }, nil,
			"[c1] | Request p1 [p2:loading] | stage p2"},
	})
}

func TestPopThatComesAgainOpensNothingTwice(t *testing.T) {
	again := func(b *workspace.Board) []string {
		var acts []string
		for _, p := range []*screenpop.Pop{
			crm("p1", "c1"), crm("p1", "c1", func(p *screenpop.Pop) { p.State = screenpop.PopDelivered }),
			crm("p1", "c1"),
		} {
			acts = append(acts, pop(p)(b)...)
		}
		return acts
	}
	play(t, leading(), []step{
		{"it rings", request(call("c1")), announced, ""},
		{"the pop comes three times", again, []string{"frame p1 https://crm.example.com/p1"}, ""},
		{"loaded", loaded("p1"), []string{`receipt p1 shown "0.3 s"`}, ""},
		{"a load that is told twice", loaded("p1"), nil, ""},
		{"an older copy does not undo what was reported", again, nil, "[c1] | Request [p1] | stage p1"},
		{"the server knows", pop(crm("p1", "c1", state(screenpop.PopShown, "0.3 s"))), nil, "[c1] | Request [p1] | stage p1"},
	})
}

func TestNewRequestsNeverTakeTheScreen(t *testing.T) {
	play(t, leading(), []step{
		{"first", request(call("c1")), announced, "[c1] | [Request]"},
		{"second", request(call("c2")), announced, "[c1] c2 | [Request]"},
		{"its page", pop(crm("p2", "c2")), []string{"frame p2 https://crm.example.com/p2"}, "[c1] c2*1 | [Request]"},
		{"the agent goes there", func(b *workspace.Board) []string { return b.ShowRequest("c2") }, nil,
			"c1 [c2] | Request [p2:loading] | stage p2"},
		{"an update changes no place", request(call("c1", reach(screenpop.StateAccepted))), nil, "c1 [c2] | Request [p2:loading] | stage p2"},
	})
}

func TestFocusSaysHowFarAPageComesForward(t *testing.T) {
	focus := func(f screenpop.Focus) func(*screenpop.Pop) { return func(p *screenpop.Pop) { p.Focus = f } }
	tests := []struct {
		name  string
		focus screenpop.Focus
		idle  time.Duration
		want  string
	}{
		{"never", screenpop.FocusNever, time.Hour, "[c1] c2*1 | Request [p1:loading] | stage p1"},
		{"always", screenpop.FocusAlways, 0, "c1 [c2] | Request [p2:loading] | stage p2"},
		{"if idle, but busy", screenpop.FocusIfIdle, 5 * time.Second, "[c1] c2*1 | Request [p1:loading] | stage p1"},
		{"if idle", screenpop.FocusIfIdle, 6 * time.Second, "c1 [c2] | Request [p2:loading] | stage p2"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := leading()
			for _, do := range []func(*workspace.Board) []string{request(call("c1")), request(call("c2")), pop(crm("p1", "c1"))} {
				do(b)
			}
			b.Idle = tt.idle
			pop(crm("p2", "c2", focus(tt.focus)))(b)
			if got := b.Screen(); got != tt.want {
				t.Errorf("screen is\n  %s, want\n  %s", got, tt.want)
			}
		})
	}
}

func TestFirstPageWaitsWhereTheAgentHasChosen(t *testing.T) {
	play(t, leading(), []step{
		{"it rings", request(call("c1")), announced, ""},
		{"the agent chooses the Request view", func(b *workspace.Board) []string { return b.ShowView("") }, nil, "[c1] | [Request]"},
		{"a page pops", pop(crm("p1", "c1")), []string{"frame p1 https://crm.example.com/p1"}, "[c1*1] | [Request] p1:loading*"},
	})
}

func TestOnlyTheTabThatMayOpens(t *testing.T) {
	late := func(p *screenpop.Pop) { p.TTLms = 0 }
	tests := []struct {
		name string
		lead bool
		pop  *screenpop.Pop
		want []string
	}{
		{"granted and leading", true, crm("p1", "c1"), []string{"frame p1 https://crm.example.com/p1"}},
		{"granted, but another leads", false, crm("p1", "c1"), nil},
		{"unclaimed and leading", true, crm("p1", "c1", claimed("")), []string{"claim p1"}},
		{"unclaimed, but another leads", false, crm("p1", "c1", claimed("")), nil},
		{"granted to another", true, crm("p1", "c1", claimed("there")), []string{"claim p1"}},
		{"out of time", true, crm("p1", "c1", late), nil},
		{"missed", true, crm("p1", "c1", state(screenpop.PopMissed, "")), nil},
		{"waiting", true, crm("p1", "c1", state(screenpop.PopWaiting, "")), nil},
		{"skipped", true, crm("p1", "c1", state(screenpop.PopSkipped, "not yet")), nil},
		{"a kind that the page has no part in", true, crm("p1", "c1", func(p *screenpop.Pop) { p.Kind = screenpop.KindWebRequest }), nil},
		{"of a request that is gone", true, crm("p1", "c9"), nil},
		{"never framed", true, crm("p1", "c1", func(p *screenpop.Pop) { p.Frame = "never" }), []string{"window p1 _blank"}},
		{"always framed", true, crm("p1", "c1", func(p *screenpop.Pop) { p.Frame, p.Probe = "always", true }),
			[]string{"frame p1 https://crm.example.com/p1 always"}},
		{"probed", true, crm("p1", "c1", func(p *screenpop.Pop) { p.Probe = true }), []string{"frame p1 https://crm.example.com/p1 probe"}},
		{"new tab", true, crm("p1", "c1", target("_blank")), []string{"window p1 _blank"}},
		{"named window", true, crm("p1", "c1", target("kbwindow")), []string{"window p1 kbwindow"}},
		{"no target", true, crm("p1", "c1", target("")), []string{"window p1 _blank"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := leading()
			b.Lead(tt.lead)
			request(call("c1"))(b)
			if d := cmp.Diff(tt.want, pop(tt.pop)(b)); d != "" {
				t.Errorf("acts (-want +got):\n%s", d)
			}
		})
	}
}

func TestClaim(t *testing.T) {
	answer := func(ok bool, by string) func(*workspace.Board) []string {
		return func(b *workspace.Board) []string {
			return b.Apply(wire.Frame{Type: wire.Claimed, PopID: "p1", OK: ok, By: by})
		}
	}
	t.Run("won", func(t *testing.T) {
		play(t, leading(), []step{
			{"it rings", request(call("c1")), announced, ""},
			{"unclaimed", pop(crm("p1", "c1", claimed(""))), []string{"claim p1"}, "[c1] | [Request] p1:loading"},
			{"again", pop(crm("p1", "c1", claimed(""))), nil, ""},
			{"won", answer(true, "here"), []string{"frame p1 https://crm.example.com/p1"}, "[c1] | Request [p1:loading] | stage p1"},
			{"told twice", answer(true, "here"), nil, ""},
		})
	})
	t.Run("lost", func(t *testing.T) {
		play(t, leading(), []step{
			{"it rings", request(call("c1")), announced, ""},
			{"unclaimed", pop(crm("p1", "c1", claimed(""))), []string{"claim p1"}, ""},
			{"lost", answer(false, "there"), nil, ""},
			{"the new leader asks again", func(b *workspace.Board) []string { return b.Lead(true) }, []string{"claim p1"}, ""},
			{"so does a new connection", func(b *workspace.Board) []string { return b.Apply(wire.Frame{Type: wire.Hello}) }, []string{"claim p1"}, ""},
		})
	})
	t.Run("granted too late", func(t *testing.T) {
		b := leading()
		request(call("c1"))(b)
		pop(crm("p1", "c1", claimed("")))(b)
		b.Now = b.Now.Add(31 * time.Second)
		if acts := answer(true, "here")(b); acts != nil {
			t.Errorf("a stale pop makes the page do %q", acts)
		}
	})
	t.Run("of an unknown pop", func(t *testing.T) {
		if acts := answer(true, "here")(leading()); acts != nil {
			t.Errorf("acts are %q", acts)
		}
	})
}

func TestPagesTheFrameCannotShow(t *testing.T) {
	const why = "X-Frame-Options: DENY"
	framed := []step{
		{"it rings", request(call("c1")), announced, ""},
		{"a page pops", pop(crm("p1", "c1")), []string{"frame p1 https://crm.example.com/p1"}, ""},
	}
	t.Run("refused, opened in a tab", func(t *testing.T) {
		b := leading()
		play(t, b, append(framed[:2:2],
			step{"refused", happens("p1", browser.PageRefused, why), []string{`receipt p1 refused "X-Frame-Options: DENY"`, "window p1 _blank"},
				"[c1] | Request [p1:refused] | card refused"},
			step{"opened", opened("p1", true), []string{`receipt p1 opened "in a browser tab"`}, "[c1] | Request [p1:elsewhere] | card opened"},
		))
		want := "p1 refuses to be shown here. It is open in a browser tab. [Open in a tab]"
		if got := b.Card(); got != want {
			t.Errorf("card is %q, want %q", got, want)
		}
		lines := []string{"p1 refused to be framed (X-Frame-Options: DENY), opened in a browser tab"}
		if d := cmp.Diff(lines, b.Lines()); d != "" {
			t.Errorf("timeline (-want +got):\n%s", d)
		}
	})
	t.Run("refused, and the tab is stopped", func(t *testing.T) {
		b := leading()
		play(t, b, append(framed[:2:2],
			step{"refused", happens("p1", browser.PageRefused, why), []string{`receipt p1 refused "X-Frame-Options: DENY"`, "window p1 _blank"}, ""},
			step{"stopped", opened("p1", false), []string{`receipt p1 waiting "the browser stopped a new tab"`}, "[c1] | Request [p1:waiting] | card waiting"},
			step{"the agent clicks", func(b *workspace.Board) []string { return b.Present("p1") }, []string{"window p1 _blank by hand"}, ""},
			step{"it opens", func(b *workspace.Board) []string { return b.Opened("p1", true, true) },
				[]string{`receipt p1 opened "in a browser tab"`}, "[c1] | Request [p1:elsewhere] | card opened"},
		))
	})
	t.Run("refused after it seemed to load", func(t *testing.T) {
		play(t, leading(), append(framed[:2:2],
			step{"loaded", loaded("p1"), []string{`receipt p1 shown "0.3 s"`}, ""},
			step{"refused", happens("p1", browser.PageRefused, why), []string{`receipt p1 refused "X-Frame-Options: DENY"`, "window p1 _blank"},
				"[c1] | Request [p1:refused] | card refused"},
		))
	})
	t.Run("no answer, then one", func(t *testing.T) {
		play(t, leading(), append(framed[:2:2],
			step{"slow", happens("p1", browser.PageSlow, ""), []string{`receipt p1 failed "no answer in 8 s"`},
				"[c1] | Request [p1:warn] | stage p1 covered | card slow"},
			step{"try again", func(b *workspace.Board) []string { return b.Reload("p1") }, []string{"reload frame p1"}, "[c1] | Request [p1:loading] | stage p1"},
			step{"loaded", loaded("p1"), []string{`receipt p1 shown "0.3 s"`}, "[c1] | Request [p1] | stage p1"},
		))
	})
	t.Run("blank, says the agent", func(t *testing.T) {
		b := leading()
		play(t, b, append(framed[:2:2],
			step{"loaded", loaded("p1"), []string{`receipt p1 shown "0.3 s"`}, ""},
			step{"blank", func(b *workspace.Board) []string { return b.Blank("p1") }, []string{
				"refuse page p1", "drop frame p1", `receipt p1 refused "the agent found the page blank"`, "window p1 _blank by hand"},
				"[c1] | Request [p1:refused] | card refused"},
			step{"opened", opened("p1", true), []string{`receipt p1 opened "in a browser tab"`}, ""},
		))
		if d := cmp.Diff([]string{"p1 shown, 0.3 s, was blank, opened in a browser tab"}, b.Lines()); d != "" {
			t.Errorf("timeline (-want +got):\n%s", d)
		}
		if got, want := b.Card(), "p1 was blank here. It is open in a browser tab. [Open in a tab] [Show it here]"; got != want {
			t.Errorf("card is %q, want %q", got, want)
		}
		play(t, b, []step{
			{"here all the same", func(b *workspace.Board) []string { return b.ShowHere("p1") }, []string{"allow page p1", "frame p1 https://crm.example.com/p1"},
				"[c1] | Request [p1:loading] | stage p1"},
			{"loaded", loaded("p1"), []string{`receipt p1 shown "0.3 s"`}, "[c1] | Request [p1] | stage p1"},
		})
	})
	t.Run("blank, say other agents", func(t *testing.T) {
		b := leading()
		play(t, b, []step{
			{"it rings", request(call("c1")), announced, ""},
			{"a page pops", pop(crm("p1", "c1", func(p *screenpop.Pop) { p.Refused, p.Blank = "3 agents found it blank", true })), []string{"frame p1 https://crm.example.com/p1"}, ""},
			{"refused", happens("p1", browser.PageRefused, "3 agents found it blank"), []string{`receipt p1 refused "3 agents found it blank"`, "window p1 _blank"}, ""},
			{"opened", opened("p1", true), []string{`receipt p1 opened "in a browser tab"`}, "[c1] | Request [p1:elsewhere] | card opened"},
		})
		if got, want := b.Card(), "p1 was blank here. It is open in a browser tab. [Open in a tab] [Show it here]"; got != want {
			t.Errorf("card is %q, want %q", got, want)
		}
		play(t, b, []step{
			{"here all the same", func(b *workspace.Board) []string { return b.ShowHere("p1") }, []string{"allow page p1", "frame p1 https://crm.example.com/p1"}, ""},
			{"refused after all", happens("p1", browser.PageRefused, why), []string{`receipt p1 refused "X-Frame-Options: DENY"`}, "[c1] | Request [p1:elsewhere] | card opened"},
		})
		if got, want := b.Card(), "p1 refuses to be shown here. It is open in a browser tab. [Open in a tab]"; got != want {
			t.Errorf("card is %q, want %q", got, want)
		}
	})
	t.Run("unloaded for want of room", func(t *testing.T) {
		play(t, leading(), append(framed[:2:2],
			step{"loaded", loaded("p1"), []string{`receipt p1 shown "0.3 s"`}, ""},
			step{"unloaded", happens("p1", browser.PageUnloaded, ""), nil, "[c1] | Request [p1:unloaded] | card unloaded"},
			step{"reload", func(b *workspace.Board) []string { return b.Reload("p1") }, []string{"reload frame p1"}, "[c1] | Request [p1:loading] | stage p1"},
			step{"no second receipt", loaded("p1"), nil, "[c1] | Request [p1] | stage p1"},
		))
	})
}

func TestBlockedWindowWaitsForAClick(t *testing.T) {
	b := leading()
	play(t, b, []step{
		{"it rings", request(call("c1")), announced, ""},
		{"a page in the tab", pop(crm("p1", "c1")), []string{"frame p1 https://crm.example.com/p1"}, ""},
		{"a page in a window", pop(crm("kb", "c1", target("kbwindow"))), []string{"window kb kbwindow"}, ""},
		{"stopped", opened("kb", false), []string{`receipt kb waiting "the browser stopped a new tab"`},
			"[c1*1] | Request [p1:loading] kb:waiting* | stage p1"},
	})
	if got := b.EnterOpens(); got != "kb" {
		t.Errorf("Enter opens %q, want kb", got)
	}
	if d := cmp.Diff([]string{"kb"}, b.Offers()); d != "" {
		t.Errorf("offers (-want +got):\n%s", d)
	}
	play(t, b, []step{
		{"the click fails too", func(b *workspace.Board) []string { return b.Opened("kb", false, true) }, nil,
			"[c1*1] | Request [p1:loading] kb:waiting* | stage p1"},
		{"the click", func(b *workspace.Board) []string { return b.Present("kb") }, []string{"window kb kbwindow by hand"}, ""},
		{"opened", func(b *workspace.Board) []string { return b.Opened("kb", true, true) }, []string{`receipt kb opened "in window kbwindow"`},
			"[c1] | Request [p1:loading] kb:elsewhere | stage p1"},
	})
	if got := b.EnterOpens(); got != "" {
		t.Errorf("Enter opens %q, want nothing", got)
	}
}

func TestMissedPopOpensByHandOnly(t *testing.T) {
	b := leading()
	play(t, b, []step{
		{"it rings", request(call("c1")), announced, ""},
		{"a pop came too late", pop(crm("p1", "c1", state(screenpop.PopMissed, ""))), nil, "[c1] | [Request] p1:missed"},
		{"the agent looks", func(b *workspace.Board) []string { return b.ShowView("p1") }, nil, "[c1] | Request [p1:missed] | card missed"},
		{"and opens it", func(b *workspace.Board) []string { return b.Present("p1") }, []string{"frame p1 https://crm.example.com/p1"},
			"[c1] | Request [p1:loading] | stage p1"},
		{"loaded", loaded("p1"), []string{`receipt p1 shown "0.3 s"`}, "[c1] | Request [p1] | stage p1"},
	})
	if d := cmp.Diff([]string{"p1 came while you were away, shown, 0.3 s"}, b.Lines()); d != "" {
		t.Errorf("timeline (-want +got):\n%s", d)
	}
}

func TestInvisiblePageRunsForAWhileAndIsNeverSeen(t *testing.T) {
	b := leading()
	hidden := crm("h1", "c1", func(p *screenpop.Pop) { p.Visible, p.Probe, p.Target, p.Via = false, true, "", screenpop.ViaFrame })
	play(t, b, []step{
		{"it rings", request(call("c1")), announced, ""},
		{"it pops", pop(hidden), []string{"frame h1 https://crm.example.com/h1 always"}, "[c1] | [Request]"},
		{"loaded", loaded("h1"), []string{`receipt h1 sent "in the background, 0.3 s"`}, "[c1] | [Request]"},
		{"not yet", (*workspace.Board).Tick, nil, ""},
	})
	b.Now = b.Now.Add(31 * time.Second)
	play(t, b, []step{
		{"its time is over", (*workspace.Board).Tick, []string{"drop frame h1"}, "[c1] | [Request]"},
		{"once", (*workspace.Board).Tick, nil, ""},
	})
}

func TestServersClockIsLearnedFromTheTimeLeft(t *testing.T) {
	b := leading()
	b.Now = workspace.Start.Add(time.Hour) // this computer's clock is an hour fast
	request(call("c1"))(b)
	pop(crm("p1", "c1"))(b) // sent at Start by the server's clock
	since, until := b.Timer("c1")
	if !since.Equal(b.Now) || !until.IsZero() {
		t.Errorf("timer runs from %v to %v, want from %v", since, until, b.Now)
	}
}

func TestTitleSaysWhatRings(t *testing.T) {
	b := leading()
	if got := b.Title(); got != "CRM Pop" {
		t.Errorf("title is %q", got)
	}
	request(call("c1"))(b)
	if got, want := b.Title(), "+47 22 33 44 55 · CRM Pop"; got != want {
		t.Errorf("title is %q, want %q", got, want)
	}
	request(call("c1", reach(screenpop.StateAccepted)))(b)
	b.ShowView("")
	pop(crm("p1", "c1"))(b)
	if got, want := b.Title(), "(1) CRM Pop"; got != want {
		t.Errorf("title is %q, want %q", got, want)
	}
}

func TestSelectionOutlastsAReload(t *testing.T) {
	b := leading()
	request(call("c1"))(b)
	pop(crm("p1", "c1"))(b)
	if got, want := b.Selection(), `{"shown":"c1","views":{"c1":"p1"}}`; got != want {
		t.Errorf("selection is %s, want %s", got, want)
	}
	for _, broken := range []string{"", "[]", `{"views":7}`} {
		if got, want := workspace.ReadSelection(broken), `{"shown":"","views":null}`; got != want {
			t.Errorf("ReadSelection(%q) = %s, want %s", broken, got, want)
		}
	}
}

func TestUnknownIdsChangeNothing(t *testing.T) {
	b := leading()
	request(call("c1"))(b)
	before := b.Screen()
	for name, do := range map[string]func() []string{
		"ShowRequest": func() []string { return b.ShowRequest("no") },
		"ShowView":    func() []string { return b.ShowView("no") },
		"Present":     func() []string { return b.Present("no") },
		"OpenInTab":   func() []string { return b.OpenInTab("no") },
		"Blank":       func() []string { return b.Blank("no") },
		"Reload":      func() []string { return b.Reload("no") },
		"ShowHere":    func() []string { return b.ShowHere("no") },
		"Opened":      func() []string { return b.Opened("no", true, true) },
		"Happened":    func() []string { return happens("no", browser.PageLoaded, "")(b) },
		"Step":        func() []string { return b.Step(1) },
	} {
		if acts := do(); acts != nil {
			t.Errorf("%s of an unknown id makes the page do %q", name, acts)
		}
	}
	if after := b.Screen(); after != before {
		t.Errorf("screen was %s, is %s", before, after)
	}
}
