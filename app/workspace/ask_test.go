package workspace_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crmpop/crmpop/app/browser"
	"github.com/crmpop/crmpop/app/session"
	"github.com/crmpop/crmpop/app/wire"
	"github.com/crmpop/crmpop/app/workspace"
)

func TestAnAskIsReadOutOnceAndAnswered(t *testing.T) {
	d := workspace.NewTestDesk()
	ask := session.Ask{ID: "a1", By: "Mia", Detail: "a voice request that rings", Until: workspace.Start.Add(time.Minute)}
	d.Asked(ask)
	d.Asked(ask)
	want := []string{"Mia asks to pop a test here: a voice request that rings. Accept or decline within 60 seconds."}
	if diff := cmp.Diff(want, d.Unsaid()); diff != "" {
		t.Errorf("read out (-want +got):\n%s", diff)
	}
	d.Take()
	d.Answer("a1", true)
	d.Answer("a1", false)
	told(t, d, "answer a1 true", "answer a1 false")
}

func TestAltTGoesToTheAskIfThereIsOne(t *testing.T) {
	d := workspace.NewTestDesk()
	key := browser.Key{Alt: true, Code: "KeyT", Key: "t"}
	if d.Key(key) != nil {
		t.Error("Alt+T does something without an ask")
	}
	d.Asked(session.Ask{ID: "a1"})
	if d.Key(key) == nil {
		t.Error("Alt+T does nothing though an ask waits")
	}
}

func TestAgentIsToldWhyAnAcceptedTestDidNotPop(t *testing.T) {
	d := workspace.NewTestDesk()
	d.Frame(wire.Frame{Type: wire.Ask, ID: "a1", Reason: "this link has popped already"})
	if !slices.Contains(d.Toasts(), "The test did not pop: this link has popped already.") {
		t.Errorf("toasts: %q, want the reason", d.Toasts())
	}
}
