package workspace

import (
	"context"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/crmpop/crmpop/app/browser"
	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/session"
	"github.com/crmpop/crmpop/app/ui"
	"github.com/crmpop/crmpop/app/wire"
)

const (
	liveFrames   = 12 // pages that stay loaded at once
	selectionKey = "crmpop.selection"
	popupsKey    = "crmpop.popups" // "stopped" after the browser has stopped a window
	leadName     = "crmpop.workspace"
)

// Desk is the agent's workspace apart from how it is drawn: the board, the
// connection that feeds it and the stage with the pages. It lives as long as the
// document does; a Workspace shows it while its route is open. All methods may be
// called from any goroutine.
type Desk struct {
	now  func() time.Time
	beat *ui.Beat
	once sync.Once

	stale   atomic.Bool // a redrawing is on its way
	refresh atomic.Pointer[func()]

	mu      sync.Mutex // guards what follows; nothing waits while holding it
	phase   phase
	board   *board
	account account
	welcome welcome
	fault   string // why signing in did not work
	busy    bool   // signing in
	link    session.State
	asked   time.Time // when the server was last asked whether we are signed in
	line    connection
	hangUp  context.CancelFunc
	stage   stager
	steal   func()
	leads   bool
	build   string // of this page
	popups  bool   // the browser lets pages open windows, as far as is known
	overlay string // what stands above the page: "", "user", "requests", "keys"
	search  string // in the list of all requests
	// onControl says that the keyboard is on a button or link of the workspace.
	onControl bool
	asks      []session.Ask // what the agent is asked; replaced, never changed
	toasts    []ui.Toast
	toastN    int
	copied    string // what the workspace itself put on the clipboard last
	notices   browser.Notices
	silent    bool            // the agent wants none
	noticed   map[string]bool // tags of the notices that may stand
	last      outside
	tidied    outside  // of last, what was told with a redrawing
	unsaid    []string // to be read out with the next redrawing
}

// phase is which of the three screens the workspace shows.
type phase string

const (
	starting  phase = ""
	signedOut phase = "signed out"
	working   phase = "working"
)

// connection is the part of a session that the desk needs.
type connection interface {
	Receipt(popID string, s screenpop.PopState, detail string)
	Claim(popID string)
	Close(requestID string)
	Answer(askID string, ok bool)
	Lead(on bool)
	Wake()
	Offline(off bool)
}

// stager is the part of the stage that the desk needs.
type stager interface {
	Add(browser.Page) bool
	Show(id string)
	Cover(id string, on bool)
	Remove(id string)
	Reload(id string)
	Retry(browser.Page)
	Refuse(key, why string)
}

// outside is what the browser was told last, so that it is told changes only.
type outside struct {
	shown     string
	covered   bool
	title     string
	selection string
	guard     bool // leaving would lose what the agent has done in a page
	badge     int  // how much waits for the agent
}

// NewDesk returns a desk that has not begun; nothing happens before a Workspace
// shows it in a browser.
func NewDesk() *Desk {
	d := &Desk{now: time.Now, popups: true}
	d.beat = ui.NewBeat(d.now)
	d.board = newBoard("", nil, selection{})
	return d
}

// enter is called when a Workspace begins to show the desk; refresh redraws it.
func (d *Desk) enter(refresh func()) {
	d.refresh.Store(&refresh)
	d.stale.Store(false)
	d.once.Do(func() { browser.Go(d.begin) })
	d.settle()
}

// leave is called when the Workspace goes. The desk works on without it; its
// pages stay loaded, hidden.
func (d *Desk) leave() {
	d.refresh.Store(nil)
	d.mu.Lock()
	stage := d.stage
	d.last.shown = ""
	d.mu.Unlock()
	if stage != nil {
		stage.Show("")
	}
}

// touch has the desk redrawn soon. Any number of touches makes one redrawing.
func (d *Desk) touch() {
	if f := d.refresh.Load(); f != nil && d.stale.CompareAndSwap(false, true) {
		(*f)()
	}
}

// frame takes a frame from the connection, on the goroutine that read it: the
// page of a pop is on the stage before anything is redrawn.
func (d *Desk) frame(f wire.Frame) {
	if f.Type == wire.Ask { // the end of one, with a reason
		d.toast("The test did not pop: "+f.Reason+".", true)
		return
	}
	d.do(func(b *board, at moment) []act { return b.apply(f, at) })
}

// heard takes what befell a page.
func (d *Desk) heard(e browser.PageEvent) {
	d.do(func(b *board, at moment) []act { return b.happened(e, at) })
}

// do lets f change the board, does what follows and has the desk redrawn.
func (d *Desk) do(f func(b *board, at moment) []act) {
	at := d.moment()
	d.mu.Lock()
	acts := f(d.board, at)
	d.mu.Unlock()
	d.perform(acts)
	d.settle()
	d.touch()
}

// change lets f change the desk and has it redrawn.
func (d *Desk) change(f func()) {
	d.mu.Lock()
	f()
	d.mu.Unlock()
	d.touch()
}

func (d *Desk) moment() moment { return moment{now: d.now(), idle: browser.IdleFor()} }

// perform does the acts in order.
func (d *Desk) perform(acts []act) {
	d.mu.Lock()
	stage, line := d.stage, d.line
	d.mu.Unlock()
	for _, a := range acts {
		switch {
		case a.Do == openWindow:
			d.openWindow(a)
		case a.Do == copyText:
			d.copyText(a)
		case a.Do == showCopied:
			d.wasCopied(a.Text)
		case a.Do == pingPage:
			d.pingPage(a)
		case a.Do == say:
			d.toast(a.Text, true)
		case a.Do == announce:
			d.mu.Lock()
			d.unsaid = append(d.unsaid, a.Text)
			d.mu.Unlock()
			d.noticeRequest(a.ID)
		case stage != nil && a.onStage(stage):
		case line != nil:
			a.onLine(line)
		}
	}
}

// onStage does what the stage has to do, and reports whether that was its business.
func (a act) onStage(stage stager) bool {
	switch a.Do {
	case addFrame:
		stage.Add(a.Page)
	case dropFrame:
		stage.Remove(a.ID)
	case reloadFrame:
		stage.Reload(a.ID)
	case retryFrame:
		stage.Retry(a.Page)
	case refusePage:
		stage.Refuse(a.Page.Key, a.Text)
	default:
		return false
	}
	return true
}

func (a act) onLine(line connection) {
	switch a.Do {
	case sendClaim:
		line.Claim(a.ID)
	case sendReceipt:
		line.Receipt(a.ID, a.State, a.Text)
	}
}

// openWindow opens a window and tells the board whether the browser let it.
func (d *Desk) openWindow(a act) {
	ok := browser.OpenWindow(a.URL, a.Target)
	at := d.moment()
	d.mu.Lock()
	acts := d.board.opened(a.ID, ok, a.ByHand, at)
	if !a.ByHand {
		d.popups = ok
	}
	d.mu.Unlock()
	d.perform(acts)
	switch {
	case a.ByHand && !ok:
		d.toast("The browser did not open the page. Allow pop-ups for this site, then try again.", true)
	case !a.ByHand && ok:
		browser.Delete(browser.Local, popupsKey)
	case !a.ByHand:
		browser.Save(browser.Local, popupsKey, "stopped")
		d.noticePop(a.ID)
	}
}

// settle brings the stage in step with the board: the frame that is seen. The
// rest follows with the redrawing or, in a tab that nobody sees and whose timers
// browsers slow down, at once.
func (d *Desk) settle() {
	d.mu.Lock()
	was, stage := d.last, d.stage
	if stage == nil || d.refresh.Load() == nil {
		d.mu.Unlock()
		return
	}
	is := d.outside()
	d.last = is
	d.mu.Unlock()
	if is.covered != was.covered || is.shown != was.shown {
		stage.Cover(is.shown, is.covered)
		stage.Show(is.shown)
	}
	if !browser.Visible() {
		d.tidy()
	}
}

// tidy brings the rest of the browser in step with the board: what is read out,
// the title, and the selection that outlasts a reload. Each costs milliseconds
// and makes the browser draw, and a pop often follows its request at once, so
// none of it is done between the two.
func (d *Desk) tidy() {
	d.mu.Lock()
	was := d.tidied
	if d.stage == nil || d.refresh.Load() == nil {
		d.mu.Unlock()
		return
	}
	is := d.outside()
	d.tidied = is
	texts, stale := d.unsaid, d.staleNotices()
	d.unsaid = nil
	d.mu.Unlock()
	for _, t := range texts {
		browser.Announce(t)
	}
	for _, tag := range stale {
		browser.Unnotify(tag)
	}
	if is.badge != was.badge {
		browser.SetBadge(is.badge)
	}
	if is.title != was.title {
		browser.SetTitle(is.title)
	}
	if is.guard != was.guard {
		browser.Guard(is.guard)
	}
	if is.selection != was.selection {
		browser.Save(browser.Session, selectionKey, is.selection)
	}
}

func (d *Desk) outside() outside {
	if d.phase != working {
		return outside{title: "CRM Pop", selection: d.last.selection}
	}
	o := outside{title: documentTitle(d.board.tabGlances()), selection: d.last.selection}
	o.shown, o.covered = d.board.onStage()
	o.guard, o.badge = d.board.atWork(), d.board.waitingFor()
	if d.board.known {
		o.selection = d.board.selection().String()
	}
	return o
}

// toast shows a message at the lower right for a while, and has it read out.
func (d *Desk) toast(text string, bad bool) { d.toastWith(ui.Toast{Text: text, Bad: bad}) }

func (d *Desk) toastWith(is ui.Toast) {
	browser.Announce(is.Text)
	d.change(func() {
		d.toastN++
		id := d.toastN
		is.ID = id
		// The same words twice are one toast that stays longer.
		d.toasts = slices.DeleteFunc(d.toasts, func(t ui.Toast) bool { return t.Text == is.Text })
		d.toasts = append(d.toasts, is)
		time.AfterFunc(8*time.Second, func() { d.dropToast(id) })
	})
}

func (d *Desk) dropToast(id int) {
	d.change(func() {
		d.toasts = slices.DeleteFunc(d.toasts, func(t ui.Toast) bool { return t.ID == id })
	})
}

// matches reports whether a request is among those that the agent searches for.
func matches(t tabGlance, search string) bool {
	return strings.Contains(strings.ToLower(t.Name), strings.ToLower(strings.TrimSpace(search)))
}
