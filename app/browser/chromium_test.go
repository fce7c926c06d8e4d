//go:build !js

package browser_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

const patience = 30 * time.Second

// policy is the content security policy of the workspace.
const policy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; connect-src 'self' http: https:; " +
	"frame-src http: https:; object-src http: https:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// TestInChromium runs what only a real browser can judge, in one browser, each
// part in a profile of its own.
func TestInChromium(t *testing.T) {
	l := newLab(t)
	for _, part := range []struct {
		name string
		run  func(t *testing.T, l *lab)
	}{
		{"typed text stays and load count is one over 100 switches", testTypedTextStays},
		{"frame has its attributes before its address", testFrameAttributes},
		{"probe finds refusals", testProbe},
		{"probe runs no script", testProbeRunsNothing},
		{"known verdict sends no extra request", testKnownVerdict},
		{"signs of life", testSignsOfLife},
		{"reported refusals", testReported},
		{"silent page is slow", testSlow},
		{"beyond the limit the longest untouched gives way", testLimit},
		{"entering a frame is noticed", testEntered},
		{"reload and removal", testReload},
		{"hostile page stays in its frame", testHostilePage},
		{"window without a click is blocked", testBlankWindow},
		{"named window is used again", testNamedWindow},
		{"lead is handed over", testLead},
		{"tab keeps its id, a duplicate gets its own", testTab},
		{"fetch", testFetch},
		{"storage", testStorage},
		{"keys", testKeys},
		{"document", testDocument},
		{"clipboard", testClipboard},
	} {
		t.Run(part.name, func(t *testing.T) { part.run(t, l) })
	}
}

// lab is a browser, the workspace's server and the zoo.
type lab struct {
	browser context.Context
	site    string
	zoo     *zoo
}

func newLab(t *testing.T) *lab {
	chromium := findChromium(t)
	l := &lab{zoo: openZoo(t), site: serveSite(t)}
	profile, err := os.MkdirTemp("", "browser-test-")
	if err != nil {
		t.Fatal(err)
	}
	alloc, stop := chromedp.NewExecAllocator(t.Context(),
		chromedp.ExecPath(chromium), chromedp.NoSandbox, chromedp.NoFirstRun, chromedp.UserDataDir(profile),
		chromedp.Flag("headless", "new"), chromedp.Flag("disable-gpu", true), chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true), chromedp.WindowSize(1024, 700))
	ctx, cancel := chromedp.NewContext(alloc, chromedp.WithErrorf(func(string, ...any) {}))
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("start %s: %v", chromium, err)
	}
	l.browser = ctx
	t.Cleanup(func() {
		cancel()
		stop()
		removeProfile(t, profile)
	})
	return l
}

// findChromium returns the browser's path. Without one the test is skipped on a
// developer's machine and fails in CI.
func findChromium(t *testing.T) string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("CI") != "" {
		t.Fatal("no Chromium found: install the package chromium")
	}
	t.Skip("no Chromium found: install the package chromium")
	return ""
}

// removeProfile takes the profile away; the browser's last processes may still
// write into it for a moment.
func removeProfile(t *testing.T, dir string) {
	deadline := time.Now().Add(patience)
	for os.RemoveAll(dir) != nil {
		if time.Now().After(deadline) {
			t.Errorf("profile %s cannot be removed", dir)
			return
		}
		runtime.Gosched()
	}
}

// serveSite builds the test page and serves it as the workspace is served.
func serveSite(t *testing.T) string {
	wasm := filepath.Join(t.TempDir(), "page.wasm")
	build := exec.Command("go", "build", "-ldflags=-s -w", "-o", wasm, "./testdata/page")
	build.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm", "GOFLAGS=")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build the test page: %v\n%s", err, out)
	}
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	serveFile(mux, "/{$}", filepath.Join("testdata", "page", "index.html"))
	serveFile(mux, "/boot.js", filepath.Join("testdata", "page", "boot.js"))
	serveFile(mux, "/page.css", filepath.Join("testdata", "page", "page.css"))
	serveFile(mux, "/page.wasm", wasm)
	serveFile(mux, "/wasm_exec.js", filepath.Join(strings.TrimSpace(string(root)), "lib", "wasm", "wasm_exec.js"))
	mux.HandleFunc("/api/echo", echo)
	mux.HandleFunc("/api/away", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://localhost:1/", http.StatusFound)
	})
	srv := httptest.NewServer(mux)
	t.Cleanup(func() {
		srv.CloseClientConnections()
		srv.Close()
	})
	return srv.URL
}

func serveFile(mux *http.ServeMux, pattern, file string) {
	mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", policy)
		http.ServeFile(w, r, file)
	})
}

func echo(w http.ResponseWriter, r *http.Request) {
	body := make([]byte, 100)
	n, _ := r.Body.Read(body) // an empty body reads as none
	w.Header().Set("Content-Type", "text/plain")
	w.WriteHeader(http.StatusTeapot)
	fmt.Fprintf(w, "%s %s %s %s", r.Method, r.Header.Get("Content-Type"), body[:n], r.Header.Get("Sec-Fetch-Site"))
}

// tab is one tab with the test page in it.
type tab struct {
	t      *testing.T
	ctx    context.Context
	site   string
	closed bool
}

// openTab opens the test page in a fresh profile.
func (l *lab) openTab(t *testing.T) *tab {
	return openTab(t, l.browser, l.site, chromedp.WithNewBrowserContext())
}

// sibling opens the test page once more in the same profile.
func (tb *tab) sibling() *tab { return openTab(tb.t, tb.ctx, tb.site) }

// close closes the tab as an agent does.
func (tb *tab) close() {
	tb.t.Helper()
	id := chromedp.FromContext(tb.ctx).Target.TargetID
	if _, err := chromedp.CallBrowser(tb.ctx, target.CloseTarget, target.CloseTargetParams{TargetID: id}); err != nil {
		tb.t.Fatal(err)
	}
	tb.closed = true
}

func openTab(t *testing.T, parent context.Context, site string, opts ...chromedp.ContextOption) *tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(parent, opts...)
	t.Cleanup(cancel)
	tb := &tab{t: t, ctx: ctx, site: site}
	tb.do(chromedp.Navigate(site))
	tb.until("window.pop !== undefined")
	t.Cleanup(tb.wantClean)
	return tb
}

// wantClean fails the test if our own policy was violated or the program failed.
func (tb *tab) wantClean() {
	if tb.closed {
		return
	}
	for _, list := range []string{"violations", "complaints"} {
		if got := value[[]string](tb, list); len(got) > 0 {
			tb.t.Errorf("%s: %q", list, got)
		}
	}
}

func (tb *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	tb.t.Helper()
	if err := chromedp.Do(tb.ctx, steps...); err != nil {
		tb.t.Fatal(err)
	}
}

// value evaluates a JavaScript expression, and waits if it is a promise.
func value[T any](tb *tab, expression string) T {
	tb.t.Helper()
	ctx, cancel := context.WithTimeout(tb.ctx, patience)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		tb.t.Fatalf("%s: %v", expression, err)
	}
	return v
}

// run evaluates a JavaScript expression for its effect.
func (tb *tab) run(format string, args ...any) {
	tb.t.Helper()
	value[chromedp.Void](tb, "(() => {"+fmt.Sprintf(format, args...)+"})()")
}

// until waits until a JavaScript expression holds.
func (tb *tab) until(expression string) {
	tb.t.Helper()
	deadline := time.Now().Add(patience)
	for !value[bool](tb, "!!("+expression+")") {
		if time.Now().After(deadline) {
			tb.t.Fatalf("never true: %s\nevents: %s", expression, value[string](tb, "JSON.stringify(pop.events)"))
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// happening is a PageEvent as the test page writes it down.
type happening struct {
	ID, What, Detail string
	Loads, After     int
}

// happened waits until what has befallen page id and returns it.
func (tb *tab) happened(id, what string) happening {
	tb.t.Helper()
	find := fmt.Sprintf("pop.events.find(e => e.id === %q && e.what === %q)", id, what)
	tb.until(find)
	return value[happening](tb, find)
}

// whats returns all that has befallen page id, in order.
func (tb *tab) whats(id string) string {
	tb.t.Helper()
	return value[string](tb, fmt.Sprintf("pop.events.filter(e => e.id === %q).map(e => e.what).join(' ')", id))
}

// pageArgs is what pop.add takes.
type pageArgs struct {
	ID      string `json:"id"`
	URL     string `json:"url"`
	Title   string `json:"title,omitempty"`
	Key     string `json:"key,omitempty"`
	Sandbox string `json:"sandbox,omitempty"`
	Allow   string `json:"allow,omitempty"`
	Probe   bool   `json:"probe,omitempty"`
	Always  bool   `json:"always,omitempty"`
}

// add puts a page on the stage and returns what Add did.
func (tb *tab) add(p pageArgs) bool {
	tb.t.Helper()
	args, err := json.Marshal(p)
	if err != nil {
		tb.t.Fatal(err)
	}
	return value[bool](tb, fmt.Sprintf("pop.add(%s)", args))
}
