package admin

import (
	"fmt"
	"slices"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/ui"
)

// requestPage answers why a request popped or did not.
type requestPage struct {
	goapp.Compo
	Office *Office
	ID     string

	opened string
	people people
	trace  trace
	known  bool
	fault  string
	all    map[int]bool // the events whose popups without a match are shown
}

// OnMount asks for the trace.
func (r *requestPage) OnMount(ctx goapp.Context) { r.open(ctx) }

// OnUpdate asks for another one's.
func (r *requestPage) OnUpdate(ctx goapp.Context) { r.open(ctx) }

func (r *requestPage) open(ctx goapp.Context) {
	if r.opened == r.ID {
		return
	}
	r.opened, r.known, r.all = r.ID, false, map[int]bool{}
	loadPeople(r.Office, ctx, func(p people) { r.people = p })
	r.load(ctx)
}

func (r *requestPage) path() string { return below("/requests", r.ID) + "/trace" }

func (r *requestPage) load(ctx goapp.Context) {
	id := r.ID
	get(r.Office, ctx, r.path(), func(_ goapp.Context, t trace, err error) {
		if r.ID != id {
			return
		}
		r.trace, r.known, r.fault = t, true, ""
		if err != nil {
			r.fault = err.Error()
		}
	})
}

// Render draws the page: the request, then its events with what each made.
func (r *requestPage) Render() goapp.UI {
	back := goapp.P().Class("crumbs").Body(goapp.A().Class("link").Href(pathRequests).Text("Requests"))
	switch {
	case r.fault != "":
		return goapp.Div().Class("nothing").Body(back, goapp.H1().Text("This request cannot be shown."), goapp.P().Text(r.fault))
	case !r.known:
		return goapp.Div().Class("nothing").Body(goapp.P().Class("dim").Text("Loading…"))
	}
	q := r.trace.newest()
	steps := make([]goapp.UI, len(r.trace.Events))
	for i, e := range r.trace.Events {
		steps[i] = r.renderEvent(i, e)
	}
	return goapp.Div().Class("trace").Body(
		goapp.Header().Class("page-head").Body(
			goapp.Div().Class("page-title").Body(back, goapp.H1().Body(ui.Number(q.Caller()))),
			goapp.Div().Class("head-acts").Body(
				ui.Button{Key: "trace-reload", Label: "Reload", Icon: "reload", IconOnly: true, Class: "quiet", Press: r.load}.UI(),
				ui.Button{Key: "trace-copy", Label: "Copy as text", Icon: "copy",
					Press: func(goapp.Context) { r.Office.copy("the trace", r.trace.text(r.people)) }}.UI(),
				goapp.A().Class("button").Href(apiRoot+r.path()).Target("_blank").Rel("noopener").Text("JSON"),
			),
		),
		goapp.P().Class("trace-what").Text(joined(" · ", channelWords[q.Channel], string(q.Direction), q.ANI, q.QueueKey, string(q.State), q.ID)),
		goapp.Ol().Class("steps").Body(steps...),
	)
}

func (r *requestPage) renderEvent(i int, e tracedEvent) goapp.UI {
	body := []goapp.UI{
		goapp.H2().Class("step-title").Body(
			goapp.Span().Text(sentence(string(e.Event.Type))[:len(e.Event.Type)]),
			goapp.Time().Class("dim").DateTime(e.ReceivedAt.UTC().Format("2006-01-02T15:04:05.000Z07:00")).Text(clock(e.ReceivedAt)),
			goapp.Span().Class("dim").Text("from "+e.Source+", event "+e.Event.ID+r.late(e)),
		),
		r.renderFacts(e),
	}
	if e.Unmapped != "" {
		body = append(body, goapp.P().Class("step-fault").Body(
			goapp.Text("Nobody has the alias "+e.Unmapped+", so nothing popped. "),
			goapp.A().Class("link").Href(link(pathUnmapped, "q", e.Unmapped)).Text("Map it")))
	}
	for _, s := range e.Seen {
		body = append(body, goapp.P().Class("step-seen").Text(
			r.people.userName(s.AgentID)+": "+s.connectedWords()+"; configuration of "+s.revisionWords()+"."))
	}
	body = append(body, r.renderDecisions(i, e))
	if r.Office.admin() && e.Event.Type != screenpop.Updated {
		body = append(body, goapp.P().Class("small").Body(goapp.A().Class("link").Href(r.testPath(e)).Text("Try this event on what holds now")))
	}
	for _, p := range r.trace.popsOf(e) {
		body = append(body, r.renderPop(p))
	}
	return goapp.Li().Class("step").Body(body...)
}

// testPath returns the console with this event.
func (r *requestPage) testPath(e tracedEvent) string {
	agent, level, id := "", levelTenant, r.Office.tenant()
	if len(e.AgentIDs) > 0 {
		agent, level, id = e.AgentIDs[0], levelUser, e.AgentIDs[0]
	}
	return link(pathTest, "request", r.ID, "event", e.Event.ID, "agent", agent, "level", level, "id", id)
}

// late says how long an event was on its way, if that is long.
func (r *requestPage) late(e tracedEvent) string {
	if d := e.ReceivedAt.Sub(e.Event.Time); !e.Event.Time.IsZero() && d.Seconds() >= 2 {
		return ", " + millis(d) + " after it happened"
	}
	return ""
}

func (r *requestPage) renderFacts(e tracedEvent) goapp.UI {
	var parts []goapp.UI
	for _, f := range eventFacts(e.Event) {
		parts = append(parts, goapp.Div().Class("fact").Body(goapp.Dt().Text(f[0]), goapp.Dd().Text(f[1])))
	}
	return goapp.Dl().Class("step-facts").Body(parts...)
}

// renderDecisions lists the popups that matched, and on request the others.
func (r *requestPage) renderDecisions(i int, e tracedEvent) goapp.UI {
	others := 0
	var rows []goapp.UI
	for _, d := range e.Decisions {
		if !d.Matched {
			others++
			if !r.all[i] && len(e.Decisions) > 8 {
				continue
			}
		}
		rows = append(rows, goapp.Tr().Class(ui.Pick(d.Matched, "decision-yes", "decision-no")).Body(
			goapp.Td().Class("decision-mark").Body(ui.Icon(ui.Pick(d.Matched, "check", "close")), goapp.Span().Class("hidden-words").Text(ui.Pick(d.Matched, "matched", "did not match"))),
			goapp.Td().Class("decision-popup").Text(orElse(d.Title, d.PopupID)),
			goapp.Td().Class("dim").Text(ui.Pick(d.Title == "", "", d.PopupID)),
			goapp.Td().Text(sentence(d.Why)),
		))
	}
	switch {
	case len(e.Decisions) == 0 && e.Unmapped == "" && e.Event.Type != screenpop.Updated:
		return goapp.P().Class("step-fault").Text("No popup is configured for this agent.")
	case len(rows) < len(e.Decisions):
		return goapp.Div().Body(goapp.Table().Class("decisions").Body(goapp.TBody().Body(rows...)),
			ui.Button{Key: fmt.Sprintf("decisions/%s/%d", r.ID, i), Label: "Show " + plural(others, "popup", "popups") + " without a match", Class: "quiet",
				Press: func(goapp.Context) { r.all[i] = true }}.UI())
	}
	return goapp.Div().Body(goapp.Table().Class("decisions").Body(goapp.TBody().Body(rows...)))
}

func (r *requestPage) renderPop(p screenpop.Pop) goapp.UI {
	var steps []goapp.UI
	for _, c := range p.Receipts {
		steps = append(steps, goapp.Li().Body(
			goapp.Span().Class("receipt-after").Title(clock(c.At)).Text("+"+millis(c.At.Sub(p.CreatedAt))),
			goapp.Span().Class("receipt-state", "state-"+string(c.State)).Text(string(c.State)),
			goapp.Span().Class("dim").Text(c.Detail),
		))
	}
	if len(steps) == 0 {
		steps = append(steps, goapp.Li().Class("dim").Text(joined(": ", string(p.State), orElse(p.Detail, "nothing has come back"))))
	}
	return goapp.Div().Class("traced-pop").Body(
		goapp.P().Class("traced-title").Body(
			goapp.Span().Class("outcome", "outcome-"+popOutcome(p.State)).Text(string(p.State)),
			goapp.Span().Text(orElse(p.Title, p.PopupID)),
			goapp.Span().Class("dim").Text("for "+r.people.userName(p.AgentID)),
		),
		goapp.Code().Class("traced-url").Text(popHolds(p)),
		goapp.Ol().Class("receipts").Body(steps...),
	)
}

// popOutcome returns the outcome that a pop's state is.
func popOutcome(s screenpop.PopState) string {
	switch s {
	case screenpop.PopShown, screenpop.PopOpened, screenpop.PopCopied, screenpop.PopSent, screenpop.PopRan:
		return "done"
	case screenpop.PopRefused, screenpop.PopWaiting:
		return "waiting"
	case screenpop.PopPending, screenpop.PopDelivered:
		return "pending"
	}
	return string(s)
}

func sortedKeys(m map[string]string) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
