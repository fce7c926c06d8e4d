package store

import (
	"context"
	"database/sql/driver"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/crmpop/crmpop/app/screenpop"
)

// The list of requests is kept apart from the settled tables and follows them:
// a request that is heard of is written down anew, whole, from what the tables
// have. Events never wait for it; it is brought up while the writer has nothing
// to do, and by whoever searches.

const (
	soughtAtOnce = 512                    // rows of the record that one transaction follows
	soughtIdle   = 100 * time.Millisecond // without anything to do before the list is brought up
	maxWords     = 12                     // words of a caller that are keys
	maxKey       = 64                     // bytes of one
)

// Outcomes of a request, from the one that most wants a look to the one that
// least does: the first that one of its pops has is the request's.
const (
	OutcomeUnmapped  = "unmapped"  // nobody knows the agent
	OutcomeNone      = "none"      // nothing popped
	OutcomeFailed    = "failed"    // a pop failed
	OutcomeMissed    = "missed"    // a pop did not open in its time
	OutcomeSkipped   = "skipped"   // a pop was skipped
	OutcomeWaiting   = "waiting"   // a pop waits for a click, or its page refused
	OutcomePending   = "pending"   // a pop is on its way
	OutcomeWithdrawn = "withdrawn" // a pop was taken back
	OutcomeDone      = "done"      // every pop was shown, opened, copied, sent or ran
)

// Outcomes lists every outcome.
var Outcomes = []string{OutcomeUnmapped, OutcomeNone, OutcomeFailed, OutcomeMissed, OutcomeSkipped, OutcomeWaiting,
	OutcomePending, OutcomeWithdrawn, OutcomeDone}

// outcomeOf returns the outcome of pops in these states.
func outcomeOf(states []screenpop.PopState) string {
	best := len(Outcomes)
	for _, s := range states {
		o := OutcomeDone
		switch s {
		case screenpop.PopFailed, screenpop.PopMissed, screenpop.PopSkipped, screenpop.PopWaiting, screenpop.PopWithdrawn:
			o = string(s)
		case screenpop.PopRefused:
			o = OutcomeWaiting
		case screenpop.PopPending, screenpop.PopDelivered, "":
			o = OutcomePending
		}
		best = min(best, slices.Index(Outcomes, o))
	}
	if best == len(Outcomes) {
		return OutcomeNone
	}
	return Outcomes[best]
}

// keepUp brings the list up by some rows while there is nothing else to do.
func (w *writer) keepUp() {
	u := &unit{act: func(t *turn, _ *unit) (err error) {
		w.behind, err = t.follow()
		return err
	}}
	w.bisect([]*unit{u})
	w.book.wal.look(w.c)
	if u.err != nil {
		w.log.Error("bring the list of requests up", "err", u.err)
		w.behind, w.retry = true, time.Now().Add(settleAge)
	}
}

// follow brings the list up by some rows; more reports whether there is more.
func (t *turn) follow() (more bool, err error) {
	if err := t.settle(); err != nil {
		return false, err
	}
	from, err := integer(t.w.c, `select max((select n from sought_upto), min(coalesce((select min(n) from event), ?1),
		coalesce((select min(n) from frame), ?1), coalesce((select min(n) from step), ?1)) - 1)`, t.n+1)
	if err != nil {
		return false, err
	}
	upto := min(from+soughtAtOnce, t.n)
	if upto <= from {
		return false, nil
	}
	if err := followRows(t.w.c, from, upto); err != nil {
		return false, err
	}
	return upto < t.n, t.w.c.exec(`update sought_upto set n = ?`, upto)
}

// followRows writes the requests down that the rows after from up to upto are
// about.
func followRows(c *conn, from, upto int64) error {
	var touched []requestKey
	err := c.query(`select tenant, request from event where n > ?1 and n <= ?2
		union select tenant, request from frame where n > ?1 and n <= ?2`, func(row []driver.Value) error {
		touched = append(touched, requestKey{text(row[0]), text(row[1])})
		return nil
	}, from, upto)
	if err != nil {
		return err
	}
	for _, k := range touched {
		if err := seek(c, k); err != nil {
			return fmt.Errorf("list request %q: %w", k.id, err)
		}
	}
	return c.exec(`insert into shown select s.tenant, s.pop, s.at, s.at - f.at
		from step s join pop p on p.tenant = s.tenant and p.id = s.pop join frame f on f.n = p.n
		where s.n > ? and s.n <= ? and s.state = 'shown' and (p.expires = 0 or s.at <= p.expires)
		on conflict (tenant, pop) do nothing`, from, upto)
}

// sought is a row of the list.
type sought struct {
	requestKey
	at      int64
	request screenpop.Request // whoever's has it now
	agents  []string
	states  []screenpop.PopState
	alone   bool // unmapped
}

// seek writes one request down anew, or takes it off the list when it is gone.
func seek(c *conn, k requestKey) error {
	q := sought{requestKey: k, alone: true}
	if err := q.read(c); err != nil {
		return err
	}
	old, oldAt := "[]", int64(0)
	err := c.query(`select keys, at from sought where tenant = ? and id = ?`, func(row []driver.Value) error {
		old, oldAt = text(row[0]), number(row[1])
		return nil
	}, k.tenant, k.id)
	if err != nil {
		return err
	}
	keys := q.keys()
	if q.at == 0 {
		keys = nil
	}
	if now := list(keys); now != old || oldAt != q.at {
		if err := rekey(c, k, old, oldAt, keys, q.at); err != nil {
			return err
		}
	}
	if q.at == 0 {
		return c.exec(`delete from sought where tenant = ? and id = ?`, k.tenant, k.id)
	}
	r := q.request
	return c.exec(`insert or replace into sought values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, k.tenant, k.id, q.at, string(r.Channel),
		string(r.Direction), r.AgentID, r.Caller(), r.ANI, r.Name, r.QueueKey, string(r.State), q.outcome(), list(keys))
}

func (q *sought) read(c *conn) error {
	k := q.requestKey
	err := c.query(`select r.agent, f.body, coalesce(g.at, e.at, 0) from request r left join frame f on f.n = r.n
		left join frame g on g.n = r.first and r.agent <> '' left join event e on e.n = r.first and r.agent = ''
		where r.tenant = ? and r.id = ? order by r.first`, func(row []driver.Value) error {
		if at := number(row[2]); q.at == 0 || at < q.at {
			q.at = at
		}
		if text(row[1]) == "" {
			return nil
		}
		r, err := readRequest(k.id, text(row[0]), text(row[1]))
		if err == nil && (q.alone || r.TakenBy == "") {
			q.request, q.alone = r, false
		}
		q.agents = append(q.agents, text(row[0]))
		return err
	}, k.tenant, k.id)
	if err != nil {
		return err
	}
	return c.query(`select state from pop indexed by pop_once where tenant = ? and request = ?`, func(row []driver.Value) error {
		q.states = append(q.states, screenpop.PopState(text(row[0])))
		return nil
	}, k.tenant, k.id)
}

func (q *sought) outcome() string {
	if q.alone {
		return OutcomeUnmapped
	}
	return outcomeOf(q.states)
}

// keys returns by which keys the request is found, sorted.
func (q *sought) keys() []string {
	keys := []string{"i:" + clipKey(fold(q.id)), "o:" + q.outcome()}
	for _, a := range q.agents {
		keys = append(keys, "a:"+a)
	}
	for _, w := range callerWords(q.request) {
		keys = append(keys, "c:"+w)
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// callerWords returns the words by which people remember a caller: those of the
// name, the address, and the number whole and without the country's code.
func callerWords(r screenpop.Request) []string {
	words := foldWords(r.Name)
	for _, s := range []string{r.ANI, r.CustomerKey} {
		if n := digits(s); n != "" {
			words = append(words, n)
			for _, short := range []int{10, 9, 8} {
				if len(n) > short {
					words = append(words, n[len(n)-short:])
				}
			}
			continue
		}
		words = append(words, foldWords(s)...)
	}
	return words[:min(len(words), maxWords)]
}

// foldWords returns the words of a text in lower case. An e-mail address is one.
func foldWords(s string) []string {
	words := strings.FieldsFunc(fold(s), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("@._-+'", r)
	})
	for i := range words {
		words[i] = clipKey(words[i])
	}
	return words
}

func clipKey(s string) string { return cut(s, maxKey) }

// digits returns the digits of a telephone number, "" for what is none.
func digits(s string) string {
	n := strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9':
			return r
		case strings.ContainsRune("+ -()./", r):
			return -1
		}
		return 'x'
	}, strings.TrimSpace(s))
	if strings.Contains(n, "x") || len(n) < 3 {
		return ""
	}
	return clipKey(strings.TrimLeft(n, "0"))
}

// rekey replaces the keys of a request.
func rekey(c *conn, k requestKey, old string, oldAt int64, keys []string, at int64) error {
	before, err := unlist(old)
	if err != nil {
		return err
	}
	for _, key := range before {
		if oldAt == at && slices.Contains(keys, key) {
			continue
		}
		if err := c.exec(`delete from sought_by where tenant = ? and key = ? and at = ? and id = ?`, k.tenant, key, oldAt, k.id); err != nil {
			return err
		}
	}
	for _, key := range keys {
		if oldAt == at && slices.Contains(before, key) {
			continue
		}
		if err := c.exec(`insert into sought_by values (?, ?, ?, ?) on conflict do nothing`, k.tenant, key, at, k.id); err != nil {
			return err
		}
	}
	return nil
}

// listed returns when the list shows all that was acknowledged before the call;
// if the disk is full it shows an earlier moment.
func (s *SQLite) listed(ctx context.Context) error {
	for more := true; more; {
		err := s.w.alone(ctx, func(t *turn) (err error) {
			more, err = t.follow()
			return err
		})
		if err != nil && storage(err) && ctx.Err() == nil && !closed(err) {
			s.o.Log.Warn("searching what is listed only", "err", err)
			return nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}
