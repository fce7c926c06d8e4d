// Package framing says whether a page may be shown in a frame. It decides as
// Chromium 156 does: X-Frame-Options and every enforced Content-Security-Policy
// frame-ancestors of the final response, each ancestor, and mixed content.
// testdata/truth.json and testdata/observed.json are what the browser did.
//
// The rules, where they are not what one would expect:
//
//   - X-Frame-Options counts only if no enforced policy has frame-ancestors.
//   - Values of X-Frame-Options that are not all alike refuse, whatever they are;
//     unknown values that are alike are as none.
//   - A frame-ancestors of which nothing can be parsed allows nobody, but one
//     with a character outside ASCII is as none.
//   - A path longer than "/" never matches, unless a redirect led to the page.
//   - An ancestor without an origin of its own (sandboxed, data:) matches nothing,
//     not even *.
package framing

import (
	"fmt"
	"net/http"
	"strings"
)

// Verdict says whether a page may be framed, and why.
type Verdict struct {
	Framed bool   `json:"framed"`
	Known  bool   `json:"-"`      // false: the browser may first ask the agent for leave to reach the local network
	Reason string `json:"reason"` // in words, naming the header and the origin that decided
	Header string `json:"-"`      // the header that decided, as sent: "X-Frame-Options: DENY"; "" if none did
}

// Evaluate says whether the page, answered with header, may stand in a frame.
// ancestors are the origins of the documents around the frame, the innermost
// first; the last one is the tab's own.
func Evaluate(ancestors []Origin, page Origin, header http.Header) Verdict {
	return EvaluateRedirected(ancestors, page, header, 0)
}

// EvaluateRedirected is Evaluate for a page that was reached by redirects, whose
// own headers do not count. Browsers then do not look at paths in
// frame-ancestors, so as not to give away where a redirect leads.
func EvaluateRedirected(ancestors []Origin, page Origin, header http.Header, redirects int) Verdict {
	return answer{page: page, header: header, redirects: redirects}.judge(ancestors)
}

// answer is the final response to a frame's request.
type answer struct {
	page      Origin
	header    http.Header
	redirects int
	status    int // 0 if not known
}

// where names the page in a reason.
func (a answer) where() string {
	switch a.redirects {
	case 0:
		return a.page.String()
	case 1:
		return a.page.String() + ", reached by a redirect"
	}
	return fmt.Sprintf("%s, reached by %d redirects", a.page, a.redirects)
}

// judge is verdict, with what the network may still have to say.
func (a answer) judge(ancestors []Origin) Verdict {
	v := a.verdict(ancestors)
	v.Known = true
	if v.Framed && isLocalName(a.page.Host) && len(ancestors) > 0 && !isLocalName(ancestors[len(ancestors)-1].Host) {
		v.Known = false
		v.Reason += "; the browser may ask for leave to reach the local network"
	}
	return v
}

func (a answer) verdict(ancestors []Origin) Verdict {
	if v, is := mixedContent(ancestors, a.page); is {
		return v
	}
	if v, is := a.noPage(); is {
		return v
	}
	policies := parsePolicies(values(a.header, cspName))
	for _, p := range policies {
		for _, o := range ancestors {
			if !p.allows(o, a.page, a.redirects > 0) {
				return refused(cspName+": "+p.text, "%s at %s: it does not list %s", p.text, a.where(), o.inWords())
			}
		}
	}
	if len(policies) > 0 {
		p := policies[0]
		return allowed(cspName+": "+p.text, " by %s: %s at %s", cspName, p.text, a.where())
	}
	return parseFrameOptions(values(a.header, xfoName)).verdict(ancestors, a)
}

func refused(header, format string, args ...any) Verdict {
	name, _, _ := strings.Cut(header, ":")
	return Verdict{Header: header, Reason: "refused by " + name + ": " + fmt.Sprintf(format, args...)}
}

func allowed(header, format string, args ...any) Verdict {
	return Verdict{Framed: true, Header: header, Reason: "allowed" + fmt.Sprintf(format, args...)}
}

// values returns the values of a header in order, in whatever case it is named.
func values(header http.Header, name string) []string {
	if all, ok := header[name]; ok {
		return all
	}
	for key, all := range header {
		if strings.EqualFold(strings.TrimRight(key, " \t"), name) {
			return all
		}
	}
	return nil
}
