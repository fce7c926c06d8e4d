package urltemplate

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// place is the part of a URL behind its authority that a walker is in.
type place int

const (
	inPathOf place = iota
	inQueryOf
	inFragmentOf
)

// walker goes through path, query and fragment of a URL. It refuses what cannot
// have been meant and percent-encodes what a browser would.
type walker struct {
	fault   func(off int, msg, cure string)
	pos     place
	segment []byte // of the path, so far
	segOff  int
	holed   bool // the segment holds a variable; Expand looks at it
}

// begin returns origin and the text behind it, with the / that browsers add
// behind a bare host.
func (w *walker) begin(origin, text string, off int) string {
	out := []byte(origin)
	w.segOff = off
	if !strings.HasPrefix(text, "/") {
		out = append(out, '/')
	}
	return string(w.literal(out, text, off))
}

func (w *walker) variable() { w.holed = true }

func (w *walker) end() {
	if w.pos == inPathOf && !w.holed && isDots(string(w.segment)) {
		w.fault(w.segOff, "the path segment "+quote(string(w.segment))+", which browsers resolve", "write the path without . and ..")
	}
	w.segment, w.holed = w.segment[:0], false
}

// literal appends text, which stands at off.
func (w *walker) literal(out []byte, text string, off int) []byte {
	for i := 0; i < len(text); {
		n := 1
		switch c := text[i]; {
		case w.separates(c):
			w.end()
			w.enter(c)
			w.segOff = off + i + 1
			out = append(out, c)
		case w.allows(c):
			out = w.add(out, c)
		case c == '%':
			n = w.triplet(text[i:], off+i)
			for j := range n {
				out = w.add(out, text[i+j])
			}
		case c >= utf8.RuneSelf:
			out, n = w.beyond(out, text[i:], off+i)
		case c == '\\':
			w.fault(off+i, `a \, which browsers read as /`, `write /, or %5C for the character \`)
		case c <= ' ' || c == 0x7f:
			n = len(text[i:]) - len(strings.TrimLeft(text[i:], xmlSpace))
			n = max(n, 1)
			w.fault(off+i, spaceName(c)+" in a URL", "remove it, or write "+string(percent(nil, c)))
		default:
			out = percent(out, c)
			w.segment = percent(w.segment, c)
		}
		i += n
	}
	return out
}

func spaceName(c byte) string {
	switch c {
	case ' ':
		return "a space"
	case '\t':
		return "a tab"
	case '\n', '\r':
		return "a line break"
	}
	return "the control character " + character(rune(c))
}

func (w *walker) separates(c byte) bool {
	switch w.pos {
	case inPathOf:
		return c == '/' || c == '?' || c == '#'
	case inQueryOf:
		return c == '#'
	}
	return false
}

func (w *walker) enter(c byte) {
	switch c {
	case '?':
		w.pos = inQueryOf
	case '#':
		w.pos = inFragmentOf
	}
}

func (w *walker) allows(c byte) bool {
	if w.pos == inPathOf {
		return inPath.has(c)
	}
	return inQuery.has(c)
}

func (w *walker) add(out []byte, c byte) []byte {
	w.segment = append(w.segment, c)
	return append(out, c)
}

// triplet returns the length of the %XX that s begins with.
func (w *walker) triplet(s string, off int) int {
	if len(s) >= 3 && isHex(s[1]) && isHex(s[2]) {
		return 3
	}
	w.fault(off, "a % without two hexadecimal digits", "write %25 for the character %")
	return 1
}

func isHex(c byte) bool { return isDigit(c) || c|0x20 >= 'a' && c|0x20 <= 'f' }

// beyond percent-encodes the character that s begins with, which is not ASCII.
func (w *walker) beyond(out []byte, s string, off int) ([]byte, int) {
	r, n := utf8.DecodeRuneInString(s)
	if r == utf8.RuneError && n == 1 {
		return out, 1 // the parser has said so
	}
	if !unicode.IsPrint(r) {
		w.fault(off, "the invisible character "+character(r)+" in a URL", "remove it")
		return out, n
	}
	for i := range n {
		out = percent(out, s[i])
		w.segment = percent(w.segment, s[i])
	}
	return out, n
}

// isDots reports whether a browser takes the path segment for "." or "..".
func isDots(segment string) bool {
	if len(segment) > len("%2e%2e") {
		return false
	}
	switch strings.ReplaceAll(strings.ToLower(segment), "%2e", ".") {
	case ".", "..":
		return true
	}
	return false
}
