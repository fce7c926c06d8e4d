package admin

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/ui"
)

const findingsCount = "findings-count"

// findings lists what is wrong with the text, each with its cure.
type findings struct {
	goapp.Compo
	Text     string
	Findings []screenpop.Finding
	Fault    string
	Fresh    bool
	Jump     func(screenpop.Finding)
	Repair   func(screenpop.Finding)
}

// Render draws the list.
func (f *findings) Render() goapp.UI {
	var items []goapp.UI
	for _, alike := range grouped(f.Findings) {
		items = append(items, f.renderGroup(alike))
	}
	return goapp.Section().Class("side-part").Aria("label", "Findings").Body(
		goapp.H2().Text("Findings"),
		goapp.P().Class("findings-count", ui.Pick(f.Fresh, "", "dim")).ID(findingsCount).Role("status").Text(f.says()),
		goapp.Ol().Class("findings").Body(items...),
	)
}

// grouped puts findings together that say the same, those that keep the document
// from being published first. What can be repaired stands alone.
func grouped(all []screenpop.Finding) [][]screenpop.Finding {
	var groups [][]screenpop.Finding
	at := map[string]int{}
	for _, severity := range []screenpop.Severity{screenpop.SeverityError, screenpop.SeverityWarning} {
		for _, one := range all {
			key := string(severity) + one.Msg + "\x00" + one.Cure
			switch i, seen := at[key]; {
			case one.Severity != severity:
			case seen && one.Repair == nil:
				groups[i] = append(groups[i], one)
			default:
				at[key] = len(groups)
				groups = append(groups, []screenpop.Finding{one})
			}
		}
	}
	return groups
}

// says counts the findings in words.
func (f *findings) says() string {
	errors, warnings := (&draft{findings: f.Findings}).faults()
	switch {
	case f.Fault != "":
		return f.Fault
	case !f.Fresh:
		return "Checking…"
	case f.Text == "":
		return "The document is empty: this level inherits all."
	case errors+warnings == 0:
		return "Nothing is wrong."
	case errors == 0:
		return plural(warnings, "warning", "warnings") + ", which do not keep it from being published."
	case warnings == 0:
		return plural(errors, "fault keeps", "faults keep") + " it from being published."
	}
	return plural(errors, "fault keeps", "faults keep") + " it from being published; " + plural(warnings, "warning", "warnings") + "."
}

const placesShown = 12

func (f *findings) renderGroup(alike []screenpop.Finding) goapp.UI {
	one := alike[0]
	var places []goapp.UI
	for i, p := range alike[:min(len(alike), placesShown)] {
		key := fmt.Sprintf("finding/%d/%d:%d/%s", i, p.Line, p.Column, p.Msg)
		places = append(places, goapp.Button().Type("button").Class("finding-at").Title("Go there").
			OnClick(ui.Do(key, func(goapp.Context, goapp.Event) { f.Jump(p) })).
			Text(fmt.Sprintf("%d:%d", p.Line, p.Column)))
	}
	if more := len(alike) - placesShown; more > 0 {
		places = append(places, goapp.Span().Class("dim").Text(fmt.Sprintf("and %d more", more)))
	}
	body := []goapp.UI{goapp.Div().Class("finding-words").Body(
		goapp.Div().Class("finding-places").Body(places...),
		goapp.P().Text(sentence(one.Msg)),
		goapp.P().Class("finding-cure").Text(sentence(one.Cure)),
	)}
	if r := one.Repair; r != nil {
		body = append(body, ui.Button{Key: fmt.Sprintf("repair/%d/%d/%s", r.Offset, r.Length, r.Text), Label: "Repair", Off: !f.Fresh,
			Hint: "Write " + r.Text + " instead", Press: func(goapp.Context) { f.Repair(one) }}.UI())
	}
	return goapp.Li().Class("finding", "finding-"+string(one.Severity)).Body(body...)
}

// gutter numbers the lines; those with findings are marked.
type gutter struct {
	goapp.Compo
	Lines int
	Marks string // "12e 14w", see marks
}

// Render draws the numbers as one text with few elements in it: a document may
// have thousands of lines.
func (g *gutter) Render() goapp.UI {
	worst := map[int]string{}
	for _, m := range strings.Fields(g.Marks) {
		if n, err := strconv.Atoi(m[:len(m)-1]); err == nil {
			worst[n] = m[len(m)-1:]
		}
	}
	var parts []goapp.UI
	var plain strings.Builder
	for n := 1; n <= max(g.Lines, 24); n++ {
		if n > g.Lines {
			break
		}
		if worst[n] == "" {
			fmt.Fprintf(&plain, "%d\n", n)
			continue
		}
		parts = append(parts, goapp.Span().Text(plain.String()),
			goapp.Span().Class("gutter-mark", "gutter-"+worst[n]).Text(strconv.Itoa(n)+"\n"))
		plain.Reset()
	}
	parts = append(parts, goapp.Span().Text(plain.String()))
	return goapp.Div().Class("gutter").Aria("hidden", "true").Body(parts...)
}

// marks returns the lines with findings: "12e 14w", an error before a warning.
func marks(all []screenpop.Finding) string {
	worst := map[int]bool{}
	var order []int
	for _, f := range all {
		if _, seen := worst[f.Line]; !seen {
			order = append(order, f.Line)
		}
		worst[f.Line] = worst[f.Line] || f.Severity == screenpop.SeverityError
	}
	var s []string
	for _, n := range order {
		s = append(s, strconv.Itoa(n)+ui.Pick(worst[n], "e", "w"))
	}
	return strings.Join(s, " ")
}

// linesIn counts the lines of a text as an editor does.
func linesIn(s string) int { return strings.Count(s, "\n") + 1 }

// longest returns how many characters the longest line has, for the field's
// width: at least 80, a tab counts as eight.
func longest(s string) int {
	most := 80
	for line := range strings.SplitSeq(s, "\n") {
		most = max(most, utf8.RuneCountInString(line)+7*strings.Count(line, "\t")+2)
	}
	return most
}
