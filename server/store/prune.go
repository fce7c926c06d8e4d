package store

import (
	"context"
	"database/sql/driver"
	"fmt"
	"slices"
	"time"
)

// pruneAtOnce is how many rows of a table one transaction of Prune looks at, so
// that events never wait long for it.
const pruneAtOnce = 2000

// Prune removes what is past its time; see Record. It reads beside the writer
// and deletes in small transactions between its batches.
func (s *SQLite) Prune(ctx context.Context, now time.Time) error {
	past := now.Add(-max(s.o.KeepRequests, s.o.KeepFor))
	for _, part := range []struct {
		what string
		run  func() error
	}{
		{"streams", func() error { return s.pruneStreams(ctx, now.Add(-s.o.KeepFor)) }},
		{"event keys", func() error { return s.pruneKeys(ctx, now.Add(-s.o.KeepKeys)) }},
		{"requests", func() error { return s.pruneRequests(ctx, past) }},
		{"rows", func() error { return s.pruneRows(ctx, now.Add(-max(s.o.KeepRequests, s.o.KeepFor, s.o.KeepKeys))) }},
		{"unmapped aliases", func() error {
			return s.write(ctx, func(c *conn) error { return c.exec(`delete from unmapped where last < ?`, stamp(past)) })
		}},
		{"companions", func() error { return s.pruneCompanions(ctx, now) }},
	} {
		if err := part.run(); err != nil {
			return fmt.Errorf("prune %s: %w", part.what, err)
		}
	}
	return nil
}

// rowAt returns the first row of a table that is appended to that is not older than at, or
// the one after the newest row of all. Rows are in order of time, so it looks at
// few of them.
func (s *SQLite) rowAt(ctx context.Context, table string, at time.Time) (n int64, err error) {
	err = s.read(ctx, func(r reader) error {
		end, low := int64(0), int64(0)
		// from returns the first row from m on, and whether it is too new.
		from := func(m int64) (found int64, late bool, err error) {
			found, late = end, true
			err = r.each(`select n, at from `+table+` where n >= ? order by n limit 1`, func(row []driver.Value) error {
				found, late = number(row[0]), number(row[1]) >= stamp(at)
				return nil
			}, m)
			return found, late, err
		}
		err := r.each(`select settled + 1 from record`, func(row []driver.Value) error { end = number(row[0]); return nil })
		for high := end; err == nil && low < high; {
			var found int64
			var late bool
			middle := low + (high-low)/2
			if found, late, err = from(middle); late {
				high = middle
			} else {
				low = found + 1
			}
		}
		if err == nil {
			n, _, err = from(low)
		}
		return err
	})
	return n, err
}

// floor is where an agent's stream is to begin.
type floor struct {
	tenant, agent string
	old, new      int64
}

// pruneStreams removes frames older than at, and those that a stream has too many of.
func (s *SQLite) pruneStreams(ctx context.Context, at time.Time) error {
	n, err := s.rowAt(ctx, "frame", at)
	if err != nil {
		return err
	}
	for tenant, agent := "", ""; ; {
		var last *floor
		var due []floor
		err := s.read(ctx, func(r reader) error {
			last, due = nil, nil
			return r.each(`select tenant, agent, floor, max(head - ?, coalesce(
					(select seq - 1 from stream s where s.tenant = i.tenant and s.agent = i.agent and s.n >= ? order by seq limit 1), head))
				from inbox i where (tenant, agent) > (?, ?) order by tenant, agent limit ?`, func(row []driver.Value) error {
				f := floor{text(row[0]), text(row[1]), number(row[2]), number(row[3])}
				last = &f
				if f.new > f.old {
					due = append(due, f)
				}
				return nil
			}, s.o.KeepFrames, n, tenant, agent, readAtOnce)
		})
		if err != nil || last == nil {
			return err
		}
		tenant, agent = last.tenant, last.agent
		if err := s.raise(ctx, due); err != nil {
			return err
		}
	}
}

// raise makes streams begin later, some frames at a time.
func (s *SQLite) raise(ctx context.Context, floors []floor) error {
	for len(floors) > 0 {
		var some []floor
		for left := int64(pruneAtOnce); left > 0 && len(floors) > 0; {
			f := &floors[0]
			to := min(f.new, f.old+left)
			some = append(some, floor{f.tenant, f.agent, f.old, to})
			left -= to - f.old
			if f.old = to; f.old == f.new {
				floors = floors[1:]
			}
		}
		err := s.write(ctx, func(c *conn) error {
			for _, f := range some {
				if err := c.exec(`delete from stream where tenant = ? and agent = ? and seq <= ?`, f.tenant, f.agent, f.new); err != nil {
					return err
				}
				if err := c.exec(`update inbox set floor = ? where tenant = ? and agent = ?`, f.new, f.tenant, f.agent); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// pruneKeys forgets that events older than at have come.
func (s *SQLite) pruneKeys(ctx context.Context, at time.Time) error {
	return s.inWindows(ctx, "event", at, func(c *conn, from, to int64) error {
		return c.exec(`delete from event_key where n between ? and ? and (tenant, source, id) in
			(select tenant, source, id from event where n between ? and ?)`, from, to, from, to)
	})
}

// inWindows calls f for the rows of a table that are older than at, some at a time.
func (s *SQLite) inWindows(ctx context.Context, table string, at time.Time, f func(c *conn, from, to int64) error) error {
	n, err := s.rowAt(ctx, table, at)
	if err != nil {
		return err
	}
	for from := int64(0); ; {
		var to int64
		err := s.read(ctx, func(r reader) error {
			return r.each(`select coalesce(max(n), 0) from (select n from `+table+` where n >= ? and n < ? order by n limit ?)`,
				func(row []driver.Value) error { to = number(row[0]); return nil }, from, n, pruneAtOnce)
		})
		if err != nil || to == 0 {
			return err
		}
		if err := s.write(ctx, func(c *conn) error { return f(c, from, to) }); err != nil {
			return err
		}
		from = to + 1
	}
}

// pastRequests finds the requests that are closed for all, and whose rows are
// all before two that it asks for.
const pastRequests = ` group by tenant, id having max(open) = 0 and max(n) < ? and max(event) < ? `

// pruneRequests removes requests that are closed for all who had them and of
// which nothing was heard since at.
func (s *SQLite) pruneRequests(ctx context.Context, at time.Time) error {
	frame, err := s.rowAt(ctx, "frame", at)
	if err != nil {
		return err
	}
	event, err := s.rowAt(ctx, "event", at)
	if err != nil {
		return err
	}
	for last := (requestKey{}); ; {
		var found []requestKey
		err := s.read(ctx, func(r reader) error {
			found = nil
			return r.each(`select tenant, id from request where (tenant, id) > (?, ?)`+pastRequests+`order by tenant, id limit ?`,
				func(row []driver.Value) error {
					found = append(found, requestKey{text(row[0]), text(row[1])})
					return nil
				}, last.tenant, last.id, frame, event, readAtOnce)
		})
		if err != nil || len(found) == 0 {
			return err
		}
		last = found[len(found)-1]
		for some := range slices.Chunk(found, pruneAtOnce/20) {
			if err := s.w.alone(ctx, func(t *turn) error { return t.removeRequests(some, frame, event) }); err != nil {
				return err
			}
		}
	}
}

// removeRequests removes those requests that are still past.
func (t *turn) removeRequests(keys []requestKey, frame, event int64) error {
	if err := t.settle(); err != nil {
		return err
	}
	for _, k := range keys {
		still, err := integer(t.w.c, `select count(*) from (select 1 from request where tenant = ? and id = ?`+pastRequests+`)`, k.tenant, k.id, frame, event)
		if err != nil {
			return err
		}
		if still == 0 {
			continue
		}
		for _, sql := range []string{
			`delete from receipt where tenant = ?1 and pop in (select id from pop indexed by pop_once where tenant = ?1 and request = ?2)`,
			`delete from shown where tenant = ?1 and pop in (select id from pop indexed by pop_once where tenant = ?1 and request = ?2)`,
			`delete from pop indexed by pop_once where tenant = ?1 and request = ?2`,
			`delete from outbox where tenant = ?1 and request = ?2`,
			`delete from request where tenant = ?1 and id = ?2`,
		} {
			if err := t.w.c.exec(sql, k.tenant, k.id); err != nil {
				return err
			}
		}
		if err := seek(t.w.c, k); err != nil { // which finds nothing any more
			return err
		}
		if th := t.mem.threads[k]; th != nil {
			t.mem.remove(th)
		}
	}
	return nil
}

// pruneRows removes rows older than at of requests that are gone.
func (s *SQLite) pruneRows(ctx context.Context, at time.Time) error {
	for table, sql := range map[string]string{
		"event": `delete from event where n between ? and ? and not exists
			(select 1 from request r where r.tenant = event.tenant and r.id = event.request)`,
		"frame": `delete from frame where n between ? and ? and not exists
			(select 1 from request r where r.tenant = frame.tenant and r.id = frame.request)`,
		"step": `delete from step where n between ? and ? and not exists
			(select 1 from pop p where p.tenant = step.tenant and p.id = step.pop)`,
		"letter": `delete from letter where n between ? and ? and not exists
			(select 1 from outbox o where o.tenant = letter.tenant and o.pop = letter.pop)`,
		"attempt": `delete from attempt where n between ? and ? and not exists
			(select 1 from outbox o where o.tenant = attempt.tenant and o.pop = attempt.pop)`,
	} {
		err := s.inWindows(ctx, table, at, func(c *conn, from, to int64) error { return c.exec(sql, from, to) })
		if err != nil {
			return err
		}
	}
	return nil
}
