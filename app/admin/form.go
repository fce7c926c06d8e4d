package admin

import (
	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"github.com/crmpop/crmpop/app/browser"
	"github.com/crmpop/crmpop/app/ui"
)

// formField is a field of a form of one column. What is typed belongs to the
// browser and is read when the form is sent.
type formField struct {
	ID, Label, Hint string
	Type            string // "text", "email", "password", "lines" or "choice"
	Value           string
	Of              [][2]string // what a choice is of: value and name
	Optional        bool
	Change          func(value string) // a choice was made; may be nil
}

// UI returns the field with its label.
func (f formField) UI() goapp.UI {
	parts := []goapp.UI{goapp.Label().Class("label").For(f.ID).Text(f.Label), f.control()}
	if f.Hint != "" {
		parts = append(parts, goapp.P().Class("form-hint").ID(f.ID+"-hint").Text(f.Hint))
	}
	return goapp.Div().Class("form-field").Body(parts...)
}

func (f formField) control() goapp.UI {
	switch f.Type {
	case "lines":
		return goapp.Textarea().ID(f.ID).Class("field").Rows(4).Spellcheck(false).Text(f.Value)
	case "choice":
		options := make([]goapp.UI, len(f.Of))
		for i, o := range f.Of {
			options[i] = goapp.Option().Value(o[0]).Text(o[1]).Selected(o[0] == f.Value)
		}
		el := goapp.Select().ID(f.ID).Class("field").Body(options...)
		if f.Change != nil {
			el = el.OnChange(ui.Do("field/"+f.ID, func(ctx goapp.Context, _ goapp.Event) { f.Change(typed(f.ID)) }))
		}
		return el
	}
	el := goapp.Input().ID(f.ID).Class("field").Type(f.Type).Required(!f.Optional).Attr("autocomplete", "off")
	if f.Type == "password" {
		el = el.Attr("autocomplete", "new-password")
	}
	if f.Value != "" {
		el = el.Value(f.Value)
	}
	return el
}

// form is a form of one column with its button; fault says why it was refused.
func form(name, act, fault string, busy bool, send func(ctx goapp.Context), fields ...goapp.UI) goapp.UI {
	body := append(fields,
		goapp.P().Class("fault").Role("alert").Text(fault),
		goapp.Div().Class("form-acts").Body(
			goapp.Button().Type("submit").Class("button", "primary").Disabled(busy).Text(act)),
	)
	return goapp.Form().Class("form").Aria("label", name).
		OnSubmit(ui.Do("form/"+name, func(ctx goapp.Context, e goapp.Event) {
			e.PreventDefault()
			send(ctx)
		})).Body(body...)
}

// typed returns what stands in a field.
func typed(id string) string { return browser.Text(id) }

// linesTyped returns the lines of a field that are not empty.
func linesTyped(id string) []string { return words(browser.Text(id), "\n") }
