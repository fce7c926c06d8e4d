package store

import (
	"context"
	"crypto/rand"
	"database/sql/driver"
	"time"

	"github.com/crmpop/crmpop/app/screenpop"
)

// TestLink is a state of the test console that a link leads to.
type TestLink struct {
	Tenant  string
	ID      string
	State   string // JSON
	Author  string
	At      time.Time
	Expires time.Time // until when it may pop
	Popped  time.Time // when it did; zero for not yet
}

// keepLinks is how long the state behind a link can be read.
const keepLinks = 90 * 24 * time.Hour

// PutTestLink writes a link, and removes those that are past their keeping.
func (s *SQLite) PutTestLink(ctx context.Context, l TestLink) error {
	if err := need("link", "a tenant", l.Tenant, "an id", l.ID); err != nil {
		return err
	}
	return s.write(ctx, func(c *conn) error {
		if err := c.exec(`delete from test_link where at < ?`, stamp(l.At.Add(-keepLinks))); err != nil {
			return err
		}
		return c.exec(`insert into test_link values (?, ?, ?, ?, ?, ?, 0)`, l.Tenant, l.ID, l.State, l.Author, stamp(l.At), stamp(l.Expires))
	})
}

// TestLink returns a link of a tenant.
func (s *SQLite) TestLink(ctx context.Context, tenant, id string) (TestLink, error) {
	return first(s, ctx, "test link", id, func(row []driver.Value) (TestLink, error) {
		return TestLink{Tenant: text(row[0]), ID: text(row[1]), State: text(row[2]), Author: text(row[3]),
			At: unstamp(number(row[4])), Expires: unstamp(number(row[5])), Popped: unstamp(number(row[6]))}, nil
	}, `select tenant, id, state, author, at, expires, popped from test_link where tenant = ? and id = ?`, tenant, id)
}

// SpendTestLink uses up a link's one right to pop. One that is used up already
// is CodeConflict.
func (s *SQLite) SpendTestLink(ctx context.Context, tenant, id string) error {
	return s.write(ctx, func(c *conn) error {
		if err := exists(c, "test link", id, `select 1 from test_link where tenant = ? and id = ?`, tenant, id); err != nil {
			return err
		}
		n, err := integer(c, `select popped from test_link where tenant = ? and id = ?`, tenant, id)
		if err != nil {
			return err
		}
		if n != 0 {
			return screenpop.Errorf(screenpop.CodeConflict, "link-spent", "this link has popped already, and does so once; copy a new one in the test console")
		}
		return c.exec(`update test_link set popped = ? where tenant = ? and id = ?`, stamp(s.o.Now()), tenant, id)
	})
}

// secretBytes is the size of a secret: 256 bit.
const secretBytes = 32

// Secret returns what the server signs with under a name; it is made when it is
// asked for first and stays the same from then on.
func (s *SQLite) Secret(ctx context.Context, name string) (secret []byte, err error) {
	err = s.write(ctx, func(c *conn) error {
		secret = nil
		fresh := make([]byte, secretBytes)
		rand.Read(fresh) // never fails: crypto/rand ends the program instead
		if err := c.exec(`insert into secret values (?, ?) on conflict do nothing`, name, fresh); err != nil {
			return err
		}
		return c.query(`select value from secret where name = ?`, func(row []driver.Value) error {
			secret = []byte(text(row[0]))
			return nil
		}, name)
	})
	return secret, err
}

// Logins returns a user's sign-ins.
func (s *SQLite) Logins(ctx context.Context, tenant, user string) ([]Login, error) {
	return all(s, ctx, func(row []driver.Value) (Login, error) {
		return Login{Tenant: text(row[0]), Hash: []byte(text(row[1])), UserID: text(row[2]),
			CreatedAt: unstamp(number(row[3])), SeenAt: unstamp(number(row[4]))}, nil
	}, `select tenant, hash, person, created, seen from login where tenant = ? and person = ? order by created`, tenant, user)
}
