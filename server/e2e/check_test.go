package e2e_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"
)

// checker is the page /check in a tab.
type checker struct {
	*tab
	person *person
	server *server
}

// openCheck signs an agent in, whose workspace stays open, and opens the test of
// the browser in another tab.
func openCheck(t *testing.T, s *server, p *person) (*checker, *workspace) {
	t.Helper()
	w := &workspace{tab: p.first, person: p, server: s, origin: s.url}
	w.signIn(anna)
	w.untilJS("the service worker", `navigator.serviceWorker.ready.then(() => true)`)
	c := &checker{tab: p.tab(), person: p, server: s}
	c.expected()
	c.goTo(s.url + "/check")
	c.done()
	return c, w
}

// expected are the browser's own words about what the demo refuses on purpose, and
// about a fallback that there may not be.
func (c *checker) expected() {
	c.allow("X-Frame-Options", "frame-ancestors", "Refused to frame", "404 (Not Found) ("+c.server.url+"/api/v1/stream)", "ERR_ABORTED")
}

// done waits until no line is being tested.
func (c *checker) done() {
	c.t.Helper()
	c.untilJS("the tests to end", `document.querySelectorAll("main li").length > 11 && !document.querySelector("main").textContent.includes("Testing")`)
}

// line waits for a line to stand as state says, and returns all that it says.
func (c *checker) line(name, state string) string {
	c.t.Helper()
	c.find("listitem", name+" "+state)
	return eval[string](c.tab, `[...document.querySelectorAll("main li")].find(l => l.getAttribute("aria-labelledby").split(" ").map(id =>
		document.getElementById(id).textContent).join(" ").startsWith(`+quoted(name+" "+state)+`)).innerText`)
}

func quoted(s string) string {
	b, _ := json.Marshal(s) // a string always has a JSON form
	return string(b)
}

// lineSays fails unless a line stands as state says, and says each part.
func (c *checker) lineSays(name, state string, parts ...string) {
	c.t.Helper()
	says := c.line(name, state)
	for _, part := range parts {
		if !strings.Contains(says, part) {
			c.t.Errorf("%s says %q, and not %q", name, says, part)
		}
	}
}

// policy returns what stands in the block with a policy.
func (c *checker) policy(name string) (all map[string][]string) {
	c.t.Helper()
	text := eval[string](c.tab, `document.querySelector('main pre[aria-label="`+name+`"]').textContent`)
	if err := json.Unmarshal([]byte(text), &all); err != nil {
		c.t.Fatalf("the policy %s is %q: %v", name, text, err)
	}
	return all
}

func TestEveryLineOfTheBrowsersTestEnds(t *testing.T) {
	t.Parallel()
	s := serve(t)
	c, w := openCheck(t, s, newPerson(t))
	c.lineSays("Websocket", "OK", "Opens in ", "hello", "A round trip takes ")
	c.line("Without a websocket", "OK")
	c.lineSays("Clock", "OK", "of the server's")
	c.line("Version", "OK")
	c.lineSays("Pop-ups", "Needs a click", "a tab opens for a moment")
	c.lineSays("Clipboard", "Needs a click")
	c.lineSays("Third-party cookies", "OK", "the workspace's own site")
	c.lineSays("Local network", "OK", "Not needed")
	c.lineSays("Service worker", "OK", "of the server's version")
	c.lineSays("Storage", "OK", "can be written")
	c.lineSays("Memory", "OK", "1 workspace is open with 0 pages")
	c.lineSays("Page “CRM {anum}” of "+s.crm, "OK", "Can be shown")
	c.lineSays("Page “Ledger” of "+s.crm, "To do", "Opens in a tab of its own")
	c.lineSays("Page “Contract” of "+s.crm, "To do", "frame-ancestors")
	c.lineSays("Page “Archive” of "+s.crm, "To do", "Nothing came in 8 seconds")
	if n := len(c.person.pages()); n != 2 {
		t.Errorf("the test has opened a tab before anybody clicked: there are %d", n)
	}
	s.ring("mem", harriet, anna, "sales")
	w.show(harriet.name)
	w.view(harriet.crmPage())
	w.untilSeen(harriet.crmPage())
	c.clickExact("button", "Run again")
	c.find("listitem", "Memory Testing")
	c.done()
	if says := c.line("Memory", "OK"); !strings.Contains(says, "1 workspace is open with 2 pages") {
		t.Errorf("memory says %q while two pages are open", says)
	}
}

func TestBlockedPopupsAreToldWithCureAndPolicy(t *testing.T) {
	t.Parallel()
	s := serve(t)
	c, _ := openCheck(t, s, newPerson(t))
	c.clickExact("button", "Run the tests that need a click")
	c.find("listitem", "Pop-ups To do")
	c.done()
	c.lineSays("Pop-ups", "To do", "stops tabs and windows", "Always allow", "For all at once")
	c.lineSays("Clipboard", "OK", "after a click")
	if diff := cmp.Diff(map[string][]string{"PopupsAllowedForUrls": {s.url}}, c.policy("PopupsAllowedForUrls")); diff != "" {
		t.Errorf("the policy differs (-want +got):\n%s", diff)
	}
	all := c.policy("all policies")
	for _, name := range []string{"PopupsAllowedForUrls", "ClipboardAllowedForUrls", "CookiesAllowedForUrls", "LocalNetworkAccessAllowedForUrls", "NotificationsAllowedForUrls"} {
		if len(all[name]) == 0 || all[name][0] != s.url {
			t.Errorf("%s is %q, want the workspace's origin first", name, all[name])
		}
	}
	if got := all["CookiesAllowedForUrls"]; len(got) < 2 || got[1] != "127.0.0.1" {
		t.Errorf("cookies are allowed for %q, want the CRM's host too", got)
	}
	until(t, "the tabs of the test to be closed", func() (bool, string) {
		all := c.person.pages()
		return len(all) == 2, addresses(all)
	})
}

// launched is a Chromium of its own, for what a browser as a whole decides: prefs
// are of its profile.
func launched(t *testing.T, prefs string, flags ...string) *person {
	t.Helper()
	profile := t.TempDir()
	file := filepath.Join(profile, "Default", "Preferences")
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(prefs), 0o600); err != nil {
		t.Fatal(err)
	}
	o := []chromedp.ExecAllocatorOption{chromedp.ExecPath(chromium), chromedp.UserDataDir(profile), chromedp.Flag("headless", "new"), chromedp.NoSandbox,
		chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck, chromedp.DisableGPU, chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true), chromedp.Flag("disable-dev-shm-usage", true)}
	for _, f := range flags {
		o = append(o, chromedp.Flag(f, true))
	}
	alloc, stop := chromedp.NewExecAllocator(context.Background(), o...)
	t.Cleanup(stop)
	p := &person{t: t, first: &tab{t: t}}
	ctx, cancel := chromedp.NewContext(alloc, chromedp.WithListener(p.first.hear))
	t.Cleanup(cancel)
	p.ctx = ctx
	p.first.start(ctx)
	return p
}

// tabOf opens another tab of a launched browser.
func (p *person) tabOf() *tab {
	p.t.Helper()
	b := &tab{t: p.t}
	ctx, cancel := chromedp.NewContext(p.ctx, chromedp.WithListener(b.hear))
	p.t.Cleanup(cancel)
	b.start(ctx)
	return b
}

const chromesCookies, noThirdPartyCookies = `{"profile":{"cookie_controls_mode":0}}`, `{"profile":{"cookie_controls_mode":1}}`

// launchCheck opens the test in a Chromium of its own.
func launchCheck(t *testing.T, s *server, prefs string, flags ...string) *checker {
	t.Helper()
	p := launched(t, prefs, flags...)
	w := &workspace{tab: p.first, person: p, server: s, origin: s.url}
	w.signIn(anna)
	c := &checker{tab: p.tabOf(), person: p, server: s}
	c.expected()
	c.goTo(s.url + "/check")
	c.done()
	return c
}

func TestAllowedPopupsAreGreen(t *testing.T) {
	t.Parallel()
	c := launchCheck(t, serve(t), chromesCookies, "disable-popup-blocking")
	c.clickExact("button", "Run the tests that need a click")
	c.find("listitem", "Pop-ups OK")
	c.lineSays("Pop-ups", "OK", "open by themselves")
}

// The CRM stands at localhost and the workspace at 127.0.0.1: for a browser these
// are two sites, and the server answers at both.
func TestThirdPartyCookiesAreMeasured(t *testing.T) {
	t.Parallel()
	s := serve(t)
	s.publish(`<screenpopup><url target="request" title="Other site">` + strings.Replace(s.crm, "127.0.0.1", "localhost", 1) + `/contact?phone={anum}</url></screenpopup>`)
	for _, tt := range []struct{ name, prefs, state, says string }{
		{"sent", chromesCookies, "OK", "Third-party cookies are sent: 1 page is of another site"},
		{"blocked", noThirdPartyCookies, "To do", "holds back third-party cookies, and 1 page is of another site"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s.t = t
			c := launchCheck(t, s, tt.prefs)
			c.lineSays("Third-party cookies", tt.state, tt.says)
			if tt.state == "To do" {
				if got := c.policy("CookiesAllowedForUrls")["CookiesAllowedForUrls"]; !cmp.Equal(got, []string{s.url, "127.0.0.1", "localhost"}) {
					t.Errorf("cookies are allowed for %q", got)
				}
			}
		})
	}
}

// TestTheLocalNetworkIsAskedForByItsName has the server say that its pages are in a
// private network and it is not; the permission is the browser's own.
func TestTheLocalNetworkIsAskedForByItsName(t *testing.T) {
	t.Parallel()
	s := serve(t)
	p := newPerson(t)
	w := &workspace{tab: p.first, person: p, server: s, origin: s.url}
	w.signIn(anna)
	c := &checker{tab: p.tab(), person: p, server: s}
	c.expected()
	c.onEveryLoad(`{ const real = fetch; fetch = async (...a) => {
		const answer = await real(...a);
		if (a[0] !== "/api/v1/check") return answer;
		const said = await answer.json();
		return Response.json({...said, local: false, pages: said.pages.map(p => ({...p, url: "", local: true}))});
	}; }`)
	c.goTo(s.url + "/check")
	c.done()
	c.lineSays("Local network", "To do", "private network", "LocalNetworkAccessAllowedForUrls")
	w.grant("local-network")
	c.clickExact("button", "Run again")
	c.find("listitem", "Local network OK")
	c.lineSays("Local network", "OK", "Allowed: ")
}

func TestAWebsocketThatIsStoppedIsTold(t *testing.T) {
	t.Parallel()
	s := serve(t)
	p := newPerson(t)
	w := &workspace{tab: p.first, person: p, server: s, origin: s.url}
	w.signIn(anna)
	for name, tt := range map[string]struct{ event, says string }{
		"closed": {"close", "It does not open."},
		"silent": {"open", "It opens, and then nothing comes."},
	} {
		t.Run(name, func(t *testing.T) {
			c := &checker{tab: p.tab(), person: p, server: s}
			c.expected()
			c.onEveryLoad(`WebSocket = class extends EventTarget {
				constructor() { super(); setTimeout(() => this.dispatchEvent(new Event("` + tt.event + `"))); }
				close() {}
			}`)
			c.goTo(s.url + "/check")
			c.done()
			c.lineSays("Websocket", "To do", tt.says, "Whoever runs the network", s.url)
		})
	}
}

func TestAWrongClockIsToldByHowMuch(t *testing.T) {
	t.Parallel()
	s := serve(t)
	for _, tt := range []struct{ name, off, says string }{
		{"behind", "-300000", "clock is 5 min behind the server's"},
		{"ahead", "+7400000", "clock is 2 h ahead of the server's"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s.t = t
			p := newPerson(t)
			w := &workspace{tab: p.first, person: p, server: s, origin: s.url}
			w.signIn(anna)
			c := &checker{tab: p.tab(), person: p, server: s}
			c.expected()
			c.onEveryLoad(`{ const Real = Date; Date = class extends Real { constructor(...a) { a.length ? super(...a) : super(Real.now() ` + tt.off + `); } }; }`)
			c.goTo(s.url + "/check")
			c.done()
			c.lineSays("Clock", "To do", tt.says, "date and time settings")
		})
	}
}

func TestTheReportIsPlainTextWithoutPeople(t *testing.T) {
	t.Parallel()
	s := serve(t)
	c, w := openCheck(t, s, newPerson(t))
	w.grant("clipboard-read")
	report := ""
	until(t, "the report on the clipboard, which other tests use too", func() (bool, string) {
		c.clickExact("button", "Copy report")
		c.untilJS("Copied", `document.querySelector('[role=status][aria-label=Copied]').textContent === "Copied the report."`)
		report = eval[string](c.tab, `navigator.clipboard.readText()`)
		return strings.HasPrefix(report, "CRM Pop: check of a browser"), report
	})
	for _, part := range []string{"Workspace  " + s.url, "Browser    Mozilla/5.0", "  OK             Websocket: Opens in ", "  Needs a click  Pop-ups: ",
		"  To do          Page “Ledger” of " + s.crm, "Result     ", "Version    page "} {
		if !strings.Contains(report, part) {
			t.Errorf("the report lacks %q:\n%s", part, report)
		}
	}
	for _, part := range []string{anna, "Anna", "demo@", "phone=", "+47"} {
		if strings.Contains(report, part) {
			t.Errorf("the report holds %q:\n%s", part, report)
		}
	}
}

func TestTheBrowsersTestWantsASignIn(t *testing.T) {
	t.Parallel()
	s := serve(t)
	b := newPerson(t).first
	b.allow("401 (Unauthorized)")
	b.goTo(s.url + "/check")
	b.find("heading", "Sign in to check this browser.")
	b.findExact("link", "Sign in")
	if to := eval[string](b, `[...document.links].find(a => a.textContent === "Sign in").getAttribute("href")`); to != "/" {
		t.Errorf("the link leads to %q", to)
	}
}

func TestTheBrowsersTestIsOneClickAway(t *testing.T) {
	t.Parallel()
	s := serve(t)
	o := newOffice(t, s, admin, "demo")
	o.findExact("link", "Check this browser")
	w := o.desk
	w.findExact("link", "Check this browser") // of the empty workspace
	w.click("button", "Demo Admin")
	w.within(dialog).clickExact("link", "Check this browser")
	c := w.person.opened("/check")
	c.allow("X-Frame-Options", "frame-ancestors", "404 (Not Found)", "ERR_ABORTED")
	c.findExact("heading", "Check this browser")
}

// TestTheBrowsersTestNeedsNoMouse reaches every act by Tab, and reads each line by
// its name.
func TestTheBrowsersTestNeedsNoMouse(t *testing.T) {
	t.Parallel()
	s := serve(t)
	c, _ := openCheck(t, s, newPerson(t))
	o := &office{tab: c.tab, server: s}
	o.tabTo("the tests that need a click", `document.activeElement.matches("button") && document.activeElement.textContent.includes("Run the tests that need a click")`)
	o.strike("Enter", "Enter", 13, "\r")
	c.find("listitem", "Pop-ups To do")
	c.done()
	o.tabTo("the policy", `document.activeElement.getAttribute("aria-label") === "PopupsAllowedForUrls"`)
}

// TestTheBrowsersTestKeepsNobodyOut looks at the page with axe-core.
func TestTheBrowsersTestKeepsNobodyOut(t *testing.T) {
	t.Parallel()
	needAxe(t)
	s := serve(t)
	gate := newPerson(t).first
	gate.allow("401 (Unauthorized)")
	gate.goTo(s.url + "/check")
	gate.find("heading", "Sign in to check this browser.")
	gate.accessible("the browser's test, signed out")
	c, _ := openCheck(t, s, newPerson(t))
	c.accessible("the browser's test")
	c.clickExact("button", "Run the tests that need a click")
	c.find("listitem", "Pop-ups To do")
	c.done()
	c.accessible("the browser's test after a click")
}
