package ui

import (
	"strconv"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"
)

// Overlay returns something that stands above the page, with what lies behind it
// covered: a click beside it closes it, also where a frame lies. class is "menu"
// (at the upper right) or "sheet" (centred).
func Overlay(key, label, class string, close func(ctx goapp.Context), content ...goapp.UI) goapp.UI {
	return goapp.Div().Class("overlay", "overlay-"+class).Body(
		goapp.Div().Class("overlay-back").OnClick(Do(key+"/back", func(ctx goapp.Context, e goapp.Event) { close(ctx) })),
		goapp.Div().Class("overlay-box").Role("dialog").Aria("modal", true).Aria("label", label).Body(content...),
	)
}

func key(n int) string { return strconv.Itoa(n) }
