package workspace

import (
	"strings"
	"time"

	"github.com/crmpop/crmpop/app/browser"
	"github.com/crmpop/crmpop/app/screenpop"
)

// page is a pop with what this browser tab has done for it.
type page struct {
	pop   screenpop.Pop
	sent  []screenpop.Receipt // sent from here, not yet seen in the server's copy
	until time.Time           // until then it may open by itself
	asked bool                // a claim is on its way
	acted bool                // this tab has opened it, or tried to
	owes  bool                // a receipt is due when its frame has loaded
	fresh bool                // opened now, not put back after a reload
	stage stage
	// refusal is why it may not be framed, "" while nothing is known against it.
	refusal string
	unseen  bool
	entered bool      // the agent has worked in its frame
	moved   bool      // it went on by itself since
	gone    string    // why what it went on to cannot be seen, "" if it can
	later   bool      // it will be copied when the workspace comes to the front
	dropAt  time.Time // when the frame of a page nobody sees is taken away
}

// stage is how far a page has come on the stage.
type stage string

const (
	stageNone     stage = ""
	stageLoading  stage = "loading"
	stageLoaded   stage = "loaded"
	stageSlow     stage = "slow"
	stageUnloaded stage = "unloaded"
)

// framed reports whether the stage knows the page.
func (s stage) framed() bool { return s != stageNone }

// seen reports whether there is a frame to be looked at.
func (s stage) seen() bool { return s == stageLoading || s == stageLoaded || s == stageSlow }

// inRequest reports whether the page belongs inside the request's tab.
func (p *page) inRequest() bool {
	return p.pop.Target == screenpop.TargetRequest && p.pop.Frame != "never"
}

// isView reports whether the page has an entry of its own in the sub-menu.
func (p *page) isView() bool {
	if p.pop.Kind != screenpop.KindURL || !p.pop.Visible || p.pop.State == screenpop.PopSkipped {
		return false
	}
	return p.pop.State != screenpop.PopWithdrawn || p.acted
}

// isCopy reports whether the pop is a text for the clipboard.
func (p *page) isCopy() bool { return p.pop.Kind == screenpop.KindClipboard }

// unseenFrame reports whether the pop is a page that runs where nobody sees it.
func (p *page) unseenFrame() bool {
	return !p.pop.Visible && p.pop.Via == screenpop.ViaFrame && !p.isCopy()
}

// waits reports whether the agent must click for the page to open, or for the
// text to be copied.
func (p *page) waits() bool {
	return (p.isView() || p.isCopy()) && p.pop.State == screenpop.PopWaiting
}

// toChoose reports whether the page is one of several that a web request has
// found: none opens by itself.
func (p *page) toChoose() bool {
	return p.pop.From != "" && strings.HasPrefix(p.pop.Detail, "one of ")
}

// has reports whether a receipt of that state is among the pop's.
func (p *page) has(s screenpop.PopState) bool {
	for _, r := range p.pop.Receipts {
		if r.State == s {
			return true
		}
	}
	return p.pop.State == s
}

// take replaces the pop by the server's newer copy. What this tab has reported
// meanwhile and the copy does not know yet stays.
func (p *page) take(pop screenpop.Pop, at moment) {
	if len(pop.Receipts) == 0 {
		pop.Receipts = without(p.pop.Receipts, p.sent)
	}
	p.sent = without(p.sent, pop.Receipts)
	for _, r := range p.sent {
		fold(&pop, r)
	}
	p.pop = pop
	p.until = at.now.Add(time.Duration(pop.TTLms) * time.Millisecond)
	if !p.acted {
		p.refusal = refusalIn(pop)
	}
}

// refusalIn returns why the page was refused when it was last tried, "" if it
// was not.
func refusalIn(pop screenpop.Pop) string {
	why := ""
	if pop.State == screenpop.PopRefused {
		why = orElse(pop.Detail, "the page refuses")
	}
	for _, r := range pop.Receipts {
		switch r.State {
		case screenpop.PopRefused:
			why = orElse(r.Detail, "the page refuses")
		case screenpop.PopShown:
			why = ""
		}
	}
	return why
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// report returns the act that reports a state, and takes it for known at once.
func (p *page) report(s screenpop.PopState, detail string, at moment) act {
	if len(detail) > screenpop.MaxDetail {
		detail = detail[:screenpop.MaxDetail]
	}
	r := screenpop.Receipt{PopID: p.pop.ID, State: s, Detail: detail, At: at.now}
	p.sent = append(p.sent, r)
	fold(&p.pop, r)
	return act{Do: sendReceipt, ID: p.pop.ID, State: s, Text: detail}
}

func fold(pop *screenpop.Pop, r screenpop.Receipt) {
	if next := pop.State.Next(r.State); next == r.State {
		pop.State, pop.Detail = next, r.Detail
	}
	pop.Receipts = append(pop.Receipts[:len(pop.Receipts):len(pop.Receipts)], r)
}

// without returns the receipts of a that have no equal in b.
func without(a, b []screenpop.Receipt) []screenpop.Receipt {
	var rest []screenpop.Receipt
	for _, r := range a {
		known := false
		for _, k := range b {
			known = known || (k.State == r.State && k.Detail == r.Detail)
		}
		if !known {
			rest = append(rest, r)
		}
	}
	return rest
}

// frame returns the page as the stage takes it.
func (p *page) frame() browser.Page {
	return browser.Page{
		ID:      p.pop.ID,
		Title:   p.title(),
		URL:     p.pop.URL,
		Sandbox: p.pop.Sandbox,
		Allow:   p.pop.Allow,
		Key:     p.pop.FrameKey,
		Probe:   p.pop.Probe && p.pop.Visible,
		Refused: p.pop.Refused,
		Blank:   p.pop.Blank,
		Always:  p.pop.Frame == "always" || !p.pop.Visible,
	}
}

// title returns the page's title, the host of its address where it has none.
func (p *page) title() string {
	if p.pop.Title != "" {
		return p.pop.Title
	}
	return host(p.pop.URL)
}
