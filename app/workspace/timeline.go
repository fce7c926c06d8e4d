package workspace

import (
	"time"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"github.com/crmpop/crmpop/app/ui"
)

// timeline tells what has happened to a request, and what became of each pop.
type timeline struct {
	goapp.Compo
	Lines []line
	Now   time.Time
}

// Render draws the timeline, oldest first.
func (t *timeline) Render() goapp.UI {
	items := make([]goapp.UI, len(t.Lines))
	for i, l := range t.Lines {
		items[i] = goapp.Li().Class("line", "line-"+l.Tone).Body(
			goapp.Span().Class("line-dot").Aria("hidden", "true"),
			goapp.Span().Class("line-text").Text(l.Text),
			ui.When(l.At, t.Now),
		)
	}
	return goapp.Section().Class("timeline").Aria("label", "Timeline").Body(
		goapp.H2().Text("Timeline"),
		goapp.Ol().Body(items...),
	)
}
