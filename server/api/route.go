package api

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/crmpop/crmpop/server/auth"
	"github.com/crmpop/crmpop/server/store"
)

// route is one line of the table. A public route is open to all; any other to
// the roles, and to keys that have the scope.
type route struct {
	method, path string
	handle       func(*API, http.ResponseWriter, *http.Request) error
	public       bool
	roles        []store.Role
	scope        string
}

// Who may do what. An agent sees no more than the own requests.
var (
	everybody = []store.Role{store.Owner, store.Admin, store.Supervisor, store.AgentRole, store.Integration}
	people    = []store.Role{store.Owner, store.Admin, store.Supervisor, store.AgentRole}
	leaders   = []store.Role{store.Owner, store.Admin, store.Supervisor}
	admins    = []store.Role{store.Owner, store.Admin}
)

// routes is the table of all that can be asked for besides pages and files. A
// test holds openapi.json to it, and tries each line with every role.
func routes() []route {
	const v1 = "/api/v1"
	return []route{
		{"POST", v1 + "/session", (*API).signIn, true, nil, ""},
		{"GET", v1 + "/session", (*API).session, false, everybody, ""},
		{"DELETE", v1 + "/session", (*API).signOut, false, everybody, ""},
		{"GET", v1 + "/connect", (*API).connect, false, people, auth.ScopeConnect},
		{"POST", v1 + "/events", (*API).takeEvents, false, admins, auth.ScopeEvents},
		{"POST", "/in/{token}", (*API).takeDialect, true, nil, ""},
		{"GET", v1 + "/sources", (*API).sources, false, admins, auth.ScopeDirectory},
		{"GET", v1 + "/unmapped", (*API).unmapped, false, admins, auth.ScopeDirectory},
		{"GET", v1 + "/users", (*API).users, false, leaders, auth.ScopeDirectory},
		{"GET", v1 + "/groups", (*API).groups, false, leaders, auth.ScopeDirectory},
		{"GET", v1 + "/requests/{id}", (*API).request, false, people, auth.ScopeRequests},
		{"GET", v1 + "/requests/{id}/trace", (*API).trace, false, people, auth.ScopeRequests},
		{"GET", v1 + "/pops/{id}", (*API).pop, false, people, auth.ScopeRequests},
		{"GET", v1 + "/screenpopup/{level}/{id}", (*API).readScreenpopup, false, admins, auth.ScopeConfigRead},
		{"PUT", v1 + "/screenpopup/{level}/{id}", (*API).publishScreenpopup, false, admins, auth.ScopeConfigWrite},
		{"GET", v1 + "/screenpopup/{level}/{id}/revisions", (*API).screenpopupRevisions, false, admins, auth.ScopeConfigRead},
		{"GET", v1 + "/openapi.json", (*API).openAPI, true, nil, ""},
		{"POST", "/demo/ring", (*API).ring, false, people, ""},
	}
}

// mountRoutes mounts the table, and answers that say what is wrong for known
// paths with another method and unknown paths.
func (a *API) mountRoutes(mux *http.ServeMux) {
	methods := map[string][]string{}
	for _, rt := range routes() {
		mux.HandleFunc(rt.method+" "+rt.path, a.serve(rt))
		methods[rt.path] = append(methods[rt.path], rt.method)
	}
	for path, have := range methods {
		slices.Sort(have)
		allow := strings.Join(have, ", ")
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) { a.writeError(w, r, errMethod(r, allow)) })
	}
	for _, path := range []string{"/api/", "/in/", "/demo/"} {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) { a.writeError(w, r, errNoRoute(r)) })
	}
}

// serve makes a handler of a route: who is it, may they, do it, or say why not.
func (a *API) serve(rt route) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		r, err := a.admit(rt, r)
		if err != nil && a.refuseSocket(w, r, rt, err) {
			return
		}
		if err == nil {
			err = rt.handle(a, w, r)
		}
		if err != nil {
			a.writeError(w, r, err)
		}
	}
}

func (a *API) admit(rt route, r *http.Request) (*http.Request, error) {
	if rt.public {
		return r, nil
	}
	c, err := a.identify(r)
	if err != nil {
		return r, a.welcome(rt, err)
	}
	if err := rt.permit(c); err != nil {
		return r, err
	}
	return r.WithContext(context.WithValue(r.Context(), callerKey{}, c)), nil
}
