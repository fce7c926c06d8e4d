//go:build !js

package browser_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// enter shows page id and clicks into it, until the next key will go there.
func (tb *tab) enter(id string) {
	tb.t.Helper()
	tb.run("pop.show(%q)", id)
	deadline := time.Now().Add(patience)
	for tb.ask(id) != "focused:" {
		if time.Now().After(deadline) {
			tb.t.Fatalf("page %s cannot be entered", id)
		}
		// A frame that has just been shown does not get its clicks at once.
		tb.do(chromedp.MouseClickXY(300, 250))
		time.Sleep(50 * time.Millisecond)
	}
}

// ask asks page id what stands in it and returns its newest answer.
func (tb *tab) ask(id string) string {
	tb.t.Helper()
	return value[string](tb, fmt.Sprintf(
		`(document.querySelector("[data-pop=%s]").contentWindow.postMessage("say", "*"), said[%q] ?? "")`, id, id))
}

// says waits until want stands in page id; "focused:" before the text means that
// the next key will go there.
func (tb *tab) says(id, want string) {
	tb.t.Helper()
	got := ""
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if got = tb.ask(id); got == want {
			return
		}
	}
	tb.t.Fatalf("page %s says %q, want %q", id, got, want)
}

func testTypedTextStays(t *testing.T, l *lab) {
	tb := l.openTab(t)
	for _, id := range []string{"a", "b"} {
		if !tb.add(pageArgs{ID: id, URL: l.zoo.url + "/ok?" + id}) {
			t.Fatalf("Add(%s) = false", id)
		}
		if tb.add(pageArgs{ID: id, URL: l.zoo.url + "/ok?" + id}) {
			t.Fatalf("second Add(%s) = true", id)
		}
		tb.happened(id, "loaded")
	}
	tb.enter("a")
	tb.do(chromedp.KeyEvent("hei"))
	tb.says("a", "focused:hei")
	tb.run("for (let i = 0; i < 100; i++) { pop.show('b'); pop.cover('b', true); pop.cover('b', false); pop.show(''); pop.show('a') }")
	tb.add(pageArgs{ID: "c", URL: l.zoo.url + "/ok?c"})
	tb.run("history.pushState(null, '', '/?elsewhere'); pop.remove('b'); history.back()")
	tb.happened("c", "loaded")
	tb.run("said = {}")
	tb.says("a", "has:hei")
	for _, id := range []string{"a", "c"} {
		if got := value[int](tb, fmt.Sprintf("pop.loads(%q)", id)); got != 1 {
			t.Errorf("loads(%s) = %d, want 1", id, got)
		}
		if got := l.zoo.seen("/ok?"+id, "iframe"); got != 1 {
			t.Errorf("page %s was fetched %d times, want 1", id, got)
		}
	}
	if got := value[[]string](tb, "pop.pages()"); !slices.Equal(got, []string{"a", "c"}) {
		t.Errorf("pages = %q, want a, c", got)
	}
}

func testFrameAttributes(t *testing.T, l *lab) {
	tb := l.openTab(t)
	// The order in which attributes are set shows in the element.
	tb.add(pageArgs{ID: "a", URL: l.zoo.url + "/ok?attrs", Title: `Anna "A" <b>`, Sandbox: "modals allow-top-navigation", Allow: "clipboard-write"})
	got := value[string](tb, `(() => { const f = document.querySelector("#stage > iframe.frame"); return f.getAttributeNames().map(n => n + "=" + f.getAttribute(n)).join("\n") })()`)
	want := strings.Join([]string{
		"class=frame", `title=Anna "A" <b>`, "data-pop=a",
		"sandbox=allow-scripts allow-same-origin allow-forms allow-popups allow-popups-to-escape-sandbox allow-downloads allow-modals",
		"referrerpolicy=strict-origin-when-cross-origin", "loading=eager", "allow=clipboard-write", "src=" + l.zoo.url + "/ok?attrs",
	}, "\n")
	if got != want {
		t.Errorf("attributes:\n%s\nwant:\n%s", got, want)
	}
	stage := `(s => [s.parentNode === document.body, s.getAttribute("role"), s.hidden].join())(document.getElementById("stage"))`
	if got := value[string](tb, stage); got != "true,none,true" {
		t.Errorf("stage: %s, want in body, role none, hidden", got)
	}
	tb.run("pop.show('a'); pop.title('a', 'Ola')")
	if got := value[string](tb, stage+` + " " + document.querySelector(".frame-shown").title`); got != "true,none,false Ola" {
		t.Errorf("stage with a page shown: %s", got)
	}
	tb.run("pop.cover('a', true)")
	if !value[bool](tb, `document.getElementById("stage").hidden && !document.querySelector(".frame-shown")`) {
		t.Error("the covered page is to be seen")
	}
}

func testProbe(t *testing.T, l *lab) {
	tests := []struct {
		path, what, detail string
	}{
		{"/ok", "loaded", ""},
		{"/late", "loaded", ""},
		{"/xfo", "refused", "does not allow"},
		{"/csp", "refused", "frame-ancestors) does not allow this workspace to show it: " + l.zoo.url},
		{"/redirect", "refused", "does not allow"},
	}
	tb := l.openTab(t)
	for _, tt := range tests {
		id := tt.path[1:]
		url := tt.path + "?probe"
		tb.add(pageArgs{ID: id, URL: l.zoo.url + url, Key: id, Probe: true})
		ev := tb.happened(id, tt.what)
		if !strings.Contains(ev.Detail, tt.detail) {
			t.Errorf("%s: detail = %q, want %q in it", tt.path, ev.Detail, tt.detail)
		}
		if got := tb.whats(id); got != tt.what {
			t.Errorf("%s: happened %q, want only %q", tt.path, got, tt.what)
		}
		if got := value[bool](tb, fmt.Sprintf("pop.has(%q)", id)); got != (tt.what == "loaded") {
			t.Errorf("%s: has = %t", tt.path, got)
		}
		tb.until("!document.querySelector('.probe')")
		// A refusal by policy may be reported of the frame before the probe has begun.
		if got := l.zoo.seen(url, "object"); got > 1 || got == 0 && tt.path != "/csp" {
			t.Errorf("%s: probed %d times, want once", tt.path, got)
		}
		tb.run("pop.remove(%q)", id)
		t.Logf("%s %s after %d ms", tt.path, tt.what, ev.After)
	}
}

// testProbeRunsNothing checks that of a page that is asked, only the frame runs.
func testProbeRunsNothing(t *testing.T, l *lab) {
	tb := l.openTab(t)
	tb.add(pageArgs{ID: "a", URL: l.zoo.url + "/runs", Key: "k", Probe: true})
	tb.happened("a", "loaded")
	tb.until("pop.load(0, 'crmpop.verdict.k')")
	tb.until("!document.querySelector('.probe')")
	for deadline := time.Now().Add(patience); l.zoo.seen("/ran", "empty") == 0 && time.Now().Before(deadline); {
		time.Sleep(10 * time.Millisecond)
	}
	if asked, ran := l.zoo.seen("/runs", "object"), l.zoo.seen("/ran", "empty"); asked != 1 || ran != 1 {
		t.Errorf("asked %d times, script ran %d times, want 1 and 1", asked, ran)
	}
}

func testHostilePage(t *testing.T, l *lab) {
	tb := l.openTab(t)
	tb.add(pageArgs{ID: "a", URL: l.zoo.url + "/hostile", Sandbox: "top-navigation allow-top-navigation allow-top-navigation-by-user-activation"})
	tb.happened("a", "loaded")
	tb.run("pop.show('a')")
	for deadline := time.Now().Add(patience); !value[bool](tb, "said.a === 'attacked'"); {
		if time.Now().After(deadline) {
			t.Fatal("the page was never clicked")
		}
		tb.do(chromedp.MouseClickXY(300, 250))
		time.Sleep(50 * time.Millisecond)
	}
	if got := value[string](tb, "location.href"); got != l.site+"/" {
		t.Errorf("the workspace is at %s", got)
	}
	if got := l.zoo.seen("/ok?took", "document"); got != 0 {
		t.Errorf("the page took the workspace's place %d times", got)
	}
}

func testKnownVerdict(t *testing.T, l *lab) {
	tb := l.openTab(t)
	for _, p := range []pageArgs{
		{ID: "good", URL: l.zoo.url + "/ok?known=1", Key: "good", Probe: true},
		{ID: "bad", URL: l.zoo.url + "/xfo?known=1", Key: "bad", Probe: true},
	} {
		tb.add(p)
	}
	tb.happened("good", "loaded")
	tb.happened("bad", "refused")
	if got := value[[]string](tb, "pop.keysOf(0, 'crmpop.verdict.').sort()"); !slices.Equal(got, []string{"crmpop.verdict.bad", "crmpop.verdict.good"}) {
		t.Errorf("remembered %q", got)
	}

	// Another document of the same browser knows as much.
	tb = tb.sibling()
	tb.add(pageArgs{ID: "good", URL: l.zoo.url + "/ok?known=2", Key: "good", Probe: true})
	if tb.add(pageArgs{ID: "bad", URL: l.zoo.url + "/xfo?known=2", Key: "bad", Probe: true}) {
		t.Error("a page known to be refused got a frame")
	}
	tb.happened("good", "loaded")
	tb.happened("bad", "refused")
	if probe, frame := l.zoo.seen("/ok?known=2", "object"), l.zoo.seen("/ok?known=2", "iframe"); probe != 0 || frame != 1 {
		t.Errorf("allowed page: %d probes and %d frames, want 0 and 1", probe, frame)
	}
	if probe, frame := l.zoo.seen("/xfo?known=2", "object"), l.zoo.seen("/xfo?known=2", "iframe"); probe+frame != 0 {
		t.Errorf("refused page: %d probes and %d frames, want none", probe, frame)
	}
}

func testSignsOfLife(t *testing.T, l *lab) {
	tests := []struct{ path, want string }{
		{"/speaks", "alive"},
		{"/nested", "alive"},
		{"/moves", "reloaded"},
	}
	tb := l.openTab(t)
	for _, tt := range tests {
		id := tt.path[1:]
		tb.add(pageArgs{ID: id, URL: l.zoo.url + tt.path, Key: id})
		tb.happened(id, "loaded")
		ev := tb.happened(id, tt.want)
		if tt.want == "reloaded" && ev.Loads != 2 {
			t.Errorf("%s: loads = %d, want 2", tt.path, ev.Loads)
		}
		if tt.want == "alive" && !strings.HasPrefix(value[string](tb, fmt.Sprintf("pop.load(0, 'crmpop.verdict.%s') ?? ''", id)), "allowed") {
			t.Errorf("%s: a page that lives is not remembered as allowed", tt.path)
		}
	}
}

// testReported has pages refused that nobody asked beforehand: the browser's own
// report is what tells.
func testReported(t *testing.T, l *lab) {
	tb := l.openTab(t)
	tb.add(pageArgs{ID: "csp", URL: l.zoo.url + "/csp?reported"})
	if ev := tb.happened("csp", "refused"); !strings.Contains(ev.Detail, "frame-ancestors") || !strings.Contains(ev.Detail, l.zoo.url) {
		t.Errorf("the reason is %q", ev.Detail)
	}
	tb = l.openTab(t)
	tb.add(pageArgs{ID: "goes", URL: l.zoo.url + "/goes?to=/csp"})
	tb.happened("goes", "loaded")
	if ev := tb.happened("goes", "moved"); !strings.Contains(ev.Detail, "frame-ancestors") {
		t.Errorf("a page that went on to one that refuses: %q", ev.Detail)
	}
	if !value[bool](tb, "pop.has('goes')") {
		t.Error("its frame was taken away")
	}
	tb.add(pageArgs{ID: "moves", URL: l.zoo.url + "/moves?again"})
	if ev := tb.happened("moves", "moved"); ev.Detail != "" {
		t.Errorf("a page that went on to one that can be seen: %q", ev.Detail)
	}
}

func testSlow(t *testing.T, l *lab) {
	tb := l.openTab(t)
	tb.add(pageArgs{ID: "hangs", URL: l.zoo.url + "/hangs", Key: "k", Probe: true})
	tb.add(pageArgs{ID: "nothing", URL: l.zoo.url + "/nothing"})
	tb.add(pageArgs{ID: "late", URL: l.zoo.url + "/late?slow"})
	for _, id := range []string{"hangs", "nothing"} {
		if ev := tb.happened(id, "slow"); ev.After < 8000 {
			t.Errorf("%s slow after %d ms, want 8 s", id, ev.After)
		}
	}
	if got := tb.whats("late"); got != "loaded" {
		t.Errorf("a page that came after 2 s: %q, want loaded", got)
	}
	tb.until("!document.querySelector('.probe')")
	if value[bool](tb, "pop.load(0, 'crmpop.verdict.k') !== null") {
		t.Error("a page that said nothing got a verdict")
	}
	tb.run("pop.remove('hangs')")
}

func testLimit(t *testing.T, l *lab) { // the test page's limit is 3
	tb := l.openTab(t)
	for _, id := range []string{"a", "b", "c"} {
		tb.add(pageArgs{ID: id, URL: l.zoo.url + "/ok?limit" + id})
		tb.happened(id, "loaded")
	}
	tb.enter("a")
	tb.happened("a", "entered")
	tb.run("pop.show('b')")
	tb.run("pop.show('')")
	tb.add(pageArgs{ID: "d", URL: l.zoo.url + "/ok?limitd"})
	tb.happened("c", "unloaded")
	if got := value[[]string](tb, "[...document.querySelectorAll('.frame')].map(f => f.dataset.pop)"); !slices.Equal(got, []string{"a", "b", "d"}) {
		t.Errorf("frames %q, want a, b, d", got)
	}
	tb.run("pop.reload('c')")
	tb.happened("b", "unloaded")
	tb.until("pop.has('c')")
}

func testEntered(t *testing.T, l *lab) {
	tb := l.openTab(t)
	for _, id := range []string{"a", "b"} {
		tb.add(pageArgs{ID: id, URL: l.zoo.url + "/ok?enter" + id})
		tb.happened(id, "loaded")
	}
	if got := tb.whats("a"); got != "loaded" {
		t.Fatalf("untouched page: %q", got)
	}
	tb.enter("a")
	tb.happened("a", "entered")
	if got := value[int](tb, "pop.idle()"); got > 5000 {
		t.Errorf("idle for %d ms just after a click into a frame", got)
	}
	tb.run("pop.show('b')")
	if !value[bool](tb, "document.activeElement === document.body") {
		t.Error("the hidden frame kept the keyboard")
	}
	tb.enter("b")
	tb.happened("b", "entered")
	tb.do(chromedp.KeyEvent("b"))
	tb.says("b", "focused:b")
	tb.says("a", "has:")
}

func testReload(t *testing.T, l *lab) {
	tb := l.openTab(t)
	tb.add(pageArgs{ID: "a", URL: l.zoo.url + "/ok?reload"})
	tb.happened("a", "loaded")
	tb.run("pop.reload('a')")
	if ev := tb.happened("a", "reloaded"); ev.Loads != 2 {
		t.Errorf("loads = %d, want 2", ev.Loads)
	}
	if got := l.zoo.seen("/ok?reload", "iframe"); got != 2 {
		t.Errorf("fetched %d times, want 2", got)
	}
	tb.run("pop.refuse('k', 'blank'); pop.remove('a')")
	if value[bool](tb, "pop.has('a') || !!document.querySelector('.frame')") {
		t.Error("the removed page is there")
	}
	if tb.add(pageArgs{ID: "a", URL: l.zoo.url + "/ok?reload2", Key: "k"}) {
		t.Error("the agent's word was forgotten")
	}
	if !tb.add(pageArgs{ID: "a", URL: l.zoo.url + "/ok?reload2", Key: "k", Always: true}) {
		t.Error("Always made no frame")
	}
	for _, url := range []string{"javascript:alert(1)", "/own", l.site + "/own", "data:text/html,x", "\tjava\nscript:alert(1)", `http:\\127.0.0.1` + strings.TrimPrefix(l.site, "http://127.0.0.1")} {
		if value[bool](tb, fmt.Sprintf("pop.add({id: 'x' + %q, url: %q, always: true})", url, url)) {
			t.Errorf("Add(%q) made a frame", url)
		}
	}
	if got := value[int](tb, "document.querySelectorAll('.frame').length"); got != 1 {
		t.Errorf("%d frames, want 1", got)
	}
}
