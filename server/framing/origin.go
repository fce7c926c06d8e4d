package framing

import (
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Origin is where a document comes from: scheme, host and port. The zero Origin
// is an opaque one, of a sandboxed frame or a data: URL: it equals no other, not
// even itself.
type Origin struct {
	Scheme string // lower case
	Host   string // lower case, in ASCII; IPv6 in brackets
	Port   int    // never 0 for http and https
}

// ParseOrigin reads an origin as "https://crm.example.com:8443" or "null". What
// stands behind the port is not looked at, so that an URL may be given. A blob:
// URL has the origin that made it, a data: URL an opaque one.
func ParseOrigin(s string) (Origin, error) {
	text := strings.TrimSpace(s)
	if inner, ok := cutFold(text, "blob:"); ok {
		text = inner
	}
	if text == "null" || strings.HasPrefix(text, "null/") {
		return Origin{}, nil
	}
	if _, ok := cutFold(text, "data:"); ok {
		return Origin{}, nil
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme == "" || u.Opaque != "" {
		return Origin{}, fmt.Errorf("origin %q: write it as https://host:port, or null", s)
	}
	o := Origin{Scheme: strings.ToLower(u.Scheme), Port: defaultPort(strings.ToLower(u.Scheme))}
	if o.Host, err = asciiHost(u.Hostname()); err != nil {
		return Origin{}, fmt.Errorf("origin %q: %w", s, err)
	}
	if o.Host == "" && o.Scheme != "file" {
		return Origin{}, fmt.Errorf("origin %q: the host is missing; write it as https://host:port", s)
	}
	if p := u.Port(); p != "" {
		o.Port, err = strconv.Atoi(p)
		if err != nil || o.Port > 65535 {
			return Origin{}, fmt.Errorf("origin %q: a port is a number up to 65535", s)
		}
	}
	return o, nil
}

func cutFold(s, prefix string) (string, bool) {
	if len(s) < len(prefix) || !strings.EqualFold(s[:len(prefix)], prefix) {
		return s, false
	}
	return s[len(prefix):], true
}

// maxHost is how long a host may be, in bytes.
const maxHost = 1024

// asciiHost returns a host as an URL has it: lower case, IPv6 in brackets and
// shortened, letters outside ASCII as Punycode.
func asciiHost(host string) (string, error) {
	if strings.Contains(host, ":") {
		ip, err := netip.ParseAddr(host)
		if err != nil || ip.Zone() != "" {
			return "", fmt.Errorf("%q is no IPv6 address", host)
		}
		return "[" + ip.String() + "]", nil
	}
	if !utf8.ValidString(host) || len(host) > maxHost {
		return "", fmt.Errorf("%q is no host name", host)
	}
	labels := strings.Split(strings.ToLower(host), ".")
	for i, label := range labels {
		labels[i] = asciiLabel(label)
	}
	name := strings.Join(labels, ".")
	if ip, is, err := ipv4Host(name); is {
		return ip, err
	}
	return name, nil
}

func defaultPort(scheme string) int {
	switch scheme {
	case "http", "ws":
		return 80
	case "https", "wss":
		return 443
	case "ftp":
		return 21
	}
	return 0
}

// Opaque reports whether the origin is one that no other equals.
func (o Origin) Opaque() bool { return o.Scheme == "" }

// Same reports whether both are one origin.
func (o Origin) Same(other Origin) bool { return !o.Opaque() && o == other }

// String returns the origin as browsers write it, "null" for an opaque one.
func (o Origin) String() string {
	switch {
	case o.Opaque():
		return "null"
	case o.Port == defaultPort(o.Scheme):
		return o.Scheme + "://" + o.Host
	}
	return o.Scheme + "://" + o.Host + ":" + strconv.Itoa(o.Port)
}

func (o Origin) inWords() string {
	if o.Opaque() {
		return "an ancestor without an origin (sandboxed or data:)"
	}
	return "the ancestor " + o.String()
}
