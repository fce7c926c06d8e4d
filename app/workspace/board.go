package workspace

import (
	"sort"
	"time"

	"github.com/crmpop/crmpop/app/browser"
	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/wire"
)

// board is what the agent's screen shows: requests in order of arrival, the
// pages of each, and which of them is seen. It is pure state: frames, happenings
// and clicks go in, and what the page must do comes out as acts. It may be told
// the same thing twice; nothing is opened twice by itself.
type board struct {
	self    string // this browser tab, as claims name it
	leads   bool   // this tab opens pops by itself
	agent   string
	tenant  string
	build   string // of the server
	known   bool   // a snapshot has come
	tabs    []*requestTab
	lone    []*page // pops of requests that are gone, such as those of on="closed"
	shown   string  // id of the request that is seen, "" for none
	arrived int
	// skew is the page's clock minus the server's; times from the server are
	// shown by the page's clock.
	skew time.Duration
	// reported holds the pops whose receipts from before a reload have not been
	// confirmed: whatever the server thinks, they have been opened.
	reported map[string]bool
	past     selection // what was selected before a reload
	// mayAskNotices says that the agent has not been asked about notices.
	mayAskNotices bool
}

// requestTab is a request with its pages.
type requestTab struct {
	n       int // its number in order of arrival; makes element ids
	request screenpop.Request
	pages   []*page
	view    string // id of the selected page, "" for the Request view
	chosen  bool   // the agent has selected a view by hand
	opened  int    // pages that have opened here by themselves
}

// moment is when something happens, and how long the agent has left keyboard and
// mouse alone by then.
type moment struct {
	now  time.Time
	idle time.Duration
}

// deed names what an act does.
type deed string

const (
	addFrame    deed = "add frame"
	dropFrame   deed = "drop frame"
	reloadFrame deed = "reload frame"
	retryFrame  deed = "retry frame" // forget what was found of pages of this key
	refusePage  deed = "refuse page" // remember that pages of this key are blank
	openWindow  deed = "open window" // answered by opened
	copyText    deed = "copy"        // answered by copied
	showCopied  deed = "show copied" // what is on the clipboard now
	pingPage    deed = "ping"        // answered by pinged
	sendClaim   deed = "claim"
	sendReceipt deed = "receipt"
	announce    deed = "announce"
	say         deed = "say" // for eyes and ears: what has no place of its own
)

// act is one thing the page must do. ID is that of the pop, or of the request that
// is announced.
type act struct {
	Do     deed
	ID     string
	Page   browser.Page       // addFrame, retryFrame, refusePage
	URL    string             // openWindow, pingPage
	Target string             // openWindow
	ByHand bool               // openWindow, copyText: the agent has clicked
	State  screenpop.PopState // sendReceipt
	Text   string             // of a receipt, an announcement, a refusal; to be copied, or copied
}

// newBoard returns an empty board for the browser tab self. reported names pops
// with receipts that are stored but not confirmed.
func newBoard(self string, reported map[string]bool, past selection) *board {
	return &board{self: self, reported: reported, past: past}
}

// apply takes a frame from the server.
func (b *board) apply(f wire.Frame, at moment) []act {
	switch f.Type {
	case wire.Hello:
		return b.greet(f, at)
	case wire.Snapshot:
		return b.restore(f, at)
	case wire.Request:
		return b.take(*f.Request)
	case wire.Pop:
		return b.takePop(*f.Pop, at)
	case wire.Withdraw:
		return b.withdraw(f.PopID, f.Reason, at)
	case wire.Claimed:
		return b.claimed(f, at)
	}
	return nil
}

// greet learns who the agent is. Claims sent on the connection before are lost,
// so they are sent again.
func (b *board) greet(f wire.Frame, at moment) []act {
	b.agent, b.tenant, b.build = f.AgentName, f.Tenant, f.Build
	return b.claimAgain(at)
}

// lead says whether this tab opens pops by itself from now on.
func (b *board) lead(on bool, at moment) []act {
	b.leads = on
	if !on {
		return nil
	}
	return append(b.claimAgain(at), b.restoreFrame()...)
}

func (b *board) claimAgain(at moment) []act {
	var acts []act
	for _, t := range b.tabs {
		for _, p := range t.pages {
			p.asked = false
			acts = append(acts, b.consider(t, p, at)...)
		}
	}
	return acts
}

// restore replaces what is known by a snapshot. Requests that stay keep their
// place, their pages and what is selected.
func (b *board) restore(f wire.Frame, at moment) []act {
	var acts []act
	alive := map[string]bool{}
	for _, r := range f.Requests {
		alive[r.ID] = r.State != screenpop.StateClosed
	}
	for _, t := range append([]*requestTab{}, b.tabs...) {
		if !alive[t.request.ID] {
			acts = append(acts, b.remove(t)...)
		}
	}
	requests := append([]screenpop.Request{}, f.Requests...)
	sort.SliceStable(requests, func(i, j int) bool { return requests[i].CreatedAt.Before(requests[j].CreatedAt) })
	for _, r := range requests {
		acts = append(acts, b.take(r)...)
	}
	acts = append(acts, b.restorePops(f.Pops, at)...)
	b.known = true
	return append(acts, b.restoreFrame()...)
}

func (b *board) restorePops(pops []screenpop.Pop, at moment) []act {
	var acts []act
	kept := map[string]bool{}
	for _, pop := range pops {
		kept[pop.ID] = true
		if t := b.tab(pop.RequestID); t != nil {
			b.put(t, pop, at)
		}
	}
	for _, t := range b.tabs {
		acts = append(acts, t.keepOnly(kept)...)
		b.recall(t)
		for _, p := range t.pages {
			acts = append(acts, b.consider(t, p, at)...)
		}
	}
	return acts
}

// take takes a request as it now stands.
func (b *board) take(r screenpop.Request) []act {
	t := b.tab(r.ID)
	switch {
	case r.State == screenpop.StateClosed && t == nil:
		return nil
	case r.State == screenpop.StateClosed:
		return append(b.remove(t), b.restoreFrame()...)
	case t != nil:
		t.request = r
		return nil
	}
	b.arrived++
	b.tabs = append(b.tabs, &requestTab{n: b.arrived, request: r})
	if b.shown == "" || (!b.known && b.past.Shown == r.ID) {
		b.shown = r.ID
	}
	if b.known && !r.Ended() {
		return []act{{Do: announce, ID: r.ID, Text: announcement(r)}}
	}
	return nil
}

// remove takes a request away with its frames; its neighbour to the right comes
// to the place, else the one to the left.
func (b *board) remove(t *requestTab) []act {
	i := b.index(t.request.ID)
	b.tabs = append(b.tabs[:i], b.tabs[i+1:]...)
	if b.shown == t.request.ID {
		b.shown = ""
		if len(b.tabs) > 0 {
			b.shown = b.tabs[min(i, len(b.tabs)-1)].request.ID
			b.see()
		}
	}
	return t.keepOnly(nil)
}

// keepOnly removes all pages but those of kept.
func (t *requestTab) keepOnly(kept map[string]bool) []act {
	var acts []act
	var pages []*page
	for _, p := range t.pages {
		if kept[p.pop.ID] {
			pages = append(pages, p)
			continue
		}
		if p.stage.framed() {
			acts = append(acts, act{Do: dropFrame, ID: p.pop.ID})
		}
		if t.view == p.pop.ID {
			t.view = ""
		}
	}
	t.pages = pages
	return acts
}

func (b *board) index(requestID string) int {
	for i, t := range b.tabs {
		if t.request.ID == requestID {
			return i
		}
	}
	return -1
}

func (b *board) tab(requestID string) *requestTab {
	if i := b.index(requestID); i >= 0 {
		return b.tabs[i]
	}
	return nil
}

func (b *board) find(popID string) (*requestTab, *page) {
	for _, t := range b.tabs {
		if p := t.page(popID); p != nil {
			return t, p
		}
	}
	for _, p := range b.lone {
		if p.pop.ID == popID {
			return nil, p
		}
	}
	return nil, nil
}

func (t *requestTab) page(popID string) *page {
	for _, p := range t.pages {
		if p.pop.ID == popID {
			return p
		}
	}
	return nil
}
