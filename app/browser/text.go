package browser

import "unicode/utf8"

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
