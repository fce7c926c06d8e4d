package store

import (
	"context"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"time"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/wire"
)

// LetterState is where a letter stands in the outbox.
type LetterState string

// The states of a letter. A failed and a missed one are dead: only Resend takes
// them up again.
const (
	LetterQueued  LetterState = "queued"
	LetterSending LetterState = "sending" // on its way now, or when the server went down
	LetterSent    LetterState = "sent"
	LetterFailed  LetterState = "failed"
	LetterMissed  LetterState = "missed" // its time was over before it was tried
)

// LetterStates lists every state.
var LetterStates = []LetterState{LetterQueued, LetterSending, LetterSent, LetterFailed, LetterMissed}

// Letter is a web request in the outbox. It is written in the transaction of its
// event and pop, and has the pop's id.
type Letter struct {
	N         int64 // orders the letters; the newest has the greatest
	Tenant    string
	PopID     string
	RequestID string
	AgentID   string
	Host      string // with its port, unless that is its scheme's own
	CreatedAt time.Time
	Letter    screenpop.Letter

	State    LetterState
	Attempts int
	Due      time.Time // of a queued one: when it goes out
	Until    time.Time // how long it is tried
	Status   int       // of the newest answer, 0 for none
	Took     time.Duration
	Size     int64
	Why      string
	At       time.Time // when State was reached
}

// Posting is a step of a letter. Without a State the letter stays as it is, and
// only the rest is written.
type Posting struct {
	Tenant, PopID string
	State         LetterState
	Attempts      int
	Due, Until    time.Time
	Status        int
	Took          time.Duration
	Size          int64
	Why           string
	Receipt       *screenpop.Receipt // what the agent is told of the pop; nil for nothing
	Pops          []PlannedPop       // that pop now: what an answer asks for, or the fallback
}

// letterOf returns the letter of a pop that has just been planned.
func (t *turn) letterOf(th *thread, f *frame, n int64) Letter {
	l := *f.letter
	return Letter{N: n, Tenant: th.tenant, PopID: f.pop.ID, RequestID: th.id, AgentID: f.agent, Host: l.Host(), CreatedAt: t.now, Letter: l,
		State: LetterQueued, Due: t.now, Until: l.Until, At: t.now}
}

// post adds the row of a letter.
func (t *turn) post(th *thread, f *frame) {
	n := t.next()
	l := t.letterOf(th, f, n)
	f.posted = &l
	t.pages.letters.add(n, l.Tenant, l.PopID, l.RequestID, l.AgentID, l.Host, stamp(l.CreatedAt), stamp(l.Until), encode(l.Letter))
	th.n = n
}

// Post writes a step of a letter; see Record.
func (s *SQLite) Post(ctx context.Context, p Posting) ([]wire.Hint, error) {
	hints, errs := s.PostAll(ctx, p)
	return hints, errs[0]
}

// PostAll writes steps of letters; see Record.
func (s *SQLite) PostAll(ctx context.Context, all ...Posting) (hints []wire.Hint, errs []error) {
	errs = make([]error, len(all))
	j := &job{}
	for _, p := range all {
		p.Why = cut(p.Why, screenpop.MaxDetail)
		j.units = append(j.units, &unit{act: func(t *turn, u *unit) error { return t.step(u, p) }})
	}
	err := s.w.do(ctx, j)
	for i, u := range j.units {
		if errs[i] = err; err == nil {
			hints, errs[i] = append(hints, u.hints...), fault(u.err)
		}
	}
	return hints, errs
}

// step carries one step of a letter out.
func (t *turn) step(u *unit, p Posting) error {
	pop, err := t.pop(popKey{p.Tenant, p.PopID})
	if err != nil {
		return err
	}
	if pop == nil {
		return ErrNotFound("pop", p.PopID)
	}
	if p.State != "" {
		t.attempt(pop.thread, p)
	}
	var frames []frame
	if r := p.Receipt; r != nil && !pop.has(r.ID) {
		frames = append(frames, t.again(pop, t.advance(pop, *r)))
	}
	for _, pp := range p.Pops {
		t.tooLate(pop, &pp)
		if f, ok := t.plant(pop.thread, pop.EventID, pp); ok {
			t.mem.pops[popKey{p.Tenant, f.pop.ID}] = f.pop
			frames = append(frames, f)
		}
	}
	return t.send(u, pop.thread, 0, frames...)
}

// attempt adds the row of a step.
func (t *turn) attempt(th *thread, p Posting) {
	th.n = t.next()
	t.pages.attempts.add(th.n, p.Tenant, p.PopID, stamp(t.now), string(p.State), int64(p.Attempts), stamp(p.Due), stamp(p.Until),
		int64(p.Status), int64(p.Took), p.Size, p.Why)
}

// tooLate ends a pop that an answer asks for where the request went on meanwhile.
func (t *turn) tooLate(by *pop, pp *PlannedPop) {
	r, ok := by.thread.copyOf(pp.AgentID)
	after := by.Trigger == screenpop.Hangup || by.Trigger == screenpop.Closed
	p := &pp.Pop
	switch {
	case p.State == screenpop.PopSkipped || !ok:
	case r.TakenBy != "":
		p.State, p.Detail = screenpop.PopWithdrawn, "taken by "+r.TakenBy+" before the answer came"
	case r.State == screenpop.StateClosed && (!after || p.Target == screenpop.TargetRequest):
		p.State, p.Detail = screenpop.PopWithdrawn, "the request was closed before the answer came"
	case r.Ended() && !after:
		p.State, p.Detail = screenpop.PopMissed, "the call ended before the answer came"
	case !p.ExpiresAt.IsZero() && !t.now.Before(p.ExpiresAt):
		p.State, p.Detail = screenpop.PopMissed, "its time to open by itself was over before the answer came"
	}
}

const letterColumns = `o.n, o.tenant, o.pop, o.request, l.agent, o.host, l.at, l.body, o.state, o.attempts, o.due, o.until,
	o.status, o.took, o.size, o.why, o.at`

func readLetter(row []driver.Value) (Letter, error) {
	l := Letter{N: number(row[0]), Tenant: text(row[1]), PopID: text(row[2]), RequestID: text(row[3]), AgentID: text(row[4]), Host: text(row[5]),
		CreatedAt: unstamp(number(row[6])), State: LetterState(text(row[8])), Attempts: int(number(row[9])), Due: unstamp(number(row[10])),
		Until: unstamp(number(row[11])), Status: int(number(row[12])), Took: time.Duration(number(row[13])), Size: number(row[14]),
		Why: text(row[15]), At: unstamp(number(row[16]))}
	if err := json.Unmarshal([]byte(text(row[7])), &l.Letter); err != nil {
		return l, fmt.Errorf("decode the web request of pop %q: %w", l.PopID, err)
	}
	return l, nil
}

// DueLetters returns letters that are to go out by a time, the first due first;
// see Record.
func (s *SQLite) DueLetters(ctx context.Context, by time.Time, limit int) (found []Letter, err error) {
	err = s.read(ctx, func(r reader) error {
		found = nil
		return r.each(`select `+letterColumns+` from outbox o indexed by outbox_due join letter l on l.n = o.n
			where o.state in ('queued', 'sending') and o.due <= ? order by o.due limit ?`, func(row []driver.Value) error {
			l, err := readLetter(row)
			found = append(found, l)
			return err
		}, stamp(by), limit)
	})
	return found, err
}

// OutboxFilter chooses letters. Its zero value chooses the newest.
type OutboxFilter struct {
	States []LetterState // any of them; empty for all
	Host   string
	After  int64 // only letters with a smaller N; 0 from the newest on
	Limit  int   // 50 if 0
}

// outboxLook is how many letters one call looks through at most.
const outboxLook = 10_000

// Outbox returns letters, the newest first. next is the After of the next page,
// 0 after the last.
func (s *SQLite) Outbox(ctx context.Context, tenant string, f OutboxFilter) (found []Letter, next int64, err error) {
	orElse(&f.Limit, 50)
	orElse(&f.After, 1<<62)
	err = s.read(ctx, func(r reader) error {
		var keys []int64
		found, next = nil, 0
		looked := 0
		where, args := f.where(tenant)
		err := r.each(`select n, host from outbox where `+where+` order by n desc limit ?`, func(row []driver.Value) error {
			if looked++; len(keys) > f.Limit {
				return nil
			}
			n := number(row[0])
			if f.Host == "" || f.Host == text(row[1]) {
				keys = append(keys, n)
			} else if looked == outboxLook {
				next = n
			}
			return nil
		}, append(args, outboxLook)...)
		if err != nil {
			return err
		}
		if len(keys) > f.Limit {
			keys = keys[:f.Limit]
			next = keys[f.Limit-1]
		}
		for _, n := range keys {
			err := r.each(`select `+letterColumns+` from outbox o indexed by outbox_n join letter l on l.n = o.n where o.tenant = ? and o.n = ?`,
				func(row []driver.Value) error {
					l, err := readLetter(row)
					found = append(found, l)
					return err
				}, tenant, n)
			if err != nil {
				return err
			}
		}
		return nil
	})
	return found, next, err
}

// where returns the condition that an index answers.
func (f OutboxFilter) where(tenant string) (sql string, args []any) {
	sql, args = `tenant = ? and n < ?`, []any{tenant, f.After}
	if len(f.States) > 0 {
		sql += ` and state in ` + tuples(len(f.States), 1)
		for _, s := range f.States {
			args = append(args, string(s))
		}
	}
	return sql, args
}

// Resend queues a dead letter again for as long as a request's end is tried, and
// notes who did it where ctx says so. One that is not dead is CodeConflict.
func (s *SQLite) Resend(ctx context.Context, tenant, popID string) (Letter, error) {
	if err := s.current(ctx); err != nil {
		return Letter{}, err
	}
	var l Letter
	e := auditOf(ctx)
	err := s.w.alone(ctx, func(t *turn) error {
		if err := t.settle(); err != nil {
			return err
		}
		found := false
		err := t.w.c.query(`select `+letterColumns+` from outbox o join letter l on l.n = o.n where o.tenant = ? and o.pop = ?`, func(row []driver.Value) (err error) {
			found = true
			l, err = readLetter(row)
			return err
		}, tenant, popID)
		switch {
		case err != nil:
			return err
		case !found:
			return ErrNotFound("web request", popID)
		case l.State != LetterFailed && l.State != LetterMissed:
			return screenpop.Errorf(screenpop.CodeConflict, "letter-not-dead", "this web request is %s; only one that failed or was missed is sent again", l.State)
		}
		l.State, l.Attempts, l.Due, l.Until, l.At = LetterQueued, 0, t.now, t.now.Add(screenpop.LetterTries), t.now
		l.Status, l.Took, l.Size, l.Why = 0, 0, 0, ""
		l.Letter.Reply, l.Letter.Fallback = "", nil // nobody waits for its answer any more
		th, err := t.thread(requestKey{tenant, l.RequestID})
		if err != nil {
			return err
		}
		t.attempt(th, Posting{Tenant: tenant, PopID: popID, State: l.State, Due: l.Due, Until: l.Until})
		return e.write(t.w.c, t.now)
	})
	return l, err
}
