package e2e_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/crmpop/crmpop/app/screenpop"
)

func containsAll(s string, parts ...string) bool {
	for _, p := range parts {
		if !strings.Contains(s, p) {
			return false
		}
	}
	return true
}

// ringBilling rings with a caller for whom the demo opens invoices in a browser
// tab as soon as the call is accepted.
func ringBilling(s *server, request string) {
	s.t.Helper()
	e := s.event(screenpop.Ringing, request)
	e.Request = kari.report(screenpop.Voice, anna, "billing")
	e.Request.ID, e.Request.CustomerKey = request, "10231"
	s.send(e)
}

// TestBlockedTabWaitsForAClick has no gesture: the browser stops the tab, the
// agent's click on Open opens it.
func TestBlockedTabWaitsForAClick(t *testing.T) {
	t.Parallel()
	s := serve(t)
	w := signIn(t, s, anna)
	w.allow("X-Frame-Options") // of the ledger, which pops with the call
	w.noGesture()
	ringBilling(s, "blocked")
	s.then(screenpop.Accepted, "blocked")
	s.untilState("blocked", "invoices", screenpop.PopWaiting)
	if n := len(w.person.pages()); n != 1 {
		t.Errorf("%d tabs are open before the click, want the workspace alone", n)
	}
	w.show(kari.name)
	w.view("Invoices")
	w.clickExact("button", "Open")
	w.person.opened("/billing").heading("Invoices")
	s.untilState("blocked", "invoices", screenpop.PopOpened)
	if n := s.loadsAs("document", "/billing"); n != 1 {
		t.Errorf("the page was loaded %d times, want once", n)
	}
	w.reload()
	w.untilConnected()
	w.show(kari.name)
	w.view("Invoices")
	if n := len(w.person.pages()); n != 2 {
		t.Errorf("%d tabs are open after a reload, want 2: it opened again", n)
	}
}

// TestTabOpensByItselfAfterAGesture has the browser allow the tab.
func TestTabOpensByItselfAfterAGesture(t *testing.T) {
	t.Parallel()
	s := serve(t)
	w := signIn(t, s, anna)
	w.allow("X-Frame-Options") // of the ledger, which pops with the call
	ringBilling(s, "free")
	w.show(kari.name)
	w.gesture()
	s.then(screenpop.Accepted, "free")
	w.person.opened("/billing").heading("Invoices")
	s.untilState("free", "invoices", screenpop.PopOpened)
}

// acceptEmail has an e-mail accepted by Anna, for which the demo opens a named window.
func acceptEmail(s *server, request string, c caller, subject string) {
	s.t.Helper()
	e := s.event(screenpop.Accepted, request)
	e.Request = c.report(screenpop.Email, anna, "support")
	e.Request.ID, e.Request.Subject = request, subject
	e.Request.URL = s.crm + "/mail?" + url.Values{"from": {c.email}, "subject": {subject}}.Encode()
	s.send(e)
}

// TestNamedWindowIsUsedAgain opens the knowledge base twice, in one window.
func TestNamedWindowIsUsedAgain(t *testing.T) {
	t.Parallel()
	s := serve(t)
	w := signIn(t, s, anna)
	w.noGesture()
	acceptEmail(s, "mail-1", kari, "first")
	s.untilState("mail-1", "mail", screenpop.PopShown)
	s.untilState("mail-1", "kb", screenpop.PopWaiting)
	w.show(kari.name)
	w.view("Knowledge base")
	w.clickExact("button", "Open")
	kb := w.person.opened("/kb?q=first")
	s.untilState("mail-1", "kb", screenpop.PopOpened)

	acceptEmail(s, "mail-2", ingrid, "second")
	s.untilState("mail-2", "kb", screenpop.PopOpened)
	kb.untilJS("the window to be used again", `location.search === "?q=second"`)
	if n := len(w.person.pages()); n != 2 {
		t.Errorf("%d tabs are open, want the workspace and one window", n)
	}
}

// TestPageOfTheRequestIsFramedWhole opens the e-mail's own page, whose address
// came with the event.
func TestPageOfTheRequestIsFramedWhole(t *testing.T) {
	t.Parallel()
	s := serve(t)
	w := signIn(t, s, anna)
	acceptEmail(s, "whole", harriet, "Invoice")
	w.show(harriet.name)
	w.view("E-mail")
	w.untilSeen("E-mail")
	w.frame("E-mail", "/mail?").heading("Invoice")

	e := s.event(screenpop.Accepted, "foreign")
	e.Request = maya.report(screenpop.Email, anna, "support")
	e.Request.ID, e.Request.URL = "foreign", "https://evil.example/"
	s.send(e)
	s.untilState("foreign", "mail", screenpop.PopSkipped)
	w.show(maya.name)
	w.view("Request")
	w.says("skipped")
}
