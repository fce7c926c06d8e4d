//go:build !js

package browser

// Ping reports an error: natively nothing asks.
func Ping(url string) error { return errNoBrowser }
