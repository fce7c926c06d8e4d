package workspace

import (
	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"github.com/crmpop/crmpop/app/browser"
	"github.com/crmpop/crmpop/app/ui"
)

// requestTabs is the row of requests, in order of arrival.
type requestTabs struct {
	goapp.Compo
	Desk *Desk
	Tabs []tabGlance
}

// Render draws the row. It stands also when it is empty, so that the first
// request moves nothing.
func (r *requestTabs) Render() goapp.UI {
	items := make([]goapp.UI, len(r.Tabs))
	at := 0
	for i, t := range r.Tabs {
		items[i] = r.renderTab(t)
		if t.Selected {
			at = i
		}
	}
	return goapp.Nav().Class("requests").Aria("label", "Requests").Body(
		goapp.Div().Class("request-tabs").Role("tablist").Aria("label", "Requests").
			OnKeyDown(ui.TabKeys("requests/"+number(at)+"/"+number(len(r.Tabs)), at, len(r.Tabs), r.move)).
			Body(items...),
		r.renderAll(),
	)
}

func (r *requestTabs) move(_ goapp.Context, to int) {
	t := r.Tabs[to]
	r.Desk.selectRequest(t.ID)
	browser.Focus(requestTabID(t.N))
}

func (r *requestTabs) renderTab(t tabGlance) goapp.UI {
	return goapp.Button().Type("button").
		ID(requestTabID(t.N)).
		Class("request-tab", "edge-"+t.Edge, ui.Pick(t.Selected, "selected", "")).
		Role("tab").
		Aria("label", t.Name).Aria("selected", t.Selected).Aria("controls", requestPanel).
		TabIndex(ui.TabIndex(t.Selected)).
		Title(r.tooltip(t)).
		OnClick(ui.Do("request/"+t.ID, func(goapp.Context, goapp.Event) { r.Desk.selectRequest(t.ID) })).
		Body(
			ui.Icon(t.Icon),
			goapp.Span().Class("request-words").Body(
				ui.Number(t.Caller, "request-caller"),
				goapp.Text(" "), // two words, not one
				goapp.Span().Class("request-second").Text(t.Second),
			),
			goapp.Span().Class("request-side").Body(
				&ui.Clock{Beat: r.Desk.beat, Since: t.Since, Until: t.Until},
				badge(t.Badge),
			),
		)
}

func (r *requestTabs) tooltip(t tabGlance) string {
	for i, other := range r.Tabs {
		if other.ID == t.ID && i < 9 {
			return t.Name + " (Alt+" + number(i+1) + ")"
		}
	}
	return t.Name
}

// badge keeps its place when there is nothing to count. Its number is drawn by a
// style: what is written inside a button is its name.
func badge(n int) goapp.UI {
	if n == 0 {
		return goapp.Span().Class("badge", "badge-none").Aria("hidden", "true")
	}
	return goapp.Span().Class("badge").Aria("hidden", "true").DataSet("count", number(n))
}

// renderAll draws the button of the list of all requests, of use once they do
// not fit.
func (r *requestTabs) renderAll() goapp.UI {
	return ui.Button{
		Key: "all-requests", ID: allButton, Label: "All requests", Icon: "down", Class: "quiet all-requests",
		IconOnly: true, Short: keyAll, Off: len(r.Tabs) == 0,
		Press: func(goapp.Context) { r.Desk.toggle(overlayRequests) },
	}.UI()
}
