package framing_test

import (
	"bufio"
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/crmpop/crmpop/server/framing"
)

func check(t *testing.T, url string, from ...string) (framing.Verdict, error) {
	t.Helper()
	return framing.Check(t.Context(), framing.Question{URL: url, From: from})
}

func serve(t *testing.T, h http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}

func TestAFetchAsksAsAFrameDoes(t *testing.T) {
	var got http.Header
	page := serve(t, func(w http.ResponseWriter, r *http.Request) {
		got = r.Header
		w.Header().Set("X-Frame-Options", "SAMEORIGIN")
	})
	v, err := check(t, page+"/x", "https://ws.test")
	if err != nil || v.Framed || !strings.Contains(v.Reason, "SAMEORIGIN at "+page) {
		t.Errorf("%+v, %v; want it refused by %s", v, err, page)
	}
	for name, want := range map[string]string{"Sec-Fetch-Dest": "iframe", "Sec-Fetch-Mode": "navigate",
		"Sec-Fetch-Site": "cross-site", "Referer": "https://ws.test/", "Upgrade-Insecure-Requests": "1"} {
		if got.Get(name) != want {
			t.Errorf("%s is %q, want %q", name, got.Get(name), want)
		}
	}
	if ua := got.Get("User-Agent"); !strings.Contains(ua, "Chrome/") {
		t.Errorf("User-Agent is %q, want a browser's", ua)
	}
	if v, err := check(t, page, page); err != nil || !v.Framed || got.Get("Sec-Fetch-Site") != "same-origin" {
		t.Errorf("in itself: %+v, %v, Sec-Fetch-Site %q", v, err, got.Get("Sec-Fetch-Site"))
	}
	if _, err := check(t, page, "null"); err != nil || got.Get("Referer") != "" {
		t.Errorf("in a sandbox the Referer is %q, %v; want none", got.Get("Referer"), err)
	}
}

func TestRedirectsAreFollowedAndTheLastResponseCounts(t *testing.T) {
	login := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", "frame-ancestors 'self'")
		w.WriteHeader(http.StatusForbidden)
	})
	page := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/a":
			w.Header().Set("X-Frame-Options", "DENY")
			http.Redirect(w, r, "b?x", http.StatusMovedPermanently)
		case "/b":
			http.Redirect(w, r, login+"/in", http.StatusSeeOther)
		case "/nowhere":
			w.WriteHeader(http.StatusFound)
		case "/mail":
			w.Header().Set("Location", "mailto:a@b")
			w.WriteHeader(http.StatusFound)
		default:
			http.Redirect(w, r, r.URL.Path+"x", http.StatusTemporaryRedirect)
		}
	})
	v, err := check(t, page+"/a", "http://127.0.0.1:1")
	if err != nil || v.Framed || !strings.Contains(v.Reason, "at "+login+", reached by 2 redirects") {
		t.Errorf("%+v, %v; want it refused by %s", v, err, login)
	}
	if v, err := check(t, page+"/nowhere", "http://127.0.0.1:1"); err != nil || !v.Framed {
		t.Errorf("a redirect to nowhere: %+v, %v; want it shown", v, err)
	}
	if _, err := check(t, page+"/mail", "http://127.0.0.1:1"); err == nil || !strings.Contains(err.Error(), "no page") {
		t.Errorf("a redirect to mailto: %v", err)
	}
	if _, err := check(t, page+"/loop", "http://127.0.0.1:1"); err == nil || !strings.Contains(err.Error(), "more than 5 redirects") {
		t.Errorf("a loop: %v", err)
	}
}

func TestOfPublicPagesOnlyTheLocalNetworkIsNotAsked(t *testing.T) {
	asked := false
	page := serve(t, func(http.ResponseWriter, *http.Request) { asked = true })
	_, err := framing.Check(t.Context(), framing.Question{URL: page, From: []string{"http://ws.test"}, PublicOnly: true})
	if err == nil || asked || !strings.Contains(err.Error(), "not public") {
		t.Errorf("asked %v, error %v; want it refused", asked, err)
	}
}

func TestInsecurePagesAreNotEvenAskedFor(t *testing.T) {
	v, err := check(t, "http://crm.invalid/", "https://ws.test")
	if err != nil || v.Framed || !strings.Contains(v.Reason, "mixed content") {
		t.Errorf("%+v, %v; want mixed content", v, err)
	}
}

func TestTheProxyOfTheEnvironmentIsNotAsked(t *testing.T) {
	asked := false
	proxy := serve(t, func(http.ResponseWriter, *http.Request) { asked = true })
	t.Setenv("HTTP_PROXY", proxy)
	t.Setenv("http_proxy", proxy)
	// The guard refuses this address itself, but would let the proxy's through.
	if _, err := check(t, "http://198.18.0.1/", "http://ws.test"); err == nil || asked {
		t.Errorf("asked %v, error %v; want no answer and no proxy", asked, err)
	}
}

// A server that sends header lines without end, and one that sends nothing.
func TestHostileServersAreCutOff(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				if _, err := http.ReadRequest(bufio.NewReader(c)); err != nil {
					return
				}
				line := "X-A: " + strings.Repeat("a", 1<<10) + "\r\n"
				for sent := 0; sent < 1<<20; sent += len(line) {
					head := line
					if sent == 0 {
						head = "HTTP/1.1 200 OK\r\n" + line
					}
					if _, err := c.Write([]byte(head)); err != nil {
						return
					}
				}
			}()
		}
	}()
	if _, err := check(t, "http://"+l.Addr().String(), "http://ws.test"); err == nil {
		t.Error("a megabyte of header lines was read")
	}

	stop := make(chan struct{})
	slow := serve(t, func(w http.ResponseWriter, r *http.Request) { <-stop })
	defer close(stop)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := framing.Check(ctx, framing.Question{URL: slow, From: []string{"http://ws.test"}}); err == nil {
		t.Error("a server that does not answer was waited for")
	}
}
