package browser

import "syscall/js"

// Text returns what stands in the editor or text field with this id, "" if it is
// not there. Line ends are those of the text that was put in.
func Text(id string) string {
	if ed, ok := editorOf(id); ok {
		return ed.Call("text").String()
	}
	if el, ok := field(id); ok {
		return givenTo(el).text(el.Get("value").String())
	}
	return ""
}

// SetText puts text into the editor or field with this id, unless it is there
// already. In a field what could be undone no longer can; in an editor this can be
// undone too.
func SetText(id, text string) {
	if Text(id) == text {
		return
	}
	if ed, ok := editorOf(id); ok {
		ed.Call("set", text)
	} else if el, ok := field(id); ok {
		el.Set("value", text)
		el.Set("crmpopGiven", text)
	}
}

// givenTo returns what SetText put into a field: the field itself forgets how its
// lines ended.
func givenTo(el js.Value) given {
	if v := el.Get("crmpopGiven"); v.Type() == js.TypeString {
		return given(v.String())
	}
	return ""
}

// SelectText gives the keyboard to the editor or field and selects its bytes
// from…to; the line with them is brought into view.
func SelectText(id string, from, to int) {
	text := Text(id)
	if ed, ok := editorOf(id); ok {
		ed.Call("select", units(text, from), units(text, to))
		return
	}
	el, ok := field(id)
	if !ok {
		return
	}
	el.Call("focus")
	el.Call("setSelectionRange", fieldUnits(text, from), fieldUnits(text, to))
	// Chromium scrolls to the caret only when it is typed or the focus comes anew.
	el.Call("blur")
	el.Call("focus")
}

// ReplaceText puts text in the place of the bytes from…to of the editor or field,
// as if it were typed: it can be undone, and is told as a change.
func ReplaceText(id string, from, to int, text string) {
	if ed, ok := editorOf(id); ok {
		was := Text(id)
		ed.Call("replace", units(was, from), units(was, to), text)
		return
	}
	SelectText(id, from, to)
	_ = try(func() { document().Call("execCommand", "insertText", false, text) })
}

// Caret returns the byte at which the caret of the editor or field stands.
func Caret(id string) int {
	if ed, ok := editorOf(id); ok {
		return bytesOf(Text(id), ed.Call("caret").Int())
	}
	el, ok := field(id)
	if !ok {
		return 0
	}
	return fieldBytes(Text(id), el.Get("selectionStart").Int())
}

func field(id string) (js.Value, bool) {
	el := document().Call("getElementById", id)
	return el, present(el)
}

// Leave goes to another page of this server, out of this program.
func Leave(path string) {
	if checkPath(path) == nil {
		window().Get("location").Call("assign", path)
	}
}

// Address returns the address of this page's server, such as
// "https://pop.example.com".
func Address() string { return here().origin }
