package check

import (
	"encoding/json"
	"errors"
	"time"

	"github.com/crmpop/crmpop/app/browser"
	"github.com/crmpop/crmpop/app/screenpop"
)

// factsPath is where the server says what a browser is tested against.
const factsPath = "/api/v1/check"

// facts are what the server says of itself and of the popups of whoever is here.
type facts struct {
	Time     time.Time `json:"time"`
	Build    string    `json:"build"`
	Protocol int       `json:"protocol"`
	Origin   string    `json:"origin"`
	Others   []string  `json:"other_origins"`
	Local    bool      `json:"local"`
	Hosts    []string  `json:"hosts"`
	Pages    []page    `json:"pages"`
	Windows  int       `json:"windows"`
	Texts    int       `json:"texts"`
}

// page is a page that may stand in a request's tab.
type page struct {
	Title    string            `json:"title"`
	Origin   string            `json:"origin"`
	URL      string            `json:"url"` // "" where it must not be asked for
	Verdict  screenpop.Verdict `json:"verdict"`
	Reason   string            `json:"reason"`
	SameSite bool              `json:"same_site"`
	Local    bool              `json:"local"`
}

// name tells the page from the others.
func (p page) name() string {
	if p.Title == "" {
		return "Page of " + p.Origin
	}
	return "Page “" + p.Title + "” of " + p.Origin
}

// foreign counts the pages of other sites than the workspace's.
func (f facts) foreign() int {
	n := 0
	for _, p := range f.Pages {
		if !p.SameSite {
			n++
		}
	}
	return n
}

// guarded counts the pages before which a browser may ask for leave: those in a
// private network, where the workspace is outside of it.
func (f facts) guarded() int {
	n := 0
	for _, p := range f.Pages {
		if p.Local && !f.Local {
			n++
		}
	}
	return n
}

// ours reports whether the server knows itself by an address.
func (f facts) ours(origin string) bool {
	for _, o := range append([]string{f.Origin}, f.Others...) {
		if o == origin {
			return true
		}
	}
	return false
}

// sample is one look at the server's clock.
type sample struct {
	asked  time.Time     // by this computer's clock
	took   time.Duration // there and back
	server time.Time
}

// skew is how far the server's clock is ahead of this computer's. The answer is
// taken to have been half its way at the middle.
func (s sample) skew() time.Duration { return s.server.Sub(s.asked.Add(s.took / 2)) }

// best returns the sample that took least: what is slow is slow in one direction.
func best(all []sample) sample {
	least := all[0]
	for _, s := range all[1:] {
		if s.took < least.took {
			least = s
		}
	}
	return least
}

// Errors of askFacts that are no fault of the server's.
var (
	errSignedOut = errors.New("nobody is signed in")
	errDenied    = errors.New("this is for people who take requests, and for those who help them")
	errSilent    = errors.New("the server does not answer; is the network there?")
	errUnread    = errors.New("the server's answer could not be read")
)

const statusUnauthorized, statusDenied = 401, 403

// askFacts asks the server, and looks at its clock. It blocks.
func askFacts() (facts, sample, error) {
	var f facts
	asked := time.Now()
	answer, err := browser.Fetch("GET", factsPath, "", nil)
	took := time.Since(asked)
	switch {
	case err != nil:
		return f, sample{}, errSilent
	case answer.Status == statusUnauthorized:
		return f, sample{}, errSignedOut
	case answer.Status == statusDenied:
		return f, sample{}, errDenied
	}
	if err := json.Unmarshal(answer.Body, &f); err != nil || answer.Status != 200 {
		return f, sample{}, errUnread
	}
	return f, sample{asked: asked, took: took, server: f.Time}, nil
}
