package browser

import (
	"sync"
	"syscall/js"
)

// opened are the named windows of this workspace that were opened since it was
// loaded.
var opened struct {
	mu     sync.Mutex // guards byName
	byName map[string]js.Value
}

// windowPrefix keeps our windows apart from those that framed pages name. It
// stays over a reload, so that windows are found again.
var windowPrefix = sync.OnceValue(func() string {
	const key = "crmpop.windows"
	if prefix, ok := Load(Session, key); ok {
		return prefix
	}
	prefix := "crmpop-" + NewID()[:8] + "-"
	Save(Session, key, prefix)
	return prefix
})

// OpenWindow opens url in the window named target, which is used again if it is
// there, or in a new tab if target is "_blank". It reports whether the browser
// really did: false means that it was blocked for want of a click, or that url is
// not http(s) or is our own. It does not bring an existing window to the front
// unless the agent has just clicked.
//
// A page in a new tab cannot reach the workspace. One in a named window keeps its
// opener: a window without one could never be used again.
func OpenWindow(url, target string) bool {
	a := parseAddress(url)
	if windowFault(a, here()) != "" {
		return false
	}
	name := windowName(windowPrefix(), target)
	if name == "" {
		return openBlank(a.href)
	}
	return openNamed(a.href, name)
}

// openBlank opens the tab empty first: while it is, it is ours, and its way back
// to us can be cut. With noopener the browser would not say whether it opened.
func openBlank(href string) bool {
	ok := false
	err := try(func() {
		w := window().Call("open", "", blankTarget)
		if !isOpen(w) {
			return
		}
		set(w, "opener", nil)
		get(w, "location").Call("replace", href)
		ok = true
	})
	return ok && err == nil
}

func openNamed(href, name string) bool {
	var w js.Value
	err := try(func() { w = window().Call("open", href, name) })
	if err != nil || !isOpen(w) {
		return false
	}
	opened.mu.Lock()
	defer opened.mu.Unlock()
	if opened.byName == nil {
		opened.byName = map[string]js.Value{}
	}
	opened.byName[name] = w
	return true
}

// WindowOpen reports whether a window named target, opened since this page was
// loaded, is still open. It cannot see a window whose page has cut itself off
// (COOP).
func WindowOpen(target string) bool {
	name := windowName(windowPrefix(), target)
	opened.mu.Lock()
	w, ok := opened.byName[name]
	opened.mu.Unlock()
	return ok && isOpen(w)
}

// WindowLost reports whether a window named target was opened since this page was
// loaded and can no longer be reached: it was closed, or its page keeps others
// away (COOP).
func WindowLost(target string) bool {
	name := windowName(windowPrefix(), target)
	opened.mu.Lock()
	w, ok := opened.byName[name]
	opened.mu.Unlock()
	return ok && !isOpen(w)
}

func isOpen(w js.Value) bool { return present(w) && !w.Get("closed").Bool() }
