package ui

import goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

// MaxToasts is how many toasts stand on the screen at once.
const MaxToasts = 3

// Toast is a short message at the lower right that never takes the focus.
type Toast struct {
	ID   int
	Text string
	Bad  bool   // something did not work
	Act  string // what can be done about it, "" for nothing
	Undo string // what Act needs to know
}

// Toasts returns the newest toasts. What they say is announced by the caller. act
// does what a toast's button says; it may be nil where no toast has one.
func Toasts(all []Toast, close, act func(id int)) goapp.UI {
	if len(all) > MaxToasts {
		all = all[len(all)-MaxToasts:]
	}
	items := make([]goapp.UI, len(all))
	for i, t := range all {
		items[i] = goapp.Li().Class("toast", Pick(t.Bad, "toast-bad", "")).Body(
			goapp.Span().Text(t.Text),
			toastAct(t, act),
			Button{Key: "toast/" + key(t.ID), Label: "Dismiss", Icon: "close", IconOnly: true, Class: "quiet",
				Press: func(goapp.Context) { close(t.ID) }}.UI(),
		)
	}
	return goapp.Ul().Class("toasts").Body(items...)
}

func toastAct(t Toast, act func(id int)) goapp.UI {
	if t.Act == "" {
		return nil
	}
	return Button{Key: "toast-act/" + key(t.ID), Label: t.Act, Class: "quiet", Press: func(goapp.Context) { act(t.ID) }}.UI()
}
