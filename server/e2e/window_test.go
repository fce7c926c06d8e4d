package e2e_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/server/e2e/zoo"
)

// TestEnterOpensWhatWaits has a page wait for a click: the title counts it, and
// Enter opens it as well as the button does.
func TestEnterOpensWhatWaits(t *testing.T) {
	t.Parallel()
	s := serve(t)
	w := signIn(t, s, anna)
	w.allow("X-Frame-Options") // of the ledger, which pops with the call
	w.noGesture()
	ringBilling(s, "enter")
	s.then(screenpop.Accepted, "enter")
	s.untilState("enter", "invoices", screenpop.PopWaiting)
	s.untilState("enter", "ledger", screenpop.PopWaiting)
	w.untilJS("the title to count what waits", `/^\(\d\) /.test(document.title)`)
	w.show(kari.name)
	w.view("Invoices")
	w.says("The browser stopped a new tab for Invoices.")
	w.press("Enter", "Enter", 13, 0)
	w.person.opened("/billing").heading("Invoices")
	s.untilState("enter", "invoices", screenpop.PopOpened)
}

// TestNamedWindowThatTheAgentClosedWaits: without a click the browser opens no new
// one in its place, and the receipt says what has become of the old one.
func TestNamedWindowThatTheAgentClosedWaits(t *testing.T) {
	t.Parallel()
	s := serve(t)
	w := signIn(t, s, anna)
	w.noGesture()
	acceptEmail(s, "mail-1", kari, "first")
	s.untilState("mail-1", "kb", screenpop.PopWaiting)
	w.show(kari.name)
	w.view("Knowledge base")
	w.clickExact("button", "Open")
	w.person.opened("/kb?q=first")
	s.untilState("mail-1", "kb", screenpop.PopOpened)
	w.person.close("/kb?q=first")
	w.noGesture()

	acceptEmail(s, "mail-2", ingrid, "second")
	s.untilState("mail-2", "kb", screenpop.PopWaiting)
	w.show(ingrid.name)
	w.view("Knowledge base")
	w.clickExact("button", "Open")
	w.person.opened("/kb?q=second")
	s.untilState("mail-2", "kb", screenpop.PopOpened)
	w.person.close("/kb?q=second")
	w.untilIdle()

	// This one was opened since the workspace was loaded: that it is gone is seen.
	acceptEmail(s, "mail-3", harriet, "third")
	s.untilState("mail-3", "kb", screenpop.PopWaiting)
	s.says("mail-3", "kb", "the window that was there was closed")
	w.show(harriet.name)
	w.view("Knowledge base")
	w.clickExact("button", "Open")
	w.person.opened("/kb?q=third")
	s.untilState("mail-3", "kb", screenpop.PopOpened)
	if n := len(w.person.pages()); n != 2 {
		t.Errorf("%d tabs are open, want the workspace and one window", n)
	}
}

// TestPageThatKeepsOthersAwayIsNeverLost opens a page that cuts itself off from
// whoever has opened it (COOP) in a named window: the next one cannot reach that
// window and waits for a click.
func TestPageThatKeepsOthersAwayIsNeverLost(t *testing.T) {
	t.Parallel()
	k := newKeeper(t, asChromeShips)
	doc := fmt.Sprintf(`<screenpopup><url id="coop" on="ringing" target="crmwindow" title="Walled">%s?call={request_id}</url></screenpopup>`, k.zoo.At(zoo.CRM, "coop"))
	if status, body := k.server.publish(doc); status != http.StatusOK {
		t.Fatalf("publish: %d %s", status, body)
	}
	for i, who := range []caller{kari, ingrid} {
		request := fmt.Sprint("coop-", i)
		k.untilIdle()
		k.server.ring(request, who, anna, "sales")
		k.server.untilState(request, "coop", screenpop.PopWaiting)
		if i > 0 {
			k.server.says(request, "coop", "its page keeps others away from it")
		}
		k.show(who.name)
		k.view("Walled")
		k.clickExact("button", "Open")
		k.person.opened("/coop?call=" + request).heading("coop")
		k.server.untilState(request, "coop", screenpop.PopOpened)
	}
}

// TestPageComesToTheFrontOnlyWhileTheAgentIsIdle types into a framed page of
// another site: a page with focus="if-idle" waits then, and comes to the front
// when the agent has done nothing for a while.
func TestPageComesToTheFrontOnlyWhileTheAgentIsIdle(t *testing.T) {
	t.Parallel()
	k := newKeeper(t, asChromeShips)
	doc := fmt.Sprintf(`<screenpopup><url id="form" on="ringing" target="request" title="Form" focus="if-idle">%s?call={request_id}</url></screenpopup>`, k.zoo.At(zoo.CRM, "form"))
	if status, body := k.server.publish(doc); status != http.StatusOK {
		t.Fatalf("publish: %d %s", status, body)
	}
	k.server.ring("idle-1", kari, anna, "sales")
	k.server.untilState("idle-1", "form", screenpop.PopShown)
	k.requests().untilSelected(kari.name)
	k.clickAt(720, 500)
	k.press("j", "KeyJ", 74, 0)
	k.untilJS("the browser to count that as use", `navigator.userActivation.isActive`)

	k.server.ring("idle-2", ingrid, anna, "sales")
	k.server.untilState("idle-2", "form", screenpop.PopShown)
	k.requests().find("tab", ingrid.name)
	k.requests().untilSelected(kari.name)

	k.untilIdle()
	eval[bool](k.tab, `(window.idleSince = performance.now(), true)`)
	k.untilJS("five seconds more", `performance.now() - idleSince > 5200`)
	k.server.ring("idle-3", harriet, anna, "sales")
	k.server.untilState("idle-3", "form", screenpop.PopShown)
	k.requests().untilSelected(harriet.name)
}

// untilIdle waits until the browser counts the agent as active no longer, and so
// opens no window unasked.
func (w *workspace) untilIdle() {
	w.t.Helper()
	w.untilJS("the browser to count the last click no longer", `!navigator.userActivation.isActive`)
}

// says waits until a receipt of a pop says so.
func (s *server) says(request, popup, part string) {
	s.t.Helper()
	until(s.t, "a receipt that says "+part, func() (bool, string) {
		for _, p := range s.trace(request).Pops {
			if p.PopupID == "tenant:"+popup {
				return strings.Contains(details(p), part), details(p)
			}
		}
		return false, "no pop"
	})
}

// close closes the tab at an address that contains part.
func (p *person) close(part string) {
	p.t.Helper()
	for _, info := range p.pages() {
		if strings.Contains(info.URL, part) {
			if _, err := chromedp.CallBrowser(p.browser, target.CloseTarget, target.CloseTargetParams{TargetID: info.TargetID}); err != nil {
				p.t.Fatalf("close the tab: %v", err)
			}
		}
	}
	until(p.t, "the tab to be gone", func() (bool, string) {
		at := addresses(p.pages())
		return !strings.Contains(at, part), at
	})
}
