package workspace

import (
	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"github.com/crmpop/crmpop/app/ui"
)

// signIn is the page for whoever is not signed in.
type signIn struct {
	goapp.Compo
	Desk    *Desk
	Welcome welcome
	Fault   string
	Busy    bool
}

// Render draws the form. Its fields belong to the browser: a password manager may
// fill them, and they are read when the form is sent.
func (s *signIn) Render() goapp.UI {
	return goapp.Main().Class("sign-in").Body(
		goapp.Form().Class("sign-in-form").Method("post").Aria("label", "Sign in").
			OnSubmit(ui.Do("sign-in", s.submit)).
			Body(
				goapp.Div().Class("brand").Body(
					goapp.Span().Class("brand-mark").Aria("hidden", "true"),
					goapp.H1().Class("brand-name").Text("CRM Pop"),
				),
				goapp.Label().Class("label").For("sign-in-email").Text("E-mail"),
				goapp.Input().ID("sign-in-email").Name("email").Class("field").Type("email").
					Attr("autocomplete", "username").AutoFocus(true).Required(true),
				goapp.Label().Class("label").For("sign-in-password").Text("Password"),
				goapp.Input().ID("sign-in-password").Name("password").Class("field").Type("password").
					Attr("autocomplete", "current-password").Required(true),
				goapp.P().Class("fault").Role("alert").Text(s.Fault),
				goapp.Button().Type("submit").Class("button", "big", "primary").Disabled(s.Busy).
					Text(ui.Pick(s.Busy, "Signing in…", "Sign in")),
			),
		s.renderDemo(),
	)
}

func (s *signIn) submit(ctx goapp.Context, e goapp.Event) {
	e.PreventDefault()
	fields := ctx.JSSrc().Get("elements")
	value := func(name string) string { return fields.Get(name).Get("value").String() }
	s.Desk.signIn(value("email"), value("password"))
}

// renderDemo lists the users of a demo; one click signs in.
func (s *signIn) renderDemo() goapp.UI {
	if !s.Welcome.Demo || len(s.Welcome.Users) == 0 {
		return nil
	}
	items := make([]goapp.UI, len(s.Welcome.Users))
	for i, u := range s.Welcome.Users {
		items[i] = goapp.Li().Body(
			goapp.Button().Type("button").Class("button", "row").
				OnClick(ui.Do("demo/"+u.Email, func(goapp.Context, goapp.Event) { s.Desk.signIn(u.Email, s.Welcome.Password) })).
				Body(ui.Icon("person"), goapp.Span().Class("button-label").Text(u.Email),
					goapp.Span().Class("demo-name").Text(u.Name)),
		)
	}
	return goapp.Section().Class("demo-users").Aria("label", "Demo").Body(
		goapp.P().Body(
			goapp.Text("This is a demo. Pick a user; the password of each is "),
			goapp.Code().Text(s.Welcome.Password), goapp.Text("."),
		),
		goapp.Ul().Body(items...),
	)
}
