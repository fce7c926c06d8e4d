package api_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/crmpop/crmpop/app/wire"
	"github.com/crmpop/crmpop/server/api"
	"github.com/crmpop/crmpop/server/auth"
	"github.com/crmpop/crmpop/server/store"
)

// line says of one route of the table who may use it: the status each role gets
// for what is its tenant's own, and which scope a key needs ("" for none will do).
type line struct {
	route  string
	path   func(d *door) string // with ids of the tenant acme
	body   string
	with   func(*http.Request)
	owner  int // and so on, in the order of roles
	admin  int
	super  int
	agent  int
	integ  int
	scope  string
	key    int // for a key with the scope; 0: the owner's
	public bool
	ids    bool // names something of acme: another tenant's owner gets 404
}

func fixed(path string) func(*door) string { return func(*door) string { return path } }

func popOf(d *door) string {
	trace, err := d.dir.Trace(d.t.Context(), acme, "c-1")
	d.must(err)
	return trace.Pops[0].ID
}

const anEvent = `{"id":"evt-matrix","type":"updated","request":{"id":"c-m","channel":"voice","agent":"ext-agent"}}`

func matrix() []line {
	xml := func(r *http.Request) { r.Header.Set("Content-Type", "application/xml") }
	none := func(*http.Request) {}
	return []line{
		{route: "POST /api/v1/session", path: fixed("/api/v1/session"), body: `{}`, public: true},
		{route: "GET /api/v1/session", path: fixed("/api/v1/session"), owner: 200, admin: 200, super: 200, agent: 200, integ: 200},
		{route: "DELETE /api/v1/session", path: fixed("/api/v1/session"), owner: 204, admin: 204, super: 204, agent: 204, integ: 204},
		// Without an upgrade whoever may connect is told to.
		{route: "GET /api/v1/connect", path: fixed("/api/v1/connect?agent=ext-agent"), with: none,
			owner: 400, admin: 400, super: 400, agent: 400, integ: 403, scope: auth.ScopeConnect, key: 400},
		{route: "POST /api/v1/companion/pair", path: fixed("/api/v1/companion/pair"), body: `{}`, public: true},
		{route: "GET /api/v1/companion/pair/{pairing_id}", path: fixed("/api/v1/companion/pair/none"), public: true},
		{route: "GET /api/v1/companion/connect", path: fixed("/api/v1/companion/connect"), with: none, public: true},
		{route: "GET /api/v1/companions", path: fixed("/api/v1/companions"), owner: 200, admin: 200, super: 200, agent: 200, integ: 403},
		{route: "DELETE /api/v1/companions/{id}", path: fixed("/api/v1/companions/none"), owner: 404, admin: 404, super: 404, agent: 404, integ: 403},
		{route: "POST /api/v1/companions/code", path: fixed("/api/v1/companions/code"), body: `{"code":"BCDFGHJK"}`, owner: 404, admin: 404, super: 404, agent: 404, integ: 403},
		{route: "POST /api/v1/companions/confirm", path: fixed("/api/v1/companions/confirm"), body: `{"code":"BCDFGHJK"}`, owner: 404, admin: 404, super: 404, agent: 404, integ: 403},
		{route: "POST /api/v1/companions/refuse", path: fixed("/api/v1/companions/refuse"), body: `{"code":"BCDFGHJK"}`, owner: 404, admin: 404, super: 404, agent: 404, integ: 403},
		{route: "GET /api/v1/check", path: fixed("/api/v1/check?agent=ext-agent"), owner: 200, admin: 200, super: 200, agent: 200, integ: 403, scope: auth.ScopeConnect},
		{route: "GET /api/v1/check/cookies", path: fixed("/api/v1/check/cookies"), public: true},
		// Whoever may stream is told to ask for a stream by name; what nobody has
		// opened is not there.
		{route: "GET /api/v1/stream", path: fixed("/api/v1/stream?agent=ext-agent"),
			owner: 400, admin: 400, super: 400, agent: 400, integ: 403, scope: auth.ScopeConnect, key: 400},
		{route: "POST /api/v1/stream/{id}", path: fixed("/api/v1/stream/none"), body: `{"type":"pong"}`,
			owner: 404, admin: 404, super: 404, agent: 404, integ: 403, scope: auth.ScopeConnect, key: 404},
		{route: "POST /api/v1/poll", path: fixed("/api/v1/poll?agent=ext-agent"),
			owner: 200, admin: 200, super: 200, agent: 200, integ: 403, scope: auth.ScopeConnect},
		{route: "GET /api/v1/poll/{id}/{n}", path: fixed("/api/v1/poll/none/2"),
			owner: 404, admin: 404, super: 404, agent: 404, integ: 403, scope: auth.ScopeConnect, key: 404},
		{route: "POST /api/v1/events", path: fixed("/api/v1/events"), body: anEvent,
			owner: 202, admin: 202, super: 403, agent: 403, integ: 403, scope: auth.ScopeEvents},
		{route: "POST /in/{token}", path: func(d *door) string { return "/in/" + d.tokens[acme] }, body: `{}`, public: true},
		{route: "GET /api/v1/sources", path: fixed("/api/v1/sources"), owner: 200, admin: 200, super: 403, agent: 403, integ: 403, scope: auth.ScopeDirectory},
		{route: "GET /api/v1/unmapped", path: fixed("/api/v1/unmapped"), owner: 200, admin: 200, super: 403, agent: 403, integ: 403, scope: auth.ScopeDirectory},
		{route: "GET /api/v1/users", path: fixed("/api/v1/users"), owner: 200, admin: 200, super: 200, agent: 403, integ: 403, scope: auth.ScopeDirectory},
		{route: "GET /api/v1/groups", path: fixed("/api/v1/groups"), owner: 200, admin: 200, super: 200, agent: 403, integ: 403, scope: auth.ScopeDirectory},
		{route: "GET /api/v1/requests/{id}", path: fixed("/api/v1/requests/c-1"), owner: 200, admin: 200, super: 200, agent: 200, integ: 403, scope: auth.ScopeRequests, ids: true},
		{route: "GET /api/v1/requests/{id}/trace", path: fixed("/api/v1/requests/c-1/trace"), owner: 200, admin: 200, super: 200, agent: 200, integ: 403, scope: auth.ScopeRequests, ids: true},
		{route: "GET /api/v1/pops/{id}", path: func(d *door) string { return "/api/v1/pops/" + popOf(d) }, owner: 200, admin: 200, super: 200, agent: 200, integ: 403, scope: auth.ScopeRequests, ids: true},
		{route: "GET /api/v1/screenpopup/{level}/{id}", path: fixed("/api/v1/screenpopup/tenant/acme"), owner: 200, admin: 200, super: 403, agent: 403, integ: 403, scope: auth.ScopeConfigRead, ids: true},
		{route: "PUT /api/v1/screenpopup/{level}/{id}", path: fixed("/api/v1/screenpopup/tenant/acme"), body: document, with: xml,
			owner: 200, admin: 200, super: 403, agent: 403, integ: 403, scope: auth.ScopeConfigWrite, ids: true},
		{route: "GET /api/v1/screenpopup/{level}/{id}/revisions", path: fixed("/api/v1/screenpopup/tenant/acme/revisions"), owner: 200, admin: 200, super: 403, agent: 403, integ: 403, scope: auth.ScopeConfigRead, ids: true},
		{route: "POST /api/v1/sources", path: fixed("/api/v1/sources"), body: `{"name":"PBX 2","dialect":"cti"}`,
			owner: 201, admin: 201, super: 403, agent: 403, integ: 403, scope: auth.ScopeDirectoryWrite},
		{route: "POST /api/v1/sources/{id}/token", path: fixed("/api/v1/sources/cti-of-acme/token"),
			owner: 200, admin: 200, super: 403, agent: 403, integ: 403, scope: auth.ScopeDirectoryWrite, ids: true},
		{route: "GET /api/v1/keys", path: fixed("/api/v1/keys"), owner: 200, admin: 200, super: 403, agent: 403, integ: 403, scope: auth.ScopeDirectory},
		{route: "POST /api/v1/keys", path: fixed("/api/v1/keys"), body: `{"name":"k","source":"native","scopes":["events:write"]}`,
			owner: 201, admin: 201, super: 403, agent: 403, integ: 403},
		{route: "DELETE /api/v1/keys/{id}", path: func(d *door) string { return "/api/v1/keys/" + d.keyID(acme) },
			owner: 204, admin: 204, super: 403, agent: 403, integ: 403, ids: true},
		{route: "POST /api/v1/unmapped/map", path: fixed("/api/v1/unmapped/map"), body: `{"alias":"ext-ghost","user_id":"only-acme"}`,
			owner: 200, admin: 200, super: 403, agent: 403, integ: 403, scope: auth.ScopeDirectoryWrite},
		{route: "POST /api/v1/users", path: fixed("/api/v1/users"), body: `{"email":"new@acme.example","name":"New","group":"sales"}`,
			owner: 201, admin: 409, super: 403, agent: 403, integ: 403, scope: auth.ScopeDirectoryWrite, key: 409},
		{route: "PATCH /api/v1/users/{id}", path: fixed("/api/v1/users/only-acme"), body: `{"name":"Only"}`,
			owner: 200, admin: 200, super: 403, agent: 403, integ: 403, scope: auth.ScopeDirectoryWrite, ids: true},
		{route: "GET /api/v1/users/{id}/screenpopup", path: fixed("/api/v1/users/only-acme/screenpopup"),
			owner: 200, admin: 200, super: 403, agent: 403, integ: 403, scope: auth.ScopeConfigRead, ids: true},
		{route: "POST /api/v1/groups", path: fixed("/api/v1/groups"), body: `{"name":"Support"}`,
			owner: 201, admin: 201, super: 403, agent: 403, integ: 403, scope: auth.ScopeDirectoryWrite},
		{route: "PATCH /api/v1/groups/{id}", path: fixed("/api/v1/groups/only-acme"), body: `{"name":"Only"}`,
			owner: 200, admin: 200, super: 403, agent: 403, integ: 403, scope: auth.ScopeDirectoryWrite, ids: true},
		{route: "GET /api/v1/company", path: fixed("/api/v1/company"), owner: 200, admin: 200, super: 403, agent: 403, integ: 403, scope: auth.ScopeDirectory},
		{route: "PATCH /api/v1/company", path: fixed("/api/v1/company"), body: `{"name":"ACME"}`,
			owner: 200, admin: 200, super: 403, agent: 403, integ: 403, scope: auth.ScopeDirectoryWrite},
		{route: "GET /api/v1/audit", path: fixed("/api/v1/audit"), owner: 200, admin: 200, super: 403, agent: 403, integ: 403, scope: auth.ScopeAudit},
		{route: "GET /api/v1/outbox", path: fixed("/api/v1/outbox?state=dead"), owner: 200, admin: 200, super: 200, agent: 403, integ: 403, scope: auth.ScopeRequests},
		{route: "POST /api/v1/outbox/{id}/replay", path: func(d *door) string { return "/api/v1/outbox/" + d.deadLetter() + "/replay" },
			owner: 202, admin: 202, super: 403, agent: 403, integ: 403, ids: true},
		{route: "GET /api/v1/secrets", path: fixed("/api/v1/secrets"), owner: 200, admin: 200, super: 403, agent: 403, integ: 403, scope: auth.ScopeDirectory},
		{route: "PUT /api/v1/secrets/{name}", path: fixed("/api/v1/secrets/crm"), body: `{"host":"crm.example.com","value":"x"}`,
			owner: 200, admin: 200, super: 403, agent: 403, integ: 403},
		{route: "DELETE /api/v1/secrets/{name}", path: func(d *door) string { return "/api/v1/secrets/" + d.secretOfAcme() },
			owner: 204, admin: 204, super: 403, agent: 403, integ: 403, ids: true},
		{route: "GET /api/v1/signing-secret", path: fixed("/api/v1/signing-secret"), owner: 200, admin: 200, super: 403, agent: 403, integ: 403, scope: auth.ScopeDirectory},
		{route: "POST /api/v1/signing-secret", path: fixed("/api/v1/signing-secret"), owner: 201, admin: 201, super: 403, agent: 403, integ: 403},
		{route: "GET /api/v1/requests", path: fixed("/api/v1/requests?q=c-1"), owner: 200, admin: 200, super: 200, agent: 403, integ: 403, scope: auth.ScopeRequests},
		{route: "GET /api/v1/requests/times", path: fixed("/api/v1/requests/times"), owner: 200, admin: 200, super: 200, agent: 403, integ: 403, scope: auth.ScopeRequests},
		{route: "GET /api/v1/screenpopup/{level}/{id}/revisions/{n}", path: fixed("/api/v1/screenpopup/tenant/acme/revisions/1"),
			owner: 200, admin: 200, super: 403, agent: 403, integ: 403, scope: auth.ScopeConfigRead, ids: true},
		{route: "POST /api/v1/screenpopup/{level}/{id}/rollback", path: fixed("/api/v1/screenpopup/tenant/acme/rollback"), body: `{"revision":1}`,
			owner: 200, admin: 200, super: 403, agent: 403, integ: 403, scope: auth.ScopeConfigWrite, ids: true},
		{route: "GET /api/v1/screenpopup/{level}/{id}/stage", path: fixed("/api/v1/screenpopup/tenant/acme/stage"),
			owner: 200, admin: 200, super: 403, agent: 403, integ: 403, scope: auth.ScopeConfigRead, ids: true},
		{route: "POST /api/v1/screenpopup/{level}/{id}/stage", path: fixed("/api/v1/screenpopup/tenant/acme/stage"), body: `{"revision":1,"group":"only-acme"}`,
			owner: 201, admin: 409, super: 403, agent: 403, integ: 403, scope: auth.ScopeConfigWrite, key: 409},
		{route: "DELETE /api/v1/screenpopup/{level}/{id}/stage/{group}", path: fixed("/api/v1/screenpopup/tenant/acme/stage/only-acme"),
			owner: 200, admin: 404, super: 403, agent: 403, integ: 403, scope: auth.ScopeConfigWrite, key: 404},
		{route: "GET /api/v1/screenpopup/{level}/{id}/verdicts", path: fixed("/api/v1/screenpopup/tenant/acme/verdicts"),
			owner: 200, admin: 200, super: 403, agent: 403, integ: 403, scope: auth.ScopeConfigRead, ids: true},
		{route: "POST /api/v1/screenpopup/{level}/{id}/verdicts/check", path: fixed("/api/v1/screenpopup/tenant/acme/verdicts/check"), body: document, with: xml,
			owner: 200, admin: 200, super: 403, agent: 403, integ: 403, scope: auth.ScopeConfigWrite, ids: true},
		{route: "POST /api/v1/screenpopup/{level}/{id}/verdicts/forget", path: fixed("/api/v1/screenpopup/tenant/acme/verdicts/forget"), body: `{"key":"https://crm.example/"}`,
			owner: 200, admin: 200, super: 403, agent: 403, integ: 403, scope: auth.ScopeConfigWrite, ids: true},
		{route: "POST /api/v1/screenpopup/check", path: fixed("/api/v1/screenpopup/check?level=tenant&id=acme"), body: document, with: xml,
			owner: 200, admin: 200, super: 403, agent: 403, integ: 403, scope: auth.ScopeConfigRead, ids: true},
		{route: "POST /api/v1/tests", path: fixed("/api/v1/tests"), body: `{"level":"tenant","id":"acme","channel":"voice","trigger":"ringing","request":{}}`,
			owner: 200, admin: 200, super: 403, agent: 403, integ: 403, scope: auth.ScopeConfigRead, ids: true},
		{route: "POST /api/v1/tests/links", path: fixed("/api/v1/tests/links"), body: `{"state":{"request":{}}}`, owner: 201, admin: 201, super: 403, agent: 403, integ: 403},
		{route: "GET /api/v1/tests/links/{token}", path: func(d *door) string { return "/api/v1/tests/links/" + d.testLink(acme) },
			owner: 200, admin: 200, super: 403, agent: 403, integ: 403, ids: true},
		{route: "POST /api/v1/tests/pop", path: fixed("/api/v1/tests/pop"), body: `{"state":{"level":"tenant","id":"acme","channel":"voice","trigger":"ringing","request":{}}}`,
			owner: 202, admin: 202, super: 403, agent: 403, integ: 403, ids: true},
		// An ask is known to whoever asked alone: to everybody else it is not there.
		{route: "GET /api/v1/tests/asks/{id}", path: fixed("/api/v1/tests/asks/none"), owner: 404, admin: 404, super: 403, agent: 403, integ: 403},
		{route: "DELETE /api/v1/tests/asks/{id}", path: fixed("/api/v1/tests/asks/none"), owner: 404, admin: 404, super: 403, agent: 403, integ: 403},
		{route: "GET /api/v1/export", path: fixed("/api/v1/export"), owner: 200, admin: 200, super: 403, agent: 403, integ: 403, scope: auth.ScopeConfigRead},
		{route: "POST /api/v1/import", path: fixed("/api/v1/import?dry_run=1"), body: `{"crmpop_bundle":1,"documents":[]}`,
			owner: 200, admin: 200, super: 403, agent: 403, integ: 403, scope: auth.ScopeConfigWrite},
		{route: "GET /api/v1/openapi.json", path: fixed("/api/v1/openapi.json"), public: true},
		{route: "POST /demo/ring", path: fixed("/demo/ring"), owner: 404, admin: 404, super: 404, agent: 404, integ: 403},
	}
}

func (l line) send(d *door, who ...func(*http.Request)) answer {
	d.t.Helper()
	method, _, _ := strings.Cut(l.route, " ")
	if l.with != nil {
		who = append(who, l.with)
	}
	if l.scope == auth.ScopeConnect {
		who = append(who, with("Origin", d.url))
	}
	return d.do(method, l.path(d), l.body, who...)
}

func TestEveryRouteStandsInTheMatrix(t *testing.T) {
	for _, r := range api.Routes() {
		if !slices.ContainsFunc(matrix(), func(l line) bool { return l.route == r }) {
			t.Errorf("%s is not in the matrix of who may do what", r)
		}
	}
	for _, l := range matrix() {
		if !slices.Contains(api.Routes(), l.route) {
			t.Errorf("%s is in the matrix and no route", l.route)
		}
	}
}

func TestWhoMayDoWhat(t *testing.T) {
	d := open(t)
	d.ring(acme, "c-1", "ext-agent")
	d.must(d.dir.PutGroup(t.Context(), store.Group{ID: "only-acme", Tenant: acme, Name: "Only"}))
	d.must(d.dir.PutUser(t.Context(), store.User{ID: "only-acme", Tenant: acme, Email: "only@acme.example", Role: store.AgentRole, Group: "only-acme"}))
	d.must(d.dir.PutSource(t.Context(), store.Source{ID: "cti-of-acme", Tenant: acme, Name: "PBX", Dialect: "cti", Token: "another"}))
	for _, l := range matrix() {
		if l.public {
			if a := l.send(d); a.StatusCode == 403 || a.kind(t) == "not-signed-in" {
				t.Errorf("%s for all: %d %s", l.route, a.StatusCode, a.body)
			}
			continue
		}
		for i, want := range []int{l.owner, l.admin, l.super, l.agent, l.integ} {
			if a := l.send(d, cookie(d.session(acme, string(roles[i])))); a.StatusCode != want {
				t.Errorf("%s as %s: %d %s, want %d", l.route, roles[i], a.StatusCode, a.body, want)
			}
		}
		if l.route != "GET /api/v1/connect" { // that one answers its own pages with a bye
			if a := l.send(d); a.StatusCode != 401 || a.kind(t) != "not-signed-in" {
				t.Errorf("%s without a session: %d %s, want 401", l.route, a.StatusCode, a.body)
			}
		}
		l.checkTenants(t, d)
		l.checkKeys(t, d)
	}
}

// checkTenants lets another tenant's users try; ids that are not theirs are
// not there, and do not exist for somebody who may not look either.
func (l line) checkTenants(t *testing.T, d *door) {
	t.Helper()
	if !l.ids {
		return
	}
	for i, want := range []int{l.owner, l.admin, l.super, l.agent, l.integ} {
		if want/100 == 2 {
			want = 404
		}
		if a := l.send(d, cookie(d.session(evil, string(roles[i])))); a.StatusCode != want {
			t.Errorf("%s as %s of another tenant: %d %s, want %d", l.route, roles[i], a.StatusCode, a.body, want)
		}
	}
	if a := l.send(d, cookie(d.session(acme, "other"))); l.agent == 200 && a.StatusCode != 404 {
		t.Errorf("%s as an agent whose request it is not: %d %s, want 404", l.route, a.StatusCode, a.body)
	}
}

func (l line) checkKeys(t *testing.T, d *door) {
	t.Helper()
	if l.scope == "" {
		if a := l.send(d, bearer(d.key(acme, auth.Scopes...))); a.StatusCode != 403 || a.kind(t) != "people-only" {
			t.Errorf("%s with a key of all scopes: %d %s, want 403", l.route, a.StatusCode, a.body)
		}
		return
	}
	others := slices.DeleteFunc(slices.Clone(auth.Scopes), func(s string) bool { return s == l.scope })
	if a := l.send(d, bearer(d.key(acme, others...))); a.StatusCode != 403 || a.kind(t) != "scope-missing" {
		t.Errorf("%s with a key without %s: %d %s, want 403", l.route, l.scope, a.StatusCode, a.body)
	}
	want := l.key
	if want == 0 {
		want = l.owner
	}
	if a := l.send(d, bearer(d.key(acme, l.scope))); a.StatusCode != want {
		t.Errorf("%s with a key for %s: %d %s, want %d", l.route, l.scope, a.StatusCode, a.body, want)
	}
	if a := l.send(d, bearer(d.key(evil, l.scope))); l.ids && a.StatusCode != 404 {
		t.Errorf("%s with another tenant's key: %d %s, want 404", l.route, a.StatusCode, a.body)
	}
}

// Two tenants with the same request ids, agents and aliases: each sees its own.
func TestTenantsDoNotMix(t *testing.T) {
	d := open(t)
	d.ring(acme, "c-1", "ext-agent")
	for _, path := range []string{"/api/v1/requests/c-1", "/api/v1/requests/c-1/trace", "/api/v1/pops/" + popOf(d)} {
		if a := d.do("GET", path, "", cookie(d.session(evil, "owner"))); a.StatusCode != 404 {
			t.Errorf("%s for the tenant that has none: %d %s", path, a.StatusCode, a.body)
		}
	}
	d.ring(evil, "c-1", "ext-agent")
	mine, err := d.dir.Trace(t.Context(), acme, "c-1")
	d.must(err)
	theirs, err := d.dir.Trace(t.Context(), evil, "c-1")
	d.must(err)
	if len(mine.Events) != 1 || len(theirs.Events) != 1 || mine.Pops[0].ID == theirs.Pops[0].ID {
		t.Errorf("traces mix: %d and %d events, pops %s and %s", len(mine.Events), len(theirs.Events), mine.Pops[0].ID, theirs.Pops[0].ID)
	}
	var users []map[string]any
	d.must(json.Unmarshal(d.do("GET", "/api/v1/users", "", cookie(d.session(acme, "owner"))).body, &users))
	for _, u := range users {
		if email, _ := u["email"].(string); !strings.HasSuffix(email, "@acme.example") {
			t.Errorf("acme's users hold %v", u)
		}
	}
	epoch, head, err := d.dir.Head(t.Context(), wire.AgentKey{Tenant: acme, ID: "agent"})
	if err != nil || epoch == 0 || head == 0 {
		t.Errorf("Head = %d, %d, %v, want acme's agent to have a stream", epoch, head, err)
	}
}

func TestKnownPathsSayWhichMethod(t *testing.T) {
	d := open(t)
	for _, c := range []struct{ method, path, allow string }{
		{"PATCH", "/api/v1/session", "DELETE, GET, POST"},
		{"GET", "/api/v1/events", "POST"},
		{"DELETE", "/api/v1/screenpopup/tenant/acme", "GET, PUT"},
		{"GET", "/in/" + d.tokens[acme], "POST"},
		{"POST", "/", "GET"},
		{"GET", "/demo/ring", "POST"},
	} {
		a := d.do(c.method, c.path, "")
		if a.StatusCode != 405 || a.Header.Get("Allow") != c.allow || a.kind(t) != "method-not-allowed" {
			t.Errorf("%s %s: %d, Allow %q, want 405 and %q", c.method, c.path, a.StatusCode, a.Header.Get("Allow"), c.allow)
		}
	}
	for _, path := range []string{"/api/v1/nothing", "/api/v2/events", "/in/", "/demo/other", "/api/v1/requests/"} {
		if a := d.do("GET", path, ""); a.StatusCode != 404 || a.kind(t) != "no-such-route" {
			t.Errorf("GET %s: %d %s, want 404 no-such-route", path, a.StatusCode, a.body)
		}
	}
}
