package admin

import (
	"strings"
	"time"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"github.com/crmpop/crmpop/app/browser"
	"github.com/crmpop/crmpop/app/ui"
)

// companion is a program on somebody's PC that was paired.
type companion struct {
	ID         string    `json:"id"`
	AgentID    string    `json:"agent_id"`
	AgentName  string    `json:"agent_name"`
	AgentEmail string    `json:"agent_email"`
	Host       string    `json:"host"`
	OS         string    `json:"os"`
	OSUser     string    `json:"os_user"`
	Version    string    `json:"version"`
	Address    string    `json:"address"`
	CreatedAt  time.Time `json:"created_at"`
	SeenAt     time.Time `json:"seen_at"`
	Connected  bool      `json:"connected"`
	Paused     bool      `json:"paused"`
}

// systems name the operating systems as companions call them.
var systems = map[string]string{"windows": "Windows", "darwin": "macOS", "linux": "Linux"}

// system names the operating system.
func system(os string) string { return orElse(systems[os], os) }

// state says how the companion stands.
func (c companion) state() string {
	switch {
	case c.Paused:
		return "paused"
	case c.Connected:
		return "connected"
	}
	return "not connected"
}

// renderState draws how the companion stands, and since when it is away.
func (c companion) renderState() goapp.UI {
	class := "outcome"
	switch {
	case c.Paused:
		class = "outcome outcome-waiting"
	case c.Connected:
		class = "outcome outcome-done"
	}
	return goapp.Span().Class(class).Text(c.state())
}

// renderSeen says when the companion was last heard of.
func (c companion) renderSeen(now time.Time) goapp.UI {
	if c.Connected {
		return goapp.Span().Text("now")
	}
	return ui.When(c.SeenAt, now)
}

// called names whose the companion is.
func (c companion) called() string { return orElse(orElse(c.AgentName, c.AgentEmail), c.AgentID) }

// companionsAgain is how often a list of companions is asked for anew: they come
// and go by themselves.
const companionsAgain = 5 * time.Second

// companions lists the companions of the company.
type companions struct {
	goapp.Compo
	Office *Office
	At     place

	own    goapp.Context // outlasts the buttons of sheets
	gone   bool
	all    []companion
	known  bool
	fault  string
	revoke string // the companion that the sheet asks about
}

// OnMount asks for the list, and goes on asking.
func (c *companions) OnMount(ctx goapp.Context) {
	c.own = ctx
	c.load(ctx)
}

// OnDismount stops asking.
func (c *companions) OnDismount() { c.gone = true }

func (c *companions) load(ctx goapp.Context) {
	get(c.Office, ctx, "/companions?all=1", func(ctx goapp.Context, all []companion, err error) {
		c.known, c.fault = true, ""
		if err != nil {
			c.fault = err.Error()
		} else {
			c.all = all
		}
		ctx.After(companionsAgain, func(ctx goapp.Context) {
			if !c.gone {
				c.load(ctx)
			}
		})
	})
}

// Render draws the list.
func (c *companions) Render() goapp.UI {
	var rows []goapp.UI
	for _, one := range c.all {
		if one.has(c.At.filter("q")) {
			rows = append(rows, c.renderOne(one))
		}
	}
	return goapp.Div().Class("list-page").OnKeyDown(onEscape("companions", func() { c.revoke = "" })).Body(
		goapp.Header().Class("page-head").Body(goapp.Div().Class("page-title").Body(
			goapp.H1().Text("Companions"),
			goapp.P().Class("dim").Text("Programs on agents' PCs. They start what the PC's own list allows, and copy texts. Each agent pairs the own PC under This computer."))),
		goapp.Div().Class("filters").Role("search").Body(searchInput(c.At, pathCompanions, "Agent, PC or user", "/")),
		listOr(c.fault, c.known, ui.Pick(len(c.all) == 0, "No PC is paired yet.", "No companion matches."), rows,
			"Agent", "PC", "User on the PC", "System", "State", "Last seen", "From", "Version", ""),
		c.renderSheet(),
	)
}

// has reports whether all words stand somewhere in what names the companion.
func (c companion) has(search string) bool {
	all := strings.ToLower(strings.Join([]string{c.AgentName, c.AgentEmail, c.Host, c.OSUser, system(c.OS), c.state()}, " "))
	for _, w := range words(strings.ToLower(search), " ") {
		if !strings.Contains(all, w) {
			return false
		}
	}
	return true
}

func (c *companions) renderOne(one companion) goapp.UI {
	id := one.ID
	return goapp.Tr().Body(
		goapp.Td().Class("cell-main").Title(one.AgentEmail).Text(one.called()),
		goapp.Td().Text(one.Host), goapp.Td().Class("cell-long").Title(one.OSUser).Text(one.OSUser), goapp.Td().Text(system(one.OS)),
		goapp.Td().Body(one.renderState()), goapp.Td().Body(one.renderSeen(c.Office.now())),
		goapp.Td().Text(one.Address), goapp.Td().Text(one.Version),
		goapp.Td().Class("cell-acts").Body(ui.Button{Key: "revoke/" + id, Label: "Revoke", Class: "quiet",
			Hint:  "Unpair " + one.Host + " of " + one.called(),
			Press: func(goapp.Context) { c.revoke = id }}.UI()))
}

func (c *companions) renderSheet() goapp.UI {
	for _, one := range c.all {
		if one.ID == c.revoke {
			return unpairSheet(c.Office, one, "Revoke", func() goapp.Context { return c.own }, func(goapp.Context) { c.revoke = "" }, c.drop)
		}
	}
	return goapp.Div()
}

// drop takes a companion that was unpaired out of the list, which is asked for
// anew soon.
func (c *companions) drop(id string) {
	c.revoke = ""
	c.all = withoutCompanion(c.all, id)
}

func withoutCompanion(all []companion, id string) []companion {
	var rest []companion
	for _, one := range all {
		if one.ID != id {
			rest = append(rest, one)
		}
	}
	return rest
}

// unpairSheet asks whether a companion is to be unpaired, and has it done in the
// page's own context, which outlasts the sheet.
func unpairSheet(o *Office, one companion, act string, own func() goapp.Context, close func(goapp.Context), drop func(id string)) goapp.UI {
	asks := act + " " + one.Host + "?"
	do := func(goapp.Context) {
		later(o, own(), browser.Call{Method: "DELETE", Path: below("/companions", one.ID)}, func(ctx goapp.Context, _ struct{}, err error) {
			if err != nil && statusOf(err) != 404 { // gone is gone
				close(ctx)
				o.toast(err.Error(), true)
				return
			}
			drop(one.ID)
			o.toast(one.Host+" is unpaired.", false)
		})
	}
	return &sheet{Label: asks, Close: close, Focus: "sheet-do", Content: []goapp.UI{
		goapp.H1().Class("sheet-asks").Text(asks),
		goapp.P().Class("sheet-words").Text("Its companion is sent away at once. Commands for " + one.called() + " fail until a companion is paired again; texts are copied by the browser."),
		goapp.Div().Class("sheet-acts").Body(
			ui.Button{Key: "sheet-cancel", Label: "Cancel", Class: "quiet", Press: close}.UI(),
			ui.Button{Key: "sheet-do/" + one.ID, ID: "sheet-do", Label: act, Class: "primary", Press: do}.UI()),
	}}
}
