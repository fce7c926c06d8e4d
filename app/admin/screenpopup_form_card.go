package admin

import (
	"fmt"
	"slices"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/ui"
)

// popupCard is a popup as a card: when, where, what.
type popupCard struct {
	goapp.Compo
	Form     *popupForm
	Item, Of int // its place among how many
	Popup    popupView
	State    cardState
	Findings []cardFinding
	Fresh    bool   // the findings are of the text as it stands
	Parent   string // the level outside, for <inherit/>
}

// The acts on a card that take the keyboard along.
const (
	actUp   = "up"
	actDown = "down"
)

func actID(item int, act string) string { return fmt.Sprintf("form-%d-%s", item, act) }

func headID(item int) string { return fmt.Sprintf("form-%d-head", item) }

func addID(item int, element string) string { return fmt.Sprintf("form-%d-add-%s", item, element) }

// Render draws the card.
func (c *popupCard) Render() goapp.UI {
	v := c.Popup
	if v.Element == "inherit" {
		return c.renderInherit()
	}
	body := []goapp.UI{c.renderHead(), c.renderNote()}
	if c.State.Open {
		body = append(body, c.renderFields()...)
	} else {
		body = append(body, c.renderSummary())
	}
	body = append(body, c.renderFindings())
	return goapp.Li().Class("popup-card", ui.Pick(c.State.Open, "popup-card-open", ""), c.edge()).
		Role("listitem").Aria("label", v.called()+", "+kindName(v.Element)).Body(body...)
}

// edge marks a card with findings.
func (c *popupCard) edge() string {
	worst := ""
	for _, f := range c.Findings {
		if f.Severity == screenpop.SeverityError {
			return "popup-card-error"
		}
		worst = "popup-card-warning"
	}
	return worst
}

func (c *popupCard) renderInherit() goapp.UI {
	return goapp.Li().Class("popup-card", "popup-card-inherit", c.edge()).Role("listitem").Aria("label", "Inherited popups").Body(
		goapp.Div().Class("popup-head").Body(
			goapp.P().ID(headID(c.Item)).TabIndex(-1).Class("popup-open").Text("The popups of "+orElse(c.Parent, "the level outside")+" come here"),
			goapp.Span().Class("popup-acts").Body(c.acts(false)...),
		),
		c.renderNote(),
		c.renderFindings(),
	)
}

func (c *popupCard) renderHead() goapp.UI {
	v, open := c.Popup, c.State.Open
	marks := []goapp.UI{goapp.Span().Class("popup-name").Text(v.called())}
	if v.called() != kindName(v.Element)+" "+v.ID {
		marks = append(marks, goapp.Span().Class("dim").Text(kindName(v.Element)))
	}
	if id, ok := v.Set["id"]; ok && id != v.called() {
		marks = append(marks, goapp.Code().Class("dim").Text(id))
	}
	if _, warnings := (&draft{findings: bare(c.Findings)}).faults(); warnings > 0 && !open {
		marks = append(marks, goapp.Span().Class("popup-warned").Text(plural(warnings, "warning", "warnings")))
	}
	return goapp.Div().Class("popup-head").Body(
		goapp.Button().Type("button").ID(headID(c.Item)).Class("popup-open").Aria("expanded", open).
			OnClick(ui.Do(fmt.Sprintf("card/%d", c.Item), func(goapp.Context, goapp.Event) {
				c.Form.states[c.Item].Open = !c.Form.states[c.Item].Open
			})).Body(append([]goapp.UI{ui.Icon("down")}, marks...)...),
		goapp.Span().Class("popup-acts").Body(c.acts(true)...),
	)
}

// acts are what can be done with a card as a whole.
func (c *popupCard) acts(copy bool) []goapp.UI {
	name := c.Popup.called()
	if c.Popup.Element == "inherit" {
		name = "inherited popups"
	}
	button := func(act, says, icon string, off bool, do func(goapp.Context)) goapp.UI {
		return ui.Button{Key: "act/" + actID(c.Item, act), ID: actID(c.Item, act), Label: says + ": " + name, Hint: says, Icon: icon,
			IconOnly: true, Class: "quiet", Off: off, Press: do}.UI()
	}
	all := []goapp.UI{
		button(actUp, "Move up", "up", c.Item == 0, func(goapp.Context) { c.Form.move(c.Item, -1) }),
		button(actDown, "Move down", "down", c.Item == c.Of-1, func(goapp.Context) { c.Form.move(c.Item, 1) }),
	}
	if copy {
		all = append(all, button("copy", "Duplicate", "copy", false, func(goapp.Context) { c.Form.duplicate(c.Item) }))
	}
	return append(all, button("remove", "Remove", "close", false, func(goapp.Context) { c.Form.remove(c.Item) }))
}

// renderNote shows the comments above the popup.
func (c *popupCard) renderNote() goapp.UI {
	if c.Popup.Note == "" {
		return goapp.Div()
	}
	return goapp.P().Class("popup-note").Title("A comment in the text").Text(c.Popup.Note)
}

// renderSummary says in three lines what a closed card holds.
func (c *popupCard) renderSummary() goapp.UI {
	v := c.Popup
	return goapp.Dl().Class("popup-summary").Body(
		goapp.Dt().Text(partWhen), goapp.Dd().Text(v.when()),
		goapp.Dt().Text(ui.Pick(v.where() == "", "", partWhere)), goapp.Dd().Text(v.where()),
		goapp.Dt().Text(partWhat), goapp.Dd().Class("mono").Title(v.what()).Text(v.what()),
	)
}

// renderFields draws the parts of an open card.
func (c *popupCard) renderFields() []goapp.UI {
	var parts []goapp.UI
	if c.Popup.Faulty {
		parts = append(parts, goapp.P().Class("popup-faulty").Text("The tag of this popup has faults. Repair them in the text first; then its fields can be changed."))
	}
	for _, part := range []string{partWhen, partWhere, partWhat} {
		var rows []goapp.UI
		for _, f := range fieldsOf(c.Popup.Element) {
			if f.Part == part {
				rows = append(rows, c.renderField(f))
			}
		}
		if children := map[string]string{partWhen: "when", partWhat: "variable"}[part]; slices.Contains(screenpop.Children(c.Popup.Element), children) {
			rows = append(rows, c.renderChildren(children))
		}
		if len(rows) > 0 {
			parts = append(parts, goapp.Section().Class("popup-part").Aria("label", part).Body(
				goapp.H3().Text(part), goapp.Div().Class("popup-rows").Body(rows...)))
		}
	}
	return append(parts, c.renderMore())
}

// renderMore draws the fields that few popups need.
func (c *popupCard) renderMore() goapp.UI {
	var rows []goapp.UI
	set := 0
	for _, f := range fieldsOf(c.Popup.Element) {
		if f.Part != partMore {
			continue
		}
		if _, ok := c.Popup.Set[f.Name]; ok {
			set++
		}
		if c.State.More {
			rows = append(rows, c.renderField(f))
		}
	}
	says := ""
	if set > 0 && !c.State.More {
		says = fmt.Sprintf("%d set", set)
	}
	return goapp.Section().Class("popup-part").Aria("label", partMore).Body(
		goapp.H3().Body(goapp.Button().Type("button").Class("popup-more").Aria("expanded", c.State.More).
			OnClick(ui.Do(fmt.Sprintf("card-more/%d", c.Item), func(goapp.Context, goapp.Event) {
				c.Form.states[c.Item].More = !c.Form.states[c.Item].More
			})).Body(ui.Icon("down"), goapp.Span().Text(partMore))),
		goapp.Div().Class("popup-rows").Body(append(rows, goapp.P().Class("dim", "small").Text(says))...))
}

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

// renderChildren draws the conditions or the variables of a popup.
func (c *popupCard) renderChildren(element string) goapp.UI {
	var rows []goapp.UI
	for i, v := range c.Popup.Children {
		if v.Element == element {
			rows = append(rows, c.renderChild(i+1, element, len(rows)+1))
		}
	}
	says, label := "Add a condition", "Only if"
	if element == "variable" {
		says, label = "Add a variable", "Variables"
	}
	rows = append(rows, ui.Button{Key: addID(c.Item, element), ID: addID(c.Item, element), Label: says, Class: "quiet child-add",
		Press: func(goapp.Context) { c.Form.addChild(c.Item, element) }}.UI())
	return goapp.Div().Class("popup-row").Body(
		goapp.Span().Class("row-label").Text(label),
		goapp.Div().Class("row-field", "children").Body(rows...),
	)
}

// renderChild draws a condition or a variable as one line.
func (c *popupCard) renderChild(child int, element string, number int) goapp.UI {
	at := screenpop.Spot{Item: c.Item, Child: child}
	what := fmt.Sprintf("condition %d", number)
	fields := []goapp.UI{
		c.entry(child, "variable", "variable", "Variable of "+what),
		c.entry(child, fieldOp, "", "How "+what+" compares"),
		c.entry(child, fieldValue, "empty", "Value of "+what),
	}
	if element == "variable" {
		what = fmt.Sprintf("variable %d", number)
		fields = []goapp.UI{c.entry(child, "name", "name", "Name of "+what), c.entry(child, fieldText, "empty", "Value of "+what)}
	}
	fields = append(fields, ui.Button{Key: fmt.Sprintf("drop/%d/%d", c.Item, child), Label: "Remove " + what, Icon: "close", IconOnly: true, Class: "quiet",
		Press: func(goapp.Context) { c.Form.removeChild(at) }}.UI())
	return goapp.Div().Class("child").Role("group").Aria("label", what).Body(
		goapp.Div().Class("child-fields", "child-"+element).Body(fields...),
		c.renderFound(fieldID(at, "findings"), findingsOf(c.Findings, child)),
	)
}
