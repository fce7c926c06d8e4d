package admin

import (
	"fmt"
	"time"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"github.com/crmpop/crmpop/app/browser"
	"github.com/crmpop/crmpop/app/ui"
)

// The states of an ask, as the server names them, and one of our own.
const (
	askWaiting   = "waiting"
	askAccepted  = "accepted"
	askDeclined  = "declined"
	askExpired   = "expired"
	askWithdrawn = "withdrawn"
	askFailed    = "failed"
	askGone      = "gone" // the server knows nothing of it
)

// asking is a test that another agent is asked for, and what the agent said.
type asking struct {
	ID        string `json:"ask_id"`
	AgentID   string `json:"agent_id"`
	State     string `json:"state"`
	AfterMS   int64  `json:"after_ms"`
	RequestID string `json:"request_id"`
	Reason    string `json:"reason"`

	Name   string    `json:"-"` // of the agent
	Until  time.Time `json:"-"` // by the page's clock
	Linked bool      `json:"-"` // a link's right to pop is at stake
}

// left returns the seconds that remain for an answer.
func (k asking) left(now time.Time) int {
	return int((max(0, k.Until.Sub(now)) + time.Second - 1) / time.Second)
}

// words says how the ask stands.
func (k asking) words() string {
	switch k.State {
	case askWaiting:
		return k.Name + " is asked. Nothing pops before Accept is pressed there."
	case askAccepted:
		return k.Name + " has accepted. The test pops there."
	case askDeclined:
		return k.Name + " has declined. Nothing popped."
	case askExpired:
		return k.Name + " did not answer in time. Nothing popped; ask again."
	case askWithdrawn:
		return "You took it back. Nothing popped."
	case askFailed:
		return k.Name + " has accepted, but nothing popped: " + sentence(k.Reason)
	case askGone:
		return "The server knows nothing of this ask any more. Ask again."
	}
	return ""
}

// asked returns who would be asked: the chosen agent, unless that is who is
// signed in.
func (c *console) asked() (id, name string) {
	id = c.state.AgentID
	if id == "" || id == c.Office.user() {
		return "", ""
	}
	return id, c.people.userName(id)
}

// choose takes for whom the test is.
func (c *console) choose(agent string) { c.state.AgentID = agent }

// order is what is to pop: what a link leads to, as long as nothing of it was
// changed, or what the form says.
func (c *console) order() map[string]any {
	c.read()
	if c.link != nil {
		linked := c.link.State
		linked.AgentID = c.state.AgentID // in whose workspace is no part of the right to pop
		if alike(c.state, linked) {
			return map[string]any{"token": c.At.ID}
		}
	}
	return map[string]any{"state": c.state}
}

// ask asks the chosen agent to let the test pop.
func (c *console) ask(ctx goapp.Context) {
	in := c.order()
	id, name := c.asked()
	in["agent_id"] = id
	_, linked := in["token"]
	c.busy, c.fault, c.asking = true, "", asking{}
	later(c.Office, ctx, jsonCall("POST", "/tests/pop", in), func(ctx goapp.Context, k asking, err error) {
		c.busy = false
		if err != nil {
			c.fault = err.Error()
			return
		}
		k.Name, k.Linked = name, linked
		c.stands(ctx, k)
	})
}

// stands takes how the ask stands, and looks again in a second while it waits.
func (c *console) stands(ctx goapp.Context, k asking) {
	k.Until = c.Office.now().Add(time.Duration(k.AfterMS) * time.Millisecond)
	c.asking = k
	if k.State == askWaiting {
		ctx.After(time.Second, func(ctx goapp.Context) { c.look(ctx, k.ID) })
	}
	if k.State == askAccepted && k.Linked && c.link != nil {
		c.link.Popped = true
	}
}

// look asks the server how the ask stands. While the server does not answer the
// page goes on asking, for as long as it may still know.
func (c *console) look(ctx goapp.Context, id string) {
	if c.asking.ID != id {
		return
	}
	get(c.Office, ctx, below("/tests/asks", id), func(ctx goapp.Context, k asking, err error) { c.heard(ctx, id, k, err) })
}

// withdraw takes the ask back.
func (c *console) withdraw(ctx goapp.Context) {
	id := c.asking.ID
	later(c.Office, ctx, browser.Call{Method: "DELETE", Path: below("/tests/asks", id)}, func(ctx goapp.Context, k asking, err error) {
		c.heard(ctx, id, k, err)
	})
}

func (c *console) heard(ctx goapp.Context, id string, k asking, err error) {
	was := c.asking
	if was.ID != id || was.State != askWaiting {
		return
	}
	switch {
	case statusOf(err) == 404:
		c.asking.State = askGone
	case err != nil && c.Office.now().After(was.Until.Add(time.Minute)):
		c.asking.State, c.fault = askGone, err.Error()
	case err != nil:
		ctx.After(time.Second, func(ctx goapp.Context) { c.look(ctx, id) })
	default:
		k.Name, k.Linked = was.Name, was.Linked
		c.stands(ctx, k)
	}
}

// forget takes away what is said of an ask that has ended: something else is
// looked at now.
func (c *console) forget() {
	if c.asking.State != askWaiting {
		c.asking = asking{}
	}
}

// renderAsk draws how the ask stands. The seconds are for the eye alone.
func (f *consoleForm) renderAsk() goapp.UI {
	k := f.Asking
	parts := []goapp.UI{goapp.Span().Text(k.words())}
	switch k.State {
	case askWaiting:
		parts = append(parts, goapp.Span().Class("ask-left").Aria("hidden", "true").Text(fmt.Sprintf("%d s", k.left(f.Console.Office.now()))))
	case askAccepted:
		parts = append(parts, goapp.A().Class("link").Href(below(pathRequests, k.RequestID)).Text("See its trace"))
	}
	status := goapp.Div().Class("ask-status-words").Role("status").Aria("label", "Ask").Body(parts...)
	if k.State != askWaiting {
		return goapp.Div().Class("ask-status", ui.Pick(k.State == "", "ask-status-none", "")).Body(status)
	}
	return goapp.Div().Class("ask-status").Body(status,
		ui.Button{Key: "withdraw-ask", Label: "Take back", Hint: "The agent is asked no longer", Press: f.Console.withdraw}.UI())
}
