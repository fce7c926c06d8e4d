package docs_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/wire"
	"github.com/crmpop/crmpop/server/api"
	"github.com/crmpop/crmpop/server/auth"
	"github.com/crmpop/crmpop/server/dispatch"
	"github.com/crmpop/crmpop/server/framing"
	"github.com/crmpop/crmpop/server/hub"
	"github.com/crmpop/crmpop/server/store"
	"github.com/crmpop/crmpop/web"
)

// publicURL is the address that the manual's examples have.
const publicURL = "https://pop.example.com"

// company is the one of the manual's examples, on a real record behind a real
// server: Acme in Norway, whose agent Anna is also known as 2149.
type company struct {
	t   *testing.T
	url string
	key string
}

const tenant = "main"

// acme returns a new company with a popup for every call.
func acme(t *testing.T) *company {
	t.Helper()
	ctx := t.Context()
	rec, err := store.Open(ctx, filepath.Join(t.TempDir(), "crmpop.db"), store.Options{Now: time.Now})
	must(t, err)
	t.Cleanup(func() { rec.Close() })
	key := auth.MakeKey()
	must(t, rec.PutTenant(ctx, store.Tenant{ID: tenant, Name: "Acme", Region: "NO", Hosts: []string{"crm.example.com"}}))
	must(t, rec.PutGroup(ctx, store.Group{ID: "everybody", Tenant: tenant, Name: "Everybody"}))
	must(t, rec.PutUser(ctx, store.User{ID: "anna", Tenant: tenant, Email: "anna@acme.example", Name: "Anna", Role: store.AgentRole,
		Group: "everybody", Aliases: []string{"2149"}}))
	must(t, rec.PutSource(ctx, store.Source{ID: "api", Tenant: tenant, Name: "API", Dialect: "native"}))
	must(t, rec.PutSource(ctx, store.Source{ID: "pbx", Tenant: tenant, Name: "PBX", Dialect: "cti", Token: "TOKEN"}))
	must(t, rec.PutKey(ctx, store.Key{ID: key.ID, Tenant: tenant, Source: "api", Name: "manual", Scopes: auth.Scopes, Hash: key.Hash, CreatedAt: time.Now()}))
	must(t, rec.PutPageVerdict(ctx, tenant, screenpop.PageVerdict{Key: "https://crm.example.com/find", Verdict: screenpop.VerdictRefused, CheckedAt: time.Now(),
		Reason: "refused by X-Frame-Options: SAMEORIGIN at https://crm.example.com: the ancestor https://pop.example.com is another origin"}))
	c := &company{t: t, key: key.Token}
	c.serve(rec)
	c.publish(`<screenpopup><url on="ringing" channel="voice" target="request">https://crm.example.com/find?phone={anum|e164}</url></screenpopup>`)
	return c
}

func (c *company) serve(rec *store.SQLite) {
	c.t.Helper()
	bus := store.NewBus()
	var h *hub.Hub
	d := dispatch.New(dispatch.Options{Record: rec, Directory: rec, Bus: bus, Leads: func(a wire.AgentKey) string { return h.Leader(a) }})
	h = hub.New(rec, bus, d, hub.Options{Build: "v1"})
	life, end := context.WithCancel(context.Background())
	c.t.Cleanup(end)
	go h.Run(life)
	srv := httptest.NewUnstartedServer(nil)
	c.url = "http://" + srv.Listener.Addr().String()
	a, err := api.New(api.Options{Directory: rec, Record: rec, Intake: d, Sockets: h, Watch: framing.NewWatch(framing.WatchOptions{Shelf: rec}), Origins: auth.Origins{c.url}, Loopback: true,
		Web: web.Files(), Build: "v1"})
	must(c.t, err)
	srv.Config.Handler = a.Handler()
	srv.Start()
	c.t.Cleanup(srv.Close)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// do sends a request with the company's key and returns status and body.
func (c *company) do(method, at, contentType, body string) (int, []byte) {
	c.t.Helper()
	return c.send(method, c.url+at, map[string]string{"Authorization": "Bearer " + c.key, "Content-Type": contentType}, body)
}

func (c *company) send(method, url string, header map[string]string, body string) (int, []byte) {
	c.t.Helper()
	req, err := http.NewRequestWithContext(c.t.Context(), method, url, strings.NewReader(body))
	must(c.t, err)
	for k, v := range header {
		req.Header.Set(k, v)
	}
	resp, err := http.DefaultClient.Do(req)
	must(c.t, err)
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	must(c.t, err)
	return resp.StatusCode, b
}

// publish makes document the company's own.
func (c *company) publish(document string) {
	c.t.Helper()
	if status, b := c.do("PUT", "/api/v1/screenpopup/tenant/"+tenant, "application/xml", document); status != http.StatusOK {
		c.t.Fatalf("publish %s: %d %s", document, status, b)
	}
}

// curl runs a curl of the manual, with its own idea of method and content type.
func (c *company) curl(words []string) (int, []byte) {
	c.t.Helper()
	method, url, body := "", "", ""
	header := map[string]string{}
	for i := 1; i < len(words); i++ {
		switch w := words[i]; w {
		case "-H":
			i++
			name, value, _ := strings.Cut(words[i], ": ")
			header[name] = value
		case "-d":
			i++
			body = words[i]
		case "-X":
			i++
			method = words[i]
		default:
			if strings.HasPrefix(w, "-") || url != "" {
				c.t.Fatalf("curl %q: the test does not know %q", words, w)
			}
			url = strings.Replace(w, publicURL, c.url, 1)
		}
	}
	if body != "" {
		if method == "" {
			method = http.MethodPost
		}
		if header["Content-Type"] == "" {
			header["Content-Type"] = "application/x-www-form-urlencoded"
		}
		if strings.Contains(header["Content-Type"], "json") && !json.Valid([]byte(body)) {
			c.t.Errorf("curl %q sends no JSON", words)
		}
	}
	return c.send(method, url, header, body)
}

// before is what has happened before a page begins.
var before = map[string]string{
	"why-did-it-not-pop.md": `[{"id":"evt-1","type":"ringing","request":{"id":"c-8f2","channel":"voice","agent":"anna@acme.example"}},
		{"id":"evt-2","type":"ringing","request":{"id":"c-900","channel":"voice","agent":"201"}}]`,
}

// The curls of a page are sent one after the other to a server that knows
// nothing but the company, and are answered what the manual says.
func TestEveryCurlIsAnsweredAsTheManualSays(t *testing.T) {
	for name, page := range blocks(t) {
		curls := 0
		var c *company
		var status int
		var answer []byte
		for i, b := range page {
			switch b.info {
			case "sh":
				if !strings.HasPrefix(b.text, "curl ") {
					continue
				}
				if c == nil {
					c = acme(t)
					if e := before[name]; e != "" {
						c.do("POST", "/api/v1/events", "application/json", e)
					}
				}
				for _, words := range commands(b.text, map[string]string{"POP_KEY": c.key}) {
					curls++
					status, answer = c.curl(words)
				}
				refusal := i+1 < len(page) && page[i+1].info == "json answer" && strings.Contains(page[i+1].text, "/docs/problems#")
				if status >= 300 && !refusal {
					t.Errorf("%s: %d %s", b, status, answer)
				}
			case "json answer":
				if curls == 0 {
					t.Errorf("%s answers nothing", b)
				}
				sameJSON(t, b, answer)
			}
		}
	}
}

// sameJSON compares an answer with what the manual says of it; the manual may
// leave members out.
func sameJSON(t *testing.T, b block, answer []byte) {
	t.Helper()
	var want, got any
	if err := json.Unmarshal([]byte(b.text), &want); err != nil {
		t.Errorf("%s is no JSON: %v", b, err)
		return
	}
	if err := json.Unmarshal(answer, &got); err != nil || !holds(got, want) {
		t.Errorf("%s: the server answers %s", b, answer)
	}
}

func holds(got, want any) bool {
	switch want := want.(type) {
	case map[string]any:
		m, ok := got.(map[string]any)
		for k, v := range want {
			ok = ok && holds(m[k], v)
		}
		return ok
	case []any:
		l, ok := got.([]any)
		ok = ok && len(l) == len(want)
		for i := range want {
			ok = ok && holds(l[i], want[i])
		}
		return ok
	}
	return reflect.DeepEqual(got, want)
}
