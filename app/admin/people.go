package admin

import (
	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"github.com/crmpop/crmpop/app/ui"
)

// person is a user.
type person struct {
	ID        string   `json:"id"`
	Email     string   `json:"email"`
	Name      string   `json:"name"`
	Role      string   `json:"role"`
	Group     string   `json:"group"`
	GroupName string   `json:"group_name"`
	Aliases   []string `json:"aliases"`
}

// called returns the name, the e-mail address where there is none.
func (p person) called() string { return orElse(p.Name, p.Email) }

// people are the users and groups of the company.
type people struct {
	Users  []person
	Groups []named
}

// loadPeople asks for both lists and hands on what has come so far.
func loadPeople(o *Office, ctx goapp.Context, have func(people)) {
	var all people
	get(o, ctx, "/users", func(_ goapp.Context, users []person, err error) {
		if err == nil {
			all.Users = users
			have(all)
		}
	})
	get(o, ctx, "/groups", func(_ goapp.Context, groups []named, err error) {
		if err == nil {
			all.Groups = groups
			have(all)
		}
	})
}

// reach returns how many users the document of a level counts for at most: a
// level below it may have one of its own.
func (p people) reach(level, id string) int {
	switch level {
	case levelTenant:
		return len(p.Users)
	case levelUser:
		return 1
	}
	n := 0
	for _, u := range p.Users {
		if u.Group == id {
			n++
		}
	}
	return n
}

func (p people) groupName(id string) string {
	for _, g := range p.Groups {
		if g.ID == id {
			return g.Name
		}
	}
	return id
}

func (p people) userName(id string) string {
	for _, u := range p.Users {
		if u.ID == id {
			return u.called()
		}
	}
	return id
}

// levelPicker goes to the document of another level.
type levelPicker struct {
	goapp.Compo
	Level, ID string
	People    people
}

// Render draws the choice.
func (l *levelPicker) Render() goapp.UI {
	groups := make([]goapp.UI, len(l.People.Groups))
	for i, g := range l.People.Groups {
		groups[i] = l.renderOption(levelGroup, g.ID, g.Name)
	}
	users := make([]goapp.UI, len(l.People.Users))
	for i, u := range l.People.Users {
		users[i] = l.renderOption(levelUser, u.ID, u.called())
	}
	company := goapp.Option().Value(pathPopup).Text("Company").Selected(l.Level == levelTenant)
	return goapp.Select().Class("field", "level-picker").Aria("label", "Whose document").
		OnChange(ui.Do("level", func(ctx goapp.Context, _ goapp.Event) { ctx.Navigate(ctx.JSSrc().Get("value").String()) })).
		Body(company,
			goapp.OptGroup().Label("Groups").Body(groups...),
			goapp.OptGroup().Label("Users").Body(users...),
		)
}

func (l *levelPicker) renderOption(level, id, name string) goapp.UI {
	return goapp.Option().Value(documentPath(level, id)).Text(name).Selected(l.Level == level && l.ID == id)
}
