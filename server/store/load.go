package store

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/wire"
)

// keysAtOnce is how many keys one statement looks up.
const keysAtOnce = 16

// lookUp runs a statement whose last condition is "in (values" with tuples of
// so many columns for all keys, a few at a time.
func lookUp[K any](c *conn, sql string, columns int, keys []K, values func(K) []driver.Value, f func(row []driver.Value) error) error {
	many, one := sql+tuples(columns, keysAtOnce)+")", sql+tuples(columns, 1)+")"
	var args []driver.Value
	for len(keys) > 0 {
		n, stmt := keysAtOnce, many
		if len(keys) < keysAtOnce {
			n, stmt = 1, one
		}
		args = args[:0]
		for _, k := range keys[:n] {
			args = append(args, values(k)...)
		}
		if err := c.query(stmt, f, args...); err != nil {
			return err
		}
		keys = keys[n:]
	}
	return nil
}

// storedEvents returns the answers of those events that the tables know.
func (t *turn) storedEvents(units []*unit) (map[eventKey]known, error) {
	all := map[eventKey]known{}
	err := lookUp(t.w.eyes, `select k.tenant, k.source, k.id, e.request, e.pops, e.unmapped <> ''
		from event_key k join event e on e.n = k.n where (k.tenant, k.source, k.id) in (values `, 3, units,
		func(u *unit) []driver.Value {
			k := u.intake.key()
			return []driver.Value{k.tenant, k.source, k.id}
		},
		func(row []driver.Value) error {
			all[eventKey{text(row[0]), text(row[1]), text(row[2])}] =
				known{request: text(row[3]), pops: int(number(row[4])), unmapped: number(row[5]) != 0}
			return nil
		})
	if err != nil {
		return nil, fmt.Errorf("look events up: %w", err)
	}
	return all, nil
}

// gather sees to it that the threads of all units are in memory.
func (t *turn) gather(units []*unit) error {
	var missing []requestKey
	asked := map[requestKey]bool{}
	for _, u := range units {
		k := requestKey{u.intake.Tenant, u.intake.Event.Request.ID}
		switch {
		case t.mem.threads[k] != nil || asked[k]:
		case t.w.sieves.fresh(t.w.sieves.request(k)):
			t.mem.add(&thread{requestKey: k})
		default:
			asked[k], missing = true, append(missing, k)
		}
	}
	stored := map[requestKey]bool{}
	err := lookUp(t.w.eyes, `select distinct tenant, id from request where (tenant, id) in (values `, 2, missing,
		func(k requestKey) []driver.Value { return []driver.Value{k.tenant, k.id} },
		func(row []driver.Value) error {
			stored[requestKey{text(row[0]), text(row[1])}] = true
			return nil
		})
	if err != nil {
		return fmt.Errorf("look requests up: %w", err)
	}
	for _, k := range missing {
		if !stored[k] {
			t.mem.add(&thread{requestKey: k})
		}
	}
	for _, u := range units {
		if u.intake.thread, err = t.thread(requestKey{u.intake.Tenant, u.intake.Event.Request.ID}); err != nil {
			return err
		}
	}
	return nil
}

// thread returns a request with all that belongs to it; an empty one if it is new.
func (t *turn) thread(k requestKey) (*thread, error) {
	if th := t.mem.threads[k]; th != nil {
		return th, nil
	}
	th := &thread{requestKey: k}
	if err := th.load(t.w.eyes); err != nil {
		return nil, fmt.Errorf("read request %q: %w", k.id, err)
	}
	t.mem.add(th)
	return th, nil
}

func (th *thread) load(c *conn) error {
	err := c.query(`select r.agent, r.event, f.body from request r left join frame f on f.n = r.n
		where r.tenant = ? and r.id = ? order by r.first`, func(row []driver.Value) error {
		th.last = max(th.last, number(row[1]))
		if text(row[2]) == "" {
			return nil
		}
		r, err := readRequest(th.id, text(row[0]), text(row[2]))
		th.copies = append(th.copies, r)
		return err
	}, th.tenant, th.id)
	if err != nil || len(th.copies) == 0 {
		return err
	}
	byID := map[string]*pop{}
	err = c.query(`select `+popColumns+`, p.once, p.seq from pop p indexed by pop_once join frame f on f.n = p.n
		where p.tenant = ? and p.request = ? order by p.n`, func(row []driver.Value) error {
		p := &pop{thread: th, once: text(row[len(row)-2]), seq: number(row[len(row)-1])}
		th.pops = append(th.pops, p)
		var err error
		p.Pop, err = readPop(row)
		byID[p.ID] = p
		return err
	}, th.tenant, th.id)
	if err != nil || len(th.pops) == 0 {
		return err
	}
	return c.query(`select `+receiptColumns+` from pop p indexed by pop_once cross join receipt k on k.tenant = p.tenant and k.pop = p.id
		join step s on s.n = k.n where p.tenant = ? and p.request = ? order by s.n`, func(row []driver.Value) error {
		r := readReceipt(row)
		if p := byID[r.PopID]; p != nil {
			p.Receipts = append(p.Receipts, r)
		}
		return nil
	}, th.tenant, th.id)
}

// pop returns a pop, nil if there is none with that id.
func (t *turn) pop(k popKey) (*pop, error) {
	if p := t.mem.pops[k]; p != nil {
		return p, nil
	}
	request, found := "", false
	err := t.w.eyes.query(`select request from pop where tenant = ? and id = ?`, func(row []driver.Value) error {
		request, found = text(row[0]), true
		return nil
	}, k.tenant, k.id)
	if err != nil {
		return nil, fmt.Errorf("look pop %q up: %w", k.id, err)
	}
	if !found {
		return nil, nil
	}
	if _, err := t.thread(requestKey{k.tenant, request}); err != nil {
		return nil, err
	}
	return t.mem.pops[k], nil
}

// popOf returns an agent's pop. Another agent's is not found.
func (t *turn) popOf(a wire.AgentKey, id string) (*pop, error) {
	p, err := t.pop(popKey{a.Tenant, id})
	if err == nil && (p == nil || p.AgentID != a.ID) {
		err = ErrNotFound("pop", id)
	}
	return p, err
}

// inbox returns the head of an agent's stream.
func (t *turn) inbox(a wire.AgentKey) (*inbox, error) {
	if b := t.mem.inboxes[a]; b != nil {
		return b, nil
	}
	b := &inbox{tracked: true}
	err := t.w.eyes.query(`select head, acked from inbox where tenant = ? and agent = ?`, func(row []driver.Value) error {
		b.head, b.acked = number(row[0]), number(row[1])
		b.tracked = b.acked == b.head
		return nil
	}, a.Tenant, a.ID)
	if err != nil {
		return nil, fmt.Errorf("read the inbox of agent %q: %w", a.ID, err)
	}
	t.mem.inboxes[a] = b
	return b, nil
}

// track looks up which pops the agent has not acknowledged, if memory does not
// have them all.
func (t *turn) track(a wire.AgentKey, b *inbox) error {
	if b.tracked {
		return nil
	}
	if err := t.settle(); err != nil {
		return err
	}
	var ids []string
	err := t.w.c.query(`select f.pop from stream s join frame f on f.n = s.n
		where s.tenant = ? and s.agent = ? and s.seq > ? and f.kind = 'pop' order by s.seq`, func(row []driver.Value) error {
		ids = append(ids, text(row[0]))
		return nil
	}, a.Tenant, a.ID, b.acked)
	if err != nil {
		return fmt.Errorf("read what agent %q has not acknowledged: %w", a.ID, err)
	}
	b.tracked, b.unacked = true, nil
	for _, id := range ids {
		p, err := t.pop(popKey{a.Tenant, id})
		if err != nil {
			return err
		}
		if p != nil {
			b.unacked = append(b.unacked, p)
		}
	}
	return nil
}

// The columns that readPop and readReceipt read, from pop p, frame f and step s.
const (
	popColumns     = `p.id, p.request, p.agent, p.state, p.detail, p.claimed, f.body`
	receiptColumns = `s.pop, s.id, s.state, s.reported, s.build, s.at`
)

// readPop returns a pop as planned, where it stands now.
func readPop(row []driver.Value) (screenpop.Pop, error) {
	var p screenpop.Pop
	if err := json.Unmarshal([]byte(text(row[6])), &p); err != nil {
		return p, fmt.Errorf("decode pop %q: %w", text(row[0]), err)
	}
	p.ID, p.RequestID, p.AgentID = text(row[0]), text(row[1]), text(row[2])
	p.State, p.ClaimedBy = screenpop.PopState(text(row[3])), text(row[5])
	if row[4] != nil { // else it stands as planned
		p.Detail = text(row[4])
	}
	return p, nil
}

func readReceipt(row []driver.Value) screenpop.Receipt {
	return screenpop.Receipt{PopID: text(row[0]), ID: text(row[1]), State: screenpop.PopState(text(row[2])),
		Detail: text(row[3]), Build: text(row[4]), At: unstamp(number(row[5]))}
}

func readRequest(id, agent, body string) (screenpop.Request, error) {
	var r screenpop.Request
	err := json.NewDecoder(strings.NewReader(body)).Decode(&r)
	if err != nil {
		return r, fmt.Errorf("decode request %q: %w", id, err)
	}
	r.ID, r.AgentID = id, agent
	return r, nil
}
