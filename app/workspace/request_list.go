package workspace

import (
	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"github.com/crmpop/crmpop/app/browser"
	"github.com/crmpop/crmpop/app/ui"
)

// requestList is the list of all requests with a search in it, for when there
// are more than fit in the row.
type requestList struct {
	goapp.Compo
	Desk   *Desk
	Tabs   []tabGlance
	Search string
}

// OnMount puts the cursor into the search.
func (r *requestList) OnMount(goapp.Context) { browser.Focus(searchField) }

// Render draws the list.
func (r *requestList) Render() goapp.UI {
	var items []goapp.UI
	for _, t := range r.Tabs {
		if matches(t, r.Search) {
			items = append(items, r.renderItem(t))
		}
	}
	if len(items) == 0 {
		items = append(items, goapp.Li().Class("menu-dim").Text("No request matches."))
	}
	return ui.Overlay("requests", "All requests", "menu overlay-wide", r.Desk.closeOverlay,
		goapp.Input().Type("search").ID(searchField).Class("field").
			Aria("label", "Search requests").Placeholder("Search requests").AutoComplete(false).
			OnInput(ui.Do("search", func(ctx goapp.Context, e goapp.Event) {
				r.Desk.searchFor(ctx.JSSrc().Get("value").String())
			})).
			OnKeyDown(ui.Do("search-enter", func(_ goapp.Context, e goapp.Event) {
				if e.Get("key").String() == "Enter" {
					r.Desk.pickFirst()
				}
			})),
		goapp.Ul().Class("request-list").Body(items...),
	)
}

func (r *requestList) renderItem(t tabGlance) goapp.UI {
	return goapp.Li().Body(
		goapp.Button().Type("button").
			Class("request-row", "edge-"+t.Edge, ui.Pick(t.Selected, "selected", "")).
			Aria("label", t.Name).
			OnClick(ui.Do("pick/"+t.ID, func(goapp.Context, goapp.Event) { r.Desk.pick(t.ID) })).
			Body(
				ui.Icon(t.Icon),
				ui.Number(t.Caller, "request-caller"),
				goapp.Text(" "), // two words, not one
				goapp.Span().Class("request-second").Text(t.Second),
				badge(t.Badge),
			),
	)
}
