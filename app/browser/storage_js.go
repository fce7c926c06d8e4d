package browser

import (
	"strings"
	"syscall/js"
)

// store returns the browser's object for a. It throws where storage is switched
// off, so it is only called inside try.
func (a Area) store() js.Value {
	if a == Session {
		return get(window(), "sessionStorage")
	}
	return get(window(), "localStorage")
}

// Load returns the value of key in a, and whether there is one.
func Load(a Area, key string) (value string, ok bool) {
	err := try(func() {
		v := a.store().Call("getItem", key)
		if v.Type() == js.TypeString {
			value, ok = v.String(), true
		}
	})
	return value, ok && err == nil
}

// Save keeps value under key in a and reports whether that worked: storage may be
// full (about 5 MB an origin) or switched off.
func Save(a Area, key, value string) bool {
	return try(func() { a.store().Call("setItem", key, value) }) == nil
}

// Delete takes key out of a; no harm if it is not there.
func Delete(a Area, key string) {
	// A browser without storage has nothing to delete.
	_ = try(func() { a.store().Call("removeItem", key) })
}

// Keys returns the keys in a that begin with prefix, in no order.
func Keys(a Area, prefix string) []string {
	var keys []string
	// A browser without storage has no keys.
	_ = try(func() {
		store := a.store()
		for i := range store.Get("length").Int() {
			if key := store.Call("key", i); key.Type() == js.TypeString && strings.HasPrefix(key.String(), prefix) {
				keys = append(keys, key.String())
			}
		}
	})
	return keys
}
