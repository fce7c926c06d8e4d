package ui

import (
	"strings"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"
)

// Number returns a phone number in groups. The gaps are drawn, not written: the
// text stays the number itself, for whoever selects or searches it. Anything
// that is not a number stays as it is.
func Number(s string, classes ...string) goapp.UI {
	el := goapp.Span().Class(append([]string{"number"}, classes...)...)
	groups := Groups(s)
	if len(groups) < 2 {
		return el.Text(s)
	}
	parts := make([]goapp.UI, len(groups))
	for i, g := range groups {
		parts[i] = goapp.Span().Text(g)
	}
	return el.Body(parts...)
}

// Spoken returns the number with its groups parted by spaces.
func Spoken(s string) string { return strings.Join(Groups(s), " ") }

// Groups returns the groups in which a phone number reads best, country code
// first. What is not a number, or is too short for groups, comes back whole.
func Groups(s string) []string {
	digits, plus := strings.CutPrefix(s, "+")
	if len(digits) < 6 || len(digits) > 15 || strings.Trim(digits, "0123456789") != "" {
		return []string{s}
	}
	if !plus {
		return cut(digits, sizes("", len(digits)))
	}
	country := digits[:countryLen(digits)]
	rest := digits[len(country):]
	return append([]string{"+" + country}, cut(rest, sizes(country, len(rest)))...)
}

// sizes returns the group sizes for n digits in a country, "" where unknown.
func sizes(country string, n int) []int {
	switch {
	case country == "33" && n == 9:
		return []int{1, 2, 2, 2, 2}
	case country == "46" && n == 9:
		return []int{2, 3, 2, 2}
	}
	switch n {
	case 8:
		return []int{2, 2, 2, 2}
	case 9:
		return []int{3, 3, 3}
	case 10:
		return []int{3, 3, 4}
	case 7:
		return []int{3, 4}
	case 11:
		return []int{3, 4, 4}
	}
	return []int{3, 3, 3, 3, 3}
}

// cut returns s in groups of the sizes; no group of one digit is left at the end.
func cut(s string, sizes []int) []string {
	var groups []string
	for _, n := range sizes {
		if len(s) == 0 {
			break
		}
		if len(s) <= n+1 && len(s) <= 4 {
			n = len(s)
		}
		n = min(n, len(s))
		groups, s = append(groups, s[:n]), s[n:]
	}
	if s != "" {
		groups = append(groups, s)
	}
	return groups
}

// twoDigitCodes are the country codes of two digits (ITU E.164); codes with 1
// and 7 have one, all others three.
const twoDigitCodes = " 20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 " +
	"60 61 62 63 64 65 66 81 82 84 86 90 91 92 93 94 95 98 "

func countryLen(digits string) int {
	switch {
	case digits[0] == '1' || digits[0] == '7':
		return 1
	case strings.Contains(twoDigitCodes, " "+digits[:2]+" "):
		return 2
	}
	return 3
}
