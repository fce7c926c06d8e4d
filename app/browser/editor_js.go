package browser

import (
	"fmt"
	"sync"
	"syscall/js"
)

// loading is the script of the editor on its way here.
var loading struct {
	mu    sync.Mutex // guards what follows
	begun bool
	done  bool
	wait  []func()
}

// LoadEditor has the browser load the script of the editor at address, once, and
// calls ready when it is there; nothing happens if address is empty or the script
// cannot be had. ready runs at once when it is there already, and is not to block.
func LoadEditor(address string, ready func()) {
	if address == "" {
		return
	}
	if EditorReady() {
		ready()
		return
	}
	loading.mu.Lock()
	defer loading.mu.Unlock()
	loading.wait = append(loading.wait, ready)
	if loading.begun {
		return
	}
	loading.begun = true
	script := document().Call("createElement", "script")
	var offLoad, offError func()
	off := func() { offLoad(); offError() }
	offLoad = on(script, "load", func(js.Value) { off(); loaded() })
	offError = on(script, "error", func(js.Value) {
		off()
		script.Call("remove")
		loading.mu.Lock()
		defer loading.mu.Unlock()
		loading.begun, loading.wait = false, nil // the next to ask tries again
	})
	script.Set("src", address)
	document().Get("head").Call("appendChild", script)
}

// loaded tells those who wait. Nothing else runs between its being there and
// their taking it.
func loaded() {
	loading.mu.Lock()
	loading.done = true
	wait := loading.wait
	loading.wait = nil
	loading.mu.Unlock()
	for _, ready := range wait {
		ready()
	}
}

// EditorReady reports whether LoadEditor has come to its end.
func EditorReady() bool {
	loading.mu.Lock()
	defer loading.mu.Unlock()
	return loading.done
}

func library() js.Value { return window().Get("crmpopEditor") }

var mounts struct {
	mu sync.Mutex        // guards by
	by map[string]func() // releases what an editor calls
}

// MountEditor puts an editor into the element with the id host and reports whether
// there is one now; without that element there is none, which is no error. A text
// field with o.ID hands over its text, its caret and the keyboard, and is hidden.
// The host must have no children of anybody else's.
func MountEditor(host string, o EditorOptions) (mounted bool, err error) {
	at := document().Call("getElementById", host)
	if !EditorReady() || !present(at) {
		return false, nil
	}
	if _, there := editorOf(o.ID); there {
		return true, nil
	}
	if _, ok := field(o.ID); ok {
		o.Text = Text(o.ID)
	}
	UnmountEditor(o.ID)
	typed := callback(func([]js.Value) { o.Typed() })
	repair := callback(func(args []js.Value) { o.Repair(args[0].Int()) })
	release := func() { typed.Release(); repair.Release() }
	err = try(func() {
		library().Call("mount", at, map[string]any{
			"id": o.ID, "text": o.Text, "label": o.Label, "describedBy": o.DescribedBy,
			"vocabulary": window().Get("JSON").Call("parse", string(o.Vocabulary)), "typed": typed, "repair": repair,
		})
	})
	if err != nil {
		release()
		return false, fmt.Errorf("mount the editor: %w", err)
	}
	mounts.mu.Lock()
	defer mounts.mu.Unlock()
	if mounts.by == nil {
		mounts.by = map[string]func(){}
	}
	mounts.by[o.ID] = release
	return true, nil
}

// UnmountEditor takes down the editor that stands for the field with this id, if
// there is one. What stood in it is lost.
func UnmountEditor(id string) {
	mounts.mu.Lock()
	release, ok := mounts.by[id]
	delete(mounts.by, id)
	mounts.mu.Unlock()
	if !ok {
		return
	}
	_ = try(func() { library().Call("drop", id) }) // what it throws while it goes is of no use
	release()
}

// editorOf returns the editor that stands for the field with this id.
func editorOf(id string) (js.Value, bool) {
	lib := library()
	if !present(lib) {
		return lib, false
	}
	ed := lib.Call("of", id)
	return ed, present(ed)
}

// OpenText puts another document into the editor or field with this id: what was
// done before cannot be undone in it, even if the text is the same.
func OpenText(id, text string) {
	if ed, ok := editorOf(id); ok {
		ed.Call("open", text)
		return
	}
	SetText(id, text)
}

// MarkText marks these places in the editor with this id, and no others; a field
// has no marks.
func MarkText(id string, marks []Mark) {
	ed, ok := editorOf(id)
	if !ok {
		return
	}
	all := make([]any, len(marks))
	for i, m := range marks {
		all[i] = map[string]any{"line": m.Line, "column": m.Column, "length": m.Length,
			"severity": m.Severity, "message": m.Message, "cure": m.Cure}
	}
	ed.Call("mark", all)
}
