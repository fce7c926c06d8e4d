package e2e_test

import (
	"fmt"
	"testing"

	"github.com/crmpop/crmpop/app/screenpop"
)

// TestOnlyOneTabOfAnAgentOpensPops has two workspaces of one agent: both show
// the call, one shows the page, and "Use here" moves that.
func TestOnlyOneTabOfAnAgentOpensPops(t *testing.T) {
	t.Parallel()
	s := serve(t)
	w := signIn(t, s, anna)
	other := w.again()
	other.says("Pops open in your other tab")
	s.ring("once", kari, anna, "sales")
	w.show(kari.name)
	other.show(kari.name)
	w.view(kari.crmPage())
	w.untilSeen(kari.crmPage())
	s.untilState("once", "contact", screenpop.PopShown)
	s.untilState("once", "orders", screenpop.PopShown)
	other.view(kari.crmPage())
	other.says("is open in your other workspace tab")
	if n := s.loads(kari.number[1:]); n != 2 {
		t.Errorf("two pages were loaded %d times by two tabs, want twice", n)
	}
	if n := other.frames(); n != 0 {
		t.Errorf("the tab that does not lead has %d pages", n)
	}
	other.clickExact("button", "Use here")
	w.says("Pops open in your other tab")
	s.ring("moved", harriet, anna, "sales")
	other.show(harriet.name)
	other.view(harriet.crmPage())
	other.untilSeen(harriet.crmPage())
	s.untilState("moved", "contact", screenpop.PopShown)
	if n := s.loads("/contact?phone=" + "%2B" + harriet.number[1:]); n != 1 {
		t.Errorf("the page was loaded %d times, want once", n)
	}
}

// TestCallTakenByAColleague rings at two agents; one answers.
func TestCallTakenByAColleague(t *testing.T) {
	t.Parallel()
	s := serve(t)
	a, o := signIn(t, s, anna), signIn(t, s, ola)
	s.ring("both", kari, anna, "sales")
	s.ring("both", kari, ola, "sales")
	for _, w := range []*workspace{a, o} {
		w.show(kari.name)
		w.view(kari.crmPage())
		w.untilSeen(kari.crmPage())
	}
	e := s.event(screenpop.Accepted, "both")
	e.Request.Agent = ola
	s.send(e)
	a.requests().find("tab", "taken by Ola")
	o.view("Request")
	o.says("Answered")
	s.then(screenpop.Hangup, "both")
	s.then(screenpop.Closed, "both")
	o.gone(kari.name)
}

// TestMissedPopIsOneClickAway has a call come and go while nobody is there.
func TestMissedPopIsOneClickAway(t *testing.T) {
	t.Parallel()
	s := serve(t)
	s.ring("missed", kari, anna, "sales")
	s.then(screenpop.Hangup, "missed")
	s.untilState("missed", "contact", screenpop.PopMissed)
	w := signIn(t, s, anna)
	w.show(kari.name)
	w.view(kari.crmPage())
	w.says("came while you were away")
	if n := s.loads("/contact"); n != 0 {
		t.Errorf("a missed page opened by itself, %d times", n)
	}
	w.clickExact("button", "Open")
	w.untilSeen(kari.crmPage())
	w.frame(kari.crmPage(), "/contact").heading(kari.name)
	s.untilState("missed", "contact", screenpop.PopShown)
}

// TestKeysSwitchRequestsAndViews uses the keyboard alone.
func TestKeysSwitchRequestsAndViews(t *testing.T) {
	t.Parallel()
	s := serve(t)
	w := signIn(t, s, anna)
	people := []caller{kari, ingrid, harriet}
	for i, c := range people {
		id := "key-" + string(rune('1'+i))
		s.ring(id, c, anna, "sales")
		s.untilState(id, "orders", screenpop.PopShown)
	}
	for i := len(people) - 1; i >= 0; i-- {
		w.alt(string(rune('1'+i)), "Digit"+string(rune('1'+i)), int64('1'+i))
		w.requests().untilSelected(people[i].name)
	}
	w.view("Request")
	w.alt("ArrowRight", "ArrowRight", 39)
	w.views().untilSelected(kari.crmPage())
	w.untilSeen(kari.crmPage())
	w.alt("ArrowRight", "ArrowRight", 39)
	w.views().untilSelected("Orders")
	w.untilSeen("Orders")
	w.alt("ArrowLeft", "ArrowLeft", 37)
	w.views().untilSelected(kari.crmPage())
}

// TestDemoPhoneRingsAtTheWorkspace is the first thing that anybody tries.
func TestDemoPhoneRingsAtTheWorkspace(t *testing.T) {
	t.Parallel()
	s := serve(t)
	w := signIn(t, s, anna)
	phone := newPerson(t).first
	phone.goTo(s.crm + "/phone")
	phone.click("button", "Ring or offer")
	phone.says("202 Accepted")
	w.show(kari.name)
	w.view(kari.crmPage())
	w.untilSeen(kari.crmPage())
	w.frame(kari.crmPage(), "/contact").heading(kari.name)
	phone.click("button", "Accept")
	w.view("Request")
	w.says("Answered")
	phone.click("button", "Hang up")
	w.says("Hung up")
	phone.clickExact("button", "Close")
	w.gone(kari.name)
	w.click("button", "Ring me")
	until(t, "the call that was asked for", func() (bool, string) {
		all, err := w.requests().all("tab", "voice")
		return len(all) == 1, fmt.Sprint(names(all), err)
	})
}
