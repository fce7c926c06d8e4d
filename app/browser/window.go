package browser

import "strings"

// blankTarget is the target that always means a new tab.
const blankTarget = "_blank"

// windowName returns the name of the browser window for target, or "" for a new
// tab. Every word of HTML that begins with an underscore means a new tab: none of
// them may reach the workspace's own window.
func windowName(prefix, target string) string {
	if target == "" || strings.HasPrefix(target, "_") {
		return ""
	}
	return prefix + target
}
