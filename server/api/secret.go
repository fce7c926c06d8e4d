package api

import (
	"crypto/rand"
	"encoding/base64"
	"net/http"
	"strings"
	"time"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/urltemplate"
	"github.com/crmpop/crmpop/server/outbound"
	"github.com/crmpop/crmpop/server/store"
	"github.com/crmpop/crmpop/server/vault"
)

// Vault seals what only the sender of web requests may read.
type Vault interface {
	Seal(text string, place ...string) ([]byte, error)
}

// maxSecret is the longest value of a secret, in bytes.
const maxSecret = 4 << 10

// secretView is a secret as everybody sees it: without its value, which nobody
// does.
type secretView struct {
	Name   string    `json:"name"`
	Host   string    `json:"host"`
	Author string    `json:"author"`
	At     time.Time `json:"at"`
}

// secrets lists the tenant's secrets.
func (a *API) secrets(w http.ResponseWriter, r *http.Request) error {
	all, err := a.o.Directory.TenantSecrets(r.Context(), callerOf(r).tenant)
	if err != nil {
		return err
	}
	views := make([]secretView, len(all))
	for i, v := range all {
		views[i] = secretView{v.Name, v.Host, v.Author, v.At}
	}
	return writeJSON(w, http.StatusOK, views)
}

// putSecret writes a secret. Its host cannot be changed without its value: who
// may write secrets may not send those of others elsewhere.
func (a *API) putSecret(w http.ResponseWriter, r *http.Request) error {
	c, name := callerOf(r), r.PathValue("name")
	var in struct {
		Host  string `json:"host"`
		Value string `json:"value"`
	}
	if err := readJSON(w, r, maxSmall, &in); err != nil {
		return err
	}
	if !urltemplate.ValidSecret(name) {
		return screenpop.Errorf(screenpop.CodeInvalid, "bad-secret-name", "the name %q; it holds a-z, 0-9, _ and -, at most %d", clip(name), urltemplate.MaxName)
	}
	host, err := readHosts([]string{in.Host})
	if err != nil {
		return screenpop.Errorf(screenpop.CodeInvalid, "bad-host",
			"%q is no host; write the one that the secret is for, like crm.example.com, without https://", clip(in.Host)).At("/host")
	}
	if fault := secretFault(in.Value); fault != "" {
		return screenpop.Errorf(screenpop.CodeInvalid, "bad-secret", "%s", fault).At("/value")
	}
	v := store.TenantSecret{Tenant: c.tenant, Name: name, Host: host[0], Author: c.name(), At: a.o.Now().Round(0).UTC()}
	if v.Sealed, err = a.o.Vault.Seal(in.Value, vault.SecretPlace(v.Tenant, v.Name, v.Host)...); err != nil {
		return err
	}
	if err := a.o.Directory.PutTenantSecret(a.audited(r, "secret.write", "secret "+name, "", "for "+v.Host), v); err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, secretView{v.Name, v.Host, v.Author, v.At})
}

func secretFault(value string) string {
	switch {
	case value == "":
		return "the value is empty; nobody can read the one that is there, so write it whole"
	case len(value) > maxSecret:
		return "the value is longer than 4 KiB"
	case strings.ContainsFunc(value, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return "the value holds a line break or another control character; leave it out"
	}
	return ""
}

// deleteSecret removes a secret; what uses it fails from then on, and says so.
func (a *API) deleteSecret(w http.ResponseWriter, r *http.Request) error {
	c, name := callerOf(r), r.PathValue("name")
	if err := a.o.Directory.DeleteTenantSecret(a.audited(r, "secret.delete", "secret "+clip(name), "", ""), c.tenant, name); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// signingView says since when web requests are signed, and how long by the secret
// before, too.
type signingView struct {
	At     time.Time `json:"at,omitzero"`
	Until  time.Time `json:"before_until,omitzero"`
	Secret string    `json:"secret,omitempty"` // whole, in the one answer that has it
}

// signingOverlap is how long the secret before a new one is used beside it.
const signingOverlap = 24 * time.Hour

// signingBytes is the size of a signing secret.
const signingBytes = 32

func (a *API) signing(w http.ResponseWriter, r *http.Request) error {
	k, err := a.o.Directory.SigningKey(r.Context(), callerOf(r).tenant)
	if err != nil {
		return err
	}
	v := signingView{At: k.At}
	if a.o.Now().Before(k.Until) {
		v.Until = k.Until
	}
	return writeJSON(w, http.StatusOK, v)
}

// renewSigning makes a new signing secret and shows it this once.
func (a *API) renewSigning(w http.ResponseWriter, r *http.Request) error {
	tenant := callerOf(r).tenant
	key := make([]byte, signingBytes)
	rand.Read(key) // never fails: crypto/rand ends the program instead
	sealed, err := a.o.Vault.Seal(string(key), vault.SigningPlace(tenant)...)
	if err != nil {
		return err
	}
	now := a.o.Now().Round(0).UTC()
	before, err := a.o.Directory.SigningKey(r.Context(), tenant)
	if err != nil {
		return err
	}
	v := signingView{At: now, Secret: outbound.KeyPrefix + base64.StdEncoding.EncodeToString(key)}
	if !before.At.IsZero() {
		v.Until = now.Add(signingOverlap)
	}
	if err := a.o.Directory.RenewSigningKey(a.audited(r, "signing.renew", "signing secret", "", ""), tenant, sealed, now.Add(signingOverlap)); err != nil {
		return err
	}
	return writeJSON(w, http.StatusCreated, v)
}
