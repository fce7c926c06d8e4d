package browser

import (
	"sync"
	"syscall/js"
)

// Lead asks to be the one tab of this browser that leads under name, and keeps
// asking: gained is called once this tab leads, lost when another has taken over,
// after which it waits in line again. steal takes the lead over at once; it does
// nothing while this tab leads. A tab that closes or dies gives the lead up.
//
// gained and lost are called in turn on a goroutine of their own. Where the
// browser has no locks (a page that is neither https nor on localhost) the tab
// leads at once and for good.
func Lead(name string, gained, lost func()) (steal func()) {
	l := &lead{name: name, gained: gained, lost: lost, locks: window().Get("navigator").Get("locks")}
	if !present(l.locks) {
		l.tell.push(gained)
		return func() {}
	}
	l.wait()
	return l.steal
}

// lead is one tab's part in a lock. The browser's lock is held by a promise that
// is never kept: it ends with the document, or by being stolen.
type lead struct {
	name         string
	gained, lost func()
	locks        js.Value
	tell         serial

	mu     sync.Mutex // guards what follows; no lock is asked for while holding it
	asked  int        // requests so far
	holder int        // the request that holds the lock; 0 if none of ours does
	queue  js.Value   // aborts the request that waits in line; null if none does
}

// wait asks for the lock and stays in line until it is granted.
func (l *lead) wait() {
	abort := window().Get("AbortController").New()
	l.mu.Lock()
	l.queue = abort
	l.mu.Unlock()
	l.request(map[string]any{"signal": abort.Get("signal")})
}

func (l *lead) steal() {
	l.mu.Lock()
	holder, queue := l.holder, l.queue
	l.queue = js.Null()
	l.mu.Unlock()
	if holder != 0 {
		return
	}
	if present(queue) {
		queue.Call("abort")
	}
	l.request(map[string]any{"steal": true})
}

func (l *lead) request(options map[string]any) {
	l.mu.Lock()
	l.asked++
	n := l.asked
	l.mu.Unlock()
	held := false
	var granted js.Func
	granted = js.FuncOf(func(js.Value, []js.Value) any {
		held = true
		l.granted(n)
		return forever()
	})
	settled(l.locks.Call("request", l.name, options, granted), func(_ js.Value, err error) {
		granted.Release()
		switch {
		case held:
			l.taken(n)
		case errorName(err) != "AbortError":
			l.granted(n) // locks are forbidden here: as if there were none
		}
	})
}

func (l *lead) granted(n int) {
	l.mu.Lock()
	leads := l.holder != 0
	l.holder, l.queue = n, js.Null()
	l.mu.Unlock()
	if !leads {
		l.tell.push(l.gained)
	}
}

// taken is called when the lock that request n held was stolen, by another tab
// or by a later request of our own.
func (l *lead) taken(n int) {
	l.mu.Lock()
	ours := l.holder == n
	if ours {
		l.holder = 0
	}
	l.mu.Unlock()
	if ours {
		l.tell.push(l.lost)
		l.wait()
	}
}

// forever returns a promise that is never kept.
func forever() js.Value {
	never := js.FuncOf(func(js.Value, []js.Value) any { return nil })
	defer never.Release() // a promise calls its maker once, at once
	return window().Get("Promise").New(never)
}
