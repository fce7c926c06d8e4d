package check

import (
	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"github.com/crmpop/crmpop/app/ui"
)

const manual = "/docs/check-this-browser"

// Render draws the page. What the server prerenders is the bare shell: a page that
// has not begun knows nobody and nothing.
func (p *Page) Render() goapp.UI {
	switch p.phase {
	case signedOut:
		return p.renderGate("Sign in to check this browser.", "What has to work here depends on the pages that pop for you.")
	case failed:
		return p.renderGate("This browser cannot be checked now.", "The reason: "+p.fault+".")
	case testing:
		return goapp.Div().Class("checker").Body(goapp.Main().Class("checker-page").Body(p.renderHead(), p.renderGroups(), p.renderPolicies()))
	}
	return goapp.Div().Class("checker").Body(
		goapp.Div().Class("starting").Body(goapp.Span().Class("brand-mark").Aria("hidden", "true"), goapp.P().Text("CRM Pop")))
}

// renderGate stands where nothing can be tested.
func (p *Page) renderGate(says, more string) goapp.UI {
	return goapp.Div().Class("checker").Body(
		goapp.Main().Class("gate").Body(
			goapp.Span().Class("brand-mark").Aria("hidden", "true"),
			goapp.H1().Text(says),
			goapp.P().Class("dim").Text(more),
			goapp.Div().Class("checker-acts").Body(
				outward("/", ui.Pick(p.phase == signedOut, "Sign in", "Open the workspace"), "button big primary"),
				ui.Button{Key: "check-again", Label: "Try again", Class: "big", Press: p.again}.UI(),
				outward(manual, "Manual", "button big quiet"),
			),
		),
	)
}

// outward leads out of the portal's program, into a tab of its own.
func outward(to, words, class string) goapp.UI {
	return goapp.A().Class(class).Href(to).Target("_blank").Rel("noopener").Text(words)
}

func (p *Page) renderHead() goapp.UI {
	by, _ := count(p.groups)
	return goapp.Header().Class("checker-head").Body(
		goapp.Div().Class("checker-title").Body(
			goapp.Span().Class("brand-mark").Aria("hidden", "true"),
			goapp.Div().Body(
				goapp.H1().Text("Check this browser"),
				goapp.P().Class("dim").Text("What pops need at "+p.facts.Origin+", and whether it is there in this browser."),
			),
			goapp.Nav().Class("checker-links").Aria("label", "CRM Pop").Body(
				outward("/", "Workspace", "link"), outward(manual, "Manual", "link")),
		),
		goapp.Div().Class("checker-bar").Body(
			goapp.P().Class("checker-result").Role("status").Aria("label", "Result").Text(p.summary()),
			goapp.P().Class("dim").Role("status").Aria("label", "Copied").Text(p.copied),
			ui.Button{Key: "check-clicked", Label: "Run the tests that need a click", Icon: "popup", Class: ui.Pick(by[click] > 0, "primary", ""), Off: find(p.groups, idPopups).State == running,
				Hint: "Copies a few words, asks for notifications, and opens a tab for a moment", Press: p.clicked}.UI(),
			ui.Button{Key: "check-again", Label: "Run again", Icon: "reload", Off: by[running] > 0, Press: p.again}.UI(),
			ui.Button{Key: "check-report", Label: "Copy report", Icon: "copy", Off: by[running] > 0,
				Hint: "As plain text, for support. It names no person", Press: func(goapp.Context) { p.copy("the report", p.report()) }}.UI(),
		),
	)
}

func (p *Page) renderGroups() goapp.UI {
	sections := make([]goapp.UI, len(p.groups))
	for i, g := range p.groups {
		items := make([]goapp.UI, len(g.lines))
		for j, l := range g.lines {
			items[j] = p.renderLine(l)
		}
		sections[i] = goapp.Section().Class("checker-group").Aria("label", g.name).Body(
			goapp.H2().Text(g.name), goapp.Ul().Class("checker-lines").Body(items...))
	}
	return goapp.Div().Body(sections...)
}

// renderLine draws a line. Its name for screen readers is what is tested and how
// that stands.
func (p *Page) renderLine(l line) goapp.UI {
	id := "check-" + l.ID
	words := []goapp.UI{
		goapp.Div().Class("checker-name").Body(
			goapp.Span().ID(id+"-name").Text(l.Name),
			goapp.A().Class("link", "small").Href(manual+"#"+l.Anchor).Target("_blank").Rel("noopener").Aria("label", "Manual: "+l.Name).Text("Manual"),
		),
		goapp.P().Text(l.Says),
	}
	if l.Cure != "" {
		words = append(words, goapp.P().Class("checker-cure").Text(l.Cure))
	}
	if l.Policy != "" {
		words = append(words, p.renderPolicy("For all at once, by policy of Chrome and Edge:", l.Policy, PolicyJSON(p.policies(), l.Policy)))
	}
	return goapp.Li().Class("checker-line", "checker-"+string(l.State)).ID(id).Aria("labelledby", id+"-name "+id+"-state").Body(
		goapp.Div().Class("checker-state").Body(ui.Icon(stateIcons[l.State]), goapp.Span().ID(id+"-state").Text(stateWords[l.State])),
		goapp.Div().Class("checker-words").Body(words...),
	)
}

// policies are those of this workspace.
func (p *Page) policies() map[string][]string { return Policies(p.facts.Origin, p.facts.Hosts) }

func (p *Page) renderPolicy(says, name, text string) goapp.UI {
	return goapp.Div().Class("checker-policy").Body(
		goapp.Div().Class("checker-policy-head").Body(
			goapp.Span().Class("dim", "small").Text(says),
			ui.Button{Key: "check-policy/" + name + "/" + text, Label: "Copy", Icon: "copy", Class: "quiet",
				Hint: "Copy " + name, Press: func(goapp.Context) { p.copy(name, text) }}.UI(),
		),
		goapp.Pre().TabIndex(0).Role("group").Aria("label", name).Text(text),
	)
}

// renderPolicies draws all policies at once, for those who run many browsers.
func (p *Page) renderPolicies() goapp.UI {
	return goapp.Section().Class("checker-group").Aria("label", "For all browsers of the company").Body(
		goapp.H2().Text("For all browsers of the company"),
		goapp.P().Text("Whoever manages the company's browsers can allow all of this once. Chrome and Edge read the same policies, each in its own place."),
		goapp.P().Body(goapp.A().Class("link").Href(manual+"#policies-for-chrome-and-edge").Target("_blank").Rel("noopener").Text("Where they go")),
		p.renderPolicy("All policies, for Chrome and Edge:", "all policies", PolicyJSON(p.policies())),
	)
}
