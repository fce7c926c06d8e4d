package urltemplate

import "strings"

// url compiles the pieces of a URL template. Scheme and authority must be
// literal; a variable can only stand behind them.
func (p *parser) url(t *Template, pieces []piece) {
	switch {
	case len(pieces) == 0:
		if !p.failed {
			p.fault(0, "the URL is empty", "write https:// and the rest of the address")
		}
		return
	case len(pieces) == 1 && pieces[0].use != nil && pieces[0].use.name == "url":
		t.whole = true
		t.nodes = []node{{use: pieces[0].use}}
		return
	}
	first := pieces[0]
	if first.use != nil {
		p.variableFirst(first)
		return
	}
	origin, rest, faults := splitOrigin(first.text)
	unfinished := rest == len(first.text) && len(pieces) > 1 // the host goes on in the next piece
	for _, f := range faults {
		if unfinished && f.Offset == rest {
			continue
		}
		f.Offset += first.off
		p.faults = append(p.faults, f)
		p.failed = p.failed || f.Severity == SeverityError
	}
	switch {
	case rest < 0:
		return
	case unfinished:
		p.inHost(pieces[1])
		rest, pieces = behindHost(pieces[1:])
		if len(pieces) == 0 {
			return
		}
		first = pieces[0]
	}
	t.origin = origin
	w := &walker{fault: p.fault}
	out := w.begin(origin, first.text[rest:], first.off+rest)
	t.literal(out, out)
	for _, piece := range pieces[1:] {
		if piece.use != nil {
			t.nodes = append(t.nodes, node{use: piece.use, path: w.pos == inPathOf})
			w.variable()
			continue
		}
		out := w.literal(nil, piece.text, piece.off)
		t.literal(string(out), string(out))
	}
	w.end()
}

// behindHost returns the pieces from the one in which the host ends, and where.
func behindHost(pieces []piece) (int, []piece) {
	for i, piece := range pieces {
		if n := strings.IndexAny(piece.text, "/?#"); n >= 0 {
			return n, pieces[i:]
		}
	}
	return 0, nil
}

func (p *parser) variableFirst(first piece) {
	name := first.use.name
	if name == "url" {
		p.fault(first.off, "{url} with other text", "{url} must be the whole URL, alone")
		return
	}
	p.fault(first.off, "the variable {"+name+"} before the host",
		"begin with https:// and the host in plain letters; only {url} may be a whole URL")
}

func (p *parser) inHost(next piece) {
	if next.use == nil {
		p.fault(next.off, "the character "+character(rune(next.text[0]))+" in the host", "a host holds letters, digits, - and .")
		return
	}
	p.fault(next.off, "the variable {"+next.use.name+"} in the host",
		"write the host in plain letters and end it with /; for several hosts write one popup each, with queue or <when>")
}

// splitOrigin cuts a URL behind its authority. rest is where its path, query or
// fragment begins, or -1 if that cannot be told. Offsets count from the
// beginning of s.
func splitOrigin(s string) (origin string, rest int, faults []Fault) {
	fail := func(off int, msg, cure string) {
		faults = append(faults, Fault{off, SeverityError, msg, cure})
	}
	colon := schemeEnd(s)
	if colon < 0 {
		fail(0, "a URL without https://", "write the whole address, https:// and all")
		return "", -1, faults
	}
	scheme := strings.ToLower(s[:colon])
	if scheme != "https" && scheme != "http" {
		cure := "begin with https://"
		if Nearest(scheme, []string{"https", "http"}) != "" {
			cure = "did you mean https://?"
		}
		fail(0, "the scheme "+quote(s[:colon]+":")+" is none that a popup opens", cure)
		return "", -1, faults
	}
	after := s[colon+1:]
	if !strings.HasPrefix(after, "//") || strings.HasPrefix(after, "///") || strings.HasPrefix(after, `//\`) {
		fail(colon+1, scheme+": without exactly two slashes", "write "+scheme+"://")
		return "", -1, faults
	}
	from := colon + len("://")
	rest = len(s)
	if n := strings.IndexAny(s[from:], "/?#"); n >= 0 {
		rest = from + n
	}
	host, f := authority(scheme, s[from:rest])
	if f != nil {
		fail(from+f.Offset, f.Msg, f.Cure)
	}
	if scheme == "http" {
		faults = append(faults, Fault{0, SeverityWarning, "http:// is not encrypted, and a page served over https:// cannot show it inside itself", "write https:// if the site offers it"})
	}
	return scheme + "://" + host, rest, faults
}

// schemeEnd returns the place of the colon behind a scheme, -1 without one.
// "crm.example.com:8080" and "localhost:8080" have a port, not a scheme.
func schemeEnd(s string) int {
	i := strings.IndexByte(s, ':')
	if i < 1 || strings.ContainsAny(s[:i], "./?# \\") {
		return -1
	}
	if i+1 < len(s) && isDigit(s[i+1]) {
		return -1
	}
	return i
}
