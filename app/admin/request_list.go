package admin

import (
	"time"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/ui"
)

// foundRequest is a line of the list of requests.
type foundRequest struct {
	ID        string              `json:"id"`
	Channel   screenpop.Channel   `json:"channel"`
	Direction screenpop.Direction `json:"direction"`
	AgentID   string              `json:"agent_id"`
	AgentName string              `json:"agent_name"`
	Caller    string              `json:"caller"`
	ANI       string              `json:"anum"`
	Name      string              `json:"name"`
	QueueKey  string              `json:"queue_key"`
	State     screenpop.State     `json:"state"`
	CreatedAt time.Time           `json:"created_at"`
	Outcome   string              `json:"outcome"`
	Pops      []struct {
		Title string             `json:"title"`
		State screenpop.PopState `json:"state"`
	} `json:"pops"`
}

// foundRequests is a page of the list.
type foundRequests struct {
	Requests []foundRequest `json:"requests"`
	Next     string         `json:"next"`
}

// periods are what "when" can be narrowed to.
var periods = []struct {
	key, name string
	length    time.Duration
}{
	{"hour", "Last hour", time.Hour}, {"day", "Last 24 hours", 24 * time.Hour}, {"week", "Last 7 days", 7 * 24 * time.Hour},
	{"month", "Last 30 days", 30 * 24 * time.Hour}, {"", "Any time", 0},
}

// outcomes are what became of a request, as a choice and in words.
var outcomes = [][2]string{
	{"", "Any outcome"}, {"done", "All popped"}, {"waiting", "Waits for a click"}, {"pending", "On its way"},
	{"missed", "Missed"}, {"failed", "Failed"}, {"skipped", "Skipped"}, {"withdrawn", "Withdrawn"},
	{"none", "Nothing popped"}, {"unmapped", "Unmapped agent"},
}

// requestList finds requests by id, agent, caller, time and outcome.
type requestList struct {
	goapp.Compo
	Office *Office
	At     place

	opened bool
	query  string
	people people
	found  foundRequests
	fault  string
	busy   bool
}

// OnMount asks for the list.
func (r *requestList) OnMount(ctx goapp.Context) { r.open(ctx) }

// OnUpdate asks again when the filters have changed.
func (r *requestList) OnUpdate(ctx goapp.Context) { r.open(ctx) }

func (r *requestList) open(ctx goapp.Context) {
	if r.opened && r.query == r.At.Query {
		return
	}
	if !r.opened {
		loadPeople(r.Office, ctx, func(p people) { r.people = p })
	}
	r.opened, r.query = true, r.At.Query
	r.load(ctx, "")
}

// load asks for the requests behind cursor.
func (r *requestList) load(ctx goapp.Context, cursor string) {
	query := r.query
	r.busy = true
	get(r.Office, ctx, r.ask(cursor), func(ctx goapp.Context, f foundRequests, err error) {
		if r.query != query {
			return
		}
		r.busy, r.fault = false, ""
		switch {
		case err != nil:
			r.fault = err.Error()
		case cursor == "":
			r.found = f
		default:
			r.found.Requests, r.found.Next = append(r.found.Requests, f.Requests...), f.Next
		}
		if err == nil && len(r.found.Requests) == 0 && f.Next != "" {
			r.load(ctx, f.Next) // a page may be empty and not the last
		}
	})
}

// ask returns the path that answers the filters.
func (r *requestList) ask(cursor string) string {
	from := ""
	for _, p := range periods {
		if p.key == r.At.filter("when") && p.length > 0 {
			from = r.Office.now().Add(-p.length).UTC().Format(time.RFC3339)
		}
	}
	return link("/requests", "q", r.At.filter("q"), "agent", r.At.filter("agent"), "outcome", r.At.filter("outcome"), "from", from, "limit", "50", "cursor", cursor)
}

// Render draws the page.
func (r *requestList) Render() goapp.UI {
	return goapp.Div().Class("list-page").Body(
		goapp.Header().Class("page-head").Body(
			goapp.Div().Class("page-title").Body(goapp.H1().Text("Requests")),
			ui.Button{Key: "reload-requests", Label: "Reload", Icon: "reload", IconOnly: true, Class: "quiet", Off: r.busy,
				Press: func(ctx goapp.Context) { r.load(ctx, "") }}.UI(),
		),
		&timesPlot{Office: r.Office},
		r.renderFilters(),
		r.renderTable(),
	)
}

func (r *requestList) renderFilters() goapp.UI {
	agents := [][2]string{{"", "Any agent"}}
	for _, u := range r.people.Users {
		agents = append(agents, [2]string{u.ID, u.called()})
	}
	var times [][2]string
	for _, p := range periods {
		times = append(times, [2]string{p.key, p.name})
	}
	return goapp.Form().Class("filters").Role("search").Aria("label", "Filter requests").
		OnSubmit(ui.Do("filter-requests", func(_ goapp.Context, e goapp.Event) { e.PreventDefault() })).
		Body(
			searchInput(r.At, pathRequests, "Caller, number or request id", "/"),
			choice(r.At, pathRequests, "agent", "Agent", agents),
			choice(r.At, pathRequests, "outcome", "Outcome", outcomes),
			choice(r.At, pathRequests, "when", "When", times),
		)
}

func (r *requestList) renderTable() goapp.UI {
	if r.fault != "" {
		return goapp.P().Class("fault").Role("alert").Text(r.fault)
	}
	if len(r.found.Requests) == 0 {
		return goapp.P().Class("nothing", "dim").Text(ui.Pick(r.busy, "Loading…", ui.Pick(r.At.Query == "", "No request has come yet.", "No request matches.")))
	}
	rows := make([]goapp.UI, len(r.found.Requests))
	for i, f := range r.found.Requests {
		rows[i] = r.renderRow(f)
	}
	parts := []goapp.UI{
		goapp.Table().Class("list", "list-requests").Body(
			goapp.THead().Body(goapp.Tr().Body(headings("Caller", "When", "Agent", "Queue", "State", "Pops", "Outcome")...)),
			goapp.TBody().Body(rows...),
		),
	}
	if r.found.Next != "" {
		parts = append(parts, goapp.Div().Class("list-more").Body(
			ui.Button{Key: "more-requests", Label: "Show more", Off: r.busy,
				Press: func(ctx goapp.Context) { r.load(ctx, r.found.Next) }}.UI()))
	}
	return goapp.Div().Class("list-place").Body(parts...)
}

func (r *requestList) renderRow(f foundRequest) goapp.UI {
	var pops []string
	for _, p := range f.Pops {
		pops = append(pops, joined(" ", p.Title, "("+string(p.State)+")"))
	}
	name := f.Name
	number := orElse(f.Caller, f.ANI)
	caller := []goapp.UI{ui.Icon(orElse(channelIcons[f.Channel], "phone")), ui.Number(orElse(name, orElse(number, "unknown")))}
	if name != "" && number != "" && number != name {
		caller = append(caller, ui.Number(number, "dim"))
	}
	return goapp.Tr().Body(
		goapp.Td().Class("cell-main").Body(
			goapp.A().Class("row-link").Href(below(pathRequests, f.ID)).Title("Why it popped or did not: "+f.ID).Body(caller...)),
		goapp.Td().Body(ui.When(f.CreatedAt, r.Office.now())),
		goapp.Td().Text(orElse(f.AgentName, f.AgentID)),
		goapp.Td().Text(f.QueueKey),
		goapp.Td().Text(string(f.State)),
		goapp.Td().Class("cell-long").Title(joined(", ", pops...)).Text(orElse(joined(", ", pops...), "none")),
		goapp.Td().Body(goapp.Span().Class("outcome", "outcome-"+f.Outcome).Text(outcomeWords(f.Outcome))),
	)
}

func outcomeWords(outcome string) string {
	for _, o := range outcomes {
		if o[0] == outcome && outcome != "" {
			return o[1]
		}
	}
	return outcome
}
