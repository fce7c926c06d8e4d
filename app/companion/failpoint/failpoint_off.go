//go:build !js && !failpoint

// Package failpoint lets tests end the companion at a point of their choice, as a
// power cut would. Without the build tag failpoint there is nothing in it.
package failpoint

// Reach does nothing.
func Reach(string) {}
