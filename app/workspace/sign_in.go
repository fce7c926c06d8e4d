package workspace

import (
	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"github.com/crmpop/crmpop/app/browser"
	"github.com/crmpop/crmpop/app/ui"
)

const (
	emailField    = "sign-in-email"
	passwordField = "sign-in-password"
)

// signIn is the page for whoever is not signed in.
type signIn struct {
	goapp.Compo
	Desk    *Desk
	Welcome welcome
	Fault   string
	Busy    bool
}

// OnMount puts the cursor into the form.
func (s *signIn) OnMount(goapp.Context) { browser.Focus(emailField) }

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
				goapp.Label().Class("label").For(emailField).Text("E-mail"),
				goapp.Input().ID(emailField).Name("email").Class("field").Type("email").
					Attr("autocomplete", "username").Required(true),
				goapp.Label().Class("label").For(passwordField).Text("Password"),
				goapp.Input().ID(passwordField).Name("password").Class("field").Type("password").
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
	for i, email := range s.Welcome.Users {
		items[i] = goapp.Li().Body(ui.Button{
			Key: "demo/" + email, Label: email, Icon: "person", Class: "row",
			Press: func(goapp.Context) { s.Desk.signIn(email, s.Welcome.Password) },
		}.UI())
	}
	return goapp.Section().Class("demo-users").Aria("label", "Demo").Body(
		goapp.P().Body(
			goapp.Text("This is a demo. Pick a user; the password of each is "),
			goapp.Code().Text(s.Welcome.Password), goapp.Text("."),
		),
		goapp.Ul().Body(items...),
	)
}
