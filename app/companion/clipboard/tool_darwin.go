package clipboard

// System returns the clipboard of the user's session.
func System(env []string) Clipboard {
	// pbcopy reads in the locale's encoding, which is not UTF-8 for a LaunchAgent.
	return Clipboard{Env: append(env, "LC_CTYPE=UTF-8"), Tools: []Tool{{Path: "/usr/bin/pbcopy"}}}
}
