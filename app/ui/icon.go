package ui

import goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

// Icon returns the icon of that name from /web/icons, in the colour of its text.
// It is hidden from screen readers: the words beside it say the same.
func Icon(name string, classes ...string) goapp.UI {
	return goapp.Span().
		Class(append([]string{"icon", "icon-" + name}, classes...)...).
		Aria("hidden", "true")
}
