package urltemplate

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

const upperHex = "0123456789ABCDEF"

// set is a set of ASCII characters.
type set [128]bool

func newSet(extra string) *set {
	var s set
	for c := byte(0); c < 128; c++ {
		s[c] = isDigit(c) || c|0x20 >= 'a' && c|0x20 <= 'z' || strings.IndexByte(extra, c) >= 0
	}
	return &s
}

func (s *set) has(c byte) bool { return c < 128 && s[c] }

// The characters that stay as they are; all others are percent-encoded.
var (
	inValue = newSet("-._~")                 // of a URL or an argument
	inForm  = newSet("*-._")                 // of a form, where a space is a +
	inPath  = newSet("-._~!$&'()*+,;=:@")    // literal
	inQuery = newSet("-._~!$&()*+,;=:@/?[]") // literal; browsers encode ' in a query
)

func percent(dst []byte, c byte) []byte {
	return append(dst, '%', upperHex[c>>4], upperHex[c&15])
}

// escape appends s as the kind wants it. s is valid UTF-8.
func (k Kind) escape(dst []byte, s string) []byte {
	switch k {
	case Text:
		return appendPlain(dst, s)
	case JSON:
		return appendJSON(dst, s)
	case Form:
		return appendForm(dst, s)
	case Header:
		return append(dst, s...)
	}
	for i := range len(s) {
		// At the very beginning of an argument a - would make an option of it.
		if c := s[i]; inValue.has(c) && (k != Argv || c != '-' || len(dst) > 0) {
			dst = append(dst, c)
		} else {
			dst = percent(dst, c)
		}
	}
	return dst
}

func appendForm(dst []byte, s string) []byte {
	for i := range len(s) {
		switch c := s[i]; {
		case inForm.has(c):
			dst = append(dst, c)
		case c == ' ':
			dst = append(dst, '+')
		default:
			dst = percent(dst, c)
		}
	}
	return dst
}

// appendPlain appends s on one line: tabs and newlines become spaces, other
// control and formatting characters (bidirectional, zero width) go. A pasted line
// cannot run in a terminal, nor read other than it is.
func appendPlain(dst []byte, s string) []byte {
	for i, r := range s {
		switch {
		case r == '\r' && strings.HasPrefix(s[i:], "\r\n"):
		case r == '\t' || r == '\n' || r == '\r':
			dst = append(dst, ' ')
		case r < 0x7f && r >= ' ':
			dst = append(dst, byte(r))
		case r == '\u2028' || r == '\u2029' || unicode.In(r, unicode.Cc, unicode.Cf):
		default:
			dst = utf8.AppendRune(dst, r)
		}
	}
	return dst
}

// appendJSON appends s as the inside of a JSON string that is also safe inside
// HTML and JavaScript.
func appendJSON(dst []byte, s string) []byte {
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			dst = append(dst, '\\', byte(r))
		case r == '\n':
			dst = append(dst, `\n`...)
		case r == '\r':
			dst = append(dst, `\r`...)
		case r == '\t':
			dst = append(dst, `\t`...)
		case r < ' ' || r == '<' || r == '>' || r == '&' || r == 0x7f || r == '\u2028' || r == '\u2029':
			dst = fmt.Appendf(dst, `\u%04x`, r)
		default:
			dst = utf8.AppendRune(dst, r)
		}
	}
	return dst
}

// character names r for a message.
func character(r rune) string {
	if unicode.IsGraphic(r) && r != ' ' && r != '\u00a0' {
		return fmt.Sprintf("%q", string(r))
	}
	return fmt.Sprintf("U+%04X", r)
}
