package store

import (
	"context"
	"fmt"

	"github.com/crmpop/crmpop/app/wire"
)

// Settling brings the tables that say how things stand up to the rows that were
// appended. It is plain SQL over those rows, so it needs nothing but them: after
// a crash, or after a transaction that failed, it is simply run.
//
// It is apart from appending because it touches pages all over the database.
// An event is acknowledged once its rows are appended, which costs few pages;
// settling many events at once costs hardly more pages than settling one. When
// the writer has nothing else to do it settles at once, and whoever reads waits
// for it, so nobody sees tables that lag behind what was acknowledged.

// settling is run in order; ? is the row up to which it was done before.
var settling = []string{
	`insert or fail into event_key select tenant, source, id, n from event where n > ?
		order by tenant, source, id on conflict do nothing`,

	`insert or fail into stream select tenant, agent, seq, n from frame where n > ? order by tenant, agent, seq`,

	`insert or fail into inbox select tenant, agent, max(seq), 0, 0 from frame where n > ? group by tenant, agent
		on conflict (tenant, agent) do update set head = excluded.head`,

	`insert or fail into request select tenant, request, agent, n, n, event, state <> 'closed' from frame
		where n > ? and kind = 'request' order by tenant, request, agent on conflict do nothing`,

	`update or fail request set n = f.n, event = max(request.event, newest.event), open = f.state <> 'closed'
		from (select max(n) as n, max(event) as event from frame
			where n > ? and kind = 'request again' group by tenant, request, agent) newest
		join frame f on f.n = newest.n
		where request.tenant = f.tenant and request.id = f.request and request.agent = f.agent`,

	`insert or fail into request select tenant, request, '', n, 0, n, 0 from event
		where n > ? and agents = '[]' order by tenant, request, n
		on conflict (tenant, id, agent) do update set event = excluded.event`,

	`insert or fail into pop select tenant, pop, request, agent, once, n, seq, state, null, claimed, expires from frame
		where n > ? and kind = 'pop' order by tenant, pop on conflict do nothing`,

	`insert or fail into receipt select tenant, pop, id, n from step where n > ? and state <> ''
		order by tenant, pop, id on conflict do nothing`,

	`update or fail pop set state = s.now, detail = s.detail, claimed = s.claimed
		from (select max(n) as n from step where n > ? group by tenant, pop) newest
		join step s on s.n = newest.n
		where pop.tenant = s.tenant and pop.id = s.pop`,

	`insert or fail into outbox select tenant, pop, request, host, n, at, 'queued', 0, at, until, 0, 0, 0, '' from letter
		where n > ? order by tenant, pop on conflict do nothing`,

	`update or fail outbox set at = a.at, state = a.state, attempts = a.attempts, due = a.due, until = a.until,
			status = a.status, took = a.took, size = a.size, why = a.why
		from (select max(n) as n from attempt where n > ? group by tenant, pop) newest
		join attempt a on a.n = newest.n
		where outbox.tenant = a.tenant and outbox.pop = a.pop`,

	`insert or fail into unmapped select tenant, unmapped, source, count(*), min(at), max(at), '' from event
		where n > ? and unmapped <> '' group by tenant, unmapped, source
		on conflict (tenant, alias, source) do update set events = events + excluded.events, last = excluded.last`,

	`update or fail unmapped set request = e.request
		from (select max(n) as n from event where n > ? and unmapped <> '' group by tenant, unmapped, source) newest
		join event e on e.n = newest.n
		where unmapped.tenant = e.tenant and unmapped.alias = e.unmapped and unmapped.source = e.source`,
}

// settle runs within a transaction. upTo is the newest row there is; acked says
// what agents have acknowledged since it ran last.
func settle(c *conn, upTo int64, acked map[wire.AgentKey]int64) error {
	from, err := integer(c, `select settled from record`)
	if err != nil {
		return fmt.Errorf("read how far the record is settled: %w", err)
	}
	if from < upTo {
		for i, sql := range settling {
			if err := c.exec(sql, from); err != nil {
				return fmt.Errorf("settle the record, step %d: %w", i+1, err)
			}
		}
		if err := c.exec(`update record set settled = ?`, upTo); err != nil {
			return fmt.Errorf("note how far the record is settled: %w", err)
		}
	}
	for a, seq := range acked {
		if err := c.exec(`update inbox set acked = ? where tenant = ? and agent = ?`, seq, a.Tenant, a.ID); err != nil {
			return fmt.Errorf("write what agent %q has acknowledged: %w", a.ID, err)
		}
	}
	return nil
}

// current returns when the tables show everything that was acknowledged before
// the call. If the disk is full they show an earlier moment, whole in itself,
// and reading goes on with that.
func (s *SQLite) current(ctx context.Context) error {
	if s.w.book.lag.Load() == 0 {
		return ctx.Err()
	}
	_, err := s.w.one(ctx, func(t *turn, _ *unit) error { return t.settle() })
	if err != nil && storage(err) && ctx.Err() == nil && !closed(err) {
		s.o.Log.Warn("reading what is settled only", "err", err)
		return nil
	}
	return err
}
