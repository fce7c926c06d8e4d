package check

import (
	"encoding/json"
	"errors"
	"time"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"github.com/crmpop/crmpop/app/browser"
)

// Verdict is an outcome, for tests: how a line stands, what it says, what to do,
// and which policy does it.
type Verdict struct{ State, Says, Cure, Policy string }

func verdictOf(o outcome) Verdict { return Verdict{stateWords[o.State], o.Says, o.Cure, o.Policy} }

func factsOf(s string) (f facts) {
	if err := json.Unmarshal([]byte(s), &f); err != nil {
		panic(err)
	}
	return f
}

// The judgements, of facts as the server says them in JSON.

func Socket(f, here string, s browser.Socket) Verdict {
	return verdictOf(judgeSocket(factsOf(f), here, s, 15*time.Millisecond))
}

func Fallback(socket bool, status int, kind string, fault bool) Verdict {
	var err error
	if fault {
		err = errors.New("no answer")
	}
	return verdictOf(judgeFallback(socket, status, kind, err))
}

func Clock(skew time.Duration) Verdict { return verdictOf(judgeClock(skew)) }

// Skew is that of the best of looks, each asked at 0 by this computer's clock.
func Skew(looks ...[2]time.Duration) time.Duration {
	all := make([]sample, len(looks))
	for i, l := range looks {
		all[i] = sample{asked: time.Unix(0, 0), took: l[0], server: time.Unix(0, 0).Add(l[1])}
	}
	return best(all).skew()
}

func Build(own, server string) Verdict { return verdictOf(judgeBuild(own, server)) }

func Popups(tried, opened bool) Verdict { return verdictOf(judgePopups(tried, opened)) }

func Notices(n browser.Notices, asked bool) Verdict { return verdictOf(judgeNotices(n, asked)) }

func Clipboard(safe bool, leave string, tried bool, why string, texts int) Verdict {
	return verdictOf(judgeClipboard(clipped{safe, leave, tried, why}, texts))
}

func Network(f string, safe bool, leave string) Verdict {
	return verdictOf(judgeNetwork(factsOf(f), safe, leave))
}

func Cookies(f string, measured, sent bool) Verdict {
	return verdictOf(judgeCookies(factsOf(f), crumbs{measured, sent}))
}

func FirstPage(f string, found browser.Framing) Verdict {
	return verdictOf(judgePage(factsOf(f).Pages[0], found))
}

func Worker(w browser.Worker, build string) Verdict { return verdictOf(judgeWorker(w, build)) }

func Storage(s browser.Storage) Verdict { return verdictOf(judgeStorage(s)) }

func Memory(m browser.Memory, w browser.Workspaces) Verdict { return verdictOf(judgeMemory(m, w)) }

// Elsewhere is the origin under which this server is asked about cookies.
func Elsewhere(f, here string) string { return elsewhere(factsOf(f), here) }

// Anchors are the headings of the manual that lines lead to.
func Anchors(f string) []string {
	var all []string
	for _, g := range plan(factsOf(f)) {
		for _, l := range g.lines {
			all = append(all, l.Anchor)
		}
	}
	return all
}

// TestPage is a page without a browser.
type TestPage struct{ *Page }

// NewTestPage returns a page that was told facts, and has tested nothing yet.
func NewTestPage(f string) TestPage {
	p := &Page{phase: testing, facts: factsOf(f), build: "b1", agent: "Mozilla/5.0 (test)"}
	p.groups = plan(p.facts)
	return TestPage{p}
}

// Gate returns the page for somebody who is not signed in, or told a fault.
func Gate(fault string) goapp.UI {
	if fault == "" {
		return &Page{phase: signedOut}
	}
	return &Page{phase: failed, fault: fault}
}

// Set notes what came of the test with an id.
func (t TestPage) Set(id string, v Verdict) {
	for s, word := range stateWords {
		if word == v.State {
			t.set(id, outcome{s, v.Says, v.Cure, v.Policy})
		}
	}
}

// Report returns the report, and Summary the line above.
func (t TestPage) Report() string  { return t.report() }
func (t TestPage) Summary() string { return t.summary() }
