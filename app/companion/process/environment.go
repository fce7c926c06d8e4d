//go:build !js

package process

import (
	"maps"
	"slices"
)

// Environment returns what every program gets of the user's environment, and
// more. The rest stays here: a variable that makes programs load a library, say,
// is not the user's to set for what the administrator has mapped.
func Environment(getenv func(string) string, more map[string]string) []string {
	all := fixed()
	for _, name := range passed {
		if v := getenv(name); v != "" {
			all[name] = v
		}
	}
	maps.Copy(all, more)
	var env []string
	for _, name := range slices.Sorted(maps.Keys(all)) {
		env = append(env, name+"="+all[name])
	}
	return env
}
