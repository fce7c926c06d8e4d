package store

import (
	"context"
	"time"
	"unicode/utf8"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/wire"
)

// maxKept is how many receipts of one pop the record takes.
const maxKept = 200

// Receive writes what became of a pop; see Record.
func (s *SQLite) Receive(ctx context.Context, a wire.AgentKey, r screenpop.Receipt) ([]wire.Hint, error) {
	if r.ID == "" || !r.State.Valid() {
		return nil, screenpop.Errorf(screenpop.CodeInvalid, "receipt",
			"a receipt needs an id and a state, one of %s; this one has id %q, state %q", screenpop.JoinWords(screenpop.PopStates), r.ID, r.State)
	}
	r.Detail = cut(r.Detail, screenpop.MaxDetail)
	return s.w.one(ctx, func(t *turn, u *unit) error {
		p, err := t.popOf(a, r.PopID)
		if err != nil || p.has(r.ID) {
			return err
		}
		if len(p.Receipts) >= maxKept {
			return screenpop.Errorf(screenpop.CodeTooLarge, "receipts", "pop %q has %d receipts already and takes no more", p.ID, maxKept)
		}
		return t.send(u, p.thread, 0, t.again(p, t.advance(p, r)))
	})
}

// cut returns s without what is past n bytes, and no half character.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// Claim gives the right to open a pop by itself to one tab; see Record.
func (s *SQLite) Claim(ctx context.Context, a wire.AgentKey, popID, by string) (ok bool, holder string, hints []wire.Hint, err error) {
	if by == "" {
		return false, "", nil, screenpop.Errorf(screenpop.CodeInvalid, "claim", "a claim needs the tab that claims")
	}
	hints, err = s.w.one(ctx, func(t *turn, u *unit) error {
		ok, holder = false, ""
		p, err := t.popOf(a, popID)
		if err != nil {
			return err
		}
		holder = p.ClaimedBy
		if !p.State.Open() || p.ByServer() || p.due(t.now) || holder != "" && holder != by {
			return nil
		}
		ok, holder = true, by
		if p.ClaimedBy == by {
			return nil
		}
		p.ClaimedBy = by
		return t.send(u, p.thread, 0, t.again(p, p.stepped(screenpop.Receipt{})))
	})
	return ok && err == nil, holder, hints, err
}

// Deliver marks the pops of a stream up to seq as delivered; see Record.
func (s *SQLite) Deliver(ctx context.Context, a wire.AgentKey, seq int64) error {
	_, err := s.w.one(ctx, func(t *turn, _ *unit) error {
		box, err := t.inbox(a)
		if err != nil {
			return err
		}
		if seq = min(seq, box.head); seq <= box.acked {
			return nil
		}
		if err := t.track(a, box); err != nil {
			return err
		}
		for len(box.unacked) > 0 && box.unacked[0].seq <= seq {
			p := box.unacked[0]
			box.unacked = box.unacked[1:]
			if p.State == screenpop.PopPending && !p.ByServer() {
				t.write(t.advance(p, screenpop.Receipt{ID: idDelivered, State: screenpop.PopDelivered, Detail: p.Detail}))
			}
		}
		box.acked = seq
		t.ack(a, seq)
		return nil
	})
	return err
}

// ack notes what is written of an acknowledgement when the tables are settled
// next. It may be lost before: the pops themselves are marked at once.
func (t *turn) ack(a wire.AgentKey, seq int64) {
	if t.acked == nil {
		t.acked = map[wire.AgentKey]int64{}
	}
	t.acked[a] = seq
}

// CloseRequest ends a request for its agent; see Record.
func (s *SQLite) CloseRequest(ctx context.Context, a wire.AgentKey, requestID string) ([]wire.Hint, error) {
	return s.w.one(ctx, func(t *turn, u *unit) error {
		th, err := t.thread(requestKey{a.Tenant, requestID})
		if err != nil {
			return err
		}
		r, ok := th.copyOf(a.ID)
		if !ok {
			return ErrNotFound("request", requestID)
		}
		if r.State == screenpop.StateClosed {
			return nil
		}
		r.State, r.UpdatedAt = screenpop.StateClosed, t.now
		if r.EndedAt.IsZero() {
			r.EndedAt = t.now
		}
		frames := []frame{t.request(th, r)}
		for _, p := range th.pops {
			if p.AgentID == a.ID && p.unopened() {
				frames = append(frames, t.withdrawn(p, "request closed"))
			}
		}
		return t.send(u, th, 0, frames...)
	})
}

// expireAtOnce is how many pops one transaction turns into missed ones.
const expireAtOnce = 200

// Expire turns unopened pops past their time into missed ones, and commands that
// were not started into failed ones; see Record.
func (s *SQLite) Expire(ctx context.Context, now time.Time) (hints []wire.Hint, err error) {
	for {
		due, err := s.due(ctx, now)
		if err != nil || len(due) == 0 {
			return hints, err
		}
		more, err := s.w.one(ctx, func(t *turn, u *unit) error {
			for _, k := range due {
				p, err := t.pop(k)
				if err != nil {
					return err
				}
				if p == nil || !p.State.Open() || !p.due(now) {
					continue
				}
				if err := t.send(u, p.thread, 0, t.overdue(p)); err != nil {
					return err
				}
			}
			return nil
		})
		hints = append(hints, more...)
		if err != nil || len(due) < expireAtOnce {
			return hints, err
		}
	}
}
