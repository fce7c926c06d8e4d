// Package check is the page /check: it tests this very browser, and says of each
// thing that pops need whether it is there, or what to do. What came of a test is
// judged apart from the browser, so that the words are tested natively.
package check

import (
	"errors"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"github.com/crmpop/crmpop/app/browser"
)

// Page is the route of the page. The zero Page is ready.
type Page struct {
	goapp.Compo

	own    goapp.Context // outlasts what is drawn
	phase  phase
	fault  string
	facts  facts
	build  string // of this page
	groups []group
	run    int    // which one; what comes of an older one is not heard
	agent  string // how the browser calls itself
	copied string // what was copied last, in words
}

// phase is what the page shows.
type phase string

const (
	starting  phase = ""
	signedOut phase = "signed out"
	failed    phase = "failed"
	testing   phase = "testing"
)

// OnMount begins the first run. It happens in the browser only.
func (p *Page) OnMount(ctx goapp.Context) {
	p.own, p.build, p.agent = ctx, goapp.Getenv("CRMPOP_BUILD"), browser.UserAgent()
	p.again(ctx)
}

// OnNav names the page in the browser's tab.
func (p *Page) OnNav(goapp.Context) { browser.SetTitle("Check this browser · CRM Pop") }

// again runs all tests that need no click.
func (p *Page) again(goapp.Context) {
	p.run++
	n := p.run
	browser.Go(func() {
		f, s, err := askFacts()
		samples := []sample{s}
		for err == nil && len(samples) < looks {
			if _, s, err = askFacts(); err == nil {
				samples = append(samples, s)
			}
		}
		p.then(n, func() { p.took(n, f, samples, err) })
	})
}

// looks at the server's clock that one run takes.
const looks = 4

// took begins the tests, or says why there are none.
func (p *Page) took(n int, f facts, samples []sample, err error) {
	switch {
	case errors.Is(err, errSignedOut):
		p.phase = signedOut
		return
	case err != nil:
		p.phase, p.fault = failed, err.Error()
		return
	}
	p.phase, p.facts, p.groups = testing, f, plan(f)
	p.copied = ""
	r := run{f: f, build: p.build, trip: best(samples).took, tell: func(id string, o outcome) {
		p.then(n, func() { p.set(id, o) })
	}}
	r.tell(idClock, judgeClock(best(samples).skew()))
	r.all()
}

// then lets f change the page, unless another run has begun. It does not wait.
func (p *Page) then(n int, f func()) {
	p.own.Dispatch(func(goapp.Context) {
		if n == p.run {
			f()
		}
	})
}

// set notes what came of a test.
func (p *Page) set(id string, o outcome) {
	if l := find(p.groups, id); l != nil {
		l.outcome = o
	}
}

// clicked runs the tests that need the click that just was.
func (p *Page) clicked(goapp.Context) {
	n, f := p.run, p.facts
	for _, id := range []string{idClipboard, idNotices, idPopups} {
		p.set(id, outcome{})
	}
	r := run{f: f, build: p.build, tell: func(id string, o outcome) {
		p.then(n, func() { p.set(id, o) })
	}}
	browser.Go(r.clicked)
}

// copy puts a text on the clipboard and says so.
func (p *Page) copy(what, text string) {
	browser.Go(func() {
		says := "Copied " + what + "."
		if ok, why := browser.CopyText(text); !ok {
			says = "Not copied: " + why + "."
		}
		p.then(p.run, func() { p.copied = says })
	})
}
