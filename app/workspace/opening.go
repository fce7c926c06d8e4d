package workspace

import (
	"slices"
	"time"

	"github.com/crmpop/crmpop/app/browser"
	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/ui"
	"github.com/crmpop/crmpop/app/wire"
)

// What a receipt says in its detail; the timeline shows it as it is.
const (
	noAnswer      = "no answer in 8 s"
	stoppedNewTab = "the browser stopped a new tab"
	agentSaysSo   = screenpop.FoundBlank
)

const (
	idleEnough = 5 * time.Second  // focus="if-idle" may come to the front after that
	unseenFor  = 30 * time.Second // how long a page nobody sees may run once it is there
	noAnswerIn = 8 * time.Second  // as noAnswer says; the stage counts them
)

// takePop takes a pop as it now stands. It comes again at each change.
func (b *board) takePop(pop screenpop.Pop, at moment) []act {
	t := b.tab(pop.RequestID)
	if t == nil {
		return b.takeLone(pop, at)
	}
	acts := b.copiedElsewhere(pop)
	return append(acts, b.consider(t, b.put(t, pop, at), at)...)
}

// takeLone takes a pop of a request that is gone: what needs no tab is done all
// the same, which is what on="closed" is for.
func (b *board) takeLone(pop screenpop.Pop, at moment) []act {
	_, p := b.find(pop.ID)
	if p == nil {
		p = &page{acted: b.reported[pop.ID]}
		b.lone = append(b.lone, p)
	}
	p.take(pop, at)
	if p.inRequest() || p.unseenFrame() {
		return nil
	}
	if !pop.State.Open() && !p.waits() {
		b.lone = slices.DeleteFunc(b.lone, func(other *page) bool { return other == p })
	}
	return b.consider(nil, p, at)
}

// put stores the pop with its request and learns the server's clock from it.
func (b *board) put(t *requestTab, pop screenpop.Pop, at moment) *page {
	p := t.page(pop.ID)
	if p == nil {
		p = &page{acted: b.reported[pop.ID]}
		t.pages = append(t.pages, p)
	}
	p.take(pop, at)
	if pop.TTLms > 0 && !pop.ExpiresAt.IsZero() {
		sentAt := pop.ExpiresAt.Add(-time.Duration(pop.TTLms) * time.Millisecond)
		b.skew = at.now.Sub(sentAt)
	}
	b.see()
	return p
}

// consider opens the page by itself if this tab may, else asks for the right to.
func (b *board) consider(t *requestTab, p *page, at moment) []act {
	switch {
	case p.acted || !b.leads || (p.pop.Kind != screenpop.KindURL && p.pop.Kind != screenpop.KindClipboard):
		return nil
	case !p.pop.State.Open() || p.pop.TTLms <= 0 || !at.now.Before(p.until):
		return nil
	case p.pop.ClaimedBy == b.self:
		return b.open(t, p, at)
	case !p.asked:
		p.asked = true
		return []act{{Do: sendClaim, ID: p.pop.ID}}
	}
	return nil
}

// claimed takes the answer to a claim.
func (b *board) claimed(f wire.Frame, at moment) []act {
	t, p := b.find(f.PopID)
	if p == nil {
		return nil
	}
	p.asked = true
	p.pop.ClaimedBy = f.By
	if f.OK {
		p.pop.ClaimedBy = b.self
	}
	return b.consider(t, p, at)
}

// open opens the page by itself: in its frame, or in a window.
func (b *board) open(t *requestTab, p *page, at moment) []act {
	p.acted = true
	switch {
	case p.isCopy():
		return []act{{Do: copyText, ID: p.pop.ID, Text: p.pop.Text}}
	case !p.pop.Visible && !p.unseenFrame():
		return []act{{Do: pingPage, ID: p.pop.ID, URL: p.pop.URL}}
	case p.pop.Visible && !p.inRequest():
		return []act{{Do: openWindow, ID: p.pop.ID, URL: p.pop.URL, Target: p.window()}}
	}
	acts := p.put()
	if !p.pop.Visible {
		p.dropAt = at.now.Add(noAnswerIn + unseenFor)
		return acts
	}
	b.front(t, p, at)
	return acts
}

// put puts the page on the stage.
func (p *page) put() []act {
	p.stage, p.owes, p.fresh = stageLoading, true, true
	p.entered, p.moved, p.gone = false, false, ""
	return []act{{Do: addFrame, ID: p.pop.ID, Page: p.frame()}}
}

// window returns the target that window.open gets.
func (p *page) window() string {
	if p.pop.Target == screenpop.TargetRequest || p.pop.Target == "" {
		return screenpop.TargetBlank
	}
	return p.pop.Target
}

// front lets a page that has just opened by itself come forward as far as it may:
// the first one of a request takes the request's space unless the agent has
// chosen a view; others only get a badge, unless their configuration says more.
func (b *board) front(t *requestTab, p *page, at moment) {
	t.opened++
	switch {
	case p.pop.Focus == screenpop.FocusAlways,
		p.pop.Focus == screenpop.FocusIfIdle && at.idle > idleEnough:
		b.shown, t.view = t.request.ID, p.pop.ID
	case t.opened == 1 && !t.chosen:
		t.view = p.pop.ID
	}
	p.unseen = true
	b.see()
}

// happened takes what befell a page on the stage.
func (b *board) happened(e browser.PageEvent, at moment) []act {
	t, p := b.find(e.ID)
	if p == nil {
		return nil
	}
	switch e.What {
	case browser.PageLoaded, browser.PageReloaded, browser.PageAlive:
		return p.loaded(e, at)
	case browser.PageSlow:
		return p.slow(at)
	case browser.PageRefused:
		return p.refused(e.Detail, at)
	case browser.PageUnloaded:
		p.stage = stageUnloaded
	case browser.PageMoved:
		return p.movedOn(e.Detail, at)
	case browser.PageEntered:
		p.entered, p.moved = true, false
		if t != nil {
			t.chosen = true
		}
	}
	return nil
}

// movedOn notes that a page went on by itself, and why what came cannot be seen.
func (p *page) movedOn(why string, at moment) []act {
	p.moved = true
	if why == "" || !p.pop.Visible {
		return nil
	}
	p.gone = why
	return []act{p.report(screenpop.PopRefused, "went on to another page; "+why, at)}
}

func (p *page) loaded(e browser.PageEvent, at moment) []act {
	p.stage = stageLoaded
	if !p.owes {
		return nil
	}
	p.owes = false
	if !p.pop.Visible {
		p.dropAt = at.now.Add(unseenFor)
		return []act{p.report(screenpop.PopSent, "in the background, "+ui.Seconds(e.After), at)}
	}
	return []act{p.report(screenpop.PopShown, ui.Seconds(e.After), at)}
}

// slow reports a page that has not answered; it still may, and is shown then.
func (p *page) slow(at moment) []act {
	p.stage = stageSlow
	if !p.owes {
		return nil
	}
	return []act{p.report(screenpop.PopFailed, noAnswer, at)}
}

// refused falls back to a window, but only for a page that is just being opened:
// one that is restored after a reload opens nothing by itself.
func (p *page) refused(why string, at moment) []act {
	p.stage, p.owes, p.refusal = stageNone, false, why
	if !p.pop.Visible {
		return []act{p.report(screenpop.PopSent, "in the background", at)}
	}
	acts := []act{p.report(screenpop.PopRefused, why, at)}
	if p.fresh {
		acts = append(acts, act{Do: openWindow, ID: p.pop.ID, URL: p.pop.URL, Target: p.window()})
	}
	return acts
}

// opened takes the answer to openWindow.
func (b *board) opened(popID string, ok, byHand bool, at moment) []act {
	t, p := b.find(popID)
	if p == nil {
		return nil
	}
	p.acted = true
	if ok {
		p.unseen = false
		return []act{p.report(screenpop.PopOpened, where(p.window()), at)}
	}
	if byHand {
		return nil
	}
	acts := []act{p.report(screenpop.PopWaiting, stoppedNewTab+lost(p.window()), at)}
	p.unseen = true
	b.see()
	if t == nil {
		acts = append(acts, act{Do: say, Text: "The browser stopped a new tab for " + p.title() + ", of a request that is closed. Allow pop-ups for this site."})
	}
	return acts
}

// lost says of a named window that was open and is no more why it was to be
// opened anew, "" of any other.
func lost(target string) string {
	if !browser.WindowLost(target) {
		return ""
	}
	return "; the window that was there was closed, or its page keeps others away from it"
}

// withdraw takes back a pop that has not been opened.
func (b *board) withdraw(popID, reason string, at moment) []act {
	t, p := b.find(popID)
	if p == nil {
		return nil
	}
	if p.pop.State.Next(screenpop.PopWithdrawn) == screenpop.PopWithdrawn {
		fold(&p.pop, screenpop.Receipt{PopID: popID, State: screenpop.PopWithdrawn, Detail: reason, At: at.now})
	}
	if t != nil && !p.isView() && t.view == popID {
		t.view = ""
		return b.restoreFrame()
	}
	return nil
}

// present opens a page because the agent asks for it, where it belongs.
func (b *board) present(popID string) []act {
	t, p := b.find(popID)
	if p == nil {
		return nil
	}
	if p.isCopy() {
		return []act{{Do: copyText, ID: popID, Text: p.pop.Text, ByHand: true}}
	}
	if !p.inRequest() || p.refusal != "" {
		return b.openInTab(popID)
	}
	p.acted = true
	t.view, t.chosen = popID, true
	b.see()
	switch p.stage {
	case stageNone:
		return p.put()
	case stageLoading, stageLoaded:
		return nil
	}
	return b.reload(popID)
}

// openInTab opens a page in a browser tab, or in its named window, because the
// agent asks for it.
func (b *board) openInTab(popID string) []act {
	_, p := b.find(popID)
	if p == nil {
		return nil
	}
	return []act{{Do: openWindow, ID: popID, URL: p.pop.URL, Target: p.window(), ByHand: true}}
}

// blank takes the agent's word that a framed page shows nothing: it is opened in
// a tab, and pages like it are no longer framed in this browser.
func (b *board) blank(popID string, at moment) []act {
	_, p := b.find(popID)
	if p == nil {
		return nil
	}
	p.stage, p.owes, p.refusal = stageNone, false, agentSaysSo
	return append([]act{
		{Do: refusePage, ID: popID, Page: p.frame(), Text: agentSaysSo},
		{Do: dropFrame, ID: popID},
		p.report(screenpop.PopRefused, agentSaysSo, at),
	}, b.openInTab(popID)...)
}

// retry frames a page that was refused once more, because the agent asks for it:
// after signing in, or when the page has been mended. If it is refused again,
// nothing opens by itself.
func (b *board) retry(popID string) []act {
	t, p := b.find(popID)
	if t == nil || p.refusal == "" || !p.inRequest() {
		return nil
	}
	t.view, t.chosen = popID, true
	b.see()
	p.put()
	p.acted, p.fresh, p.refusal = true, false, ""
	return []act{{Do: retryFrame, ID: popID, Page: p.frame()}}
}

// reload loads a page again.
func (b *board) reload(popID string) []act {
	_, p := b.find(popID)
	if p == nil || !p.stage.framed() {
		return nil
	}
	p.stage = stageLoading
	p.entered, p.moved, p.gone = false, false, ""
	return []act{{Do: reloadFrame, ID: popID}}
}

// tick takes away the frames of pages that nobody sees and that have had their time.
func (b *board) tick(at moment) []act {
	var acts []act
	for _, t := range b.tabs {
		for _, p := range t.pages {
			if p.stage.framed() && !p.dropAt.IsZero() && at.now.After(p.dropAt) {
				p.stage, p.dropAt = stageNone, time.Time{}
				acts = append(acts, act{Do: dropFrame, ID: p.pop.ID})
			}
		}
	}
	return acts
}
