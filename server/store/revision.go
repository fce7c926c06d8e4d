package store

import (
	"context"
	"database/sql/driver"
	"fmt"
	"slices"
	"strconv"

	"github.com/crmpop/crmpop/app/screenpop"
)

// levels are where a screenpopup document may stand.
var levels = []string{"tenant", "group", "user"}

// Publish adds a revision and makes it the active one; see Directory. A level id
// that the tenant does not have is CodeNotFound.
func (s *SQLite) Publish(ctx context.Context, r Revision, base int64) (Revision, error) {
	err := s.write(ctx, func(c *conn) error {
		if err := s.publish(c, &r, base); err != nil {
			return err
		}
		if e := auditOf(ctx); e != nil {
			e.After = fmt.Sprintf("revision %d%s", r.Revision, noted(r.Note))
		}
		return nil
	})
	return r, err
}

func noted(note string) string {
	if note == "" {
		return ""
	}
	return ": " + note
}

// PublishAll publishes all revisions or none. Each is edited from whatever is
// active on its level.
func (s *SQLite) PublishAll(ctx context.Context, all []Revision) ([]Revision, error) {
	done := slices.Clone(all)
	err := s.write(ctx, func(c *conn) error {
		for i := range done {
			if err := s.publish(c, &done[i], -1); err != nil {
				return err
			}
		}
		return nil
	})
	return done, err
}

// publish completes r and writes it within a transaction.
func (s *SQLite) publish(c *conn, r *Revision, base int64) error {
	if !slices.Contains(levels, r.Level) {
		return screenpop.Errorf(screenpop.CodeInvalid, "level", "unknown level %q; it is one of %s", r.Level, screenpop.JoinWords(levels))
	}
	if err := r.levelExists(c); err != nil {
		return err
	}
	active, err := active(c, r.Tenant, r.Level, r.LevelID)
	if err != nil {
		return err
	}
	if base >= 0 && base != active {
		return screenpop.Errorf(screenpop.CodeConflict, "revision",
			"revision %d is active now, and this was edited from %d; read it again and apply your change to it", active, base)
	}
	newest, err := integer(c, `select max(revision) from revision where tenant = ? and level = ? and level_id = ?`, r.Tenant, r.Level, r.LevelID)
	if err != nil {
		return err
	}
	r.Revision = newest + 1
	if r.At.IsZero() {
		r.At = s.o.Now()
	}
	r.At = r.At.Round(0).UTC()
	err = c.exec(`insert into revision values (?, ?, ?, ?, ?, ?, ?, ?)`,
		r.Tenant, r.Level, r.LevelID, r.Revision, r.Document, r.Author, r.Note, stamp(r.At))
	if err != nil {
		return err
	}
	return c.exec(`insert into active values (?, ?, ?, ?) on conflict (tenant, level, level_id) do update set revision = excluded.revision`,
		r.Tenant, r.Level, r.LevelID, r.Revision)
}

// active returns the number of a level's active revision, 0 for none.
func active(c *conn, tenant, level, id string) (int64, error) {
	return integer(c, `select revision from active where tenant = ? and level = ? and level_id = ?`, tenant, level, id)
}

// levelExists returns ErrNotFound unless the tenant has what the revision is for.
func (r Revision) levelExists(c *conn) error {
	switch r.Level {
	case "group":
		return exists(c, "group", r.LevelID, `select 1 from user_group where tenant = ? and id = ?`, r.Tenant, r.LevelID)
	case "user":
		return exists(c, "user", r.LevelID, `select 1 from person where tenant = ? and id = ?`, r.Tenant, r.LevelID)
	}
	if r.LevelID != r.Tenant {
		return ErrNotFound("tenant", r.LevelID)
	}
	return tenantExists(c, r.Tenant)
}

const revisionColumns = `select r.tenant, r.level, r.level_id, r.revision, r.document, r.author, r.note, r.at from revision r `

func readRevision(row []driver.Value) (Revision, error) {
	return Revision{Tenant: text(row[0]), Level: text(row[1]), LevelID: text(row[2]), Revision: number(row[3]),
		Document: text(row[4]), Author: text(row[5]), Note: text(row[6]), At: unstamp(number(row[7]))}, nil
}

// Active returns the active revision of a level; see Directory.
func (s *SQLite) Active(ctx context.Context, tenant, level, levelID string) (Revision, error) {
	found, err := all(s, ctx, readRevision, revisionColumns+`join active a on a.tenant = r.tenant and a.level = r.level
		and a.level_id = r.level_id and a.revision = r.revision where r.tenant = ? and r.level = ? and r.level_id = ?`, tenant, level, levelID)
	if err != nil || len(found) == 0 {
		return Revision{Tenant: tenant, Level: level, LevelID: levelID}, err
	}
	return found[0], nil
}

// Revisions returns all revisions of a level, newest first.
func (s *SQLite) Revisions(ctx context.Context, tenant, level, levelID string) ([]Revision, error) {
	return all(s, ctx, readRevision, revisionColumns+
		`where r.tenant = ? and r.level = ? and r.level_id = ? order by r.revision desc`, tenant, level, levelID)
}

// Revision returns one revision of a level.
func (s *SQLite) Revision(ctx context.Context, tenant, level, levelID string, n int64) (Revision, error) {
	return first(s, ctx, "revision", strconv.FormatInt(n, 10), readRevision, revisionColumns+
		`where r.tenant = ? and r.level = ? and r.level_id = ? and r.revision = ?`, tenant, level, levelID, n)
}

// Documents returns the active revisions of all levels of a tenant that have a
// document of their own: the tenant's, the groups', the users'.
func (s *SQLite) Documents(ctx context.Context, tenant string) ([]Revision, error) {
	return all(s, ctx, readRevision, revisionColumns+`join active a on a.tenant = r.tenant and a.level = r.level
		and a.level_id = r.level_id and a.revision = r.revision where r.tenant = ? and r.document <> ''
		order by case r.level when 'tenant' then 0 when 'group' then 1 else 2 end, r.level_id`, tenant)
}
