package e2e_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"

	"github.com/crmpop/crmpop/app/screenpop"
)

// The people of the portal's tests. Vera is made by the demo's admin, in the
// group Office; Anna is of Sales, and Ola is moved to Office.
const (
	vera         = "vera@demo"
	veraPassword = "tents and stoves"
)

// TestAdminProvesAPopup goes the whole way of a popup, from a preset to a
// rollback, with everything that an admin may want to know in between.
func TestAdminProvesAPopup(t *testing.T) {
	t.Parallel()
	s := serve(t)
	s.patchUser("ola", `{"group":"office"}`)
	first := newOffice(t, s, admin, "demo")
	first.addsAdmin(t)

	yesterday := s.event(screenpop.Ringing, "yesterday")
	yesterday.Time = time.Now().Add(-24 * time.Hour)
	yesterday.Request = kari.report(screenpop.Voice, anna, "sales")
	yesterday.Request.ID = "yesterday"
	s.send(yesterday)
	s.then(screenpop.Hangup, "yesterday")
	s.then(screenpop.Closed, "yesterday")

	o := newOffice(t, s, vera, veraPassword)
	o.writesFromPreset()
	o.breaksItAndIsTold()
	o.triesYesterday(t)
	link := o.copiesLink()
	first.opensLinkAndNothingFires(t, link)
	first.popsIt(t)
	o.publishesAndRollsBack(t)
}

// patchUser changes a user by the API.
func (s *server) patchUser(id, change string) {
	s.t.Helper()
	if status, b := s.api(http.MethodPatch, "/api/v1/users/"+id, []byte(change)); status != http.StatusOK {
		s.t.Fatalf("change user %s: %d %s", id, status, b)
	}
}

// addsAdmin makes Vera an admin through the portal.
func (o *office) addsAdmin(t *testing.T) {
	t.Helper()
	o.follow("Users", "Users")
	o.click("link", "Add a user")
	o.find("heading", "Add a user")
	o.write("textbox", "Name", "Vera Lund")
	o.write("textbox", "E-mail", vera)
	o.choose("Role", "Admin")
	o.choose("Group", "Office")
	o.write("textbox", "Password", veraPassword)
	o.clickExact("button", "Add")
	o.toast("Saved Vera Lund.")
	o.find("link", "Vera Lund")
}

// document is what Vera ends up with: the preset with her own host, and a popup
// that does not match calls of sales.
func (s *server) document() string {
	return `<screenpopup>
  <url id="servicenow" channel="voice" target="request" title="ServiceNow {anum}">` + s.crm + `/contact?phone={anum|e164}</url>
  <url id="support" on="ringing" queue="support*" target="request" title="Support">` + s.crm + `/orders?phone={anum|e164}</url>
</screenpopup>
`
}

// writesFromPreset begins with what others have found out about a CRM's addresses.
func (o *office) writesFromPreset() {
	o.t.Helper()
	o.follow("Screen popup", "Screenpopup configuration")
	o.rewrite("<screenpopup></screenpopup>")
	o.untilIn("Findings", "Nothing is wrong.")
	o.choose("Insert a preset", "ServiceNow")
	o.says("Write your own host in the place of your-instance.example")
	o.typeText("acme.example") // the place is selected
	o.untilIn("Findings", "Nothing is wrong.")
	o.untilIn("Document", "Insert a preset")
	o.says("Not published")
}

// breaksItAndIsTold has five faults, one after the other, and sees each with its
// place and cure.
func (o *office) breaksItAndIsTold() {
	o.t.Helper()
	whole := o.server.document()
	for _, c := range []struct{ name, old, fault, at, says, cure string }{
		{"bare &", "?phone={anum|e164}</url>\n  <url id=\"support\"", "?a=1&phone={anum|e164}</url>\n  <url id=\"support\"",
			"&phone", "A bare &.", "Write &amp; instead"},
		{"unknown attribute", `target="request" title="ServiceNow`, `targt="request" title="ServiceNow`,
			"targt", `Unknown attribute "targt" of <url>.`, "Did you mean target?"},
		{"tag not closed", "</url>\n  <url id=\"support\"", "\n  <url id=\"support\"", "<url", "<url> is not closed.", "Write </url>"},
		{"unknown variable", "phone={anum|e164}</url>\n  <url id=\"support\"", "phone={anumb|e164}</url>\n  <url id=\"support\"",
			"{anumb", "Unknown variable {anumb}.", "Did you mean {anum}?"},
		{"script", o.server.crm + "/contact?phone={anum|e164}", "javascript:alert({anum})",
			"javascript:", `The scheme "javascript:" is none that a popup opens.`, "Begin with https://."},
	} {
		broken := strings.Replace(whole, c.old, c.fault, 1)
		if broken == whole {
			o.t.Fatalf("%s: nothing was broken", c.name)
		}
		o.rewrite(broken)
		o.untilIn("Findings", placeOf(broken, c.at), c.says, c.cure)
		if c.name == "bare &" {
			o.region("Findings").click("button", "Repair")
			o.untilIn("Findings", "Findings 2 warnings, which do not keep it from being published.")
		}
	}
	o.rewrite(whole)
	o.untilIn("Findings", "2 warnings, which do not keep it from being published.", "Write https:// if the site offers it")
}

// placeOf returns where a part first stands in a text, as findings say it: "2:39".
func placeOf(text, part string) string {
	before, _, _ := strings.Cut(text, part)
	line := strings.Count(before, "\n")
	return fmt.Sprintf("%d:%d", line+1, len(before)-strings.LastIndex(before, "\n"))
}

// triesYesterday finds a call of yesterday and sees what the text would have made
// of it, beside what popped then.
func (o *office) triesYesterday(t *testing.T) {
	t.Helper()
	o.follow("Requests", "Requests")
	o.click("link", "Kari Nordmann")
	o.find("heading", "Kari Nordmann")
	o.says("after it happened")
	o.clickExact("link", "Try this event on what holds now")
	o.find("heading", "Test console")
	o.choose("Whose configuration", "Company")
	o.find("checkbox", "Try the text that is not published")
	o.clickExact("button", "Try")
	o.untilIn("Result", "What did pop", "CRM "+kari.number, "What would pop", "ServiceNow "+kari.number,
		"matches", "does not match", `Queue is "support*"`, "/contact?phone=%2B4722334455")
}

// opensLinkAndNothingFires opens a link in every way in which one is opened
// without anybody's wanting it, and then as another admin.
func (o *office) opensLinkAndNothingFires(t *testing.T, link string) {
	t.Helper()
	s := o.server
	before := s.everything()
	token := strings.TrimPrefix(link, s.url+"/test/")
	for _, header := range []map[string]string{
		{}, {"User-Agent": "MailScanner/5.4"}, {"Sec-Purpose": "prefetch"}, {"Sec-Purpose": "prefetch;prerender", "Cookie": o.cookies()},
		{"Cookie": o.cookies()},
	} {
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			fetch(t, method, link, header)
			fetch(t, method, s.url+"/api/v1/tests/links/"+token, header)
		}
	}
	o.goTo(link)
	o.find("heading", "Test console")
	o.says("From a link by " + vera + ". Nothing has happened by opening it.")
	o.click("button", "Try")
	o.untilIn("Result", "ServiceNow", "does not match")
	if after := s.everything(); after != before {
		t.Errorf("opening a link has left traces:\n%s\nbefore:\n%s", after, before)
	}
}

// cookies returns the Cookie header that the office's browser sends.
func (o *office) cookies() string {
	o.t.Helper()
	var all []string
	for _, c := range call(o.tab, network.GetCookies, network.GetCookiesParams{URLs: []string{o.server.url}}).Cookies {
		all = append(all, c.Name+"="+c.Value)
	}
	return strings.Join(all, "; ")
}

// popsIt pops what the link holds in the own workspace, which stands open in
// another tab.
func (o *office) popsIt(t *testing.T) {
	t.Helper()
	s := o.server
	o.click("button", "Pop it in my workspace")
	o.toast("Sent to your workspace as a test: 1 pop.")
	o.says("It has popped once, which is all it may.")
	w := o.desk
	w.show("Test: " + kari.name)
	w.view("ServiceNow " + kari.number)
	w.untilSeen("ServiceNow " + kari.number)
	w.frame("ServiceNow "+kari.number, "/contact").heading(kari.name)
	_, b := s.api(http.MethodGet, "/api/v1/audit?q=test.pop", nil)
	var audit struct {
		Entries []struct{ Actor, Action string }
	}
	if err := json.Unmarshal(b, &audit); err != nil || len(audit.Entries) != 1 || audit.Entries[0].Actor != admin {
		t.Errorf("the audit of test pops is %s (%v), want one by %s", b, err, admin)
	}
}

// publishesAndRollsBack has Sales take the document before all others, then all,
// then nobody, while both groups' agents have their workspaces open.
func (o *office) publishesAndRollsBack(t *testing.T) {
	t.Helper()
	s := o.server
	sales, other := signIn(t, s, anna), signIn(t, s, ola)
	untouched := `(window.untouched = true)`
	eval[bool](sales.tab, untouched)
	eval[bool](other.tab, untouched)
	o.follow("Screen popup", "Screenpopup configuration")
	o.publishFirst("Sales", "try it")
	rings := func(id, at, want string, w *workspace) {
		t.Helper()
		s.ring(id, harriet, at, "sales")
		w.show(harriet.name)
		w.view(want + " " + harriet.number)
		w.untilSeen(want + " " + harriet.number)
		if !eval[bool](w.tab, `window.untouched === true`) {
			t.Errorf("the workspace of %s was loaded anew", at)
		}
		s.then(screenpop.Closed, id)
		w.gone(harriet.name)
	}
	rings("first-sales", anna, "ServiceNow", sales)
	rings("first-other", ola, "CRM", other)
	o.region("Tried by one group first").click("button", "End")
	o.within(dialog).click("button", "End it")
	o.toast("Sales has again what it had before.")
	rings("ended-sales", anna, "CRM", sales)

	o.publish("contacts of our own CRM")
	o.toast("Revision 2 is published")
	rings("all-sales", anna, "ServiceNow", sales)
	rings("all-other", ola, "ServiceNow", other)
	o.open("/admin/requests/all-other", "Harriet Wells")
	o.says(`Queue is "support*"`)
	o.follow("Screen popup", "Screenpopup configuration")
	o.region("Revisions").click("button", "Roll back")
	o.within(dialog).click("button", "Roll back")
	o.toast("Rolled back: revision 3 holds now")
	rings("back-sales", anna, "CRM", sales)
	rings("back-other", ola, "CRM", other)
}

// TestUnmappedAgentIsMappedWithOneClick has a call for an extension that nobody
// has; mapped, it pops at once.
func TestUnmappedAgentIsMappedWithOneClick(t *testing.T) {
	t.Parallel()
	s := serve(t)
	o := newOffice(t, s, admin, "demo")
	w := signIn(t, s, anna)
	s.ring("who", kari, "anna@old-pbx", "sales")
	o.follow("Unmapped agents", "Unmapped agents")
	o.find("cell", "anna@old-pbx")
	o.clickExact("button", "Map") // the portal has guessed who it is
	o.toast("anna@old-pbx is Anna now. 1 event was taken up again: 2 pops")
	w.show(kari.name)
	w.view(kari.crmPage())
	w.untilSeen(kari.crmPage())
	w.frame(kari.crmPage(), "/contact").heading(kari.name)
	s.ring("who-2", harriet, "anna@old-pbx", "sales")
	w.show(harriet.name)
	o.says("Every agent that events name is a user.")
	o.open("/admin/requests/who", kari.name)
	o.says("Nobody has the alias anna@old-pbx")
	o.says("shown")
}

// TestKeyboardAlonePublishes does without a mouse, from the address to what is
// published.
func TestKeyboardAlonePublishes(t *testing.T) {
	t.Parallel()
	s := serve(t)
	o := newOffice(t, s, admin, "demo")
	o.tabTo("the line Screen popup", `document.activeElement.matches('nav a') && document.activeElement.textContent.includes("Screen popup")`)
	o.strike("Enter", "Enter", 13, "\r")
	o.find("textbox", "Document text")
	o.tabTo("the text", `document.activeElement.getAttribute("aria-label") === "Document text"`)
	o.chord("End", "End", 35, "moveToEndOfDocument")
	o.typeText("<!-- by keyboard -->")
	o.says("Not published")
	o.untilIn("Findings", "warning")
	until(t, "the sheet", func() (bool, string) {
		o.chord("s", "KeyS", 'S')
		all, err := o.all("dialog", "Publish to")
		return len(all) == 1, fmt.Sprint(names(all), err)
	})
	o.untilJS("the note to have the keyboard", `document.activeElement.id === "note"`)
	o.press("Escape", "Escape", 27, 0)
	o.gone("dialog", "")
	o.chord("s", "KeyS", 'S')
	o.untilJS("the note to have the keyboard", `document.activeElement.id === "note"`)
	o.typeText("keys alone")
	o.strike("Enter", "Enter", 13, "\r")
	o.toast("Revision 2 is published")
	if _, doc := s.api(http.MethodGet, "/api/v1/screenpopup/tenant/demo", nil); !strings.Contains(string(doc), "<!-- by keyboard -->") {
		t.Errorf("published is %s", doc)
	}
}

// tabTo presses Tab until a JavaScript expression is true.
func (o *office) tabTo(what, js string) {
	o.t.Helper()
	for range 60 {
		if eval[bool](o.tab, js) {
			return
		}
		o.press("Tab", "Tab", 9, 0)
	}
	o.t.Fatalf("no Tab leads to %s; the focus is on %s", what, eval[string](o.tab, `document.activeElement.outerHTML.slice(0, 200)`))
}
