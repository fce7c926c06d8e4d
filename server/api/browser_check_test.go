package api_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/wire"
	"github.com/crmpop/crmpop/server/api"
	"github.com/crmpop/crmpop/server/auth"
	"github.com/crmpop/crmpop/server/store"
)

// browserCheck is the answer of GET /api/v1/check.
type browserCheck struct {
	Time     time.Time `json:"time"`
	Build    string    `json:"build"`
	Protocol int       `json:"protocol"`
	Origin   string    `json:"origin"`
	Others   []string  `json:"other_origins"`
	Local    bool      `json:"local"`
	Hosts    []string  `json:"hosts"`
	Windows  int       `json:"windows"`
	Texts    int       `json:"texts"`
	Pages    []struct {
		Title, Origin, URL, Reason string
		Verdict                    screenpop.Verdict
		SameSite                   bool `json:"same_site"`
		Local                      bool
	} `json:"pages"`
}

func (d *door) browserCheck(with ...func(*http.Request)) browserCheck {
	d.t.Helper()
	a := d.do("GET", "/api/v1/check", "", with...)
	d.must(statusIs(a, 200))
	var v browserCheck
	d.must(json.Unmarshal(a.body, &v))
	return v
}

// publishFor makes a document the one of a level of acme.
func (d *door) publishFor(level, id, document string) {
	d.t.Helper()
	a := d.do("PUT", "/api/v1/screenpopup/"+level+"/"+id, document, cookie(d.session(acme, "admin")),
		func(r *http.Request) { r.Header.Set("Content-Type", "application/xml") })
	d.must(statusIs(a, 200))
}

const checked = `<screenpopup>
  <url target="request" title="CRM {anum}">https://crm.example.com/find?phone={anum}</url>
  <url on="hangup" target="request" title="CRM again">https://crm.example.com/find?phone={anum}</url>
  <url target="request" title="New" probe="no">https://crm.example.com/new?from={anum}</url>
  <url target="request">http://192.168.1.4/crm?{anum}</url>
  <url target="request" frame="never">https://never.example.com/</url>
  <url target="request">{url}</url>
  <url target="_blank">https://kb.example.com/?q={subject}</url>
  <url visible="false" target="request">https://ping.example.com/?c={request_id}</url>
  <clipboard on="ringing">{anum}</clipboard>
</screenpopup>`

func TestABrowsersTestIsToldOfTheCallersPages(t *testing.T) {
	d := open(t)
	d.publishFor("tenant", acme, checked)
	d.must(d.dir.PutTenant(t.Context(), store.Tenant{ID: acme, Name: "ACME", Region: "NO", Hosts: []string{"mail.example.com:8443", "crm.example.com"}}))
	d.clock.advance(time.Hour)
	v := d.browserCheck(cookie(d.session(acme, "agent")))
	if v.Build != "v1" || v.Protocol != wire.Protocol || v.Origin != d.url || !v.Local || len(v.Others) != 0 || v.Windows != 1 || v.Texts != 1 {
		t.Errorf("the server says of itself %+v", v)
	}
	if off := v.Time.Sub(d.clock.now()); off > 0 || off < -time.Minute {
		t.Errorf("its time is %v off its clock", off)
	}
	if want := []string{"192.168.1.4", "crm.example.com", "kb.example.com", "mail.example.com", "never.example.com", "ping.example.com"}; !slices.Equal(v.Hosts, want) {
		t.Errorf("hosts are %q, want %q", v.Hosts, want)
	}
	var got []string
	for _, p := range v.Pages {
		got = append(got, p.Title+"|"+p.Origin+"|"+p.URL)
		if p.SameSite || p.Verdict != screenpop.VerdictUnknown || p.Reason == "" || p.Local != strings.Contains(p.Origin, "192.168") {
			t.Errorf("of a page it says %+v", p)
		}
	}
	want := []string{
		"CRM {anum}|https://crm.example.com|https://crm.example.com/find?phone=%2B4700000000",
		"New|https://crm.example.com|", // probe="no": nobody asks for it
		"|http://192.168.1.4|http://192.168.1.4/crm?%2B4700000000",
	}
	if !slices.Equal(got, want) {
		t.Errorf("pages are %q, want %q", got, want)
	}
}

// What pops for others is none of the caller's business, and no real value of a
// request stands in an address that is tested.
func TestABrowsersTestKnowsNothingOfOthers(t *testing.T) {
	d := open(t)
	d.ring(acme, "c-1", "ext-agent")
	d.publishFor("user", "other", `<screenpopup><url target="request">https://secret.example.com/{anum}</url></screenpopup>`)
	a := d.do("GET", "/api/v1/check", "", cookie(d.session(acme, "agent")))
	for _, part := range []string{"secret.example.com", "22334455", "other@", "agent@", "token-", "EVIL"} {
		if strings.Contains(string(a.body), part) {
			t.Errorf("the answer holds %q: %s", part, a.body)
		}
	}
	own := d.browserCheck(cookie(d.session(acme, "other")))
	if len(own.Pages) != 1 || own.Pages[0].Origin != "https://secret.example.com" {
		t.Errorf("the other agent's pages are %+v", own.Pages)
	}
}

func TestAKeyAsksForTheAgentItNames(t *testing.T) {
	d := open(t)
	d.publishFor("user", "other", `<screenpopup><url target="request">https://own.example.com/{anum}</url></screenpopup>`)
	key := bearer(d.key(acme, auth.ScopeConnect))
	if a := d.do("GET", "/api/v1/check", "", key); a.StatusCode != 400 || a.kind(t) != "agent-missing" {
		t.Errorf("without an agent: %d %s", a.StatusCode, a.body)
	}
	a := d.do("GET", "/api/v1/check?agent=ext-other", "", key)
	if a.StatusCode != 200 || !strings.Contains(string(a.body), "own.example.com") {
		t.Errorf("for ext-other: %d %s", a.StatusCode, a.body)
	}
	if a := d.do("GET", "/api/v1/check?agent=nobody", "", key); a.StatusCode != 404 {
		t.Errorf("for nobody: %d %s", a.StatusCode, a.body)
	}
	d.must(d.dir.PutUser(t.Context(), store.User{ID: "theirs", Tenant: evil, Email: "theirs@evil.example", Role: store.AgentRole, Group: "sales", Aliases: []string{"ext-theirs"}}))
	if a := d.do("GET", "/api/v1/check?agent=ext-theirs", "", key); a.StatusCode != 404 {
		t.Errorf("for an agent of another company: %d %s", a.StatusCode, a.body)
	}
}

func TestOnlyOurOwnPagesReadWhetherACookieCame(t *testing.T) {
	d := open(t, func(o *api.Options) { o.Origins = append(o.Origins, "http://localhost:1") })
	asked := func(origin, sent string) answer {
		return d.do("GET", "/api/v1/check/cookies", "", with("Origin", origin), with("Cookie", sent))
	}
	first := asked("http://localhost:1", "other=1")
	if first.json(t)["cookie"] != false || first.Header.Get("Access-Control-Allow-Origin") != "http://localhost:1" ||
		first.Header.Get("Access-Control-Allow-Credentials") != "true" {
		t.Errorf("to our own page: %v %s", first.Header, first.body)
	}
	set := first.Cookies()
	if len(set) != 1 || !set[0].Secure || !set[0].HttpOnly || set[0].SameSite != http.SameSiteNoneMode || set[0].MaxAge != 60 || set[0].Value != "1" {
		t.Fatalf("it sets %v", set)
	}
	if again := asked("http://localhost:1", set[0].Name+"=1"); again.json(t)["cookie"] != true {
		t.Errorf("with the cookie it says %s", again.body)
	}
	for _, origin := range []string{"https://evil.example", "null", "http://localhost:2"} {
		if a := asked(origin, "a=1"); a.Header.Get("Access-Control-Allow-Origin") != "" || a.Header.Get("Access-Control-Allow-Credentials") != "" {
			t.Errorf("a page of %s may read it: %v", origin, a.Header)
		}
	}
}

func TestTheTestsWindowIsAPlainPage(t *testing.T) {
	a := open(t).do("GET", "/check/window", "")
	if a.StatusCode != 200 || !strings.Contains(string(a.body), "closes by itself") || strings.Contains(string(a.body), "<script") ||
		a.Header.Get("Content-Security-Policy") == "" {
		t.Errorf("it answers %d %v %s", a.StatusCode, a.Header, a.body)
	}
}
