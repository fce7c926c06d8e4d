package browser

import (
	"sync"
	"syscall/js"
	"time"
)

const (
	tabKey = "crmpop.tab"
	// tabPatience is how long a tab waits for its own lock. A reload may find it
	// still held by the document that is going; a duplicate finds it held for good.
	tabPatience = 500 * time.Millisecond
)

// Tab returns the id of this tab. It stays over reloads and is new in a tab that
// was duplicated from another, although that one copies its storage. The first
// call blocks, for half a second in a duplicate.
func Tab() string { return tab() }

var tab = sync.OnceValue(func() string {
	if id, ok := Load(Session, tabKey); ok && holdTab(id) {
		return id
	}
	id := NewID()
	Save(Session, tabKey, id)
	holdTab(id)
	return id
})

// holdTab takes the lock of the tab with this id for as long as the document
// lives, and reports whether it could. Without locks it always can.
func holdTab(id string) bool {
	locks := window().Get("navigator").Get("locks")
	if !present(locks) {
		return true
	}
	abort := window().Get("AbortController").New()
	timer := time.AfterFunc(tabPatience, func() { abort.Call("abort") })
	defer timer.Stop()
	held := make(chan bool, 2)
	granted := js.FuncOf(func(js.Value, []js.Value) any {
		held <- true
		return forever()
	})
	defer granted.Release()
	options := map[string]any{"signal": abort.Get("signal")}
	settled(locks.Call("request", "tab-"+id, options, granted), func(_ js.Value, err error) {
		held <- errorName(err) != "AbortError" // any other error: locks are forbidden here
	})
	return <-held
}
