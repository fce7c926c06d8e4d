package framing

import (
	"context"
	"errors"
	"net"
	"net/url"
	"syscall"

	"github.com/crmpop/crmpop/server/dial"
)

// atPrivate are the words for what the guard has kept a check from.
const atPrivate = " is at a private address"

// fault says in words why a page could not be asked, and what can be done. How a
// network fails is the operator's to know: of addresses only that one is private
// comes out.
func fault(at *url.URL, err error) (reason, cure string) {
	host := at.Host
	var dns *net.DNSError
	var op *net.OpError
	const browser = "a browser in your network finds out when the page pops"
	switch {
	case errors.Is(err, errManyRedirects):
		return "it redirects more than 5 times, the last to " + host, "look at the address in a browser; a page that goes round may ask for cookies"
	case errors.Is(err, errNoPage):
		return host + " redirects to what is no page", "look at the address in a browser"
	case errors.Is(err, dial.ErrSecret):
		return host + " is at an address that gives away the secrets of a cloud machine and is never asked", "correct the address"
	case errors.Is(err, dial.ErrPrivate):
		return host + atPrivate + ", which this server does not ask",
			"the operator opens its network with --allow-private; otherwise " + browser
	case errors.As(err, &dns) && dns.IsNotFound:
		return "the name " + at.Hostname() + " is not found", "correct the host; a name that only your network knows cannot be asked from here"
	case errors.As(err, &dns):
		return "the name " + at.Hostname() + " could not be looked up", "check again later"
	case errors.Is(err, syscall.ECONNREFUSED):
		return host + " refuses connections", "is the server up, and the port right?"
	case dial.IsTLS(err):
		return host + " has a certificate that is not trusted, or speaks no TLS: " + dial.TLSWords(err),
			"mend its certificate; agents' browsers stop there too, unless they trust your own authority"
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &op) && op.Timeout():
		return host + " did not answer in time", "is it up, and reachable from this server? Otherwise " + browser
	}
	return "the connection to " + host + " broke off before an answer", "check again later; otherwise " + browser
}

// bare returns a page without user, query and fragment: what may be kept of it.
func bare(u *url.URL) string {
	return clip((&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String(), maxWords)
}

func originOf(u *url.URL) string {
	o, err := ParseOrigin(u.String())
	if err != nil {
		return ""
	}
	return o.String()
}
