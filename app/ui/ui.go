// Package ui holds the widgets that know no domain word: buttons, icons, tab
// keys, clocks, toasts, phone numbers and relative times. It imports nothing of
// ours; what a widget shows and does comes from its caller.
package ui

import (
	"fmt"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"
)

// Do returns an event handler and its scope, ready for a setter:
//
//	goapp.Button().OnClick(ui.Do("close/"+id, func(ctx goapp.Context, e goapp.Event) { … }))
//
// key must name the deed and what it acts on: go-app keeps the old handler of an
// element whose new handler has the same key, so two deeds under one key get
// mixed up. A panic in f is logged and ends there; uncaught it would end the
// whole program and leave a dead page.
func Do(key string, f func(ctx goapp.Context, e goapp.Event)) (goapp.EventHandler, goapp.EventOption) {
	safe := func(ctx goapp.Context, e goapp.Event) {
		defer Recover(key)
		f(ctx, e)
	}
	return safe, goapp.EventScope(key)
}

// Recover logs a panic and ends it. Defer it in whatever runs on the page.
func Recover(where string) {
	if r := recover(); r != nil {
		goapp.Log(fmt.Sprintf("recovered in %s: %v", where, r))
	}
}

// Pick returns yes if on, else no.
func Pick(on bool, yes, no string) string {
	if on {
		return yes
	}
	return no
}
