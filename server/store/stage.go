package store

import (
	"context"
	"database/sql/driver"
	"fmt"
	"time"

	"github.com/crmpop/crmpop/app/screenpop"
)

// Stage is a document that one group tries before all have it: as long as it
// stands, it is the group's own document.
type Stage struct {
	Tenant   string    `json:"-"`
	Group    string    `json:"group"`
	Revision int64     `json:"revision"` // the group's own, that the try-out is
	Before   int64     `json:"before"`   // the group's own, that comes back at its end
	Origin   int64     `json:"origin"`   // the tenant's revision; 0 for a draft
	Author   string    `json:"author"`
	Note     string    `json:"note,omitempty"`
	At       time.Time `json:"at"`
}

// PutStage makes document the group's own until EndStage. A group that tries
// something already is CodeConflict.
func (s *SQLite) PutStage(ctx context.Context, g Stage, document string) (Stage, error) {
	err := s.write(ctx, func(c *conn) error {
		n, err := integer(c, `select count(*) from stage where tenant = ? and grp = ?`, g.Tenant, g.Group)
		if err != nil {
			return err
		}
		if n > 0 {
			return screenpop.Errorf(screenpop.CodeConflict, "staged", "group %q tries another revision already; end that first", g.Group)
		}
		if g.Before, err = active(c, g.Tenant, "group", g.Group); err != nil {
			return err
		}
		r := Revision{Tenant: g.Tenant, Level: "group", LevelID: g.Group, Document: document, Author: g.Author, Note: g.Note}
		if err := s.publish(c, &r, g.Before); err != nil {
			return err
		}
		g.Revision, g.At = r.Revision, r.At
		return c.exec(`insert into stage values (?, ?, ?, ?, ?, ?, ?, ?)`,
			g.Tenant, g.Group, g.Revision, g.Before, g.Origin, g.Author, g.Note, stamp(g.At))
	})
	return g, err
}

// Stages returns what the tenant's groups try, by group.
func (s *SQLite) Stages(ctx context.Context, tenant string) ([]Stage, error) {
	return all(s, ctx, func(row []driver.Value) (Stage, error) {
		return Stage{Tenant: tenant, Group: text(row[0]), Revision: number(row[1]), Before: number(row[2]), Origin: number(row[3]),
			Author: text(row[4]), Note: text(row[5]), At: unstamp(number(row[6]))}, nil
	}, `select grp, revision, before, origin, author, note, at from stage where tenant = ? order by grp`, tenant)
}

// EndStage ends a group's try-out: what the group had before is its newest
// revision again. If the group has got another one meanwhile, that stays, and
// the returned revision is 0.
func (s *SQLite) EndStage(ctx context.Context, tenant, group, author string) (Revision, error) {
	var back Revision
	err := s.write(ctx, func(c *conn) error {
		back = Revision{Tenant: tenant, Level: "group", LevelID: group, Author: author, Note: "end of the try-out"}
		var staged, before int64
		err := c.query(`select revision, before from stage where tenant = ? and grp = ?`, func(row []driver.Value) error {
			staged, before = number(row[0]), number(row[1])
			return nil
		}, tenant, group)
		if err != nil {
			return err
		}
		if staged == 0 {
			return ErrNotFound("try-out of group", group)
		}
		if err := c.exec(`delete from stage where tenant = ? and grp = ?`, tenant, group); err != nil {
			return err
		}
		now, err := active(c, tenant, "group", group)
		if err != nil || now != staged {
			return err
		}
		err = c.query(`select document from revision where tenant = ? and level = 'group' and level_id = ? and revision = ?`,
			func(row []driver.Value) error { back.Document = text(row[0]); return nil }, tenant, group, before)
		if err != nil {
			return fmt.Errorf("read revision %d: %w", before, err)
		}
		return s.publish(c, &back, staged)
	})
	return back, err
}
