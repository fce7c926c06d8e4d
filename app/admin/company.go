package admin

import (
	"strings"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"
)

// companyFacts are what is set for the whole company.
type companyFacts struct {
	ID     string   `json:"id"`
	Name   string   `json:"name"`
	Region string   `json:"region"`
	Hosts  []string `json:"hosts"`
}

// company edits what is set for the whole company.
type company struct {
	goapp.Compo
	Office *Office

	facts companyFacts
	known bool
	fault string
	busy  bool
}

// OnMount asks for what is set.
func (c *company) OnMount(ctx goapp.Context) {
	get(c.Office, ctx, "/company", func(_ goapp.Context, f companyFacts, err error) {
		c.facts, c.known = f, err == nil
		if err != nil {
			c.fault = err.Error()
		}
	})
}

const (
	companyName   = "company-name"
	companyRegion = "company-region"
	companyHosts  = "company-hosts"
)

// Render draws the form.
func (c *company) Render() goapp.UI {
	if !c.known {
		return goapp.P().Class("nothing", "dim").Text(orElse(c.fault, "Loading…"))
	}
	return goapp.Div().Body(
		goapp.Header().Class("page-head").Body(
			goapp.Div().Class("page-title").Body(goapp.H1().Text("Company")),
			products(levelTenant, c.facts.ID),
		),
		form("Company", "Save", c.fault, c.busy, c.send,
			formField{ID: companyName, Label: "Name", Type: "text", Value: c.facts.Name}.UI(),
			formField{ID: companyRegion, Label: "Country", Type: "text", Value: c.facts.Region,
				Hint: "Two letters, like NO or US: how numbers without a country code are read."}.UI(),
			formField{ID: companyHosts, Label: "Hosts that {url} may lead to, one a line", Type: "lines", Value: strings.Join(c.facts.Hosts, "\n"),
				Hint: "A popup whose whole address is {url} opens only pages of these hosts, such as mail.example.com."}.UI(),
		),
		&bundle{Office: c.Office},
	)
}

func (c *company) send(ctx goapp.Context) {
	in := map[string]any{"name": typed(companyName), "region": typed(companyRegion), "hosts": linesTyped(companyHosts)}
	c.busy = true
	later(c.Office, ctx, jsonCall("PATCH", "/company", in), func(_ goapp.Context, f companyFacts, err error) {
		c.busy, c.fault = false, ""
		if err != nil {
			c.fault = err.Error()
			return
		}
		c.Office.toast("Saved "+f.Name+".", false)
		c.Office.change(func() { c.Office.account.Tenant.Name = f.Name })
	})
}
