package e2e_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// What headers are made of: what they should hold, and what people write.

var (
	frameHosts = []string{"ws.test", "sub.ws.test", "crm.test", "b.test", "127.0.0.1"}

	optionWords = []string{"DENY", "SAMEORIGIN", "ALLOWALL", "deny", "SameOrigin", "ALLOW-FROM https://ws.test", "NONE", "*", `"DENY"`, "'SAMEORIGIN'",
		"DENY;", "SAMEORIGIN; DENY", "same-origin", "", " ", "DENY DENY", "D\tENY", "\u00e9", "0"}
	sourceSchemes = []string{"", "", "", "https://", "http://", "HTTPS://", "wss://", "ws://", "//", "https:/", "ftp://", "file://", "ht+tp://", "1s://", "https:", "://"}
	sourceHosts   = []string{"ws.test", "WS.Test", "*.test", "*.ws.test", "*", "crm.test", "b.test", "ws.test.", "127.0.0.1", "*.0.0.1", "[::1]", "xn--wgv71a.test", "ws..test",
		".ws.test", "ws_.test", "-ws.test", "ws.test-", "*ws.test", "w*.test", "**.test", "*.*.test", "", "localhost", "ws"}
	sourcePaths = []string{"", "", "", "", "/", "/embedder", "/emb", "?q", "#f", "/?q", "/%2f", "\\", "/;"}
	sourceWords = []string{"'self'", "'SELF'", "'none'", "'None'", "*", "https:", "http:", "data:", "blob:", "filesystem:", "wss:", "ws:", "'unsafe-inline'", "'nonce-abc'", "'nonce-'",
		"'sha256-abc='", "'strict-dynamic'", "'report-sample'", "self", "none", "null", "about:", "'wasm-unsafe-eval'", "\u00e9.test", "'self", "self'", "\"*\"", "`", "%", "a b", "https"}
	directives = []string{"img-src 'self'", "", " ", "report-uri /x", "frame-src 'none'", "frame-ancestor 'none'", "frame-ancestors-x 'none'", "upgrade", "frame_ancestors *", "=", "img-src \u00e9"}
	directive  = []string{"frame-ancestors", "frame-ancestors", "frame-ancestors", "Frame-Ancestors", "FRAME-ANCESTORS"}
	gaps       = []string{" ", " ", " ", "  ", "\t", " \t "}
	optionName = []string{"X-Frame-Options", "x-frame-options", "X-FRAME-OPTIONS"}
	policyName = []string{"Content-Security-Policy", "content-security-policy", "CONTENT-SECURITY-POLICY"}
	otherLines = []string{"Content-Security-Policy-Report-Only: frame-ancestors 'none'", "X-Content-Security-Policy: frame-ancestors 'none'", "X-Frame-Option: DENY",
		"Frame-Options: DENY", "Cross-Origin-Resource-Policy: same-origin", "Cross-Origin-Opener-Policy: same-origin", "X-XSS-Protection: 1", ": nothing", "no colon here"}
)

func pick[T any](r *rand.Rand, all []T) T { return all[r.IntN(len(all))] }

// often reports whether something is to be, so many times of a hundred.
func often(r *rand.Rand, percent int) bool { return r.IntN(100) < percent }

// invent makes up a case.
func (l *frameLab) invent(r *rand.Rand, id int) *frameCase {
	top := "https"
	if often(r, 20) {
		top = "http"
	}
	scheme := top // what is not encrypted is not let into what is, and no event tells
	if top == "http" && often(r, 50) {
		scheme = "https"
	}
	c := &frameCase{id: id, status: 200, from: []string{l.origin(top, "ws.test")}}
	if often(r, 10) {
		c.status = 404
	}
	c.page = fmt.Sprintf("%s/page?case=%d", l.origin(scheme, pick(r, frameHosts)), id)
	if c.first = c.page; often(r, 15) {
		c.hops, c.first = 1, fmt.Sprintf("%s/hop?case=%d", l.origin(scheme, pick(r, frameHosts)), id)
	}
	switch {
	case often(r, 70):
	case often(r, 50):
		c.nest = l.origin(top, pick(r, frameHosts))
		c.from = append([]string{c.nest}, c.from...)
	case often(r, 50):
		c.nest, c.from = "srcdoc", append([]string{"about:srcdoc"}, c.from...)
	default:
		c.nest, c.from = "sandbox", append([]string{"null"}, c.from...)
	}
	if often(r, 45) {
		c.lines = append(c.lines, l.options(r)...)
	}
	if often(r, 75) {
		for range 1 + r.IntN(5)/3 {
			c.lines = append(c.lines, l.policy(r))
		}
	}
	if often(r, 20) {
		c.lines = append(c.lines, pick(r, otherLines))
	}
	r.Shuffle(len(c.lines), func(i, j int) { c.lines[i], c.lines[j] = c.lines[j], c.lines[i] })
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cases[id] = c
	return c
}

// options makes up lines of X-Frame-Options.
func (l *frameLab) options(r *rand.Rand) []string {
	var lines []string
	for range 1 + r.IntN(5)/3 {
		var words []string
		for range 1 + r.IntN(5)/3 {
			words = append(words, pick(r, optionWords))
		}
		lines = append(lines, pick(r, optionName)+":"+pick(r, []string{" ", "", "  ", "\t"})+strings.Join(words, pick(r, []string{",", ", ", " , ", ",,"})))
	}
	return lines
}

// policy makes up a line of Content-Security-Policy.
func (l *frameLab) policy(r *rand.Rand) string {
	var policies []string
	for range 1 + r.IntN(6)/5 {
		var parts []string
		for range 1 + r.IntN(6)/4 {
			if often(r, 75) {
				parts = append(parts, l.ancestors(r))
			} else {
				parts = append(parts, pick(r, directives))
			}
		}
		policies = append(policies, strings.Join(parts, pick(r, []string{";", "; ", " ; ", ";;"})))
	}
	line := pick(r, policyName) + ": " + strings.Join(policies, pick(r, []string{",", ", "}))
	if often(r, 5) { // a line that is folded
		line = strings.Replace(line, " ", "\r\n ", 1)
	}
	return line
}

func (l *frameLab) ancestors(r *rand.Rand) string {
	words := []string{pick(r, directive)}
	for range r.IntN(4) {
		if often(r, 35) {
			words = append(words, pick(r, sourceWords))
			continue
		}
		words = append(words, pick(r, sourceSchemes)+pick(r, sourceHosts)+l.port(r)+pick(r, sourcePaths))
	}
	return strings.Join(words, pick(r, gaps))
}

func (l *frameLab) port(r *rand.Rand) string {
	return pick(r, []string{"", fmt.Sprint(":", l.tls), fmt.Sprint(":", l.tls), fmt.Sprint(":", l.plain), ":*", ":*", ":443", ":80", ":", ":0", ":x", ":" + fmt.Sprint("0", l.tls), ":99999999999", ":-1"})
}
