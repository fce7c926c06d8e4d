package api

import (
	"net/http"

	"github.com/crmpop/crmpop/app/screenpop"
)

// mountFiles mounts what is no API: web files, the manual and the pages.
func (a *API) mountFiles(mux *http.ServeMux) {
	mux.HandleFunc("GET /web/{file...}", a.file(func(r *http.Request) string { return r.PathValue("file") }))
	mux.HandleFunc("GET /app.wasm", a.file(func(*http.Request) string { return "app.wasm" }))
	mux.HandleFunc("GET /manifest.webmanifest", a.file(func(*http.Request) string { return "manifest.webmanifest" }))
	mux.HandleFunc("GET /favicon.ico", a.file(func(*http.Request) string { return "icons/favicon.ico" }))
	mux.HandleFunc("GET /docs/{file...}", a.manual)
	mux.HandleFunc("GET /robots.txt", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		w.Write([]byte("User-agent: *\nDisallow: /\n")) // an error here is the reader's going away
	})
	mux.HandleFunc("GET /page.css", a.pageCSS)
	mux.HandleFunc("GET /check/window", a.checkWindow)
	mux.HandleFunc("GET /welcome/{tenant}/{user}/{secret}", a.wrap(a.welcomePage))
	mux.HandleFunc("POST /welcome/{tenant}/{user}/{secret}", a.wrap(a.setOwner))
	mux.HandleFunc("/", a.page)
}

// file serves a web file by the name that name returns.
func (a *API) file(name func(*http.Request) string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if !a.assets.serve(w, r, name(r)) {
			a.writeError(w, r, screenpop.Errorf(screenpop.CodeNotFound, "no-such-file", "there is no file %s", clip(r.URL.Path)))
		}
	}
}

// manual answers with the manual, if there is one.
func (a *API) manual(w http.ResponseWriter, r *http.Request) {
	if a.o.Manual == nil {
		a.writeError(w, r, screenpop.Errorf(screenpop.CodeNotFound, "no-such-file", "there is no file %s", clip(r.URL.Path)))
		return
	}
	a.o.Manual.ServeHTTP(w, r)
}

// page draws a page of the workspace or the portal. They are the same for all:
// nothing of a tenant is in them.
func (a *API) page(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		a.writeError(w, r, errMethod(r, "GET"))
		return
	}
	if a.o.Pages == nil {
		w.Header().Set("Cache-Control", "no-store")
		a.plainPage(w, http.StatusServiceUnavailable, notBuilt, nil)
		return
	}
	pw := &pageWriter{ResponseWriter: w}
	if a.o.Pages.ServeHTTP(pw, r); pw.missing {
		for _, name := range []string{"Content-Encoding", "Content-Length", "Content-Type"} {
			w.Header().Del(name) // of what was kept back
		}
		a.writeError(w, r, errNoPage(r))
	}
}

// wrap makes a handler of a function that may fail.
func (a *API) wrap(f func(http.ResponseWriter, *http.Request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := f(w, r); err != nil {
			a.writeError(w, r, err)
		}
	}
}
