package browser

import (
	"strings"
	"syscall/js"
)

// parseAddress reads raw with the browser's own parser, so that no two readings
// of one address can differ. What cannot be read is the zero address.
func parseAddress(raw string) address {
	var a address
	err := try(func() {
		u := js.Global().Get("URL").New(raw)
		a = address{
			scheme: strings.TrimSuffix(u.Get("protocol").String(), ":"),
			host:   strings.Trim(u.Get("hostname").String(), "[]"),
			origin: u.Get("origin").String(),
			href:   u.Get("href").String(),
		}
	})
	if err != nil {
		return address{}
	}
	return a
}

// here is the address of the workspace itself.
func here() address {
	return parseAddress(js.Global().Get("location").Get("href").String())
}
