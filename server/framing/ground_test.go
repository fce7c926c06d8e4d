package framing_test

import (
	"testing"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/server/framing"
)

func TestAPageOfTheSameSiteKeepsItsCookies(t *testing.T) {
	for _, c := range []struct {
		workspace, page string
		want            bool
	}{
		{"https://pop.acme.example", "https://crm.acme.example/find?phone=1", true},
		{"https://pop.acme.example", "https://crm.other.example/", false},
		{"https://pop.acme.example", "http://crm.acme.example/", false},
		{"http://127.0.0.1:8000", "http://127.0.0.1:9000/", true},
		{"http://127.0.0.1:8000", "http://localhost:8000/", false},
		{"https://pop.acme.example", "{url}", false},
	} {
		ws, err := framing.ParseOrigin(c.workspace)
		if err != nil {
			t.Fatal(err)
		}
		if got := framing.SameSite(ws, c.page); got != c.want {
			t.Errorf("SameSite(%s, %s) = %v", c.workspace, c.page, got)
		}
	}
}

func TestAPageIsLocalByItsNameOrByWhatTheCheckMet(t *testing.T) {
	for _, c := range []struct {
		url, reason string
		want        bool
	}{
		{"https://crm.example.com/", "", false},
		{"https://crm.local/", "", true},
		{"http://10.1.2.3:8080/x", "", true},
		{"http://localhost/", "", true},
		{"", "", false},
		{"https://crm.example.com/", framing.PrivateFault("crm.example.com"), true},
	} {
		j := framing.Judged{Page: framing.Page{URL: c.url}, PageVerdict: screenpop.PageVerdict{Reason: c.reason}}
		if got := j.Local(); got != c.want {
			t.Errorf("%q with reason %q: local is %v", c.url, c.reason, got)
		}
	}
}
