package admin

import (
	"strings"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"github.com/crmpop/crmpop/app/browser"
	"github.com/crmpop/crmpop/app/ui"
)

// newOne stands in a path for what is to be made.
const newOne = "new"

// roles are what a user may be.
var roles = [][2]string{
	{"agent", "Agent: takes requests"}, {"supervisor", "Supervisor: sees all requests"},
	{"admin", "Admin: changes everything but owners"}, {"owner", "Owner: changes everything"},
	{"integration", "Integration: a program"},
}

// users lists the users, and edits one.
type users struct {
	goapp.Compo
	Office *Office
	At     place

	asked  string
	people people
	fault  string
	known  bool
}

// OnMount asks for the list.
func (u *users) OnMount(ctx goapp.Context) { u.open(ctx) }

// OnUpdate asks again for another place.
func (u *users) OnUpdate(ctx goapp.Context) { u.open(ctx) }

func (u *users) open(ctx goapp.Context) {
	ask := u.At.ID + "?" + u.At.Query
	if ask == u.asked {
		return
	}
	u.asked = ask
	get(u.Office, ctx, link("/users", "q", u.At.filter("q")), func(_ goapp.Context, all []person, err error) {
		if u.asked != ask {
			return
		}
		u.people.Users, u.known, u.fault = all, true, ""
		if err != nil {
			u.fault = err.Error()
		}
	})
	get(u.Office, ctx, "/groups", func(_ goapp.Context, all []named, err error) {
		if err == nil {
			u.people.Groups = all
		}
	})
}

// Render draws the list or the form.
func (u *users) Render() goapp.UI {
	if u.At.ID != "" {
		return u.renderOne()
	}
	rows := make([]goapp.UI, len(u.people.Users))
	for i, p := range u.people.Users {
		rows[i] = goapp.Tr().Body(
			goapp.Td().Class("cell-main").Body(goapp.A().Class("row-link").Href(below(pathUsers, p.ID)).Body(ui.Icon("person"), goapp.Span().Text(p.called()))),
			goapp.Td().Text(p.Email),
			goapp.Td().Text(orElse(p.GroupName, u.people.groupName(p.Group))),
			goapp.Td().Text(p.Role),
			goapp.Td().Class("cell-long").Title(strings.Join(p.Aliases, ", ")).Text(strings.Join(p.Aliases, ", ")),
		)
	}
	return goapp.Div().Class("list-page").Body(
		goapp.Header().Class("page-head").Body(
			goapp.Div().Class("page-title").Body(goapp.H1().Text("Users")),
			goapp.A().Class("button").Href(below(pathUsers, newOne)).Text("Add a user"),
		),
		goapp.Div().Class("filters").Role("search").Body(searchInput(u.At, pathUsers, "Name, e-mail, alias or group", "/")),
		listOr(u.fault, u.known, "No user matches.", rows, "Name", "E-mail", "Group", "Role", "Aliases"),
	)
}

func (u *users) renderOne() goapp.UI {
	if u.At.ID == newOne {
		return &userForm{Office: u.Office, Groups: u.people.Groups}
	}
	for _, p := range u.people.Users {
		if p.ID == u.At.ID {
			return &userForm{Office: u.Office, User: p, Groups: u.people.Groups}
		}
	}
	return goapp.P().Class("nothing", "dim").Text(ui.Pick(u.known, orElse(u.fault, "There is no such user."), "Loading…"))
}

// listOr returns a table, or the words that stand in its place.
func listOr(fault string, known bool, none string, rows []goapp.UI, heads ...string) goapp.UI {
	switch {
	case fault != "":
		return goapp.P().Class("fault").Role("alert").Text(fault)
	case len(rows) == 0:
		return goapp.P().Class("nothing", "dim").Text(ui.Pick(known, none, "Loading…"))
	}
	return goapp.Table().Class("list").Body(
		goapp.THead().Body(goapp.Tr().Body(headings(heads...)...)), goapp.TBody().Body(rows...))
}

// userForm edits a user, or makes one where User has no id.
type userForm struct {
	goapp.Compo
	Office *Office
	User   person
	Groups []named

	fault string
	busy  bool
}

// CompoID has go-app make the form anew for another user.
func (f *userForm) CompoID() string { return "user/" + f.User.ID }

const (
	userName     = "user-name"
	userEmail    = "user-email"
	userRole     = "user-role"
	userGroup    = "user-group"
	userAliases  = "user-aliases"
	userPassword = "user-password"
)

// Render draws the form.
func (f *userForm) Render() goapp.UI {
	groups := make([][2]string, len(f.Groups))
	for i, g := range f.Groups {
		groups[i] = [2]string{g.ID, g.Name}
	}
	fresh := f.User.ID == ""
	head := []goapp.UI{goapp.Div().Class("page-title").Body(
		goapp.P().Class("crumbs").Body(goapp.A().Class("link").Href(pathUsers).Text("Users")),
		goapp.H1().Text(ui.Pick(fresh, "Add a user", f.User.called())))}
	if !fresh {
		head = append(head, products(levelUser, f.User.ID))
	}
	return goapp.Div().Body(
		goapp.Header().Class("page-head").Body(head...),
		form("User", ui.Pick(fresh, "Add", "Save"), f.fault, f.busy, f.send,
			formField{ID: userName, Label: "Name", Type: "text", Value: f.User.Name}.UI(),
			formField{ID: userEmail, Label: "E-mail", Type: "email", Value: f.User.Email, Hint: "Signs in with it."}.UI(),
			formField{ID: userRole, Label: "Role", Type: "choice", Value: orElse(f.User.Role, "agent"), Of: roles}.UI(),
			formField{ID: userGroup, Label: "Group", Type: "choice", Value: f.User.Group, Of: groups}.UI(),
			formField{ID: userAliases, Label: "Aliases, one a line", Type: "lines", Value: strings.Join(f.User.Aliases, "\n"),
				Hint: "By which event sources name the agent: login, e-mail, extension, PBX peer."}.UI(),
			formField{ID: userPassword, Label: ui.Pick(fresh, "Password", "New password"), Type: "password", Optional: true,
				Hint: ui.Pick(fresh, "Without one the user cannot sign in yet.", "Left empty it stays. A new one signs the user out everywhere.")}.UI(),
		),
	)
}

func (f *userForm) send(ctx goapp.Context) {
	in := map[string]any{"name": typed(userName), "email": typed(userEmail), "role": typed(userRole), "group": typed(userGroup),
		"aliases": linesTyped(userAliases)}
	if p := typed(userPassword); p != "" {
		in["password"] = p
	}
	c := jsonCall("PATCH", below("/users", f.User.ID), in)
	if f.User.ID == "" {
		c = jsonCall("POST", "/users", in)
	}
	f.busy = true
	later(f.Office, ctx, c, func(ctx goapp.Context, p person, err error) {
		f.busy, f.fault = false, ""
		if err != nil {
			f.fault = err.Error()
			return
		}
		browser.SetText(userPassword, "")
		f.Office.toast("Saved "+p.called()+".", false)
		ctx.Navigate(pathUsers)
	})
}
