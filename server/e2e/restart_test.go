package e2e_test

import (
	"testing"

	"github.com/crmpop/crmpop/app/screenpop"
)

// TestServerKilledInMidRing kills the process while a call rings and another
// event has just been acknowledged, and starts it again on the same port.
func TestServerKilledInMidRing(t *testing.T) {
	t.Parallel()
	s := serve(t)
	w := signIn(t, s, anna)
	w.allow("WebSocket", "ERR_CONNECTION", "ERR_EMPTY_RESPONSE", "Failed to load resource")
	s.ring("rings", kari, anna, "sales")
	w.show(kari.name)
	w.view(kari.crmPage())
	w.untilSeen(kari.crmPage())
	inside := w.frame(kari.crmPage(), "/contact")
	inside.write("textbox", "Note", halfWritten)
	s.untilState("rings", "contact", screenpop.PopShown)
	s.untilState("rings", "orders", screenpop.PopShown)

	s.ring("acked", harriet, anna, "sales")
	s.kill()
	w.untilJS("the loss to be noticed", `document.querySelector('[role=status][aria-label=Connection]').textContent !== "Connected"`)
	if got := eval[string](inside, `document.querySelector("textarea").value`); got != halfWritten {
		t.Errorf("while the server is away the note is %q, want %q", got, halfWritten)
	}
	s.start()
	w.untilConnected()

	w.show(harriet.name)
	w.view("Request")
	w.says(harriet.name)
	if n := len(s.trace("acked").Pops); n != 2 {
		t.Errorf("%d pops of the event that was acknowledged before the kill, want 2", n)
	}
	s.untilState("acked", "contact", screenpop.PopShown, screenpop.PopMissed)
	s.then(screenpop.Accepted, "rings")
	w.show(kari.name)
	w.view("Request")
	w.says("Answered")
	w.view(kari.crmPage())
	w.untilSeen(kari.crmPage())
	if got := eval[string](inside, `document.querySelector("textarea").value`); got != halfWritten {
		t.Errorf("after the restart the note is %q, want %q", got, halfWritten)
	}
	if n := s.loads("phone=%2B4722334455"); n != 0 { // counted since the restart
		t.Errorf("pages that were open were loaded %d times again", n)
	}
	if n := s.loads("/contact?phone=%2B442079460112"); n > 1 {
		t.Errorf("the page of the event in flight was loaded %d times", n)
	}
}

// TestReloadRestoresTheWorkspace reloads the page: tabs, views, receipts and
// what was looked at come back, and nothing opens that had been opened.
func TestReloadRestoresTheWorkspace(t *testing.T) {
	t.Parallel()
	s := serve(t)
	w := signIn(t, s, anna)
	w.noGesture()
	s.ring("back-1", kari, anna, "sales")
	s.ring("back-2", harriet, anna, "sales")
	acceptEmail(s, "back-3", maya, "hello")
	s.untilState("back-1", "orders", screenpop.PopShown)
	s.untilState("back-2", "orders", screenpop.PopShown)
	s.untilState("back-3", "sender", screenpop.PopShown)
	w.show(harriet.name)
	w.view("Orders")
	before := w.selectedTabs()
	w.reload()
	w.untilConnected()
	until(t, "the tabs to be as they were", func() (bool, string) {
		after := w.selectedTabs()
		return len(after) == 2 && len(before) == 2 && after[0] == before[0] && after[1] == before[1], ""
	})
	w.untilSeen("Orders")
	w.frame("Orders", "/orders").says(harriet.name)
	for _, c := range []caller{kari, harriet} {
		w.show(c.name)
		w.view(c.crmPage())
		w.untilSeen(c.crmPage())
		w.view("Request")
		w.says(c.crmPage() + " shown")
	}
	for _, path := range []string{"/contact?phone=%2B442079460112", "/orders?phone=%2B442079460112"} {
		if n := s.loads(path); n != 2 {
			t.Errorf("%s was loaded %d times with one reload between, want twice", path, n)
		}
	}
	if n := len(w.person.pages()); n != 1 {
		t.Errorf("%d tabs are open, want the workspace alone", n)
	}
}
