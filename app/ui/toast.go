package ui

import goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

// MaxToasts is how many toasts stand on the screen at once.
const MaxToasts = 3

// Toast is a short message at the lower right that never takes the focus.
type Toast struct {
	ID   int
	Text string
	Bad  bool // something did not work
}

// Toasts returns the newest toasts. What they say is announced by the caller.
func Toasts(all []Toast, close func(id int)) goapp.UI {
	if len(all) > MaxToasts {
		all = all[len(all)-MaxToasts:]
	}
	items := make([]goapp.UI, len(all))
	for i, t := range all {
		items[i] = goapp.Li().Class("toast", Pick(t.Bad, "toast-bad", "")).Body(
			goapp.Span().Text(t.Text),
			Button{Key: "toast/" + key(t.ID), Label: "Dismiss", Icon: "close", IconOnly: true, Class: "quiet",
				Press: func(goapp.Context) { close(t.ID) }}.UI(),
		)
	}
	return goapp.Ul().Class("toasts").Body(items...)
}
