package framing

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/crmpop/crmpop/app/screenpop"
)

const (
	pageTime  = 10 * time.Second // for one page with all its redirects
	maxPolicy = 8 << 10          // of a page's own policy that is kept, in bytes
	maxWords  = 400              // of a stranger's words in a reason, in characters
)

// Preflight asks for pages before they pop, as the workspace would frame them: a
// GET with a browser's headers, without cookies, with at most 5 redirects, each
// dialled through the guard. Bodies are not read. It is safe for concurrent use;
// of one host it asks for one page at a time.
type Preflight struct {
	workspace Origin
	fetcher   fetcher
	now       func() time.Time
	turns     turns
}

// PreflightOptions are what a Preflight may do.
type PreflightOptions struct {
	Open  []netip.Prefix   // networks that are not public and may be asked all the same
	Names *net.Resolver    // looks names up; nil for the system's way
	Now   func() time.Time // nil for time.Now
}

// NewPreflight returns a Preflight for the workspace at an origin.
func NewPreflight(workspace string, o PreflightOptions) (*Preflight, error) {
	origin, err := ParseOrigin(workspace)
	if err != nil {
		return nil, err
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	p := &Preflight{workspace: origin, fetcher: newFetcher(o.Open, o.Names), now: o.Now}
	p.fetcher.time = pageTime
	return p, nil
}

// Workspace returns the origin that frames the pages.
func (p *Preflight) Workspace() Origin { return p.workspace }

// Page asks for the page at an URL and returns what there is to say of it, all
// but its key. What cannot be found out is unknown, with the reason.
func (p *Preflight) Page(ctx context.Context, raw string) screenpop.PageVerdict {
	v := screenpop.PageVerdict{Verdict: screenpop.VerdictUnknown, CheckedAt: p.now().UTC()}
	page, err := parsePage(raw)
	if err != nil {
		v.Reason = err.Error()
		return v
	}
	leave, err := p.turns.enter(ctx, page.Host)
	if err != nil {
		v.Reason, v.Cure = "there was no time left to ask "+page.Host, "check again"
		return v
	}
	defer leave()
	w, err := p.fetcher.walk(ctx, []Origin{p.workspace}, page)
	p.note(&v, w)
	v.CheckedAt = p.now().UTC()
	var mixed mixedError
	switch {
	case errors.As(err, &mixed):
		v.Verdict, v.Reason, v.Hop = screenpop.VerdictRefused, mixed.Reason, originOf(w.at)
		v.Cure, v.Details.Mixed = "no header helps: the page needs https", bare(w.at)
	case err != nil:
		v.Hop = originOf(w.at)
		v.Reason, v.Cure = fault(w.at, err)
	default:
		p.judge(&v, w)
	}
	v.Reason, v.Details.Header = clip(v.Reason, maxWords), clip(v.Details.Header, maxWords)
	return v
}

// note writes down what was seen on the way.
func (p *Preflight) note(v *screenpop.PageVerdict, w walk) {
	v.Details.Cookies = lostCookies(p.workspace, w.hops)
	if len(w.hops) == 0 {
		return
	}
	last := w.hops[len(w.hops)-1]
	v.Details.Redirects, v.Details.Status = len(w.hops)-1, last.status
	v.Details.Final, v.Hop = bare(last.url), last.origin.String()
	policy := strings.Join(values(last.header, cspName), ", ")
	if len(policy) > maxPolicy || strings.Contains(policy, "'nonce-") {
		v.Details.Moving = true
		return
	}
	v.Details.Policy = policy
}

// judge says what the last answer means for an agent, who is signed in and has
// real values.
func (p *Preflight) judge(v *screenpop.PageVerdict, w walk) {
	a := w.answer()
	said := a.judge([]Origin{p.workspace})
	v.Details.Header = said.Header
	v.Reason, v.Verdict = said.Reason, screenpop.VerdictAllowed
	if !said.Framed {
		v.Verdict = screenpop.VerdictRefused
		v.Cure = "change the header on " + last(w).url.Host + "; Details has a snippet for its server"
	}
	if strings.HasPrefix(said.Header, "Content-Disposition") {
		v.Details.Download, v.Cure = said.Header, `let it open in a tab: target="_blank"`
	}
	switch what, is := notShown(a); {
	case p.signIn(v, w, said):
	case a.status >= http.StatusBadRequest:
		v.Verdict, v.Cure = screenpop.VerdictUnknown, "look at the page with a real value; a browser finds out when it pops"
		v.Reason = fmt.Sprintf("%s answered %d (%s) to the values that mean nobody; its headers say: %s",
			a.page.Host, a.status, strings.ToLower(orElse(http.StatusText(a.status), "no known status")), said.Reason)
	case said.Framed && is:
		v.Verdict, v.Reason = screenpop.VerdictRefused, what
		v.Details.Download, v.Cure = what, `let it open in a tab: target="_blank"`
	case !said.Known:
		v.Verdict = screenpop.VerdictUnknown
		v.Cure = "give the workspace leave by the browser's policy LocalNetworkAccessAllowedForUrls"
	}
}

// signIn reports whether the way led to a sign-in, and then writes that down:
// what the page behind it would answer to an agent, nobody knows from here.
func (p *Preflight) signIn(v *screenpop.PageVerdict, w walk, said Verdict) bool {
	last := last(w)
	how := signInBy(w.hops)
	if how == "" {
		return false
	}
	is, word := screenpop.VerdictAllowed, "can be framed"
	if !said.Framed {
		is, word = screenpop.VerdictRefused, "refuses to be framed"
	}
	v.Verdict = screenpop.VerdictUnknown
	v.Details.SignIn = &screenpop.SignIn{Host: last.url.Host, Verdict: is, Reason: clip(said.Reason, maxWords)}
	v.Reason = fmt.Sprintf("the page needs a sign-in, which this server has not (%s); what answered at %s %s: %s", how, last.url.Host, word, said.Reason)
	v.Cure = "have agents sign in to the CRM in a browser tab first"
	if cookiesLost(v.Details.Cookies) {
		v.Cure += "; its cookies do not reach a frame, so it will ask there again"
	}
	return true
}

func last(w walk) hop { return w.hops[len(w.hops)-1] }

func cookiesLost(all []screenpop.PageCookie) bool {
	for _, c := range all {
		if c.Lost == screenpop.LostInFrame {
			return true
		}
	}
	return false
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}
