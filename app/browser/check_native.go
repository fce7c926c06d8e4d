//go:build !js

package browser

import "time"

// TryFrame finds out nothing.
func TryFrame(url string) Framing { return Framing{} }

// TryWindow opens nothing.
func TryWindow(path string) bool { return false }

// TrySocket opens nothing.
func TrySocket(path string, patience time.Duration) Socket { return Socket{} }

// TryStream reports an error.
func TryStream(path string) (status int, kind string, err error) { return 0, "", errNoBrowser }

// FetchAcross reports an error.
func FetchAcross(url string) ([]byte, error) { return nil, errNoBrowser }

// Permission returns "": there is nobody to give any.
func Permission(name string) string { return "" }

// OwnWorker returns the zero Worker.
func OwnWorker() Worker { return Worker{} }

// TryStorage returns the zero Storage.
func TryStorage() Storage { return Storage{} }

// OwnMemory returns the zero Memory.
func OwnMemory() Memory { return Memory{} }

// CountWorkspaces returns the zero Workspaces.
func CountWorkspaces() Workspaces { return Workspaces{} }

// UserAgent returns "none".
func UserAgent() string { return "none" }

// Secure reports true.
func Secure() bool { return true }
