package e2e_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

// browser is the context of the one Chromium that all tests share; each test
// works in a browser context of its own inside it.
var browser context.Context

// cookieControls is the browser's setting for third-party cookies.
type cookieControls int

// Debian's Chromium blocks third-party cookies by default, Chrome does not.
const (
	asChromeShips cookieControls = 0
	thirdBlocked  cookieControls = 1
)

// startBrowser starts Chromium with the settings that agents have. Flags that
// drivers like to add are left out where they falsify what is tested: pop-up
// blocking, throttling of hidden tabs.
func startBrowser(cookies cookieControls) (ctx context.Context, stop func(), err error) {
	profile, err := os.MkdirTemp("", "crmpop-e2e-")
	if err != nil {
		return nil, nil, err
	}
	prefs := filepath.Join(profile, "Default", "Preferences")
	if err := os.MkdirAll(filepath.Dir(prefs), 0o700); err != nil {
		return nil, nil, err
	}
	if err := os.WriteFile(prefs, fmt.Appendf(nil, `{"profile":{"cookie_controls_mode":%d}}`, cookies), 0o600); err != nil {
		return nil, nil, err
	}
	alloc, stopAlloc := chromedp.NewExecAllocator(context.Background(),
		chromedp.ExecPath(chromium),
		chromedp.UserDataDir(profile),
		chromedp.Flag("headless", "new"),
		chromedp.NoSandbox,
		chromedp.NoFirstRun,
		chromedp.NoDefaultBrowserCheck,
		chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true),
		chromedp.Flag("disable-dev-shm-usage", true),
		chromedp.Flag("hide-scrollbars", true),
		chromedp.Flag("force-color-profile", "srgb"),
		chromedp.IgnoreCertErrors, // of the zoo, whose certificate nobody has signed
		chromedp.Flag("host-resolver-rules", "MAP *.test 127.0.0.1"),
		chromedp.WindowSize(1440, 900),
	)
	ctx, cancel := chromedp.NewContext(alloc)
	stop = func() {
		cancel()
		stopAlloc()
		os.RemoveAll(profile)
	}
	if err := chromedp.Do(ctx); err != nil {
		stop()
		return nil, nil, err
	}
	return ctx, stop, nil
}

// patience is how long a condition may take to come true on a busy machine.
const patience = 20 * time.Second

// person is a browser context: somebody's own cookies, storage and tabs.
type person struct {
	t       testing.TB
	browser context.Context
	ctx     context.Context
	first   *tab
}

// newPerson opens a fresh browser context; the first tab of it is blank.
func newPerson(t testing.TB) *person {
	t.Helper()
	return newPersonIn(t, browser)
}

func newPersonIn(t testing.TB, browser context.Context) *person {
	t.Helper()
	p := &person{t: t, browser: browser}
	first := &tab{t: t}
	ctx, cancel := chromedp.NewContext(browser, chromedp.WithNewBrowserContext(), chromedp.WithListener(first.hear))
	t.Cleanup(cancel)
	p.ctx, p.first = ctx, first
	first.start(ctx)
	return p
}

// tab opens another tab of the same person.
func (p *person) tab() *tab {
	p.t.Helper()
	b := &tab{t: p.t}
	id := chromedp.FromContext(p.ctx).BrowserContextID
	ctx, cancel := chromedp.NewContext(p.browser, chromedp.WithExistingBrowserContext(id), chromedp.WithListener(b.hear))
	p.t.Cleanup(cancel)
	b.start(ctx)
	return b
}

// opened waits for a tab that a page has opened, at an address that contains part.
func (p *person) opened(part string) *tab {
	p.t.Helper()
	b := &tab{t: p.t}
	id := target.ID("")
	until(p.t, "a tab at "+part, func() (bool, string) {
		all := p.pages()
		for _, info := range all {
			if strings.Contains(info.URL, part) {
				id = info.TargetID
				return true, ""
			}
		}
		return false, fmt.Sprintf("%d tabs: %s", len(all), addresses(all))
	})
	ctx, cancel := chromedp.NewContext(p.browser, chromedp.WithTargetID(id), chromedp.WithListener(b.hear))
	p.t.Cleanup(cancel)
	b.start(ctx)
	return b
}

// pages returns the person's tabs.
func (p *person) pages() []*target.Info {
	p.t.Helper()
	all, err := chromedp.Targets(p.ctx)
	if err != nil {
		p.t.Fatalf("list tabs: %v", err)
	}
	id := chromedp.FromContext(p.ctx).BrowserContextID
	var own []*target.Info
	for _, info := range all {
		if info.Type == "page" && info.BrowserContextID == id {
			own = append(own, info)
		}
	}
	return own
}

func addresses(all []*target.Info) string {
	var urls []string
	for _, info := range all {
		urls = append(urls, info.URL)
	}
	return strings.Join(urls, " ")
}

// tab is one browser tab, or a frame in one (see frame). Console errors, exceptions and violations of the
// content security policy fail its test, unless the test allowed them.
type tab struct {
	t     testing.TB
	ctx   context.Context
	world runtime.ExecutionContextID // of a frame; 0 for the tab's own document
	part  string                     // JavaScript for the part of the page that is looked at; "" for all

	mu      sync.Mutex // guards what follows
	faults  []string
	allowed []string
}

func (b *tab) start(ctx context.Context) {
	b.t.Helper()
	b.ctx = ctx
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(1440, 900)); err != nil {
		b.t.Fatalf("open a tab: %v", err)
	}
	b.t.Cleanup(b.check)
}

// allow lets console messages pass that contain one of the parts: those that
// the browser itself writes when a test breaks something on purpose.
func (b *tab) allow(parts ...string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.allowed = append(b.allowed, parts...)
}

func (b *tab) check() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, f := range b.faults {
		ok := false
		for _, part := range b.allowed {
			ok = ok || strings.Contains(f, part)
		}
		if !ok {
			b.t.Errorf("in the browser's console: %s", f)
		}
	}
}

func (b *tab) fault(format string, args ...any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.faults = append(b.faults, fmt.Sprintf(format, args...))
}

// hear collects what goes wrong in a page. It must not wait for anything.
func (b *tab) hear(ev any) {
	switch ev := ev.(type) {
	case *runtime.EventConsoleAPICalled:
		if ev.Type == runtime.ConsoleAPICalledTypeError || ev.Type == runtime.ConsoleAPICalledTypeAssert {
			var words []string
			for _, a := range ev.Args {
				words = append(words, a.Description+string(a.Value))
			}
			b.fault("console.%s: %s", ev.Type, strings.Join(words, " "))
		}
	case *runtime.EventExceptionThrown:
		text := ev.ExceptionDetails.Text
		if ev.ExceptionDetails.Exception != nil {
			text += " " + ev.ExceptionDetails.Exception.Description
		}
		b.fault("exception: %s", text)
	case *page.EventJavascriptDialogOpening:
		b.fault("a dialog opens: %s", ev.Message)
	case *log.EventEntryAdded:
		if ev.Entry.Level == log.EntryLevelError {
			b.fault("%s: %s (%s)", ev.Entry.Source, ev.Entry.Text, ev.Entry.URL)
		}
	}
}

// goTo loads an address and waits for it.
func (b *tab) goTo(url string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, chromedp.Navigate(url)); err != nil {
		b.t.Fatalf("go to %s: %v", url, err)
	}
}

func (b *tab) reload() {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, chromedp.Reload()); err != nil {
		b.t.Fatalf("reload: %v", err)
	}
}

// onEveryLoad runs js before any script of each document that the tab loads.
func (b *tab) onEveryLoad(js string) {
	b.t.Helper()
	_, err := chromedp.Call(b.ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: js})
	if err != nil {
		b.t.Fatalf("add a script: %v", err)
	}
}

// eval returns what a JavaScript expression is in the page; a promise is waited for.
func eval[T any](b *tab, js string) T {
	b.t.Helper()
	v, err := tryEval[T](b, js)
	if err != nil {
		b.t.Fatalf("evaluate %s: %v", js, err)
	}
	return v
}

func tryEval[T any](b *tab, js string) (T, error) {
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	return chromedp.Run(ctx, chromedp.Evaluate[T](js, chromedp.EvalAwaitPromise, b.inWorld))
}

// inWorld has a script run in the frame that the tab stands for.
func (b *tab) inWorld(p *runtime.EvaluateParams) { p.ContextID = b.world }

// until waits for a condition; it fails the test with what it last saw.
func until(t testing.TB, what string, ok func() (bool, string)) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for {
		done, saw := ok()
		if done {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("waited %v for %s; last: %s", patience, what, saw)
		}
		select {
		case <-t.Context().Done():
			t.Fatalf("stopped while waiting for %s", what)
		case <-time.After(20 * time.Millisecond): // between two looks
		}
	}
}

// untilJS waits until a JavaScript expression is true.
func (b *tab) untilJS(what, js string) {
	b.t.Helper()
	until(b.t, what, func() (bool, string) {
		v, err := tryEval[bool](b, js)
		return v && err == nil, fmt.Sprint(v, " ", err)
	})
}

// picture returns the visible page as PNG.
func (b *tab) picture() []byte {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	png, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err != nil {
		b.t.Fatalf("draw a picture: %v", err)
	}
	return png
}

// call sends a command of the DevTools protocol to the tab.
func call[P, R any](b *tab, cmd cdp.Command[P, R], params P) R {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	r, err := chromedp.Call(ctx, cmd, params)
	if err != nil {
		b.t.Fatalf("%s: %v", cmd.Method, err)
	}
	return r
}
