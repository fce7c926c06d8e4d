//go:build !js

package browser

// CopyUnasked copies nothing and says so.
func CopyUnasked(text string) Copied { return Copied{Why: errNoBrowser.Error()} }

// CopyText copies nothing and says so.
func CopyText(text string) (ok bool, why string) { return false, errNoBrowser.Error() }
