//go:build !js

package browser

// CopyText copies nothing and says so.
func CopyText(text string) (ok bool, why string) { return false, errNoBrowser.Error() }
