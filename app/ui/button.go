package ui

import goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

// Button is a button with an optional icon and key. The zero value of each field
// but Key, Label and Press may stay. Key tells its handler apart from all others
// (see Do).
type Button struct {
	Key   string
	Label string // its accessible name, and its text unless IconOnly
	Icon  string
	Class string // "quiet", "primary", "big"; several are parted by spaces
	Hint  string // the tooltip; Label where empty and IconOnly
	Short string // the key that does the same, as "Alt+O"; stands in the tooltip
	Mark  string // a sign of the key shown on the button, as "⏎"
	ID    string
	// About is the id of the element that says what the button is about.
	About    string
	IconOnly bool
	Off      bool
	Press    func(ctx goapp.Context)
}

// UI returns the button as an element.
func (b Button) UI() goapp.UI {
	el := goapp.Button().
		Type("button").
		Class("button", b.Class, Pick(b.IconOnly, "button-icon", "")).
		Title(b.title()).
		OnClick(Do(b.Key, func(ctx goapp.Context, e goapp.Event) { b.Press(ctx) })).
		Body(b.content()...)
	if b.IconOnly {
		el = el.Aria("label", b.Label)
	}
	if b.ID != "" {
		el = el.ID(b.ID)
	}
	if b.About != "" {
		el = el.Aria("describedby", b.About)
	}
	if b.Off {
		el = el.Disabled(true)
	}
	return el
}

func (b Button) content() []goapp.UI {
	var parts []goapp.UI
	if b.Icon != "" {
		parts = append(parts, Icon(b.Icon))
	}
	if !b.IconOnly {
		parts = append(parts, goapp.Span().Class("button-label").Text(b.Label))
	}
	if b.Mark != "" {
		parts = append(parts, goapp.Span().Class("button-mark").Aria("hidden", "true").Text(b.Mark))
	}
	return parts
}

func (b Button) title() string {
	hint := b.Hint
	if hint == "" && b.IconOnly {
		hint = b.Label
	}
	switch {
	case b.Short == "":
		return hint
	case hint == "":
		return b.Short
	}
	return hint + " (" + b.Short + ")"
}
