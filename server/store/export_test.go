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

// Migrations are the ones that Open runs.
var Migrations = migrations
