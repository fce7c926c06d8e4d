package admin

import (
	"strings"
	"time"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"github.com/crmpop/crmpop/app/ui"
)

// unmappedAlias is an alias that events named and nobody has.
type unmappedAlias struct {
	Alias   string    `json:"alias"`
	Source  string    `json:"source"`
	Events  int       `json:"events"`
	LastAt  time.Time `json:"last_at"`
	Request string    `json:"request_id"`
}

// unmapped lists the agents whom events named and nobody is, and maps each to a
// user with one click.
type unmapped struct {
	goapp.Compo
	Office *Office
	At     place

	own     goapp.Context // outlasts the rows
	people  people
	aliases []unmappedAlias
	known   bool
	fault   string
	busy    bool
}

// OnMount asks for the list.
func (u *unmapped) OnMount(ctx goapp.Context) {
	u.own = ctx
	loadPeople(u.Office, ctx, func(p people) { u.people = p })
	u.load(ctx)
}

func (u *unmapped) load(ctx goapp.Context) {
	get(u.Office, ctx, "/unmapped", func(_ goapp.Context, all []unmappedAlias, err error) {
		u.aliases, u.known, u.fault = all, true, ""
		if err != nil {
			u.fault = err.Error()
		}
	})
}

// mapped says what came of the stored events of an alias.
type mapped struct {
	Events int `json:"events"`
	Pops   int `json:"pops"`
}

func (u *unmapped) give(alias, userID string) {
	if userID == anything {
		u.Office.toast("Choose which user "+alias+" is, then press Map.", true)
		return
	}
	u.busy = true
	in := map[string]string{"alias": alias, "user_id": userID}
	later(u.Office, u.own, jsonCall("POST", "/unmapped/map", in), func(ctx goapp.Context, v mapped, err error) {
		u.busy = false
		if err != nil {
			u.Office.toast(err.Error(), true)
			return
		}
		u.Office.toast(alias+" is "+u.people.userName(userID)+" now. "+plural(v.Events, "event was", "events were")+
			" taken up again: "+plural(v.Pops, "pop", "pops")+", those past their time are listed as missed.", false)
		u.load(ctx)
	})
}

// Render draws the list.
func (u *unmapped) Render() goapp.UI {
	var rows []goapp.UI
	for _, a := range u.aliases {
		if strings.Contains(strings.ToLower(a.Alias), strings.ToLower(u.At.filter("q"))) {
			rows = append(rows, u.renderRow(a))
		}
	}
	return goapp.Div().Class("list-page").Body(
		goapp.Header().Class("page-head").Body(goapp.Div().Class("page-title").Body(
			goapp.H1().Text("Unmapped agents"),
			goapp.P().Class("dim").Text("Events named these agents, and no user has that alias. Their events are kept; mapped, they pop if they are still fresh."))),
		goapp.Div().Class("filters").Role("search").Body(searchInput(u.At, pathUnmapped, "Alias", "/")),
		listOr(u.fault, u.known, "Every agent that events name is a user.", rows, "Alias", "Source", "Events", "Last", "Newest request", "Is"),
	)
}

func (u *unmapped) renderRow(a unmappedAlias) goapp.UI {
	guess := u.guess(a.Alias)
	id := "map-" + a.Alias
	var options []goapp.UI
	if guess == "" {
		options = append(options, goapp.Option().Value(anything).Text("Choose a user"))
	}
	for _, p := range u.people.Users {
		options = append(options, goapp.Option().Value(p.ID).Text(p.called()).Selected(p.ID == guess))
	}
	return goapp.Tr().Body(
		goapp.Td().Class("cell-main").Text(a.Alias),
		goapp.Td().Text(a.Source),
		goapp.Td().Text(plural(a.Events, "event", "events")),
		goapp.Td().Body(ui.When(a.LastAt, u.Office.now())),
		goapp.Td().Class("cell-long").Body(goapp.A().Class("link").Href(below(pathRequests, a.Request)).Text(a.Request)),
		goapp.Td().Body(goapp.Div().Class("inline").Body(
			goapp.Select().ID(id).Class("field").Aria("label", "User who is "+a.Alias).Body(options...),
			ui.Button{Key: "map/" + a.Alias, Label: "Map", Class: "primary", Off: u.busy || len(options) == 0,
				Press: func(goapp.Context) { u.give(a.Alias, typed(id)) }}.UI(),
		)),
	)
}

// guess returns the user whom an alias most looks like, "" for none.
func (u *unmapped) guess(alias string) string {
	name, _, _ := strings.Cut(strings.ToLower(alias), "@")
	for _, p := range u.people.Users {
		address, _, _ := strings.Cut(strings.ToLower(p.Email), "@")
		first, _, _ := strings.Cut(strings.ToLower(p.Name), " ")
		if name != "" && (name == address || name == first) {
			return p.ID
		}
	}
	return ""
}
