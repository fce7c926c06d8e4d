//go:build !js

package browser

// OpenWindow opens nothing and reports false, as a browser that blocks does.
func OpenWindow(url, target string) bool { return false }

// WindowOpen reports false: there are no windows.
func WindowOpen(target string) bool { return false }

// WindowLost reports false: there are no windows.
func WindowLost(target string) bool { return false }
