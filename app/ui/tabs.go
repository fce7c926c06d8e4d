package ui

import goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

// TabKey returns which of n tabs a key selects when tab at is selected, as the
// tab pattern of ARIA has it: left and right go round, Home and End go to the
// ends. ok is false for every other key.
func TabKey(key string, at, n int) (to int, ok bool) {
	if n == 0 {
		return 0, false
	}
	switch key {
	case "ArrowRight":
		return (at + 1) % n, true
	case "ArrowLeft":
		return (at + n - 1) % n, true
	case "Home":
		return 0, true
	case "End":
		return n - 1, true
	}
	return 0, false
}

// TabKeys returns a handler for the keydown events of a tab list. move selects
// the tab and puts the focus on it. Keys held with Alt, Ctrl or Meta are not its
// business.
func TabKeys(key string, at, n int, move func(ctx goapp.Context, to int)) (goapp.EventHandler, goapp.EventOption) {
	return Do(key, func(ctx goapp.Context, e goapp.Event) {
		for _, held := range []string{"altKey", "ctrlKey", "metaKey"} {
			if e.Get(held).Bool() {
				return
			}
		}
		if to, ok := TabKey(e.Get("key").String(), at, n); ok {
			e.PreventDefault()
			move(ctx, to)
		}
	})
}

// TabIndex returns the roving tabindex: only the selected tab is in the tab order.
func TabIndex(selected bool) int {
	if selected {
		return 0
	}
	return -1
}
