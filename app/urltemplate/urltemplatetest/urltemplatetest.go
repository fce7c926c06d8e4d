// Package urltemplatetest makes random URL templates with hostile values and says,
// without any code of urltemplate, what must come of each. The same cases are put
// to urltemplate, to net/url and to a browser's URL parser.
package urltemplatetest

import (
	"iter"
	"math/rand/v2"
	"strings"
	"unicode/utf8"
)

// Case is a template with its values and what must come of it: the URL Want or,
// if Err is not empty, a skip for the variable of that name. What a URL parser
// must see in Want stands in the other fields, decoded.
type Case struct {
	Template  string            `json:"template"`
	Values    map[string]string `json:"values"`
	Want      string            `json:"want"`
	Err       string            `json:"err"`
	Shortened bool              `json:"shortened"`
	Origin    string            `json:"origin"`
	Segments  int               `json:"segments"` // of the path
	Path      []string          `json:"path"`
	Keys      []string          `json:"keys"` // of the query, in order
	Query     []string          `json:"query"`
	Fragment  string            `json:"fragment"`
}

// Cases yields n cases that depend on nothing but seed.
func Cases(seed int64, n int) iter.Seq[Case] {
	return func(yield func(Case) bool) {
		g := &generator{rnd: rand.New(rand.NewPCG(uint64(seed), 0x706f70))}
		for range n {
			c := g.next()
			for len(c.Want) > maxURL { // what is cut to fit is no matter for a URL parser
				c = g.next()
			}
			if !yield(c) {
				return
			}
		}
	}
}

// The limits of a URL and of a value, in bytes.
const maxURL, maxValue = 8 << 10, 2 << 10

type generator struct {
	rnd  *rand.Rand
	c    Case
	want strings.Builder
	tmpl strings.Builder
}

// pick returns one of all.
func (g *generator) pick(all []string) string { return all[g.rnd.IntN(len(all))] }

// origins are written in the template as the first and become the second.
var origins = [][2]string{
	{"https://crm.example.com", "https://crm.example.com"},
	{"HTTPS://CRM.Example.com", "https://crm.example.com"},
	{"https://crm.example.com:443", "https://crm.example.com"},
	{"https://crm.example.com:8443", "https://crm.example.com:8443"},
	{"http://intranet", "http://intranet"},
	{"http://intranet:80", "http://intranet"},
	{"http://localhost:8000", "http://localhost:8000"},
	{"https://192.0.2.7:8443", "https://192.0.2.7:8443"},
	{"https://[2001:DB8:0:0:0:0:0:1]", "https://[2001:db8::1]"},
	{"https://[::1]:9000", "https://[::1]:9000"},
	{"https://xn--mnchen-3ya.example", "https://xn--mnchen-3ya.example"},
	{"https://my_crm.example", "https://my_crm.example"},
	{"https://a.b-c.d1.example", "https://a.b-c.d1.example"},
}

// literals are literal text that a browser leaves as it is, and what it decodes
// to. rewritten ones are those that a browser percent-encodes.
var (
	literals  = [][2]string{{"contact", "contact"}, {"a-b_c.d~e", "a-b_c.d~e"}, {"v1", "v1"}, {"%2F", "/"}, {"%c3%a6", "æ"}, {"$", "$"}, {"(x)", "(x)"}, {"@", "@"}, {":", ":"}, {"...", "..."}, {".x", ".x"}, {"!*,", "!*,"}, {"%2e%2e%2e", "..."}}
	rewritten = [][3]string{{"ø", "%C3%B8", "ø"}, {`"`, "%22", `"`}, {"<", "%3C", "<"}, {">", "%3E", ">"}, {"^", "%5E", "^"}, {"`", "%60", "`"}, {"|", "%7C", "|"}, {"{{", "%7B", "{"}, {"}}", "%7D", "}"}}
	hostile   = []string{"", ".", "..", "...", "/", "//", "\\", "?", "#", "&", "=", "+", " ", "%", "%2e", "%2E%2e", "%00", "\x00", "\r\n", "\t", "'", `"`, "<", ">", ";", ":", "@", "{", "}", "{anum}", "|", "^", "`", "~", "-", "_", "1", "a", "Z", "ø", "。", "ⓔ", "\u202e", "\u2028", "😀", "\xff", "\xc3", "\xed\xa0\x80", "../../etc/passwd", "javascript:alert(1)", "//evil.example/", "a&admin=1", "@evil.example", "https:/evil.example"}
	names     = []string{"anum", "dnis", "subject", "name", "customer_number", "x.y-z", "_v"}
)

func (g *generator) next() Case {
	g.c = Case{Values: map[string]string{}, Path: []string{}, Keys: []string{}, Query: []string{}}
	g.want.Reset()
	g.tmpl.Reset()
	origin := origins[g.rnd.IntN(len(origins))]
	g.emit(origin[0], origin[1])
	g.c.Origin = origin[1]
	g.path()
	if g.rnd.IntN(10) < 7 {
		g.query()
	}
	if g.rnd.IntN(10) < 3 {
		g.emit("#", "#")
		g.c.Fragment, _ = g.text(true)
	}
	g.c.Template, g.c.Want = g.tmpl.String(), g.want.String()
	if g.c.Err != "" {
		g.c.Want = ""
	}
	return g.c
}

func (g *generator) emit(template, want string) {
	g.tmpl.WriteString(template)
	g.want.WriteString(want)
}

func (g *generator) path() {
	n := g.rnd.IntN(5)
	if n == 0 { // a bare host, to which browsers add the /
		g.emit("", "/")
		g.c.Path, g.c.Segments = append(g.c.Path, ""), 1
		return
	}
	for range n {
		g.emit("/", "/")
		from := g.want.Len()
		decoded, variable := g.segment()
		g.c.Path = append(g.c.Path, decoded)
		raw := strings.ReplaceAll(strings.ToLower(g.want.String()[from:]), "%2e", ".")
		if variable != "" && (raw == "." || raw == "..") && g.c.Err == "" {
			g.c.Err = variable
		}
	}
	g.c.Segments = n
}

// segment writes a path segment; some are a dot next to a value that may be a dot.
func (g *generator) segment() (decoded, variable string) {
	if g.rnd.IntN(20) > 0 {
		return g.text(false)
	}
	dot := g.pick([]string{".", "%2e", "%2E"})
	name, value := g.variable()
	if g.rnd.IntN(2) == 0 {
		g.emit(dot+"{"+name+"}", dot+encode(value))
		return "." + value, name
	}
	g.emit("{"+name+"}"+dot, encode(value)+dot)
	return value + ".", name
}

func (g *generator) query() {
	g.emit("?", "?")
	for i := range 1 + g.rnd.IntN(4) {
		if i > 0 {
			g.emit("&", "&")
		}
		key := g.pick([]string{"q", "phone", "filter[x]", "$top", "a.b"})
		g.emit(key+"=", key+"=")
		value, _ := g.text(true)
		g.c.Keys = append(g.c.Keys, key)
		g.c.Query = append(g.c.Query, value)
	}
}

// text writes up to three literals and variables and returns what they decode to
// and the first variable. Behind the path a ' is rewritten and a / is not special.
func (g *generator) text(behindPath bool) (decoded, variable string) {
	var b strings.Builder
	for range 1 + g.rnd.IntN(3) {
		switch k := g.rnd.IntN(10); {
		case k < 3:
			l := literals[g.rnd.IntN(len(literals))]
			g.emit(l[0], l[0])
			b.WriteString(l[1])
		case k == 3:
			r := rewritten[g.rnd.IntN(len(rewritten))]
			g.emit(r[0], r[1])
			b.WriteString(r[2])
		case k == 4 && behindPath:
			g.emit("/?", "/?")
			b.WriteString("/?")
		default:
			name, value := g.variable()
			g.emit("{"+name+"}", encode(value))
			b.WriteString(value)
			if variable == "" {
				variable = name
			}
		}
	}
	return b.String(), variable
}

// variable returns a variable and its value as a template must understand it:
// valid UTF-8 of at most 2 KiB.
func (g *generator) variable() (name, value string) {
	name = g.pick(names)
	raw, known := g.c.Values[name]
	if !known {
		for range g.rnd.IntN(5) {
			raw += g.pick(hostile)
		}
		if g.rnd.IntN(500) == 0 {
			raw = strings.Repeat("æ", 1024) + raw + "æ"
		}
		g.c.Values[name] = raw
	}
	value = strings.ToValidUTF8(raw, "\ufffd")
	if len(value) > maxValue {
		value = value[:maxValue]
		for !utf8.ValidString(value) {
			value = value[:len(value)-1]
		}
		g.c.Shortened = true
	}
	return name, value
}

func encode(s string) string {
	const plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(s) {
		if strings.IndexByte(plain, s[i]) >= 0 {
			b.WriteByte(s[i])
			continue
		}
		b.Write([]byte{'%', hex[s[i]>>4], hex[s[i]&15]})
	}
	return b.String()
}
