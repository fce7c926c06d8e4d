package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"slices"
	"time"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/wire"
)

// reader reads one moment of the record.
type reader struct {
	ctx context.Context
	tx  *sql.Tx
}

// read calls f with a reader of a moment in which everything stands that was
// acknowledged before the call.
func (s *SQLite) read(ctx context.Context, f func(r reader) error) error {
	if err := s.current(ctx); err != nil {
		return s.readFault(ctx, err)
	}
	return s.look(ctx, f)
}

// look calls f with a reader of a moment; rows that were appended just now may
// not be settled in it. The directory is never behind.
func (s *SQLite) look(ctx context.Context, f func(r reader) error) error {
	tx, err := s.db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return s.readFault(ctx, err)
	}
	defer tx.Rollback()
	return s.readFault(ctx, f(reader{ctx, tx}))
}

func (s *SQLite) readFault(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if e := ctx.Err(); e != nil {
		return e
	}
	s.w.mu.RLock()
	defer s.w.mu.RUnlock()
	if s.w.closed {
		return ErrClosed
	}
	return fault(err)
}

// each calls f with every row, as many values as there are columns.
func (r reader) each(query string, f func(row []driver.Value) error, args ...any) error {
	rows, err := r.tx.QueryContext(r.ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	row, values, into := make([]driver.Value, len(columns)), make([]any, len(columns)), make([]any, len(columns))
	for i := range values {
		into[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		for i, v := range values {
			row[i] = v
		}
		if err := f(row); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Head returns the epoch and the newest seq of an agent's stream.
func (s *SQLite) Head(ctx context.Context, a wire.AgentKey) (epoch, head int64, err error) {
	err = s.read(ctx, func(r reader) error {
		head, _, err = r.inbox(a)
		return err
	})
	return s.epoch, head, err
}

// inbox returns the newest seq of a stream, and the seq up to which it is gone.
func (r reader) inbox(a wire.AgentKey) (head, floor int64, err error) {
	err = r.each(`select head, floor from inbox where tenant = ? and agent = ?`, func(row []driver.Value) error {
		head, floor = number(row[0]), number(row[1])
		return nil
	}, a.Tenant, a.ID)
	return head, floor, err
}

// Since returns the frames of a stream after seq; see Stream.
func (s *SQLite) Since(ctx context.Context, a wire.AgentKey, seq int64, limit int) (frames []wire.Frame, ok bool, err error) {
	err = s.read(ctx, func(r reader) error {
		head, floor, err := r.inbox(a)
		if ok = err == nil && floor <= seq && seq <= head; !ok {
			return err
		}
		if frames, err = r.frames(a, seq, limit); err != nil {
			return err
		}
		if ok, err = s.replenish(r, a, frames); err == nil {
			ok = ok && whole(frames, seq, min(head-seq, int64(max(0, limit))))
		}
		return err
	})
	if err != nil || !ok {
		return nil, false, err
	}
	return frames, true, nil
}

// whole reports whether frames are the n after seq, without a hole.
func whole(frames []wire.Frame, seq, n int64) bool {
	for i, f := range frames {
		if f.Seq != seq+int64(i)+1 {
			return false
		}
	}
	return int64(len(frames)) == n
}

// replenish gives pop frames their pops as they stand now. ok is false if one is
// gone, so that the frames are no whole replay.
func (s *SQLite) replenish(r reader, a wire.AgentKey, frames []wire.Frame) (ok bool, err error) {
	var ids []string
	for _, f := range frames {
		if f.Type == wire.Pop {
			ids = append(ids, f.PopID)
		}
	}
	pops, err := r.pops(a.Tenant, ids)
	if err != nil {
		return false, err
	}
	now := s.o.Now()
	for i := range frames {
		f := &frames[i]
		if f.Type != wire.Pop {
			continue
		}
		p, found := pops[f.PopID]
		if !found {
			return false, nil
		}
		p = sent(p, now)
		f.Pop, f.PopID = &p, ""
	}
	return true, nil
}

// frames returns frames as they are stored: of a pop only the id.
func (r reader) frames(a wire.AgentKey, seq int64, limit int) (frames []wire.Frame, err error) {
	err = r.each(`select s.seq, f.kind, f.request, f.pop, f.body from stream s join frame f on f.n = s.n
		where s.tenant = ? and s.agent = ? and s.seq > ? order by s.seq limit ?`, func(row []driver.Value) error {
		f := wire.Frame{Seq: number(row[0])}
		var err error
		switch text(row[1]) {
		case kindRequest, kindRequestAgain:
			f.Type = wire.Request
			var q screenpop.Request
			q, err = readRequest(text(row[2]), a.ID, text(row[4]))
			f.Request = &q
		case kindWithdraw:
			f.Type, f.PopID, f.Reason = wire.Withdraw, text(row[3]), text(row[4])
		default:
			f.Type, f.PopID = wire.Pop, text(row[3])
		}
		frames = append(frames, f)
		return err
	}, a.Tenant, a.ID, seq, max(0, limit))
	return frames, err
}

// pops returns pops by their ids, with their receipts.
func (r reader) pops(tenant string, ids []string) (map[string]screenpop.Pop, error) {
	all := make(map[string]screenpop.Pop, len(ids))
	for ids := range slices.Chunk(ids, readAtOnce) {
		in, args := places(tenant, ids)
		err := r.each(`select `+popColumns+` from pop p join frame f on f.n = p.n
			where p.tenant = ? and p.id in `+in, func(row []driver.Value) error {
			p, err := readPop(row)
			all[p.ID] = p
			return err
		}, args...)
		if err != nil {
			return nil, err
		}
		err = r.each(`select `+receiptColumns+` from receipt k join step s on s.n = k.n
			where k.tenant = ? and k.pop in `+in+` order by s.n`, func(row []driver.Value) error {
			t := readReceipt(row)
			if p, ok := all[t.PopID]; ok {
				p.Receipts = append(p.Receipts, t)
				all[t.PopID] = p
			}
			return nil
		}, args...)
		if err != nil {
			return nil, err
		}
	}
	return all, nil
}

// readAtOnce is how many keys one statement reads.
const readAtOnce = 500

// places returns "(?,?,?)" for keys, and the arguments of a statement that asks
// for the tenant first.
func places[K ~string](tenant string, keys []K) (in string, args []any) {
	args = append(make([]any, 0, len(keys)+1), tenant)
	for _, k := range keys {
		args = append(args, string(k))
	}
	return tuples(len(keys), 1), args
}

// Snapshot returns what an agent has open; see Stream. Here and elsewhere
// "indexed by" keeps SQLite, which has no statistics, from reading all that a
// tenant has because the tenant comes first in the key.
func (s *SQLite) Snapshot(ctx context.Context, a wire.AgentKey) (wire.Frame, error) {
	f := wire.Frame{Type: wire.Snapshot, Epoch: s.epoch}
	err := s.read(ctx, func(r reader) (err error) {
		if f.Seq, _, err = r.inbox(a); err != nil {
			return err
		}
		f.Requests, f.Pops = nil, nil
		err = r.each(`select r.id, f.body from request r indexed by request_open join frame f on f.n = r.n
			where r.tenant = ? and r.agent = ? and r.open order by r.first`, func(row []driver.Value) error {
			q, err := readRequest(text(row[0]), a.ID, text(row[1]))
			f.Requests = append(f.Requests, q)
			return err
		}, a.Tenant, a.ID)
		if err != nil {
			return err
		}
		f.Pops, err = r.openPops(a, s.o.Now())
		return err
	})
	return f, err
}

// openPops returns the pops of an agent's open requests, oldest first.
func (r reader) openPops(a wire.AgentKey, now time.Time) ([]screenpop.Pop, error) {
	var ids []string
	err := r.each(`select p.id from request r indexed by request_open
		cross join pop p indexed by pop_once on p.tenant = r.tenant and p.request = r.id and p.agent = r.agent
		where r.tenant = ? and r.agent = ? and r.open order by p.n`, func(row []driver.Value) error {
		ids = append(ids, text(row[0]))
		return nil
	}, a.Tenant, a.ID)
	if err != nil {
		return nil, err
	}
	return r.inOrder(a.Tenant, ids, now)
}

// inOrder returns the pops that ids name, as clients get them.
func (r reader) inOrder(tenant string, ids []string, now time.Time) ([]screenpop.Pop, error) {
	all, err := r.pops(tenant, ids)
	if err != nil {
		return nil, err
	}
	var pops []screenpop.Pop
	for _, id := range ids {
		if p, ok := all[id]; ok {
			pops = append(pops, sent(p, now))
		}
	}
	return pops, nil
}

// Heads returns the newest seq of each agent who has a stream.
func (s *SQLite) Heads(ctx context.Context, agents []wire.AgentKey) (map[wire.AgentKey]int64, error) {
	heads := make(map[wire.AgentKey]int64, len(agents))
	err := s.read(ctx, func(r reader) error {
		for some := range slices.Chunk(agents, readAtOnce) {
			args := make([]any, 0, 2*len(some))
			for _, a := range some {
				args = append(args, a.Tenant, a.ID)
			}
			err := r.each(`select tenant, agent, head from inbox where (tenant, agent) in (values `+tuples(2, len(some))+`)`,
				func(row []driver.Value) error {
					heads[wire.AgentKey{Tenant: text(row[0]), ID: text(row[1])}] = number(row[2])
					return nil
				}, args...)
			if err != nil {
				return err
			}
		}
		return nil
	})
	return heads, err
}
