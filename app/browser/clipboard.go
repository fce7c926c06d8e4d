package browser

// Copied is what became of a text that was to be put on the clipboard.
type Copied struct {
	OK  bool
	Why string // why it was not copied, in words for people
	// Later says that it would have been, had the workspace been in front.
	Later bool
}

// Why a text was not copied, for people. The cure is always the same: a button
// that the agent presses.
const (
	whyNotFocused = "the workspace is not in front"
	whyAsking     = "the browser is asking for permission to use the clipboard"
	whyNotAllowed = "the browser allows copying only just after a click or a key"
	whyInsecure   = "this page is not https, so the browser keeps the clipboard from it"
)
