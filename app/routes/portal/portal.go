// Package portal is the table of the portal's pages, apart from the workspace's:
// the agents' program does not import it and so holds nothing of the portal.
package portal

import (
	"net/http"
	"strings"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"github.com/crmpop/crmpop/app/admin"
	"github.com/crmpop/crmpop/app/check"
	"github.com/crmpop/crmpop/app/routes"
)

// root is where the portal's pages lie. They are routed with it, as go-app
// has one table of routes for both programs while it prerenders. The test of a
// browser is for agents too; it runs in this program so that theirs stays small.
const (
	root     = "/admin"
	selfTest = "/check"
)

// computer is where everybody pairs the own PC, agents too: it is in this program
// because theirs has no room for it.
const computer = "/computer"

// worker keeps the workspace's worker away from the portal, which is of no
// use without the server: nothing is kept, nothing stands in between.
const worker = `"use strict";
self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
// {{.Version}}
`

// Register tells go-app the portal's pages. The portal's main and the
// server call it once.
func Register() {
	office := admin.NewOffice()
	page := func() goapp.Composer { return &admin.Portal{Office: office} }
	goapp.RouteWithRegexp("^"+root+"(/.*)?$", page)
	goapp.Route(selfTest, func() goapp.Composer { return &check.Page{} })
}

// Handler returns what draws the portal's pages and serves the two scripts
// that start them, below /admin; /test/… and /computer lead to the same below
// /admin, which is all they do. wasmLength is the size of the decoded wasm. editor says whether there
// is a document editor at /web/editor.js; without it documents stand in a plain field.
func Handler(version, wasmLength string, editor bool) http.Handler {
	h := routes.Handler(version, worker)
	h.Name, h.ShortName, h.Title = "CRM Pop portal", "Portal", "CRM Pop portal"
	h.Description = "Where popups are written, tried out and published."
	h.Styles = append(h.Styles, "/web/css/admin.css", "/web/css/check.css")
	h.Resources = files{h.Resources}
	h.WasmContentLength = wasmLength
	if editor {
		h.Env[admin.EditorEnv] = h.Resources.Resolve("/web/editor.js")
	}
	return door{h}
}

type door struct{ pages *goapp.Handler }

// ServeHTTP hands go-app the paths that it knows: pages with their root, scripts
// without.
func (d door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := r.URL.Path
	switch {
	case strings.HasPrefix(path, "/test/") || path == computer:
		to := *r.URL
		to.Path, to.RawPath = root+path, ""
		w.Header().Set("Cache-Control", "no-store")
		http.Redirect(w, r, to.RequestURI(), http.StatusFound)
		return
	case ownScript(strings.TrimPrefix(path, root)):
		http.StripPrefix(root, d.pages).ServeHTTP(w, r)
		return
	}
	d.pages.ServeHTTP(w, r)
}

// ownScript reports whether a file of go-app's differs between the two programs.
func ownScript(path string) bool { return path == "/app.js" || path == "/app-worker.js" }

// Owns reports whether a path is the portal's.
func Owns(path string) bool {
	return path == root || path == computer || path == selfTest || strings.HasPrefix(path, root+"/") || strings.HasPrefix(path, "/test/")
}

// files resolves as versioned does, and tells the portal's program and
// scripts from the workspace's.
type files struct{ goapp.ResourceResolver }

// Resolve returns the address of a file.
func (f files) Resolve(location string) string {
	switch {
	case location == "/web/app.wasm":
		location = "/web/portal.wasm"
	case ownScript(location):
		return root + location
	}
	return f.ResourceResolver.Resolve(location)
}
