//go:build !js

package browser

import "sync"

// Tab returns an id that is the same as long as the program runs.
func Tab() string { return tab() }

var tab = sync.OnceValue(NewID)
