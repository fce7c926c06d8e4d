package store

import (
	"context"
	"database/sql/driver"
	"encoding/json"
	"time"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/wire"
)

// PutPageVerdict writes what is known of the pages of one key. What was learned
// later stays: checks may end in another order than they began.
func (s *SQLite) PutPageVerdict(ctx context.Context, tenant string, v screenpop.PageVerdict) error {
	if err := need("verdict", "a tenant", tenant, "a key", v.Key); err != nil {
		return err
	}
	details, err := json.Marshal(v.Details)
	if err != nil {
		return err
	}
	return s.write(ctx, func(c *conn) error {
		if err := tenantExists(c, tenant); err != nil {
			return err
		}
		return c.exec(`insert into page_verdict values (?, ?, ?, ?, ?, ?, ?, ?) on conflict (tenant, key) do update set
			verdict = excluded.verdict, reason = excluded.reason, cure = excluded.cure, hop = excluded.hop,
			details = excluded.details, checked = excluded.checked where excluded.checked >= page_verdict.checked`,
			tenant, v.Key, string(v.Verdict), v.Reason, v.Cure, v.Hop, string(details), stamp(v.CheckedAt))
	})
}

// PageVerdicts returns what is known of a tenant's pages, by key.
func (s *SQLite) PageVerdicts(ctx context.Context, tenant string) (map[string]screenpop.PageVerdict, error) {
	found, err := all(s, ctx, func(row []driver.Value) (v screenpop.PageVerdict, err error) {
		v = screenpop.PageVerdict{Key: text(row[0]), Verdict: screenpop.Verdict(text(row[1])), Reason: text(row[2]), Cure: text(row[3]),
			Hop: text(row[4]), CheckedAt: unstamp(number(row[6]))}
		return v, json.Unmarshal([]byte(text(row[5])), &v.Details)
	}, `select key, verdict, reason, cure, hop, details, checked from page_verdict where tenant = ?`, tenant)
	if err != nil {
		return nil, err
	}
	byKey := make(map[string]screenpop.PageVerdict, len(found))
	for _, v := range found {
		byKey[v.Key] = v
	}
	return byKey, s.addBlanks(ctx, tenant, byKey)
}

// addBlanks adds what agents have said of pages to what is known of them.
func (s *SQLite) addBlanks(ctx context.Context, tenant string, byKey map[string]screenpop.PageVerdict) error {
	_, err := all(s, ctx, func(row []driver.Value) (struct{}, error) {
		key := text(row[0])
		v := byKey[key] // of pages that were never looked at there is nothing else
		v.Key, v.Blank = key, screenpop.BlankVotes{Agents: int(number(row[1])), Last: unstamp(number(row[2]))}
		byKey[key] = v
		return struct{}{}, nil
	}, `select key, count(*), max(at) from blank_vote where tenant = ? and at > ? group by key`,
		tenant, stamp(s.o.Now().Add(-screenpop.BlankFor)))
	return err
}

// VoteBlank writes that an agent found the page of a pop blank. An agent has one
// vote on the pages of a frame key; the last time counts.
func (s *SQLite) VoteBlank(ctx context.Context, a wire.AgentKey, popID string) error {
	p, err := s.Pop(ctx, a.Tenant, popID)
	if err != nil {
		return err
	}
	if p.FrameKey == "" {
		return nil
	}
	return s.write(ctx, func(c *conn) error {
		return c.exec(`insert into blank_vote values (?, ?, ?, ?) on conflict (tenant, key, agent) do update set at = excluded.at`,
			a.Tenant, p.FrameKey, a.ID, stamp(s.o.Now()))
	})
}

// ForgetBlank forgets what agents have said of the pages of a frame key.
func (s *SQLite) ForgetBlank(ctx context.Context, tenant, key string) error {
	if err := need("page", "a key", key); err != nil {
		return err
	}
	return s.write(ctx, func(c *conn) error {
		return c.exec(`delete from blank_vote where tenant = ? and key = ?`, tenant, key)
	})
}

// DropPageVerdicts forgets those of a tenant's pages that were checked before a
// time, and what agents said of pages before it.
func (s *SQLite) DropPageVerdicts(ctx context.Context, tenant string, before time.Time) error {
	return s.write(ctx, func(c *conn) error {
		if err := c.exec(`delete from blank_vote where tenant = ? and at < ?`, tenant, stamp(before)); err != nil {
			return err
		}
		return c.exec(`delete from page_verdict where tenant = ? and checked < ?`, tenant, stamp(before))
	})
}

// Tenants returns the ids of all tenants.
func (s *SQLite) Tenants(ctx context.Context) ([]string, error) {
	return all(s, ctx, func(row []driver.Value) (string, error) { return text(row[0]), nil }, `select id from tenant order by id`)
}
