package store

import (
	"context"
	"database/sql/driver"

	"github.com/crmpop/crmpop/app/screenpop"
)

// PutSource writes a source. A token that another source has is CodeConflict.
func (s *SQLite) PutSource(ctx context.Context, src Source) error {
	if err := need("source", "a tenant", src.Tenant, "an id", src.ID, "a dialect", src.Dialect); err != nil {
		return err
	}
	return s.write(ctx, func(c *conn) error {
		if err := tenantExists(c, src.Tenant); err != nil {
			return err
		}
		n, err := integer(c, `select count(*) from source where token = ? and token <> '' and (tenant <> ? or id <> ?)`, src.Token, src.Tenant, src.ID)
		if err != nil {
			return err
		}
		if n > 0 {
			return screenpop.Errorf(screenpop.CodeConflict, "token-taken", "the token of source %q is another source's; make a new one", src.ID)
		}
		return c.exec(`insert into source values (?, ?, ?, ?, ?) on conflict (tenant, id)
			do update set name = excluded.name, dialect = excluded.dialect, token = excluded.token`,
			src.Tenant, src.ID, src.Name, src.Dialect, src.Token)
	})
}

const sourceColumns = `select tenant, id, name, dialect, token from source `

func readSource(row []driver.Value) (Source, error) {
	return Source{Tenant: text(row[0]), ID: text(row[1]), Name: text(row[2]), Dialect: text(row[3]), Token: text(row[4])}, nil
}

// SourceByToken returns the source whose path has the token. No token finds none.
func (s *SQLite) SourceByToken(ctx context.Context, token string) (Source, error) {
	return first(s, ctx, "source", "", readSource, sourceColumns+`where token = ? and token <> ''`, token)
}

// Sources returns a tenant's sources by name.
func (s *SQLite) Sources(ctx context.Context, tenant string) ([]Source, error) {
	return all(s, ctx, readSource, sourceColumns+`where tenant = ? order by name, id`, tenant)
}

// PutKey writes an API key. An id that another tenant's key has is CodeConflict.
func (s *SQLite) PutKey(ctx context.Context, k Key) error {
	if err := need("key", "a tenant", k.Tenant, "an id", k.ID, "a secret", string(k.Hash)); err != nil {
		return err
	}
	return s.write(ctx, func(c *conn) error {
		if err := tenantExists(c, k.Tenant); err != nil {
			return err
		}
		n, err := integer(c, `select count(*) from api_key where id = ? and tenant <> ?`, k.ID, k.Tenant)
		if err != nil {
			return err
		}
		if n > 0 {
			return screenpop.Errorf(screenpop.CodeConflict, "key-taken", "the key id %q is taken; make a new one", k.ID)
		}
		return c.exec(`insert into api_key values (?, ?, ?, ?, ?, ?, ?) on conflict (tenant, id)
			do update set source = excluded.source, name = excluded.name, scopes = excluded.scopes,
			hash = excluded.hash, created = excluded.created`,
			k.Tenant, k.ID, k.Source, k.Name, list(k.Scopes), k.Hash, stamp(k.CreatedAt))
	})
}

const keyColumns = `select tenant, id, source, name, scopes, hash, created from api_key `

func readKey(row []driver.Value) (k Key, err error) {
	k = Key{Tenant: text(row[0]), ID: text(row[1]), Source: text(row[2]), Name: text(row[3]),
		Hash: []byte(text(row[5])), CreatedAt: unstamp(number(row[6]))}
	k.Scopes, err = unlist(row[4])
	return k, err
}

// Key returns a key by its id, over all tenants.
func (s *SQLite) Key(ctx context.Context, id string) (Key, error) {
	return first(s, ctx, "key", id, readKey, keyColumns+`where id = ?`, id)
}

// Keys returns a tenant's keys, oldest first.
func (s *SQLite) Keys(ctx context.Context, tenant string) ([]Key, error) {
	return all(s, ctx, readKey, keyColumns+`where tenant = ? order by created, id`, tenant)
}

// DeleteKey removes a tenant's key.
func (s *SQLite) DeleteKey(ctx context.Context, tenant, id string) error {
	return s.write(ctx, func(c *conn) error {
		if err := exists(c, "key", id, `select 1 from api_key where tenant = ? and id = ?`, tenant, id); err != nil {
			return err
		}
		return c.exec(`delete from api_key where tenant = ? and id = ?`, tenant, id)
	})
}

// PutLogin writes a sign-in, a new one or when it was seen last.
func (s *SQLite) PutLogin(ctx context.Context, l Login) error {
	if err := need("login", "an id", string(l.Hash), "a tenant", l.Tenant, "a user", l.UserID); err != nil {
		return err
	}
	return s.write(ctx, func(c *conn) error {
		err := exists(c, "user", l.UserID, `select 1 from person where tenant = ? and id = ?`, l.Tenant, l.UserID)
		if err != nil {
			return err
		}
		return c.exec(`insert into login values (?, ?, ?, ?, ?) on conflict (hash)
			do update set seen = excluded.seen where tenant = excluded.tenant and person = excluded.person`,
			l.Tenant, l.Hash, l.UserID, stamp(l.CreatedAt), stamp(l.SeenAt))
	})
}

// Login returns a sign-in by the hash of its id.
func (s *SQLite) Login(ctx context.Context, hash []byte) (Login, error) {
	return first(s, ctx, "login", "", func(row []driver.Value) (Login, error) {
		return Login{Tenant: text(row[0]), Hash: []byte(text(row[1])), UserID: text(row[2]),
			CreatedAt: unstamp(number(row[3])), SeenAt: unstamp(number(row[4]))}, nil
	}, `select tenant, hash, person, created, seen from login where hash = ?`, hash)
}

// DeleteLogin ends a sign-in. One that is not there is no error.
func (s *SQLite) DeleteLogin(ctx context.Context, hash []byte) error {
	return s.write(ctx, func(c *conn) error {
		return c.exec(`delete from login where hash = ?`, hash)
	})
}
