package workspace

import (
	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"github.com/crmpop/crmpop/app/browser"
)

// What the agent does, by mouse or key.

// selectRequest shows a request.
func (d *Desk) selectRequest(requestID string) {
	d.do(func(b *board, _ moment) []act { return b.showRequest(requestID) })
}

// selectNth shows the request at place n, counted from 0; nothing happens where
// there is none.
func (d *Desk) selectNth(n int) {
	d.do(func(b *board, _ moment) []act {
		if n < 0 || n >= len(b.tabs) {
			return nil
		}
		return b.showRequest(b.tabs[n].request.ID)
	})
}

// selectView shows a view of the request that is seen; "" is the Request view.
func (d *Desk) selectView(popID string) {
	d.do(func(b *board, _ moment) []act { return b.showView(popID) })
}

// stepView shows the view by steps to the right of the one that is seen.
func (d *Desk) stepView(by int) {
	d.do(func(b *board, _ moment) []act {
		id, ok := b.step(by)
		if !ok {
			return nil
		}
		return b.showView(id)
	})
}

// act does what a card's button says.
func (d *Desk) act(do, popID string) {
	switch do {
	case doOpen, doCopy:
		d.open(popID)
	case doTab:
		d.openInTab(popID)
	case doReload:
		d.reload(popID)
	case doHere:
		d.showHere(popID)
	case doUseHere:
		d.useHere(popID)
	case doNotice:
		d.askNotices()
	}
}

// open opens a page where it belongs.
func (d *Desk) open(popID string) {
	d.do(func(b *board, _ moment) []act { return b.present(popID) })
}

// openInTab opens a page in a browser tab.
func (d *Desk) openInTab(popID string) {
	d.do(func(b *board, _ moment) []act { return b.openInTab(popID) })
}

// blank takes the agent's word that a page shows nothing.
func (d *Desk) blank(popID string) {
	d.do(func(b *board, at moment) []act { return b.blank(popID, at) })
}

// showHere frames a page that was blank.
func (d *Desk) showHere(popID string) {
	d.do(func(b *board, _ moment) []act { return b.showHere(popID) })
}

// reload loads a page again.
func (d *Desk) reload(popID string) {
	d.do(func(b *board, _ moment) []act { return b.reload(popID) })
}

// useHere makes this tab the one in which pops open, and shows the page popID
// here, if one is named.
func (d *Desk) useHere(popID string) {
	d.mu.Lock()
	steal := d.steal
	d.mu.Unlock()
	if steal != nil {
		steal()
	}
	if popID != "" {
		d.open(popID)
	}
}

// closeRequest ends the request that is seen; its tab goes once the server has
// written it down.
func (d *Desk) closeRequest() {
	d.mu.Lock()
	line, shown := d.line, d.board.shown
	d.mu.Unlock()
	if line != nil && shown != "" {
		line.Close(shown)
	}
}

// copy puts a value on the clipboard and says how that went.
func (d *Desk) copy(what, value string) {
	browser.Go(func() {
		if ok, why := browser.CopyText(value); !ok {
			d.toast("Not copied: "+why+".", true)
			return
		}
		d.mu.Lock()
		d.copied = value
		d.mu.Unlock()
		d.toast("Copied "+what+".", false)
	})
}

// ring has the demo's telephone system ring this agent.
func (d *Desk) ring() {
	browser.Go(func() {
		answer, err := browser.Fetch("POST", "/demo/ring", "application/json", []byte("{}"))
		if err != nil {
			d.toast(errUnreachable.Msg, true)
			return
		}
		if answer.Status/100 != 2 {
			d.toast(message(readProblem(answer)), true)
		}
	})
}

// show puts an overlay above the page; "" takes it away.
func (d *Desk) show(overlay string) {
	d.change(func() { d.overlay, d.search = overlay, "" })
}

// toggle puts an overlay above the page, or takes it away where it stands.
func (d *Desk) toggle(overlay string) {
	d.mu.Lock()
	is := d.overlay
	d.mu.Unlock()
	if is == overlay {
		overlay = ""
	}
	d.show(overlay)
}

// closeOverlay takes the overlay away and gives the keyboard back to its button.
func (d *Desk) closeOverlay(goapp.Context) {
	d.mu.Lock()
	is := d.overlay
	d.mu.Unlock()
	d.show("")
	browser.Focus(openers[is])
}

// searchFor narrows the list of all requests.
func (d *Desk) searchFor(text string) { d.change(func() { d.search = text }) }

// pick shows a request from the list and closes the list.
func (d *Desk) pick(requestID string) {
	d.show("")
	d.selectRequest(requestID)
}

// pickFirst picks the first request that matches the search.
func (d *Desk) pickFirst() {
	d.mu.Lock()
	search, tabs := d.search, d.board.tabGlances()
	d.mu.Unlock()
	for _, t := range tabs {
		if matches(t, search) {
			d.pick(t.ID)
			return
		}
	}
}
