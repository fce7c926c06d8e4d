package admin

import (
	"fmt"
	"slices"
	"strings"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"github.com/crmpop/crmpop/app/browser"
	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/ui"
)

// fieldID returns the id of a field of the form.
func fieldID(at screenpop.Spot, field string) string {
	return fmt.Sprintf("form-%d-%d-%s", at.Item, at.Child, field)
}

// formEntry is a field of the form that is typed in, or chosen from. What stands
// in it belongs to the browser, so that typing never loses the caret: it is set
// only if the document comes to say something else than what was typed here.
type formEntry struct {
	goapp.Compo
	Form        *popupForm
	At          screenpop.Spot
	Field       string
	Value       string // what the document says
	Label       string // its accessible name if no label names it
	Empty       string // what counts while it is empty
	Described   string // the ids of what describes it
	Of          [][2]string
	Lines       bool // several lines may be typed
	Suggestions string
	Off, Wrong  bool

	begun  bool
	first  string // what stood in it when it was drawn first
	wrote  string // what it is known to hold
	refuse string // why the text did not take what was typed
}

// OnUpdate shows what the document says now.
func (e *formEntry) OnUpdate(ctx goapp.Context) {
	id, value := e.id(), e.Value
	e.refuse = ""
	if e.begun && value == e.wrote {
		return
	}
	e.wrote = value
	if len(e.Of) > 0 && value == "" {
		value = e.chosen()
	}
	ctx.Defer(func(goapp.Context) { browser.SetText(id, value) })
}

func (e *formEntry) id() string { return fieldID(e.At, e.Field) }

// chosen returns which choice is shown: the document's, or the default.
func (e *formEntry) chosen() string {
	if e.Value != "" {
		return e.Value
	}
	for _, o := range e.Of {
		if strings.HasSuffix(o[1], "(default)") {
			return o[0]
		}
	}
	return anything
}

// typed has the document say what stands in the field.
func (e *formEntry) typed() {
	value := browser.Text(e.id())
	if value == anything && len(e.Of) > 0 {
		value = ""
	}
	was := e.wrote
	e.wrote, e.refuse = value, ""
	if e.Field == fieldText {
		e.wrote = strings.Trim(value, " \t\r\n") // as the document keeps it
	}
	if err := e.Form.set(e.At, e.Field, value); err != nil {
		e.wrote, e.refuse = was, sentence(err.Error())
	} else if len(e.Of) > 0 {
		e.wrote = e.Form.says(e.At, e.Field) // the default says nothing
	}
}

// says returns what the document says in a field.
func (f *popupForm) says(at screenpop.Spot, field string) string {
	v, _ := f.card(at)
	return v.shows(field)
}

// Render draws the field, and why the text does not take what was typed.
func (e *formEntry) Render() goapp.UI {
	if !e.begun {
		e.begun, e.first, e.wrote = true, e.Value, e.Value
	}
	return goapp.Div().Class("entry").Body(e.control(), goapp.P().Class("fault").Role("alert").Text(e.refuse))
}

func (e *formEntry) control() goapp.UI {
	do, scope := ui.Do("type/"+e.id(), func(goapp.Context, goapp.Event) { e.typed() })
	switch {
	case len(e.Of) > 0:
		is := e.chosen()
		options := make([]goapp.UI, len(e.Of))
		for i, o := range e.Of {
			options[i] = goapp.Option().Value(o[0]).Text(o[1]).Selected(o[0] == is)
		}
		return describe(goapp.Select().ID(e.id()).Class("field").Disabled(e.Off).OnChange(do, scope), e).Body(options...)
	case e.Lines:
		return describeLines(goapp.Textarea().ID(e.id()).Class("field", "mono").Rows(rowsFor(e.Value)).Spellcheck(false).
			Placeholder(e.Empty).Disabled(e.Off).OnInput(do, scope), e).Text(e.first)
	}
	el := goapp.Input().ID(e.id()).Class("field").Type("text").Attr("autocomplete", "off").Spellcheck(false).
		Placeholder(e.Empty).Disabled(e.Off).OnInput(do, scope)
	if e.first != "" {
		el = el.Value(e.first)
	}
	if e.Suggestions != "" {
		el = el.List(e.Suggestions)
	}
	return describeInput(el, e)
}

// rowsFor returns how many lines of the field a text needs, about.
func rowsFor(s string) int { return min(8, max(2, len(s)/60+strings.Count(s, "\n")+1)) }

func describe(el goapp.HTMLSelect, e *formEntry) goapp.HTMLSelect {
	for name, value := range e.says() {
		el = el.Aria(name, value)
	}
	return el
}

func describeLines(el goapp.HTMLTextarea, e *formEntry) goapp.HTMLTextarea {
	for name, value := range e.says() {
		el = el.Aria(name, value)
	}
	return el
}

func describeInput(el goapp.HTMLInput, e *formEntry) goapp.HTMLInput {
	for name, value := range e.says() {
		el = el.Aria(name, value)
	}
	return el
}

// says returns the ARIA attributes of the field.
func (e *formEntry) says() map[string]any {
	all := map[string]any{}
	if e.Label != "" {
		all["label"] = e.Label
	}
	if e.Described != "" {
		all["describedby"] = e.Described
	}
	if e.Wrong {
		all["invalid"] = true
	}
	return all
}

// renderTicks draws a field of words, each of which is there or not.
func (c *popupCard) renderTicks(f cardField) goapp.UI {
	at := screenpop.Spot{Item: c.Item}
	of, _ := screenpop.ChoiceOf(f.Name)
	words := of.Words
	has := c.Popup.words(f.Name)
	for _, w := range has {
		if !slices.Contains(words, w) {
			words = append(words, w)
		}
	}
	ticks := make([]goapp.UI, 0, len(words)+1)
	for i, w := range words {
		id := fieldID(at, f.Name)
		if i > 0 {
			id += "-" + fmt.Sprint(i)
		}
		ticks = append(ticks, goapp.Button().Type("button").ID(id).Class("tick", ui.Pick(slices.Contains(of.Words, w), "", "tick-wrong")).
			Role("checkbox").Aria("checked", slices.Contains(has, w)).Disabled(c.Popup.Faulty).
			OnClick(ui.Do("tick/"+id+"/"+w, func(goapp.Context, goapp.Event) { c.Form.toggle(at, f.Name, w) })).Text(w))
	}
	if len(has) == 0 {
		says := f.Empty
		if f.Name == "on" {
			says = c.Popup.defaultMoments()
		}
		ticks = append(ticks, goapp.Span().Class("dim", "small").Text("Default: "+says))
	}
	return goapp.Div().Class("ticks").Role("group").Aria("labelledby", fieldID(at, f.Name)+"-label").Body(ticks...)
}
