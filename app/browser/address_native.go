//go:build !js

package browser

import (
	"net/url"
	"strings"
)

// parseAddress reads raw; what cannot be read is the zero address.
func parseAddress(raw string) address {
	u, err := url.Parse(raw)
	if err != nil || !u.IsAbs() {
		return address{}
	}
	return address{
		scheme: u.Scheme,
		host:   strings.ToLower(u.Hostname()),
		origin: u.Scheme + "://" + strings.ToLower(u.Host),
		href:   u.String(),
	}
}

// here is the address of the workspace itself; natively a made-up one.
func here() address {
	return parseAddress("https://workspace.invalid/")
}
