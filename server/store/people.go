package store

import (
	"context"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/crmpop/crmpop/app/screenpop"
)

// fold returns a name as it is compared: without case, without space around it.
func fold(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

// need returns an error naming the first of name, value, name, value … that is empty.
func need(what string, fields ...string) error {
	for i := 0; i < len(fields); i += 2 {
		if fields[i+1] == "" {
			return screenpop.Errorf(screenpop.CodeInvalid, "missing", "a %s needs %s; it is empty", what, fields[i])
		}
	}
	return nil
}

// exists returns ErrNotFound unless the statement finds a row.
func exists(c *conn, what, id, sql string, args ...driver.Value) error {
	found := false
	err := c.query(sql, func([]driver.Value) error { found = true; return nil }, args...)
	if err == nil && !found {
		return ErrNotFound(what, id)
	}
	return err
}

func tenantExists(c *conn, id string) error {
	return exists(c, "tenant", id, `select 1 from tenant where id = ?`, id)
}

// list writes strings as the tables hold them.
func list(all []string) string {
	b := []byte{'['}
	for i, s := range all {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendText(b, s)
	}
	return string(append(b, ']'))
}

func unlist(v driver.Value) (all []string, err error) {
	if err = json.Unmarshal([]byte(text(v)), &all); err != nil {
		return nil, fmt.Errorf("decode list: %w", err)
	}
	return all, nil
}

// PutTenant writes a tenant, a new one or what is there.
func (s *SQLite) PutTenant(ctx context.Context, t Tenant) error {
	if err := need("tenant", "an id", t.ID); err != nil {
		return err
	}
	return s.write(ctx, func(c *conn) error {
		return c.exec(`insert into tenant values (?, ?, ?, ?) on conflict (id)
			do update set name = excluded.name, region = excluded.region, hosts = excluded.hosts`,
			t.ID, t.Name, t.Region, list(t.Hosts))
	})
}

// Tenant returns a tenant.
func (s *SQLite) Tenant(ctx context.Context, id string) (Tenant, error) {
	return first(s, ctx, "tenant", id, func(row []driver.Value) (t Tenant, err error) {
		t = Tenant{ID: text(row[0]), Name: text(row[1]), Region: text(row[2])}
		t.Hosts, err = unlist(row[3])
		return t, err
	}, `select id, name, region, hosts from tenant where id = ?`, id)
}

// PutGroup writes a group of a tenant that is there.
func (s *SQLite) PutGroup(ctx context.Context, g Group) error {
	if err := need("group", "a tenant", g.Tenant, "an id", g.ID); err != nil {
		return err
	}
	return s.write(ctx, func(c *conn) error {
		if err := tenantExists(c, g.Tenant); err != nil {
			return err
		}
		return c.exec(`insert into user_group values (?, ?, ?) on conflict (tenant, id) do update set name = excluded.name`,
			g.Tenant, g.ID, g.Name)
	})
}

// Groups returns a tenant's groups by name.
func (s *SQLite) Groups(ctx context.Context, tenant string) ([]Group, error) {
	return all(s, ctx, func(row []driver.Value) (Group, error) {
		return Group{Tenant: text(row[0]), ID: text(row[1]), Name: text(row[2])}, nil
	}, `select tenant, id, name from user_group where tenant = ? order by name, id`, tenant)
}

// PutUser writes a user with the aliases that are the user's from now on. An
// address or alias that somebody else has is CodeConflict.
func (s *SQLite) PutUser(ctx context.Context, u User) error {
	if err := need("user", "a tenant", u.Tenant, "an id", u.ID, "an e-mail address", fold(u.Email)); err != nil {
		return err
	}
	return s.write(ctx, func(c *conn) error {
		if err := tenantExists(c, u.Tenant); err != nil {
			return err
		}
		if u.Group != "" {
			err := exists(c, "group", u.Group, `select 1 from user_group where tenant = ? and id = ?`, u.Tenant, u.Group)
			if err != nil {
				return err
			}
		}
		if err := u.claimMail(c); err != nil {
			return err
		}
		err := c.exec(`insert into person values (?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict (tenant, id) do update
			set email = excluded.email, mail_key = excluded.mail_key, name = excluded.name, role = excluded.role,
			grp = excluded.grp, aliases = excluded.aliases, password = excluded.password`,
			u.Tenant, u.ID, u.Email, fold(u.Email), u.Name, string(u.Role), u.Group, list(u.Aliases), u.Password)
		if err != nil {
			return err
		}
		return u.claimAliases(c)
	})
}

// claimMail returns an error if somebody else signs in with the user's address.
func (u User) claimMail(c *conn) error {
	n, err := integer(c, `select count(*) from person where mail_key = ? and (tenant <> ? or id <> ?)`, fold(u.Email), u.Tenant, u.ID)
	if err == nil && n > 0 {
		err = screenpop.Errorf(screenpop.CodeConflict, "email-taken", "the e-mail address %s is another user's; each user needs an own one", u.Email)
	}
	return err
}

// claimAliases makes the user's aliases, the address among them, lead to the user.
func (u User) claimAliases(c *conn) error {
	if err := c.exec(`delete from alias where tenant = ? and person = ?`, u.Tenant, u.ID); err != nil {
		return err
	}
	for _, a := range append([]string{u.Email}, u.Aliases...) {
		if fold(a) == "" {
			continue
		}
		holder := ""
		err := c.query(`select p.email from alias a join person p on p.tenant = a.tenant and p.id = a.person
			where a.tenant = ? and a.alias = ? and a.person <> ?`, func(row []driver.Value) error {
			holder = text(row[0])
			return nil
		}, u.Tenant, fold(a), u.ID)
		if err != nil {
			return err
		}
		if holder != "" {
			return screenpop.Errorf(screenpop.CodeConflict, "alias-taken", "the alias %s is %s's; take it from there first", a, holder)
		}
		err = c.exec(`insert into alias values (?, ?, ?) on conflict (tenant, alias) do update set person = excluded.person`, u.Tenant, fold(a), u.ID)
		if err != nil {
			return err
		}
	}
	return nil
}

const personColumns = `select p.tenant, p.id, p.email, p.name, p.role, p.grp, p.aliases, p.password from person p `

func readUser(row []driver.Value) (u User, err error) {
	u = User{Tenant: text(row[0]), ID: text(row[1]), Email: text(row[2]), Name: text(row[3]),
		Role: Role(text(row[4])), Group: text(row[5]), Password: text(row[7])}
	u.Aliases, err = unlist(row[6])
	return u, err
}

// User returns a user of a tenant.
func (s *SQLite) User(ctx context.Context, tenant, id string) (User, error) {
	return first(s, ctx, "user", id, readUser, personColumns+`where p.tenant = ? and p.id = ?`, tenant, id)
}

// UserByEmail returns the user who signs in with an address; see Directory.
func (s *SQLite) UserByEmail(ctx context.Context, email string) (User, error) {
	return first(s, ctx, "user", email, readUser, personColumns+`where p.mail_key = ?`, fold(email))
}

// UserByAlias returns the agent that an event names; see Directory.
func (s *SQLite) UserByAlias(ctx context.Context, tenant, alias string) (User, error) {
	return first(s, ctx, "agent", alias, readUser, personColumns+
		`join alias a on a.tenant = p.tenant and a.person = p.id where a.tenant = ? and a.alias = ?`, tenant, fold(alias))
}

// Users returns a tenant's users by name.
func (s *SQLite) Users(ctx context.Context, tenant string) ([]User, error) {
	return all(s, ctx, readUser, personColumns+`where p.tenant = ? order by p.name, p.id`, tenant)
}

// Unmapped returns the aliases that events named and that no user has now,
// newest first.
func (s *SQLite) Unmapped(ctx context.Context, tenant string) ([]Unmapped, error) {
	if err := s.current(ctx); err != nil {
		return nil, err
	}
	list, err := all(s, ctx, func(row []driver.Value) (Unmapped, error) {
		return Unmapped{Alias: text(row[0]), Source: text(row[1]), Events: int(number(row[2])),
			FirstAt: unstamp(number(row[3])), LastAt: unstamp(number(row[4])), Request: text(row[5])}, nil
	}, `select alias, source, events, first, last, request from unmapped where tenant = ? order by last desc, alias, source`, tenant)
	if err != nil || len(list) == 0 {
		return list, err
	}
	mapped, err := s.aliases(ctx, tenant)
	left := list[:0]
	for _, u := range list {
		if !mapped[fold(u.Alias)] {
			left = append(left, u)
		}
	}
	return left, err
}

func (s *SQLite) aliases(ctx context.Context, tenant string) (map[string]bool, error) {
	names, err := all(s, ctx, func(row []driver.Value) (string, error) { return text(row[0]), nil },
		`select alias from alias where tenant = ?`, tenant)
	set := make(map[string]bool, len(names))
	for _, n := range names {
		set[n] = true
	}
	return set, err
}

// write runs statements in a transaction of their own, which also notes who did
// it where ctx says so.
func (s *SQLite) write(ctx context.Context, f func(c *conn) error) error {
	e := auditOf(ctx)
	return s.w.alone(ctx, func(t *turn) error {
		c, err := t.conn()
		if err != nil {
			return err
		}
		if err := f(c); err != nil {
			return err
		}
		return e.write(c, t.now)
	})
}

// all reads every row that a statement finds.
func all[T any](s *SQLite, ctx context.Context, read func(row []driver.Value) (T, error), query string, args ...any) (found []T, err error) {
	err = s.look(ctx, func(r reader) error {
		found = nil
		return r.each(query, func(row []driver.Value) error {
			v, err := read(row)
			found = append(found, v)
			return err
		}, args...)
	})
	return found, err
}

// first reads the one row that a statement finds; none is ErrNotFound.
func first[T any](s *SQLite, ctx context.Context, what, id string, read func(row []driver.Value) (T, error), query string, args ...any) (T, error) {
	found, err := all(s, ctx, read, query, args...)
	var zero T
	switch {
	case err != nil:
		return zero, err
	case len(found) == 0:
		return zero, ErrNotFound(what, id)
	}
	return found[0], nil
}
