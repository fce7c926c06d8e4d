package demo_test

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/server/auth"
	"github.com/crmpop/crmpop/server/demo"
	"github.com/crmpop/crmpop/server/store"
)

func open(t *testing.T) *store.SQLite {
	t.Helper()
	s, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "pop.db"), store.Options{})
	if err != nil {
		t.Fatalf("open the record: %v", err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// seed seeds with a cheap stand-in for a password hash.
func seed(t *testing.T, dir store.Directory, crmURL, keyFile string) demo.Seeded {
	t.Helper()
	s, err := demo.Seed(t.Context(), dir, demo.Options{CRMURL: crmURL, KeyFile: keyFile,
		HashPassword: func(p string) (string, error) { return "hash of " + p, nil }})
	if err != nil {
		t.Fatalf("Seed: %v", err)
	}
	return s
}

func active(t *testing.T, dir store.Directory) store.Revision {
	t.Helper()
	r, err := dir.Active(t.Context(), demo.Tenant, "tenant", demo.Tenant)
	if err != nil {
		t.Fatalf("Active: %v", err)
	}
	return r
}

func TestConfigurationHasNoFaults(t *testing.T) {
	doc, findings := screenpop.ParseDocument([]byte(demo.Popups("https://crm.example.com")))
	if doc == nil || len(findings) != 0 {
		t.Errorf("the demo's configuration has findings: %v", findings)
	}
	// The demo itself has no certificate, which the editor warns of.
	_, findings = screenpop.ParseDocument([]byte(demo.Popups("http://127.0.0.1:8001")))
	for _, f := range findings {
		if f.Severity != screenpop.SeverityWarning || !strings.Contains(f.Msg, "not encrypted") {
			t.Errorf("finding: %s", f)
		}
	}
}

func TestEveryPageOfTheConfigurationExists(t *testing.T) {
	d := start(t, demo.Options{APIBase: "http://127.0.0.1:1"})
	doc, _ := screenpop.ParseDocument([]byte(demo.Popups(d.URL())))
	scope := screenpop.Scope{Request: screenpop.Request{Channel: screenpop.Voice, ANI: "+4722334455", URL: d.URL() + "/mail?subject=x"},
		Hosts: func(string) bool { return true }}
	for _, item := range doc.Items {
		pop := item.Popup.Pop(scope)
		if strings.Contains(pop.URL, "/slow") || pop.Kind != screenpop.KindURL {
			continue // it never answers, or is no page
		}
		if resp, _ := get(t, pop.URL); resp.StatusCode != http.StatusOK {
			t.Errorf("popup %s: GET %s = %s", item.Popup.ID, pop.URL, resp.Status)
		}
	}
}

func TestAgentsAreFoundUnderTheirAliases(t *testing.T) {
	dir := open(t)
	seed(t, dir, "http://127.0.0.1:8001", filepath.Join(t.TempDir(), "key"))
	for alias, want := range map[string]string{"anna@demo": "anna", "ANNA": "anna", "201": "anna", "ola": "ola", "202": "ola"} {
		u, err := dir.UserByAlias(t.Context(), demo.Tenant, alias)
		if err != nil || u.ID != want {
			t.Errorf("alias %q leads to %q, %v; want %q", alias, u.ID, err, want)
		}
	}
	for _, email := range demo.Users {
		if _, err := dir.UserByEmail(t.Context(), email); err != nil {
			t.Errorf("user %s: %v", email, err)
		}
	}
	sources, err := dir.Sources(t.Context(), demo.Tenant)
	if err != nil || len(sources) != 2 {
		t.Errorf("sources = %v, %v; want a native and a CTI one", sources, err)
	}
}

func TestKeysAreSuchAsTheServerTakes(t *testing.T) {
	dir := open(t)
	file := filepath.Join(t.TempDir(), "data", "demo-key")
	s := seed(t, dir, "http://127.0.0.1:8001", file)
	b, err := os.ReadFile(file)
	if err != nil || strings.TrimSpace(string(b)) != s.Key {
		t.Fatalf("the key file holds %q, %v; want %q", b, err, s.Key)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key file is %v, %v; want 0600", info.Mode(), err)
	}
	for token, scopes := range map[string][]string{s.Key: auth.Scopes, s.PhoneKey: {auth.ScopeEvents}} {
		id, secret, ok := auth.ParseKey(token)
		if !ok {
			t.Errorf("%q is no key", token)
			continue
		}
		k, err := dir.Key(context.Background(), id)
		if err != nil || !auth.KeyMatches(k.Hash, secret) || k.Source != demo.NativeSource {
			t.Errorf("key %s: %+v, %v; want one that matches", id, k, err)
		}
		want := slices.Sorted(slices.Values(scopes))
		if diff := cmp.Diff(want, slices.Sorted(slices.Values(k.Scopes))); diff != "" {
			t.Errorf("scopes of %s (-want +got):\n%s", id, diff)
		}
	}
}

func TestSecondSeedKeepsWhatIsThere(t *testing.T) {
	dir := open(t)
	file := filepath.Join(t.TempDir(), "demo-key")
	first := seed(t, dir, "http://127.0.0.1:8001", file)
	was := active(t, dir)
	second := seed(t, dir, "http://127.0.0.1:8001", file)
	if second.Key != first.Key || second.CTIToken != first.CTIToken {
		t.Errorf("the second seed changed the key or the token")
	}
	if now := active(t, dir); now.Revision != was.Revision {
		t.Errorf("the second seed published revision %d over %d without a change", now.Revision, was.Revision)
	}
}

func TestMovedCRMIsPublishedAnew(t *testing.T) {
	dir := open(t)
	file := filepath.Join(t.TempDir(), "demo-key")
	seed(t, dir, "http://127.0.0.1:8001", file)
	seed(t, dir, "http://127.0.0.1:9001", file)
	r := active(t, dir)
	if r.Document != demo.Popups("http://127.0.0.1:9001") {
		t.Errorf("the configuration still leads elsewhere:\n%s", r.Document)
	}
	mine := `<screenpopup><url on="ringing" target="request">http://127.0.0.1:9001/contact</url></screenpopup>`
	if _, err := dir.Publish(t.Context(), store.Revision{Tenant: demo.Tenant, Level: "tenant", LevelID: demo.Tenant, Document: mine, Author: "admin@demo"}, r.Revision); err != nil {
		t.Fatal(err)
	}
	seed(t, dir, "http://127.0.0.1:7001", file)
	if got, want := active(t, dir).Document, strings.ReplaceAll(mine, "9001", "7001"); got != want {
		t.Errorf("what an admin wrote became\n%s\nwant\n%s", got, want)
	}
}

func TestSeedSaysWhatIsMissing(t *testing.T) {
	dir := open(t)
	for name, o := range map[string]demo.Options{
		"no CRM":  {KeyFile: filepath.Join(t.TempDir(), "k")},
		"no file": {CRMURL: "http://127.0.0.1:8001", HashPassword: func(string) (string, error) { return "x", nil }},
	} {
		if _, err := demo.Seed(t.Context(), dir, o); err == nil {
			t.Errorf("%s: Seed succeeded", name)
		}
	}
}
