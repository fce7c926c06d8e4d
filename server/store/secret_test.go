package store_test

import (
	"bytes"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/server/store"
)

func TestSecretsAreATenantsOwn(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "crmpop.db"), store.Options{})
	must(t, s.PutTenant(t.Context(), store.Tenant{ID: "t", Name: "Acme"}))
	v := store.TenantSecret{Tenant: "t", Name: "crm", Host: "crm.example.com", Sealed: []byte{0, 1, 2}, Author: "eva", At: time.Unix(1, 0).UTC()}
	must(t, s.PutTenantSecret(t.Context(), v))
	v.Host, v.Sealed = "new.example.com", []byte{3}
	must(t, s.PutTenantSecret(t.Context(), v))
	got, err := s.TenantSecret(t.Context(), "t", "crm")
	must(t, err)
	if diff := cmp.Diff(v, got); diff != "" {
		t.Error(diff)
	}
	if all, err := s.TenantSecrets(t.Context(), "t"); err != nil || len(all) != 1 {
		t.Errorf("TenantSecrets = %v, %v", all, err)
	}
	for what, err := range map[string]error{
		"reading another tenant's":  second(s.TenantSecret(t.Context(), "other", "crm")),
		"deleting another tenant's": s.DeleteTenantSecret(t.Context(), "other", "crm"),
		"writing of no tenant":      s.PutTenantSecret(t.Context(), store.TenantSecret{Tenant: "none", Name: "a", Host: "b", Sealed: []byte{1}}),
	} {
		if screenpop.ErrorCode(err) != screenpop.CodeNotFound {
			t.Errorf("%s: %v", what, err)
		}
	}
	must(t, s.DeleteTenantSecret(t.Context(), "t", "crm"))
	if _, err := s.TenantSecret(t.Context(), "t", "crm"); screenpop.ErrorCode(err) != screenpop.CodeNotFound {
		t.Errorf("after it was deleted: %v", err)
	}
}

func second[T any](_ T, err error) error { return err }

func TestASigningKeyIsRenewedWithTheOneBeforeBesideIt(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "crmpop.db"), store.Options{})
	must(t, s.PutTenant(t.Context(), store.Tenant{ID: "t", Name: "Acme"}))
	if k, err := s.SigningKey(t.Context(), "t"); err != nil || !k.At.IsZero() {
		t.Fatalf("SigningKey = %+v, %v", k, err)
	}
	must(t, s.RenewSigningKey(t.Context(), "t", []byte{1}, time.Unix(9, 0)))
	if k, _ := s.SigningKey(t.Context(), "t"); len(k.Before) != 0 || !k.Until.IsZero() {
		t.Errorf("the first key has one before it: %+v", k)
	}
	must(t, s.RenewSigningKey(t.Context(), "t", []byte{2}, time.Unix(9, 0)))
	k, err := s.SigningKey(t.Context(), "t")
	must(t, err)
	if !bytes.Equal(k.Sealed, []byte{2}) || !bytes.Equal(k.Before, []byte{1}) || !k.Until.Equal(time.Unix(9, 0)) || k.At.IsZero() {
		t.Errorf("the second key: %+v", k)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
