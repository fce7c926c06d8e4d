package check_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/crmpop/crmpop/app/browser"
	"github.com/crmpop/crmpop/app/check"
)

const (
	good, todo, unknown, click = "OK", "To do", "Not known", "Needs a click"

	here = "https://pop.example.com"
	// same is a workspace whose one page is of its own site, foreign one whose
	// first page is not and whose second is in the private network.
	none    = `{"origin":"https://pop.example.com","pages":[]}`
	same    = `{"origin":"https://pop.example.com","pages":[{"title":"CRM","origin":"https://crm.example.com","same_site":true}]}`
	foreign = `{"origin":"https://pop.example.com","texts":2,"hosts":["crm.acme.example"],"time":"2026-11-22T10:15:00Z","build":"b1","protocol":1,
		"pages":[{"title":"CRM {anum}","origin":"https://crm.acme.example","url":"https://crm.acme.example/?p=0","verdict":"refused","reason":"refused by X-Frame-Options: DENY"},
		{"origin":"http://10.1.2.3","verdict":"unknown","reason":"probe=\"no\"","local":true}]}`
	inside = `{"origin":"https://pop.local","local":true,"pages":[{"origin":"http://10.1.2.3","local":true}]}`
)

// says is a case: what was found must stand so, say that, and be cured by a
// sentence and a policy.
type says struct {
	name   string
	got    check.Verdict
	state  string
	says   string
	policy string
}

func (c says) check(t *testing.T) {
	t.Helper()
	if c.got.State != c.state || !strings.Contains(c.got.Says, c.says) || c.got.Policy != c.policy {
		t.Errorf("%s: %+v, want %s, %q and policy %q", c.name, c.got, c.state, c.says, c.policy)
	}
	if cured := c.got.Cure != ""; cured == (c.state == good) {
		t.Errorf("%s: state %s with cure %q", c.name, c.got.State, c.got.Cure)
	}
	for _, sentence := range []string{c.got.Says, c.got.Cure} {
		if sentence != "" && !strings.HasSuffix(strings.TrimRight(sentence, "”"), ".") && !strings.HasSuffix(sentence, "?") || strings.Contains(sentence, "..") {
			t.Errorf("%s: %q is no sentence", c.name, sentence)
		}
	}
}

func TestEveryFindingIsGreenOrHasACure(t *testing.T) {
	hello := `{"type":"hello","protocol":1,"build":"b1","epoch":1,"agent":"a","heartbeat_s":30}`
	opened := func(first string) browser.Socket {
		return browser.Socket{Opened: true, Took: 12 * time.Millisecond, First: first, After: 3 * time.Millisecond}
	}
	page := func(f browser.Framing) check.Verdict { return check.FirstPage(foreign, f) }
	allowed := `{"pages":[{"origin":"https://crm.example.com","url":"https://crm.example.com/","verdict":"allowed","reason":"no header forbids it"}]}`
	for _, c := range []says{
		{"hello", check.Socket(none, here, opened(hello)), good, "Opens in 12 ms, and the server's hello comes 3 ms later. A round trip takes 15 ms.", ""},
		{"closed", check.Socket(none, here, browser.Socket{}), todo, "does not open", ""},
		{"another address", check.Socket(none, "https://other.example", browser.Socket{}), todo, "from a page at https://other.example", ""},
		{"silent", check.Socket(none, here, opened("")), todo, "nothing comes", ""},
		{"bye", check.Socket(none, here, opened(`{"type":"bye","code":4001,"reason":"this server restarts"}`)), todo, "the server says: this server restarts.", ""},
		{"a proxy's words", check.Socket(none, here, opened(`<html>`)), todo, "not the server's hello", ""},
		{"version", check.Socket(none, here, opened(strings.Replace(hello, `"protocol":1`, `"protocol":7`, 1))), todo, "version 7", ""},
		{"stream", check.Fallback(false, 200, "text/event-stream; charset=utf-8", false), good, "stream over plain HTTP opens", ""},
		{"no fallback, none needed", check.Fallback(true, 404, "", false), good, "has no fallback", ""},
		{"no fallback", check.Fallback(false, 404, "", false), todo, "has no fallback", ""},
		{"fallback fails", check.Fallback(true, 502, "text/html", false), unknown, "status 502", ""},
		{"fallback is silent", check.Fallback(false, 0, "", true), todo, "no answer came", ""},
		{"a page for a stream", check.Fallback(false, 200, "text/html", false), todo, "does not open", ""},
		{"clock", check.Clock(-1900 * time.Millisecond), good, "within 1.9 s", ""},
		{"exact clock", check.Clock(0), good, "within 0.1 s", ""},
		{"slow clock", check.Clock(2100 * time.Millisecond), todo, "2.1 s behind the server's", ""},
		{"fast clock", check.Clock(-5 * time.Minute), todo, "5 min ahead of the server's", ""},
		{"yesterday", check.Clock(26 * time.Hour), todo, "26 h behind", ""},
		{"build", check.Build("b1", "b1"), good, "b1", ""},
		{"old build", check.Build("b1", "b2"), todo, "version b1, the server has b2", ""},
		{"popups untried", check.Popups(false, false), click, "a tab opens for a moment", ""},
		{"popups", check.Popups(true, true), good, "by themselves", ""},
		{"popups blocked", check.Popups(true, false), todo, "stops tabs", check.PolicyPopups},
		{"notices", check.Notices(browser.NoticesAllowed, false), good, "Allowed", ""},
		{"notices unasked", check.Notices(browser.NoticesUnasked, false), click, "not been asked", ""},
		{"notices unanswered", check.Notices(browser.NoticesUnasked, true), todo, "not answered", check.PolicyNotices},
		{"notices denied", check.Notices(browser.NoticesDenied, true), todo, "keeps notifications", check.PolicyNotices},
		{"no notices", check.Notices(browser.NoNotices, false), todo, "cannot have", check.PolicyNotices},
		{"clipboard over http", check.Clipboard(false, "", false, "", 0), todo, "cannot use", check.PolicyClipboard},
		{"clipboard untried", check.Clipboard(true, "prompt", false, "", 1), click, "CRM Pop can copy", ""},
		{"clipboard given", check.Clipboard(true, "granted", false, "", 1), good, "by themselves", ""},
		{"clipboard by click, not needed", check.Clipboard(true, "prompt", true, "", 0), good, "None of your popups", ""},
		{"clipboard by click", check.Clipboard(true, "prompt", true, "", 2), todo, "2 popups copy", check.PolicyClipboard},
		{"clipboard fails", check.Clipboard(true, "granted", true, "the workspace is not in front", 0), todo, "Nothing was copied: the workspace is not in front.", check.PolicyClipboard},
		{"no pages, no cookies", check.Cookies(none, false, false), good, "Not needed", ""},
		{"cookies of the same site", check.Cookies(same, false, false), good, "own site", ""},
		{"cookies not measured", check.Cookies(foreign, false, false), unknown, "2 pages are of another site", check.PolicyCookies},
		{"cookies sent", check.Cookies(foreign, true, true), good, "are sent", ""},
		{"cookies held back", check.Cookies(foreign, true, false), todo, "holds back third-party cookies, and 2 pages are", check.PolicyCookies},
		{"no pages, no network", check.Network(none, true, ""), good, "Not needed", ""},
		{"public pages", check.Network(same, true, "prompt"), good, "Not needed", ""},
		{"inside", check.Network(inside, true, "prompt"), good, "the workspace itself", ""},
		{"network given", check.Network(foreign, true, "granted"), good, "Allowed: 1 page is", ""},
		{"network asked", check.Network(foreign, true, "prompt"), todo, "will ask for leave", check.PolicyNetwork},
		{"network denied", check.Network(foreign, true, "denied"), todo, "keeps the private network", check.PolicyNetwork},
		{"network over http", check.Network(foreign, false, "denied"), todo, "not safe enough", check.PolicyNetwork},
		{"an older browser", check.Network(foreign, true, ""), good, "asks for no leave", ""},
		{"page allowed by both", check.FirstPage(allowed, browser.Framing{Allowed: true}), good, "The server says so, too.", ""},
		{"page allowed here", page(browser.Framing{Allowed: true}), good, "The server says: refused by X-Frame-Options: DENY.", ""},
		{"page refused", page(browser.Framing{Refused: true, Why: "the page does not allow it"}), todo, "Opens in a tab of its own: the page does not allow it. The server says", ""},
		{"page silent", page(browser.Framing{}), todo, "Nothing came in 8 seconds", ""},
		{"page not to be asked", check.FirstPage(inside, browser.Framing{}), unknown, "Not tested", ""},
		{"worker", check.Worker(browser.Worker{Able: true, There: true, Controls: true, Caches: []string{"crmpop-b1", "other"}}, "b1"), good, "in charge", ""},
		{"no worker", check.Worker(browser.Worker{Able: true}, "b1"), todo, "none yet", ""},
		{"worker impossible", check.Worker(browser.Worker{}, "b1"), todo, "cannot have one", ""},
		{"old worker", check.Worker(browser.Worker{Able: true, There: true, Controls: true, Caches: []string{"crmpop-b0"}}, "b1"), todo, "keeps version b0, the server has b1", ""},
		{"idle worker", check.Worker(browser.Worker{Able: true, There: true, Caches: []string{"crmpop-b1"}}, "b1"), todo, "came without it", ""},
		{"storage", check.Storage(browser.Storage{Local: true, Session: true, Usage: 19 << 20, Quota: 10 << 30}), good, "19 MB of 10.0 GB", ""},
		{"storage kept", check.Storage(browser.Storage{Local: true, Session: true, Persisted: true}), good, "promised", ""},
		{"no storage", check.Storage(browser.Storage{Session: true}), todo, "keeps nothing", check.PolicyCookies},
		{"storage full", check.Storage(browser.Storage{Local: true, Session: true, Usage: 95 << 20, Quota: 100 << 20}), todo, "95 MB of 100 MB", ""},
		{"memory", check.Memory(browser.Memory{Used: 14 << 20, Limit: 4 << 30}, browser.Workspaces{}), good, "14 MB of the 4.0 GB", ""},
		{"memory and workspaces", check.Memory(browser.Memory{Used: 14 << 20, Limit: 4 << 30}, browser.Workspaces{Open: 2, Frames: 1, Used: 40 << 20}), good, "40 MB of the 4.0 GB that one tab may. 2 workspaces are open with 1 page.", ""},
		{"memory full", check.Memory(browser.Memory{Used: 7 << 30, Limit: 8 << 30}, browser.Workspaces{}), todo, "7.0 GB of the 8.0 GB", ""},
		{"memory untold", check.Memory(browser.Memory{}, browser.Workspaces{Open: 1}), unknown, "does not say", ""},
	} {
		c.check(t)
	}
}

// A slow answer may have been slow on one way only: the quickest is believed.
func TestTheClockIsReadFromTheQuickestAnswer(t *testing.T) {
	got := check.Skew([2]time.Duration{4 * time.Second, 9 * time.Second}, [2]time.Duration{20 * time.Millisecond, 3010 * time.Millisecond}, [2]time.Duration{time.Second, 0})
	if got != 3*time.Second {
		t.Errorf("the server is %v ahead, want 3s", got)
	}
}

func TestCookiesAreAskedForAtAnotherHostOfThisServer(t *testing.T) {
	demo := `{"origin":"http://127.0.0.1:8000","other_origins":["http://localhost:8000","http://[::1]:8000"]}`
	for _, c := range [][3]string{
		{demo, "http://127.0.0.1:8000", "http://localhost:8000"},
		{demo, "http://localhost:8000", "http://127.0.0.1:8000"},
		{none, here, ""},
	} {
		if got := check.Elsewhere(c[0], c[1]); got != c[2] {
			t.Errorf("from %s it asks at %q, want %q", c[1], got, c[2])
		}
	}
}

func ExamplePolicyJSON() {
	all := check.Policies("https://pop.example.com", []string{"crm.example.com", "10.1.2.3", "localhost", "fd00::1"})
	fmt.Println(check.PolicyJSON(all, check.PolicyPopups))
	fmt.Println(check.PolicyJSON(all))
	// Output:
	// {
	//   "PopupsAllowedForUrls": ["https://pop.example.com"]
	// }
	// {
	//   "ClipboardAllowedForUrls": ["https://pop.example.com"],
	//   "CookiesAllowedForUrls": ["https://pop.example.com", "[*.]crm.example.com", "10.1.2.3", "localhost", "[fd00::1]"],
	//   "LocalNetworkAccessAllowedForUrls": ["https://pop.example.com"],
	//   "NotificationsAllowedForUrls": ["https://pop.example.com"],
	//   "PopupsAllowedForUrls": ["https://pop.example.com"]
	// }
}
