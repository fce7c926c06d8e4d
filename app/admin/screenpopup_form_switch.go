package admin

import (
	"slices"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"github.com/crmpop/crmpop/app/browser"
	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/ui"
)

// documentViews are the views in the order of their tabs.
var documentViews = []struct{ View, Name string }{{viewText, "Text"}, {viewForm, "Form"}}

// view returns which view of the document is shown.
func (s *screenpopup) view() string { return orElse(s.Office.view, viewText) }

// follow takes the view that the address names. Without one it is what it was in
// another document, and the text where somebody goes back.
func (s *screenpopup) follow(other bool) {
	asked := s.At.filter("view")
	if asked == s.asked && !other {
		return
	}
	switch {
	case asked == viewForm:
		s.Office.view = viewForm
	case asked == viewText || !other:
		s.Office.view = viewText
	}
	s.asked = asked
}

// turn shows a view, which the address names from then on.
func (s *screenpopup) turn(ctx goapp.Context, view string) {
	s.Office.view = view
	s.asked = ui.Pick(view == viewForm, viewForm, "")
	ctx.Navigate(link(documentPath(s.At.Level, s.At.ID), "view", s.asked))
}

// renderViews draws the switch between text and form.
func (s *screenpopup) renderViews() goapp.UI {
	is := slices.IndexFunc(documentViews, func(v struct{ View, Name string }) bool { return v.View == s.view() })
	tabs := make([]goapp.UI, len(documentViews))
	for i, v := range documentViews {
		tabs[i] = goapp.Button().Type("button").ID("view-"+v.View).Class("view-tab", ui.Pick(i == is, "view-tab-here", "")).
			Role("tab").Aria("selected", i == is).Aria("controls", "panel-"+v.View).TabIndex(ui.TabIndex(i == is)).
			OnClick(ui.Do("view/"+v.View, func(ctx goapp.Context, _ goapp.Event) { s.turn(ctx, v.View) })).Text(v.Name)
	}
	keys, scope := ui.TabKeys("view-keys/"+documentViews[is].View, is, len(documentViews), func(ctx goapp.Context, to int) {
		s.turn(ctx, documentViews[to].View)
		ctx.Defer(func(goapp.Context) { browser.Focus("view-" + documentViews[to].View) })
	})
	return goapp.Div().Class("view-switch").Role("tablist").Aria("label", "Document view").OnKeyDown(keys, scope).Body(tabs...)
}

// textPanel makes an element the panel of the text, which stays where it is while
// the form is shown.
func (s *screenpopup) textPanel(el goapp.HTMLDiv) goapp.HTMLDiv {
	el = el.ID("panel-text").Role("tabpanel").Aria("labelledby", "view-text")
	if s.view() == viewForm {
		el = el.Hidden(true)
	}
	return el
}

// show puts a text into the field of the text view.
func (s *screenpopup) show(text string) { browser.SetText(editorField, text) }

// goTo goes to a finding in the view that is shown.
func (s *screenpopup) goTo(f screenpop.Finding) {
	if s.view() == viewForm && s.form != nil {
		s.form.goTo(f)
		return
	}
	s.jump(f)
}

// mend does what a finding offers, in the view that is shown.
func (s *screenpopup) mend(f screenpop.Finding) {
	if s.view() == viewForm && s.form != nil {
		s.form.repair(f)
		return
	}
	s.repair(f)
}

// inText shows the text, with the caret at a finding.
func (s *screenpopup) inText(f screenpop.Finding) {
	s.turn(s.own, viewText)
	s.own.Defer(func(goapp.Context) { s.jump(f) })
}
