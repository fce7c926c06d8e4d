package browser

// Why a text was not copied, for people. The cure is always the same: a button
// that the agent presses.
const (
	whyNotFocused = "the workspace is not in front"
	whyAsking     = "the browser is asking for permission to use the clipboard"
	whyNotAllowed = "the browser allows copying only just after a click or a key"
	whyInsecure   = "this page is not https, so the browser keeps the clipboard from it"
)
