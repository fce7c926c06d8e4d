package browser

import "syscall/js"

// HoldFocus keeps the keyboard in the dialog that is shown until release is
// called, and then gives it back to what has it now.
func HoldFocus() (release func()) {
	had := document().Get("activeElement")
	off := on(document(), "keydown", func(event js.Value) {
		if event.Get("key").String() == "Tab" {
			turn(event)
		}
	})
	return func() {
		off()
		if present(had) && had.Get("isConnected").Bool() {
			had.Call("focus")
		}
	}
}

// turn has Tab go from the last element of the dialog to the first, and back.
func turn(event js.Value) {
	dialog := document().Call("querySelector", "[role=dialog]")
	if !present(dialog) {
		return
	}
	all := dialog.Call("querySelectorAll", "a[href], button:not(:disabled), input:not(:disabled), select:not(:disabled), textarea:not(:disabled), [tabindex='0']")
	n := all.Length()
	if n == 0 {
		return
	}
	from, to := all.Index(n-1), all.Index(0)
	if event.Get("shiftKey").Bool() {
		from, to = to, from
	}
	is := document().Get("activeElement")
	if is.Equal(from) || !dialog.Call("contains", is).Bool() {
		event.Call("preventDefault")
		to.Call("focus")
	}
}
