package workspace

import (
	"strings"

	"github.com/crmpop/crmpop/app/browser"
	"github.com/crmpop/crmpop/app/screenpop"
)

// Notices of the system tell an agent who works in another window of what rings
// and of what waits for a click.

const (
	noticesKey    = "crmpop.notices" // "off" once the agent has switched them off
	requestNotice = "request/"       // before the id of a request
	popNotice     = "pop/"           // before the id of a pop
)

// noticeRequest tells of a request that has arrived.
func (d *Desk) noticeRequest(requestID string) {
	d.mu.Lock()
	t, on := d.board.tab(requestID), d.mayNotice()
	d.mu.Unlock()
	if t == nil || !on || browser.InFront() {
		return
	}
	r := t.request
	d.notice(browser.Notice{
		Tag: requestNotice + r.ID, Open: requestNotice + r.ID, Hold: r.Channel == screenpop.Voice,
		Title: joined(" · ", r.Caller(), channelWords(r)), Text: joined(" · ", r.QueueKey, r.Subject),
	})
}

// noticePop tells of a pop that waits for a click. A new tab is opened by the
// click on the notice itself, for by then the workspace may open none.
func (d *Desk) noticePop(popID string) {
	d.mu.Lock()
	t, p := d.board.find(popID)
	on := d.mayNotice()
	d.mu.Unlock()
	if t == nil || !on || browser.InFront() {
		return
	}
	n := browser.Notice{
		Tag: popNotice + popID, Open: popNotice + popID,
		Title: joined(" · ", t.request.Caller(), channelWords(t.request)), Text: p.title() + " waits for your click",
	}
	if !p.isCopy() && p.window() == screenpop.TargetBlank {
		n.Page = p.pop.URL
	}
	d.notice(n)
}

// mayNotice reports whether this tab shows notices. mu is held.
func (d *Desk) mayNotice() bool { return d.leads && d.notices == browser.NoticesAllowed && !d.silent }

func (d *Desk) notice(n browser.Notice) {
	browser.Notify(n)
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.noticed == nil {
		d.noticed = map[string]bool{}
	}
	d.noticed[n.Tag] = true
}

// staleNotices returns the notices that are of no use any more, and forgets them.
// mu is held.
func (d *Desk) staleNotices() []string {
	var stale []string
	for tag := range d.noticed {
		if d.board.needs(tag) {
			continue
		}
		stale = append(stale, tag)
		delete(d.noticed, tag)
	}
	return stale
}

// needs reports whether what a notice tells of still waits for the agent.
func (b *board) needs(tag string) bool {
	if id, ok := strings.CutPrefix(tag, requestNotice); ok {
		t := b.tab(id)
		return t != nil && edge(t.request) == "ring"
	}
	_, p := b.find(strings.TrimPrefix(tag, popNotice))
	return p != nil && p.waits()
}

// answerNotice does what a click on a notice asks for: the request is shown, and
// what waits is opened, unless the click has opened it already.
func (d *Desk) answerNotice(tag string, opened bool) {
	d.do(func(b *board, at moment) []act {
		if id, ok := strings.CutPrefix(tag, requestNotice); ok {
			return b.showRequest(id)
		}
		id := strings.TrimPrefix(tag, popNotice)
		t, p := b.find(id)
		if t == nil || !b.leads {
			return nil
		}
		acts := b.showRequest(t.request.ID)
		switch {
		case opened:
			return append(acts, b.opened(id, true, true, at)...)
		case p.waits():
			return append(acts, b.present(id)...)
		}
		return acts
	})
}

// askNotices has the browser ask whether notices may be shown, because the agent
// has pressed a button that says so.
func (d *Desk) askNotices() {
	browser.Go(func() {
		is := browser.AskNotices()
		d.change(func() { d.notices, d.board.mayAskNotices = is, is == browser.NoticesUnasked })
		switch is {
		case browser.NoticesAllowed:
			d.setSilent(false)
			d.toast("You will be told when a request rings or a page waits while you work in another window.", false)
		case browser.NoticesDenied:
			d.toast(noticesDenied, true)
		}
	})
}

const noticesDenied = "The browser does not let this site show notifications. Allow them with the icon at the left end of the address bar."

// switchNotices is the switch of the user menu.
func (d *Desk) switchNotices() {
	d.mu.Lock()
	is, silent := d.notices, d.silent
	d.mu.Unlock()
	switch is {
	case browser.NoticesUnasked:
		d.askNotices()
	case browser.NoticesAllowed:
		d.setSilent(!silent)
	default:
		d.toast(noticesDenied, true)
	}
}

func (d *Desk) setSilent(silent bool) {
	d.change(func() { d.silent = silent })
	if silent {
		browser.Save(browser.Local, noticesKey, "off")
	} else {
		browser.Delete(browser.Local, noticesKey)
	}
}

// noticeWord says in the user menu how notices stand.
func (d *Desk) noticeWord() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case d.notices == browser.NoticesDenied:
		return "blocked"
	case d.notices != browser.NoticesAllowed || d.silent:
		return "off"
	}
	return "on"
}
