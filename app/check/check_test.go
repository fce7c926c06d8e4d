package check_test

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"github.com/crmpop/crmpop/app/browser"
	"github.com/crmpop/crmpop/app/check"
)

// tested is a page with a line of each state.
func tested() check.TestPage {
	p := check.NewTestPage(foreign)
	p.Set("websocket", check.Verdict{State: good, Says: "Opens."})
	p.Set("pop-ups", check.Popups(true, false))
	p.Set("clipboard", check.Clipboard(true, "prompt", false, "", 2))
	p.Set("cookies", check.Cookies(foreign, false, false))
	p.Set("page-0", check.FirstPage(foreign, browser.Framing{Allowed: true}))
	return p
}

func TestLinesAreReadByNameAndState(t *testing.T) {
	html := goapp.HTMLString(tested())
	for _, part := range []string{
		`aria-labelledby="check-pop-ups-name check-pop-ups-state"`, `>Pop-ups<`, `>To do<`, `>Needs a click<`, `>Not known<`, `>Testing…<`,
		`role="status"`, `href="/docs/check-this-browser#pop-ups"`, "PopupsAllowedForUrls", "Page “CRM {anum}” of https://crm.acme.example", "Page of http://10.1.2.3",
	} {
		if !strings.Contains(html, part) {
			t.Errorf("the page lacks %s:\n%s", part, html)
		}
	}
	if strings.Contains(html, "style=") {
		t.Error("the page has inline styles, which the Content-Security-Policy forbids")
	}
}

func TestEveryIconIsThere(t *testing.T) {
	css, err := os.ReadFile("../../web/css/icons.css")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`icon icon-([a-z-]+)`).FindAllStringSubmatch(goapp.HTMLString(tested()), -1) {
		if !strings.Contains(string(css), ".icon-"+m[1]+" ") && !strings.Contains(string(css), ".icon-"+m[1]+",") {
			t.Errorf("the icon %s has no style", m[1])
		}
	}
}

func TestRenderSurvivesTheEngine(t *testing.T) {
	for name, ui := range map[string]goapp.UI{"tested": tested().Page, "begun": check.NewTestPage(none).Page, "signed out": check.Gate(""), "failed": check.Gate("no answer")} {
		c, ok := ui.(goapp.Composer)
		if !ok || strings.Contains(goapp.HTMLString(ui), "style=") {
			t.Errorf("%s is no component, or has inline styles", name)
		}
		engine := goapp.NewTestEngine()
		if err := engine.Load(c); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		engine.ConsumeAll()
	}
}

func TestWhatIsPrerenderedIsTheBareShell(t *testing.T) {
	html := goapp.HTMLString(&check.Page{})
	if !strings.Contains(html, `class="starting"`) || strings.Contains(html, "<main") {
		t.Errorf("the page is not the bare shell:\n%s", html)
	}
}

func TestTheSummaryCounts(t *testing.T) {
	p := check.NewTestPage(none)
	if got := p.Summary(); got != "Testing: 0 of 12 are done." {
		t.Errorf("at first it says %q", got)
	}
	ids := []string{"websocket", "fallback", "clock", "build", "pop-ups", "notifications", "clipboard", "cookies", "network", "service-worker", "storage", "memory"}
	for _, id := range ids {
		p.Set(id, check.Verdict{State: good})
	}
	if got := p.Summary(); got != "All 12 tests are green: this browser is ready." {
		t.Errorf("at last it says %q", got)
	}
	p.Set("clock", check.Verdict{State: todo})
	p.Set("pop-ups", check.Verdict{State: click})
	p.Set("memory", check.Verdict{State: unknown})
	if got := p.Summary(); got != "9 of 12 are green, 1 thing to do, 1 test needs a click, 1 is not known." {
		t.Errorf("with some open it says %q", got)
	}
}

func TestTheReportIsPlainText(t *testing.T) {
	want := `CRM Pop: check of a browser

Workspace  https://pop.example.com
Time       2026-11-22T10:15:00Z (of the server)
Version    page b1, server b1, protocol 1 of 1
Browser    Mozilla/5.0 (test)
Result     Testing: 5 of 14 are done.

Connection
  OK             Websocket: Opens.
  Testing…       Without a websocket: 
  Testing…       Clock: 
  Testing…       Version: 

What pops may do here
  To do          Pop-ups: This browser stops tabs and windows that open by themselves: each waits for a click.
                 Allow pop-ups for this site: the icon at the right end of the address bar, then “Always allow”. Policy: PopupsAllowedForUrls.
`
	got := tested().Report()
	if !strings.HasPrefix(got, want) {
		t.Errorf("the report begins otherwise (-want +got):\n%s", cmp.Diff(want, got))
	}
	if strings.Contains(got, "?p=") {
		t.Errorf("the report holds whole addresses:\n%s", got)
	}
}

func TestPoliciesAreJSONOfListsOfPatterns(t *testing.T) {
	var all map[string][]string
	text := check.PolicyJSON(check.Policies(`https://pop.example.com`, []string{`a","b`, "crm.example.com"}))
	if err := json.Unmarshal([]byte(text), &all); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	if len(all) != 5 {
		t.Errorf("there are %d policies: %s", len(all), text)
	}
	for name, patterns := range all {
		if len(patterns) == 0 || patterns[0] != "https://pop.example.com" {
			t.Errorf("%s allows %q", name, patterns)
		}
	}
}

// The manual has a section for each line, to which it leads.
func TestEveryLineHasItsSectionInTheManual(t *testing.T) {
	src, err := os.ReadFile("../../web/docs/check-this-browser.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, anchor := range append(check.Anchors(foreign), "policies-for-chrome-and-edge") {
		heading := regexp.MustCompile(`(?mi)^## ` + strings.ReplaceAll(anchor, "-", "[ -]") + `$`)
		if !heading.Match(src) {
			t.Errorf("the manual has no section %q", anchor)
		}
	}
}
