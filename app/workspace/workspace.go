// Package workspace is the agent's screen: requests as tabs, the pages that pop
// in them, and what became of each pop. The board holds what is shown and decides
// what opens; the desk joins it to the connection and the browser; components
// draw it, one a file.
package workspace

import (
	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"github.com/crmpop/crmpop/app/ui"
)

// Workspace is the route of the agent's screen. Desk is shared by all its
// instances, so that requests and pages outlast a change of route.
type Workspace struct {
	goapp.Compo
	Desk *Desk
}

// OnMount begins to show the desk. It runs in the browser only.
func (w *Workspace) OnMount(ctx goapp.Context) {
	w.Desk.enter(func() { ctx.Dispatch(func(ctx goapp.Context) { ctx.Defer(func(goapp.Context) { w.Desk.tidy() }) }) })
}

// OnDismount stops showing the desk.
func (w *Workspace) OnDismount() { w.Desk.leave() }

// Render draws the desk as it stands. What the server prerenders is the bare
// shell: a desk that has not begun knows nobody and nothing.
func (w *Workspace) Render() goapp.UI {
	g := w.Desk.glance()
	switch g.Phase {
	case signedOut:
		return goapp.Div().Class("workspace").Body(
			&signIn{Desk: w.Desk, Welcome: g.Welcome, Fault: g.Fault, Busy: g.Busy},
		)
	case working:
		focusIn, inScope := ui.Do("focusin", w.Desk.focus)
		focusOut, outScope := ui.Do("focusout", w.Desk.focus)
		return goapp.Div().Class("workspace").
			On("focusin", focusIn, inScope).On("focusout", focusOut, outScope).
			Body(w.renderDesk(g)...)
	}
	return goapp.Div().Class("workspace").Body(
		goapp.Div().Class("starting").Body(
			goapp.Span().Class("brand-mark").Aria("hidden", "true"),
			goapp.P().Text("CRM Pop"),
			goapp.P().Class("starting-fault").Role("alert").Text(g.Fault),
		),
	)
}

func (w *Workspace) renderDesk(g glance) []goapp.UI {
	parts := []goapp.UI{
		&topBar{Desk: w.Desk, Status: g.Status},
		goapp.Div().Class("link-line", "link-"+g.Status.Link),
		&requestTabs{Desk: w.Desk, Tabs: g.Tabs},
		w.renderPanel(g),
		w.renderCorner(g),
	}
	switch g.Overlay {
	case overlayRequests:
		parts = append(parts, &requestList{Desk: w.Desk, Tabs: g.Tabs, Search: g.Search})
	case overlayUser:
		parts = append(parts, &userMenu{Desk: w.Desk, Account: g.Status.Account, Notices: w.Desk.noticeWord()})
	case overlayKeys:
		parts = append(parts, &keysSheet{Desk: w.Desk})
	}
	return parts
}

// renderPanel draws what belongs to the request that is seen.
func (w *Workspace) renderPanel(g glance) goapp.UI {
	if len(g.Tabs) == 0 {
		return goapp.Main().Class("panel").Body(&empty{Desk: w.Desk, Empty: g.Empty})
	}
	return goapp.Main().Class("panel").Body(
		goapp.Section().Class("panel-request").
			ID(requestPanel).Role("tabpanel").Aria("labelledby", g.shownTab()).
			Body(
				&viewTabs{Desk: w.Desk, Views: g.Views, Page: g.Page, Waiting: g.Waiting},
				w.renderView(g),
			),
	)
}

func (w *Workspace) renderView(g glance) goapp.UI {
	content := goapp.UI(&requestView{Desk: w.Desk, Request: g.Request, Now: g.Now})
	if g.Page.ID != "" {
		content = &pageCard{Desk: w.Desk, Card: g.Page.Card, Now: g.Now}
	}
	return goapp.Div().Class("view").ID(viewPanel).Role("tabpanel").Aria("labelledby", g.shownView()).Body(content)
}
