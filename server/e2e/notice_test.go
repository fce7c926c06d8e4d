package e2e_test

import (
	"testing"

	"github.com/crmpop/crmpop/app/screenpop"
)

const noticeTags = `navigator.serviceWorker.ready.then(r => r.getNotifications()).then(all => all.map(n => n.tag.split("/")[0] + ":" + n.title).sort().join(" | "))`

// TestNoticesTellOfWhatWaits has the agent in another window: a notice tells of the
// call and of the page that waits, and each goes when it is of no use any more.
func TestNoticesTellOfWhatWaits(t *testing.T) {
	t.Parallel()
	s := serve(t)
	w := signIn(t, s, anna)
	w.allow("X-Frame-Options") // of the ledger, which pops with the call
	w.grant("notifications")
	w.noGesture()
	eval[bool](w.tab, `(document.hasFocus = () => false, true)`) // headless windows are never behind
	// What a page finds when it loads is no news, and only the tab that leads tells.
	s.ring("before", harriet, anna, "sales")
	w.find("tab", harriet.name)
	w.untilJS("the lead", `navigator.locks.query().then(q => q.held.some(l => l.name.includes("crmpop.workspace")))`)
	s.then(screenpop.Closed, "before")
	w.gone(harriet.name)
	ringBilling(s, "told")
	who := kari.name + " · Incoming call"
	w.untilJS("a notice of the call", noticeTags+`.then(s => s.includes("request:`+who+`"))`)
	s.then(screenpop.Accepted, "told")
	s.untilState("told", "invoices", screenpop.PopWaiting)
	w.untilJS("a notice of the page alone", noticeTags+`.then(s => s.includes("pop:`+who+`") && !s.includes("request:"))`)
	// The refused ledger waits, too, and each has its notice.
	const ofInvoices = `navigator.serviceWorker.ready.then(r => r.getNotifications()).then(all => all.find(n => n.data.page.includes("/billing")))`
	w.untilJS("a notice of the invoices", ofInvoices+`.then(n => !!n)`)
	// A click on the notice is the system's; what it makes of the workspace is not.
	eval[bool](w.tab, ofInvoices+`.then(of => {
		navigator.serviceWorker.dispatchEvent(new MessageEvent("message", {data: {notice: of.data.open, opened: true}}));
		return true })`)
	s.untilState("told", "invoices", screenpop.PopOpened)
	s.then(screenpop.Closed, "told")
	w.untilJS("no notice", noticeTags+`.then(s => s === "")`)
}
