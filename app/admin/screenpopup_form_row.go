package admin

import (
	"fmt"
	"slices"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/ui"
)

// renderField draws a field with its label, its hint and its findings.
func (c *popupCard) renderField(f cardField) goapp.UI {
	at := screenpop.Spot{Item: c.Item}
	id := fieldID(at, f.Name)
	label := goapp.UI(goapp.Label().Class("row-label").For(id).Text(f.Label))
	if of, ok := screenpop.ChoiceOf(f.Name); ok && of.Several {
		label = goapp.Span().Class("row-label").ID(id + "-label").Text(f.Label)
		return c.row(label, 0, f.Name, c.renderTicks(f))
	}
	parts := []goapp.UI{c.entry(0, f.Name, f.Empty, "")}
	if f.Name == "target" && c.Popup.shows("target") == targetNamed {
		parts = append(parts, c.entry(0, fieldWindow, "Letters, digits, _ and -", "The window's name"))
	}
	if f.Hint != "" {
		parts = append(parts, goapp.P().Class("form-hint").ID(id+"-hint").Text(f.Hint))
	}
	return c.row(label, 0, f.Name, parts...)
}

// row is a label at the left, and a field with its findings at the right.
func (c *popupCard) row(label goapp.UI, child int, field string, parts ...goapp.UI) goapp.UI {
	id := fieldID(screenpop.Spot{Item: c.Item, Child: child}, field)
	return goapp.Div().Class("popup-row").Body(label, goapp.Div().Class("row-field").Body(
		goapp.Div().Class("row-parts").Body(parts...),
		c.renderFound(id+"-findings", findingsAt(c.Findings, child, field))))
}

// entry returns the field of the popup or of a child of it.
func (c *popupCard) entry(child int, field, empty, label string) goapp.UI {
	at := screenpop.Spot{Item: c.Item, Child: child}
	v := c.Popup
	if child > 0 {
		v = v.Children[child-1]
	}
	found := findingsAt(c.Findings, child, field)
	e := &formEntry{Form: c.Form, At: at, Field: field, Value: v.shows(field), Label: label, Empty: empty,
		Lines: field == fieldText || field == "href", Off: v.Faulty && field != fieldText, Wrong: len(found) > 0}
	if child > 0 {
		e.Lines = false
	}
	if of, ok := screenpop.ChoiceOf(field); ok && !of.Several || field == "target" || field == fieldOp {
		e.Of = choicesOf(field, e.Value, empty)
	}
	if field == "variable" {
		e.Suggestions = suggestionsID
	}
	if slices.ContainsFunc(cardFields, func(f cardField) bool { return f.Name == field && f.Hint != "" }) && child == 0 {
		e.Described = fieldID(at, field) + "-hint"
	}
	if len(found) > 0 {
		e.Described = joined(" ", e.Described, fieldID(at, field)+"-findings")
	}
	return e
}

// childWords are what a card calls the elements in a popup: what adds one, the
// label of all, and one of them.
var childWords = map[string]struct{ Add, Label, One string }{
	"when":     {"Add a condition", "Only if", "condition"},
	"variable": {"Add a variable", "Variables", "variable"},
	"header":   {"Add a header", "Headers", "header"},
	"url":      {"Add a fallback page", "Fallback", "fallback page"},
}

// renderChildren draws the elements of one name in a popup.
func (c *popupCard) renderChildren(element string) goapp.UI {
	var rows []goapp.UI
	for i, v := range c.Popup.Children {
		if v.Element == element {
			rows = append(rows, c.renderChild(i+1, element, len(rows)+1))
		}
	}
	words := childWords[element]
	if element != "url" || len(rows) == 0 { // of which there is one
		rows = append(rows, ui.Button{Key: addID(c.Item, element), ID: addID(c.Item, element), Label: words.Add, Class: "quiet child-add",
			Press: func(goapp.Context) { c.Form.addChild(c.Item, element) }}.UI())
	}
	if element == "url" && c.Popup.Set["reply"] == "" && len(rows) == 1 && !slices.ContainsFunc(c.Popup.Children, isURL) {
		return goapp.Div() // which pops only instead of an answer
	}
	return goapp.Div().Class("popup-row").Body(
		goapp.Span().Class("row-label").Text(words.Label),
		goapp.Div().Class("row-field", "children").Body(rows...),
	)
}

func isURL(v popupView) bool { return v.Element == "url" }

// renderChild draws a condition, a variable, a header or a fallback page as one line.
func (c *popupCard) renderChild(child int, element string, number int) goapp.UI {
	at := screenpop.Spot{Item: c.Item, Child: child}
	what := fmt.Sprintf("%s %d", childWords[element].One, number)
	var fields []goapp.UI
	switch element {
	case "when":
		fields = []goapp.UI{
			c.entry(child, "variable", "variable", "Variable of "+what),
			c.entry(child, fieldOp, "", "How "+what+" compares"),
			c.entry(child, fieldValue, "empty", "Value of "+what),
		}
	case "url":
		what = childWords[element].One
		fields = []goapp.UI{c.entry(child, "title", "title", "Title of the "+what), c.entry(child, fieldText, "https://", "Address of the "+what)}
	default:
		fields = []goapp.UI{c.entry(child, "name", "name", "Name of "+what), c.entry(child, fieldText, "empty", "Value of "+what)}
	}
	fields = append(fields, ui.Button{Key: fmt.Sprintf("drop/%d/%d", c.Item, child), Label: "Remove " + what, Icon: "close", IconOnly: true, Class: "quiet",
		Press: func(goapp.Context) { c.Form.removeChild(at) }}.UI())
	return goapp.Div().Class("child").Role("group").Aria("label", what).Body(
		goapp.Div().Class("child-fields", "child-"+element).Body(fields...),
		c.renderFound(fieldID(at, "findings"), findingsOf(c.Findings, child)),
	)
}
