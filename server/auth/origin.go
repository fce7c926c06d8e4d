package auth

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// Origins are the origins our own pages have: scheme, host and port, exactly as
// a browser writes them in the Origin header.
type Origins []string

// Allows reports whether the request comes from one of our own pages. A request
// without an Origin, with two, or with "null" does not: a WebSocket handshake is
// bound by no same-origin rule, and this check is all there is.
func (o Origins) Allows(r *http.Request) bool {
	sent := r.Header.Values("Origin")
	if len(sent) != 1 || sent[0] == "null" {
		return false
	}
	for _, ours := range o {
		if sent[0] == ours {
			return true
		}
	}
	return false
}

// Has reports whether an origin is one of ours but for its scheme, whose own port
// may stand there or not: what answers at https://pop.example.com is ours at
// http://pop.example.com, too.
func (o Origins) Has(origin string) bool {
	return slices.ContainsFunc(o, func(ours string) bool { return place(ours) == place(origin) })
}

// place returns host and port of an origin, without the port that goes without
// saying.
func place(origin string) string {
	scheme, rest, _ := strings.Cut(strings.ToLower(origin), "://")
	return strings.TrimSuffix(rest, map[string]string{"https": ":443", "http": ":80"}[scheme])
}

// ParseOrigin returns the origin of a URL as a browser writes it: lower case,
// without the scheme's own port. A path, query or user in it is an error.
func ParseOrigin(raw string) (string, error) {
	u, err := url.Parse(strings.TrimSuffix(raw, "/"))
	if err != nil {
		return "", fmt.Errorf("%q is no URL: %w", raw, err)
	}
	if (u.Scheme != "https" && u.Scheme != "http") || u.Hostname() == "" {
		return "", fmt.Errorf("%q is no address of a site: write it as https://pop.example.com", raw)
	}
	if u.Path != "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return "", fmt.Errorf("%q has more than scheme, host and port: write it as https://pop.example.com", raw)
	}
	host, port := strings.ToLower(u.Hostname()), u.Port()
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if port == "" || port == map[string]string{"https": "443", "http": "80"}[u.Scheme] {
		return u.Scheme + "://" + host, nil
	}
	return u.Scheme + "://" + host + ":" + port, nil
}

// IsLoopback reports whether host, with or without a port, can only mean this
// machine: localhost or a loopback address.
func IsLoopback(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.Trim(host, "[]")
	if strings.EqualFold(host, "localhost") {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.IsLoopback()
}
