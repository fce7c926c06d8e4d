// Package admin is the portal: where popups are written, tried out and
// published, and where every request says why it popped or did not. The office
// holds who is signed in and what is not published yet; each screen asks the
// server for what it shows and is a component in the file of the noun it edits.
package admin

import (
	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"github.com/crmpop/crmpop/app/browser"
	"github.com/crmpop/crmpop/app/ui"
)

// Portal is the route of every page of the portal. Office is shared by all its
// instances, so that what is written outlasts a change of page.
type Portal struct {
	goapp.Compo
	Office *Office

	at place
}

// OnMount begins to show the office. It runs in the browser only.
func (p *Portal) OnMount(ctx goapp.Context) {
	p.Office.enter(func() { ctx.Dispatch(nil) })
}

// OnNav notes where we are.
func (p *Portal) OnNav(ctx goapp.Context) {
	p.at = placeOf(ctx.Page().URL())
	browser.SetTitle(p.at.title() + " · CRM Pop")
	ctx.Update()
}

// OnDismount stops showing the office.
func (p *Portal) OnDismount() { p.Office.leave() }

// Render draws the page. What the server prerenders is the bare shell: an office
// that has not begun knows nobody and nothing.
func (p *Portal) Render() goapp.UI {
	g := p.Office.glance()
	switch g.Phase {
	case signedOut:
		return gate("Sign in to go on.", g.Fault)
	case denied:
		if p.at.Screen == screenComputer { // which is everybody's
			return p.renderWork(g)
		}
		return gate("The portal is for admins and supervisors.", "You are signed in as "+g.Account.called()+", "+g.Account.User.Role+".")
	case working:
		return p.renderWork(g)
	}
	return goapp.Div().Class("portal").Body(
		goapp.Div().Class("starting").Body(
			goapp.Span().Class("brand-mark").Aria("hidden", "true"),
			goapp.P().Text("CRM Pop"),
			goapp.P().Class("starting-fault").Role("alert").Text(g.Fault),
		),
	)
}

func (p *Portal) renderWork(g glance) goapp.UI {
	parts := []goapp.UI{
		&navigation{Office: p.Office, At: p.at, Account: g.Account, Unsaved: g.Unsaved, NewBuild: g.NewBuild},
		goapp.Main().Class("page", "page-"+p.at.Screen).Body(p.renderScreen(g)),
		ui.Toasts(g.Toasts, p.Office.dropToast, nil),
	}
	return goapp.Div().Class("portal").Body(parts...)
}

// renderScreen draws the screen of the place.
func (p *Portal) renderScreen(g glance) goapp.UI {
	if f, ok := screens[p.at.Screen]; ok && g.Account.may(p.at.Screen) {
		return f(p.Office, p.at)
	}
	return goapp.Div().Class("nothing").Body(
		goapp.H1().Text("There is no such page."),
		goapp.P().Body(goapp.A().Class("link").Href(pathRequests).Text("Go to the requests")),
	)
}

// gate stands where somebody may not go in.
func gate(says, more string) goapp.UI {
	return goapp.Div().Class("portal").Body(
		goapp.Main().Class("gate").Body(
			goapp.Span().Class("brand-mark").Aria("hidden", "true"),
			goapp.H1().Text(says),
			goapp.P().Class("dim").Text(more),
			ui.Button{Key: "to-workspace", Label: "Go to the workspace", Class: "big primary",
				Press: func(goapp.Context) { browser.Leave("/") }}.UI(),
		),
	)
}
