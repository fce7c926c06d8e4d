package workspace

import (
	"time"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"github.com/crmpop/crmpop/app/browser"
	"github.com/crmpop/crmpop/app/session"
	"github.com/crmpop/crmpop/app/ui"
)

// takeAsks takes what the agent is asked now. What is new is read out once; nothing
// takes the keyboard.
func (d *Desk) takeAsks(all []session.Ask) {
	d.change(func() {
		for _, a := range all {
			if n := secondsLeft(a, d.now()); !knows(d.asks, a.ID) {
				d.unsaid = append(d.unsaid, a.By+" asks to pop a test here: "+a.Detail+". Accept or decline within "+number(n)+" seconds.")
			}
		}
		d.asks = all
	})
	if !browser.Visible() {
		d.tidy()
	}
}

// answer says what the agent makes of an ask. The keyboard is on nothing then:
// the button is gone.
func (d *Desk) answer(id string, ok bool) {
	d.mu.Lock()
	line := d.line
	d.onControl = false
	d.mu.Unlock()
	if line != nil {
		line.Answer(id, ok)
	}
}

// askDeed puts the keyboard on the oldest ask, nil if there is none.
func (d *Desk) askDeed() func() {
	d.mu.Lock()
	n := len(d.asks)
	d.mu.Unlock()
	if n == 0 {
		return nil
	}
	return func() { browser.Focus(askAccept) }
}

func knows(asks []session.Ask, id string) bool {
	for i := range asks {
		if asks[i].ID == id {
			return true
		}
	}
	return false
}

// secondsLeft counts from the second that is begun, as the screen's clock does.
func secondsLeft(a session.Ask, now time.Time) int {
	return max(0, int(a.Until.Sub(now.Truncate(time.Second))/time.Second))
}

// askAccept is the id of the first ask's button.
const askAccept = "ask-accept"

// renderCorner draws what stands at the lower right: asks above the toasts.
func (w *Workspace) renderCorner(g glance) goapp.UI {
	toasts := ui.Toasts(g.Toasts, w.Desk.dropToast, w.Desk.undoCopy)
	if len(g.Asks) == 0 {
		return toasts
	}
	cards := make([]goapp.UI, len(g.Asks))
	for i, a := range g.Asks {
		cards[i] = w.renderAsk(i, a, g.Now)
	}
	return goapp.Div().Class("corner").Body(
		goapp.Section().Class("asks").Aria("label", "Test request").Body(cards...),
		toasts,
	)
}

// renderAsk draws one ask. The seconds are for the eye alone: read out each time
// they would drown everything else.
func (w *Workspace) renderAsk(i int, a session.Ask, now time.Time) goapp.UI {
	text, id := "ask-text-"+number(i+1), ""
	if i == 0 {
		id = askAccept
	}
	return goapp.Div().Class("ask").Body(
		goapp.P().Class("ask-text").ID(text).Body(
			goapp.Span().Class("ask-by").Text(a.By), goapp.Text(" asks to pop a test here: "+a.Detail+".")),
		goapp.Div().Class("ask-acts").Body(
			w.askButton(ui.Button{Key: "accept/" + a.ID, ID: id, Label: "Accept", Class: "primary", About: text}, a.ID, true),
			w.askButton(ui.Button{Key: "decline/" + a.ID, Label: "Decline", About: text}, a.ID, false),
			goapp.Span().Class("ask-left").Aria("hidden", "true").Text(number(secondsLeft(a, now))+" s"),
		),
	)
}

func (w *Workspace) askButton(b ui.Button, id string, ok bool) goapp.UI {
	b.Press = func(goapp.Context) { w.Desk.answer(id, ok) }
	return b.UI()
}
