//go:build !js

package browser

import "time"

// IdleFor returns 0: natively the agent is always at work.
func IdleFor() time.Duration { return 0 }

// OnKey never calls f: natively there are no keys.
func OnKey(f func(Key) bool) {}

// Visible reports true.
func Visible() bool { return true }

// OnVisible never calls f: natively nothing comes into sight.
func OnVisible(f func(visible bool)) {}

// OnFocus never calls f: natively there are no windows.
func OnFocus(f func()) {}

// OnOnline never calls f: natively the network does not change.
func OnOnline(f func(online bool)) {}
