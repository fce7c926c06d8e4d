package api_test

import (
	"strings"
	"testing"
)

func TestPeopleGetAPageAndProgramsJSON(t *testing.T) {
	d := open(t)
	for _, c := range []struct {
		name, path, accept string
		status             int
		media, says        string
	}{
		{"a person", "/welcome/acme/nobody/x", "text/html,application/xhtml+xml,*/*;q=0.8", 404, "text/html", "<h1>"},
		{"a person, at a page that is none", "/api/v1/nothing", "text/html", 404, "text/html", "There is nothing at /api/v1/nothing"},
		{"what was sent is text", "/api/v1/<b>", "text/html", 404, "text/html", "/api/v1/&lt;b&gt;"},
		{"a program", "/api/v1/nothing", "", 404, "application/problem+json", `#no-such-route"`},
		{"a program that takes anything", "/api/v1/nothing", "*/*", 404, "application/problem+json", `#no-such-route"`},
	} {
		a := d.do("GET", c.path, "", with("Accept", c.accept))
		if a.StatusCode != c.status || !strings.HasPrefix(a.Header.Get("Content-Type"), c.media) || !strings.Contains(string(a.body), c.says) {
			t.Errorf("%s: %d %s\n%s", c.name, a.StatusCode, a.Header.Get("Content-Type"), a.body)
		}
	}
}
