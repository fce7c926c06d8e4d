//go:build !js

package browser

// Lead calls gained at once, on a goroutine of its own: natively there is no
// other tab. lost is never called, and steal does nothing.
func Lead(name string, gained, lost func()) (steal func()) {
	Go(gained)
	return func() {}
}
