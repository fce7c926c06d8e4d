//go:build !js

package browser

// HoldFocus does nothing: natively there is no keyboard.
func HoldFocus() (release func()) { return func() {} }
