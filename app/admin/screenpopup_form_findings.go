package admin

import (
	"fmt"
	"slices"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/ui"
)

// fieldFoot is where a finding stands that belongs to no field: at the foot of
// the card.
const fieldFoot = "*"

// cardFinding is a finding at the field that it belongs to; Child counts from 1,
// 0 is the popup itself.
type cardFinding struct {
	Child int
	Field string
	screenpop.Finding
}

// placeFindings says which finding belongs to which field of which card. rest are
// those that stand outside of all.
func placeFindings(text string, places []screenpop.Place, all []screenpop.Finding) (cards [][]cardFinding, rest []screenpop.Finding) {
	cards = make([][]cardFinding, len(places))
	for _, f := range all {
		off := offsetOf(text, f.Line, f.Column)
		i := slices.IndexFunc(places, func(p screenpop.Place) bool { return p.Range.From <= off && off < p.Range.To })
		if i < 0 {
			rest = append(rest, f)
			continue
		}
		child, field := fieldAt(places[i], off)
		cards[i] = append(cards[i], cardFinding{child, field, f})
	}
	return cards, rest
}

// fieldAt returns the field of a popup whose words stand at an offset.
func fieldAt(p screenpop.Place, off int) (child int, field string) {
	for i, c := range p.Children {
		if c.Range.From <= off && off < c.Range.To {
			return i + 1, childFieldAt(c, off)
		}
	}
	for _, a := range p.Attributes {
		if a.Range.From <= off && off < a.Range.To {
			return 0, knownField(p.Element, a.Name)
		}
	}
	view := viewOf(p)
	needs := required[p.Element]
	switch {
	case p.Content.From <= off && off < p.Content.To:
		return 0, knownField(p.Element, fieldText)
	case off == p.Range.From && needs != "" && view.shows(needs) == "":
		return 0, needs
	}
	return 0, fieldFoot
}

func childFieldAt(c screenpop.Place, off int) string {
	for _, a := range c.Attributes {
		if a.Range.From <= off && off < a.Range.To {
			switch {
			case holdsNamedText(c.Element) && a.Name == "name", c.Element == "url" && a.Name == "title", c.Element == "when" && a.Name == "variable":
				return a.Name
			case slices.Contains(screenpop.Comparisons(), a.Name):
				return fieldValue
			}
		}
	}
	if (holdsNamedText(c.Element) || c.Element == "url") && c.Content.From <= off {
		return fieldText
	}
	return fieldFoot
}

func holdsNamedText(element string) bool { return element == "variable" || element == "header" }

// knownField returns the field, the card's foot if the card has no such field.
func knownField(element, name string) string {
	if slices.ContainsFunc(fieldsOf(element), func(f cardField) bool { return f.Name == name }) {
		return name
	}
	return fieldFoot
}

// findingsAt returns the findings of a field.
func findingsAt(all []cardFinding, child int, field string) []cardFinding {
	var some []cardFinding
	for _, f := range all {
		if f.Child == child && (f.Field == field || field == "target" && f.Field == fieldWindow) {
			some = append(some, f)
		}
	}
	return some
}

// bare returns the findings without their places in the card.
func bare(all []cardFinding) []screenpop.Finding {
	some := make([]screenpop.Finding, len(all))
	for i, f := range all {
		some[i] = f.Finding
	}
	return some
}

// findingsOf returns the findings of a condition or a variable.
func findingsOf(all []cardFinding, child int) []cardFinding {
	return slices.DeleteFunc(slices.Clone(all), func(f cardFinding) bool { return f.Child != child })
}

// renderFindings draws those at the card's foot: what belongs to no field that is
// shown. Of a closed card the warnings are left out.
func (c *popupCard) renderFindings() goapp.UI {
	foot := slices.DeleteFunc(slices.Clone(c.Findings), func(f cardFinding) bool {
		switch {
		case !c.State.Open:
			return f.Severity != screenpop.SeverityError // the head counts them
		case f.Child > 0:
			return true
		}
		return f.Field != fieldFoot && (c.State.More || partOf(f.Field) != partMore)
	})
	return c.renderFound(headID(c.Item)+"-findings", foot)
}

func (c *popupCard) renderFound(id string, found []cardFinding) goapp.UI {
	if len(found) == 0 {
		return goapp.Div()
	}
	items := make([]goapp.UI, len(found))
	for i, f := range found {
		items[i] = renderFinding(c.Form, fmt.Sprintf("card/%d/%s/%d", c.Item, id, i), f, c.Fresh)
	}
	return goapp.Div().Class("card-findings").ID(id).Body(items...)
}

// renderFinding draws a fault with its cure, and the repair if there is one.
func renderFinding(form *popupForm, key string, f cardFinding, fresh bool) goapp.UI {
	body := []goapp.UI{goapp.Div().Class("finding-words").Body(
		goapp.P().Text(sentence(f.Msg)),
		goapp.P().Class("finding-cure").Text(sentence(f.Cure)),
	)}
	if r := f.Repair; r != nil {
		body = append(body, ui.Button{Key: fmt.Sprintf("%s/repair/%d/%d/%s", key, r.Offset, r.Length, r.Text), Label: "Repair", Off: !fresh,
			Hint: "Write " + r.Text + " instead", Press: func(goapp.Context) { form.repair(f.Finding) }}.UI())
	}
	return goapp.Div().Class("finding", "finding-"+string(f.Severity)).Body(body...)
}
