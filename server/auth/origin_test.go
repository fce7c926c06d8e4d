package auth_test

import (
	"net/http/httptest"
	"testing"

	"github.com/crmpop/crmpop/server/auth"
)

func TestOnlyOurOwnOriginIsAllowed(t *testing.T) {
	ours := auth.Origins{"https://pop.acme.example", "http://127.0.0.1:8000"}
	for _, c := range []struct {
		name   string
		origin []string
		want   bool
	}{
		{"ours", []string{"https://pop.acme.example"}, true},
		{"ours, the other", []string{"http://127.0.0.1:8000"}, true},
		{"evil", []string{"https://evil.example"}, false},
		{"null", []string{"null"}, false},
		{"absent", nil, false},
		{"empty", []string{""}, false},
		{"twice", []string{"https://pop.acme.example", "https://pop.acme.example"}, false},
		{"http for https", []string{"http://pop.acme.example"}, false},
		{"other port", []string{"https://pop.acme.example:8443"}, false},
		{"sub-domain", []string{"https://x.pop.acme.example"}, false},
		{"parent domain", []string{"https://acme.example"}, false},
		{"ours as prefix", []string{"https://pop.acme.example.evil.example"}, false},
		{"ours as user", []string{"https://pop.acme.example@evil.example"}, false},
		{"with a path", []string{"https://pop.acme.example/"}, false},
	} {
		r := httptest.NewRequest("GET", "https://pop.acme.example/api/v1/connect", nil)
		for _, o := range c.origin {
			r.Header.Add("Origin", o)
		}
		if got := ours.Allows(r); got != c.want {
			t.Errorf("%s: Allows(%q) = %v, want %v", c.name, c.origin, got, c.want)
		}
	}
}

func TestOriginsHaveTheirHostsUnderBothSchemes(t *testing.T) {
	ours := auth.Origins{"https://pop.acme.example", "http://127.0.0.1:8000"}
	for origin, want := range map[string]bool{
		"https://pop.acme.example": true, "http://pop.acme.example": true, "https://POP.acme.example:443": true,
		"http://127.0.0.1:8000": true, "https://127.0.0.1:8000": true,
		"http://127.0.0.1:8001": false, "http://127.0.0.1": false, "https://pop.acme.example:8443": false,
		"https://crm.acme.example": false, "https://pop.acme.example.evil.example": false, "": false,
	} {
		if got := ours.Has(origin); got != want {
			t.Errorf("Has(%q) = %v, want %v", origin, got, want)
		}
	}
}

func TestParseOrigin(t *testing.T) {
	for _, c := range []struct{ raw, want string }{
		{"https://pop.acme.example", "https://pop.acme.example"},
		{"https://Pop.ACME.example/", "https://pop.acme.example"},
		{"https://pop.acme.example:443", "https://pop.acme.example"},
		{"http://pop.acme.example:80", "http://pop.acme.example"},
		{"http://127.0.0.1:8000", "http://127.0.0.1:8000"},
		{"http://[::1]:8000", "http://[::1]:8000"},
		{"pop.acme.example", ""},
		{"ftp://pop.acme.example", ""},
		{"https://pop.acme.example/crm", ""},
		{"https://pop.acme.example?x", ""},
		{"https://anna@pop.acme.example", ""},
		{"https://", ""},
		{"://", ""},
		{"", ""},
	} {
		got, err := auth.ParseOrigin(c.raw)
		if got != c.want || (err != nil) != (c.want == "") {
			t.Errorf("ParseOrigin(%q) = %q, %v, want %q", c.raw, got, err, c.want)
		}
	}
}

func TestIsLoopback(t *testing.T) {
	for host, want := range map[string]bool{
		"127.0.0.1": true, "127.0.0.1:8000": true, "localhost:1": true, "LOCALHOST": true, "[::1]:80": true, "::1": true,
		"127.9.9.9": true, "0.0.0.0:8000": false, "": false, ":8000": false, "10.0.0.1": false,
		"localhost.evil.example": false, "127.0.0.1.evil.example": false, "pop.acme.example:80": false,
	} {
		if got := auth.IsLoopback(host); got != want {
			t.Errorf("IsLoopback(%q) = %v, want %v", host, got, want)
		}
	}
}
