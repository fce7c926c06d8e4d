package screenpop

import (
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/crmpop/crmpop/app/urltemplate"
)

// Severity says whether a finding refuses a document.
type Severity = urltemplate.Severity

// The severities.
const (
	SeverityError   = urltemplate.SeverityError
	SeverityWarning = urltemplate.SeverityWarning
)

// MaxFindings is how many errors a document gets, and how many warnings; what
// more there is shows once these are cured.
const MaxFindings = 200

// Finding is one thing wrong with a popup document: where, what, and what to do
// about it. Line and Column count from 1, columns in characters. Popup is the id
// of the popup it stands in, if it stands in one.
type Finding struct {
	Line     int      `json:"line"`
	Column   int      `json:"column"`
	Severity Severity `json:"severity"`
	Msg      string   `json:"message"`
	Cure     string   `json:"cure,omitempty"`
	Popup    string   `json:"popup,omitempty"`
	Repair   *Repair  `json:"repair,omitempty"`
}

// Repair cures a finding when Length bytes at Offset of the source are replaced
// by Text.
type Repair struct {
	Offset int    `json:"offset"`
	Length int    `json:"length"`
	Text   string `json:"text"`
}

// String returns place, fault and cure in one line.
func (f Finding) String() string {
	s := fmt.Sprintf("line %d, column %d: %s", f.Line, f.Column, f.Msg)
	if f.Popup != "" {
		s = fmt.Sprintf("popup %q, %s", f.Popup, s)
	}
	if f.Cure != "" {
		s += "; " + f.Cure
	}
	return s
}

// report collects findings by their offset in the source.
type report struct {
	src   string
	popup string // the one being read
	all   []placedFinding
	count map[Severity]int
	read  []popupRange // for findings made before the popup's id was known
	mark  mark         // the place that lineOf was asked for last
}

type mark struct{ off, line, column int }

// popupRange is where a popup stands in the source.
type popupRange struct {
	from, to int
	id       string
}

type placedFinding struct {
	off int
	Finding
}

func (r *report) fault(off int, msg, cure string) { r.add(off, SeverityError, msg, cure, nil) }

func (r *report) warn(off int, msg, cure string) { r.add(off, SeverityWarning, msg, cure, nil) }

// repairable reports a fault that goes when length bytes become text.
func (r *report) repairable(off, length int, text, msg, cure string) {
	r.add(off, SeverityError, msg, cure, &Repair{Offset: off, Length: length, Text: text})
}

func (r *report) add(off int, s Severity, msg, cure string, repair *Repair) {
	if r.count == nil {
		r.count = map[Severity]int{}
	}
	if r.count[s]++; r.count[s] <= MaxFindings {
		r.all = append(r.all, placedFinding{off, Finding{Severity: s, Msg: msg, Cure: cure, Popup: r.popup, Repair: repair}})
	}
}

// failed reports whether the document is refused.
func (r *report) failed() bool { return r.count[SeverityError] > 0 }

// findings returns what was reported, sorted by place.
func (r *report) findings() []Finding {
	slices.SortStableFunc(r.all, func(a, b placedFinding) int { return a.off - b.off })
	var out []Finding
	for _, f := range r.all {
		f.Line, f.Column = r.lineOf(f.off)
		if f.Popup == "" {
			f.Popup = r.popupAt(f.off)
		}
		out = append(out, f.Finding)
	}
	return out
}

func (r *report) popupAt(off int) string {
	for _, p := range r.read {
		if p.from <= off && off < p.to {
			return p.id
		}
	}
	return ""
}

// lineOf returns line and column of an offset. It is quick where offsets grow.
func (r *report) lineOf(off int) (line, column int) {
	if m := r.mark; m.line == 0 || off < m.off {
		r.mark = mark{0, 1, 1}
	}
	line, column = advance(r.src[r.mark.off:off], r.mark.line, r.mark.column)
	r.mark = mark{off, line, column}
	return line, column
}

// advance returns the place behind passed, which begins at line and column.
func advance(passed string, line, column int) (int, int) {
	for i := 0; i < len(passed); {
		_, n := utf8.DecodeRuneInString(passed[i:])
		if passed[i] == '\n' {
			line, column = line+1, 1
		} else {
			column++
		}
		i += n
	}
	return line, column
}
