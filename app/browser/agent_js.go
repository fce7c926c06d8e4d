package browser

import (
	"sync"
	"sync/atomic"
	"syscall/js"
	"time"
)

// lastInput is when the agent was last seen to do something, in Unix nanoseconds.
var lastInput atomic.Int64

func sawInput() { lastInput.Store(time.Now().UnixNano()) }

// watchInput begins to watch for input; calls after the first do nothing.
var watchInput = sync.OnceFunc(func() {
	sawInput()
	// pointerover stands for movement: it comes once an element, not once a pixel.
	for _, kind := range []string{"keydown", "pointerdown", "pointerover", "wheel"} {
		onCapture(window(), kind, false, func(js.Value) { sawInput() })
	}
})

// IdleFor returns how long ago the agent last pressed a key or used the pointer
// in this document or went into a frame. What is done inside a frame is seen for
// some five seconds, in which the browser counts the agent as active.
// Counting begins with the first NewStage, OnKey or IdleFor.
func IdleFor() time.Duration {
	watchInput()
	if justUsed() {
		sawInput()
	}
	return max(0, time.Since(time.Unix(0, lastInput.Load())))
}

// OnKey calls f at each key that goes down in this document, as long as it lives.
// f reports whether it took the key; then the browser does nothing else with it.
// f is a callback of the browser and must not wait.
func OnKey(f func(Key) bool) {
	watchInput()
	onCapture(window(), "keydown", true, func(event js.Value) {
		// While a character is being composed, and when a browser fills in a form
		// (an event without a key), no key was meant for us.
		if event.Get("isComposing").Truthy() || event.Get("key").Type() != js.TypeString {
			return
		}
		if f(readKey(event)) {
			event.Call("preventDefault")
		}
	})
}

func readKey(event js.Value) Key {
	return Key{
		Key:     event.Get("key").String(),
		Code:    event.Get("code").String(),
		Alt:     event.Get("altKey").Truthy(),
		Ctrl:    event.Get("ctrlKey").Truthy(),
		Shift:   event.Get("shiftKey").Truthy(),
		Meta:    event.Get("metaKey").Truthy(),
		Editing: editing(),
	}
}

func editing() bool {
	active := document().Get("activeElement")
	return present(active) &&
		active.Call("matches", "input, textarea, select, [contenteditable]:not([contenteditable=false])").Bool()
}

// Visible reports whether this document can be seen: its tab is in front and its
// window not covered or minimised.
func Visible() bool { return document().Get("visibilityState").String() == "visible" }

// OnVisible calls f when this document comes into sight or goes out of it, as
// long as it lives, in turn on a goroutine of its own.
func OnVisible(f func(visible bool)) {
	tell := &serial{}
	on(document(), "visibilitychange", func(js.Value) {
		visible := Visible()
		tell.push(func() { f(visible) })
	})
}

// OnFocus calls f whenever this document's window gets the keyboard, as long as it
// lives, in turn on a goroutine of its own.
func OnFocus(f func()) {
	tell := &serial{}
	on(window(), "focus", func(js.Value) { tell.push(f) })
}

// OnOnline calls f when the machine's network comes or goes, as far as the
// browser knows, as long as the document lives, in turn on a goroutine of its own.
func OnOnline(f func(online bool)) {
	tell := &serial{}
	on(window(), "online", func(js.Value) { tell.push(func() { f(true) }) })
	on(window(), "offline", func(js.Value) { tell.push(func() { f(false) }) })
}
