package framing_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/server/dial/dialtest"
	"github.com/crmpop/crmpop/server/framing"
)

const workspace = "http://127.9.9.9:8000"

// loopback is what an operator says who has pages on the server's own machine.
var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}

func preflight(t *testing.T, o framing.PreflightOptions) *framing.Preflight {
	t.Helper()
	p, err := framing.NewPreflight(workspace, o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func look(t *testing.T, page string) screenpop.PageVerdict {
	t.Helper()
	return preflight(t, framing.PreflightOptions{Open: loopback}).Page(t.Context(), page)
}

func TestPreflightSaysWhatAPageAnswers(t *testing.T) {
	tests := []struct {
		name    string
		answer  func(http.ResponseWriter, *http.Request)
		verdict screenpop.Verdict
		reason  string
	}{
		{"allowed", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Security-Policy", "frame-ancestors "+workspace)
		}, "allowed", "allowed by Content-Security-Policy"},
		{"nothing said", func(http.ResponseWriter, *http.Request) {}, "allowed", "neither X-Frame-Options"},
		{"x-frame-options", header("X-Frame-Options", "DENY"), "refused", "refused by X-Frame-Options: DENY"},
		{"policy", header("Content-Security-Policy", "frame-ancestors 'none'"), "refused", "refused by Content-Security-Policy"},
		{"report only", header("Content-Security-Policy-Report-Only", "frame-ancestors 'none'"), "allowed", "allowed"},
		{"download", header("Content-Disposition", "attachment; filename=x"), "refused", "that is a download"},
		{"pdf", header("Content-Type", "application/pdf"), "refused", "is a PDF"},
		{"zip", header("Content-Type", "application/zip"), "refused", "application/zip"},
		{"table", header("Content-Type", "text/csv"), "refused", "text/csv"},
		{"picture", header("Content-Type", "image/svg+xml"), "allowed", "allowed"},
		{"json", header("Content-Type", "application/problem+json; charset=utf-8"), "allowed", "allowed"},
		{"not found", func(w http.ResponseWriter, r *http.Request) { http.NotFound(w, r) }, "unknown", "answered 404 (not found)"},
		{"broken", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Frame-Options", "DENY")
			w.WriteHeader(500)
		}, "unknown", "its headers say: refused by X-Frame-Options"},
		{"unauthorized", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(401) }, "unknown", "needs a sign-in"},
		{"no content", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) }, "refused", "holds no page"},
		{"mail", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "mailto:a@b")
			w.WriteHeader(302)
		}, "unknown", "redirects to what is no page"},
		{"round and round", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, r.URL.Path+"x", 302) }, "unknown", "more than 5 times"},
		{"cut off", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "unknown", "broke off"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			page := serve(t, tt.answer)
			v := look(t, page+"/x?phone=1")
			if v.Verdict != tt.verdict || !strings.Contains(v.Reason, tt.reason) || v.CheckedAt.IsZero() {
				t.Errorf("%q: %q; want %q, …%s…", v.Verdict, v.Reason, tt.verdict, tt.reason)
			}
			if v.Hop != page || strings.Contains(v.Details.Final, "phone") {
				t.Errorf("hop %q, final %q; want %s and no query", v.Hop, v.Details.Final, page)
			}
			if v.Verdict != screenpop.VerdictAllowed && v.Cure == "" && tt.name != "no content" {
				t.Error("it has no cure")
			}
		})
	}
}

func header(name, value string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.Header().Set(name, value) }
}

func TestPreflightSendsNoCookieAndAsksForAFrame(t *testing.T) {
	var last http.Header
	page := serve(t, func(w http.ResponseWriter, r *http.Request) {
		last = r.Header
		http.SetCookie(w, &http.Cookie{Name: "sid", Value: "secret"})
		if r.URL.Path == "/a" {
			http.Redirect(w, r, "/b", 302)
		}
	})
	v := look(t, page+"/a")
	if last.Get("Cookie") != "" || last.Get("Sec-Fetch-Dest") != "iframe" || v.Details.Redirects != 1 {
		t.Errorf("the page was asked with %v after %d redirects", last, v.Details.Redirects)
	}
}

func TestPreflightKnowsASignIn(t *testing.T) {
	login := serve(t, header("X-Frame-Options", "SAMEORIGIN"))
	crm := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/other":
			http.Redirect(w, r, "/hop", 302)
		case "/hop":
			http.Redirect(w, r, login+"/in?back=%2B47", 302)
		case "/same":
			http.Redirect(w, r, "/users/sign_in?back=1", 302)
		case "/moved":
			http.Redirect(w, r, "/moved/here", 301)
		}
	})
	host, _ := url.Parse(login)
	v := look(t, crm+"/other")
	want := &screenpop.SignIn{Host: host.Host, Verdict: "refused",
		Reason: "refused by X-Frame-Options: SAMEORIGIN at " + login + ", reached by 2 redirects: the ancestor " + workspace + " is another origin"}
	if diff := cmp.Diff(want, v.Details.SignIn); diff != "" || v.Verdict != screenpop.VerdictUnknown || v.Hop != login || v.Details.Redirects != 2 {
		t.Errorf("%+v\n%s", v, diff)
	}
	if v := look(t, crm+"/same"); v.Verdict != "unknown" || v.Details.SignIn == nil || v.Details.SignIn.Verdict != "allowed" {
		t.Errorf("a path that looks like a sign-in: %+v", v)
	}
	if v := look(t, crm+"/moved"); v.Verdict != "allowed" || v.Details.SignIn != nil {
		t.Errorf("a redirect at home: %+v", v)
	}
}

func TestPreflightNamesTheCookiesThatAFrameLoses(t *testing.T) {
	page := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		for _, c := range []string{"plain=secret", "lax=1; SameSite=Lax", "strict=1; SameSite=Strict", "none=1; SameSite=None; Secure",
			"bare=1; SameSite=None", "chips=1; SameSite=None; Secure; Partitioned", "__Host-a=1; Secure; SameSite=None", "gone=; Max-Age=0"} {
			w.Header().Add("Set-Cookie", c)
		}
	})
	got := map[string]string{}
	v := look(t, page)
	for _, c := range v.Details.Cookies {
		got[c.Name] = c.Lost
	}
	want := map[string]string{"plain": "frame", "lax": "frame", "strict": "frame", "none": "if-blocked", "bare": "always", "__Host-a": "always"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	own, _ := url.Parse(page)
	p, err := framing.NewPreflight("http://"+own.Hostname()+":1", framing.PreflightOptions{Open: loopback})
	if err != nil {
		t.Fatal(err)
	}
	if v := p.Page(t.Context(), page); len(v.Details.Cookies) != 2 {
		t.Errorf("on the workspace's own site %v are lost; want those that no browser keeps", v.Details.Cookies)
	}
}

func TestPreflightOfWhatCannotBeReached(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := l.Addr().String()
	l.Close()
	tls := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(tls.Close)
	plain := serve(t, func(http.ResponseWriter, *http.Request) {})
	for _, tt := range []struct{ name, page, reason string }{
		{"refuses connections", "http://" + closed, "refuses connections"},
		{"certificate", tls.URL, "certificate that is not trusted"},
		{"no TLS", strings.Replace(plain, "http:", "https:", 1), "speaks no TLS"},
		{"no page", "ftp://x", "https://host/path"},
		{"cloud secrets", "http://169.254.169.254/latest", "never asked"},
		{"private", "http://10.11.12.13/", "private address"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if v := look(t, tt.page); v.Verdict != screenpop.VerdictUnknown || !strings.Contains(v.Reason, tt.reason) {
				t.Errorf("%q: %q, want unknown, …%s…", v.Verdict, v.Reason, tt.reason)
			}
		})
	}
}

func TestPreflightOfAPageThatIsNotEncrypted(t *testing.T) {
	p, err := framing.NewPreflight("https://ws.example", framing.PreflightOptions{})
	if err != nil {
		t.Fatal(err)
	}
	v := p.Page(t.Context(), "http://crm.example/?a=1")
	if v.Verdict != screenpop.VerdictRefused || v.Details.Mixed != "http://crm.example/" || v.Cure == "" {
		t.Errorf("%+v, want it refused as mixed content", v)
	}
}

func TestPreflightDoesNotPromiseThatABrowserMayGoToTheLocalNetwork(t *testing.T) {
	page := serve(t, func(http.ResponseWriter, *http.Request) {})
	p, err := framing.NewPreflight("http://ws.example", framing.PreflightOptions{Open: loopback})
	if err != nil {
		t.Fatal(err)
	}
	if v := p.Page(t.Context(), page); v.Verdict != screenpop.VerdictUnknown || !strings.Contains(v.Cure, "LocalNetworkAccessAllowedForUrls") {
		t.Errorf("%+v, want unknown with the policy's name", v)
	}
}

func TestPreflightIsNotLedIntoThePrivateNetwork(t *testing.T) {
	for _, to := range []string{"http://169.254.169.254/latest/meta-data/", "http://[fd00:ec2::254]/", "http://10.0.0.1/", "http://[::ffff:169.254.169.254]/"} {
		page := serve(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, to, 302) })
		v := look(t, page)
		if v.Verdict != screenpop.VerdictUnknown || !strings.Contains(v.Reason, "asked") && !strings.Contains(v.Reason, "does not ask") || v.Details.Redirects != 0 {
			t.Errorf("led to %s: %+v", to, v)
		}
	}
	asked := atomic.Bool{}
	page := serve(t, func(http.ResponseWriter, *http.Request) { asked.Store(true) })
	v := preflight(t, framing.PreflightOptions{}).Page(t.Context(), page)
	if asked.Load() || !strings.Contains(v.Reason, "private address") || !strings.Contains(v.Cure, "--allow-private") {
		t.Errorf("without leave: asked %v, %+v", asked.Load(), v)
	}
}

// A name that is public when it is looked at and private when it is dialled.
func TestPreflightIsNotReboundByNames(t *testing.T) {
	asked := atomic.Bool{}
	page := serve(t, func(http.ResponseWriter, *http.Request) { asked.Store(true) })
	u, _ := url.Parse(page)
	names := dialtest.Names(t, "127.0.0.1")
	v := preflight(t, framing.PreflightOptions{Names: names}).Page(t.Context(), "http://crm.example.com:"+u.Port()+"/")
	if asked.Load() || v.Verdict != screenpop.VerdictUnknown || !strings.Contains(v.Reason, "private address") {
		t.Errorf("asked %v: %+v", asked.Load(), v)
	}
	v = preflight(t, framing.PreflightOptions{Names: names, Open: loopback}).Page(t.Context(), "http://crm.example.com:"+u.Port()+"/")
	if !asked.Load() || v.Verdict != screenpop.VerdictAllowed {
		t.Errorf("with leave: asked %v: %+v", asked.Load(), v)
	}
	none := dialtest.Names(t, "")
	if v := preflight(t, framing.PreflightOptions{Names: none}).Page(t.Context(), "http://nobody.example.com/"); !strings.Contains(v.Reason, "is not found") {
		t.Errorf("a name that is not there: %+v", v)
	}
}

func TestPreflightAsksOneHostOnePageAtATime(t *testing.T) {
	var now, most atomic.Int32
	page := serve(t, func(http.ResponseWriter, *http.Request) {
		most.Store(max(most.Load(), now.Add(1)))
		for range 1000 {
			runtime.Gosched() // long enough for others to come in
		}
		now.Add(-1)
	})
	p := preflight(t, framing.PreflightOptions{Open: loopback})
	done := make(chan bool)
	for range 8 {
		go func() { done <- p.Page(t.Context(), page).Verdict == "allowed" }()
	}
	for range 8 {
		if !<-done {
			t.Error("a page was not reached")
		}
	}
	if most.Load() != 1 {
		t.Errorf("%d pages of one host at once", most.Load())
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if v := p.Page(ctx, page); v.Verdict != "unknown" {
		t.Errorf("without time: %+v", v)
	}
}
