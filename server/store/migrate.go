package store

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"time"

	"github.com/crmpop/crmpop/app/screenpop"
)

//go:embed migrations/*.sql
var migrations embed.FS

// migration is one numbered step of the schema.
type migration struct {
	version int64
	name    string
	sql     string
}

// readMigrations returns all migrations, in order. Their numbers run from 1 without a gap.
func readMigrations(files fs.FS) ([]migration, error) {
	names, err := fs.Glob(files, "migrations/*.sql") // sorted
	if err != nil {
		return nil, fmt.Errorf("list migrations: %w", err)
	}
	var all []migration
	for _, name := range names {
		base := strings.TrimPrefix(name, "migrations/")
		number, _, _ := strings.Cut(base, "_")
		v, err := strconv.ParseInt(number, 10, 64)
		if err != nil || v != int64(len(all)+1) {
			return nil, fmt.Errorf("migration %s: its number must be %04d", base, len(all)+1)
		}
		b, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, fmt.Errorf("read migration %s: %w", base, err)
		}
		all = append(all, migration{version: v, name: base, sql: string(b)})
	}
	return all, nil
}

// migrate brings the schema up to the last of all migrations, each in a
// transaction, and refuses a database that is further.
func migrate(ctx context.Context, c *conn, all []migration, now time.Time) error {
	if err := c.script(`create table if not exists schema_version (version integer primary key, name text not null, at integer not null)`); err != nil {
		return fmt.Errorf("read the schema's version: %w", err)
	}
	have, err := integer(c, `select coalesce(max(version), 0) from schema_version`)
	if err != nil {
		return fmt.Errorf("read the schema's version: %w", err)
	}
	if newest := int64(len(all)); have > newest {
		return screenpop.Errorf(screenpop.CodeUnsupported, "newer-database",
			"the database has schema version %d and this program knows up to %d; start the newer program that wrote it, or restore a backup", have, newest)
	}
	for _, m := range all[have:] {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := m.run(c, now); err != nil {
			return fmt.Errorf("migration %s: %w", m.name, err)
		}
	}
	return nil
}

func (m migration) run(c *conn, now time.Time) error {
	if err := c.script("begin immediate"); err != nil {
		return err
	}
	err := c.script(m.sql)
	if err == nil {
		err = c.exec(`insert into schema_version values (?, ?, ?)`, m.version, m.name, stamp(now))
	}
	if err == nil {
		return c.script("commit")
	}
	// SQLite may have rolled back already; then this fails, and that is well.
	_ = c.script("rollback")
	return err
}
