package e2e_test

import (
	"testing"

	cdpbrowser "github.com/chromedp/cdproto/browser"

	"github.com/chromedp/chromedp"

	"github.com/crmpop/crmpop/app/screenpop"
)

// copies publishes popups that need no page.
func copies(s *server) {
	s.t.Helper()
	crm := s.findCRM()
	status, b := s.publish(`<screenpopup>
  <clipboard id="number" on="ringing">{anum|e164}</clipboard>
  <url id="seen" on="ringing" visible="false">` + crm + `/contact?phone={anum|e164}&amp;seen=no</url>
  <url id="runs" on="accepted" visible="false" via="frame">` + crm + `/orders?phone={anum|e164}</url>
  <url id="ended" on="closed" visible="false">` + crm + `/orders?ended={request_id}</url>
  <url id="nowhere" on="accepted" visible="false">http://127.0.0.1:9/</url>
</screenpopup>`)
	if status != 200 {
		s.t.Fatalf("publish = %d %s", status, b)
	}
}

// TestTextAndUnseenPagesPop gives the site the clipboard, as a policy does.
func TestTextAndUnseenPagesPop(t *testing.T) {
	t.Parallel()
	s := serve(t)
	w := signIn(t, s, anna)
	w.allow("127.0.0.1:9/")
	copies(s)
	w.grant("clipboard-read", "clipboard-write")
	if err := w.toFront(w.ctx); err != nil {
		t.Fatal(err)
	}
	s.ring("quiet", kari, anna, "sales")
	s.untilState("quiet", "number", screenpop.PopCopied)
	if got := eval[string](w.tab, "navigator.clipboard.readText()"); got != kari.number {
		t.Errorf("the clipboard holds %q, want %q", got, kari.number)
	}
	s.untilState("quiet", "seen", screenpop.PopSent)
	if n := s.loadsAs("empty", "seen=no"); n != 1 {
		t.Errorf("the unseen page was asked for %d times", n)
	}
	s.then(screenpop.Accepted, "quiet")
	s.untilState("quiet", "runs", screenpop.PopSent)
	s.untilState("quiet", "nowhere", screenpop.PopFailed)
	s.then(screenpop.Closed, "quiet")
	s.untilState("quiet", "ended", screenpop.PopSent)
	if n := s.loadsAs("empty", "ended=quiet"); n != 1 {
		t.Errorf("the page of the closed request was asked for %d times", n)
	}
}

// TestTextWaitsForEnter has no permission and no gesture: the text waits, and
// Enter copies it.
func TestTextWaitsForEnter(t *testing.T) {
	t.Parallel()
	s := serve(t)
	w := signIn(t, s, anna)
	copies(s)
	w.noGesture()
	s.ring("wait", kari, anna, "sales")
	s.untilState("wait", "number", screenpop.PopWaiting)
	w.show(kari.name)
	w.enter()
	s.untilState("wait", "number", screenpop.PopCopied)
	w.says("Copied “" + kari.number + "”.")
}

// grant gives the workspace's site permissions for good, as an agent's "always
// allow" or a policy does.
func (w *workspace) grant(names ...string) {
	w.t.Helper()
	for _, name := range names {
		call(w.tab, cdpbrowser.SetPermission, cdpbrowser.SetPermissionParams{
			Permission: &cdpbrowser.PermissionDescriptor{Name: name}, Setting: cdpbrowser.PermissionSettingGranted,
			Origin: w.origin, BrowserContextID: chromedp.FromContext(w.person.ctx).BrowserContextID,
		})
	}
}
