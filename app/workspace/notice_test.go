package workspace_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/crmpop/crmpop/app/browser"
	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/wire"
	"github.com/crmpop/crmpop/app/workspace"
)

// blocked returns a desk with a call and a page whose tab the browser has stopped.
func blocked() *workspace.TestDesk {
	d := workspace.NewTestDesk()
	d.Frame(wire.Frame{Type: wire.Snapshot, Seq: 1, Epoch: 1})
	d.Frame(wire.Frame{Type: wire.Request, Seq: 2, Request: call("r1")})
	d.Frame(wire.Frame{Type: wire.Pop, Seq: 3, Pop: crm("p1", "r1", target("_blank"))})
	d.Take()
	return d
}

func TestNoticeIsNeededAsLongAsItIsTrue(t *testing.T) {
	d := blocked()
	for tag, want := range map[string]bool{"request/r1": true, "pop/p1": true, "request/r2": false, "pop/p2": false} {
		if got := d.Needs(tag); got != want {
			t.Errorf("%s is needed: %v, want %v", tag, got, want)
		}
	}
	if d.Badge() != 1 { // the page's button stands in the view that is seen
		t.Errorf("the badge is %d, want 1 for the call", d.Badge())
	}
	d.Frame(wire.Frame{Type: wire.Request, Seq: 4, Request: call("r1", reach(screenpop.StateAccepted))})
	d.Frame(wire.Frame{Type: wire.Withdraw, Seq: 5, PopID: "p1"})
	for _, tag := range []string{"request/r1", "pop/p1"} {
		if d.Needs(tag) {
			t.Errorf("%s is still needed", tag)
		}
	}
}

func TestClickOnANotice(t *testing.T) {
	tests := []struct {
		name   string
		tag    string
		opened bool
		want   []string
	}{
		{"that has opened the page", "pop/p1", true, []string{`receipt p1 opened "in a browser tab"`}},
		{"of a request", "request/r1", false, nil},
		{"of a request that is gone", "request/r9", false, nil},
		{"of a pop that is gone", "pop/p9", true, nil},
	}
	for _, tt := range tests {
		d := blocked()
		d.AnswerNotice(tt.tag, tt.opened)
		got := slices.DeleteFunc(d.Take(), func(s string) bool { return s == "redraw" })
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

func TestNoticeWords(t *testing.T) {
	for _, tt := range []struct {
		is     browser.Notices
		silent bool
		want   string
	}{
		{browser.NoticesAllowed, false, "on"}, {browser.NoticesAllowed, true, "off"}, {browser.NoticesDenied, false, "blocked"},
		{browser.NoticesUnasked, false, "off"}, {browser.NoNotices, false, "off"},
	} {
		d := workspace.NewTestDesk()
		d.Notices(tt.is, tt.silent)
		if got := d.NoticeWord(); got != tt.want {
			t.Errorf("%q, silent %v: %q, want %q", tt.is, tt.silent, got, tt.want)
		}
	}
}

func TestWaitingCardOffersNoticesOnce(t *testing.T) {
	b := leading()
	play(t, b, []step{
		{"a call", request(call("r1")), []string{`announce "Call from +47 22 33 44 55, sales"`}, ""},
		{"a tab", pop(crm("w1", "r1", target("_blank"))), []string{"window w1 _blank"}, ""},
		{"stopped", opened("w1", false), []string{`receipt w1 waiting "the browser stopped a new tab"`}, ""},
		{"the agent looks", func(b *workspace.Board) []string { return b.ShowView("w1") }, nil, ""},
	})
	if got, want := b.Card(), "The browser stopped a new tab for w1. [Open]"; got != want {
		t.Errorf("card %q, want %q", got, want)
	}
	b.MayAskNotices(true)
	if got, want := b.Card(), "The browser stopped a new tab for w1. [Open] [Tell me when a page waits]"; got != want {
		t.Errorf("card %q, want %q", got, want)
	}
}
