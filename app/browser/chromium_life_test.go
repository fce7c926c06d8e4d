//go:build !js

package browser_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
	"github.com/crmpop/crmpop/app/browser"
)

// open tells the test page to open url in the window named name: without a click,
// or as the answer to one.
func (tb *tab) open(url, name string) bool {
	tb.t.Helper()
	return value[bool](tb, fmt.Sprintf("pop.openWindow(%q, %q)", url, name))
}

func (tb *tab) click(url, name string) bool {
	tb.t.Helper()
	tb.run("results = []; next = [%q, %q]", url, name)
	tb.do(chromedp.Click(chromedp.ID("open")))
	tb.until("results.length")
	return value[bool](tb, "results[0]")
}

// windows returns the addresses of all pages whose address begins with url,
// once there are n.
func (tb *tab) windows(url string, n int) []*target.Info {
	tb.t.Helper()
	deadline := time.Now().Add(patience)
	for {
		all, err := chromedp.Targets(tb.ctx)
		if err != nil {
			tb.t.Fatal(err)
		}
		found := slices.DeleteFunc(all, func(i *target.Info) bool {
			return i.Type != "page" || !strings.HasPrefix(i.URL, url)
		})
		if len(found) == n {
			return found
		}
		if time.Now().After(deadline) {
			tb.t.Fatalf("%d windows at %s, want %d", len(found), url, n)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func testBlankWindow(t *testing.T, l *lab) {
	tb := l.openTab(t)
	url := l.zoo.url + "/ok?blank"
	if tb.open(url, "_blank") {
		t.Error("without a click: opened, want blocked")
	}
	tb.windows(url, 0)
	for i := range 2 {
		if !tb.click(url, "_blank") {
			t.Error("after a click: blocked, want opened")
		}
		tb.windows(url, i+1)
	}
	in := tb.inside(tb.windows(url, 2)[0])
	if got := value[string](in, "[opener === null, document.referrer].join()"); got != "true,"+l.site+"/" {
		t.Errorf("the new tab sees opener and referrer %s", got)
	}
	for _, bad := range []string{"javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "about:blank", l.site + "/", "/", ""} {
		if tb.click(bad, "_blank") || tb.click(bad, "kb") {
			t.Errorf("OpenWindow(%q) opened", bad)
		}
	}
	if tb.click(l.zoo.url+"/ok?self", "_self"); value[string](tb, "location.href") != l.site+"/" {
		t.Error("the workspace was navigated away")
	}
	tb.windows(l.zoo.url+"/ok?self", 1)
}

// inside returns a view of another tab.
func (tb *tab) inside(i *target.Info) *tab {
	ctx, cancel := chromedp.NewContext(tb.ctx, chromedp.WithTargetID(i.TargetID))
	tb.t.Cleanup(cancel)
	in := &tab{t: tb.t, ctx: ctx, site: tb.site}
	in.do() // attaches for as long as ctx lives, not only for the first call
	return in
}

func testNamedWindow(t *testing.T, l *lab) {
	tb := l.openTab(t)
	first, second := l.zoo.url+"/ok?named=1", l.zoo.url+"/ok?named=2"
	if value[bool](tb, "pop.windowOpen('kb')") || tb.open(first, "kb") {
		t.Error("a window without a click")
	}
	if !tb.click(first, "kb") || !value[bool](tb, "pop.windowOpen('kb')") {
		t.Fatal("after a click: blocked, want opened")
	}
	id := tb.windows(first, 1)[0].TargetID
	if !tb.open(second, "kb") { // there is one: no click is needed
		t.Error("the window was not used again")
	}
	if again := tb.windows(second, 1); again[0].TargetID != id {
		t.Error("another window was opened")
	}
	tb.windows(first, 0)

	// A reload of the workspace does not lose its windows.
	tb.do(chromedp.Reload())
	tb.until("window.pop !== undefined")
	if !tb.open(first, "kb") {
		t.Error("the window was lost in the reload")
	}
	if again := tb.windows(first, 1); again[0].TargetID != id {
		t.Error("another window was opened after the reload")
	}

	// A window that the agent has closed is not there any more.
	if _, err := chromedp.CallBrowser(tb.ctx, target.CloseTarget, target.CloseTargetParams{TargetID: id}); err != nil {
		t.Fatal(err)
	}
	tb.until("!pop.windowOpen('kb')")
	if tb.open(first, "kb") {
		t.Error("the closed window was used again without a click")
	}
}

// leads waits until the tab has heard want.
func (tb *tab) leads(want string) {
	tb.t.Helper()
	tb.until(fmt.Sprintf("pop.leads.join(' ') === %q", want))
}

func testLead(t *testing.T, l *lab) {
	one := l.openTab(t)
	two := one.sibling()
	one.run("pop.lead('agent')")
	one.leads("gained")
	two.run("pop.lead('agent')")
	one.run("pop.steal('agent')") // it leads already
	two.run("pop.steal('agent')")
	two.leads("gained")
	one.leads("gained lost")
	one.run("pop.steal('agent')")
	one.leads("gained lost gained")
	two.leads("gained lost")
	one.run("pop.steal('agent')")
	// The one that leads goes; the other has waited in line.
	one.close()
	two.leads("gained lost gained")
}

func testTab(t *testing.T, l *lab) {
	tb := l.openTab(t)
	id := value[string](tb, "pop.tab()")
	tb.do(chromedp.Reload())
	tb.until("window.pop !== undefined")
	if got := value[string](tb, "pop.tab()"); got != id {
		t.Errorf("after a reload: %q, want %q", got, id)
	}
	if got := value[string](tb.sibling(), "pop.tab()"); got == id {
		t.Error("another tab has the same id")
	}
	// A window opened from a page gets a copy of its session, as a duplicate does.
	before := tb.windows(l.site, 2)
	tb.do(chromedp.Click(chromedp.ID("twin")))
	for _, i := range tb.windows(l.site, 3) {
		if slices.ContainsFunc(before, func(b *target.Info) bool { return b.TargetID == i.TargetID }) {
			continue
		}
		twin := tb.inside(i)
		twin.until("window.pop !== undefined")
		if got := value[string](twin, "pop.tab()"); got == id || got != value[string](twin, "pop.load(1, 'crmpop.tab')") {
			t.Errorf("the duplicate's id is %q, the original's %q", got, id)
		}
	}
	if a, b := value[string](tb, "pop.id()"), value[string](tb, "pop.id()"); a == b || len(a) != 32 {
		t.Errorf("ids %q, %q: want two of 32 digits", a, b)
	}
}

func testFetch(t *testing.T, l *lab) {
	tb := l.openTab(t)
	got := value[string](tb, `pop.fetch("POST", "/api/echo", "application/json", '{"a":"é"}').then(a => [a.status, a.type, a.body].join(" "))`)
	if want := `418 text/plain POST application/json {"a":"é"} same-origin`; got != want {
		t.Errorf("fetch = %s, want %s", got, want)
	}
	got = value[string](tb, `pop.fetch("GET", "/api/echo", "", "").then(a => a.body)`)
	if want := "GET   same-origin"; got != want {
		t.Errorf("fetch = %q, want %q", got, want)
	}
	for _, path := range []string{"//localhost:1/", "http://localhost:1/", "/api/away", "/\\localhost:1/"} {
		if got := value[string](tb, fmt.Sprintf(`pop.fetch("GET", %q, "", "").then(a => a.error || "")`, path)); got == "" {
			t.Errorf("fetch of %q was answered", path)
		}
	}
	want := "ws" + strings.TrimPrefix(l.site, "http") + "/api/v1/connect"
	if got := value[string](tb, `pop.socketURL("/api/v1/connect")`); got != want {
		t.Errorf("socketURL = %q, want %q", got, want)
	}
}

func testStorage(t *testing.T, l *lab) {
	tb := l.openTab(t)
	tb.run("pop.save(0, 't.a', '1'); pop.save(0, 't.b', ''); pop.save(0, 'u', '3'); pop.save(1, 't.a', '4'); pop.delete(0, 'u')")
	got := value[string](tb, "JSON.stringify([pop.load(0, 't.a'), pop.load(0, 't.b'), pop.load(0, 'u'), pop.load(1, 't.a'), pop.keysOf(0, 't.').sort()])")
	if want := `["1","",null,"4",["t.a","t.b"]]`; got != want {
		t.Errorf("storage = %s, want %s", got, want)
	}
	if value[bool](tb, "pop.save(0, 'big', 'x'.repeat(20_000_000))") {
		t.Error("20 MB were saved")
	}
	// A browser that forbids storage stops nothing.
	tb.run("Object.defineProperty(window, 'localStorage', {get() { throw new DOMException('no', 'SecurityError') }})")
	if value[bool](tb, "pop.save(0, 'a', 'b') || pop.load(0, 'a') !== null || pop.keysOf(0, '').length > 0") {
		t.Error("forbidden storage answered")
	}
	if !tb.add(pageArgs{ID: "a", URL: l.zoo.url + "/ok?nostorage", Key: "k"}) {
		t.Error("without storage no page is shown")
	}
}

func testKeys(t *testing.T, l *lab) {
	tb := l.openTab(t)
	tb.do(chromedp.KeyEvent("3", chromedp.KeyModifiers(chromedp.ModifierAlt)))
	tb.until("pop.keys.length")
	got, want := value[browser.Key](tb, "pop.keys[0]"), browser.Key{Key: "3", Code: "Digit3", Alt: true}
	if got != want {
		t.Errorf("key = %+v, want %+v", got, want)
	}
	tb.run("pop.focus('field')")
	tb.do(chromedp.KeyEvent("axb"))
	tb.until("pop.keys.length === 4")
	if got := value[string](tb, "[...taken, pop.keys.every((k, i) => i === 0 || k.Editing)].join()"); got != "x,true" {
		t.Errorf("keys taken, and all while editing: %s, want x and true", got)
	}
	if got := value[int](tb, "pop.idle()"); got > 5000 {
		t.Errorf("idle for %d ms just after a key", got)
	}
	tb.do(chromedp.KeyEvent("!c"))
	tb.until("pop.keys.length === 5 && taken.join() === 'x'") // a handler that failed lives on and took nothing
	tb.run("pop.panic()")
	tb.until("complaints.length === 2 && complaints.every(c => c.startsWith('crmpop: '))")
	tb.run("complaints = []")
	tb.run("dispatchEvent(new Event('offline')); dispatchEvent(new Event('online'))")
	tb.until("pop.sights.join() === 'false,true'")
	if !value[bool](tb, "pop.visible()") {
		t.Error("the tab is not visible")
	}
}

func testDocument(t *testing.T, l *lab) {
	tb := l.openTab(t)
	tb.run("pop.setTitle('(1) <Ring>'); pop.setHash('a=1'); pop.announce('Anna rings')")
	for range 9 {
		tb.run("pop.announce('<b>again</b>')")
	}
	got := value[string](tb, "[document.title, location.pathname + location.hash, pop.path(), history.length].join(' | ')")
	if !strings.HasPrefix(got, "(1) <Ring> | /#a=1 | / | ") {
		t.Errorf("title, address, path = %s", got)
	}
	live := `(r => [r.getAttribute("aria-live"), r.childElementCount, r.lastChild.textContent, r.getBoundingClientRect().width].join())(document.querySelector(".announcer"))`
	if got := value[string](tb, live); got != "polite,5,<b>again</b>,1" {
		t.Errorf("announcer: %s", got)
	}
	tb.run("pop.setHash('')")
	if got := value[string](tb, "location.href"); got != l.site+"/" {
		t.Errorf("address without hash = %q", got)
	}
	tb.run("pop.alive(); window.beats = 0; window.crmpopAlive = () => beats++; pop.alive()")
	if got := value[int](tb, "beats"); got != 1 {
		t.Errorf("%d beats, want 1", got)
	}
	tb.run("pop.focus('nobody')")
	testGuard(t, tb)
}

// testGuard checks that leaving is asked about while the guard is up, and only then.
func testGuard(t *testing.T, tb *tab) {
	asked, left := make(chan string, 10), make(chan bool, 1)
	if err := chromedp.Listen(tb.ctx, func(ev any) {
		switch ev := ev.(type) {
		case *page.EventJavascriptDialogOpening:
			asked <- string(ev.Type)
		case *page.EventLoadEventFired:
			left <- true
		}
	}); err != nil {
		t.Fatal(err)
	}
	tb.do(chromedp.Click(chromedp.ID("field"))) // browsers ask only agents who have used the page
	tb.run("pop.guard(true); pop.guard(true); setTimeout(() => location.assign('/?left'))")
	select {
	case kind := <-asked:
		if kind != "beforeunload" {
			t.Errorf("dialog %q, want beforeunload", kind)
		}
	case <-time.After(patience):
		t.Fatal("leaving was not asked about")
	}
	answer(t, tb.ctx, false)
	tb.until("location.search === ''")
	tb.run("pop.guard(false); pop.guard(false); setTimeout(() => location.assign('/?left'))")
	// Nothing is asked of the page while it goes: that fails with it.
	select {
	case <-left:
	case <-time.After(patience):
		t.Fatal("the page did not go")
	}
	tb.until("location.search === '?left' && window.pop !== undefined")
	if len(asked) > 0 {
		t.Error("leaving was asked about with the guard down")
	}
}

func answer(t *testing.T, ctx context.Context, accept bool) {
	if _, err := chromedp.Call(ctx, page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{Accept: accept}); err != nil {
		t.Fatal(err)
	}
}

func testClipboard(t *testing.T, l *lab) {
	tb := l.openTab(t)
	if got := value[string](tb, "pop.copy('4722').then(r => r.join('|'))"); !strings.HasPrefix(got, "false|") || got == "false|" {
		t.Errorf("without a click: %q, want false and a reason", got)
	}
	tb.run("document.getElementById('twin').id = 'plain'")
	tb.do(chromedp.Click(chromedp.ID("plain")))
	if got := value[string](tb, "pop.copy('4722').then(r => r.join('|'))"); got != "true|" {
		t.Errorf("after a click: %q, want true", got)
	}
	// The old way, as on a page that is not https, and without taking the focus.
	tb.run("Object.defineProperty(navigator, 'clipboard', {value: undefined}); pop.focus('field')")
	tb.do(chromedp.Click(chromedp.ID("plain")))
	tb.run("pop.focus('field')")
	if got := value[string](tb, "pop.copy('4733').then(r => r.join('|') + document.activeElement.id)"); got != "true|field" {
		t.Errorf("by command: %q, want true and the focus where it was", got)
	}
}
