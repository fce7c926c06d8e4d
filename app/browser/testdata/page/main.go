//go:build js

// Command page is the program of the test page: it puts everything package
// browser does under the name pop, for the tests to call in a real browser, and
// writes what it hears into lists.
package main

import (
	"syscall/js"

	"github.com/crmpop/crmpop/app/browser"
)

var pop = js.Global().Get("Object").New()

func main() {
	for _, list := range []string{"events", "keys", "leads", "sights"} {
		pop.Set(list, js.Global().Get("Array").New())
	}
	stage()
	windows()
	storage()
	life()
	document()
	js.Global().Set("pop", pop)
	select {}
}

// does names a function that answers at once.
func does(name string, f func(a []js.Value) any) {
	pop.Set(name, js.FuncOf(func(_ js.Value, a []js.Value) any { return f(a) }))
}

// waits names a function that may block; in the page it returns a promise.
func waits(name string, f func(a []js.Value) any) {
	does(name, func(a []js.Value) any {
		return js.Global().Get("Promise").New(js.FuncOf(func(_ js.Value, p []js.Value) any {
			browser.Go(func() { p[0].Invoke(f(a)) })
			return nil
		}))
	})
}

func hear(list string, what any) { pop.Get(list).Call("push", what) }

func strings(values []string) any {
	all := make([]any, len(values))
	for i, v := range values {
		all[i] = v
	}
	return all
}

func stage() {
	s := browser.NewStage(3, func(ev browser.PageEvent) {
		hear("events", map[string]any{
			"id": ev.ID, "what": string(ev.What), "detail": ev.Detail,
			"loads": ev.Loads, "after": ev.After.Milliseconds(),
		})
	})
	does("add", func(a []js.Value) any {
		text := func(name string) string {
			if v := a[0].Get(name); v.Type() == js.TypeString {
				return v.String()
			}
			return ""
		}
		return s.Add(browser.Page{
			ID: text("id"), Title: text("title"), URL: text("url"), Key: text("key"),
			Sandbox: text("sandbox"), Allow: text("allow"),
			Probe: a[0].Get("probe").Truthy(), Always: a[0].Get("always").Truthy(),
		})
	})
	does("show", func(a []js.Value) any { s.Show(a[0].String()); return nil })
	does("cover", func(a []js.Value) any { s.Cover(a[0].String(), a[1].Bool()); return nil })
	does("remove", func(a []js.Value) any { s.Remove(a[0].String()); return nil })
	does("reload", func(a []js.Value) any { s.Reload(a[0].String()); return nil })
	does("refuse", func(a []js.Value) any { s.Refuse(a[0].String(), a[1].String()); return nil })
	does("title", func(a []js.Value) any { s.Title(a[0].String(), a[1].String()); return nil })
	does("has", func(a []js.Value) any { return s.Has(a[0].String()) })
	does("loads", func(a []js.Value) any { return s.Loads(a[0].String()) })
	does("pages", func(a []js.Value) any { return strings(s.Pages()) })
}

func windows() {
	does("openWindow", func(a []js.Value) any { return browser.OpenWindow(a[0].String(), a[1].String()) })
	does("windowOpen", func(a []js.Value) any { return browser.WindowOpen(a[0].String()) })
}

func storage() {
	does("save", func(a []js.Value) any {
		return browser.Save(browser.Area(a[0].Int()), a[1].String(), a[2].String())
	})
	does("load", func(a []js.Value) any {
		if v, ok := browser.Load(browser.Area(a[0].Int()), a[1].String()); ok {
			return v
		}
		return nil
	})
	does("delete", func(a []js.Value) any { browser.Delete(browser.Area(a[0].Int()), a[1].String()); return nil })
	does("keysOf", func(a []js.Value) any { return strings(browser.Keys(browser.Area(a[0].Int()), a[1].String())) })
	waits("fetch", func(a []js.Value) any {
		answer, err := browser.Fetch(a[0].String(), a[1].String(), a[2].String(), []byte(a[3].String()))
		if err != nil {
			return map[string]any{"error": err.Error()}
		}
		return map[string]any{"status": answer.Status, "type": answer.Type, "body": string(answer.Body)}
	})
	does("socketURL", func(a []js.Value) any { return browser.SocketURL(a[0].String()) })
}

func life() {
	steals := map[string]func(){}
	does("lead", func(a []js.Value) any {
		name := a[0].String()
		steals[name] = browser.Lead(name, func() { hear("leads", "gained") }, func() { hear("leads", "lost") })
		return nil
	})
	does("steal", func(a []js.Value) any { steals[a[0].String()](); return nil })
	browser.OnKey(func(k browser.Key) bool {
		if k.Key == "!" {
			panic("a handler that fails")
		}
		hear("keys", map[string]any{
			"Key": k.Key, "Code": k.Code, "Alt": k.Alt, "Ctrl": k.Ctrl, "Shift": k.Shift, "Meta": k.Meta, "Editing": k.Editing,
		})
		return k.Key == "x"
	})
	browser.OnVisible(func(visible bool) { hear("sights", visible) })
	browser.OnOnline(func(online bool) { hear("sights", online) })
	does("visible", func([]js.Value) any { return browser.Visible() })
	does("idle", func([]js.Value) any { return browser.IdleFor().Milliseconds() })
	waits("tab", func([]js.Value) any { return browser.Tab() })
	does("id", func([]js.Value) any { return browser.NewID() })
	waits("copy", func(a []js.Value) any {
		ok, why := browser.CopyText(a[0].String())
		return []any{ok, why}
	})
	does("panic", func([]js.Value) any { browser.Go(func() { panic("boom") }); return nil })
}

func document() {
	does("setTitle", func(a []js.Value) any { browser.SetTitle(a[0].String()); return nil })
	does("setHash", func(a []js.Value) any { browser.SetHash(a[0].String()); return nil })
	does("path", func([]js.Value) any { return browser.Path() })
	does("announce", func(a []js.Value) any { browser.Announce(a[0].String()); return nil })
	does("focus", func(a []js.Value) any { browser.Focus(a[0].String()); return nil })
	does("guard", func(a []js.Value) any { browser.Guard(a[0].Bool()); return nil })
	does("alive", func([]js.Value) any { browser.Alive(); return nil })
}
