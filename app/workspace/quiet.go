package workspace

import (
	"strings"
	"time"

	"github.com/crmpop/crmpop/app/browser"
	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/ui"
)

// What pops without a page: texts for the clipboard, and addresses that are asked
// for where nobody sees it.

// Who put a text on the clipboard; the trace shows it as it is.
const (
	copiedBrowser = "by the browser"
	copiedAgent   = "by the agent's click"
	copiedPC      = "by the companion" // and on which PC
)

// copied takes what became of a text.
func (b *board) copied(popID string, c browser.Copied, byHand bool, at moment) []act {
	_, p := b.find(popID)
	if p == nil {
		return nil
	}
	p.acted = true
	p.later = c.Later && !c.OK
	switch {
	case c.OK:
		p.unseen = false
		return []act{p.report(screenpop.PopCopied, ui.Pick(byHand, copiedAgent, copiedBrowser), at)}
	case byHand || p.pop.State == screenpop.PopWaiting:
		return nil
	}
	acts := []act{p.report(screenpop.PopWaiting, c.Why, at)}
	p.unseen = true
	b.see()
	return acts
}

// copiedElsewhere shows a text that a companion has just put on the clipboard:
// nobody's clipboard changes unseen. pop is newer than what the board has of it.
func (b *board) copiedElsewhere(pop screenpop.Pop) []act {
	_, p := b.find(pop.ID)
	if p == nil || !b.leads || !p.isCopy() || pop.State != screenpop.PopCopied || p.pop.State == screenpop.PopCopied ||
		!strings.HasPrefix(pop.Detail, copiedPC) {
		return nil
	}
	return []act{{Do: showCopied, Text: pop.Text}}
}

// copyLater tries the texts again that only wanted the workspace in front, as
// long as they may still be copied unasked.
func (b *board) copyLater(at moment) []act {
	var acts []act
	for _, t := range b.tabs {
		for _, p := range t.pages {
			if p.later && p.waits() && at.now.Before(p.until) {
				p.later = false
				acts = append(acts, act{Do: copyText, ID: p.pop.ID, Text: p.pop.Text})
			}
		}
	}
	return acts
}

// pinged takes what became of an address that was asked for unseen; why is ""
// where a server has answered.
func (b *board) pinged(popID, why string, took time.Duration, at moment) []act {
	_, p := b.find(popID)
	switch {
	case p == nil:
		return nil
	case why != "":
		return []act{p.report(screenpop.PopFailed, why, at)}
	}
	return []act{p.report(screenpop.PopSent, "in the background, "+ui.Seconds(took), at)}
}

// copyText puts a text on the clipboard and tells the board how that went.
func (d *Desk) copyText(a act) {
	browser.Go(func() {
		c := browser.Copied{}
		if a.ByHand {
			c.OK, c.Why = browser.CopyText(a.Text)
		} else {
			c = browser.CopyUnasked(a.Text)
		}
		d.do(func(b *board, at moment) []act { return b.copied(a.ID, c, a.ByHand, at) })
		switch {
		case c.OK:
			d.wasCopied(a.Text)
		case a.ByHand:
			d.toast("Not copied: "+c.Why+".", true)
		default:
			d.noticePop(a.ID)
		}
	})
}

// wasCopied says what is on the clipboard now. What the workspace itself had put
// there before can be put back; what anybody else had is never read.
func (d *Desk) wasCopied(text string) {
	d.mu.Lock()
	before := d.copied
	d.copied = text
	d.mu.Unlock()
	undo := ""
	if before != text {
		undo = before
	}
	d.toastWith(ui.Toast{Text: "Copied “" + short(text, longestCopy) + "”.", Act: ui.Pick(undo == "", "", "Undo"), Undo: undo})
}

// undoCopy puts back what the workspace had put on the clipboard before.
func (d *Desk) undoCopy(toastID int) {
	text := ""
	d.mu.Lock()
	for _, t := range d.toasts {
		if t.ID == toastID {
			text = t.Undo
		}
	}
	d.mu.Unlock()
	d.dropToast(toastID)
	browser.Go(func() {
		if ok, why := browser.CopyText(text); !ok {
			d.toast("Not put back: "+why+".", true)
			return
		}
		d.mu.Lock()
		d.copied = text
		d.mu.Unlock()
		d.toast("“"+short(text, longestCopy)+"” is on the clipboard again.", false)
	})
}

// pingPage asks for an address unseen and tells the board how that went.
func (d *Desk) pingPage(a act) {
	browser.Go(func() {
		begun, why := d.now(), ""
		if err := browser.Ping(a.URL); err != nil {
			why = err.Error()
		}
		took := d.now().Sub(begun)
		d.do(func(b *board, at moment) []act { return b.pinged(a.ID, why, took, at) })
	})
}
