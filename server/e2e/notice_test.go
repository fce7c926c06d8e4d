package e2e_test

import (
	"testing"

	"github.com/crmpop/crmpop/app/screenpop"
)

const noticeTags = `navigator.serviceWorker.ready.then(r => r.getNotifications()).then(all => all.map(n => n.tag.split("/")[0] + ":" + n.title).sort().join(" | "))`

// noteNotices notes each notice once it stands. Chromium is not asked which stand
// while one is on its way: it then forgets that one at times.
const noteNotices = `(() => {
	window.noted = [];
	const show = ServiceWorkerRegistration.prototype.showNotification;
	ServiceWorkerRegistration.prototype.showNotification = function(title, o) {
		return show.call(this, title, o).then(() => noted.push({title, tag: o.tag, open: o.data.open, page: o.data.page}));
	};
	document.hasFocus = () => false; // headless windows are never behind
	return true;
})()`

// TestNoticesTellOfWhatWaits has the agent in another window: a notice tells of the
// call and of each page that waits, and each goes when it is of no use any more.
func TestNoticesTellOfWhatWaits(t *testing.T) {
	t.Parallel()
	s := serve(t)
	w := signIn(t, s, anna)
	w.allow("X-Frame-Options") // of the ledger, which pops with the call
	w.grant("notifications")
	w.noGesture()
	eval[bool](w.tab, noteNotices)
	// What a page finds when it loads is no news, and only the tab that leads tells.
	s.ring("before", harriet, anna, "sales")
	w.find("tab", harriet.name)
	w.untilJS("the lead", `navigator.locks.query().then(q => q.held.some(l => l.name.includes("crmpop.workspace")))`)
	s.then(screenpop.Closed, "before")
	w.gone(harriet.name)

	ringBilling(s, "told")
	who := kari.name + " · Incoming call"
	w.untilJS("a notice of the call", `noted.some(n => n.tag === "request/told" && n.title === "`+who+`")`)
	w.untilJS("a notice of the ledger, which was refused", `noted.some(n => n.tag.startsWith("pop/") && n.page.includes("/refuse/xfo"))`)
	s.then(screenpop.Accepted, "told")
	s.untilState("told", "invoices", screenpop.PopWaiting)
	w.untilJS("a notice of the invoices", `noted.some(n => n.title === "`+who+`" && n.page.includes("/billing"))`)
	w.untilJS("notices of the pages alone", noticeTags+`.then(s => s === "pop:`+who+` | pop:`+who+`")`)
	// A click on the notice is the system's; what it makes of the workspace is not.
	eval[bool](w.tab, `(navigator.serviceWorker.dispatchEvent(new MessageEvent("message",
		{data: {notice: noted.find(n => n.page.includes("/billing")).open, opened: true}})), true)`)
	s.untilState("told", "invoices", screenpop.PopOpened)
	s.then(screenpop.Closed, "told")
	w.untilJS("no notice", noticeTags+`.then(s => s === "")`)
}
