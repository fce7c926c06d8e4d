package store

import (
	"context"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"time"

	"github.com/crmpop/crmpop/app/screenpop"
)

// Trace returns all that the record knows of a request; CodeNotFound if that is
// nothing.
func (s *SQLite) Trace(ctx context.Context, tenant, requestID string) (Trace, error) {
	var t Trace
	err := s.read(ctx, func(r reader) (err error) {
		t = Trace{}
		newest, known := int64(0), false
		err = r.each(`select r.agent, r.event, f.body from request r left join frame f on f.n = r.n
			where r.tenant = ? and r.id = ? order by r.first`, func(row []driver.Value) error {
			newest, known = max(newest, number(row[1])), true
			if text(row[2]) == "" {
				return nil
			}
			q, err := readRequest(requestID, text(row[0]), text(row[2]))
			t.Requests = append(t.Requests, q)
			return err
		}, tenant, requestID)
		if err != nil {
			return err
		}
		if !known {
			return ErrNotFound("request", requestID)
		}
		if t.Events, err = r.events(tenant, requestID, newest); err != nil {
			return err
		}
		t.Pops, err = r.requestPops(tenant, requestID, s.o.Now())
		return err
	})
	return t, err
}

// events returns the events of a request, oldest first, by following each to
// the one before it.
func (r reader) events(tenant, requestID string, newest int64) (all []TracedEvent, err error) {
	err = r.each(`with recursive chain(n, prev) as (
			select n, prev from event where n = ? and tenant = ? and request = ?
			union all select e.n, e.prev from chain join event e on e.n = chain.prev where e.tenant = ? and e.request = ?)
		select e.source, e.id, e.unmapped, e.at, e.agents, e.body, e.decisions, e.seen from chain join event e on e.n = chain.n order by e.n`,
		func(row []driver.Value) error {
			e := TracedEvent{Source: text(row[0]), Unmapped: text(row[2]), ReceivedAt: unstamp(number(row[3]))}
			for i, into := range []any{&e.AgentIDs, &e.Event, &e.Decisions} {
				if err := json.Unmarshal([]byte(text(row[4+i])), into); err != nil {
					return fmt.Errorf("decode event %q: %w", text(row[1]), err)
				}
			}
			if seen := text(row[7]); seen != "" {
				if err := json.Unmarshal([]byte(seen), &e.Seen); err != nil {
					return fmt.Errorf("decode what held at event %q: %w", text(row[1]), err)
				}
			}
			e.Event.ID, e.Event.Request.ID = text(row[1]), requestID
			all = append(all, e)
			return nil
		}, newest, tenant, requestID, tenant, requestID)
	return all, err
}

// requestPops returns the pops of a request for all agents, oldest first.
func (r reader) requestPops(tenant, requestID string, now time.Time) ([]screenpop.Pop, error) {
	var ids []string
	err := r.each(`select id from pop indexed by pop_once where tenant = ? and request = ? order by n`, func(row []driver.Value) error {
		ids = append(ids, text(row[0]))
		return nil
	}, tenant, requestID)
	if err != nil {
		return nil, err
	}
	return r.inOrder(tenant, ids, now)
}

// Pop returns one pop with its receipts.
func (s *SQLite) Pop(ctx context.Context, tenant, popID string) (screenpop.Pop, error) {
	var p screenpop.Pop
	err := s.read(ctx, func(r reader) error {
		pops, err := r.inOrder(tenant, []string{popID}, s.o.Now())
		if err != nil {
			return err
		}
		if len(pops) == 0 {
			return ErrNotFound("pop", popID)
		}
		p = pops[0]
		return nil
	})
	return p, err
}

// due returns pops whose time to open by themselves is over at now. It is asked
// often, so it does not have the tables brought up unless that would show more.
func (s *SQLite) due(ctx context.Context, now time.Time) (keys []popKey, err error) {
	read := s.look
	if stamp(now) >= s.w.book.soonest.Load() {
		read = s.read
	}
	err = read(ctx, func(r reader) error {
		return r.each(`select tenant, id from pop where state in ('pending', 'delivered') and expires > 0 and expires <= ?
			order by expires limit ?`, func(row []driver.Value) error {
			keys = append(keys, popKey{text(row[0]), text(row[1])})
			return nil
		}, stamp(now), expireAtOnce)
	})
	return keys, err
}
