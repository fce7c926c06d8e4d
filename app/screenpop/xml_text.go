package screenpop

import (
	"fmt"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"
)

// text is decoded text that knows where each byte of it stands in the source,
// also behind entities and CDATA.
type text struct {
	s     string
	spans []span
}

// span is a run of decoded text. Verbatim runs stand in the source byte by byte;
// others, as &amp;, stand there as a whole.
type span struct {
	at       int // in the decoded text
	off      int // in the source
	verbatim bool
}

// offset returns where byte at of the text stands in the source.
func (t *text) offset(at int) int {
	i := sort.Search(len(t.spans), func(i int) bool { return t.spans[i].at > at }) - 1
	if i < 0 {
		return 0
	}
	if s := t.spans[i]; s.verbatim {
		return s.off + at - s.at
	}
	return t.spans[i].off
}

// trim returns the text without the white space around it, and how much of that
// stood before.
func (t *text) trim() (s string, lead int) {
	return strings.Trim(t.s, xmlSpace), leadingSpace(t.s)
}

// part returns the text from one of its bytes to another.
func (t *text) part(from, to int) *text {
	p := &text{s: t.s[from:to], spans: []span{{off: t.offset(from), verbatim: true}}}
	if i := sort.Search(len(t.spans), func(i int) bool { return t.spans[i].at > from }) - 1; i >= 0 {
		p.spans[0].verbatim = t.spans[i].verbatim
	}
	for _, s := range t.spans {
		if s.at > from && s.at < to {
			s.at -= from
			p.spans = append(p.spans, s)
		}
	}
	return p
}

// textBuilder puts a text together.
type textBuilder struct {
	buf   []byte
	spans []span
}

// add appends s, which stands in the source at off.
func (b *textBuilder) add(s string, off int, verbatim bool) {
	if s == "" {
		return
	}
	b.spans = append(b.spans, span{at: len(b.buf), off: off, verbatim: verbatim})
	b.buf = append(b.buf, s...)
}

// text returns the text, nil if there is none.
func (b *textBuilder) text() *text {
	if len(b.buf) == 0 {
		return nil
	}
	return &text{s: string(b.buf), spans: b.spans}
}

// textAt returns the text also if it is empty; then it stands at off.
func (b *textBuilder) textAt(off int) *text {
	if t := b.text(); t != nil {
		return t
	}
	return &text{spans: []span{{off: off, verbatim: true}}}
}

// where is the place that text is read in; what must be escaped depends on it.
type where int

const (
	inText where = iota
	inAttribute
	inCDATA
)

// decode appends the source from start to end to b, entities resolved and line
// ends made \n.
func (x *xmlReader) decode(b *textBuilder, start, end int, in where) {
	from := start
	for i := start; i < end; {
		n := 1
		switch c := x.src[i]; {
		case c == '\r':
			b.add(x.src[from:i], from, true)
			if i+1 >= end || x.src[i+1] != '\n' {
				b.add("\n", i, false)
			}
			from = i + 1
		case c == '&' && in != inCDATA:
			b.add(x.src[from:i], from, true)
			var s string
			s, n = x.entity(i, end)
			b.add(s, i, false)
			from = i + n
		case c == '<' && in == inAttribute:
			x.repairable(i, 1, "&lt;", "a bare < in a value", "write &lt;, or close the quotation marks before it")
		case c == ']' && in == inText && strings.HasPrefix(x.src[i:end], "]]>"):
			x.repairable(i, 3, "]]&gt;", "]]> outside of CDATA", "write ]]&gt;")
		}
		i += n
	}
	b.add(x.src[from:end], from, true)
}

var entities = map[string]string{"amp": "&", "lt": "<", "gt": ">", "quot": `"`, "apos": "'"}

// entity returns what the & at off stands for, and its length. A bare & is
// reported and stands for itself, as if it had been repaired.
func (x *xmlReader) entity(off, end int) (string, int) {
	const longest = 12
	n := strings.IndexByte(x.src[off:min(end, off+longest)], ';')
	name := ""
	if n > 0 {
		name = x.src[off+1 : off+n]
	}
	if s, ok := entities[name]; ok {
		return s, n + 1
	}
	if digits, ok := strings.CutPrefix(name, "#"); ok {
		if r, ok := charRef(digits); ok {
			return string(r), n + 1
		}
		x.fault(off, "the character &"+name+";, which XML does not have", "write the character itself")
		return "", n + 1
	}
	msg, cure := "a bare &", "write &amp; instead, or put the text into <![CDATA[ ]]>"
	if isEntityName(name) {
		msg, cure = "the entity &"+name+";, which is not known here", "write the character itself, or &amp; for the character &"
	}
	x.repairable(off, 1, "&amp;", msg, cure)
	return "&", 1
}

func isEntityName(s string) bool {
	for i := range len(s) {
		if c := s[i]; !isDigitByte(c) && !(c|0x20 >= 'a' && c|0x20 <= 'z') {
			return false
		}
	}
	return s != "" && !isDigitByte(s[0])
}

// charRef returns the character of a reference: digits, or x and hexadecimal ones.
func charRef(digits string) (rune, bool) {
	base := 10
	if hex, ok := strings.CutPrefix(digits, "x"); ok {
		digits, base = hex, 16
	}
	n, err := strconv.ParseUint(digits, base, 32)
	r := rune(n)
	switch {
	case err != nil || n > utf8.MaxRune || !utf8.ValidRune(r):
		return 0, false
	case r < ' ' && r != '\t' && r != '\n' && r != '\r', r == '\ufffe', r == '\uffff':
		return 0, false
	}
	return r, true
}

func codePoint(r rune) string { return fmt.Sprintf("U+%04X", r) }

func itoa(n int) string { return strconv.Itoa(n) }

// shorten cuts a name or value for a message.
func shorten(s string) string {
	const most = 40
	if len(s) <= most {
		return s
	}
	cut := most
	for !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + "…"
}

// quote returns s in quotation marks for a message.
func quote(s string) string { return strconv.Quote(shorten(s)) }
