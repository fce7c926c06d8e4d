package workspace

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"github.com/crmpop/crmpop/app/screenpop"
)

// Glances are what components draw: values taken from the board at one moment.
// Equal glances draw alike, so a component whose glance has not changed is left
// alone.

// tabGlance is a request's tab.
type tabGlance struct {
	ID       string
	N        int // makes element ids
	Icon     string
	Caller   string
	Second   string // the second line
	Name     string // for screen readers
	Edge     string
	Badge    int
	Since    time.Time // of its timer; zero for none
	Until    time.Time // when its timer stopped; zero while it runs
	Selected bool
}

// viewGlance is an entry of the sub-menu; the Request view has no ID.
type viewGlance struct {
	ID       string
	Title    string
	Mark     string // loading, waiting, elsewhere, refused, missed, "" when all is well
	Says     string // the mark in words
	Unseen   bool
	Selected bool
}

// requestGlance is the Request view.
type requestGlance struct {
	Request screenpop.Request // times are by the page's clock
	Lines   []line
	Offers  []card // pops that need a click
}

// line is one line of the timeline.
type line struct {
	At   time.Time
	Text string
	Tone string // event, ok, warn, bad, quiet
}

// pageGlance is the selected page with what can be done about it.
type pageGlance struct {
	ID     string
	Framed bool // its frame is to be seen
	Moved  bool // it went on by itself, and the agent has not worked in it since
	Card   card // what stands in the frame's place; Card.Kind is "" for nothing
}

// tabGlances returns the tabs in order.
func (b *board) tabGlances() []tabGlance {
	all := make([]tabGlance, len(b.tabs))
	for i, t := range b.tabs {
		r := t.request
		g := tabGlance{
			ID: r.ID, N: t.n, Icon: channelIcon(r.Channel), Caller: r.Caller(), Second: subtitle(r),
			Edge: edge(r), Selected: r.ID == b.shown, Badge: t.badge(),
		}
		g.Name = tabName(r, g.Badge)
		g.Since, g.Until = b.timer(r)
		all[i] = g
	}
	return all
}

// badge counts the pages that came unseen.
func (t *requestTab) badge() int {
	n := 0
	for _, p := range t.pages {
		if p.unseen && (p.isView() || p.waits()) {
			n++
		}
	}
	return n
}

// waitingFor counts what waits for the agent: requests that ring, and pages that
// came unseen.
func (b *board) waitingFor() int {
	n := 0
	for _, t := range b.tabs {
		n += t.badge()
		if edge(t.request) == "ring" {
			n++
		}
	}
	return n
}

// timer returns what a request's timer counts: how long it has waited, then how
// long the conversation lasts, and after it how long it did.
func (b *board) timer(r screenpop.Request) (since, until time.Time) {
	since = r.CreatedAt
	if !r.AcceptedAt.IsZero() {
		since = r.AcceptedAt
	}
	if r.Ended() {
		until = r.EndedAt
	}
	return b.here(since), b.here(until)
}

// here turns a time of the server into one of the page's clock.
func (b *board) here(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return t.Add(b.skew)
}

// viewGlances returns the sub-menu of the request that is seen.
func (b *board) viewGlances() []viewGlance {
	t := b.tab(b.shown)
	if t == nil {
		return nil
	}
	all := []viewGlance{{Title: "Request", Selected: t.view == ""}}
	for _, p := range t.pages {
		if !p.isView() {
			continue
		}
		g := viewGlance{ID: p.pop.ID, Title: p.title(), Selected: t.view == p.pop.ID, Unseen: p.unseen}
		g.Mark, g.Says = b.mark(p)
		all = append(all, g)
	}
	return all
}

// mark returns the small sign of a view's state, and the sign in words.
func (b *board) mark(p *page) (mark, says string) {
	switch {
	case p.stage == stageLoading:
		return "loading", "loading"
	case p.stage == stageLoaded && p.gone != "":
		return "refused", "went on to a page that refuses to be shown here"
	case p.stage == stageLoaded:
		return "", ""
	case p.stage == stageSlow:
		return "warn", "no answer yet"
	case p.stage == stageUnloaded:
		return "unloaded", "put aside, reload it"
	case b.elsewhere(p):
		return "elsewhere", "open in your other workspace tab"
	case p.pop.State == screenpop.PopWaiting:
		return "waiting", "waiting for a click"
	case p.pop.State == screenpop.PopMissed:
		return "missed", "came while you were away"
	case p.pop.State == screenpop.PopOpened && b.restorable(p):
		return "", ""
	case p.pop.State == screenpop.PopOpened:
		return "elsewhere", "opened elsewhere"
	case p.pop.State == screenpop.PopRefused:
		return "refused", "refuses to be shown here"
	case p.pop.State == screenpop.PopFailed:
		return "warn", "did not open"
	case p.pop.State.Open():
		return "loading", "on its way"
	}
	return "", ""
}

// requestGlance returns the Request view of the request that is seen.
func (b *board) requestGlance() requestGlance {
	t := b.tab(b.shown)
	if t == nil {
		return requestGlance{}
	}
	g := requestGlance{Request: t.request, Lines: b.lines(t)}
	g.Request.Timeline = nil
	for _, at := range []*time.Time{&g.Request.CreatedAt, &g.Request.AcceptedAt, &g.Request.EndedAt, &g.Request.UpdatedAt} {
		*at = b.here(*at)
	}
	for _, p := range t.pages {
		if p.offered() {
			g.Offers = append(g.Offers, b.card(p))
		}
	}
	return g
}

// lines returns the timeline: what happened to the request and what became of
// its pops, oldest first.
func (b *board) lines(t *requestTab) []line {
	var all []line
	for _, e := range t.request.Timeline {
		all = append(all, line{At: b.here(e.At), Text: eventWords(e.Type, t.request.Channel), Tone: "event"})
	}
	for _, p := range t.pages {
		all = append(all, line{At: b.here(p.pop.CreatedAt), Text: popWords(p), Tone: popTone(p.pop.State)})
	}
	slices.SortStableFunc(all, func(x, y line) int { return cmp.Compare(x.At.UnixMilli(), y.At.UnixMilli()) })
	return all
}

// pageGlance returns the selected page of the request that is seen; its ID is ""
// while the Request view is selected.
func (b *board) pageGlance() pageGlance {
	t := b.tab(b.shown)
	if t == nil {
		return pageGlance{}
	}
	p := t.page(t.view)
	if p == nil {
		return pageGlance{}
	}
	return pageGlance{ID: p.pop.ID, Framed: p.stage.seen(), Moved: p.moved && p.gone == "", Card: b.card(p)}
}

// waiting returns the first page of the request that is seen which needs a click,
// while another page has the screen: everywhere else its button stands in the
// view itself.
func (b *board) waiting() (card, bool) {
	t := b.tab(b.shown)
	if t == nil {
		return card{}, false
	}
	if seen := t.page(t.view); seen == nil || seen.stage != stageLoaded {
		return card{}, false
	}
	for _, p := range t.pages {
		if p.waits() {
			return b.card(p), true
		}
	}
	return card{}, false
}

// offered reports whether the page stands in the Request view with a button.
func (p *page) offered() bool {
	return (p.isView() || p.isCopy()) && (p.pop.State == screenpop.PopWaiting || p.pop.State == screenpop.PopMissed)
}

// nextWaiting returns the page that Enter opens: the selected one, else the first
// whose button is on the screen.
func (b *board) nextWaiting() (popID string, ok bool) {
	t := b.tab(b.shown)
	if t == nil {
		return "", false
	}
	if p := t.page(t.view); p != nil && p.offered() {
		return p.pop.ID, true
	}
	for _, p := range t.pages {
		if p.waits() || (t.view == "" && p.offered()) {
			return p.pop.ID, true
		}
	}
	return "", false
}

func number(n int) string { return strconv.Itoa(n) }
