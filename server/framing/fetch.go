package framing

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"github.com/crmpop/crmpop/server/dial"
)

// The caps of a fetch. The body is never read.
const (
	maxRedirects   = 5
	fetchTime      = 15 * time.Second // all hops together
	dialTime       = 5 * time.Second
	maxHeaderBytes = 64 << 10
)

// fetcher asks for a page as a browser would for a frame, without following
// where it must not go: each connection is checked when it is dialled.
type fetcher struct {
	client *http.Client
	time   time.Duration // for all hops of a page together
}

// newFetcher returns a fetcher that may also go to the open networks. names
// looks names up; nil for the system's way.
func newFetcher(open []netip.Prefix, names *net.Resolver) fetcher {
	dialer := &net.Dialer{Timeout: dialTime, Control: dial.Guard(open), Resolver: names}
	return fetcher{time: fetchTime, client: &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			Proxy:                  nil, // one from the environment would be asked in the page's stead
			DialContext:            dialer.DialContext,
			TLSHandshakeTimeout:    dialTime,
			MaxResponseHeaderBytes: maxHeaderBytes,
			DisableCompression:     true,
			DisableKeepAlives:      true,
			ForceAttemptHTTP2:      true,
		},
	}}
}

// check follows redirects from page and judges where they end.
func (f fetcher) check(ctx context.Context, ancestors []Origin, page *url.URL) (Verdict, error) {
	w, err := f.walk(ctx, ancestors, page)
	var mixed mixedError
	if errors.As(err, &mixed) {
		return mixed.Verdict, nil
	}
	if err != nil {
		return Verdict{}, err
	}
	return w.answer().judge(ancestors), nil
}

// walk is the way to a page.
type walk struct {
	hops []hop    // what was answered; the last is the page if the walk came to its end
	at   *url.URL // what was asked for last, or would have been
}

// hop is one answer on the way.
type hop struct {
	url    *url.URL
	origin Origin
	status int
	header http.Header
}

// answer returns the last answer as one to judge.
func (w walk) answer() answer {
	last := w.hops[len(w.hops)-1]
	return answer{page: last.origin, header: last.header, status: last.status, redirects: len(w.hops) - 1}
}

// mixedError ends a walk before a page that a browser would not ask for.
type mixedError struct{ Verdict }

// Error returns the reason.
func (e mixedError) Error() string { return e.Reason }

var (
	errManyRedirects = fmt.Errorf("more than %d redirects", maxRedirects)
	errNoPage        = errors.New("which is no page")
)

// walk follows redirects from page. With an error the walk is as far as it came.
func (f fetcher) walk(ctx context.Context, ancestors []Origin, page *url.URL) (w walk, err error) {
	ctx, cancel := context.WithTimeout(ctx, f.time)
	defer cancel()
	w.at = page
	for range maxRedirects + 1 {
		origin, err := ParseOrigin(w.at.String())
		if err != nil {
			return w, err
		}
		if v, is := mixedContent(ancestors, origin); is {
			return w, mixedError{v}
		}
		resp, err := f.ask(ctx, w.at, origin, ancestors[0])
		if err != nil {
			return w, fmt.Errorf("fetch %s: %w", w.at.Redacted(), err)
		}
		w.hops = append(w.hops, hop{w.at, origin, resp.StatusCode, resp.Header})
		next, err := redirectOf(resp, w.at)
		if err != nil || next == nil {
			return w, err
		}
		w.at = next
	}
	return w, fmt.Errorf("fetch: %w, the last to %s", errManyRedirects, w.at.Redacted())
}

// ask sends the request of a frame and returns the response without its body.
func (f fetcher) ask(ctx context.Context, page *url.URL, origin, parent Origin) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, page.String(), nil)
	if err != nil {
		return nil, err
	}
	site := "cross-site"
	if origin.Same(parent) {
		site = "same-origin"
	}
	for name, v := range map[string]string{
		"User-Agent":                "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36",
		"Accept":                    "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
		"Accept-Language":           "en",
		"Sec-Fetch-Dest":            "iframe",
		"Sec-Fetch-Mode":            "navigate",
		"Sec-Fetch-Site":            site,
		"Upgrade-Insecure-Requests": "1",
	} {
		req.Header.Set(name, v)
	}
	if !parent.Opaque() {
		req.Header.Set("Referer", parent.String()+"/")
	}
	resp, err := f.client.Do(req)
	if err != nil {
		return nil, err
	}
	return resp, resp.Body.Close()
}

// redirectOf returns where a response leads, nil if it is the final one.
func redirectOf(resp *http.Response, from *url.URL) (*url.URL, error) {
	switch resp.StatusCode {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther,
		http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
	default:
		return nil, nil
	}
	location := resp.Header.Get("Location")
	if location == "" {
		return nil, nil
	}
	to, err := from.Parse(location)
	if err == nil {
		to, err = parsePage(to.String())
	}
	if err != nil {
		return nil, fmt.Errorf("fetch %s: it redirects to %q, %w", from.Redacted(), location, errNoPage)
	}
	return to, nil
}
