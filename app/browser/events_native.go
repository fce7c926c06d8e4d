//go:build !js

package browser

// Events ends at once: natively there is no session to listen in.
func Events(url string, heard func(data string), ended func(error)) (stop func()) {
	ended(errNoBrowser)
	return func() {}
}

// Socket ends at once, as Events does.
func Socket(url string, heard func(data string), ended func(error)) (send func(data string) error, stop func()) {
	return func(string) error { return errNoBrowser }, Events(url, heard, ended)
}
