package framing

import (
	"net/netip"
	"slices"
	"strings"
)

// sameSite reports whether browsers take two origins for parts of one site, so
// that a frame keeps its cookies: the same scheme, and the same host or hosts
// below one registered name. Which names can be registered stands in a list of
// thousands; this goes by the common ones and says no in doubt.
func sameSite(a, b Origin) bool {
	if a.Opaque() || b.Opaque() || a.Scheme != b.Scheme {
		return false
	}
	return a.Host == b.Host || registered(a.Host) != "" && registered(a.Host) == registered(b.Host)
}

// registered returns the name below a public one: example.com, example.co.uk.
// It is "" for addresses and for what is public itself.
func registered(host string) string {
	host = strings.TrimSuffix(host, ".")
	if _, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
		return ""
	}
	labels := strings.Split(host, ".")
	n := 1
	for i := range labels {
		if tail := strings.Join(labels[i:], "."); isPublic(tail) {
			n = len(labels) - i
			break
		}
	}
	if len(labels) <= n {
		return ""
	}
	return strings.Join(labels[len(labels)-n-1:], ".")
}

// isPublic reports whether anybody can have a name below this one.
func isPublic(name string) bool {
	if slices.Contains(publicNames, name) {
		return true
	}
	second, top, _ := strings.Cut(name, ".")
	return len(top) == 2 && slices.Contains(publicSeconds, second)
}

// publicSeconds stand below countries, as in co.uk.
var publicSeconds = []string{"ac", "co", "com", "edu", "gob", "gov", "gv", "ltd", "me", "mil", "ne", "net", "nom", "or", "org", "plc", "sch"}

// publicNames are hosters below whose names each customer has a site.
var publicNames = []string{"azurewebsites.net", "cloudfront.net", "github.io", "herokuapp.com", "lightning.force.com",
	"my.salesforce.com", "netlify.app", "pages.dev", "vercel.app", "web.app", "workers.dev"}
