package workspace

import (
	"maps"
	"slices"
	"time"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/ui"
)

// requestView tells who the contact is and what has happened.
type requestView struct {
	goapp.Compo
	Desk    *Desk
	Request requestGlance
	Now     time.Time
}

// Render draws who on the left, the timeline on the right.
func (v *requestView) Render() goapp.UI {
	return goapp.Div().Class("request-view").Body(
		goapp.Div().Class("who").Body(
			v.renderTaken(),
			v.renderOffers(),
			v.renderHead(),
			v.renderFacts(),
			v.renderVariables(),
		),
		&timeline{Lines: v.Request.Lines, Now: v.Now},
	)
}

func (v *requestView) renderTaken() goapp.UI {
	r := v.Request.Request
	if r.TakenBy == "" {
		return nil
	}
	return goapp.P().Class("banner").Body(ui.Icon("person"), goapp.Span().Text("Taken by "+r.TakenBy))
}

// renderOffers draws the pops that need a click, each with its button.
func (v *requestView) renderOffers() goapp.UI {
	if len(v.Request.Offers) == 0 {
		return nil
	}
	items := make([]goapp.UI, len(v.Request.Offers))
	for i, c := range v.Request.Offers {
		about := "offer-" + c.PopID
		items[i] = goapp.Li().Class("offer").Body(
			goapp.P().Class("offer-says").ID(about).Body(cardSentence(c, v.Now)...),
			goapp.Div().Body(cardButtons(v.Desk, c, "big", about)...),
		)
	}
	return goapp.Ul().Class("offers").Body(items...)
}

func (v *requestView) renderHead() goapp.UI {
	r := v.Request.Request
	parts := []goapp.UI{goapp.P().Class("who-channel").Body(
		ui.Icon(channelIcon(r.Channel)),
		goapp.Span().Text(joined(" · ", channelWords(r), r.QueueKey, stateWords(r))),
	)}
	if r.Name != "" {
		parts = append(parts, goapp.H1().Class("who-name").Text(r.Name))
	}
	if address := orElse(r.ANI, ui.Pick(r.Name == "", r.Caller(), "")); address != "" {
		parts = append(parts, goapp.Div().Class("who-number").Body(
			ui.Number(address, "who-address", ui.Pick(len(address) > 20, "who-long", "")),
			v.copyButton("number", "number", address),
		))
	}
	return goapp.Div().Class("who-head").Body(parts...)
}

func (v *requestView) renderFacts() goapp.UI {
	r := v.Request.Request
	rows := []goapp.UI{}
	fact := func(label, value string) {
		if value != "" {
			rows = append(rows, goapp.Dt().Text(label), goapp.Dd().Body(ui.Number(value), v.copyButton(label, label, value)))
		}
	}
	fact("Subject", r.Subject)
	fact("Called number", r.DNIS)
	fact("Customer", r.CustomerKey)
	fact("Queue", r.QueueKey)
	fact("Page", r.URL)
	fact("Request", r.ID)
	moment := func(label string, t time.Time) {
		if !t.IsZero() {
			rows = append(rows, goapp.Dt().Text(label), goapp.Dd().Body(ui.When(t, v.Now)))
		}
	}
	moment("Came", r.CreatedAt)
	moment(ui.Pick(r.Channel == screenpop.Voice, "Answered", "Accepted"), r.AcceptedAt)
	moment("Ended", r.EndedAt)
	return goapp.Dl().Class("facts").Body(rows...)
}

func (v *requestView) renderVariables() goapp.UI {
	all := v.Request.Request.Variables
	if len(all) == 0 {
		return nil
	}
	var rows []goapp.UI
	for _, name := range slices.Sorted(maps.Keys(all)) {
		rows = append(rows, goapp.Tr().Body(
			goapp.Th().Scope("row").Text(name),
			goapp.Td().Body(goapp.Span().Class("value").Text(all[name]), v.copyButton("variable/"+name, name, all[name])),
		))
	}
	return goapp.Div().Class("variables").Body(
		goapp.H2().Text("Variables"),
		goapp.Table().Aria("label", "Variables").Body(goapp.TBody().Body(rows...)),
	)
}

// copyButton copies a value; its name is "Copy", what it copies is its tooltip.
func (v *requestView) copyButton(key, what, value string) goapp.UI {
	return ui.Button{
		Key: "copy/" + key + "/" + value, Label: "Copy", Hint: "Copy " + what, Icon: "copy", IconOnly: true, Class: "quiet copy",
		Press: func(goapp.Context) { v.Desk.copy(what, value) },
	}.UI()
}
