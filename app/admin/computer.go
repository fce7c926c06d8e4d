package admin

import (
	"fmt"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"github.com/crmpop/crmpop/app/browser"
	"github.com/crmpop/crmpop/app/ui"
)

// pairAsks is the program that asks with a code.
type pairAsks struct {
	Host    string `json:"host"`
	OS      string `json:"os"`
	OSUser  string `json:"os_user"`
	Version string `json:"version"`
	Address string `json:"address"`
	Near    bool   `json:"near"` // it asks from the address that this browser has
	Number  string `json:"number"`
}

// computer is where everybody pairs the own PC, and unpairs it.
type computer struct {
	goapp.Compo
	Office *Office

	own    goapp.Context // outlasts the buttons of sheets
	gone   bool
	all    []companion
	known  bool
	listed string    // why the list cannot be shown
	code   string    // that was looked at
	asks   *pairAsks // with that code
	fault  string
	busy   bool
	unpair string // the companion that the sheet asks about
}

const (
	pairCode = "pair-code"
	pairCard = "pair-card"
)

// OnMount asks for the companions, and goes on asking.
func (c *computer) OnMount(ctx goapp.Context) {
	c.own = ctx
	c.load(ctx)
}

// OnDismount stops asking.
func (c *computer) OnDismount() { c.gone = true }

func (c *computer) load(ctx goapp.Context) {
	c.read(ctx, func() {
		ctx.After(companionsAgain, func(ctx goapp.Context) {
			if !c.gone {
				c.load(ctx)
			}
		})
	})
}

func (c *computer) read(ctx goapp.Context, then func()) {
	get(c.Office, ctx, "/companions", func(_ goapp.Context, all []companion, err error) {
		c.known, c.listed = true, ""
		if err != nil {
			c.listed = err.Error()
		} else {
			c.all = all
		}
		then()
	})
}

// look asks what program shows the code that was typed.
func (c *computer) look(ctx goapp.Context) {
	code := typed(pairCode)
	c.busy, c.fault = true, ""
	later(c.Office, ctx, jsonCall("POST", "/companions/code", map[string]string{"code": code}), func(ctx goapp.Context, v pairAsks, err error) {
		c.busy = false
		if err != nil {
			c.fault = err.Error()
			browser.Focus(pairCode)
			return
		}
		c.code, c.asks = code, &v
		// The question has the keyboard, and neither answer: the numbers are to be
		// compared first.
		ctx.Defer(func(goapp.Context) { browser.Focus(pairCard) })
	})
}

// answer pairs with what was looked at, or sends it away.
func (c *computer) answer(deed string) func(goapp.Context) {
	return func(goapp.Context) {
		asks, code := c.asks, c.code
		if asks == nil || c.busy {
			return
		}
		c.busy = true
		later(c.Office, c.own, jsonCall("POST", "/companions/"+deed, map[string]string{"code": code}), func(ctx goapp.Context, _ struct{}, err error) {
			c.busy, c.asks, c.code = false, nil, ""
			ctx.Defer(func(goapp.Context) { browser.Focus(pairCode) })
			switch {
			case err != nil:
				c.fault = err.Error()
			case deed == "refuse":
				c.Office.toast("Not paired. If you did not start this, tell your admin: somebody may have tried to get at your calls.", true)
			default:
				c.Office.toast("Paired with "+asks.Host+".", false)
				c.read(ctx, func() {})
			}
		})
	}
}

// Render draws what is paired, and below it how to pair.
func (c *computer) Render() goapp.UI {
	return goapp.Div().Class("computer").OnKeyDown(onEscape("computer", func() { c.unpair = "" })).Body(
		goapp.Header().Class("page-head").Body(goapp.Div().Class("page-title").Body(
			goapp.H1().Text("This computer"),
			goapp.P().Class("dim").Text("A small program, the companion, starts other programs on this PC when a request pops, and copies texts while you work in another window."))),
		c.renderList(),
		c.renderPair(),
		c.renderSheet(),
	)
}

func (c *computer) renderList() goapp.UI {
	rows := make([]goapp.UI, len(c.all))
	for i, one := range c.all {
		id := one.ID
		rows[i] = goapp.Tr().Body(
			goapp.Td().Class("cell-main").Body(goapp.Text(one.Host+" "), goapp.Span().Class("dim").Text(joined(" · ", system(one.OS), one.OSUser))),
			goapp.Td().Body(one.renderState()), goapp.Td().Body(one.renderSeen(c.Office.now())), goapp.Td().Text(one.Version),
			goapp.Td().Class("cell-acts").Body(ui.Button{Key: "unpair/" + id, Label: "Unpair", Class: "quiet", Hint: "Unpair " + one.Host,
				Press: func(goapp.Context) { c.unpair = id }}.UI()))
	}
	return goapp.Section().Class("part").Body(goapp.H2().Text("Paired with you"),
		listOr(c.listed, c.known, "No PC is paired with you yet.", rows, "PC", "State", "Last seen", "Version", ""))
}

func (c *computer) renderPair() goapp.UI {
	if c.asks != nil {
		return c.renderAsks(*c.asks)
	}
	return goapp.Section().Class("part").Body(goapp.H2().Text("Pair this computer"),
		form("Pair", "Look it up", c.fault, c.busy, c.look,
			formField{ID: pairCode, Label: "Code", Type: "text",
				Hint: "The companion shows it, eight letters. Start it on this PC with crmpop-companion pair; a code is good for 10 minutes."}.UI()),
		goapp.P().Class("small").Body(goapp.A().Class("link").Href("/docs/this-computer").Target("_blank").Rel("noopener").Text("How this works, and what it may do")))
}

// renderAsks asks whether the program that shows the code is the one at hand. A
// code that somebody else sent is found out by the number.
func (c *computer) renderAsks(a pairAsks) goapp.UI {
	facts := []goapp.UI{}
	for _, f := range [][2]string{{"PC", a.Host}, {"User on the PC", a.OSUser}, {"System", joined(", companion ", system(a.OS), a.Version)}, {"Network address", a.Address}} {
		facts = append(facts, goapp.Dt().Text(f[0]), goapp.Dd().Text(f[1]))
	}
	near := goapp.P().Class("pair-near").Body(ui.Icon("check"), goapp.Span().Text("It asks from the same network address as this browser."))
	if !a.Near {
		near = goapp.P().Class("pair-near", "pair-far").Body(ui.Icon("mark-warn"), goapp.Span().Text("It asks from another network address than this browser. Look closely."))
	}
	question := fmt.Sprintf("Does the program show %s?", a.Number)
	return goapp.Section().Class("part").Body(
		goapp.H2().Text("Is this the computer in front of you?"),
		goapp.Div().ID(pairCard).Class("pair-card").TabIndex(-1).Role("group").Aria("label", "What asks to be paired: "+a.Host+". "+question).Body(
			goapp.Dl().Class("pair-facts").Body(facts...), near,
			goapp.P().Class("pair-question").Text(question),
			goapp.P().Class("pair-number").Aria("hidden", "true").Text(a.Number),
			goapp.Div().Class("form-acts").Body(
				ui.Button{Key: "pair-yes", Label: "Yes, pair", Class: "primary", Press: c.answer("confirm")}.UI(),
				ui.Button{Key: "pair-no", Label: "No", Hint: "Send the program away that asks", Press: c.answer("refuse")}.UI()),
		))
}

func (c *computer) renderSheet() goapp.UI {
	for _, one := range c.all {
		if one.ID == c.unpair {
			return unpairSheet(c.Office, one, "Unpair", func() goapp.Context { return c.own }, func(goapp.Context) { c.unpair = "" },
				func(id string) { c.unpair, c.all = "", withoutCompanion(c.all, id) })
		}
	}
	return goapp.Div()
}
