package workspace

import (
	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"github.com/crmpop/crmpop/app/ui"
)

// empty is the screen without requests: since when it waits, and what would stop
// a pop now, each with its cure.
type empty struct {
	goapp.Compo
	Desk  *Desk
	Empty emptyGlance
}

// Render draws the screen.
func (e *empty) Render() goapp.UI {
	return goapp.Div().Class("card-place").Body(
		goapp.Div().Class("card", "card-empty").Body(
			ui.Icon("card-empty", "card-icon"),
			goapp.H1().Class("card-title").Text("Waiting for requests"),
			goapp.P().Class("card-dim").Text(e.since()),
			e.renderTroubles(),
			e.renderDemo(),
			goapp.A().Class("link").Href("/check").Target("_blank").Rel("noopener").Text("Check this browser"),
		),
	)
}

func (e *empty) since() string {
	if e.Empty.Exactly == "" {
		return "Not connected. Requests appear here as soon as the connection stands."
	}
	return "You are " + e.Empty.Exactly + ". The next call, chat or e-mail appears here by itself."
}

// renderTroubles lists what would stop a pop.
func (e *empty) renderTroubles() goapp.UI {
	var items []goapp.UI
	if !e.Empty.Leads {
		items = append(items, goapp.Li().Body(
			goapp.Span().Text("Pops open in your other workspace tab."),
			ui.Button{Key: "empty-use-here", Label: "Use here", Press: func(goapp.Context) { e.Desk.useHere("") }}.UI(),
		))
	}
	if !e.Empty.Popups {
		items = append(items, goapp.Li().Body(goapp.Span().Text(
			"The browser stopped a new tab the last time. Allow pop-ups for this site: the icon at the right end of the address bar, then “Always allow”.")))
	}
	if len(items) == 0 {
		return nil
	}
	return goapp.Ul().Class("troubles").Aria("label", "What would stop a pop").Body(items...)
}

func (e *empty) renderDemo() goapp.UI {
	if !e.Empty.Demo {
		return nil
	}
	parts := []goapp.UI{ui.Button{Key: "ring", Label: "Ring me", Icon: "phone", Class: "big primary",
		Press: func(goapp.Context) { e.Desk.ring() }}.UI()}
	if e.Empty.Phone != "" {
		parts = append(parts, goapp.A().Class("link").Href(e.Empty.Phone).Target("_blank").Rel("noopener").
			Text("Open the demo telephone system"))
	}
	return goapp.Div().Class("card-acts").Body(parts...)
}
