package workspace

import (
	"time"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"github.com/crmpop/crmpop/app/ui"
)

// pageCard stands where a page cannot be seen: one sentence and one big button.
type pageCard struct {
	goapp.Compo
	Desk *Desk
	Card card
	Now  time.Time
}

// Render draws the card; nothing where the page can be seen.
func (p *pageCard) Render() goapp.UI {
	c := p.Card
	if c.Kind == "" {
		return goapp.Div().Class("card-place")
	}
	parts := []goapp.UI{
		ui.Icon("card-"+c.Kind, "card-icon"),
		goapp.P().Class("card-says").ID("card-says").Body(cardSentence(c, p.Now)...),
	}
	if len(c.Acts) > 0 {
		parts = append(parts, goapp.Div().Class("card-acts").Body(cardButtons(p.Desk, c, "big", "card-says")...))
	}
	if c.More != "" {
		parts = append(parts, goapp.P().Class("card-more").Text(c.More))
	}
	return goapp.Div().Class("card-place").Body(
		goapp.Div().Class("card", "card-"+c.Kind).Body(parts...),
	)
}

// cardSentence returns what a card says, with when it was.
func cardSentence(c card, now time.Time) []goapp.UI {
	if c.At.IsZero() {
		return []goapp.UI{goapp.Text(c.Says)}
	}
	return []goapp.UI{goapp.Text(c.Says + ", "), ui.When(c.At, now)}
}

// cardButtons returns a card's buttons; about is the id of its sentence.
func cardButtons(d *Desk, c card, size, about string) []goapp.UI {
	buttons := make([]goapp.UI, len(c.Acts))
	for i, a := range c.Acts {
		buttons[i] = ui.Button{
			Key: a.Do + "/" + c.PopID, Label: a.Label, Mark: a.Key, About: about,
			Class: size + " " + ui.Pick(i == 0, "primary", "quiet"),
			Press: func(goapp.Context) { d.act(a.Do, c.PopID) },
		}.UI()
	}
	return buttons
}
