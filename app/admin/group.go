package admin

import (
	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"github.com/crmpop/crmpop/app/browser"
	"github.com/crmpop/crmpop/app/ui"
)

// groups lists the user groups, adds and renames them.
type groups struct {
	goapp.Compo
	Office *Office

	own    goapp.Context // outlasts the rows
	people people
	known  bool
	fault  string
	edited string // the group whose name is being changed
}

// OnMount asks for the list.
func (g *groups) OnMount(ctx goapp.Context) {
	g.own = ctx
	g.load(ctx)
}

func (g *groups) load(ctx goapp.Context) {
	loadPeople(g.Office, ctx, func(p people) { g.people, g.known = p, true })
}

const (
	groupName   = "group-name"
	groupRename = "group-rename"
)

// Render draws the list and the form for a new one.
func (g *groups) Render() goapp.UI {
	rows := make([]goapp.UI, len(g.people.Groups))
	for i, one := range g.people.Groups {
		rows[i] = g.renderRow(one)
	}
	return goapp.Div().Class("list-page").Body(
		goapp.Header().Class("page-head").Body(goapp.Div().Class("page-title").Body(goapp.H1().Text("Groups"))),
		listOr("", g.known, "There is no group.", rows, "Name", "Users", ""),
		goapp.Section().Class("part").Body(
			goapp.H2().Text("Add a group"),
			form("Group", "Add", g.fault, false, g.add, formField{ID: groupName, Label: "Name", Type: "text"}.UI()),
		),
	)
}

func (g *groups) renderRow(one named) goapp.UI {
	name := goapp.UI(goapp.A().Class("link").Href(link(pathUsers, "q", one.Name)).Text(one.Name))
	acts := []goapp.UI{
		products(levelGroup, one.ID),
		ui.Button{Key: "rename/" + one.ID, Label: "Rename", Class: "quiet", Press: func(ctx goapp.Context) {
			g.edited = one.ID
			ctx.Defer(func(goapp.Context) { browser.Focus(groupRename) })
		}}.UI(),
	}
	if g.edited == one.ID {
		name = goapp.Input().ID(groupRename).Class("field").Type("text").Value(one.Name).Aria("label", "New name").
			OnKeyDown(ui.Do("rename-key/"+one.ID, func(ctx goapp.Context, e goapp.Event) {
				switch e.Get("key").String() {
				case "Enter":
					g.rename(one.ID)
				case "Escape":
					g.edited = ""
				}
			}))
		acts = []goapp.UI{
			ui.Button{Key: "rename-save/" + one.ID, Label: "Save", Class: "primary", Press: func(goapp.Context) { g.rename(one.ID) }}.UI(),
			ui.Button{Key: "rename-not/" + one.ID, Label: "Cancel", Class: "quiet", Press: func(goapp.Context) { g.edited = "" }}.UI(),
		}
	}
	return goapp.Tr().Body(
		goapp.Td().Class("cell-main").Body(goapp.Div().Class("inline").Body(name)),
		goapp.Td().Text(plural(g.people.reach(levelGroup, one.ID), "user", "users")),
		goapp.Td().Class("cell-acts").Body(acts...),
	)
}

func (g *groups) add(ctx goapp.Context) {
	later(g.Office, ctx, jsonCall("POST", "/groups", map[string]string{"name": typed(groupName)}), func(ctx goapp.Context, v named, err error) {
		g.fault = ""
		if err != nil {
			g.fault = err.Error()
			return
		}
		browser.SetText(groupName, "")
		g.Office.toast("Added the group "+v.Name+".", false)
		g.load(ctx)
	})
}

func (g *groups) rename(id string) {
	later(g.Office, g.own, jsonCall("PATCH", below("/groups", id), map[string]string{"name": typed(groupRename)}), func(ctx goapp.Context, _ named, err error) {
		if err != nil {
			g.Office.toast(err.Error(), true)
			return
		}
		g.edited = ""
		g.load(ctx)
	})
}
