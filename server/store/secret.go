package store

import (
	"context"
	"database/sql/driver"
	"time"
)

// TenantSecret is what web requests of a tenant may hold and nobody may read.
// Sealed is encrypted with a key that the store does not have.
type TenantSecret struct {
	Tenant string
	Name   string
	Host   string // the only one that it may be sent to
	Sealed []byte
	Author string
	At     time.Time
}

// PutTenantSecret writes a secret, a new one or what is there.
func (s *SQLite) PutTenantSecret(ctx context.Context, v TenantSecret) error {
	if err := need("secret", "a name", v.Name, "a host", v.Host, "a value", string(v.Sealed)); err != nil {
		return err
	}
	return s.write(ctx, func(c *conn) error {
		if err := tenantExists(c, v.Tenant); err != nil {
			return err
		}
		return c.exec(`insert into tenant_secret values (?, ?, ?, ?, ?, ?) on conflict (tenant, name) do update set
			host = excluded.host, sealed = excluded.sealed, author = excluded.author, at = excluded.at`,
			v.Tenant, v.Name, v.Host, v.Sealed, v.Author, stamp(v.At))
	})
}

const secretColumns = `select tenant, name, host, sealed, author, at from tenant_secret where tenant = ?`

func readSecret(row []driver.Value) (TenantSecret, error) {
	return TenantSecret{Tenant: text(row[0]), Name: text(row[1]), Host: text(row[2]), Sealed: []byte(text(row[3])),
		Author: text(row[4]), At: unstamp(number(row[5]))}, nil
}

// TenantSecrets returns a tenant's secrets by name.
func (s *SQLite) TenantSecrets(ctx context.Context, tenant string) ([]TenantSecret, error) {
	return all(s, ctx, readSecret, secretColumns+` order by name`, tenant)
}

// TenantSecret returns a secret of a tenant.
func (s *SQLite) TenantSecret(ctx context.Context, tenant, name string) (TenantSecret, error) {
	return first(s, ctx, "secret", name, readSecret, secretColumns+` and name = ?`, tenant, name)
}

// DeleteTenantSecret removes a secret.
func (s *SQLite) DeleteTenantSecret(ctx context.Context, tenant, name string) error {
	return s.write(ctx, func(c *conn) error {
		if err := exists(c, "secret", name, `select 1 from tenant_secret where tenant = ? and name = ?`, tenant, name); err != nil {
			return err
		}
		return c.exec(`delete from tenant_secret where tenant = ? and name = ?`, tenant, name)
	})
}

// SigningKey is what the web requests of a tenant are signed with, encrypted.
// Without At there is none.
type SigningKey struct {
	Sealed []byte
	At     time.Time
	Before []byte    // the one before it, empty for none
	Until  time.Time // how long that is used beside it
}

// SigningKey returns a tenant's key.
func (s *SQLite) SigningKey(ctx context.Context, tenant string) (SigningKey, error) {
	found, err := all(s, ctx, func(row []driver.Value) (SigningKey, error) {
		return SigningKey{Sealed: []byte(text(row[0])), At: unstamp(number(row[1])), Before: []byte(text(row[2])), Until: unstamp(number(row[3]))}, nil
	}, `select sealed, at, before, until from signing_key where tenant = ?`, tenant)
	if err != nil || len(found) == 0 {
		return SigningKey{}, err
	}
	return found[0], nil
}

// RenewSigningKey gives a tenant a new key. The one before is used beside it until
// a time, so that a receiver can be told the new one meanwhile.
func (s *SQLite) RenewSigningKey(ctx context.Context, tenant string, sealed []byte, until time.Time) error {
	return s.write(ctx, func(c *conn) error {
		if err := tenantExists(c, tenant); err != nil {
			return err
		}
		return c.exec(`insert into signing_key values (?, ?, ?, ?, 0) on conflict (tenant) do update set
			before = signing_key.sealed, until = ?, sealed = excluded.sealed, at = excluded.at`,
			tenant, sealed, stamp(s.o.Now()), []byte{}, stamp(until))
	})
}
