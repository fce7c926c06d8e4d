package urltemplate

import (
	"strings"
	"unicode"
)

// validPunycode reports whether s, the part of a host's label after xn--, decodes
// (RFC 3492) to letters, marks and digits in lower case of which at least one is
// not ASCII. Others a browser refuses or rewrites.
func validPunycode(s string) bool {
	runes, ok := decodePunycode(s)
	if !ok {
		return false
	}
	beyond := false
	for i, r := range runes {
		mark := unicode.IsMark(r)
		if mark && i == 0 || !mark && !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '-' {
			return false
		}
		if unicode.ToLower(r) != r {
			return false
		}
		beyond = beyond || r > unicode.MaxASCII
	}
	return beyond
}

// The parameters of RFC 3492, section 5.
const (
	punyBase, punyTMin, punyTMax    = 36, 1, 26
	punySkew, punyDamp              = 38, 700
	punyFirstBias, punyFirstUnicode = 72, 128
)

func decodePunycode(s string) ([]rune, bool) {
	var out []rune
	if i := strings.LastIndexByte(s, '-'); i >= 0 {
		if i == 0 {
			return nil, false
		}
		out, s = []rune(s[:i]), s[i+1:]
	}
	n, at, bias := punyFirstUnicode, 0, punyFirstBias
	for first := true; len(s) > 0; first = false {
		step, rest, ok := punyInteger(s, bias)
		if !ok {
			return nil, false
		}
		s = rest
		size := len(out) + 1
		bias = punyAdapt(step, size, first)
		at += step
		n += at / size
		at %= size
		if n > unicode.MaxRune || n >= 0xd800 && n < 0xe000 {
			return nil, false
		}
		out = append(out, 0)
		copy(out[at+1:], out[at:])
		out[at] = rune(n)
		at++
	}
	return out, true
}

// punyInteger reads one generalised variable-length integer.
func punyInteger(s string, bias int) (value int, rest string, ok bool) {
	weight := 1
	for k := punyBase; ; k += punyBase {
		if s == "" {
			return 0, "", false
		}
		digit := punyDigit(s[0])
		s = s[1:]
		if digit < 0 || value > (1<<30)/punyBase || weight > (1<<30)/punyBase {
			return 0, "", false
		}
		value += digit * weight
		t := min(max(k-bias, punyTMin), punyTMax)
		if digit < t {
			return value, s, true
		}
		weight *= punyBase - t
	}
}

func punyDigit(c byte) int {
	switch {
	case c >= 'a' && c <= 'z':
		return int(c - 'a')
	case isDigit(c):
		return int(c-'0') + 26
	}
	return -1
}

func punyAdapt(delta, size int, first bool) int {
	if first {
		delta /= punyDamp
	} else {
		delta /= 2
	}
	delta += delta / size
	k := 0
	for ; delta > ((punyBase-punyTMin)*punyTMax)/2; k += punyBase {
		delta /= punyBase - punyTMin
	}
	return k + (punyBase-punyTMin+1)*delta/(delta+punySkew)
}
