package admin

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"github.com/crmpop/crmpop/app/browser"
	"github.com/crmpop/crmpop/app/ui"
)

const (
	askAgain   = 3 * time.Second // at the start, while the server does not answer
	toastStays = 8 * time.Second
	buildCheck = time.Minute
)

// Office is the portal apart from how it is drawn: who is signed in, what is not
// published yet, and what the toasts say. It lives as long as the document does.
// All methods may be called from any goroutine.
type Office struct {
	now     func() time.Time
	once    sync.Once
	stale   atomic.Bool // a redrawing is on its way
	refresh atomic.Pointer[func()]
	view    string // of documents: viewText or viewForm; only what draws reads and writes it

	mu      sync.Mutex // guards what follows; nothing waits while holding it
	phase   phase
	account account
	fault   string
	build   string // of this page
	drafts  map[string]*draft
	toasts  []ui.Toast
	toastN  int
}

// phase is which of the screens before the portal is shown, or the portal.
type phase string

const (
	starting  phase = ""
	signedOut phase = "signed out"
	denied    phase = "denied"
	working   phase = "working"
)

// NewOffice returns an office that has not begun; nothing happens before a Portal
// shows it in a browser.
func NewOffice() *Office {
	return &Office{now: time.Now, drafts: map[string]*draft{}}
}

// glance is what the shell shows of the office.
type glance struct {
	Phase    phase
	Account  account
	Fault    string
	Unsaved  int
	NewBuild bool
	Toasts   []ui.Toast
}

func (o *Office) glance() glance {
	o.stale.Store(false)
	o.mu.Lock()
	defer o.mu.Unlock()
	g := glance{Phase: o.phase, Account: o.account, Fault: o.fault, Toasts: slices.Clone(o.toasts)}
	g.NewBuild = o.build != "" && o.account.Build != "" && o.build != o.account.Build
	for _, d := range o.drafts {
		if d.changed() {
			g.Unsaved++
		}
	}
	return g
}

// enter is called when a Portal begins to show the office; refresh redraws it.
func (o *Office) enter(refresh func()) {
	o.refresh.Store(&refresh)
	o.stale.Store(false)
	o.once.Do(func() { browser.Go(o.begin) })
}

// leave is called when the Portal goes.
func (o *Office) leave() { o.refresh.Store(nil) }

// touch has the office redrawn soon. Any number of touches makes one redrawing.
func (o *Office) touch() {
	if f := o.refresh.Load(); f != nil && o.stale.CompareAndSwap(false, true) {
		(*f)()
	}
}

// change lets f change the office and has it redrawn.
func (o *Office) change(f func()) {
	o.mu.Lock()
	f()
	o.mu.Unlock()
	o.touch()
}

// begin starts what runs as long as the document lives. It is called once.
func (o *Office) begin() {
	o.change(func() { o.build = goapp.Getenv("CRMPOP_BUILD") })
	browser.OnKey(o.key)
	browser.Go(func() {
		for n := 1; ; n++ {
			time.Sleep(time.Second)
			browser.Alive()
			if n%int(buildCheck/time.Second) == 0 {
				o.ask()
			}
		}
	})
	o.ask()
}

// ask finds out who is signed in. At the start it keeps asking.
func (o *Office) ask() {
	a, err := askSession()
	switch {
	case err == nil:
		is := working
		if a.User.Role == "agent" || a.User.Role == "integration" {
			is = denied
		}
		o.change(func() { o.account, o.phase, o.fault = a, is, "" })
	case signedOutBy(err):
		o.signOut()
	case o.isStarting():
		o.change(func() { o.fault = err.Error() })
		time.AfterFunc(askAgain, func() { browser.Go(o.ask) })
	}
}

func (o *Office) isStarting() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.phase == starting
}

// signOut shows the way to the sign-in page.
func (o *Office) signOut() { o.change(func() { o.phase, o.fault = signedOut, "" }) }

// key takes a key that went down: "/" goes to the search of the page.
func (o *Office) key(k browser.Key) bool {
	if k.Editing || k.Ctrl || k.Alt || k.Meta || k.Key != "/" {
		return false
	}
	browser.Focus(searchField)
	return true
}

// toast shows a message at the lower right for a while, and has it read out.
func (o *Office) toast(text string, bad bool) {
	browser.Announce(text)
	o.change(func() {
		o.toastN++
		id := o.toastN
		// The same words twice are one toast that stays longer.
		o.toasts = slices.DeleteFunc(o.toasts, func(t ui.Toast) bool { return t.Text == text })
		o.toasts = append(o.toasts, ui.Toast{ID: id, Text: text, Bad: bad})
		time.AfterFunc(toastStays, func() { o.dropToast(id) })
	})
}

func (o *Office) dropToast(id int) {
	o.change(func() {
		o.toasts = slices.DeleteFunc(o.toasts, func(t ui.Toast) bool { return t.ID == id })
	})
}

// admin reports whether who is signed in may change things.
func (o *Office) admin() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.account.admin()
}

// tenant returns the id of the company.
func (o *Office) tenant() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.account.Tenant.ID
}

// user returns the id of who is signed in.
func (o *Office) user() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.account.User.ID
}

// copy puts a text on the clipboard and says how that went.
func (o *Office) copy(what, text string) {
	browser.Go(func() {
		if ok, why := browser.CopyText(text); !ok {
			o.toast("Not copied: "+why+".", true)
			return
		}
		o.toast("Copied "+what+".", false)
	})
}
