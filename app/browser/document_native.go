//go:build !js

package browser

// SetTitle does nothing: natively there is no document.
func SetTitle(title string) {}

// SetHash does nothing: natively there is no address.
func SetHash(hash string) {}

// Path returns "/".
func Path() string { return "/" }

// Focus does nothing: natively there are no elements.
func Focus(id string) {}

// Announce does nothing: natively nobody listens.
func Announce(text string) {}

// Guard does nothing: natively there is no page to leave.
func Guard(up bool) {}

// Alive does nothing: natively there is no watchdog.
func Alive() {}
