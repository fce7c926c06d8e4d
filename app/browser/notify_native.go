//go:build !js

package browser

// MayNotify reports NoNotices.
func MayNotify() Notices { return NoNotices }

// AskNotices reports NoNotices.
func AskNotices() Notices { return NoNotices }

// Notify shows nothing.
func Notify(n Notice) {}

// Unnotify does nothing: there are no notices.
func Unnotify(tag string) {}

// OnNotice never calls f.
func OnNotice(f func(open string, opened bool)) {}

// SetBadge does nothing: there is no icon.
func SetBadge(n int) {}

// InFront reports true.
func InFront() bool { return true }
