package admin

import (
	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/ui"
)

// suggestionsID is the list of variables that conditions can look at.
const suggestionsID = "form-variables"

// renderAdd offers what can be added, and to undo what was removed.
func (f *popupForm) renderAdd() goapp.UI {
	acts := []goapp.UI{goapp.Span().Class("dim").Text("Add")}
	for _, k := range kinds {
		acts = append(acts, ui.Button{Key: "add/" + k.Element, Label: k.Name, Press: func(goapp.Context) { f.add(k.XML) }}.UI())
	}
	acts = append(acts, f.renderPresets())
	if parent := f.screen.parentWords(); parent != "" && !f.inherits() && len(f.cards) > 0 {
		acts = append(acts, ui.Button{Key: "add/inherit", Label: "Popups of " + parent, Hint: "Take them in here, by <inherit/>",
			Press: func(goapp.Context) { f.inherit() }}.UI())
	}
	return goapp.Div().Class("form-add").Body(
		f.renderUndo(),
		goapp.Div().Class("form-add-acts").Role("group").Aria("label", "Add a popup").Body(acts...),
		goapp.DataList().ID(suggestionsID).Body(suggestions()...),
	)
}

func suggestions() []goapp.UI {
	names := screenpop.ConditionVariables()
	options := make([]goapp.UI, len(names))
	for i, n := range names {
		options[i] = goapp.Option().Value(n)
	}
	return options
}

func (f *popupForm) renderPresets() goapp.UI {
	options := []goapp.UI{goapp.Option().Value(anything).Text("A preset…")}
	for _, p := range screenpop.Presets() {
		options = append(options, goapp.Option().Value(p.Name).Title(p.Note).Text(p.Name))
	}
	return goapp.Select().Class("field", "form-preset").Aria("label", "Add a preset").
		OnChange(ui.Do("form-preset", func(ctx goapp.Context, _ goapp.Event) {
			name := ctx.JSSrc().Get("value").String()
			ctx.JSSrc().Set("selectedIndex", 0)
			f.addPreset(name)
		})).Body(options...)
}

// renderUndo offers to bring back what was removed last.
func (f *popupForm) renderUndo() goapp.UI {
	if f.removed == nil {
		return goapp.Div()
	}
	return goapp.Div().Class("form-undo").Body(
		goapp.Span().Text("Removed "+f.removed.name+"."),
		ui.Button{Key: "form-undo", ID: "form-undo", Label: "Undo", Press: func(goapp.Context) { f.undo() }}.UI(),
		ui.Button{Key: "form-undo-close", Label: "Dismiss", Icon: "close", IconOnly: true, Class: "quiet",
			Press: func(goapp.Context) { f.removed = nil }}.UI(),
	)
}
