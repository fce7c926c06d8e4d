package ingest

import (
	"strings"
	"unicode/utf8"

	"github.com/crmpop/crmpop/app/screenpop"
)

// fault returns an error about the field at pointer. The message begins with
// the place, so that it stands by itself in a log of the sender.
func fault(code screenpop.Code, kind, pointer, format string, args ...any) *screenpop.Error {
	if pointer != "" {
		format, args = "at %s: "+format, append([]any{strings.ToValidUTF8(pointer, "�")}, args...)
	}
	return screenpop.Errorf(code, kind, format, args...).At(strings.ToValidUTF8(pointer, "�"))
}

// invalid is fault with CodeInvalid.
func invalid(kind, pointer, format string, args ...any) *screenpop.Error {
	return fault(screenpop.CodeInvalid, kind, pointer, format, args...)
}

// down returns the pointer of a member or item below pointer (RFC 6901).
func down(pointer, name string) string {
	return pointer + "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
}

// clip returns s as it may stand in a message: valid, one line, not long.
func clip(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == utf8.RuneError {
			return '·'
		}
		return r
	}, s)
	if utf8.RuneCountInString(s) <= 40 {
		return s
	}
	return string([]rune(s)[:40]) + "…"
}

// unknown returns the error for a word that is not one of known.
func unknown[T ~string](what, pointer, got string, known []T) *screenpop.Error {
	return invalid("unknown-"+what, pointer, "unknown %s %q%s known: %s",
		what, clip(got), meant(got, known), screenpop.JoinWords(known))
}

// meant returns `; did you mean "voice"?` if a known word is close to got, and
// else ";".
func meant[T ~string](got string, known []T) string {
	best, least := "", 3
	for _, k := range known {
		if d := distance(strings.ToLower(got), strings.ToLower(string(k))); d < least && 2*d <= len(k) {
			best, least = string(k), d
		}
	}
	if best == "" {
		return ";"
	}
	return `; did you mean "` + best + `"?`
}

// distance is how many letters must be added, dropped or changed to make b of
// a. Words that differ much in length are not compared: they are far apart.
func distance(a, b string) int {
	if len(a)-len(b) > 3 || len(b)-len(a) > 3 {
		return 4
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
