//go:build !js

package browser

// ReadFile returns ErrNoFile: there is no browser here.
func ReadFile(string, int) (string, error) { return "", ErrNoFile }
