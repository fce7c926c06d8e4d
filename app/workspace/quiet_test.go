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

// number returns a pop that copies a number.
func number(id, request string, change ...func(*screenpop.Pop)) *screenpop.Pop {
	return crm(id, request, append([]func(*screenpop.Pop){func(p *screenpop.Pop) {
		p.Kind, p.Title, p.URL, p.Target, p.Visible, p.Text = screenpop.KindClipboard, "Clipboard", "", "", false, "+4722334455"
	}}, change...)...)
}

// unseen returns a pop of a page that nobody sees.
func unseen(id, request, via string, change ...func(*screenpop.Pop)) *screenpop.Pop {
	return crm(id, request, append([]func(*screenpop.Pop){func(p *screenpop.Pop) {
		p.Target, p.Visible, p.Via = "", false, via
	}}, change...)...)
}

func copied(id string, c browser.Copied, byHand bool) func(*workspace.Board) []string {
	return func(b *workspace.Board) []string { return b.Copied(id, c, byHand) }
}

func TestTextIsCopiedUnasked(t *testing.T) {
	b := leading()
	play(t, b, []step{
		{"a call", request(call("r1")), []string{`announce "Call from +47 22 33 44 55, sales"`}, ""},
		{"its number", pop(number("c1", "r1")), []string{`copy c1 "+4722334455"`}, "[r1] | [Request]"},
		{"again", pop(number("c1", "r1")), nil, ""},
		{"copied", copied("c1", browser.Copied{OK: true}, false), []string{`receipt c1 copied "by the browser"`}, "[r1] | [Request]"},
	})
	if d := cmp.Diff([]string{"Clipboard copied by the browser"}, b.Lines()); d != "" {
		t.Error(d)
	}
}

// A companion has the text: the workspace leaves the clipboard alone, and says
// what is on it. Where the companion does not copy, the workspace's button does.
func TestTextThatTheCompanionCopiesIsShown(t *testing.T) {
	b := leading()
	theirs := claimed("companion:c1")
	play(t, b, []step{
		{"a call", request(call("r1")), []string{`announce "Call from +47 22 33 44 55, sales"`}, ""},
		{"its number", pop(number("c1", "r1", theirs)), []string{"claim c1"}, "[r1] | [Request]"},
		{"copied", pop(number("c1", "r1", theirs, state(screenpop.PopCopied, "by the companion on PC-7"))), []string{`show copied "+4722334455"`}, "[r1] | [Request]"},
		{"again", pop(number("c1", "r1", theirs, state(screenpop.PopCopied, "by the companion on PC-7"))), nil, ""},
		{"another", pop(number("c2", "r1", theirs)), []string{"claim c2"}, ""},
		{"not copied", pop(number("c2", "r1", theirs, state(screenpop.PopWaiting, "the companion on PC-7 did not answer"))), nil, "[r1] | [Request]"},
	})
	if d := cmp.Diff([]string{"c2"}, b.Offers()); d != "" {
		t.Error(d)
	}
	play(t, b, []step{{"Enter", func(b *workspace.Board) []string { return b.Present("c2") }, []string{`copy c2 "+4722334455" by hand`}, ""}})
}

func TestTextThatTheBrowserKeepsBackWaitsForAClick(t *testing.T) {
	b := leading()
	no := browser.Copied{Why: "the browser allows copying only just after a click or a key"}
	play(t, b, []step{
		{"a call", request(call("r1")), []string{`announce "Call from +47 22 33 44 55, sales"`}, ""},
		{"its number", pop(number("c1", "r1")), []string{`copy c1 "+4722334455"`}, ""},
		{"the browser says no", copied("c1", no, false), []string{`receipt c1 waiting "the browser allows copying only just after a click or a key"`}, "[r1] | [Request]"},
		{"the workspace comes to the front", func(b *workspace.Board) []string { return b.CopyLater() }, nil, ""},
	})
	if d := cmp.Diff([]string{"c1"}, b.Offers()); d != "" {
		t.Error(d)
	}
	if b.EnterOpens() != "c1" {
		t.Errorf("Enter opens %q", b.EnterOpens())
	}
	play(t, b, []step{
		{"Enter", func(b *workspace.Board) []string { return b.Present("c1") }, []string{`copy c1 "+4722334455" by hand`}, ""},
		{"the browser says no again", copied("c1", no, true), nil, ""},
		{"and then yes", copied("c1", browser.Copied{OK: true}, true), []string{`receipt c1 copied "by the agent's click"`}, "[r1] | [Request]"},
	})
	if len(b.Offers()) != 0 {
		t.Errorf("%q are still offered", b.Offers())
	}
}

func TestTextIsCopiedOnceTheWorkspaceIsInFront(t *testing.T) {
	later := browser.Copied{Why: "the workspace is not in front", Later: true}
	for _, tt := range []struct {
		name  string
		after time.Duration
		want  []string
	}{
		{"in time", 10 * time.Second, []string{`copy c1 "+4722334455"`}},
		{"when its time has passed", 31 * time.Second, nil},
	} {
		b := leading()
		play(t, b, []step{
			{"a call", request(call("r1")), []string{`announce "Call from +47 22 33 44 55, sales"`}, ""},
			{"its number", pop(number("c1", "r1")), []string{`copy c1 "+4722334455"`}, ""},
			{"not in front", copied("c1", later, false), []string{`receipt c1 waiting "the workspace is not in front"`}, ""},
		})
		b.Now = b.Now.Add(tt.after)
		if d := cmp.Diff(tt.want, b.CopyLater()); d != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, d)
		}
		if again := b.CopyLater(); again != nil {
			t.Errorf("%s: tried twice at once: %q", tt.name, again)
		}
	}
}

func TestMissedTextIsOffered(t *testing.T) {
	b := leading()
	play(t, b, []step{
		{"a call", request(call("r1")), []string{`announce "Call from +47 22 33 44 55, sales"`}, ""},
		{"too late", pop(number("c1", "r1", state(screenpop.PopMissed, ""))), nil, "[r1] | [Request]"},
		{"by hand", func(b *workspace.Board) []string { return b.Present("c1") }, []string{`copy c1 "+4722334455" by hand`}, ""},
	})
}

func TestAddressIsAskedForUnseen(t *testing.T) {
	b := leading()
	play(t, b, []step{
		{"a call", request(call("r1")), []string{`announce "Call from +47 22 33 44 55, sales"`}, ""},
		{"an address", pop(unseen("p1", "r1", "fetch")), []string{"ping p1 https://crm.example.com/p1"}, "[r1] | [Request]"},
		{"answered", func(b *workspace.Board) []string { return b.Pinged("p1", "") }, []string{`receipt p1 sent "in the background, 0.2 s"`}, ""},
		{"another", pop(unseen("p2", "r1", "fetch")), []string{"ping p2 https://crm.example.com/p2"}, ""},
		{"not answered", func(b *workspace.Board) []string { return b.Pinged("p2", "no server answered there") }, []string{`receipt p2 failed "no server answered there"`}, ""},
		{"one of another tab", pop(unseen("p3", "r1", "fetch", claimed("there"))), []string{"claim p3"}, ""},
		{"one that runs", pop(unseen("p4", "r1", "frame")), []string{"frame p4 https://crm.example.com/p4 always"}, "[r1] | [Request]"},
		{"it is there", loaded("p4"), []string{`receipt p4 sent "in the background, 0.3 s"`}, ""},
	})
	b.Now = b.Now.Add(29 * time.Second)
	if acts := b.Tick(); acts != nil {
		t.Errorf("after 29 s: %q", acts)
	}
	b.Now = b.Now.Add(2 * time.Second)
	if d := cmp.Diff([]string{"drop frame p4"}, b.Tick()); d != "" {
		t.Errorf("after 31 s: %s", d)
	}
}

func TestWhatPopsWhenTheRequestClosesIsDoneAllTheSame(t *testing.T) {
	b := leading()
	play(t, b, []step{
		{"a call", request(call("r1")), []string{`announce "Call from +47 22 33 44 55, sales"`}, ""},
		{"it closes", request(call("r1", reach(screenpop.StateClosed))), nil, "|"},
		{"an address", pop(unseen("p1", "r1", "fetch")), []string{"ping p1 https://crm.example.com/p1"}, "|"},
		{"answered", func(b *workspace.Board) []string { return b.Pinged("p1", "") }, []string{`receipt p1 sent "in the background, 0.2 s"`}, ""},
		{"a text", pop(number("c1", "r1")), []string{`copy c1 "+4722334455"`}, ""},
		{"a tab", pop(crm("w1", "r1", target("_blank"))), []string{"window w1 _blank"}, ""},
		{"opened", opened("w1", true), []string{`receipt w1 opened "in a browser tab"`}, ""},
		{"another tab", pop(crm("w2", "r1", target("_blank"))), []string{"window w2 _blank"}, ""},
		{"stopped", opened("w2", false), []string{`receipt w2 waiting "the browser stopped a new tab"`,
			`say "The browser stopped a new tab for w2, of a request that is closed. Allow pop-ups for this site."`}, ""},
		{"withdrawn", func(b *workspace.Board) []string {
			return b.Apply(wire.Frame{Type: wire.Withdraw, Seq: 9, PopID: "w2", Reason: "x"})
		}, nil, "|"},
		{"a page of the request's tab", pop(crm("f1", "r1")), nil, "|"},
	})
}

func TestPageThatWentOnSaysSo(t *testing.T) {
	b := leading()
	const why = "the policy does not allow it: https://login.example"
	play(t, b, []step{
		{"a call", request(call("r1", reach(screenpop.StateAccepted))), []string{`announce "Call from +47 22 33 44 55, sales"`}, ""},
		{"its page", pop(crm("p1", "r1")), []string{"frame p1 https://crm.example.com/p1"}, ""},
		{"is there", loaded("p1"), []string{`receipt p1 shown "0.3 s"`}, "[r1] | Request [p1] | stage p1"},
		{"goes on", happens("p1", browser.PageMoved, ""), nil, "[r1] | Request [p1] | stage p1"},
	})
	if b.AtWork() {
		t.Error("nothing has been done in the page, and leaving is guarded")
	}
	play(t, b, []step{
		{"the agent works in it", happens("p1", browser.PageEntered, ""), nil, "[r1] | Request [p1] | stage p1"},
	})
	if !b.AtWork() {
		t.Error("what was done in the page is not guarded")
	}
	play(t, b, []step{
		{"goes on to one that refuses", happens("p1", browser.PageMoved, why), []string{`receipt p1 refused "went on to another page; ` + why + `"`},
			"[r1] | Request [p1:refused] | stage p1 covered | card refused"},
		{"reload", func(b *workspace.Board) []string { return b.Reload("p1") }, []string{"reload frame p1"}, "[r1] | Request [p1:loading] | stage p1"},
		{"is there", happens("p1", browser.PageReloaded, ""), nil, "[r1] | Request [p1] | stage p1"},
		{"work again", happens("p1", browser.PageEntered, ""), nil, ""},
		{"the end", request(call("r1", reach(screenpop.StateHangup))), nil, "[r1] | Request [p1] | stage p1"},
	})
	if b.AtWork() {
		t.Error("a request that has ended is guarded")
	}
}
