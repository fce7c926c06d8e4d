package browser

import (
	"errors"
	"syscall/js"
	"time"
)

// clipboardPatience bounds the write: a browser that asks for permission lets
// the promise hang as long as the question stands.
const clipboardPatience = time.Second

// CopyText puts text on the clipboard and reports whether that worked, else why
// not, in words for people. It works in the workspace that has the focus, within
// about 5 s of a click or key, or where the site was given the permission. It
// never takes the focus away. It blocks for at most a second.
func CopyText(text string) (ok bool, why string) {
	why = writeText(text)
	if why == "" {
		return true, ""
	}
	// With a question on the screen the browser may still write by itself.
	if why != whyAsking && copyByCommand(text) {
		return true, ""
	}
	return false, why
}

// CopyUnasked puts text on the clipboard where the agent need not be asked for
// it: in a workspace that is in front, just after a click or key, or where the
// site was given the permission. Else it leaves the clipboard alone. It blocks
// for at most two seconds.
func CopyUnasked(text string) Copied {
	granted := clipboardGranted()
	switch {
	case !document().Call("hasFocus").Bool():
		return Copied{Why: whyNotFocused, Later: granted}
	case !granted && !justUsed():
		return Copied{Why: whyNotAllowed}
	}
	ok, why := CopyText(text)
	return Copied{OK: ok, Why: why}
}

// justUsed reports whether the agent has clicked or pressed a key some seconds ago.
func justUsed() bool {
	activation := window().Get("navigator").Get("userActivation")
	return present(activation) && activation.Get("isActive").Truthy()
}

// clipboardGranted reports whether the site was given the clipboard for good. What
// browsers say of writing is not true; of reading it is, and it covers both.
func clipboardGranted() bool {
	permissions := window().Get("navigator").Get("permissions")
	if !present(permissions) {
		return false
	}
	var pending js.Value
	if err := try(func() { pending = permissions.Call("query", map[string]any{"name": "clipboard-read"}) }); err != nil {
		return false
	}
	status, err := await(pending, clipboardPatience)
	return err == nil && status.Get("state").String() == "granted"
}

// writeText returns "" if text was written, else why not.
func writeText(text string) string {
	clipboard := window().Get("navigator").Get("clipboard")
	if !present(clipboard) {
		return whyInsecure
	}
	var pending js.Value
	if err := try(func() { pending = clipboard.Call("writeText", text) }); err != nil {
		return whyNotAllowed
	}
	_, err := await(pending, clipboardPatience)
	switch {
	case err == nil:
		return ""
	case errors.Is(err, errTimeout):
		return whyAsking
	case !document().Call("hasFocus").Bool():
		return whyNotFocused
	}
	return whyNotAllowed
}

// copyByCommand is the old way, which works on http: pages too. It answers the
// copy event itself, so nothing needs to be selected or focused.
func copyByCommand(text string) (ok bool) {
	answered := false
	off := on(document(), "copy", func(event js.Value) {
		event.Get("clipboardData").Call("setData", "text/plain", text)
		event.Call("preventDefault")
		event.Call("stopImmediatePropagation")
		answered = true
	})
	defer off()
	err := try(func() { ok = document().Call("execCommand", "copy").Bool() })
	return err == nil && ok && answered
}
