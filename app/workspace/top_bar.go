package workspace

import (
	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"github.com/crmpop/crmpop/app/browser"
	"github.com/crmpop/crmpop/app/session"
	"github.com/crmpop/crmpop/app/ui"
)

// topBar names the tenant and the agent and says how the connection stands.
type topBar struct {
	goapp.Compo
	Desk   *Desk
	Status status
}

// Render draws the bar. Its right half keeps its width whatever the connection
// says, so that nothing jumps.
func (t *topBar) Render() goapp.UI {
	return goapp.Header().Class("top").Body(
		goapp.Div().Class("brand").Body(
			goapp.Span().Class("brand-mark").Aria("hidden", "true"),
			goapp.Span().Class("brand-name").Text("CRM Pop"),
			goapp.Span().Class("brand-tenant").Text(t.Status.Account.Tenant.Name),
			t.renderDemo(),
		),
		goapp.Div().Class("notices").Body(t.renderNotices()...),
		t.renderConnection(),
		t.renderLead(),
		ui.Button{
			Key: "user", ID: userButton, Label: t.Status.Account.called(), Icon: "down", Class: "quiet user",
			Hint:  "Your account",
			Press: func(goapp.Context) { t.Desk.toggle(overlayUser) },
		}.UI(),
	)
}

func (t *topBar) renderDemo() goapp.UI {
	if !t.Status.Account.Demo {
		return nil
	}
	return goapp.Span().Class("pill").Text("demo")
}

// renderNotices tells what needs the agent but can wait.
func (t *topBar) renderNotices() []goapp.UI {
	var all []goapp.UI
	s := t.Status
	if s.Foreign {
		all = append(all, goapp.Span().Class("notice").Title(errIntercepted.Msg).Text("Your network asks for a sign-in: open any other page."))
	}
	if s.Reason != "" {
		all = append(all, goapp.Span().Class("notice").Text(s.Reason))
		if s.SignIn {
			all = append(all, ui.Button{Key: "sign-in-again", Label: "Sign in again", Class: "primary",
				Press: func(goapp.Context) { t.Desk.toSignIn() }}.UI())
		} else {
			all = append(all, ui.Button{Key: "connect-again", Label: "Connect here", Class: "primary",
				Press: func(goapp.Context) { t.Desk.reconnect() }}.UI())
		}
	}
	if s.NewBuild {
		all = append(all, ui.Button{Key: "new-build", Label: "New version", Icon: "reload", Class: "quiet",
			Hint:  "A new version is there. Reload when no call is open: framed pages begin anew.",
			Press: func(ctx goapp.Context) { ctx.Reload() }}.UI())
	}
	return all
}

// renderConnection says Connected, Reconnecting or Offline, and for how long it
// has not been connected.
func (t *topBar) renderConnection() goapp.UI {
	s := t.Status
	word := map[string]string{linkConnected: "Connected", linkReconnecting: "Reconnecting", linkOffline: "Offline"}[s.Link]
	parts := []goapp.UI{
		goapp.Span().Class("dot", "dot-"+s.Link).Aria("hidden", "true"),
		goapp.Div().Role("status").Aria("label", "Connection").Class("connection-word").Text(word),
	}
	switch {
	case s.Link != linkConnected:
		parts = append(parts, &ui.Clock{Beat: t.Desk.beat, Since: s.Since})
	case s.By == session.EventStream, s.By == session.LongPoll:
		parts = append(parts, goapp.Span().Class("connection-by").Title(byHTTP).Text("by HTTP"))
	}
	return goapp.Div().Class("connection").Body(parts...)
}

// byHTTP says what the agent may notice of it.
const byHTTP = "By HTTP: the network blocks websockets; pops may come up to a second later"

// renderLead says whether pops open in this tab.
func (t *topBar) renderLead() goapp.UI {
	if t.Status.Leads {
		return goapp.Div().Class("lead", ui.Pick(t.Status.Link == linkConnected, "", "lead-off")).Title("Pops open in this tab").Body(
			ui.Icon("check"), goapp.Span().Text("Ready"))
	}
	return goapp.Div().Class("lead", "lead-other").Body(
		goapp.Span().Text("Pops open in your other tab"),
		ui.Button{Key: "use-here", Label: "Use here", Hint: "Let pops open in this tab instead",
			Press: func(goapp.Context) { t.Desk.useHere("") }}.UI(),
	)
}

// userMenu is what opens under the agent's name.
type userMenu struct {
	goapp.Compo
	Desk    *Desk
	Account account
	Notices string // how notices stand, in a word
}

// OnMount puts the keyboard into the menu.
func (u *userMenu) OnMount(goapp.Context) { browser.Focus(userFirst) }

// Render draws the menu.
func (u *userMenu) Render() goapp.UI {
	a := u.Account
	return ui.Overlay("user", "Your account", "menu", u.Desk.closeOverlay,
		goapp.P().Class("menu-name").Text(a.called()),
		goapp.P().Class("menu-dim").Text(joined(" · ", a.User.Email, a.User.Role, a.Tenant.Name)),
		ui.Button{Key: "keys", Label: "Keys", Icon: "keyboard", Class: "row", Mark: "?", ID: userFirst,
			Press: func(goapp.Context) { u.Desk.show(overlayKeys) }}.UI(),
		ui.Button{Key: "notices/" + u.Notices, Label: "System notifications: " + u.Notices, Icon: "popup", Class: "row",
			Hint:  "When a request rings or a page waits while you work in another window",
			Press: func(goapp.Context) { u.Desk.switchNotices() }}.UI(),
		goapp.A().Class("button", "row").Href("/computer").Target("_blank").Rel("noopener").Body(
			ui.Icon("computer"), goapp.Span().Text("This computer")),
		goapp.A().Class("button", "row").Href("/check").Target("_blank").Rel("noopener").Body(
			ui.Icon("check"), goapp.Span().Text("Check this browser")),
		ui.Button{Key: "sign-out", Label: "Sign out", Icon: "out", Class: "row",
			Press: func(goapp.Context) { u.Desk.signOut() }}.UI(),
	)
}
