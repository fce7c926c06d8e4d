package e2e_test

import (
	"testing"

	"github.com/crmpop/crmpop/app/screenpop"
)

// TestRefusedPageEndsInACard pops pages that refuse to be framed: it never ends
// in a blank, but in a card that says so, with a click that opens the page.
func TestRefusedPageEndsInACard(t *testing.T) {
	t.Parallel()
	s := serve(t)
	for _, tt := range []struct{ name, queue, popup, title, path, header string }{
		{"X-Frame-Options", "billing", "ledger", "Ledger", "/refuse/xfo", "X-Frame-Options: DENY"},
		{"frame-ancestors", "legal", "contract", "Contract", "/refuse/csp", "frame-ancestors"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s.t = t
			w := signIn(t, s, anna)
			w.allow("X-Frame-Options", "frame-ancestors", "Refused to display", "Refused to frame", "chrome-error")
			w.noGesture()
			request := "refused-" + tt.queue
			s.ring(request, kari, anna, tt.queue)
			s.untilState(request, tt.popup, screenpop.PopWaiting, screenpop.PopOpened, screenpop.PopRefused)
			w.show(kari.name)
			w.view(tt.title)
			w.says("refuses to be shown here")
			if n := eval[int](w.tab, `[`+iframe(tt.title)+`].filter(f => f && f.checkVisibility({visibilityProperty: true, opacityProperty: true})).length`); n != 0 {
				t.Errorf("a frame of the refused page can be seen")
			}
			button := "Open"
			if s.state(request, tt.popup) == screenpop.PopRefused {
				button = "Open in a tab"
			}
			w.clickExact("button", button)
			w.person.opened(tt.path).heading("A page that refuses frames")
			s.untilState(request, tt.popup, screenpop.PopOpened)
			s.then(screenpop.Closed, request)
			w.gone(kari.name)
		})
	}
}

// TestPageThatNeverAnswersEndsInACard waits for the card and opens the page.
func TestPageThatNeverAnswersEndsInACard(t *testing.T) {
	t.Parallel()
	s := serve(t)
	w := signIn(t, s, anna)
	s.ring("slow", kari, anna, "slow")
	w.show(kari.name)
	w.view("Archive")
	w.says("No answer from")
	w.clickExact("button", "Open in a tab")
	until(t, "a second tab", func() (bool, string) {
		all := w.person.pages()
		return len(all) == 2, addresses(all)
	})
	s.untilState("slow", "archive", screenpop.PopOpened)
	w.view(kari.crmPage())
	w.untilSeen(kari.crmPage())
}

// TestAgentSaysThatAPageIsBlank has the agent's word remembered: the page opens
// in a tab, and the next one of its kind is not framed.
func TestAgentSaysThatAPageIsBlank(t *testing.T) {
	t.Parallel()
	s := serve(t)
	w := signIn(t, s, anna)
	s.ring("blank-1", kari, anna, "sales")
	w.show(kari.name)
	w.view("Orders")
	w.untilSeen("Orders")
	w.click("button", "Page is blank?")
	w.person.opened("/orders").says(kari.name)
	s.untilState("blank-1", "orders", screenpop.PopOpened)
	s.ring("blank-2", harriet, anna, "sales")
	s.untilState("blank-2", "orders", screenpop.PopOpened, screenpop.PopWaiting, screenpop.PopRefused)
	s.untilState("blank-2", "contact", screenpop.PopShown)
	if n := s.loads("/orders?phone=%2B442079460112"); n != 0 {
		t.Errorf("the page that the agent called blank was framed %d times more", n)
	}
	w.show(harriet.name)
	w.view("Orders")
	w.says("was blank here")
	w.click("button", "Show it here")
	w.untilSeen("Orders")
	s.untilState("blank-2", "orders", screenpop.PopShown, screenpop.PopOpened)
}
