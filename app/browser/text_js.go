package browser

import "syscall/js"

// Text returns what stands in the text field with this id, "" if it is not there.
func Text(id string) string {
	if el, ok := field(id); ok {
		return el.Get("value").String()
	}
	return ""
}

// SetText puts text into the field with this id, unless it is there already. What
// could be undone in the field no longer can.
func SetText(id, text string) {
	if el, ok := field(id); ok && el.Get("value").String() != text {
		el.Set("value", text)
	}
}

// SelectText gives the keyboard to the field and selects its bytes from…to;
// the line with them is brought into view.
func SelectText(id string, from, to int) {
	el, ok := field(id)
	if !ok {
		return
	}
	text := el.Get("value").String()
	el.Call("focus")
	el.Call("setSelectionRange", units(text, from), units(text, to))
	// Chromium scrolls to the caret only when it is typed or the focus comes anew.
	el.Call("blur")
	el.Call("focus")
}

// ReplaceText puts text in the place of the bytes from…to of the field, as if it
// were typed: it can be undone, and the field tells that it has changed.
func ReplaceText(id string, from, to int, text string) {
	SelectText(id, from, to)
	_ = try(func() { document().Call("execCommand", "insertText", false, text) })
}

// Caret returns the byte at which the caret of the field stands.
func Caret(id string) int {
	el, ok := field(id)
	if !ok {
		return 0
	}
	return bytesOf(el.Get("value").String(), el.Get("selectionStart").Int())
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
