package admin

import (
	"time"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"github.com/crmpop/crmpop/app/ui"
)

// auditEntry says who changed what.
type auditEntry struct {
	At     time.Time `json:"at"`
	Actor  string    `json:"actor"`
	Action string    `json:"action"`
	Object string    `json:"object"`
	Before string    `json:"before"`
	After  string    `json:"after"`
}

// auditPage is a page of the audit.
type auditPage struct {
	Entries []auditEntry `json:"entries"`
	Next    string       `json:"next"`
}

// audit lists who changed what, the newest first.
type audit struct {
	goapp.Compo
	Office *Office
	At     place

	asked string
	page  auditPage
	known bool
	fault string
}

// OnMount asks for the list.
func (a *audit) OnMount(ctx goapp.Context) { a.open(ctx) }

// OnUpdate asks again when the filter has changed.
func (a *audit) OnUpdate(ctx goapp.Context) { a.open(ctx) }

func (a *audit) open(ctx goapp.Context) {
	if ask := "?" + a.At.Query; ask != a.asked {
		a.asked = ask
		a.load(ctx, "")
	}
}

func (a *audit) load(ctx goapp.Context, cursor string) {
	ask := a.asked
	get(a.Office, ctx, link("/audit", "q", a.At.filter("q"), "cursor", cursor), func(_ goapp.Context, p auditPage, err error) {
		switch {
		case a.asked != ask:
		case err != nil:
			a.fault = err.Error()
		case cursor == "":
			a.page, a.fault = p, ""
		default:
			a.page.Entries, a.page.Next = append(a.page.Entries, p.Entries...), p.Next
		}
		a.known = true
	})
}

// Render draws the list.
func (a *audit) Render() goapp.UI {
	rows := make([]goapp.UI, len(a.page.Entries))
	for i, e := range a.page.Entries {
		rows[i] = goapp.Tr().Body(
			goapp.Td().Body(goapp.Time().DateTime(e.At.UTC().Format(time.RFC3339)).Text(stamp(e.At))),
			goapp.Td().Text(e.Actor), goapp.Td().Class("cell-main").Text(e.Action), goapp.Td().Class("cell-long").Title(e.Object).Text(e.Object),
			goapp.Td().Class("cell-long").Title(e.Before).Text(e.Before), goapp.Td().Class("cell-long").Title(e.After).Text(e.After),
		)
	}
	parts := []goapp.UI{
		goapp.Header().Class("page-head").Body(goapp.Div().Class("page-title").Body(goapp.H1().Text("Audit"))),
		goapp.Div().Class("filters").Role("search").Body(searchInput(a.At, pathAudit, "Who, what or words of it", "/")),
		listOr(a.fault, a.known, "Nothing was changed yet.", rows, "When", "Who", "What", "Of", "Before", "After"),
	}
	if a.page.Next != "" {
		parts = append(parts, goapp.Div().Class("list-more").Body(ui.Button{Key: "more-audit", Label: "Show more",
			Press: func(ctx goapp.Context) { a.load(ctx, a.page.Next) }}.UI()))
	}
	return goapp.Div().Class("list-page").Body(parts...)
}
