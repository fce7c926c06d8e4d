package store

import (
	"context"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"time"

	"github.com/crmpop/crmpop/app/screenpop"
)

// Kept is an event that the record has kept, and when it came.
type Kept struct {
	Source string
	At     time.Time
	Event  screenpop.Event
}

// maxKeptEvents is how many events of an alias are taken up again: the newest.
const maxKeptEvents = 5000

// KeptUnmapped returns the events that named an alias nobody had, oldest first.
// Aliases are compared without case.
func (s *SQLite) KeptUnmapped(ctx context.Context, tenant, alias string) (kept []Kept, err error) {
	err = s.read(ctx, func(r reader) error {
		kept = nil
		var names []any
		err := r.each(`select distinct alias from unmapped where tenant = ?`, func(row []driver.Value) error {
			if fold(text(row[0])) == fold(alias) {
				names = append(names, text(row[0]))
			}
			return nil
		}, tenant)
		if err != nil || len(names) == 0 {
			return err
		}
		return r.each(`select source, id, at, request, body from (select * from event
			where tenant = ? and unmapped <> '' and unmapped in `+tuples(len(names), 1)+` order by n desc limit ?) order by n`,
			func(row []driver.Value) error {
				k := Kept{Source: text(row[0]), At: unstamp(number(row[2]))}
				if err := json.Unmarshal([]byte(text(row[4])), &k.Event); err != nil {
					return fmt.Errorf("decode event %q: %w", text(row[1]), err)
				}
				k.Event.ID, k.Event.Request.ID = text(row[1]), text(row[3])
				kept = append(kept, k)
				return nil
			}, append(append([]any{tenant}, names...), maxKeptEvents)...)
	})
	return kept, err
}

// Replay takes events up again that are in the record as unmapped: each gets a
// second row, planned as its Plan says now. An event that was taken up again
// before is answered as a duplicate and does nothing. One that is not in the
// record is CodeNotFound.
func (s *SQLite) Replay(ctx context.Context, in ...Intake) ([]Accepted, error) {
	out := make([]Accepted, len(in))
	for i, it := range in {
		out[i] = Accepted{EventID: it.Event.ID, RequestID: it.Event.Request.ID}
		again := &intake{Intake: it, body: encodeEvent(it.Event)}
		u := &unit{act: func(t *turn, u *unit) error { return t.replay(u, again) }}
		err := s.w.do(ctx, &job{units: []*unit{u}, alone: true})
		if err == nil {
			err = fault(u.err)
		}
		if err != nil {
			if storage(err) {
				return out, err
			}
			out[i].Err = err
			continue
		}
		again.out.EventID = it.Event.ID
		again.out.Hints = u.hints
		out[i] = again.out
	}
	return out, nil
}

// replay is what evolve and enter do for an event that is new.
func (t *turn) replay(u *unit, it *intake) (err error) {
	it.frames = nil // of an attempt before this one
	if it.thread, err = t.thread(requestKey{it.Tenant, it.Event.Request.ID}); err != nil {
		return err
	}
	c, err := t.conn() // on which all is written that was planned before
	if err != nil {
		return err
	}
	found, mapped := false, false
	err = c.query(`with recursive chain(n, prev) as (
			select n, prev from event where n = ?1 and tenant = ?2 and request = ?3
			union all select e.n, e.prev from chain join event e on e.n = chain.prev where e.tenant = ?2 and e.request = ?3)
		select e.unmapped from chain join event e on e.n = chain.n where e.source = ?4 and e.id = ?5`, func(row []driver.Value) error {
		found, mapped = true, mapped || text(row[0]) == ""
		return nil
	}, it.thread.last, it.Tenant, it.thread.id, it.Source, it.Event.ID)
	switch {
	case err != nil:
		return fmt.Errorf("look event %q up: %w", it.Event.ID, err)
	case !found:
		return ErrNotFound("event", it.Event.ID)
	case mapped:
		it.out = Accepted{RequestID: it.Event.Request.ID, Duplicate: true}
		return nil
	}
	if err := t.evolve(it); err != nil {
		return err
	}
	v := &unit{intake: it}
	if err := t.enter(v); err != nil {
		return err
	}
	u.hints = v.hints
	return nil
}

// ForgetUnmapped takes an alias off the list of those that nobody has.
func (s *SQLite) ForgetUnmapped(ctx context.Context, tenant, alias string) error {
	if err := s.current(ctx); err != nil {
		return err
	}
	return s.write(ctx, func(c *conn) error {
		var names []string
		err := c.query(`select distinct alias from unmapped where tenant = ?`, func(row []driver.Value) error {
			if fold(text(row[0])) == fold(alias) {
				names = append(names, text(row[0]))
			}
			return nil
		}, tenant)
		for _, n := range names {
			if err == nil {
				err = c.exec(`delete from unmapped where tenant = ? and alias = ?`, tenant, n)
			}
		}
		return err
	})
}
