package e2e_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/crmpop/crmpop/app/screenpop"
)

// TestWorkspaceKeepsNobodyOut looks at every page of the workspace with axe-core.
func TestWorkspaceKeepsNobodyOut(t *testing.T) {
	t.Parallel()
	needAxe(t)
	s := serve(t)
	p := newPerson(t)
	w := &workspace{tab: p.first, person: p, server: s, origin: s.url}
	w.allow("X-Frame-Options", "401 (Unauthorized)", "404 (Not Found)", "403 (Forbidden)")
	w.goTo(s.url + "/")
	w.find("textbox", "Password")
	w.accessible("signed out")
	w.write("textbox", "E-mail", anna)
	w.write("textbox", "Password", "wrong")
	w.clickExact("button", "Sign in")
	w.find("alert", "")
	w.accessible("signed out, after a wrong password")
	w.signIn(anna)
	w.find("button", "Ring me")
	w.accessible("empty")

	s.ring("ax-1", harriet, anna, "sales")
	w.show(harriet.name)
	w.view(harriet.crmPage())
	w.untilSeen(harriet.crmPage())
	w.accessible("ringing, with a page")
	s.ring("ax-2", maya, anna, "billing")
	s.untilState("ax-2", "ledger", screenpop.PopWaiting, screenpop.PopRefused, screenpop.PopOpened)
	w.show(maya.name)
	w.view("Ledger")
	w.says("refuses to be shown here")
	w.accessible("a page that refuses to be framed")
	w.view("Request")
	w.says("Ringing")
	w.accessible("the request")
	s.then(screenpop.Accepted, "ax-2")
	w.says("Answered")
	s.then(screenpop.Hangup, "ax-1")
	w.accessible("answered, and one hung up")

	s.ring("ax-3", kari, ola, "sales")
	s.then(screenpop.Hangup, "ax-3")
	other := signIn(t, s, ola)
	other.show(kari.name)
	other.view(kari.crmPage())
	other.says("came while you were away")
	other.accessible("missed")
	w.accessibleOverlays()

	for path, name := range map[string]string{"/elsewhere": "no such page", "/docs/": "the manual", "/docs/popup-language": "a page of the manual",
		"/docs/nothing": "no such page of the manual", "/welcome/demo/nobody/x": "a welcome link that is none"} {
		w.goTo(s.url + path)
		w.untilJS("the page", `document.readyState === "complete" && document.body?.innerText.trim().length > 0`)
		w.accessible(name)
	}
}

// accessibleOverlays looks at all that stands above the page.
func (w *workspace) accessibleOverlays() {
	w.t.Helper()
	for _, button := range []string{"All requests", "Anna"} {
		w.click("button", button)
		w.find("dialog", "")
		w.accessible("above the page: " + button)
		w.press("Escape", "Escape", 27, 0)
		w.tab.gone("dialog", "")
	}
	w.press("?", "Slash", 191, 0)
	w.find("dialog", "Keys")
	w.accessible("the keys")
	w.press("Escape", "Escape", 27, 0)
}

// TestPortalKeepsNobodyOut looks at every page of the portal with axe-core.
func TestPortalKeepsNobodyOut(t *testing.T) {
	t.Parallel()
	needAxe(t)
	s := serve(t)
	s.ring("ax-1", harriet, anna, "sales")
	s.then(screenpop.Accepted, "ax-1")
	s.ring("ax-2", kari, "ext-999", "sales")
	s.ring("ax-3", maya, ola, "billing")
	s.then(screenpop.Hangup, "ax-3")
	gate := newPerson(t).first
	gate.allow("401 (Unauthorized)")
	gate.goTo(s.url + "/admin")
	gate.find("heading", "Sign in to go on.")
	gate.accessible("the portal, signed out")

	o := newOffice(t, s, admin, "demo")
	o.allow("404 (Not Found)", "409 (Conflict)", "400 (Bad Request)")
	for _, p := range []struct{ path, heading string }{
		{"/admin/requests", "Requests"}, {"/admin/requests?q=nobody-at-all", "Requests"}, {"/admin/requests/ax-1", harriet.name},
		{"/admin/requests/ax-2", kari.name}, {"/admin/requests/nothing", "This request cannot be shown."},
		{"/admin/users", "Users"}, {"/admin/users/anna", "Anna"}, {"/admin/users/new", "Add a user"},
		{"/admin/groups", "Groups"}, {"/admin/company", "Company"}, {"/admin/unmapped", "Unmapped agents"},
		{"/admin/sources", "Sources and keys"}, {"/admin/audit", "Audit"}, {"/admin/outbox", "Outbox"}, {"/admin/secrets", "Secrets"}, {"/admin/nowhere", "There is no such page."},
		{"/admin/test", "Test console"}, {"/admin/companions", "Companions"}, {"/admin/computer", "This computer"},
		{"/admin/screenpopup/tenant/demo", "Screenpopup configuration"}, {"/admin/screenpopup/group/sales", "Screenpopup configuration"},
		{"/admin/screenpopup/user/anna", "Screenpopup configuration"},
	} {
		o.open(p.path, p.heading)
		o.settled()
		o.accessible(p.path)
	}
	o.accessibleTests()
	o.accessibleEditor()
}

// TestPairingKeepsNobodyOut looks at the question before a PC is paired, and at the
// one before it is unpaired.
func TestPairingKeepsNobodyOut(t *testing.T) {
	t.Parallel()
	needAxe(t)
	s := serve(t)
	o := newOffice(t, s, admin, "demo")
	o.allow("404 (Not Found)")
	c := newPC(t, s)
	o.open("/admin/computer", "This computer")
	o.write("textbox", "Code", "BBBBBBBB")
	o.clickExact("button", "Look it up")
	o.says("companion asks with this code")
	o.accessible("a code that is wrong")
	o.open("/admin/computer", "This computer")
	o.write("textbox", "Code", c.code)
	o.clickExact("button", "Look it up")
	o.says("Does the program show " + c.seen + "?")
	o.accessible("the question before pairing")
	o.clickExact("button", "Yes, pair")
	o.says("Paired with PC-7.")
	o.clickExact("button", "Unpair")
	o.find("dialog", "Unpair PC-7?")
	o.accessible("the question before unpairing")
	o.press("Escape", "Escape", 27, 0)
	o.gone("dialog", "")
	o.open("/admin/companions", "Companions")
	o.accessible("a companion")
}

// settled waits until nothing of the page is still being loaded.
func (o *office) settled() {
	o.t.Helper()
	o.untilJS("the page to be whole", `![...document.querySelectorAll("main *")].some(e => e.childElementCount === 0 && /^(Loading|Checking)…$/.test(e.textContent))`)
}

// accessibleTests looks at the test console with results, and at a link.
func (o *office) accessibleTests() {
	o.t.Helper()
	o.open("/admin/requests/ax-1", harriet.name)
	o.clickExact("link", "Try this event on what holds now")
	o.find("heading", "Test console")
	o.clickExact("button", "Try")
	o.untilIn("Result", "What did pop")
	o.accessible("the test console with results")
	link := o.copiesLink()
	o.goTo(link)
	o.says("Nothing has happened by opening it.")
	o.accessible("a test link")
	o.goTo(link + "x")
	o.says("was changed on its way")
	o.accessible("a test link that was changed")
}

// accessibleEditor looks at the editor in each of its views and at what stands
// above it.
func (o *office) accessibleEditor() {
	o.t.Helper()
	s := o.server
	o.open("/admin/screenpopup/tenant/demo", "Screenpopup configuration")
	o.rewrite(strings.Replace(s.document(), "&quot;", "", 1) + "<url>a & b</url>")
	o.untilIn("Findings", "keep")
	o.accessible("the editor with faults")
	if all, err := o.all("tab", "Form"); err == nil && len(all) == 1 {
		o.click("tab", "Form")
		o.settled()
		o.accessible("the form of a faulty document")
		o.click("tab", "Text")
	}
	o.rewrite(s.document())
	o.untilIn("Findings", "which do not keep it from being published")
	if all, err := o.all("tab", "Form"); err == nil && len(all) == 1 {
		o.click("tab", "Form")
		o.settled()
		o.accessible("the form")
		o.click("tab", "Text")
	}
	o.region("Revisions").click("button", "Compare")
	o.accessible("the editor with a comparison")
	o.clickWhen(func() element { return o.enabled("button", "Publish") })
	o.find("dialog", "Publish")
	o.accessible("the publish sheet")
	if status, b := s.publish("<screenpopup/>"); status != http.StatusOK {
		o.t.Fatalf("publish: %d %s", status, b)
	}
	o.within(dialog).click("button", "Publish")
	o.says("has published revision 2 meanwhile")
	o.accessible("the conflict sheet")
	o.clickExact("button", "Go on editing")
	o.clickExact("button", "Discard")
	o.find("dialog", "Throw away")
	o.accessible("the discard sheet")
	o.clickExact("button", "Throw away")
	o.gone("dialog", "")
}
