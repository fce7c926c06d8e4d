package browser

import (
	"syscall/js"
	"time"
)

// Who has the keyboard. A page may take it by script, as many do when they have
// loaded, in the middle of what the agent types elsewhere in the workspace. It
// gets it only if the agent has turned to the page: by a click into it or by Tab,
// both of which browsers count as use of the workspace too.

const (
	useArrives = 100 * time.Millisecond // a click's use may be told after its focus
	stillTypes = time.Second
)

// keyboard knows where the keyboard was before a page took it.
type keyboard struct {
	had    js.Value        // the workspace's element that had it last
	typed  time.Time       // when the agent last typed into the workspace
	thiefs map[string]bool // pages that have taken it unasked
}

func (d *dom) watchKeyboard() {
	d.keys.thiefs = map[string]bool{}
	onCapture(document(), "focusin", false, func(event js.Value) {
		if target := event.Get("target"); !target.Get("classList").Call("contains", "frame").Bool() {
			d.keys.had = target
		}
	})
	onCapture(window(), "keydown", false, func(event js.Value) {
		d.keys.typed = time.Time{}
		if editing() && event.Get("key").Type() == js.TypeString && event.Get("key").String() != "Tab" {
			d.keys.typed = time.Now()
		}
	})
}

// look tells of the page that the keyboard has gone into since the last look, if
// the agent wanted that.
func (d *dom) look(entered func(id string)) {
	id := d.focused()
	if id == "" || id == d.within {
		d.within = id
		return
	}
	switch shown, over := d.over(id); {
	case !shown, !over && time.Since(d.keys.typed) < stillTypes, !over && d.keys.thiefs[id] && !justUsed():
		d.giveBack(id)
	case justUsed():
		d.goneInto(id, entered)
	default:
		time.AfterFunc(useArrives, func() {
			guarded(func() {
				switch {
				case d.focused() != id || d.within == id: // it has gone elsewhere meanwhile
				case justUsed():
					d.goneInto(id, entered)
				default:
					d.keys.thiefs[id] = true
					d.giveBack(id)
				}
			})
		})
	}
}

// over reports whether a page is the one that is seen, and the pointer over it.
func (d *dom) over(id string) (shown, over bool) {
	el := d.frames[id].el
	return el.Get("classList").Call("contains", "frame-shown").Bool(), el.Call("matches", ":hover").Bool()
}

func (d *dom) goneInto(id string, entered func(id string)) {
	d.within = id
	sawInput()
	entered(id)
}

// giveBack returns the keyboard from a page that took it to where it was.
func (d *dom) giveBack(id string) {
	if had := d.keys.had; present(had) && had.Get("isConnected").Bool() {
		had.Call("focus", map[string]any{"preventScroll": true})
	}
	if d.focused() == id {
		d.frames[id].el.Call("blur")
	}
}
