package admin

import (
	"fmt"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"github.com/crmpop/crmpop/app/ui"
)

// effectivePopup is a popup that counts for a user, with the level that it
// comes from.
type effectivePopup struct {
	PopupID  string   `json:"popup_id"`
	Level    string   `json:"level"`
	Line     int      `json:"line"`
	Kind     string   `json:"kind"`
	On       []string `json:"on"`
	Channel  []string `json:"channel"`
	Queue    []string `json:"queue"`
	Target   string   `json:"target"`
	Title    string   `json:"title"`
	Template string   `json:"template"`
}

// effective lists what counts for a user.
type effective struct {
	goapp.Compo
	Office   *Office
	User     string
	Revision int64 // asked again when another is published

	asked  string
	popups []effectivePopup
	fault  string
}

// OnMount asks what counts.
func (e *effective) OnMount(ctx goapp.Context) { e.load(ctx) }

// OnUpdate asks again for another user or revision.
func (e *effective) OnUpdate(ctx goapp.Context) { e.load(ctx) }

func (e *effective) load(ctx goapp.Context) {
	ask := fmt.Sprint(e.User, "/", e.Revision)
	if ask == e.asked {
		return
	}
	e.asked = ask
	get(e.Office, ctx, below("/users", e.User)+"/screenpopup", func(_ goapp.Context, all []effectivePopup, err error) {
		if e.asked != ask {
			return
		}
		e.popups, e.fault = all, ""
		if err != nil {
			e.fault = err.Error()
		}
	})
}

// Render draws the list in the order in which the popups pop.
func (e *effective) Render() goapp.UI {
	items := make([]goapp.UI, len(e.popups))
	for i, p := range e.popups {
		items[i] = goapp.Li().Class("effective-popup").Body(
			goapp.Span().Class("pill", "level-"+p.Level).Text(levelWords[p.Level]),
			goapp.Span().Class("effective-words").Body(
				goapp.Span().Class("effective-title").Text(orElse(p.Title, p.PopupID)),
				goapp.Span().Class("dim", "small").Text(p.when()),
				goapp.Code().Class("effective-template").Text(p.Template),
			),
		)
	}
	says := "What is published and counts for this user, from all levels."
	switch {
	case e.fault != "":
		says = e.fault
	case len(items) == 0:
		says = "Nothing pops for this user."
	}
	return goapp.Section().Class("side-part").Aria("label", "Effective configuration").TabIndex(0).Body(
		goapp.H2().Text("Effective configuration"),
		goapp.P().Class("dim", ui.Pick(e.fault != "", "fault", "")).Text(says),
		goapp.Ol().Class("effective").Body(items...),
	)
}

// when says when and where a popup pops.
func (p effectivePopup) when() string {
	words := joined(" · ", p.Kind, "on "+joined(", ", p.On...), joined(", ", p.Channel...))
	if len(p.Queue) > 0 {
		words += " · queue " + joined(", ", p.Queue...)
	}
	if p.Target != "" {
		words += " · in " + p.Target
	}
	return fmt.Sprintf("%s · line %d", words, p.Line)
}
