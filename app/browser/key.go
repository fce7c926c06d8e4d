package browser

// Key is a key that went down in the workspace's own document. Keys that the
// agent presses inside a framed page are that page's and not seen here.
type Key struct {
	Key  string // what it types: "a", "Enter", "ArrowLeft"
	Code string // where it is on the keyboard: "KeyA", "Digit1"; the same on all layouts

	Alt, Ctrl, Shift, Meta bool

	Editing bool // the focus is in an input, textarea, select or other editable element
}
