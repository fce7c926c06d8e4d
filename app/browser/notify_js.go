package browser

import (
	"syscall/js"
	"time"
)

// askPatience bounds how long the browser's question may stand.
const askPatience = time.Minute

func workers() js.Value { return window().Get("navigator").Get("serviceWorker") }

// MayNotify returns whether notices may be shown. They need a service worker,
// and so https or localhost.
func MayNotify() Notices {
	maker := window().Get("Notification")
	if !present(maker) || !present(workers()) {
		return NoNotices
	}
	return Notices(maker.Get("permission").String())
}

// AskNotices has the browser ask the agent, and returns what came of it. Call it
// at a click only. It blocks while the question stands, at most a minute.
func AskNotices() Notices {
	if MayNotify() == NoticesUnasked {
		// What the answer is stands in the permission, also when none came.
		_, _ = await(window().Get("Notification").Call("requestPermission"), askPatience)
	}
	return MayNotify()
}

// Notify shows a notice if that is allowed. It does not wait.
func Notify(n Notice) {
	if MayNotify() != NoticesAllowed {
		return
	}
	withWorker(func(registration js.Value) {
		registration.Call("showNotification", n.Title, map[string]any{
			"tag": n.Tag, "body": n.Text, "icon": "/web/icons/icon-192.png", "badge": "/web/icons/icon-192.png",
			"renotify": true, "requireInteraction": n.Hold,
			"data": map[string]any{"open": n.Open, "page": n.Page},
		})
	})
}

// Unnotify takes the notice with a tag away, if it stands.
func Unnotify(tag string) {
	if MayNotify() != NoticesAllowed {
		return
	}
	withWorker(func(registration js.Value) {
		settled(registration.Call("getNotifications", map[string]any{"tag": tag}), func(all js.Value, err error) {
			for i := 0; err == nil && i < all.Length(); i++ {
				all.Index(i).Call("close")
			}
		})
	})
}

func withWorker(f func(registration js.Value)) {
	settled(workers().Get("ready"), func(registration js.Value, err error) {
		if err == nil {
			f(registration)
		}
	})
}

// OnNotice calls f when the agent has clicked a notice, as long as this document
// lives, in turn on a goroutine of its own: open is the notice's, opened says that
// its page has been opened in a new tab.
func OnNotice(f func(open string, opened bool)) {
	if !present(workers()) {
		return
	}
	tell := &serial{}
	on(workers(), "message", func(event js.Value) {
		told := event.Get("data")
		if told.Type() != js.TypeObject || told.Get("notice").Type() != js.TypeString {
			return
		}
		open, opened := told.Get("notice").String(), told.Get("opened").Truthy()
		tell.push(func() { f(open, opened) })
	})
}

// SetBadge puts a number on the workspace's icon where it is installed; 0 takes it
// away.
func SetBadge(n int) {
	navigator := window().Get("navigator")
	if navigator.Get("setAppBadge").Type() != js.TypeFunction {
		return
	}
	settled(navigator.Call("setAppBadge", n), func(js.Value, error) {})
}

// InFront reports whether the agent can see this document and has the keyboard in
// its window.
func InFront() bool { return Visible() && document().Call("hasFocus").Bool() }
