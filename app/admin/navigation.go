package admin

import (
	"fmt"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"github.com/crmpop/crmpop/app/browser"
	"github.com/crmpop/crmpop/app/ui"
)

// navigation is the column at the left: where one can go, and who is here.
type navigation struct {
	goapp.Compo
	Office   *Office
	At       place
	Account  account
	Unsaved  int
	NewBuild bool
}

// navEntry is a line of the navigation.
type navEntry struct {
	screen, path, icon string
}

// navGroups are the lines under their headings. Only what works is here.
var navGroups = []struct {
	name    string
	entries []navEntry
}{
	{"", []navEntry{{screenRequests, pathRequests, "list"}}},
	{"Company", []navEntry{{screenUsers, pathUsers, "person"}, {screenGroups, pathGroups, "group"}, {screenCompany, pathCompany, "company"}, {screenCompanions, pathCompanions, "computer"}}},
	{"Products", []navEntry{{screenPopup, pathPopup, "popup"}, {screenTest, pathTest, "flask"}}},
	{"Web requests", []navEntry{{screenOutbox, pathOutbox, "outbox"}, {screenSecrets, pathSecrets, "key"}}},
	{"Events", []navEntry{{screenUnmapped, pathUnmapped, "unmapped"}, {screenSources, pathSources, "source"}}},
	{"", []navEntry{{screenAudit, pathAudit, "audit"}, {screenComputer, pathComputer, "pair"}}},
}

// Render draws the column.
func (n *navigation) Render() goapp.UI {
	return goapp.Header().Class("side").Body(
		goapp.Div().Class("brand").Body(
			goapp.Span().Class("brand-mark").Aria("hidden", "true"),
			goapp.Span().Class("brand-name").Text("CRM Pop"),
			n.renderDemo(),
		),
		goapp.P().Class("side-tenant").Text(n.Account.Tenant.Name),
		goapp.Nav().Class("nav").Aria("label", "Portal").Body(n.renderEntries()...),
		n.renderNewBuild(),
		goapp.Div().Class("side-user").Body(
			goapp.Span().Class("side-name").Text(n.Account.called()),
			goapp.Span().Class("dim small").Text(n.Account.User.Role),
			goapp.A().Class("link small").Href("/").Target("_blank").Rel("noopener").Text("Open my workspace"),
			ui.Button{Key: "sign-out", Label: "Sign out", Class: "quiet small", Press: n.leave}.UI(),
		),
	)
}

func (n *navigation) renderDemo() goapp.UI {
	if !n.Account.Demo {
		return nil
	}
	return goapp.Span().Class("pill").Text("demo")
}

func (n *navigation) renderEntries() []goapp.UI {
	var parts []goapp.UI
	for _, group := range navGroups {
		var lines []goapp.UI
		for _, e := range group.entries {
			if n.Account.may(e.screen) {
				lines = append(lines, n.renderEntry(e))
			}
		}
		if len(lines) == 0 {
			continue
		}
		if group.name != "" {
			parts = append(parts, goapp.H2().Class("nav-group").Text(group.name))
		}
		parts = append(parts, goapp.Ul().Body(lines...))
	}
	return append(parts, goapp.Ul().Body(renderElsewhere("/docs/", "manual", "Manual"), renderElsewhere("/check", "check", "Check this browser")))
}

// renderElsewhere draws a line that leads into a tab of its own.
func renderElsewhere(to, icon, name string) goapp.UI {
	return goapp.Li().Body(goapp.A().Class("nav-entry").Href(to).Target("_blank").Rel("noopener").Body(ui.Icon(icon), goapp.Span().Text(name)))
}

// leave signs out, here and in the workspace.
func (n *navigation) leave(ctx goapp.Context) {
	later(n.Office, ctx, browser.Call{Method: "DELETE", Path: "/session"}, func(_ goapp.Context, _ struct{}, err error) {
		if err != nil {
			n.Office.toast(err.Error(), true)
			return
		}
		n.Office.signOut()
	})
}

func (n *navigation) renderEntry(e navEntry) goapp.UI {
	here := n.At.Screen == e.screen
	a := goapp.A().Class("nav-entry", ui.Pick(here, "nav-here", "")).Href(n.path(e))
	if here {
		a = a.Aria("current", "page")
	}
	parts := []goapp.UI{ui.Icon(e.icon), goapp.Span().Text(ui.Pick(e.screen == screenPopup, "Screen popup", screenNames[e.screen]))}
	if e.screen == screenPopup && n.Unsaved > 0 {
		parts = append(parts, goapp.Span().Class("badge").Title("Documents that are not published").Text(fmt.Sprint(n.Unsaved)))
	}
	return goapp.Li().Body(a.Body(parts...))
}

// path returns where an entry leads; the document of the company is the first.
func (n *navigation) path(e navEntry) string {
	if e.screen == screenPopup {
		return below(pathPopup, levelTenant, n.Account.Tenant.ID)
	}
	return e.path
}

func (n *navigation) renderNewBuild() goapp.UI {
	if !n.NewBuild {
		return nil
	}
	return ui.Button{Key: "new-build", Label: "New version", Icon: "reload", Class: "quiet",
		Hint: "A new version of the portal is there. Reload when nothing is unpublished.", Press: func(ctx goapp.Context) { ctx.Reload() }}.UI()
}
