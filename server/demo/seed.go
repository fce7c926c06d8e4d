package demo

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/server/store"
)

// The demo's tenant and the password that all of its users have.
const (
	Tenant   = "demo"
	Password = "demo"
)

// The demo's sources: NativeSource takes events from POST /api/v1/events,
// CTISource from telephone systems that speak the generic CTI dialect.
const (
	NativeSource = "demo-native"
	CTISource    = "demo-cti"
)

// Users are the e-mail addresses of the demo's users, for the sign-in page.
var Users = []string{"anna@demo", "ola@demo", "admin@demo"}

// Scopes are what the key in Options.KeyFile may do: everything a key can.
var Scopes = []string{"events:write", "config:read", "config:write", "directory:read", "directory:write", "audit:read", "requests:read", "connect"}

// crmPlace stands in the configuration below where the CRM's origin belongs.
const crmPlace = "https://crm.demo.example"

// popups is the demo's popup configuration.
//
//go:embed screenpopup.xml
var popups string

// Popups returns the demo's popup configuration for a CRM at the origin crmURL.
func Popups(crmURL string) string { return strings.ReplaceAll(popups, crmPlace, crmURL) }

// Seeded is what Seed has made or found.
type Seeded struct {
	Tenant   string
	Key      string // all scopes; also in Options.KeyFile
	PhoneKey string // events only; made anew at every start
	CTIToken string // the secret part of the CTI source's path
}

// author is who has published what Seed publishes. The note of such a revision
// is the CRM's origin at that time.
const author = "demo"

// Seed puts the demo's tenant, users, sources, keys and popup configuration into
// the directory. What is there already stays, but for the phone's key and for
// the CRM's address, which is published anew when it has changed.
func Seed(ctx context.Context, dir store.Directory, o Options) (Seeded, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	crm, err := url.Parse(o.CRMURL)
	if err != nil || crm.Host == "" {
		return Seeded{}, fmt.Errorf("seed the demo: CRM address %q is not an origin such as http://127.0.0.1:8001", o.CRMURL)
	}
	s := Seeded{Tenant: Tenant}
	err = dir.PutTenant(ctx, store.Tenant{ID: Tenant, Name: "Demo", Region: "NO", Hosts: []string{crm.Host, crm.Hostname()}})
	if err != nil {
		return s, fmt.Errorf("seed the demo's tenant: %w", err)
	}
	if err := seedUsers(ctx, dir, o); err != nil {
		return s, err
	}
	if s.CTIToken, err = seedSources(ctx, dir); err != nil {
		return s, err
	}
	if err := s.seedKeys(ctx, dir, o); err != nil {
		return s, err
	}
	return s, publish(ctx, dir, o)
}

func seedUsers(ctx context.Context, dir store.Directory, o Options) error {
	for _, g := range []store.Group{{ID: "sales", Tenant: Tenant, Name: "Sales"}, {ID: "office", Tenant: Tenant, Name: "Office"}} {
		if err := dir.PutGroup(ctx, g); err != nil {
			return fmt.Errorf("seed group %q: %w", g.ID, err)
		}
	}
	for _, u := range []store.User{
		{ID: "admin", Email: "admin@demo", Name: "Demo Admin", Role: store.Admin, Group: "office", Aliases: []string{"admin"}},
		{ID: "anna", Email: "anna@demo", Name: "Anna", Role: store.AgentRole, Group: "sales", Aliases: []string{"anna", "201"}},
		{ID: "ola", Email: "ola@demo", Name: "Ola", Role: store.AgentRole, Group: "sales", Aliases: []string{"ola", "202"}},
	} {
		u.Tenant = Tenant
		if err := seedUser(ctx, dir, o, u); err != nil {
			return fmt.Errorf("seed user %q: %w", u.Email, err)
		}
	}
	return nil
}

func seedUser(ctx context.Context, dir store.Directory, o Options, u store.User) error {
	_, err := dir.UserByEmail(ctx, u.Email)
	if screenpop.ErrorCode(err) != screenpop.CodeNotFound {
		return err
	}
	if u.Password, err = o.HashPassword(Password); err != nil {
		return err
	}
	return dir.PutUser(ctx, u)
}

// seedSources returns the token of the CTI source.
func seedSources(ctx context.Context, dir store.Directory) (string, error) {
	have, err := dir.Sources(ctx, Tenant)
	if err != nil {
		return "", fmt.Errorf("list the demo's sources: %w", err)
	}
	if i := slices.IndexFunc(have, func(s store.Source) bool { return s.ID == CTISource }); i >= 0 {
		return have[i].Token, nil
	}
	token := strings.ToLower(rand.Text())
	for _, s := range []store.Source{
		{ID: NativeSource, Tenant: Tenant, Name: "Demo phone and API", Dialect: "native"},
		{ID: CTISource, Tenant: Tenant, Name: "Telephone system (CTI)", Dialect: "cti", Token: token},
	} {
		if err := dir.PutSource(ctx, s); err != nil {
			return "", fmt.Errorf("seed source %q: %w", s.ID, err)
		}
	}
	return token, nil
}

func (s *Seeded) seedKeys(ctx context.Context, dir store.Directory, o Options) error {
	secret, err := keptSecret(o.KeyFile)
	if err != nil {
		return err
	}
	phone := newSecret()
	for _, k := range []struct {
		id, name, secret string
		scopes           []string
	}{
		{"demo", "Demo: everything", secret, Scopes},
		{"demophone", "Demo: the telephone system", phone, []string{"events:write"}},
	} {
		hash := sha256.Sum256([]byte(k.secret))
		err := dir.PutKey(ctx, store.Key{ID: k.id, Tenant: Tenant, Source: NativeSource, Name: k.name,
			Scopes: k.scopes, Hash: hash[:], CreatedAt: o.Now()})
		if err != nil {
			return fmt.Errorf("seed key %q: %w", k.id, err)
		}
	}
	s.Key, s.PhoneKey = token("demo", secret), token("demophone", phone)
	if err := os.WriteFile(o.KeyFile, []byte(s.Key+"\n"), 0o600); err != nil {
		return fmt.Errorf("write the demo's key: %w", err)
	}
	return nil
}

// token writes an API key as its bearer sends it.
func token(id, secret string) string { return "pop_" + id + "_" + secret }

// newSecret returns 260 random bits in letters and digits.
func newSecret() string { return rand.Text() + rand.Text() }

// keptSecret returns the secret of the key in file, or a new one if there is
// no such file or no such key in it.
func keptSecret(file string) (string, error) {
	if file == "" {
		return "", errors.New("seed the demo's key: no file named to keep it in")
	}
	b, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("read the demo's key: %w", err)
	}
	secret, ok := strings.CutPrefix(strings.TrimSpace(string(b)), "pop_demo_")
	if !ok || len(secret) != len(newSecret()) {
		return newSecret(), os.MkdirAll(filepath.Dir(file), 0o700)
	}
	return secret, nil
}

// publish makes sure that the tenant's configuration leads to the CRM where it
// is now. What somebody has edited stays, but for the CRM's address.
func publish(ctx context.Context, dir store.Directory, o Options) error {
	active, err := dir.Active(ctx, Tenant, "tenant", Tenant)
	if err != nil {
		return fmt.Errorf("read the demo's configuration: %w", err)
	}
	doc := Popups(o.CRMURL)
	if active.Revision > 0 && active.Author != author {
		if doc, err = moved(ctx, dir, active.Document, o.CRMURL); err != nil {
			return err
		}
	}
	if active.Revision > 0 && active.Document == doc {
		return nil
	}
	_, err = dir.Publish(ctx, store.Revision{Tenant: Tenant, Level: "tenant", LevelID: Tenant, Document: doc,
		Author: author, Note: o.CRMURL, At: o.Now()}, active.Revision)
	if err != nil {
		return fmt.Errorf("publish the demo's configuration: %w", err)
	}
	return nil
}

// moved returns doc with the CRM's earlier address replaced by the one it has now.
func moved(ctx context.Context, dir store.Directory, doc, crmURL string) (string, error) {
	all, err := dir.Revisions(ctx, Tenant, "tenant", Tenant)
	if err != nil {
		return "", fmt.Errorf("list the demo's revisions: %w", err)
	}
	slices.SortFunc(all, func(a, b store.Revision) int { return int(b.Revision - a.Revision) })
	for _, r := range all {
		if r.Author == author && r.Note != "" {
			return strings.ReplaceAll(doc, r.Note, crmURL), nil
		}
	}
	return doc, nil
}
