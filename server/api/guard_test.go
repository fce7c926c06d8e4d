package api_test

import (
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/crmpop/crmpop/server/api"
	"github.com/crmpop/crmpop/server/auth"
)

// The headers of every answer, as they stand in the threat table.
var wantHeaders = map[string]string{
	"Content-Security-Policy": "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data: blob:; " +
		"connect-src 'self' http: https:; manifest-src 'self'; worker-src 'self'; frame-src http: https:; object-src http: https:; " +
		"form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
	"X-Content-Type-Options":       "nosniff",
	"X-Frame-Options":              "DENY",
	"Referrer-Policy":              "strict-origin-when-cross-origin",
	"Permissions-Policy":           "payment=(), usb=(), serial=(), hid=(), midi=()",
	"Cross-Origin-Opener-Policy":   "same-origin-allow-popups",
	"Cross-Origin-Resource-Policy": "same-origin",
	"Cross-Origin-Embedder-Policy": "", // it would keep CRM pages out of their frames
	"Access-Control-Allow-Origin":  "",
	"Strict-Transport-Security":    "", // plain http on loopback
}

func TestEveryAnswerIsGuarded(t *testing.T) {
	d := open(t)
	for _, path := range []string{"/", "/admin/users", "/web/css/app.css", "/manifest.webmanifest", "/api/v1/session", "/api/v1/nothing",
		"/in/x", "/docs/problems", "/web/nothing"} {
		a := d.do("GET", path, "")
		for name, want := range wantHeaders {
			if got := a.Header.Get(name); got != want {
				t.Errorf("GET %s: %s = %q, want %q", path, name, got, want)
			}
		}
	}
}

func TestTLSIsKeptOnceSeen(t *testing.T) {
	d := open(t, func(o *api.Options) { o.Origins, o.Loopback = auth.Origins{"https://pop.acme.example"}, false })
	if got := d.do("GET", "/", "").Header.Get("Strict-Transport-Security"); got != "max-age=31536000" {
		t.Errorf("Strict-Transport-Security = %q behind TLS", got)
	}
}

// Every route that changes something, with the headers a browser or a program
// sends. A foreign page must not get as far as being asked who it is.
func TestForeignPagesChangeNothing(t *testing.T) {
	d := open(t)
	for _, route := range append(api.Routes(), "POST /welcome/a/b/c") {
		method, path, _ := strings.Cut(route, " ")
		if method == http.MethodGet {
			continue
		}
		path = strings.NewReplacer("{token}", d.tokens[acme], "{level}", "tenant", "{id}", acme).Replace(path)
		for _, c := range []struct {
			name    string
			headers map[string]string
			refused bool
		}{
			{"cross-site", map[string]string{"Sec-Fetch-Site": "cross-site"}, true},
			{"same-site, another origin", map[string]string{"Sec-Fetch-Site": "same-site"}, true},
			{"foreign origin of an old browser", map[string]string{"Origin": "https://evil.example"}, true},
			{"origin null", map[string]string{"Origin": "null"}, true},
			{"our own page", map[string]string{"Sec-Fetch-Site": "same-origin", "Origin": d.url}, false},
			{"our own page in an old browser", map[string]string{"Origin": d.url}, false},
			{"a program", nil, false},
		} {
			a := d.do(method, path, "{}", func(r *http.Request) {
				for k, v := range c.headers {
					r.Header.Set(k, v)
				}
			})
			if refused := a.StatusCode == 403 && a.kind(t) == "cross-origin"; refused != c.refused {
				t.Errorf("%s, %s: %d %s, want refused %v", route, c.name, a.StatusCode, a.body, c.refused)
			}
		}
	}
}

// A page that points its own name at 127.0.0.1 would be of the same origin.
func TestServerOnThisMachineAnswersByItsOwnNamesOnly(t *testing.T) {
	d := open(t)
	port := d.url[strings.LastIndex(d.url, ":"):]
	for host, want := range map[string]int{
		"127.0.0.1" + port: 200, "localhost" + port: 200, "[::1]" + port: 200,
		"evil.example" + port: 421, "evil.example": 421, "127.0.0.1.evil.example": 421, "10.0.0.1": 421,
	} {
		if a := d.do("GET", "/", "", func(r *http.Request) { r.Host = host }); a.StatusCode != want {
			t.Errorf("Host %s: %d, want %d", host, a.StatusCode, want)
		}
	}
	public := open(t, func(o *api.Options) { o.Loopback = false })
	if a := public.do("GET", "/", "", func(r *http.Request) { r.Host = "pop.acme.example" }); a.StatusCode != 200 {
		t.Errorf("behind a proxy: %d, want 200 for the proxy's name", a.StatusCode)
	}
}

func TestPanicIsAnswered(t *testing.T) {
	d := open(t, func(o *api.Options) {
		o.Pages = http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("a bug") })
	})
	a := d.do("GET", "/", "")
	if a.StatusCode != 500 || a.kind(t) != "internal" || strings.Contains(string(a.body), "a bug") {
		t.Errorf("panic: %d %s, want a 500 that keeps it to itself", a.StatusCode, a.body)
	}
	if !strings.Contains(d.log.String(), "a bug") {
		t.Error("the log does not have the panic")
	}
	if a := d.do("GET", "/api/v1/openapi.json", ""); a.StatusCode != 200 {
		t.Errorf("after a panic: %d", a.StatusCode)
	}
}

// The address counts of a guesser behind a proxy are the guesser's, not the
// proxy's, and nobody else can write themselves another.
func TestForwardedAddressIsBelievedOfKnownProxiesOnly(t *testing.T) {
	guess := func(d *door, forwarded func(i int) string) (limited bool) {
		for i := range 32 {
			user := string(rune('a'+i%26)) + strings.Repeat("x", i/26)
			a := d.do("POST", "/api/v1/session", `{"email":"`+user+`@acme.example","password":"x"}`, with("X-Forwarded-For", forwarded(i)))
			limited = limited || a.StatusCode == 429
		}
		return limited
	}
	many := func(i int) string { return netip.AddrFrom4([4]byte{192, 0, 2, byte(i)}).String() }
	one := func(i int) string { return many(i) + ", 198.51.100.7" } // the last hop is what the proxy saw
	trust := func(o *api.Options) { o.Proxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")} }
	got := map[string]bool{
		"no proxy is known, headers are made up": guess(open(t), many),
		"many people behind a known proxy":       guess(open(t, trust), many),
		"one behind a known proxy, who lies":     guess(open(t, trust), one),
	}
	want := map[string]bool{
		"no proxy is known, headers are made up": true,
		"many people behind a known proxy":       false,
		"one behind a known proxy, who lies":     true,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
