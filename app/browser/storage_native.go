//go:build !js

package browser

import (
	"strings"
	"sync"
)

type place struct {
	area Area
	key  string
}

// kept stands in for the browser's storage as long as the program runs.
var kept struct {
	mu     sync.Mutex // guards values
	values map[place]string
}

// Load returns the value of key in a, and whether there is one.
func Load(a Area, key string) (value string, ok bool) {
	kept.mu.Lock()
	defer kept.mu.Unlock()
	value, ok = kept.values[place{a, key}]
	return value, ok
}

// Save keeps value under key in a in memory and reports true.
func Save(a Area, key, value string) bool {
	kept.mu.Lock()
	defer kept.mu.Unlock()
	if kept.values == nil {
		kept.values = map[place]string{}
	}
	kept.values[place{a, key}] = value
	return true
}

// Delete takes key out of a; no harm if it is not there.
func Delete(a Area, key string) {
	kept.mu.Lock()
	defer kept.mu.Unlock()
	delete(kept.values, place{a, key})
}

// Keys returns the keys in a that begin with prefix, in no order.
func Keys(a Area, prefix string) []string {
	kept.mu.Lock()
	defer kept.mu.Unlock()
	var keys []string
	for p := range kept.values {
		if p.area == a && strings.HasPrefix(p.key, prefix) {
			keys = append(keys, p.key)
		}
	}
	return keys
}
