package browser

import (
	"sync"
	"syscall/js"
)

// SetTitle sets the document's title, which the browser's tab shows.
func SetTitle(title string) { document().Set("title", title) }

// SetHash sets the part of the address after "#", without a new entry in the
// history and without telling anyone; "" takes it away.
func SetHash(hash string) {
	location := window().Get("location")
	address := location.Get("pathname").String() + location.Get("search").String()
	if hash != "" {
		address += "#" + hash
	}
	window().Get("history").Call("replaceState", window().Get("history").Get("state"), "", address)
}

// Path returns the path of the document's address, such as "/admin/users".
func Path() string { return window().Get("location").Get("pathname").String() }

// Focus gives the keyboard to the element with this id; nothing happens if it is
// not there.
func Focus(id string) {
	if el := document().Call("getElementById", id); present(el) {
		el.Call("focus")
	}
}

// kept announcements: enough for a screen reader to finish with them.
const announcements = 5

var announcer = sync.OnceValue(func() js.Value {
	region := document().Call("createElement", "div")
	region.Set("className", "announcer")
	region.Call("setAttribute", "aria-live", "polite")
	style(region, map[string]string{
		"position": "fixed", "width": "1px", "height": "1px", "overflow": "hidden",
		"clip-path": "inset(50%)", "white-space": "nowrap",
	})
	document().Get("body").Call("appendChild", region)
	return region
})

// Announce has screen readers say text when they are next silent. It is not seen.
func Announce(text string) {
	region := announcer()
	line := document().Call("createElement", "div")
	line.Set("textContent", text)
	region.Call("appendChild", line)
	for region.Get("childElementCount").Int() > announcements {
		region.Get("firstElementChild").Call("remove")
	}
}

var guard struct {
	mu  sync.Mutex // guards off
	off func()     // nil if there is no guard
}

// Guard makes the browser ask before this page is left or reloaded (on), or no
// longer (off). Browsers ask only after the agent has used the page.
func Guard(up bool) {
	guard.mu.Lock()
	defer guard.mu.Unlock()
	switch {
	case up && guard.off == nil:
		guard.off = on(window(), "beforeunload", func(event js.Value) {
			event.Call("preventDefault")
			event.Set("returnValue", true)
		})
	case !up && guard.off != nil:
		guard.off()
		guard.off = nil
	}
}

// Alive tells the page's watchdog, the function crmpopAlive, that the program
// still runs. Nothing happens if there is none.
func Alive() {
	if watchdog := window().Get("crmpopAlive"); watchdog.Type() == js.TypeFunction {
		watchdog.Invoke()
	}
}
