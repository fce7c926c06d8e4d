package e2e_test

import (
	"fmt"
	"testing"

	"github.com/crmpop/crmpop/app/screenpop"
)

const halfWritten = "she wants 40 tents & 3 stoves, calls back at"

// TestTypedTextSurvivesEverything writes half a note into a framed page and then
// does all that could load it again.
func TestTypedTextSurvivesEverything(t *testing.T) {
	t.Parallel()
	s := serve(t)
	c := plug(t, s, nil)
	w := signInAt(t, s, c.url, anna)
	w.allow("WebSocket", "ERR_CONNECTION", "ERR_EMPTY_RESPONSE", "Failed to load resource", "the connection")
	s.ring("typed", kari, anna, "sales")
	w.show(kari.name)
	w.view(kari.crmPage())
	w.untilSeen(kari.crmPage())
	inside := w.frame(kari.crmPage(), "/contact")
	inside.write("textbox", "Note", halfWritten)
	eval[bool](inside, `(window.untouched = true)`)
	same := func(after string) {
		t.Helper()
		w.show(kari.name)
		w.view(kari.crmPage())
		w.untilSeen(kari.crmPage())
		if got := eval[string](inside, `document.querySelector("textarea").value + window.untouched`); got != halfWritten+"true" {
			t.Fatalf("after %s the note is %q, want %q", after, got, halfWritten)
		}
		if n := s.loads("/contact?phone=%2B4722334455"); n != 1 {
			t.Fatalf("after %s the page was loaded %d times, want once", after, n)
		}
	}
	same("typing")

	for i := range 100 {
		w.alt("ArrowRight", "ArrowRight", 39)
		if i%10 == 9 {
			w.alt("ArrowLeft", "ArrowLeft", 37)
		}
	}
	same("100 switches of the view")

	for i := range 5 {
		id := fmt.Sprint("other-", i)
		s.ring(id, []caller{ingrid, harriet, maya}[i%3], anna, "sales")
		s.untilState(id, "orders", screenpop.PopShown)
	}
	for i := range 5 {
		s.then(screenpop.Closed, fmt.Sprint("other-", i))
	}
	w.gone(maya.name)
	same("other requests came and went")

	c.pull()
	w.untilJS("the connection to be lost", `document.querySelector('[role=status][aria-label=Connection]').textContent !== "Connected"`)
	s.then(screenpop.Accepted, "typed")
	c.mend()
	w.untilConnected()
	w.view("Request")
	w.says("Answered")
	same("the connection was lost and came back")

	// To a page that there is not, and back, as go-app does it.
	eval[bool](w.tab, `(history.pushState(null, "", "/elsewhere"), dispatchEvent(new PopStateEvent("popstate")), true)`)
	w.gone(kari.name)
	eval[bool](w.tab, `(history.back(), true)`)
	w.requests().find("tab", kari.name)
	same("a change of the route and back")
}

// TestTwoRequestsHaveTwoPagesEach keeps four pages apart.
func TestTwoRequestsHaveTwoPagesEach(t *testing.T) {
	t.Parallel()
	s := serve(t)
	w := signIn(t, s, anna)
	s.ring("one", kari, anna, "sales")
	s.ring("two", harriet, anna, "sales")
	for _, id := range []string{"one", "two"} {
		s.untilState(id, "contact", screenpop.PopShown)
		s.untilState(id, "orders", screenpop.PopShown)
	}
	if n := w.frames(); n != 4 {
		t.Errorf("%d pages on the stage, want 4", n)
	}
	for range 3 {
		for _, c := range []caller{kari, harriet} {
			w.show(c.name)
			w.view(c.crmPage())
			w.untilSeen(c.crmPage())
			w.frame(c.crmPage(), "/contact").heading(c.name)
			w.view("Orders")
			w.untilSeen("Orders")
			w.frame("Orders", "/orders").says(c.name)
		}
	}
	for _, path := range []string{"/contact", "/orders"} {
		if n := s.loads(path); n != 2 {
			t.Errorf("%s was loaded %d times for two requests, want twice", path, n)
		}
	}
}

// TestFramedPageCannotLeadTheWorkspaceAway has a framed page try to navigate the
// whole tab, after a click in it.
func TestFramedPageCannotLeadTheWorkspaceAway(t *testing.T) {
	t.Parallel()
	s := serve(t)
	w := signIn(t, s, anna)
	w.allow("Unsafe attempt to initiate navigation", "frame is sandboxed")
	s.ring("lead", kari, anna, "sales")
	w.show(kari.name)
	w.view(kari.crmPage())
	inside := w.frame(kari.crmPage(), "/contact")
	inside.click("textbox", "Note")
	_, err := tryEval[bool](inside, `(top.location = "about:blank", true)`)
	if at := eval[string](w.tab, `location.origin`); at != s.url {
		t.Errorf("the workspace went to %s (%v)", at, err)
	}
	w.untilSeen(kari.crmPage())
}
