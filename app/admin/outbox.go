package admin

import (
	"fmt"
	"time"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"github.com/crmpop/crmpop/app/browser"
	"github.com/crmpop/crmpop/app/ui"
)

// letter is a web request and what became of it.
type letter struct {
	ID        string    `json:"id"`
	RequestID string    `json:"request_id"`
	PopupID   string    `json:"popup_id"`
	Trigger   string    `json:"trigger"`
	Method    string    `json:"method"`
	Host      string    `json:"host"`
	Address   string    `json:"address"`
	State     string    `json:"state"`
	Attempts  int       `json:"attempts"`
	Due       time.Time `json:"due"`
	Status    int       `json:"status"`
	TookMs    int64     `json:"took_ms"`
	Size      int64     `json:"size"`
	Why       string    `json:"why"`
	CreatedAt time.Time `json:"created_at"`
}

// dead reports whether only a hand sends it again.
func (l letter) dead() bool { return l.State == "failed" || l.State == "missed" }

// said says what was answered last, or why nothing was.
func (l letter) said() string {
	answered := ""
	if l.Status != 0 {
		answered = fmt.Sprintf("%d in %s, %s", l.Status, millis(time.Duration(l.TookMs)*time.Millisecond), bytesOf(l.Size))
	}
	if l.Why == "" {
		return answered
	}
	if l.State == "sent" {
		return answered + "; " + l.Why
	}
	return l.Why
}

// bytesOf writes a size: "312 B", "1.2 kB".
func bytesOf(n int64) string {
	if n < 1000 {
		return fmt.Sprintf("%d B", n)
	}
	return fmt.Sprintf("%.1f kB", float64(n)/1000)
}

// outboxPage is a page of the outbox.
type outboxPage struct {
	Letters []letter `json:"letters"`
	Next    string   `json:"next"`
}

// outbox lists web requests, the newest first, with those that nobody sends again
// by himself.
type outbox struct {
	goapp.Compo
	Office *Office
	At     place

	asked string
	page  outboxPage
	known bool
	fault string
	own   goapp.Context
}

// OnMount asks for the list.
func (b *outbox) OnMount(ctx goapp.Context) { b.own = ctx; b.open(ctx) }

// OnUpdate asks again when the filter has changed.
func (b *outbox) OnUpdate(ctx goapp.Context) { b.open(ctx) }

func (b *outbox) open(ctx goapp.Context) {
	if ask := "?" + b.At.Query; ask != b.asked {
		b.asked = ask
		b.load(ctx, "")
	}
}

func (b *outbox) load(ctx goapp.Context, after string) {
	ask := b.asked
	get(b.Office, ctx, link("/outbox", "state", b.At.filter("state"), "host", b.At.filter("host"), "after", after), func(_ goapp.Context, p outboxPage, err error) {
		switch {
		case b.asked != ask:
			return
		case err != nil:
			b.fault = err.Error()
		case after == "":
			b.page, b.fault = p, ""
		default:
			b.page.Letters, b.page.Next = append(b.page.Letters, p.Letters...), p.Next
		}
		b.known = true
	})
}

// letterStates are what the list is filtered by.
var letterStates = [][2]string{{"", "All"}, {"dead", "Dead: failed or missed"}, {"queued", "Waiting"}, {"sending", "On its way"}, {"sent", "Sent"},
	{"failed", "Failed"}, {"missed", "Missed"}}

// letterWords name the states.
var letterWords = map[string]string{"queued": "waiting", "sending": "on its way"}

// letterTone is the outcome whose colour a state wears.
var letterTone = map[string]string{"sent": "done", "queued": "waiting", "sending": "pending", "failed": "failed", "missed": "missed"}

// Render draws the list.
func (b *outbox) Render() goapp.UI {
	rows := make([]goapp.UI, len(b.page.Letters))
	for i, l := range b.page.Letters {
		rows[i] = b.renderLetter(l)
	}
	none := "Nothing was sent yet. Web requests and pages with via=\"server\" stand here."
	if b.At.filter("state") != "" || b.At.filter("host") != "" {
		none = "No web request is like that."
	}
	parts := []goapp.UI{
		goapp.Header().Class("page-head").Body(goapp.Div().Class("page-title").Body(goapp.H1().Text("Outbox"),
			goapp.P().Class("dim").Text("Web requests and what became of them. What is in them is not shown."))),
		goapp.Div().Class("filters").Role("search").Body(
			searchHost(b.At),
			choice(b.At, pathOutbox, "state", "State", letterStates),
			ui.Button{Key: "outbox-again", Label: "Refresh", Icon: "reload", Class: "quiet", Press: func(ctx goapp.Context) { b.load(b.own, "") }}.UI()),
		listOr(b.fault, b.known, none, rows, "When", "To", "Popup", "Request", "State", "Said", ""),
	}
	if b.page.Next != "" {
		parts = append(parts, goapp.Div().Class("list-more").Body(ui.Button{Key: "more-outbox", Label: "Show more",
			Press: func(goapp.Context) { b.load(b.own, b.page.Next) }}.UI()))
	}
	return goapp.Div().Class("list-page").Body(parts...)
}

// searchHost is the filter by host.
func searchHost(at place) goapp.UI {
	return &filterInput{At: at, Path: pathOutbox, Filter: "host", ID: searchField, Hint: "Host, as crm.example.com", Short: "/"}
}

func (b *outbox) renderLetter(l letter) goapp.UI {
	words := orElse(letterWords[l.State], l.State)
	if l.Attempts > 1 {
		words += fmt.Sprintf(", %d×", l.Attempts)
	}
	state := goapp.Span().Class("outcome", "outcome-"+letterTone[l.State]).Title(plural(l.Attempts, "attempt", "attempts")).Text(words)
	if l.State == "queued" && l.Attempts > 0 {
		state = state.Title("Sent again at " + stamp(l.Due))
	}
	acts := []goapp.UI{}
	if l.dead() && b.Office.admin() {
		acts = append(acts, ui.Button{Key: "replay/" + l.ID, Label: "Replay", Class: "quiet",
			Hint: "Send it again now, under the same Idempotency-Key", Press: func(goapp.Context) { b.replay(l) }}.UI())
	}
	return goapp.Tr().Body(
		goapp.Td().Body(goapp.Time().DateTime(l.CreatedAt.UTC().Format(time.RFC3339)).Text(stamp(l.CreatedAt))),
		goapp.Td().Class("cell-main", "cell-long").Title(l.Method+" "+l.Address).Body(goapp.Span().Class("dim").Text(l.Method+" "), goapp.Text(l.Host)),
		goapp.Td().Class("cell-long").Title(l.PopupID+" on "+l.Trigger).Text(l.PopupID+" on "+l.Trigger),
		goapp.Td().Body(goapp.A().Class("link").Href(below(pathRequests, l.RequestID)).Text(l.RequestID)),
		goapp.Td().Body(state),
		goapp.Td().Class("cell-long").Title(l.said()).Text(l.said()),
		goapp.Td().Class("cell-acts").Body(acts...))
}

// replay sends a dead letter again.
func (b *outbox) replay(l letter) {
	later(b.Office, b.own, browser.Call{Method: "POST", Path: below("/outbox", l.ID) + "/replay"}, func(ctx goapp.Context, again letter, err error) {
		if err != nil {
			b.Office.toast(err.Error(), true)
			return
		}
		for i := range b.page.Letters {
			if b.page.Letters[i].ID == again.ID {
				b.page.Letters[i] = again
			}
		}
		b.Office.toast("Sent again to "+l.Host+". Refresh to see what became of it.", false)
	})
}
