package framing

import (
	"context"
	"fmt"
	"io"
	"net/netip"
	"net/url"
	"strings"

	"github.com/crmpop/crmpop/server/dial"
)

// Question asks whether the page at an URL may be framed.
type Question struct {
	URL  string
	From []string // origins of the documents around the frame, innermost first; see ParseOrigin
	// Headers holds the raw header lines of the response: then URL is the final
	// one and nothing is fetched. Several blocks are a chain of redirects, of
	// which the last one counts.
	Headers    io.Reader
	PublicOnly bool // a fetch goes neither to this computer nor into the local network
}

// Check answers a question. An error says that there is no answer: the question
// is malformed, or the page could not be fetched.
func Check(ctx context.Context, q Question) (Verdict, error) {
	ancestors, err := parseAncestors(q.From)
	if err != nil {
		return Verdict{}, err
	}
	page, err := parsePage(q.URL)
	if err != nil {
		return Verdict{}, err
	}
	if q.Headers == nil {
		var open []netip.Prefix
		if !q.PublicOnly {
			open = dial.LocalNetworks()
		}
		return newFetcher(open, nil).check(ctx, ancestors, page)
	}
	trail, err := readResponses(q.Headers)
	if err != nil {
		return Verdict{}, err
	}
	return judge(ancestors, page, trail)
}

// judge gives the verdict on a page at the end of a trail of responses.
func judge(ancestors []Origin, page *url.URL, trail []response) (Verdict, error) {
	for i, r := range trail[:len(trail)-1] {
		hop, err := url.Parse(r.header.Get("Location"))
		if err != nil || i == len(trail)-2 {
			break // the last one leads to page
		}
		if o, err := ParseOrigin(hop.String()); err == nil {
			if v, is := mixedContent(ancestors, o); is {
				return v, nil
			}
		}
	}
	origin, err := ParseOrigin(page.String())
	if err != nil {
		return Verdict{}, err
	}
	last := trail[len(trail)-1]
	return answer{page: origin, header: last.header, status: last.status, redirects: len(trail) - 1}.judge(ancestors), nil
}

// parseAncestors reads origins, innermost first. about: documents have the
// origin of the document around them.
func parseAncestors(from []string) ([]Origin, error) {
	if len(from) == 0 {
		return nil, fmt.Errorf("no ancestor is named; give the origin of the page that holds the frame")
	}
	all := make([]Origin, len(from))
	for i := len(from) - 1; i >= 0; i-- {
		if _, is := cutFold(from[i], "about:"); is {
			if i == len(from)-1 {
				return nil, fmt.Errorf("ancestor %q has the origin of the document around it; name that one too", from[i])
			}
			all[i] = all[i+1]
			continue
		}
		o, err := ParseOrigin(from[i])
		if err != nil {
			return nil, err
		}
		all[i] = o
	}
	return all, nil
}

func parsePage(raw string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimSpace(raw))
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, fmt.Errorf("page %q: write its URL as https://host/path", raw)
	}
	if _, err := ParseOrigin(u.String()); err != nil {
		return nil, err
	}
	return u, nil
}
