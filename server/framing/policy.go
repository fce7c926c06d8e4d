package framing

import (
	"strconv"
	"strings"
)

const cspName = "Content-Security-Policy"

// white is what separates words in a policy.
const white = " \t\n\f\r"

func trim(s string) string { return strings.Trim(s, white) }

// lower lowers ASCII letters only, as browsers do: a Kelvin sign is no k.
func lower(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r
	}, s)
}

func isWhite(r rune) bool { return strings.ContainsRune(white, r) }

// policy is the frame-ancestors directive of one policy.
type policy struct {
	text    string // the directive, as sent
	self    bool   // 'self'
	star    bool   // *
	sources []source
}

// parsePolicies returns the frame-ancestors directives of all policies, which
// stand in lines of their own or behind commas. Policies without one are left out.
func parsePolicies(lines []string) []policy {
	var all []policy
	for _, line := range lines {
		for _, text := range strings.Split(line, ",") {
			if p, ok := parsePolicy(text); ok {
				all = append(all, p)
			}
		}
	}
	return all
}

// parsePolicy finds the first frame-ancestors; those behind it do not count,
// even if the first one is void.
func parsePolicy(text string) (policy, bool) {
	for _, directive := range strings.Split(text, ";") {
		directive = trim(directive)
		name, value := directive, ""
		if at := strings.IndexFunc(directive, isWhite); at >= 0 {
			name, value = directive[:at], directive[at:]
		}
		if lower(name) != "frame-ancestors" {
			continue
		}
		if strings.ContainsFunc(trim(value), isForeign) {
			return policy{}, false
		}
		return parseSources(directive, value), true
	}
	return policy{}, false
}

// isForeign reports whether a character voids the directive that holds it.
func isForeign(r rune) bool { return r > '~' || r < ' ' && !isWhite(r) }

func parseSources(directive, value string) policy {
	p := policy{text: strings.Join(strings.FieldsFunc(directive, isWhite), " ")}
	for _, word := range strings.FieldsFunc(value, isWhite) {
		switch lower(word) {
		case "'none'": // says nothing beside others, and alone is an empty list
		case "'self'":
			p.self = true
		case "*":
			p.star = true
		default:
			if s, ok := parseSource(word); ok {
				p.sources = append(p.sources, s)
			}
		}
	}
	return p
}

// allows reports whether the policy of a page lets it be framed by an ancestor.
func (p policy) allows(ancestor, page Origin, redirected bool) bool {
	if ancestor.Opaque() {
		return false
	}
	if p.star && (isNetwork(ancestor.Scheme) || ancestor.Scheme == page.Scheme) {
		return true
	}
	if p.self && !page.Opaque() && (source{scheme: page.Scheme, host: page.Host, port: page.Port}).matches(ancestor, page, redirected) {
		return true
	}
	for _, s := range p.sources {
		if s.matches(ancestor, page, redirected) {
			return true
		}
	}
	return false
}

func isNetwork(scheme string) bool {
	switch scheme {
	case "http", "https", "ws", "wss", "ftp":
		return true
	}
	return false
}

// source is a source expression: a scheme ("https:") or a host with what may
// stand around it.
type source struct {
	scheme  string
	host    string
	anyHost bool // *.host, or * where host is empty
	port    int  // noPort if not said
	anyPort bool
	path    string // from the slash on, without query and fragment
}

const noPort = -1

// parseSource reads scheme:, or [scheme://]host[:port][path].
func parseSource(word string) (source, bool) {
	s := source{port: noPort}
	at := strings.IndexAny(word, ":/")
	if at >= 0 && word[at] == ':' {
		rest := word[at+1:]
		if rest == "" {
			s.scheme = lower(word[:at])
			return s, isScheme(s.scheme)
		}
		if rest[0] == '/' {
			s.scheme = lower(word[:at])
			if !strings.HasPrefix(rest, "//") || !isScheme(s.scheme) {
				return s, false
			}
			word = rest[2:]
			at = strings.IndexAny(word, ":/")
		}
	}
	if at < 0 {
		at = len(word)
	}
	return s, s.parseHost(word[:at]) && s.parseBehindHost(word[at:])
}

func isScheme(s string) bool {
	for i, r := range s {
		letter := r >= 'a' && r <= 'z'
		if !letter && (i == 0 || !strings.ContainsRune("0123456789+-.", r)) {
			return false
		}
	}
	return s != ""
}

func (s *source) parseHost(host string) bool {
	if host == "*" {
		s.anyHost = true
		return true
	}
	host, s.anyHost = strings.CutPrefix(host, "*.")
	s.host = lower(host)
	labels := strings.Split(s.host, ".")
	for i, label := range labels {
		last := i == len(labels)-1
		if label == "" && (!last || i == 0) || strings.ContainsFunc(label, isNoHostLetter) {
			return false
		}
	}
	return true
}

func isNoHostLetter(r rune) bool {
	return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-'
}

func (s *source) parseBehindHost(rest string) bool {
	if strings.HasPrefix(rest, ":") {
		port, path := rest[1:], ""
		if at := strings.IndexByte(port, '/'); at >= 0 {
			port, path = port[:at], port[at:]
		}
		if !s.parsePort(port) {
			return false
		}
		rest = path
	}
	if at := strings.IndexAny(rest, "?#"); at >= 0 {
		rest = rest[:at]
	}
	s.path = rest
	return true
}

func (s *source) parsePort(port string) bool {
	if port == "*" {
		s.anyPort = true
		return true
	}
	if port == "" || strings.Trim(port, "0123456789") != "" {
		return false
	}
	n, err := strconv.ParseInt(port, 10, 32)
	s.port = int(n)
	return err == nil
}

// grade is how a part of a source matches a part of an ancestor.
type grade int

const (
	no      grade = iota
	free          // the source leaves it open
	upgrade       // only because https may stand for http, and 443 for 80
	exact
)

// matches reports whether the ancestor's origin is one that s means. A source
// without a scheme means that of the page.
func (s source) matches(ancestor, page Origin, redirected bool) bool {
	scheme := s.matchScheme(ancestor, page)
	if s.host == "" && !s.anyHost {
		return scheme != no
	}
	port := s.matchPort(ancestor)
	switch {
	case scheme == no || port == no || !s.matchHost(ancestor.Host):
		return false
	case scheme == upgrade && port == exact, port == upgrade && scheme != upgrade:
		return false
	}
	// The ancestor's path is not told to the page: it counts as "/".
	return redirected || s.path == "" || s.path == "/"
}

func (s source) matchScheme(ancestor, page Origin) grade {
	scheme := s.scheme
	if scheme == "" {
		scheme = page.Scheme
	}
	switch {
	case scheme == "":
		return no
	case scheme == ancestor.Scheme:
		return exact
	case scheme == "http" && ancestor.Scheme == "https", scheme == "ws" && ancestor.Scheme == "wss":
		return upgrade
	}
	return no
}

func (s source) matchHost(host string) bool {
	if s.anyHost {
		return s.host == "" || strings.HasSuffix(host, "."+s.host)
	}
	return host == s.host
}

func (s source) matchPort(ancestor Origin) grade {
	switch {
	case s.anyPort, s.port == noPort && ancestor.Port == defaultPort(ancestor.Scheme):
		return free
	case s.port == ancestor.Port:
		return exact
	case s.port == 80 && ancestor.Port == 443, s.port == noPort && defaultPort(s.scheme) == 80 && ancestor.Port == 443:
		return upgrade
	}
	return no
}
