//go:build !js

package link_test

import (
	"testing"

	"github.com/crmpop/crmpop/app/companion/link"
)

func TestServersAreHTTPSOrOnThisPC(t *testing.T) {
	for raw, want := range map[string]string{
		"https://pop.example.com":       "https://pop.example.com",
		"https://POP.example.com:443/":  "https://pop.example.com",
		"pop.example.com":               "https://pop.example.com",
		"https://pop.example.com:8443":  "https://pop.example.com:8443",
		"http://127.0.0.1:8000":         "http://127.0.0.1:8000",
		"http://localhost":              "http://localhost",
		"http://[::1]:80":               "http://[::1]",
		"http://pop.example.com":        "",
		"http://10.0.0.1":               "",
		"http://localhost.evil.example": "",
		"ws://127.0.0.1":                "",
		"ftp://pop.example.com":         "",
		"https://user@pop.example.com":  "",
		"https://pop.example.com/a":     "",
		"https://pop.example.com?a":     "",
		"https://":                      "",
		"":                              "",
	} {
		got, err := link.ParseServer(raw)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("ParseServer(%q) = %q, %v; want %q", raw, got, err, want)
		}
	}
}
