// Package browser is the only room that touches the browser: it places pages on
// a stage, opens windows, stores, fetches, and reports what the agent and the
// browser do. It knows no word of the domain but page.
//
// Every function exists twice with one signature: in *_js.go it does the deed, in
// *_native.go it does nothing or keeps things in memory, so that what is built on
// it compiles and tests without a browser.
//
// # What the stylesheet must know
//
//   - #stage is the one element that holds all frames. It is a child of body, so
//     that no re-rendering can move or reload a frame, and has the attribute
//     hidden while no frame is to be seen. Prefer "#stage[hidden] { display:
//     block; visibility: hidden }" over display: none: pages then load with their
//     final size.
//   - .frame is every page's iframe, data-pop its page id; .frame-shown is the one
//     that may be seen. All others must be hidden by visibility: hidden, never by
//     taking them out of the document.
//   - .probe and .announcer are invisible and styled from here.
//
// # Rules of this room
//
// A function that says that it blocks must not be called inside a callback of the
// browser (OnKey); components' handlers and goroutines may. All callbacks and
// goroutines recover: a panic is written to the console and ends only itself.
package browser

import (
	"fmt"
	"runtime/debug"
)

// Go runs f on a goroutine of its own. A panic in f is written to the console (on
// native builds: the log) and ends f only, never the program.
func Go(f func()) {
	go guarded(f)
}

func guarded(f func()) {
	defer func() {
		if fault := recover(); fault != nil {
			complain(fmt.Sprint(fault), string(debug.Stack()))
		}
	}()
	f()
}
