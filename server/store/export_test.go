package store

import (
	"context"
	"database/sql/driver"
	"fmt"
	"io/fs"
	"time"
)

// LimitPages makes the disk full for the writer when the database has more
// pages than it has now; false lifts that.
func (s *SQLite) LimitPages(ctx context.Context, limit bool) error {
	return s.write(ctx, func(c *conn) error {
		n := int64(1 << 30)
		if limit {
			var err error
			if n, err = integer(c, "pragma page_count"); err != nil {
				return err
			}
		}
		return c.query(fmt.Sprintf("pragma max_page_count = %d", n), func([]driver.Value) error { return nil })
	})
}

// Exec runs SQL in the writer's connection, in a transaction of its own.
func (s *SQLite) Exec(ctx context.Context, sql string) error {
	return s.write(ctx, func(c *conn) error { return c.script(sql) })
}

// Integer returns the number that SQL finds, once everything is settled.
func (s *SQLite) Integer(ctx context.Context, sql string) (n int64, err error) {
	err = s.read(ctx, func(r reader) error {
		return r.each(sql, func(row []driver.Value) error { n = number(row[0]); return nil })
	})
	return n, err
}

// Text is Integer for text.
func (s *SQLite) Text(ctx context.Context, sql string) (v string, err error) {
	err = s.read(ctx, func(r reader) error {
		return r.each(sql, func(row []driver.Value) error { v = text(row[0]); return nil })
	})
	return v, err
}

// Pragma returns a setting of the writer's connection.
func (s *SQLite) Pragma(ctx context.Context, name string) (v string, err error) {
	err = s.write(ctx, func(c *conn) error {
		return c.query("pragma "+name, func(row []driver.Value) error { v = fmt.Sprint(row[0]); return nil })
	})
	return v, err
}

// Unsettled returns how many rows wait to be settled.
func (s *SQLite) Unsettled() int64 { return s.w.book.lag.Load() }

// Migrate runs the first n migrations of files on the database at path, all if
// n is 0, as Open does.
func Migrate(ctx context.Context, path string, files fs.FS, n int) error {
	c, err := dial(path)
	if err != nil {
		return err
	}
	defer c.close()
	all, err := readMigrations(files)
	if err != nil {
		return err
	}
	if n > 0 {
		all = all[:n]
	}
	return migrate(ctx, c, all, time.Now())
}

// What the record stores of an event, and what it reads back.
var (
	EncodeEvent     = encodeEvent
	EncodeRequest   = encodeRequest
	EncodePop       = encodePop
	EncodeDecisions = encodeDecisions
)

// Sieves is the filter over what is known, filled by the test.
type Sieves struct{ *sieves }

// NewSieves returns a filter that waits for fill to mark what it is given full.
func NewSieves(keys int, fill func(add func(id string), full func())) Sieves {
	var s Sieves
	s.sieves = newSieves(keys, 0, func(v *sieve) {
		fill(func(id string) { v.add(s.key(id)) }, func() { v.full.Store(true) })
	})
	return s
}

func (s Sieves) key(id string) uint64 { return s.event(eventKey{"t", "src", id}) }

// Add adds an event's id.
func (s Sieves) Add(id string) { s.add(s.key(id)) }

// Fresh reports whether an event's id is surely new.
func (s Sieves) Fresh(id string) bool { return s.fresh(s.key(id)) }

// Tend is called before each turn.
func (s Sieves) Tend(n, settled int64) { s.tend(n, settled) }

// Migrations are the ones that Open runs.
var Migrations = migrations
