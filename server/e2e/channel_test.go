package e2e_test

import (
	"net/url"
	"testing"

	"github.com/crmpop/crmpop/app/screenpop"
)

// TestEventOfEachChannelShowsTheCRM is the main way: an event comes in over
// HTTP, and the CRM's page stands inside the request's tab.
func TestEventOfEachChannelShowsTheCRM(t *testing.T) {
	t.Parallel()
	s := serve(t)
	w := signIn(t, s, anna)
	w.find("button", "Ring me")
	for _, tt := range []struct {
		channel screenpop.Channel
		before  screenpop.Trigger // announces the request and pops nothing
		trigger screenpop.Trigger
		who     caller
		popup   string
		title   string
		path    string
	}{
		{screenpop.Voice, screenpop.Offered, screenpop.Ringing, kari, "contact", kari.crmPage(), "/contact?phone=" + url.QueryEscape(kari.number)},
		{screenpop.Chat, screenpop.Offered, screenpop.Assigned, ingrid, "chat", "CRM " + ingrid.name, "/contact?email=" + url.QueryEscape(ingrid.email)},
		{screenpop.Email, screenpop.Offered, screenpop.Accepted, harriet, "sender", "CRM " + harriet.name, "/contact?email=" + url.QueryEscape(harriet.email)},
		{screenpop.Social, screenpop.Offered, screenpop.Accepted, maya, "profile", "Profile", "/profile/" + url.QueryEscape(maya.handle)},
	} {
		t.Log(tt.channel)
		id := "each-" + string(tt.channel)
		e := s.event(tt.before, id)
		e.Request = tt.who.report(tt.channel, anna, "support")
		e.Request.ID = id
		if n := s.send(e); n != 0 {
			t.Errorf("%s: %s made %d pops, want none", tt.channel, tt.before, n)
		}
		if n := s.then(tt.trigger, id); n == 0 {
			t.Errorf("%s: %s made no pop", tt.channel, tt.trigger)
		}
		w.show(tt.who.name)
		if e := w.requests().find("tab", tt.who.name); !containsAll(e.name, tt.who.name, string(tt.channel)) {
			t.Errorf("the request's tab is named %q, want caller and channel in it", e.name)
		}
		w.views().findExact("tab", "Request")
		w.view(tt.title)
		w.untilSeen(tt.title)
		w.frame(tt.title, tt.path).heading(tt.who.name)
		s.untilState(id, tt.popup, screenpop.PopShown)
		if n := s.loads(tt.path); n != 1 {
			t.Errorf("%s: the page was loaded %d times, want once", tt.channel, n)
		}
	}
}

// TestRequestViewTellsWhatHappened opens the view of the request itself: who it
// is, what is known, and each pop with its receipt in words.
func TestRequestViewTellsWhatHappened(t *testing.T) {
	t.Parallel()
	s := serve(t)
	w := signIn(t, s, anna)
	e := s.event(screenpop.Ringing, "told")
	e.Request = kari.report(screenpop.Voice, anna, "sales")
	e.Request.ID, e.Request.Variables = "told", map[string]string{"customer_number": "10231"}
	s.send(e)
	s.untilState("told", "contact", screenpop.PopShown)
	s.untilState("told", "orders", screenpop.PopShown)
	w.show(kari.name)
	w.view("Request")
	for _, want := range []string{kari.name, kari.number, "sales", "customer_number", "10231", "Ringing", "Orders shown"} {
		w.says(want)
	}
	s.then(screenpop.Accepted, "told")
	w.says("Answered")
	s.then(screenpop.Hangup, "told")
	w.says("Hung up")
	s.then(screenpop.Closed, "told")
	w.gone(kari.name)
	w.find("button", "Ring me")
	if n := w.frames(); n != 0 {
		t.Errorf("%d pages stand on the stage after the request closed", n)
	}
}

// TestAgentClosesARequest ends a request by the agent's own button.
func TestAgentClosesARequest(t *testing.T) {
	t.Parallel()
	s := serve(t)
	w := signIn(t, s, anna)
	s.ring("own", kari, anna, "sales")
	w.show(kari.name)
	s.untilState("own", "contact", screenpop.PopShown)
	w.click("button", "Close request")
	w.gone(kari.name)
	w.reload()
	w.untilConnected()
	w.find("button", "Ring me")
}

// TestSignInSaysWhatWasWrong tries a wrong password, then signs in and out.
func TestSignInSaysWhatWasWrong(t *testing.T) {
	t.Parallel()
	s := serve(t)
	b := newPerson(t).first
	b.allow("401 (Unauthorized)")
	b.goTo(s.url + "/")
	b.write("textbox", "E-mail", anna)
	b.write("textbox", "Password", "wrong")
	b.clickExact("button", "Sign in")
	until(t, "a message", func() (bool, string) {
		said := eval[string](b, `document.querySelector('[role=alert]')?.textContent ?? ""`)
		return said != "", said
	})
	w := &workspace{tab: b, server: s, origin: s.url}
	w.signIn(anna)
	w.click("button", "Anna")
	w.clickExact("button", "Sign out")
	w.find("textbox", "Password")
	w.reload()
	w.find("textbox", "Password")
}
