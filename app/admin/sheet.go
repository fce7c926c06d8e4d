package admin

import (
	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"github.com/crmpop/crmpop/app/browser"
	"github.com/crmpop/crmpop/app/ui"
)

// sheet stands above the page and asks something.
type sheet struct {
	goapp.Compo
	Label   string
	Class   string
	Focus   string // the id of what has the keyboard first
	Close   func(goapp.Context)
	Content []goapp.UI

	release func() // the keyboard
}

// OnMount gives the keyboard to the sheet, and keeps it there.
func (s *sheet) OnMount(ctx goapp.Context) {
	s.release = browser.HoldFocus()
	focus := s.Focus
	ctx.Defer(func(goapp.Context) { browser.Focus(focus) })
}

// OnDismount gives the keyboard back to what had it.
func (s *sheet) OnDismount() {
	if s.release != nil {
		s.release()
	}
}

// Render draws the sheet.
func (s *sheet) Render() goapp.UI {
	return ui.Overlay("sheet/"+s.Label, s.Label, "sheet "+s.Class, s.Close, s.Content...)
}

// onEscape calls close when Escape goes down somewhere inside. key tells its
// handler from others.
func onEscape(key string, close func()) (goapp.EventHandler, goapp.EventOption) {
	return ui.Do(key+"/escape", func(_ goapp.Context, e goapp.Event) {
		if e.Get("key").String() == "Escape" {
			close()
		}
	})
}
