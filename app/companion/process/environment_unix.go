//go:build unix

package process

// passed is what a program with a window needs to find the user's desktop.
var passed = []string{
	"HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "TZ", "TMPDIR", "DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY",
	"XDG_RUNTIME_DIR", "XDG_SESSION_TYPE", "XDG_CURRENT_DESKTOP", "DBUS_SESSION_BUS_ADDRESS", "__CF_USER_TEXT_ENCODING",
}

// fixed is what does not depend on the user.
func fixed() map[string]string {
	return map[string]string{"PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"}
}
