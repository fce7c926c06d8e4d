package api

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"
)

// The few pages that work without the wasm.
const (
	notBuilt      = "notbuilt.html"
	welcome       = "welcome.html"
	checkedWindow = "window.html"
)

//go:embed pages
var pageFiles embed.FS

var pages = template.Must(template.ParseFS(pageFiles, "pages/*.html"))

// plainPage writes a page whole or an error, never half a page.
func (a *API) plainPage(w http.ResponseWriter, status int, name string, v any) {
	var b bytes.Buffer
	if err := pages.ExecuteTemplate(&b, name, v); err != nil {
		a.o.Log.Error("draw a page", "page", name, "err", err)
		http.Error(w, "this page could not be drawn", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "same-origin") // the address of the welcome page is a secret
	w.WriteHeader(status)
	b.WriteTo(w) // an error here is the reader's going away
}

// pageCSS serves the one style sheet of the plain pages.
func (a *API) pageCSS(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-cache")
	http.ServeFileFS(w, r, pageFiles, "pages/page.css")
}
