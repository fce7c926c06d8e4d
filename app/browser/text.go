package browser

import (
	"strings"
	"unicode/utf8"
)

// units returns how many UTF-16 code units the first n bytes of s have: browsers
// count places in a text by them.
func units(s string, n int) int {
	count := 0
	for i := 0; i < min(n, len(s)); {
		r, size := utf8.DecodeRuneInString(s[i:])
		count++
		if r > 0xffff {
			count++
		}
		i += size
	}
	return count
}

// bytesOf returns how many bytes of s its first n UTF-16 code units have.
func bytesOf(s string, n int) int {
	i := 0
	for i < len(s) && n > 0 {
		r, size := utf8.DecodeRuneInString(s[i:])
		n--
		if r > 0xffff {
			n--
		}
		i += size
	}
	return i
}

const crlf = "\r\n"

// given is a text as it was put into a text field, which makes every line end of
// it "\n".
type given string

// text returns what stands in the field, with the line ends that were given: all
// of them if they were of one kind or nothing has changed since.
func (g given) text(value string) string {
	whole := string(g)
	if !strings.Contains(whole, "\r") {
		return value
	}
	plain := strings.ReplaceAll(whole, crlf, "\n")
	if strings.ReplaceAll(plain, "\r", "\n") == value {
		return whole
	}
	if !strings.Contains(plain, "\r") && strings.Count(whole, crlf) == strings.Count(plain, "\n") {
		return strings.ReplaceAll(value, "\n", crlf)
	}
	return value
}

// fieldUnits is units in a text field, where "\r\n" counts as one.
func fieldUnits(s string, n int) int {
	return units(s, n) - strings.Count(s[:min(n, len(s))], crlf)
}

// fieldBytes is bytesOf in a text field, where "\r\n" counts as one.
func fieldBytes(s string, n int) int {
	i := 0
	for n > 0 {
		run := strings.Index(s[i:], crlf)
		if run < 0 || units(s[i:], run) >= n {
			return i + bytesOf(s[i:], n)
		}
		n -= units(s[i:], run) + 1
		i += run + len(crlf)
	}
	return i
}
