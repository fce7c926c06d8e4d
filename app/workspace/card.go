package workspace

import (
	"time"

	"github.com/crmpop/crmpop/app/screenpop"
)

// card is what stands where a page cannot be seen: one sentence, what the agent
// can do about it, and the detail for whoever asks.
type card struct {
	Kind  string // loading, slow, refused, waiting, opened, missed, unloaded, elsewhere, failed; "" for none
	PopID string
	Title string
	Says  string
	At    time.Time // when it came, if that matters
	More  string
	Acts  []cardAct
}

// cardAct is a button of a card; the first one is the big one.
type cardAct struct {
	Do    string // one of the do… below
	Label string
	Key   string // the key that does the same
}

const (
	doOpen    = "open"    // where it belongs
	doTab     = "tab"     // in a browser tab
	doReload  = "reload"  // the frame
	doRetry   = "retry"   // frame what was refused once more
	doUseHere = "usehere" // lead in this tab
	doCopy    = "copy"    // to the clipboard
	doNotice  = "notice"  // ask whether notices may be shown
)

var (
	openAct   = cardAct{doOpen, "Open", ""}
	tabAct    = cardAct{doTab, "Open in a tab", ""}
	reloadAct = cardAct{doReload, "Reload page", ""}
	retryAct  = cardAct{doRetry, "Try here again", ""}
	hereAct   = cardAct{doUseHere, "Use here", ""}
	copyAct   = cardAct{doCopy, "Copy", ""}
	noticeAct = cardAct{doNotice, "Tell me when a page waits", ""}
)

// card returns what is to be said of a page that cannot be seen as it should.
func (b *board) card(p *page) card {
	c := card{PopID: p.pop.ID, Title: p.title()}
	switch {
	case p.isCopy():
		b.cardOfCopy(p, &c)
	case p.stage == stageLoaded && p.gone != "":
		c.Kind, c.Says = "refused", c.Title+" went on to a page that refuses to be shown here."
		c.More, c.Acts = sentence(p.gone), []cardAct{tabAct, reloadAct}
	case p.stage == stageLoaded:
	case p.stage == stageLoading:
		c.Kind, c.Says = "loading", "Loading "+c.Title
	case p.stage == stageSlow:
		c.Kind, c.Says = "slow", "No answer from "+host(p.pop.URL)+" yet."
		c.Acts = []cardAct{tabAct, reloadAct}
	case p.stage == stageUnloaded:
		c.Kind, c.Says = "unloaded", c.Title+" was put aside because many pages are open."
		c.Acts = []cardAct{reloadAct}
	case b.elsewhere(p):
		c.Kind, c.Says = "elsewhere", c.Title+" is open in your other workspace tab."
		c.Acts = []cardAct{hereAct}
	default:
		b.cardOfState(p, &c)
	}
	if id, ok := b.nextWaiting(); ok && id == p.pop.ID && len(c.Acts) > 0 {
		c.Acts = append([]cardAct{{c.Acts[0].Do, c.Acts[0].Label, "⏎"}}, c.Acts[1:]...)
	}
	return c
}

// elsewhere reports whether another workspace of the agent has the page.
func (b *board) elsewhere(p *page) bool {
	if p.acted || b.leads || p.pop.ClaimedBy == b.self {
		return false
	}
	return p.pop.State.Open() || (p.inRequest() && p.pop.State == screenpop.PopShown)
}

// cardOfState says what the pop's state means for the agent.
func (b *board) cardOfState(p *page, c *card) {
	switch p.pop.State {
	case screenpop.PopWaiting:
		c.Kind, c.Says, c.Acts = "waiting", "The browser stopped a new tab for "+c.Title+".", []cardAct{openAct}
		switch {
		case p.refusal != "":
			c.Says = p.refuses() + ", and the browser stopped a new tab."
			c.More, c.Acts = p.whyRefused(), []cardAct{openAct, retryAct}
		case p.toChoose():
			c.Says = c.Title + ", " + p.pop.Detail + "."
			return
		}
		if b.mayAskNotices {
			c.Acts = append(c.Acts, noticeAct)
		}
	case screenpop.PopMissed:
		c.Kind, c.Says, c.Acts = "missed", c.Title+" came while you were away", []cardAct{openAct}
		c.At = b.here(p.pop.CreatedAt)
	case screenpop.PopRefused:
		c.Kind, c.Says, c.More, c.Acts = "refused", p.refuses()+".", p.whyRefused(), []cardAct{tabAct, retryAct}
	case screenpop.PopOpened:
		c.Kind, c.Says, c.Acts = "opened", c.Title+" is open "+where(p.window())+".", []cardAct{tabAct}
		if p.refusal != "" {
			c.Says = p.refuses() + ". It is open in a browser tab."
			c.More, c.Acts = p.whyRefused(), []cardAct{tabAct, retryAct}
		}
	case screenpop.PopFailed:
		c.Kind, c.Says, c.Acts = "failed", c.Title+" did not open: "+p.pop.Detail+".", []cardAct{openAct, tabAct}
	case screenpop.PopWithdrawn:
		c.Kind, c.Says, c.Acts = "withdrawn", c.Title+" was withdrawn"+after(": ", p.pop.Detail)+".", []cardAct{openAct}
	default:
		c.Kind, c.Says = "loading", c.Title+" is on its way"
		c.Acts = []cardAct{tabAct}
	}
}

// refuses says that a page cannot be seen in its place, in the words of whoever
// found that.
func (p *page) refuses() string {
	switch {
	case p.refusal == agentSaysSo:
		return "You found " + p.title() + " blank here"
	case p.pop.Blank && p.refusal == p.pop.Refused:
		return "Others found " + p.title() + " blank here"
	}
	return p.title() + " refuses to be shown here"
}

// whyRefused says more of it, "" where there is no more.
func (p *page) whyRefused() string {
	if p.refusal == agentSaysSo {
		return ""
	}
	return sentence(p.refusal)
}

// longestCopy is how many letters of a text a sentence shows.
const longestCopy = 60

// cardOfCopy says of a text for the clipboard why it is not there yet.
func (b *board) cardOfCopy(p *page, c *card) {
	text := "“" + short(p.pop.Text, longestCopy) + "”"
	c.Kind, c.Acts = "waiting", []cardAct{copyAct}
	switch p.pop.State {
	case screenpop.PopWaiting:
		c.Says = text + " is not on the clipboard yet: " + p.pop.Detail + "."
	case screenpop.PopMissed:
		c.Kind, c.Says, c.At = "missed", text+" was to be copied while you were away", b.here(p.pop.CreatedAt)
	default:
		c.Kind, c.Acts = "", nil
	}
}
