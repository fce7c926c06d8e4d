//go:build !js

package browser

// Text returns "": natively there are no fields.
func Text(id string) string { return "" }

// SetText does nothing: natively there are no fields.
func SetText(id, text string) {}

// SelectText does nothing: natively there are no fields.
func SelectText(id string, from, to int) {}

// ReplaceText does nothing: natively there are no fields.
func ReplaceText(id string, from, to int, text string) {}

// Caret returns 0: natively there are no fields.
func Caret(id string) int { return 0 }

// Leave does nothing: natively there is no page to leave.
func Leave(path string) {}

// Address returns the address of a made-up server.
func Address() string { return here().origin }
