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

// childrenIn are the elements in a popup that each part of a card shows.
var childrenIn = map[string][]string{partWhen: {"when"}, partWhat: {"header", "variable", "url"}}

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
		for _, children := range childrenIn[part] {
			if slices.Contains(screenpop.Children(c.Popup.Element), children) {
				rows = append(rows, c.renderChildren(children))
			}
		}
		if len(rows) > 0 {
			parts = append(parts, goapp.Section().Class("popup-part").Aria("label", part).Body(
				goapp.H2().Text(part), goapp.Div().Class("popup-rows").Body(rows...)))
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
		goapp.H2().Body(goapp.Button().Type("button").Class("popup-more").Aria("expanded", c.State.More).
			OnClick(ui.Do(fmt.Sprintf("card-more/%d", c.Item), func(goapp.Context, goapp.Event) {
				c.Form.states[c.Item].More = !c.Form.states[c.Item].More
			})).Body(ui.Icon("down"), goapp.Span().Text(partMore))),
		goapp.Div().Class("popup-rows").Body(append(rows, goapp.P().Class("dim", "small").Text(says))...))
}
