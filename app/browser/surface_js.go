package browser

import "syscall/js"

const stageID = "stage"

// dom is the surface in a document. Its methods are called under the stage's
// lock, so nothing here may call back into the stage but through spoke, entered
// and loaded, which do not wait.
type dom struct {
	stage   js.Value
	frames  map[string]frame
	reports *refusals // of what frames were not allowed to show
	within  string    // the page that was last seen to have the keyboard
	watch   js.Func   // looks where the keyboard is
	keys    keyboard
	beat    js.Value // the timer that calls watch while a page is seen; undefined if none does
}

const lookEvery = 500 // milliseconds

type frame struct {
	el  js.Value
	off func() // stops listening
}

func newSurface(spoke, entered func(id string), refused func(origin string)) surface {
	doc := document()
	if old := doc.Call("getElementById", stageID); present(old) {
		old.Call("remove")
	}
	d := &dom{stage: doc.Call("createElement", "div"), frames: map[string]frame{}}
	d.reports = observeRefusals(window(), refused)
	d.stage.Set("id", stageID)
	d.stage.Set("hidden", true)
	d.stage.Call("setAttribute", "role", "none")
	doc.Get("body").Call("appendChild", d.stage)
	watchInput()
	d.watchKeyboard()
	announcer() // a live region must be there before what it is to say
	on(window(), "message", func(event js.Value) { d.message(event, spoke) })
	// Going from the workspace into a frame blurs the window, and its focus means
	// that the keyboard came back. Neither is sure to be said when frames follow
	// one another fast; the timer sees what was missed.
	d.watch = callback(func([]js.Value) { d.look(entered) })
	for _, kind := range []string{"blur", "focus"} {
		window().Call("addEventListener", kind, d.watch)
	}
	return d
}

func (d *dom) create(p Page, href string, loaded func()) {
	el := document().Call("createElement", "iframe")
	el.Set("className", "frame")
	el.Set("title", p.Title)
	el.Call("setAttribute", "data-pop", p.ID)
	el.Call("setAttribute", "sandbox", p.sandbox())
	el.Call("setAttribute", "referrerpolicy", "strict-origin-when-cross-origin")
	el.Call("setAttribute", "loading", "eager")
	if p.Allow != "" {
		el.Call("setAttribute", "allow", p.Allow)
	}
	d.frames[p.ID] = frame{el: el, off: on(el, "load", func(js.Value) {
		d.reports.take() // a refusal is reported before its load, but told when the browser has time
		loaded()
	})}
	el.Set("src", href)
	d.stage.Call("appendChild", el)
}

func (d *dom) navigate(id, href string) {
	if f, ok := d.frames[id]; ok {
		f.el.Set("src", href)
	}
}

func (d *dom) title(id, title string) {
	if f, ok := d.frames[id]; ok {
		f.el.Set("title", title)
	}
}

// mark shows or hides a frame. A frame that is hidden gives the keyboard back:
// otherwise the agent's next keys would go into a page that cannot be seen.
func (d *dom) mark(id string, shown bool) {
	f, ok := d.frames[id]
	if !ok {
		return
	}
	f.el.Get("classList").Call("toggle", "frame-shown", shown)
	if !shown && document().Get("activeElement").Equal(f.el) {
		d.within = ""
		f.el.Call("blur")
	}
}

func (d *dom) drop(id string) {
	f, ok := d.frames[id]
	if !ok {
		return
	}
	delete(d.frames, id)
	f.off()
	f.el.Call("remove")
}

func (d *dom) hide(all bool) {
	d.stage.Set("hidden", all)
	if d.beat.Truthy() {
		window().Call("clearInterval", d.beat)
		d.beat = js.Undefined()
	}
	if !all {
		d.beat = window().Call("setInterval", d.watch, lookEvery)
	}
}

// empty reports whether the frame still has the empty document it began with:
// what has come from elsewhere cannot be seen at all.
func (d *dom) empty(id string) bool {
	f, ok := d.frames[id]
	return ok && present(f.el.Get("contentDocument"))
}

func (d *dom) nested(id string) bool {
	f, ok := d.frames[id]
	if !ok {
		return false
	}
	inside := f.el.Get("contentWindow")
	return present(inside) && inside.Get("length").Int() > 0
}

func (d *dom) focused() string {
	active := document().Get("activeElement")
	if !present(active) {
		return ""
	}
	for id, f := range d.frames {
		if f.el.Equal(active) {
			return id
		}
	}
	return ""
}

// message looks only at whom a message came from: what it says is a page's
// business and never ours.
func (d *dom) message(event js.Value, spoke func(id string)) {
	source := event.Get("source")
	if !present(source) {
		return
	}
	for id, f := range d.frames {
		if inside := f.el.Get("contentWindow"); present(inside) && inside.Equal(source) {
			spoke(id)
			return
		}
	}
}
