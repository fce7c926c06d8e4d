package api_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/crmpop/crmpop/server/api"
	"github.com/crmpop/crmpop/server/auth"
)

func TestSignInAndOut(t *testing.T) {
	d := open(t)
	a := d.do("POST", "/api/v1/session", `{"email":"Agent@ACME.example","password":"correct horse"}`)
	if a.StatusCode != http.StatusOK {
		t.Fatalf("sign in: %d %s", a.StatusCode, a.body)
	}
	set := a.Header.Get("Set-Cookie")
	for _, want := range []string{"__Host-crmpop=", "Path=/", "Secure", "HttpOnly", "SameSite=Lax"} {
		if !strings.Contains(set, want) {
			t.Errorf("Set-Cookie %q lacks %s", set, want)
		}
	}
	if strings.Contains(set, "Domain") {
		t.Errorf("Set-Cookie %q names a domain, which __Host- forbids", set)
	}
	id := a.Cookies()[0].Value
	got := d.do("GET", "/api/v1/session", "", cookie(id)).json(t)
	user, tenant := got["user"].(map[string]any), got["tenant"].(map[string]any)
	if user["email"] != "agent@acme.example" || user["role"] != "agent" || tenant["id"] != acme || tenant["name"] != "ACME" ||
		got["demo"] != false || got["build"] != "v1" {
		t.Errorf("session = %v", got)
	}
	out := d.do("DELETE", "/api/v1/session", "", cookie(id))
	if out.StatusCode != http.StatusNoContent || !strings.Contains(out.Header.Get("Set-Cookie"), "Max-Age=0") {
		t.Errorf("sign out: %d, Set-Cookie %q, want 204 and the cookie gone", out.StatusCode, out.Header.Get("Set-Cookie"))
	}
	after := d.do("GET", "/api/v1/session", "", cookie(id))
	if after.StatusCode != http.StatusUnauthorized || after.kind(t) != "session-expired" {
		t.Errorf("after signing out: %d %s, want 401", after.StatusCode, after.body)
	}
}

// Nobody learns from the answer which addresses have an account.
func TestWrongPasswordAndUnknownUserAreAnsweredAlike(t *testing.T) {
	d := open(t)
	wrong := d.do("POST", "/api/v1/session", `{"email":"agent@acme.example","password":"wrong"}`)
	unknown := d.do("POST", "/api/v1/session", `{"email":"nobody@acme.example","password":"wrong"}`)
	if wrong.StatusCode != http.StatusUnauthorized || string(wrong.body) != string(unknown.body) || wrong.kind(t) != "wrong-password" {
		t.Errorf("wrong password: %d %s; unknown user: %d %s; want the same 401", wrong.StatusCode, wrong.body, unknown.StatusCode, unknown.body)
	}
	if len(wrong.Cookies())+len(unknown.Cookies()) > 0 {
		t.Error("a refused sign-in set a cookie")
	}
}

func TestSixthTryHasToWait(t *testing.T) {
	d := open(t)
	for i := range 5 {
		if a := d.do("POST", "/api/v1/session", `{"email":"agent@acme.example","password":"wrong"}`); a.StatusCode != http.StatusUnauthorized {
			t.Fatalf("try %d: %d", i+1, a.StatusCode)
		}
	}
	a := d.do("POST", "/api/v1/session", `{"email":"agent@acme.example","password":"correct horse"}`)
	wait, err := strconv.Atoi(a.Header.Get("Retry-After"))
	if a.StatusCode != http.StatusTooManyRequests || a.kind(t) != "too-many-tries" || err != nil || wait < 1 {
		t.Fatalf("sixth try: %d %s, Retry-After %q, want 429 and a wait", a.StatusCode, a.body, a.Header.Get("Retry-After"))
	}
	d.clock.advance(time.Duration(wait) * time.Second)
	if a := d.do("POST", "/api/v1/session", `{"email":"agent@acme.example","password":"correct horse"}`); a.StatusCode != http.StatusOK {
		t.Errorf("after the wait: %d %s", a.StatusCode, a.body)
	}
}

// Somebody else's id in the browser before the sign-in must be worth nothing
// after it.
func TestSignInTakesANewID(t *testing.T) {
	d := open(t)
	planted := d.signIn("other@acme.example")
	a := d.do("POST", "/api/v1/session", `{"email":"agent@acme.example","password":"correct horse"}`, cookie(planted))
	if fresh := a.Cookies()[0].Value; fresh == planted {
		t.Fatal("the id that was there before the sign-in lives on")
	}
	if a := d.do("GET", "/api/v1/session", "", cookie(planted)); a.StatusCode != http.StatusUnauthorized {
		t.Errorf("the planted id: %d %s, want 401", a.StatusCode, a.body)
	}
	made := strings.Repeat("A", 43)
	if a := d.do("GET", "/api/v1/session", "", cookie(made)); a.StatusCode != http.StatusUnauthorized {
		t.Errorf("an id that somebody made up: %d, want 401", a.StatusCode)
	}
}

func TestSessionsEnd(t *testing.T) {
	for _, c := range []struct {
		name string
		idle []time.Duration // between uses
		want int
	}{
		{"unused for less than 12 h", []time.Duration{11 * time.Hour}, http.StatusOK},
		{"unused for 12 h", []time.Duration{12 * time.Hour}, http.StatusUnauthorized},
		{"used all the time, for less than 24 h", []time.Duration{8 * time.Hour, 8 * time.Hour, 7 * time.Hour}, http.StatusOK},
		{"used all the time, for 24 h", []time.Duration{8 * time.Hour, 8 * time.Hour, 8 * time.Hour}, http.StatusUnauthorized},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := open(t)
			id := d.session(acme, "agent")
			last := 0
			for _, idle := range c.idle {
				d.clock.advance(idle)
				last = d.do("GET", "/api/v1/session", "", cookie(id)).StatusCode
			}
			if last != c.want {
				t.Errorf("session after %v: %d, want %d", c.idle, last, c.want)
			}
		})
	}
}

func TestSignInRefusesWhatItCannotRead(t *testing.T) {
	d := open(t)
	for _, c := range []struct {
		name, contentType, body string
		status                  int
		kind                    string
	}{
		{"a form", "application/x-www-form-urlencoded", "email=a&password=b", 415, "media-type"},
		{"no type", "", `{}`, 415, "media-type"},
		{"no JSON", "application/json", `email`, 400, "bad-json"},
		{"an array", "application/json", `[]`, 400, "bad-json"},
		{"two objects", "application/json", `{"email":"a","password":"b"}{}`, 400, "bad-json"},
		{"an unknown field", "application/json", `{"email":"a","password":"b","role":"owner"}`, 400, "bad-json"},
		{"too much", "application/json", `{"email":"` + strings.Repeat("a", 5000) + `"}`, 413, "too-large"},
		{"nothing in it", "application/json", `{}`, 401, "wrong-password"},
	} {
		a := d.do("POST", "/api/v1/session", c.body, func(r *http.Request) { r.Header.Set("Content-Type", c.contentType) })
		if a.StatusCode != c.status || a.kind(t) != c.kind {
			t.Errorf("%s: %d %s, want %d %s", c.name, a.StatusCode, a.body, c.status, c.kind)
		}
	}
}

func TestDemoTellsHowToSignIn(t *testing.T) {
	d := open(t, func(o *api.Options) {
		o.Demo = &api.Demo{Users: []string{"anna@demo"}, Password: "demo", PhoneURL: "http://127.0.0.1:1/phone"}
	})
	a := d.do("GET", "/api/v1/session", "")
	m := a.json(t)
	if a.StatusCode != 401 || m["demo"] != true || m["demo_password"] != "demo" || m["demo_users"].([]any)[0] != "anna@demo" {
		t.Errorf("GET session = %d %s, want the demo's users", a.StatusCode, a.body)
	}
	if other := d.do("GET", "/api/v1/users", "").json(t); other["demo"] != nil {
		t.Errorf("GET users tells the demo's users too: %v", other)
	}
	got := d.do("GET", "/api/v1/session", "", cookie(d.session(acme, "agent"))).json(t)
	if got["demo"] != true || got["phone_url"] != "http://127.0.0.1:1/phone" {
		t.Errorf("session in a demo = %v", got)
	}
	if real := open(t).do("GET", "/api/v1/session", "").json(t); real["demo"] != nil {
		t.Errorf("outside a demo: %v", real)
	}
}

func TestKeysThatAreNone(t *testing.T) {
	d := open(t)
	good := d.key(acme, auth.Scopes...)
	id, _, _ := auth.ParseKey(good)
	for name, header := range map[string]string{
		"unknown id":    "Bearer pop_zzzzzzzzzz_" + strings.Repeat("a", 43),
		"wrong secret":  "Bearer pop_" + id + "_" + strings.Repeat("a", 43),
		"no key":        "Bearer abc",
		"empty":         "Bearer ",
		"another way":   "Basic " + good,
		"no way at all": good,
	} {
		// A cookie beside it must not help out.
		a := d.do("GET", "/api/v1/users", "", with("Authorization", header), cookie(d.session(acme, "admin")))
		if a.StatusCode != 401 || a.kind(t) != "unknown-key" || a.Header.Get("WWW-Authenticate") == "" {
			t.Errorf("%s: %d %s, want 401 unknown-key", name, a.StatusCode, a.body)
		}
	}
	if a := d.do("GET", "/api/v1/users", "", bearer(good)); a.StatusCode != 200 {
		t.Errorf("the good key: %d %s", a.StatusCode, a.body)
	}
	d.must(d.dir.DeleteKey(t.Context(), acme, id))
	if a := d.do("GET", "/api/v1/users", "", bearer(good)); a.StatusCode != 401 {
		t.Errorf("the revoked key: %d, want 401", a.StatusCode)
	}
}
