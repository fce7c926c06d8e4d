package api_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/crmpop/crmpop/server/api"
	"github.com/crmpop/crmpop/server/auth"
	"github.com/crmpop/crmpop/server/store"
)

func form(r *http.Request) { r.Header.Set("Content-Type", "application/x-www-form-urlencoded") }

func owner(change ...string) string {
	v := url.Values{"company": {"Acme"}, "region": {"no"}, "name": {"Kari"}, "email": {"kari@acme.example"}, "password": {"a long password"}}
	for i := 0; i < len(change); i += 2 {
		v.Set(change[i], change[i+1])
	}
	return v.Encode()
}

func found(t *testing.T, d *door) string {
	t.Helper()
	path, err := api.Found(t.Context(), d.dir, d.clock.now())
	if err != nil || !strings.HasPrefix(path, "/welcome/") {
		t.Fatalf("Found = %q, %v, want a link", path, err)
	}
	return path
}

func TestOwnerLinkWorksOnce(t *testing.T) {
	d := open(t)
	path := found(t, d)
	for range 2 { // looking does not use it up
		a := d.do("GET", path, "")
		if a.StatusCode != 200 || !strings.Contains(string(a.body), "<form") || a.Header.Get("Cache-Control") != "no-store" || a.Header.Get("Referrer-Policy") != "same-origin" {
			t.Fatalf("GET: %d %v %s", a.StatusCode, a.Header, a.body)
		}
	}
	a := d.do("POST", path, owner(), form)
	if a.StatusCode != 303 || a.Header.Get("Location") != "/" {
		t.Fatalf("POST: %d %s", a.StatusCode, a.body)
	}
	in := d.do("POST", "/api/v1/session", `{"email":"kari@acme.example","password":"a long password"}`)
	got := in.json(t)
	if in.StatusCode != 200 || got["user"].(map[string]any)["role"] != "owner" || got["tenant"].(map[string]any)["name"] != "Acme" {
		t.Errorf("sign in: %d %s, want the owner of Acme", in.StatusCode, in.body)
	}
	for _, method := range []string{"GET", "POST"} {
		body := map[string]string{"POST": owner("password", "another password")}[method]
		if a := d.do(method, path, body, form); a.StatusCode != 404 || a.kind(t) != "link-used" {
			t.Errorf("%s again: %d %s, want 404", method, a.StatusCode, a.body)
		}
	}
	if again, err := api.Found(t.Context(), d.dir, d.clock.now()); err != nil || again != "" {
		t.Errorf("Found once there is an owner = %q, %v, want no link", again, err)
	}
	sources, err := d.dir.Sources(t.Context(), "main")
	if err != nil || len(sources) != 1 || sources[0].Dialect != "native" {
		t.Errorf("sources = %v, %v, want a native one to begin with", sources, err)
	}
}

func TestOwnerLinkRunsOutAndIsReplaced(t *testing.T) {
	d := open(t)
	first := found(t, d)
	second := found(t, d)
	if a := d.do("GET", first, ""); a.StatusCode != 404 {
		t.Errorf("the link of an earlier start: %d, want 404", a.StatusCode)
	}
	if a := d.do("GET", second+"x", ""); a.StatusCode != 404 {
		t.Errorf("a guessed link: %d, want 404", a.StatusCode)
	}
	if a := d.do("GET", "/welcome/acme/owner/"+second[strings.LastIndex(second, "/")+1:], ""); a.StatusCode != 404 {
		t.Errorf("another owner's: %d, want 404", a.StatusCode)
	}
	d.clock.advance(auth.InviteTTL + time.Second)
	if a := d.do("POST", second, owner(), form); a.StatusCode != 404 {
		t.Errorf("after 24 h: %d, want 404", a.StatusCode)
	}
	if a := d.do("POST", "/api/v1/session", `{"email":"owner@localhost","password":""}`); a.StatusCode != 401 {
		t.Errorf("signing in before a password is set: %d, want 401", a.StatusCode)
	}
}

func TestOwnerFormSaysWhatIsWrong(t *testing.T) {
	d := open(t)
	path := found(t, d)
	for _, c := range []struct{ field, value, want string }{
		{"company", "", "company is called"},
		{"region", "Norway", "two letters"},
		{"name", " ", "you are called"},
		{"email", "kari", "not an e-mail"},
		{"email", "Kari <kari@acme.example>", "not an e-mail"},
		{"password", "short", "too short"},
		{"password", strings.Repeat("x", 600), "too long"},
	} {
		a := d.do("POST", path, owner(c.field, c.value, "name2", "<script>"), form)
		if a.StatusCode != 422 || !strings.Contains(string(a.body), c.want) || strings.Contains(string(a.body), "a long password") {
			t.Errorf("%s %q: %d %s, want 422 with %q and no password", c.field, c.value, a.StatusCode, a.body, c.want)
		}
	}
	a := d.do("POST", path, owner("company", `"><script>x</script>`, "region", ""), form)
	if strings.Contains(string(a.body), "<script>x") {
		t.Errorf("what was typed comes back as markup: %s", a.body)
	}
	if a := d.do("POST", path, "{}"); a.StatusCode != 415 {
		t.Errorf("JSON: %d, want 415", a.StatusCode)
	}
}

// An address that another user has must not be taken over.
func TestOwnerCannotTakeAnothersAddress(t *testing.T) {
	d := open(t)
	a := d.do("POST", found(t, d), owner("email", "agent@acme.example"), form)
	if a.StatusCode < 400 || a.StatusCode >= 500 {
		t.Errorf("POST: %d %s, want it refused", a.StatusCode, a.body)
	}
	u, err := d.dir.UserByEmail(t.Context(), "agent@acme.example")
	if err != nil || u.Tenant != acme || u.Role != store.AgentRole {
		t.Errorf("the other user is now %+v, %v", u, err)
	}
}
