package workspace

import (
	"time"

	"github.com/crmpop/crmpop/app/session"
	"github.com/crmpop/crmpop/app/ui"
)

// glance is all that the workspace draws, taken at one moment.
type glance struct {
	Phase   phase
	Now     time.Time
	Welcome welcome
	Fault   string
	Busy    bool
	Status  status
	Tabs    []tabGlance
	Views   []viewGlance
	Request requestGlance
	Page    pageGlance
	Waiting card // its button stands beside the views; Kind is "" for none
	Empty   emptyGlance
	Toasts  []ui.Toast
	Asks    []session.Ask
	Overlay string
	Search  string
}

// status is what the top bar tells.
type status struct {
	Account  account
	Link     string // connected, reconnecting, offline
	Since    time.Time
	By       session.Transport
	Foreign  bool   // something on the way answers in the server's place
	Reason   string // why the connection has ended for good
	SignIn   bool   // the cure is to sign in, not to connect again
	Leads    bool
	NewBuild bool
}

// emptyGlance is the screen without requests.
type emptyGlance struct {
	Since   time.Time // connected since; zero while it is not
	Leads   bool
	Popups  bool
	Demo    bool
	Phone   string
	Exactly string // Since in words
}

// The overlays.
const (
	overlayUser     = "user"
	overlayRequests = "requests"
	overlayKeys     = "keys"
)

// Element ids that others refer to.
const (
	requestPanel = "request-panel"
	viewPanel    = "view-panel"
	searchField  = "request-search"
	allButton    = "all-requests"
	userButton   = "user-button"
	userFirst    = "user-first"
	keysClose    = "keys-close"
)

// openers are the buttons that get the keyboard back when an overlay closes.
var openers = map[string]string{overlayUser: userButton, overlayKeys: userButton, overlayRequests: allButton}

func requestTabID(n int) string { return "request-tab-" + number(n) }

func viewTabID(popID string) string { return "view-tab-" + orElse(popID, "request") }

func (g glance) shownTab() string {
	for _, t := range g.Tabs {
		if t.Selected {
			return requestTabID(t.N)
		}
	}
	return ""
}

func (g glance) shownView() string {
	for _, v := range g.Views {
		if v.Selected {
			return viewTabID(v.ID)
		}
	}
	return ""
}

// glance returns what is to be drawn now.
func (d *Desk) glance() glance {
	d.stale.Store(false)
	d.mu.Lock()
	defer d.mu.Unlock()
	g := glance{
		Phase: d.phase, Now: d.now().Truncate(time.Second),
		Welcome: d.welcome, Fault: d.fault, Busy: d.busy,
	}
	if d.phase != working {
		return g
	}
	g.Status = d.status()
	g.Tabs, g.Views = d.board.tabGlances(), d.board.viewGlances()
	g.Request, g.Page = d.board.requestGlance(), d.board.pageGlance()
	g.Waiting, _ = d.board.waiting()
	g.Toasts, g.Asks = append(g.Toasts, d.toasts...), d.asks
	g.Overlay, g.Search = d.overlay, d.search
	g.Empty = emptyGlance{Leads: d.leads, Popups: d.popups, Demo: d.account.Demo, Phone: d.account.PhoneURL}
	if g.Status.Link == linkConnected {
		g.Empty.Since, g.Empty.Exactly = d.link.Since, connectedFor(d.link.Since, g.Now)
	}
	return g
}

// The three words for the connection.
const (
	linkConnected    = "connected"
	linkReconnecting = "reconnecting"
	linkOffline      = "offline"
)

func (d *Desk) status() status {
	s := status{
		Account: d.account, Link: linkWord(d.link), By: d.link.Transport, Since: d.link.Since, Leads: d.leads,
		Foreign:  d.link.Intercepted,
		NewBuild: d.board.build != "" && d.build != "" && d.board.build != d.build,
	}
	if d.link.Phase == session.Ended {
		s.Reason, s.SignIn = endedWords(d.link)
	}
	return s
}

func linkWord(s session.State) string {
	switch s.Phase {
	case session.Connected:
		return linkConnected
	case session.Connecting, session.Reconnecting:
		return linkReconnecting
	}
	return linkOffline
}
