package demo

import (
	"bytes"
	"embed"
	"html/template"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

//go:embed pages/*.html
var pageFiles embed.FS

//go:embed static
var staticFiles embed.FS

var pages = template.Must(template.New("").Funcs(template.FuncMap{
	"ago":    func(t time.Time) string { return t.Format("15:04:05") },
	"number": groupNumber,
	"join":   strings.Join,
}).ParseFS(pageFiles, "pages/*.html"))

// maxForm is the largest form the demo reads, in bytes.
const maxForm = 64 << 10

// csp allows a page its own style sheet and forms and nothing else; there is no
// script at all.
const csp = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'"

func (d *Demo) routes(port int) http.Handler {
	mux := http.NewServeMux()
	d.crm.routes(mux)
	d.phone.routes(mux)
	mux.HandleFunc("GET /static/{file}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-cache")
		http.ServeFileFS(w, r, staticFiles, "static/"+r.PathValue("file"))
	})
	return onlyHere(port, http.NewCrossOriginProtection().Handler(mux))
}

// onlyHere refuses a request whose Host is not this listener's: a page that has
// pointed its own name at 127.0.0.1 must not drive the telephone system.
func onlyHere(port int, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, p, err := net.SplitHostPort(r.Host)
		if err != nil || p != strconv.Itoa(port) || !loopback(host) {
			http.Error(w, "the demo answers under its own loopback address only", http.StatusMisdirectedRequest)
			return
		}
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Content-Security-Policy", csp)
		r.Body = http.MaxBytesReader(w, r.Body, maxForm)
		next.ServeHTTP(w, r)
	})
}

// render writes a page whole or an error, never half a page.
func render(w http.ResponseWriter, status int, name string, v any) {
	var b bytes.Buffer
	if err := pages.ExecuteTemplate(&b, name, v); err != nil {
		http.Error(w, "draw page "+name+": "+err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	b.WriteTo(w) // an error here is the reader's going away
}
