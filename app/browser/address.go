package browser

import "strings"

// address is an absolute URL as the browser understands it.
type address struct {
	scheme string // "https"
	host   string // lower case, without port and brackets
	origin string // "https://crm.example.com:8443", "null" for opaque ones
	href   string // as the browser would write it
}

// frameFault returns why a page at a cannot stand in a frame of a workspace at
// own, or "" if nothing speaks against it without asking the page.
func frameFault(a, own address) string {
	if fault := windowFault(a, own); fault != "" {
		return fault
	}
	if own.scheme == "https" && a.scheme == "http" && !loopback(a.host) {
		return "the page is http and the workspace https: browsers do not show such a page inside another"
	}
	return ""
}

// windowFault returns why the workspace at own must not open a at all, or "".
// Our own origin is out because such a page could reach into the workspace.
func windowFault(a, own address) string {
	switch {
	case a.scheme == "":
		return "the address cannot be read: it must begin with https://"
	case a.scheme != "http" && a.scheme != "https":
		return "the address begins with " + a.scheme + ": and only https: and http: are opened"
	case a.host == "":
		return "the address names no host"
	case a.origin == own.origin:
		return "the address is the workspace's own"
	}
	return ""
}

// loopback reports whether host is this machine, which browsers trust over http.
func loopback(host string) bool {
	if host == "localhost" || strings.HasSuffix(host, ".localhost") || host == "::1" {
		return true
	}
	rest, ok := strings.CutPrefix(host, "127.")
	return ok && strings.Count(rest, ".") == 2 && strings.Trim(rest, "0123456789.") == ""
}
