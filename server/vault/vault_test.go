package vault_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/crmpop/crmpop/server/vault"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestWhatIsSealedOpensInItsPlaceAlone(t *testing.T) {
	dir := t.TempDir()
	v := vault.New(dir)
	sealed, err := v.Seal("s3cr3t", "acme", "crm", "crm.example.com")
	must(t, err)
	if bytes.Contains(sealed, []byte("s3cr3t")) {
		t.Error("the sealed bytes hold the text")
	}
	if text, err := vault.New(dir).Open(sealed, "acme", "crm", "crm.example.com"); err != nil || text != "s3cr3t" {
		t.Errorf("Open = %q, %v", text, err)
	}
	changed := bytes.Clone(sealed)
	changed[len(changed)-1] ^= 1
	for name, open := range map[string]func() (string, error){
		"another host":   func() (string, error) { return v.Open(sealed, "acme", "crm", "evil.example") },
		"another tenant": func() (string, error) { return v.Open(sealed, "other", "crm", "crm.example.com") },
		"changed":        func() (string, error) { return v.Open(changed, "acme", "crm", "crm.example.com") },
		"cut":            func() (string, error) { return v.Open(sealed[:5], "acme", "crm", "crm.example.com") },
	} {
		if text, err := open(); !errors.Is(err, vault.ErrSealed) || text != "" {
			t.Errorf("%s: Open = %q, %v", name, text, err)
		}
	}
}

func TestTheSameTextIsSealedDifferentlyEachTime(t *testing.T) {
	v := vault.New(t.TempDir())
	a, err := v.Seal("x")
	must(t, err)
	b, err := v.Seal("x")
	must(t, err)
	if bytes.Equal(a, b) {
		t.Error("two seals are equal, so they share a nonce")
	}
}

func TestTheKeyIsTheServersAlone(t *testing.T) {
	dir := t.TempDir()
	v := vault.New(dir)
	if _, err := v.Open(make([]byte, 40)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("opening before anything was sealed: %v", err)
	}
	_, err := v.Seal("x")
	must(t, err)
	path := filepath.Join(dir, vault.FileName)
	fi, err := os.Stat(path)
	must(t, err)
	if fi.Mode().Perm() != 0o600 {
		t.Errorf("the key's file has mode %v", fi.Mode())
	}
	must(t, os.Chmod(path, 0o644))
	if _, err := vault.New(dir).Seal("x"); err == nil {
		t.Error("a key that others may read is used")
	}
	must(t, os.Chmod(path, 0o600))
	must(t, os.WriteFile(path, []byte("short"), 0o600))
	if _, err := vault.New(dir).Seal("x"); err == nil {
		t.Error("a broken key is used, or written over")
	}
}
