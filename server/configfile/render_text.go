package configfile

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/crmpop/crmpop/app/screenpop"
)

// print writes a rendering for people. Values in results stand in ⟦ ⟧.
func (r rendering) print(w io.Writer, doc *screenpop.Document) {
	fmt.Fprintln(w, plain("Event "+describe(r.Event)))
	matched := 0
	for _, e := range r.Popups {
		if e.Matched {
			matched++
		}
	}
	fmt.Fprintf(w, "Popups that match: %d of %d\n", matched, len(r.Popups))
	popups := r.Popups
	for _, item := range doc.Items {
		if item.Inherit {
			fmt.Fprintln(w, "\n<inherit/>: the popups of the level outside would stand here")
			continue
		}
		fmt.Fprintln(w)
		printPopup(w, popups[0])
		popups = popups[1:]
	}
}

// describe tells an event in a line.
func describe(e screenpop.Event) string {
	r := e.Request
	s := fmt.Sprintf("%s: %s of request %s", e.ID, e.Type, r.ID)
	for _, known := range [][2]string{{"channel", string(r.Channel)}, {"direction", string(r.Direction)}, {"queue", r.QueueKey},
		{"anum", r.ANI}, {"agent", r.Agent}} {
		if known[1] != "" {
			s += ", " + known[0] + " " + known[1]
		}
	}
	return s
}

func printPopup(w io.Writer, e screenpop.Explanation) {
	verb := "matches"
	if !e.Matched {
		verb = "does not match"
	}
	fmt.Fprintf(w, "popup %s (<%s>, line %d) %s\n", e.Popup, e.Kind, e.Line, verb)
	row(w, "why", e.Why)
	width := 0
	for _, v := range e.Variables {
		width = max(width, utf8.RuneCountInString(v.String()))
	}
	for i, v := range e.Variables {
		name := ""
		if i == 0 {
			name = "variables"
		}
		pad := strings.Repeat(" ", width-utf8.RuneCountInString(v.String()))
		row(w, name, fmt.Sprintf("%s%s  %-9s  %s", v, pad, v.Source, values(v)))
	}
	for _, x := range e.Expansions {
		row(w, x.Of, x.Template)
		row(w, "", result(x))
	}
	if d := e.Request; d != nil {
		row(w, "sends", d.Method+" "+d.URL)
		for _, h := range d.Headers {
			row(w, "", h.Name+": "+h.Value)
		}
		if d.Body != "" {
			row(w, "", d.Body)
		}
	}
	if e.Matched {
		row(w, "outcome", outcome(e))
	}
}

// row writes a line with its name before it, or above it if that is long.
func row(w io.Writer, name, text string) {
	const width = 11
	if len(name) > width {
		fmt.Fprintf(w, "  %s\n", plain(name))
		name = ""
	}
	fmt.Fprintf(w, "  %-*s %s\n", width, plain(name), plain(text))
}

// values tells a variable's value, and what the transforms make of it.
func values(v screenpop.VariableUse) string {
	s := strconv.Quote(v.Raw)
	if v.Value != v.Raw {
		s += " → " + strconv.Quote(v.Value)
	}
	return s
}

// result tells what comes out of a template.
func result(x screenpop.Expansion) string {
	if x.Stopped != "" {
		return "stopped: " + x.Stopped
	}
	var b strings.Builder
	for _, part := range x.Parts {
		if part.Variable != "" {
			b.WriteString("⟦" + part.Text + "⟧")
			continue
		}
		b.WriteString(part.Text)
	}
	if x.Shortened {
		b.WriteString(" (shortened)")
	}
	return b.String()
}

func outcome(e screenpop.Explanation) string {
	s := string(e.State)
	if e.Target != "" {
		s += ", target " + e.Target
	}
	if e.Detail != "" {
		s += ": " + e.Detail
	}
	return s
}
