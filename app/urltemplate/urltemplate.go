// Package urltemplate parses and expands the templates of popups: URLs, plain
// text, form values, JSON strings, program arguments and header values. A
// template is text with
// {variables}: {anum}, {anum|e164}, {subject|default:none}; {{ and }} stand for
// the characters { and }.
//
// Only the template decides structure. What an event says fills values, and every
// value is escaped for the position it stands in; there is no raw form. Two
// things cannot be escaped away and stop the expansion with a SkipError instead:
// a value that turns a path segment into "." or "..", and a |required value that
// is empty.
//
// An expanded URL is the very string that a browser shows as href: whatever a
// browser would rewrite is refused or rewritten when the template is parsed.
package urltemplate

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// Kind says what a template expands to, and so how its values are escaped.
type Kind int

// The kinds.
const (
	// URL is an absolute http or https URL. Values are percent-encoded but for
	// A-Z a-z 0-9 - . _ ~.
	URL Kind = iota
	// Text is plain text for people and the clipboard: one line, without control,
	// bidirectional or other invisible formatting characters.
	Text
	// Form is one application/x-www-form-urlencoded value.
	Form
	// JSON is the inside of one JSON string, without its quotes.
	JSON
	// Argv is one program argument in the style of a query: anum=1&queue_key=x.
	// Values are percent-encoded, and the argument never begins like an option.
	Argv
	// Header is the value of one header of a request. What no header can hold, as
	// a line break, is not escaped away: a value with it stops the expansion.
	Header
)

// The limits, in bytes. Longer values are cut at a character and the result is
// marked as shortened; longer templates are refused.
const (
	MaxValue = 2 << 10 // one value, before it is escaped
	MaxURL   = 8 << 10 // a URL, a form value or a JSON string, expanded
	MaxText  = 4 << 10 // plain text, an argument or a header's value, expanded
	MaxName  = 64      // the name of a variable

	maxSource = 16 << 10 // a template as it is written
)

// max returns the most bytes that a template of kind k expands to.
func (k Kind) max() int {
	if k == Text || k == Argv || k == Header {
		return MaxText
	}
	return MaxURL
}

// Severity says whether a fault refuses the template.
type Severity string

// The severities.
const (
	SeverityError   Severity = "error"
	SeverityWarning Severity = "warning"
)

// Fault is one thing wrong with a template: what it is, what to do about it, and
// where. Offset counts bytes in the source.
type Fault struct {
	Offset   int
	Severity Severity
	Msg      string
	Cure     string
}

// String returns fault and cure in one line.
func (f Fault) String() string {
	if f.Cure == "" {
		return f.Msg
	}
	return f.Msg + "; " + f.Cure
}

// Template is a parsed template. It is immutable and safe for concurrent use.
type Template struct {
	kind   Kind
	nodes  []node
	origin string
	whole  bool // {url} alone
}

// node is literal text or, with use set, a place for a value.
type node struct {
	text string // literal as it was meant
	out  string // literal as it comes out
	use  *placeholder
	path bool // stands in the path of a URL
}

// Parse returns the template in src and every fault of it, sorted by place. The
// template is nil if any fault is an error. Space around a URL is dropped.
func Parse(kind Kind, src string) (*Template, []Fault) { return parse(kind, src, false) }

// ParseSecret is Parse for a template that may also hold secrets, as
// {secret:crm}. What they are only the sender of the result knows: Expand leaves
// their place empty, as a part whose Variable is "secret:crm".
func ParseSecret(kind Kind, src string) (*Template, []Fault) { return parse(kind, src, true) }

func parse(kind Kind, src string, secrets bool) (*Template, []Fault) {
	if len(src) > maxSource {
		return nil, []Fault{{0, SeverityError, "the text is " + itoa(len(src)) + " bytes long", "at most " + itoa(kind.max()) + " fit"}}
	}
	p := &parser{kind: kind, src: src, secrets: secrets}
	pieces := p.lex()
	t := &Template{kind: kind}
	switch kind {
	case URL:
		p.url(t, pieces)
	case Argv:
		p.argv(t, pieces)
	default:
		p.plain(t, pieces)
	}
	if size := t.literalSize(); size > kind.max() {
		p.fault(0, "the text is "+itoa(size)+" bytes long", "at most "+itoa(kind.max())+" fit")
	}
	slices.SortStableFunc(p.faults, func(a, b Fault) int { return a.Offset - b.Offset })
	if p.failed {
		return nil, p.faults
	}
	return t, p.faults
}

// Kind returns the kind the template was parsed as.
func (t *Template) Kind() Kind { return t.kind }

// String returns the template in source form. Parsing it gives an equal template.
func (t *Template) String() string {
	var b strings.Builder
	for _, n := range t.nodes {
		if n.use != nil {
			n.use.write(&b)
			continue
		}
		doubled.WriteString(&b, n.text)
	}
	return b.String()
}

var doubled = strings.NewReplacer("{", "{{", "}", "}}")

// Use is one place where a template uses a variable. Offset is that of its { in
// the source; Transforms are in source form, as "last:8".
type Use struct {
	Name       string
	Offset     int
	Transforms []string
	HasDefault bool
}

// secretMark begins the name of what is a secret and no variable.
const secretMark = "secret:"

// SecretOf returns the name of the secret that a Part's or Use's variable stands
// for, "" for a variable.
func SecretOf(variable string) string {
	name, is := strings.CutPrefix(variable, secretMark)
	if !is {
		return ""
	}
	return name
}

// Escape returns a value as a template of kind k has it. It is for those who fill
// in secrets; all else is escaped by Expand.
func (k Kind) Escape(s string) string {
	return string(k.escape(nil, strings.ToValidUTF8(s, string(utf8.RuneError))))
}

// Variables returns the uses of variables in the order they stand.
func (t *Template) Variables() []Use {
	var uses []Use
	for _, n := range t.nodes {
		if n.use != nil {
			uses = append(uses, n.use.described())
		}
	}
	return uses
}

// Uses returns the uses of variables in src as Variables does, also where src is
// no template for other reasons.
func Uses(kind Kind, src string) []Use {
	if len(src) > maxSource {
		return nil
	}
	var uses []Use
	p := &parser{kind: kind, src: src}
	for _, piece := range p.lex() {
		if piece.use != nil && ValidName(piece.use.name) {
			uses = append(uses, piece.use.described())
		}
	}
	return uses
}

// Origin returns the scheme://host[:port] of a URL template, and "" for {url}
// alone and for every other kind.
func (t *Template) Origin() string { return t.origin }

// FrameKey returns origin and path of a URL template with its variables as
// {name}, without query and fragment: the key under which is kept whether the
// page lets itself be framed. It is "" where Origin is.
func (t *Template) FrameKey() string {
	if t.origin == "" {
		return ""
	}
	var b strings.Builder
	for _, n := range t.nodes {
		switch end := strings.IndexAny(n.out, "?#"); {
		case n.use != nil && !n.path:
			return b.String()
		case n.use != nil:
			b.WriteString("{" + n.use.name + "}")
		case end >= 0:
			b.WriteString(n.out[:end])
			return b.String()
		default:
			b.WriteString(n.out)
		}
	}
	return b.String()
}

// literal appends literal text; next to other literal text it joins it.
func (t *Template) literal(text, out string) {
	if out == "" && text == "" {
		return
	}
	if n := len(t.nodes); n > 0 && t.nodes[n-1].use == nil {
		t.nodes[n-1].text += text
		t.nodes[n-1].out += out
		return
	}
	t.nodes = append(t.nodes, node{text: text, out: out})
}

func (t *Template) literalSize() int {
	size := 0
	for _, n := range t.nodes {
		size += len(n.out)
	}
	return size
}
