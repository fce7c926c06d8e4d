package framing

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"syscall"
	"time"

	"code.dny.dev/ssrf"
)

// The caps of a fetch. The body is never read.
const (
	maxRedirects   = 5
	fetchTime      = 15 * time.Second // all hops together
	dialTime       = 5 * time.Second
	maxHeaderBytes = 64 << 10
)

// errNoAddress is why the guard lets a connection not be made.
var errNoAddress = errors.New("this address is not open to the check; --allow-private opens the local network")

// fetcher asks for a page as a browser would for a frame, without following
// where it must not go: each connection is checked when it is dialled.
type fetcher struct {
	client *http.Client
}

func newFetcher(allowPrivate bool) fetcher {
	dialer := &net.Dialer{Timeout: dialTime, Control: guard(allowPrivate)}
	return fetcher{client: &http.Client{
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
	ctx, cancel := context.WithTimeout(ctx, fetchTime)
	defer cancel()
	for hops := 0; hops <= maxRedirects; hops++ {
		origin, err := ParseOrigin(page.String())
		if err != nil {
			return Verdict{}, err
		}
		if v, is := mixedContent(ancestors, origin); is {
			return v, nil
		}
		resp, err := f.ask(ctx, page, origin, ancestors[0])
		if err != nil {
			return Verdict{}, fmt.Errorf("fetch %s: %w", page.Redacted(), err)
		}
		next, err := redirectOf(resp, page)
		if err != nil {
			return Verdict{}, err
		}
		if next == nil {
			return answer{page: origin, header: resp.Header, status: resp.StatusCode, redirects: hops}.judge(ancestors), nil
		}
		page = next
	}
	return Verdict{}, fmt.Errorf("fetch: more than %d redirects, the last to %s", maxRedirects, page.Redacted())
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
		return nil, fmt.Errorf("fetch %s: it redirects to %q, which is no page", from.Redacted(), location)
	}
	return to, nil
}

// guard returns the check of an address that is about to be dialled.
func guard(allowPrivate bool) func(network, address string, c syscall.RawConn) error {
	options := []ssrf.Option{ssrf.WithAnyPort()}
	if allowPrivate {
		options = append(options, ssrf.WithAllowedV4Prefixes(privateV4...), ssrf.WithAllowedV6Prefixes(privateV6...))
	}
	guardian := ssrf.New(options...)
	return func(network, address string, c syscall.RawConn) error {
		at, err := netip.ParseAddrPort(address)
		if err != nil {
			return fmt.Errorf("address %q: %w", address, err)
		}
		for _, p := range metadata {
			if p.Contains(at.Addr().Unmap()) {
				return fmt.Errorf("%s gives away the secrets of a cloud machine and is never asked", at.Addr())
			}
		}
		if err := guardian.Safe(network, address, c); err != nil {
			return fmt.Errorf("%s: %w (%w)", at.Addr(), errNoAddress, err)
		}
		return nil
	}
}

// The networks that --allow-private opens.
var (
	privateV4 = []netip.Prefix{
		netip.MustParsePrefix("10.0.0.0/8"),
		netip.MustParsePrefix("100.64.0.0/10"),
		netip.MustParsePrefix("127.0.0.0/8"),
		netip.MustParsePrefix("172.16.0.0/12"),
		netip.MustParsePrefix("192.168.0.0/16"),
	}
	privateV6 = []netip.Prefix{
		netip.MustParsePrefix("::1/128"),
		netip.MustParsePrefix("fc00::/7"),
	}
)

// metadata are the addresses at which clouds hand secrets to their machines.
var metadata = []netip.Prefix{
	netip.MustParsePrefix("169.254.0.0/16"),
	netip.MustParsePrefix("100.100.100.200/32"),
	netip.MustParsePrefix("168.63.129.16/32"),
	netip.MustParsePrefix("192.0.0.192/32"),
	netip.MustParsePrefix("fd00:ec2::254/128"),
	netip.MustParsePrefix("fd20:ce::254/128"),
}
