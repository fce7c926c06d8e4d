package framing

import (
	"fmt"
	"net/netip"
	"strings"
)

// mixedContent returns the verdict on an insecure document inside a secure one:
// the browser does not even ask for it. The ancestors are looked at too.
func mixedContent(ancestors []Origin, page Origin) (Verdict, bool) {
	inner := page
	for i := range ancestors {
		for _, outer := range ancestors[i:] {
			if isMixed(inner, outer) {
				return Verdict{Known: true, Reason: fmt.Sprintf("refused as mixed content: %s is not encrypted and stands in %s, which is; serve it over https", inner, outer)}, true
			}
		}
		inner = ancestors[i]
	}
	return Verdict{}, false
}

// isMixed reports whether a browser refuses to load inner in outer for want of
// encryption. Hosts that show by their name to be this computer or in the local
// network are let through; from a public workspace the browser then asks the
// agent for leave to reach them.
func isMixed(inner, outer Origin) bool {
	return inner.Scheme == "http" && outer.Scheme == "https" && !isLocalName(inner.Host)
}

func isLocalName(host string) bool {
	host = strings.TrimSuffix(host, ".")
	for _, name := range []string{"localhost", "local"} {
		if host == name || strings.HasSuffix(host, "."+name) {
			return true
		}
	}
	ip, err := netip.ParseAddr(strings.Trim(host, "[]"))
	if err != nil {
		return false
	}
	for _, p := range localPrefixes {
		if p.Contains(ip.Unmap()) {
			return true
		}
	}
	return false
}

// localPrefixes are the addresses that Chromium takes for local ones.
var localPrefixes = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),
	netip.MustParsePrefix("10.0.0.0/8"),
	netip.MustParsePrefix("100.64.0.0/10"),
	netip.MustParsePrefix("127.0.0.0/8"),
	netip.MustParsePrefix("169.254.0.0/16"),
	netip.MustParsePrefix("172.16.0.0/12"),
	netip.MustParsePrefix("192.168.0.0/16"),
	netip.MustParsePrefix("::/127"),
	netip.MustParsePrefix("2001:db8::/32"),
	netip.MustParsePrefix("3fff::/20"),
	netip.MustParsePrefix("fc00::/7"),
	netip.MustParsePrefix("fe80::/10"),
	netip.MustParsePrefix("fec0::/10"),
}
