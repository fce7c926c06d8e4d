package workspace

import (
	"slices"
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
			if !slices.ContainsFunc(d.asks, func(known session.Ask) bool { return known.ID == a.ID }) {
				d.unsaid = append(d.unsaid, askWords(a)+" Accept or decline within "+number(secondsLeft(a, d.now()))+" seconds.")
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

func askWords(a session.Ask) string {
	return a.By + " asks to pop a test here: " + a.Detail + "."
}

func secondsLeft(a session.Ask, now time.Time) int {
	return int((max(0, a.Until.Sub(now)) + time.Second - 1) / time.Second)
}

// askAccept is the id of the first ask's button.
const askAccept = "ask-accept"

// renderCorner draws what stands at the lower right: asks above the toasts.
func (w *Workspace) renderCorner(g glance) goapp.UI {
	toasts := ui.Toasts(g.Toasts, w.Desk.dropToast)
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
	text := "ask-text-" + number(i+1)
	press := func(ok bool) func(goapp.Context) { return func(goapp.Context) { w.Desk.answer(a.ID, ok) } }
	return goapp.Div().Class("ask").Body(
		goapp.P().Class("ask-text").ID(text).Body(
			goapp.B().Text(a.By), goapp.Text(" asks to pop a test here: "+a.Detail+".")),
		goapp.Div().Class("ask-acts").Body(
			ui.Button{Key: "accept/" + a.ID, ID: ui.Pick(i == 0, askAccept, ""), Label: "Accept", Class: "primary", About: text,
				Hint: "Let it ring here, marked as a test", Press: press(true)}.UI(),
			ui.Button{Key: "decline/" + a.ID, Label: "Decline", About: text, Hint: "Nothing happens", Press: press(false)}.UI(),
			goapp.Span().Class("ask-left").Aria("hidden", "true").Text(number(secondsLeft(a, now))+" s"),
		),
	)
}
