//go:build !js

package browser_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// zoo is a server of pages as they are met in the wild, on an origin and a site
// of its own.
type zoo struct {
	url string

	mu   sync.Mutex     // guards hits
	hits map[string]int // requests by path and query, for each kind of fetch: "/ok?a iframe"
}

func openZoo(t *testing.T) *zoo {
	z := &zoo{hits: map[string]int{}}
	mux := http.NewServeMux()
	mux.HandleFunc("/ok", serve(note))
	mux.HandleFunc("/speaks", serve(`<script>parent.postMessage("hello", "*")</script>`))
	mux.HandleFunc("/nested", serve(`<iframe src="/ok?inner"></iframe>`))
	mux.HandleFunc("/moves", serve(`<script>if (!location.hash) { setTimeout(() => location.replace("/ok?moved"), 50) }</script>`))
	mux.HandleFunc("/goes", serve(`<script>setTimeout(() => location.replace(new URLSearchParams(location.search).get("to")), 50)</script>`))
	mux.HandleFunc("/runs", serve(`<script>fetch("/ran")</script>`))
	mux.HandleFunc("/ran", serve(""))
	mux.HandleFunc("/hostile", serve(hostile))
	mux.HandleFunc("/xfo", with("X-Frame-Options", "DENY"))
	mux.HandleFunc("/csp", with("Content-Security-Policy", "frame-ancestors 'none'"))
	mux.HandleFunc("/redirect", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/xfo", http.StatusFound) })
	mux.HandleFunc("/nothing", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusNoContent) })
	mux.HandleFunc("/hangs", func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	mux.HandleFunc("/late", late)
	mux.HandleFunc("/coop", with("Cross-Origin-Opener-Policy", "same-origin"))
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		z.count(r)
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(func() {
		srv.CloseClientConnections()
		srv.Close()
	})
	z.url = strings.Replace(srv.URL, "127.0.0.1", "localhost", 1)
	return z
}

// note is a page that can be typed in and says what stands in it when asked.
const note = `<textarea id="note" style="position:fixed;inset:0;width:100%;height:100%"></textarea>
<script>
document.title = "zoo " + location.search;
addEventListener("message", (e) =>
  e.source.postMessage((document.hasFocus() && document.activeElement === note ? "focused:" : "has:") + note.value, "*"));
</script>`

// hostile is a page that tries to take the workspace's place, at once and when
// it is clicked, and to stop it with a dialog.
const hostile = `<body style="position:fixed;inset:0;background:#fdd"><script>
function attack() {
  for (const f of [() => { top.location = "/ok?took" }, () => top.location.replace("/ok?took"), () => open("/ok?took", "_top"), () => alert("stop"), () => top.document]) {
    try { f(); } catch {}
  }
}
attack();
addEventListener("click", () => { attack(); parent.postMessage("attacked", "*"); });
</script>`

func serve(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Cache-Control", "no-store")
		fmt.Fprint(w, "<!doctype html>", body)
	}
}

func with(name, value string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set(name, value)
		serve(note)(w, r)
	}
}

// late is a page that comes after 2 s, or not at all once nobody waits for it.
func late(w http.ResponseWriter, r *http.Request) {
	select {
	case <-time.After(2 * time.Second):
		serve(note)(w, r)
	case <-r.Context().Done():
	}
}

func (z *zoo) count(r *http.Request) {
	z.mu.Lock()
	defer z.mu.Unlock()
	z.hits[r.URL.RequestURI()+" "+r.Header.Get("Sec-Fetch-Dest")]++
}

// seen returns how often path was fetched as dest: "iframe", "object", "document".
func (z *zoo) seen(path, dest string) int {
	z.mu.Lock()
	defer z.mu.Unlock()
	return z.hits[path+" "+dest]
}
