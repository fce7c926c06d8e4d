package e2e_test

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// The demo's agents.
const anna, ola = "anna@demo", "ola@demo"

// workspace is an agent's workspace in a tab.
type workspace struct {
	*tab
	person *person
	server *server
	origin string
}

// signIn opens the workspace at an origin in a fresh browser and signs in by
// typing into the form.
func signIn(t testing.TB, s *server, email string) *workspace {
	t.Helper()
	return signInAt(t, s, s.url, email)
}

func signInAt(t testing.TB, s *server, origin, email string) *workspace {
	t.Helper()
	p := newPerson(t)
	w := &workspace{tab: p.first, person: p, server: s, origin: origin}
	w.signIn(email)
	return w
}

func (w *workspace) signIn(email string) {
	w.t.Helper()
	w.allow("401 (Unauthorized) (" + w.origin + "/api/v1/session)") // who am I? nobody yet
	w.goTo(w.origin + "/")
	w.write("textbox", "E-mail", email)
	w.write("textbox", "Password", "demo")
	w.clickExact("button", "Sign in")
	w.untilConnected()
}

// again opens a second workspace of the same agent in another tab.
func (w *workspace) again() *workspace {
	w.t.Helper()
	other := &workspace{tab: w.person.tab(), person: w.person, server: w.server, origin: w.origin}
	other.goTo(w.origin + "/")
	other.untilConnected()
	return other
}

func (w *workspace) untilConnected() {
	w.t.Helper()
	w.untilConnection("Connected")
}

func (w *workspace) untilConnection(word string) {
	w.t.Helper()
	w.untilJS("connection "+word, `document.querySelector('[role=status][aria-label=Connection]')?.textContent.trim() === `+strconv.Quote(word))
}

// requests and views are the two rows of tabs.
func (w *workspace) requests() *tab {
	return w.within(`document.querySelector('[role=tablist][aria-label="Requests"]')`)
}

func (w *workspace) views() *tab {
	return w.within(`document.querySelector('[role=tablist][aria-label="Views"]')`)
}

// show brings a request to the front by its tab.
func (w *workspace) show(request string) {
	w.t.Helper()
	w.requests().click("tab", request)
	w.requests().untilSelected(request)
}

// view brings one of the shown request's views to the front.
func (w *workspace) view(title string) {
	w.t.Helper()
	w.views().clickExact("tab", title)
	w.views().untilSelected(title)
}

// gone waits until a request has no tab any more.
func (w *workspace) gone(request string) {
	w.t.Helper()
	w.requests().gone("tab", request)
}

func (b *tab) untilSelected(name string) {
	b.t.Helper()
	until(b.t, fmt.Sprintf("tab %q selected", name), func() (bool, string) {
		all, err := b.all("tab", name)
		for _, e := range all {
			if e.selected {
				return true, ""
			}
		}
		return false, fmt.Sprint(names(all), err)
	})
}

// selectedTabs returns the names of the selected tabs: request and view.
func (w *workspace) selectedTabs() []string {
	w.t.Helper()
	all, err := w.all("tab", "")
	if err != nil {
		return nil // the page is being drawn
	}
	var s []string
	for _, e := range all {
		if e.selected {
			s = append(s, e.name)
		}
	}
	return s
}

// iframe is JavaScript for the frame of a page with that title, of which there
// may be one for each request; what is visible wins.
func iframe(title string) string {
	return `([...document.querySelectorAll('#stage iframe')].filter(f => f.title === ` + strconv.Quote(title) + `)
		.sort((a, b) => b.checkVisibility({visibilityProperty: true, opacityProperty: true}) - a.checkVisibility({visibilityProperty: true, opacityProperty: true}))[0])`
}

// untilSeen waits until the page with that title can be seen.
func (w *workspace) untilSeen(title string) {
	w.t.Helper()
	w.untilJS("page "+title+" to be seen", `(f => !!f && f.checkVisibility({visibilityProperty: true, opacityProperty: true}) && f.getBoundingClientRect().height > 100)(`+iframe(title)+`)`)
}

// frames returns how many pages are on the stage.
func (w *workspace) frames() int {
	w.t.Helper()
	return eval[int](w.tab, `document.querySelectorAll('#stage iframe').length`)
}

// frame returns the document inside the visible frame of that title, to be used
// like a tab, once it holds part of an address.
func (w *workspace) frame(title, part string) *tab {
	w.t.Helper()
	var inside *tab
	until(w.t, "the document in frame "+title, func() (bool, string) {
		ctx, cancel := context.WithTimeout(w.ctx, patience)
		defer cancel()
		obj, err := chromedp.Run(ctx, chromedp.Evaluate[*runtime.RemoteObject](iframe(title)))
		if err != nil || obj == nil {
			return false, fmt.Sprint("no frame ", err)
		}
		node, err := chromedp.Call(ctx, dom.DescribeNode, dom.DescribeNodeParams{ObjectID: obj.ObjectID})
		if err != nil {
			return false, err.Error()
		}
		world, err := chromedp.Call(ctx, page.CreateIsolatedWorld, page.CreateIsolatedWorldParams{FrameID: node.Node.FrameID, WorldName: "e2e"})
		if err != nil {
			return false, err.Error()
		}
		inside = &tab{t: w.t, ctx: w.ctx, world: world.ExecutionContextID}
		at, err := tryEval[string](inside, `document.readyState === "complete" ? location.href : ""`)
		return err == nil && at != "" && strings.Contains(at, part), fmt.Sprint(at, " ", err)
	})
	return inside
}

// heading waits until the document has that heading.
func (b *tab) heading(text string) {
	b.t.Helper()
	b.untilJS("heading "+text, `[...document.querySelectorAll("h1")].some(h => h.textContent.trim() === `+strconv.Quote(text)+`)`)
}

// says waits until the visible text of the page contains part.
func (b *tab) says(part string) {
	b.t.Helper()
	b.untilJS("text "+part, `document.body.innerText.includes(`+strconv.Quote(part)+`)`)
}

// noGesture loads the page anew, so that the browser has seen no click of late
// and stops windows that open by themselves.
func (w *workspace) noGesture() {
	w.t.Helper()
	w.reload()
	w.untilConnected()
}

// gesture presses a key that does nothing, so that the browser lets one window open.
func (w *workspace) gesture() {
	w.t.Helper()
	w.press("j", "KeyJ", 74, 0)
}

func (w *workspace) alt(key, code string, keyCode int64) {
	w.t.Helper()
	w.press(key, code, keyCode, kb.ModifierAlt)
}
