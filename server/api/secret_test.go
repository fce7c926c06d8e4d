package api_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/crmpop/crmpop/server/auth"
)

// Who steals the database or the log must not be able to sign in with it.
func TestSecretsAreNeitherStoredNorLogged(t *testing.T) {
	d := open(t)
	key, id := d.key(acme, auth.Scopes...), d.signIn("agent@acme.example")
	d.do("GET", "/api/v1/users", "", bearer(key))
	d.do("GET", "/api/v1/session", "", cookie(id))
	d.do("POST", "/in/"+d.tokens[acme], `{"event":"x"}`)
	d.do("POST", "/api/v1/session", `{"email":"agent@acme.example","password":"a wrong guess"}`)
	link := found(t, d)
	d.do("GET", link, "")
	_, secret, _ := auth.ParseKey(key)
	secrets := map[string]string{"API key": secret, "session id": id, "password": password, "wrong password": "a wrong guess",
		"one-time link": link[strings.LastIndex(link, "/")+1:]}
	for what, s := range secrets {
		if strings.Contains(d.log.String(), s) {
			t.Errorf("the %s is in the log", what)
		}
	}
	if strings.Contains(d.log.String(), d.tokens[acme]) {
		t.Error("the token of a source is in the log")
	}
	files, err := filepath.Glob(filepath.Join(d.folder, "*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("the database's files: %v, %v", files, err)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		d.must(err)
		for what, s := range secrets {
			if strings.Contains(string(b), s) {
				t.Errorf("the %s is in %s", what, filepath.Base(f))
			}
		}
	}
}
