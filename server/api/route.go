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

// The paths that answer our own pages even after their session has ended.
const (
	connectPath = "/api/v1/connect"
	streamPath  = "/api/v1/stream"
)

// routes is the table of all that can be asked for besides pages and files. A
// test holds openapi.json to it, and tries each line with every role.
func routes() []route {
	const v1 = "/api/v1"
	return []route{
		{"POST", v1 + "/session", (*API).signIn, true, nil, ""},
		{"GET", v1 + "/session", (*API).session, false, everybody, ""},
		{"DELETE", v1 + "/session", (*API).signOut, false, everybody, ""},
		{"POST", v1 + "/companion/pair", (*API).beginPairing, true, nil, ""},
		{"GET", v1 + "/companion/pair/{pairing_id}", (*API).pairingState, true, nil, ""},
		{"GET", v1 + "/companion/connect", (*API).connectCompanion, true, nil, ""},
		{"GET", v1 + "/companions", (*API).companions, false, people, ""},
		{"DELETE", v1 + "/companions/{id}", (*API).revokeCompanion, false, people, ""},
		{"POST", v1 + "/companions/code", (*API).lookAtCode, false, people, ""},
		{"POST", v1 + "/companions/confirm", (*API).confirmCode, false, people, ""},
		{"POST", v1 + "/companions/refuse", (*API).refuseCode, false, people, ""},
		{"GET", v1 + "/check", (*API).checkBrowser, false, people, auth.ScopeConnect},
		{"GET", v1 + "/check/cookies", (*API).checkCookies, true, nil, ""},
		{"GET", connectPath, (*API).connect, false, people, auth.ScopeConnect},
		{"GET", streamPath, (*API).stream, false, people, auth.ScopeConnect},
		{"POST", streamPath + "/{id}", (*API).say, false, people, auth.ScopeConnect},
		{"POST", v1 + "/poll", (*API).openPoll, false, people, auth.ScopeConnect},
		{"GET", v1 + "/poll/{id}/{n}", (*API).poll, false, people, auth.ScopeConnect},
		{"POST", v1 + "/events", (*API).takeEvents, false, admins, auth.ScopeEvents},
		{"POST", "/in/{token}", (*API).takeDialect, true, nil, ""},
		{"GET", v1 + "/sources", (*API).sources, false, admins, auth.ScopeDirectory},
		{"POST", v1 + "/sources", (*API).addSource, false, admins, auth.ScopeDirectoryWrite},
		{"POST", v1 + "/sources/{id}/token", (*API).renewToken, false, admins, auth.ScopeDirectoryWrite},
		{"GET", v1 + "/keys", (*API).keys, false, admins, auth.ScopeDirectory},
		{"POST", v1 + "/keys", (*API).addKey, false, admins, ""},
		{"DELETE", v1 + "/keys/{id}", (*API).deleteKey, false, admins, ""},
		{"GET", v1 + "/unmapped", (*API).unmapped, false, admins, auth.ScopeDirectory},
		{"POST", v1 + "/unmapped/map", (*API).mapUnmapped, false, admins, auth.ScopeDirectoryWrite},
		{"GET", v1 + "/users", (*API).users, false, leaders, auth.ScopeDirectory},
		{"POST", v1 + "/users", (*API).addUser, false, admins, auth.ScopeDirectoryWrite},
		{"PATCH", v1 + "/users/{id}", (*API).changeUser, false, admins, auth.ScopeDirectoryWrite},
		{"GET", v1 + "/users/{id}/screenpopup", (*API).effectiveScreenpopup, false, admins, auth.ScopeConfigRead},
		{"GET", v1 + "/groups", (*API).groups, false, leaders, auth.ScopeDirectory},
		{"POST", v1 + "/groups", (*API).addGroup, false, admins, auth.ScopeDirectoryWrite},
		{"PATCH", v1 + "/groups/{id}", (*API).renameGroup, false, admins, auth.ScopeDirectoryWrite},
		{"GET", v1 + "/company", (*API).company, false, admins, auth.ScopeDirectory},
		{"PATCH", v1 + "/company", (*API).changeCompany, false, admins, auth.ScopeDirectoryWrite},
		{"GET", v1 + "/audit", (*API).audit, false, admins, auth.ScopeAudit},
		{"GET", v1 + "/outbox", (*API).outbox, false, leaders, auth.ScopeRequests},
		{"POST", v1 + "/outbox/{id}/replay", (*API).replayLetter, false, admins, ""},
		{"GET", v1 + "/secrets", (*API).secrets, false, admins, auth.ScopeDirectory},
		{"PUT", v1 + "/secrets/{name}", (*API).putSecret, false, admins, ""},
		{"DELETE", v1 + "/secrets/{name}", (*API).deleteSecret, false, admins, ""},
		{"GET", v1 + "/signing-secret", (*API).signing, false, admins, auth.ScopeDirectory},
		{"POST", v1 + "/signing-secret", (*API).renewSigning, false, admins, ""},
		{"GET", v1 + "/requests", (*API).searchRequests, false, leaders, auth.ScopeRequests},
		{"GET", v1 + "/requests/times", (*API).requestTimes, false, leaders, auth.ScopeRequests},
		{"GET", v1 + "/requests/{id}", (*API).request, false, people, auth.ScopeRequests},
		{"GET", v1 + "/requests/{id}/trace", (*API).trace, false, people, auth.ScopeRequests},
		{"GET", v1 + "/pops/{id}", (*API).pop, false, people, auth.ScopeRequests},
		{"GET", v1 + "/screenpopup/{level}/{id}", (*API).readScreenpopup, false, admins, auth.ScopeConfigRead},
		{"PUT", v1 + "/screenpopup/{level}/{id}", (*API).publishScreenpopup, false, admins, auth.ScopeConfigWrite},
		{"GET", v1 + "/screenpopup/{level}/{id}/revisions", (*API).screenpopupRevisions, false, admins, auth.ScopeConfigRead},
		{"GET", v1 + "/screenpopup/{level}/{id}/revisions/{n}", (*API).screenpopupRevision, false, admins, auth.ScopeConfigRead},
		{"POST", v1 + "/screenpopup/{level}/{id}/rollback", (*API).rollBack, false, admins, auth.ScopeConfigWrite},
		{"GET", v1 + "/screenpopup/{level}/{id}/stage", (*API).stages, false, admins, auth.ScopeConfigRead},
		{"POST", v1 + "/screenpopup/{level}/{id}/stage", (*API).stage, false, admins, auth.ScopeConfigWrite},
		{"DELETE", v1 + "/screenpopup/{level}/{id}/stage/{group}", (*API).endStage, false, admins, auth.ScopeConfigWrite},
		{"GET", v1 + "/screenpopup/{level}/{id}/verdicts", (*API).pageVerdicts, false, admins, auth.ScopeConfigRead},
		{"POST", v1 + "/screenpopup/{level}/{id}/verdicts/check", (*API).checkPages, false, admins, auth.ScopeConfigWrite},
		{"POST", v1 + "/screenpopup/{level}/{id}/verdicts/forget", (*API).forgetBlank, false, admins, auth.ScopeConfigWrite},
		{"POST", v1 + "/screenpopup/check", (*API).checkScreenpopup, false, admins, auth.ScopeConfigRead},
		{"POST", v1 + "/tests", (*API).explainTest, false, admins, auth.ScopeConfigRead},
		{"POST", v1 + "/tests/links", (*API).addTestLink, false, admins, ""},
		{"GET", v1 + "/tests/links/{token}", (*API).testLink, false, admins, ""},
		{"POST", v1 + "/tests/pop", (*API).popTest, false, admins, ""},
		{"GET", v1 + "/tests/asks/{id}", (*API).readAsk, false, admins, ""},
		{"DELETE", v1 + "/tests/asks/{id}", (*API).withdrawAsk, false, admins, ""},
		{"GET", v1 + "/export", (*API).export, false, admins, auth.ScopeConfigRead},
		{"POST", v1 + "/import", (*API).importBundle, false, admins, auth.ScopeConfigWrite},
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
		if shadowed(path, methods) {
			continue // the wider path answers for it; the mux takes no two
		}
		slices.Sort(have)
		allow := strings.Join(have, ", ")
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) { a.writeError(w, r, errMethod(r, allow)) })
	}
	for _, path := range []string{"/api/", "/in/", "/demo/"} {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) { a.writeError(w, r, errNoRoute(r)) })
	}
}

// shadowed reports whether another path of the table stands for this one, too:
// /requests/{id} for /requests/times.
func shadowed(path string, all map[string][]string) bool {
	own := strings.Split(path, "/")
	for other := range all {
		wide := strings.Split(other, "/")
		if other != path && slices.EqualFunc(own, wide, func(o, w string) bool { return o == w || strings.HasPrefix(w, "{") }) {
			return true
		}
	}
	return false
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
