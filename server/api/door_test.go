package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/crmpop/crmpop/app/wire"
	"github.com/crmpop/crmpop/server/api"
	"github.com/crmpop/crmpop/server/auth"
	"github.com/crmpop/crmpop/server/companions"
	"github.com/crmpop/crmpop/server/dispatch"
	"github.com/crmpop/crmpop/server/framing"
	"github.com/crmpop/crmpop/server/hub"
	"github.com/crmpop/crmpop/server/store"
	"github.com/crmpop/crmpop/server/vault"
)

// The two tenants of every test have users, groups and requests with the same
// ids: whatever mixes them up shows.
const (
	acme = "acme"
	evil = "evil"
)

var roles = []store.Role{store.Owner, store.Admin, store.Supervisor, store.AgentRole, store.Integration}

const password = "correct horse"

// phc is hashed once: it takes its time on purpose.
var phc = sync.OnceValue(func() string { return auth.HashPassword(password) })

// clock runs like the real one, and can be put forward.
type clock struct {
	mu sync.Mutex
	by time.Duration
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.by)
}

// still returns a time that only advance moves: what is limited by the minute
// must not depend on how long the test takes.
func (c *clock) still() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Unix(1_800_000_000, 0).Add(c.by)
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.by += d
}

// door is the whole server behind a real listener, on a real record.
type door struct {
	t      testing.TB
	url    string
	folder string // of the database
	dir    *store.SQLite
	hub    *hub.Hub
	room   *companions.Room
	watch  *framing.Watch
	clock  *clock
	log    *lockedLog
	tokens map[string]string // CTI source's token by tenant
}

// webFiles stand in for the built ones.
func webFiles() fstest.MapFS {
	file := func(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s)} }
	return fstest.MapFS{
		"dist/version": file("v1"), "dist/.gitkeep": file(""),
		"dist/editor.js": file("edit()" + strings.Repeat("/* long */", 300)),
		"css/app.css":    file("body{}" + strings.Repeat("/* long */", 300)), "js/watch.js": file("1"),
		"icons/icon.svg": file("<svg/>"), "manifest.webmanifest": file("{}"), "docs/problems.md": file("# Problems\n"),
	}
}

// open returns a door; change may alter its options first.
func open(t testing.TB, change ...func(*api.Options)) *door {
	t.Helper()
	d := &door{t: t, folder: t.TempDir(), clock: &clock{}, log: &lockedLog{}, tokens: map[string]string{}}
	log := slog.New(slog.NewTextHandler(d.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	var err error
	d.dir, err = store.Open(t.Context(), filepath.Join(d.folder, "pop.db"), store.Options{Now: d.clock.now, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.dir.Close() })
	for _, tenant := range []string{acme, evil} {
		d.seed(tenant)
	}
	bus := store.NewBus()
	disp := dispatch.New(dispatch.Options{Record: d.dir, Directory: d.dir, Bus: bus, Now: d.clock.now, Log: log,
		Leads: func(a wire.AgentKey) string { return d.hub.Leader(a) },
		Connected: func(a wire.AgentKey) (all []store.Connection) {
			for _, c := range d.hub.Connected(a) {
				all = append(all, store.Connection(c))
			}
			return all
		},
		Companion: func(a wire.AgentKey) dispatch.Companion { return dispatch.Companion(d.room.Standing(a)) }})
	d.hub = hub.New(d.dir, bus, disp, hub.Options{Build: "v1", Log: log})
	life, end := context.WithCancel(context.Background())
	t.Cleanup(end)
	go d.hub.Run(life)

	srv := httptest.NewUnstartedServer(nil)
	d.url = "http://" + srv.Listener.Addr().String()
	d.room = companions.New(d.dir, bus, disp, companions.Options{Server: d.url, Find: d.findCompanion, AtWork: d.hub.AtWork, Now: d.clock.now, Log: log,
		Seen: func(ctx context.Context, id, version, address string) error {
			return d.dir.SeeCompanion(ctx, id, version, address, d.clock.now())
		}})
	d.watch = d.watching(framing.WatchOptions{Shelf: d.dir, Now: d.clock.now, Log: log})
	o := api.Options{Directory: d.dir, Record: d.dir, Intake: disp, Sockets: d.hub, Companions: d.room, Watch: d.watch, Vault: vault.New(d.folder), Origins: auth.Origins{d.url}, Loopback: true,
		Web: webFiles(), Build: "v1", Now: d.clock.now, Log: log,
		Limits: auth.NewLimits(d.clock.still),
		Pages:  http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "a page") })}
	for _, c := range change {
		c(&o)
	}
	a, err := api.New(o)
	if err != nil {
		t.Fatal(err)
	}
	srv.Config.Handler = a.Handler()
	srv.Start()
	t.Cleanup(func() {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		d.room.Drain(t.Context())
		d.hub.Drain(ctx)
		srv.Close()
	})
	return d
}

func (d *door) findCompanion(ctx context.Context, id string) (companions.Known, error) {
	m, err := d.dir.Companion(ctx, id)
	if err != nil {
		return companions.Known{}, err
	}
	u, err := d.dir.User(ctx, m.Tenant, m.Agent)
	return companions.Known{ID: m.ID, Agent: wire.AgentKey{Tenant: m.Tenant, ID: m.Agent}, Email: u.Email, AgentName: u.Name, Host: m.Host, Key: m.PublicKey}, err
}

// lockedLog is written by many goroutines.
type lockedLog struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedLog) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(b)
}

func (l *lockedLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func (d *door) seed(tenant string) {
	d.t.Helper()
	ctx := d.t.Context()
	d.must(d.dir.PutTenant(ctx, store.Tenant{ID: tenant, Name: strings.ToUpper(tenant), Region: "NO", Hosts: []string{"crm.example.com"}}))
	d.must(d.dir.PutGroup(ctx, store.Group{ID: "sales", Tenant: tenant, Name: "Sales"}))
	for _, id := range []string{"owner", "admin", "supervisor", "agent", "integration", "other"} {
		role := store.Role(id)
		if id == "other" {
			role = store.AgentRole
		}
		d.must(d.dir.PutUser(ctx, store.User{ID: id, Tenant: tenant, Email: id + "@" + tenant + ".example", Name: id, Role: role,
			Group: "sales", Aliases: []string{"ext-" + id}, Password: phc()}))
	}
	d.tokens[tenant] = "token-" + tenant
	d.must(d.dir.PutSource(ctx, store.Source{ID: "native", Tenant: tenant, Name: "API", Dialect: "native"}))
	d.must(d.dir.PutSource(ctx, store.Source{ID: "cti", Tenant: tenant, Name: "PBX", Dialect: "cti", Token: d.tokens[tenant]}))
	_, err := d.dir.Publish(ctx, store.Revision{Tenant: tenant, Level: "tenant", LevelID: tenant, Document: document, Author: "test", At: d.clock.now()}, -1)
	d.must(err)
}

const document = `<screenpopup>
  <url on="ringing" channel="voice" target="request" title="CRM">https://crm.example.com/find?phone={anum}</url>
</screenpopup>`

func (d *door) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

// key returns a new API key of a tenant.
func (d *door) key(tenant string, scopes ...string) string {
	d.t.Helper()
	k := auth.MakeKey()
	d.must(d.dir.PutKey(d.t.Context(), store.Key{ID: k.ID, Tenant: tenant, Source: "native", Name: "test", Scopes: scopes, Hash: k.Hash, CreatedAt: d.clock.now()}))
	return k.Token
}

// keyID returns the id of a new API key of a tenant.
func (d *door) keyID(tenant string) string {
	d.t.Helper()
	id, _, _ := auth.ParseKey(d.key(tenant, auth.ScopeEvents))
	return id
}

// testLink returns the token of a new link to a test.
func (d *door) testLink(tenant string) string {
	d.t.Helper()
	a := d.do("POST", "/api/v1/tests/links", `{"state":{"level":"tenant","id":"`+tenant+`","channel":"voice","trigger":"ringing","request":{"anum":"22334455"}}}`,
		cookie(d.session(tenant, "admin")))
	d.must(statusIs(a, 201))
	token, _ := a.json(d.t)["token"].(string)
	return token
}

// answer is a response, read whole.
type answer struct {
	*http.Response
	body []byte
}

// json returns the body's members.
func (a answer) json(t testing.TB) map[string]any {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal(a.body, &m); err != nil {
		t.Fatalf("body %q is no JSON object: %v", a.body, err)
	}
	return m
}

// kind returns the kind of problem, "" if the answer is none. Every kind that a
// test meets has to stand in the manual.
func (a answer) kind(t testing.TB) string {
	t.Helper()
	if a.Header.Get("Content-Type") != "application/problem+json" {
		return ""
	}
	m := a.json(t)
	typ, _ := m["type"].(string)
	kind, ok := strings.CutPrefix(typ, "/docs/problems#")
	if !ok || m["title"] == "" || m["detail"] == "" || m["status"] != float64(a.StatusCode) {
		t.Errorf("%s is not a whole problem of status %d", a.body, a.StatusCode)
	}
	if !strings.Contains(manual(t), "\n### "+kind+"\n") {
		t.Errorf("web/docs/problems.md does not explain %s", kind)
	}
	return kind
}

// statusIs returns an error unless a has the status.
func statusIs(a answer, want int) error {
	if a.StatusCode != want {
		return fmt.Errorf("%s %s: %d %s, want %d", a.Request.Method, a.Request.URL.Path, a.StatusCode, a.body, want)
	}
	return nil
}

func manual(t testing.TB) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", "web", "docs", "problems.md"))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// with sets a header of a request.
func with(key, value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Add(key, value) }
}

func bearer(key string) func(*http.Request) { return with("Authorization", "Bearer "+key) }

func cookie(id string) func(*http.Request) { return with("Cookie", "__Host-crmpop="+id) }

// do sends a request and reads the answer. A body is JSON unless it says otherwise.
func (d *door) do(method, path, body string, with ...func(*http.Request)) answer {
	d.t.Helper()
	r, err := http.NewRequestWithContext(d.t.Context(), method, d.url+path, strings.NewReader(body))
	d.must(err)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for _, f := range with {
		f(r)
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{DisableCompression: true, DisableKeepAlives: true}}
	resp, err := client.Do(r)
	d.must(err)
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	d.must(err)
	return answer{resp, b}
}

// signIn returns the session id of a user.
func (d *door) signIn(email string) string {
	d.t.Helper()
	a := d.do("POST", "/api/v1/session", `{"email":"`+email+`","password":"`+password+`"}`)
	if a.StatusCode != http.StatusOK {
		d.t.Fatalf("sign in %s: %d %s", email, a.StatusCode, a.body)
	}
	for _, c := range a.Cookies() {
		if c.Name == "__Host-crmpop" {
			return c.Value
		}
	}
	d.t.Fatalf("sign in %s set no cookie", email)
	return ""
}

// session returns a session without the cost of a password.
func (d *door) session(tenant, user string) string {
	d.t.Helper()
	id, hash := auth.NewSession()
	now := d.clock.now()
	d.must(d.dir.PutLogin(d.t.Context(), store.Login{Hash: hash, Tenant: tenant, UserID: user, CreatedAt: now, SeenAt: now}))
	return id
}

// ring reports a ringing call for an agent and returns the answer's members.
func (d *door) ring(tenant, request, agent string) map[string]any {
	d.t.Helper()
	a := d.do("POST", "/api/v1/events", `{"id":"evt-`+request+agent+`","type":"ringing","request":{"id":"`+request+`","channel":"voice","agent":"`+agent+`","anum":"+4722334455"}}`,
		bearer(d.key(tenant, auth.ScopeEvents)))
	if a.StatusCode != http.StatusAccepted {
		d.t.Fatalf("ring: %d %s", a.StatusCode, a.body)
	}
	return a.json(d.t)
}
