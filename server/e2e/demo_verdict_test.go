package e2e_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/crmpop/crmpop/app/screenpop"
)

// TestDemoShowsEveryVerdict looks at what the demo's server has found out of the
// pages of its configuration, by the API and as an admin sees it, and at the cards
// that an agent gets.
func TestDemoShowsEveryVerdict(t *testing.T) {
	t.Parallel()
	s := serve(t)
	want := map[string]string{
		"contact":  "allowed: ",
		"ledger":   "refused: refused by X-Frame-Options: DENY",
		"contract": "refused: refused by Content-Security-Policy",
		"export":   "refused: refused by Content-Disposition",
		"casefile": "unknown: the page needs a sign-in",
		"ticket":   `unknown: it is not asked for: probe="no"`,
		"mail":     "unknown: the address comes with each event",
		"archive":  "unknown: ",
	}
	until(t, "all verdicts", func() (bool, string) {
		said := s.verdicts()
		for popup, part := range want {
			if !strings.HasPrefix(said[popup], part) || strings.Contains(said[popup], "not been looked at") {
				return false, fmt.Sprintf("%s: %q, want %q", popup, said[popup], part)
			}
		}
		return true, ""
	})
	o := newOffice(t, s, admin, "demo")
	o.follow("Screen popup", "Screenpopup configuration")
	o.untilIn("Pages", "Can be framed", "Refuses", "Not known", "X-Frame-Options: DENY", "needs a sign-in, which this server has not", "probe=\"no\"")
	o.inEveryLight("verdicts-portal", func() {
		eval[bool](o.tab, `(document.querySelector('[aria-label="Pages"]').scrollIntoView(), true)`)
	})

	w := signIn(t, s, anna)
	w.allow("X-Frame-Options", "frame-ancestors", "chrome-error", "download")
	w.noGesture()
	for _, queue := range []string{"billing", "files", "slow"} { // before any click lets a tab open
		s.ring("verdict-"+queue, caller{name: "Caller of " + queue, number: kari.number}, anna, queue)
	}
	for _, x := range []struct{ queue, popup, view, says string }{
		{"billing", "ledger", "Ledger", "refuses to be shown here, and the browser stopped a new tab"},
		{"files", "casefile", "Case file", "refuses to be shown here, and the browser stopped a new tab"},
		{"files", "export", "Export", "refuses to be shown here, and the browser stopped a new tab"},
		{"slow", "archive", "Archive", "No answer from"},
	} {
		s.untilState("verdict-"+x.queue, x.popup, screenpop.PopWaiting, screenpop.PopFailed)
		w.show("Caller of " + x.queue)
		w.view(x.view)
		w.says(x.says)
		w.inEveryLight("verdicts-"+x.popup, func() {})
	}
	w.view("Orders")
	w.untilSeen("Orders")
	w.click("button", "Page is blank?")
	s.untilState("verdict-slow", "orders", screenpop.PopOpened)
	w.findExact("button", "Try here again")
	w.inEveryLight("verdicts-blank", func() {})
}

// verdicts returns what is known of the pages of the company's popups, by popup:
// the verdict and its reason.
func (s *server) verdicts() map[string]string {
	s.t.Helper()
	status, body := s.api(http.MethodGet, "/api/v1/screenpopup/tenant/demo/verdicts", nil)
	var out struct {
		Pages []struct {
			PopupID string `json:"popup_id"`
			Verdict string
			Reason  string
		}
	}
	if err := json.Unmarshal(body, &out); err != nil || status != http.StatusOK {
		s.t.Fatalf("verdicts = %d %s (%v)", status, body, err)
	}
	said := map[string]string{}
	for _, p := range out.Pages {
		said[strings.TrimPrefix(p.PopupID, "tenant:")] = p.Verdict + ": " + p.Reason
	}
	return said
}

// inEveryLight keeps pictures of the tab, light and dark and in both sizes, where
// pictures are wanted.
func (b *tab) inEveryLight(name string, before func()) {
	b.t.Helper()
	if *screens == "" {
		return
	}
	for _, scheme := range []string{"light", "dark"} {
		b.emulate("prefers-color-scheme", scheme)
		for _, size := range [][2]int64{{1440, 900}, {1024, 700}} {
			b.size(size[0], size[1])
			before()
			b.keep(*screens, fmt.Sprintf("%s-%s-%d", name, scheme, size[0]))
		}
	}
	b.size(1440, 900)
}
