package workspace

import (
	"encoding/json"

	"github.com/crmpop/crmpop/app/screenpop"
)

// selection is what the agent has selected, as it is kept over a reload.
type selection struct {
	Shown string            `json:"shown"`
	Views map[string]string `json:"views"` // request id → pop id, "" for the Request view
}

// readSelection reads what String wrote; what it cannot read selects nothing.
func readSelection(text string) selection {
	var s selection
	if json.Unmarshal([]byte(text), &s) != nil {
		return selection{}
	}
	return s
}

// String returns the selection as it is stored.
func (s selection) String() string {
	text, err := json.Marshal(s)
	if err != nil {
		return ""
	}
	return string(text)
}

// selection returns what is selected now. Views that nobody has chosen are left
// out: after a reload they choose themselves again.
func (b *board) selection() selection {
	s := selection{Shown: b.shown, Views: map[string]string{}}
	for _, t := range b.tabs {
		if t.chosen || t.view != "" {
			s.Views[t.request.ID] = t.view
		}
	}
	return s
}

// recall gives a tab of the first snapshot the view it had before the reload.
// One that is not remembered shows its first page, as it would have live.
func (b *board) recall(t *requestTab) {
	if b.known {
		return
	}
	view, ok := b.past.Views[t.request.ID]
	if ok {
		t.chosen = true
		if p := t.page(view); p != nil && p.isView() {
			t.view = view
		}
		return
	}
	for _, p := range t.pages {
		if p.isView() && p.pop.State == screenpop.PopShown {
			t.view = p.pop.ID
			return
		}
	}
}

// showRequest selects a request; unknown ids change nothing.
func (b *board) showRequest(requestID string) []act {
	if b.tab(requestID) == nil {
		return nil
	}
	b.shown = requestID
	b.see()
	return b.restoreFrame()
}

// showView selects a view of the request that is seen, "" for the Request view.
func (b *board) showView(popID string) []act {
	t := b.tab(b.shown)
	if t == nil || (popID != "" && t.page(popID) == nil) {
		return nil
	}
	t.view, t.chosen = popID, true
	b.see()
	return b.restoreFrame()
}

// step returns the id of the view by steps to the right of the selected one; it
// stops at the ends.
func (b *board) step(by int) (popID string, ok bool) {
	t := b.tab(b.shown)
	if t == nil {
		return "", false
	}
	ids, at := []string{""}, 0
	for _, p := range t.pages {
		if p.isView() {
			ids = append(ids, p.pop.ID)
			if p.pop.ID == t.view {
				at = len(ids) - 1
			}
		}
	}
	to := min(max(at+by, 0), len(ids)-1)
	return ids[to], to != at
}

// see marks what is on the screen as seen.
func (b *board) see() {
	t := b.tab(b.shown)
	if t == nil {
		return
	}
	if t.view == "" {
		for _, p := range t.pages {
			if p.waits() {
				p.unseen = false // its button stands in the Request view
			}
		}
		return
	}
	if p := t.page(t.view); p != nil {
		p.unseen = false
	}
}

// restoreFrame puts the page of the selected view on the stage if it has been
// shown before and its frame is gone, as after a reload. No receipt is due.
func (b *board) restoreFrame() []act {
	t := b.tab(b.shown)
	if t == nil {
		return nil
	}
	p := t.page(t.view)
	if p == nil || !b.restorable(p) {
		return nil
	}
	acts := p.put()
	p.acted, p.owes, p.fresh = true, false, false
	return acts
}

func (b *board) restorable(p *page) bool {
	if p.stage.framed() || p.refusal != "" || !p.isView() || !p.inRequest() || !p.has(screenpop.PopShown) {
		return false
	}
	return b.mine(p) && (p.pop.State == screenpop.PopShown || p.pop.State == screenpop.PopOpened)
}

// mine reports whether this tab shows the page, not another workspace of the agent.
func (b *board) mine(p *page) bool {
	return b.leads || p.pop.ClaimedBy == "" || p.pop.ClaimedBy == b.self
}

// onStage returns the id of the page whose frame is to be seen, and whether a
// card lies over it.
func (b *board) onStage() (popID string, covered bool) {
	t := b.tab(b.shown)
	if t == nil {
		return "", false
	}
	p := t.page(t.view)
	if p == nil || !p.stage.seen() {
		return "", false
	}
	return p.pop.ID, p.stage == stageSlow || p.gone != ""
}

// atWork reports whether the agent has worked in a page of a request that is
// live: leaving the workspace would lose it.
func (b *board) atWork() bool {
	for _, t := range b.tabs {
		for _, p := range t.pages {
			if p.entered && p.stage.seen() && !t.request.Ended() && t.request.TakenBy == "" {
				return true
			}
		}
	}
	return false
}
