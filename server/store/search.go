package store

import (
	"cmp"
	"context"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/crmpop/crmpop/app/screenpop"
)

// RequestFilter chooses requests. Its zero value chooses the newest.
type RequestFilter struct {
	Words    string // each begins a word of the caller, the number or the id
	Agent    string // id of a user who has or had it
	Caller   string // each word begins one of the caller or the number
	Outcome  string // one of Outcomes
	From, To time.Time
	Limit    int    // 50 if 0
	Cursor   string // Next of the page before
}

// Found is a request as a list of them shows it. Agent is the id of the user who
// has it, "" for nobody known.
type Found struct {
	ID        string
	Channel   screenpop.Channel
	Direction screenpop.Direction
	Agent     string
	Caller    string
	ANI       string
	Name      string
	Queue     string
	State     screenpop.State
	Outcome   string
	CreatedAt time.Time
	Pops      []FoundPop
}

// FoundPop is one pop of a Found.
type FoundPop struct {
	AgentID string             `json:"agent_id"`
	Title   string             `json:"title"`
	State   screenpop.PopState `json:"state"`
}

const (
	fewHits  = 5_000  // so many hits of a word are sorted rather than walked
	manyHits = 40_000 // the same, where only their times need to be looked at
	maxLook  = 6_000  // requests that one page looks at before it is handed over as it is
)

// Search returns requests, the newest first. next is the cursor of the next
// page, "" after the last; a page may be short, or empty, and not the last:
// what one call looks at has a limit.
func (s *SQLite) Search(ctx context.Context, tenant string, f RequestFilter) (found []Found, next string, err error) {
	orElse(&f.Limit, 50)
	at, err := f.place()
	if err != nil {
		return nil, "", err
	}
	if err := s.listed(ctx); err != nil {
		return nil, "", err
	}
	err = s.look(ctx, func(r reader) (err error) {
		q := query{reader: r, tenant: tenant, from: stamp(f.From), at: at, limit: f.Limit}
		if found, next, err = q.page(f.criteria()); err != nil {
			return err
		}
		for i := range found {
			if found[i].Pops, err = r.foundPops(tenant, found[i].ID); err != nil {
				return err
			}
		}
		return nil
	})
	return found, next, err
}

// place is where a page begins: behind a time and, within it, an id.
type place struct {
	at int64
	id string
}

// String returns the place as a cursor.
func (p place) String() string { return strconv.FormatInt(p.at, 36) + "." + p.id }

func (f RequestFilter) place() (place, error) {
	if f.Cursor == "" {
		if f.To.IsZero() {
			return place{at: 1 << 62}, nil
		}
		return place{at: stamp(f.To) + 1}, nil
	}
	at, id, ok := strings.Cut(f.Cursor, ".")
	n, err := strconv.ParseInt(at, 36, 64)
	if err != nil || !ok {
		return place{}, screenpop.Errorf(screenpop.CodeInvalid, "bad-cursor", "this cursor is none that was handed out; begin without one")
	}
	return place{n, id}, nil
}

// criterion is one thing that a request must have: one of its keys, or with
// prefix one that begins like it.
type criterion struct {
	keys   []string
	prefix bool
	hits   int // at most manyHits + 1 a key
}

func (f RequestFilter) criteria() (all []criterion) {
	for key, v := range map[string]string{"a:": f.Agent, "o:": f.Outcome} {
		if v != "" {
			all = append(all, criterion{keys: []string{key + v}})
		}
	}
	for _, w := range soughtWords(f.Caller) {
		all = append(all, criterion{keys: []string{"c:" + w}, prefix: true})
	}
	if n := digits(f.Words); n != "" {
		return append(all, criterion{keys: []string{"c:" + n, "i:" + clipKey(fold(f.Words))}, prefix: true})
	}
	for _, raw := range strings.Fields(fold(f.Words)) {
		keys := []string{"i:" + clipKey(raw)}
		for _, w := range foldWords(raw) {
			keys = append(keys, "c:"+w)
		}
		all = append(all, criterion{keys: keys, prefix: true})
	}
	return all
}

// soughtWords returns what of a caller is looked for: a number whole, words each.
func soughtWords(s string) []string {
	if n := digits(s); n != "" {
		return []string{n}
	}
	return foldWords(s)
}

// query reads one page.
type query struct {
	reader
	tenant string
	from   int64
	at     place
	limit  int
}

// page chooses the way that looks at the fewest rows.
func (q query) page(all []criterion) ([]Found, string, error) {
	for i := range all {
		if err := q.count(&all[i]); err != nil {
			return nil, "", err
		}
	}
	slices.SortStableFunc(all, func(a, b criterion) int {
		if a.prefix != b.prefix && a.hits > fewHits && b.hits > fewHits {
			return cmp.Compare(btoi(a.prefix), btoi(b.prefix))
		}
		return cmp.Compare(a.hits, b.hits)
	})
	switch {
	case len(all) == 1 && all[0].prefix && all[0].hits <= manyHits:
		return q.sorted(all[0], nil)
	case len(all) > 0 && all[0].prefix && all[0].hits <= fewHits:
		return q.sorted(all[0], all[1:])
	case len(all) > 0 && !all[0].prefix:
		return q.walk(all[0].keys[0], all[1:])
	}
	return q.walk("", all)
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// count finds out how many requests a criterion has, as far as it matters.
func (q query) count(c *criterion) error {
	for _, k := range c.keys {
		where, args := c.where(k)
		err := q.each(`select count(*) from (select 1 from sought_by where tenant = ? and `+where+` limit ?)`, func(row []driver.Value) error {
			c.hits += int(number(row[0]))
			return nil
		}, append(append([]any{q.tenant}, args...), manyHits+1)...)
		if err != nil {
			return err
		}
	}
	return nil
}

// where returns the condition on the key of sought_by.
func (c criterion) where(key string) (string, []any) {
	if c.prefix {
		return `key >= ? and key < ?`, []any{key, key + "\U0010ffff"}
	}
	return `key = ?`, []any{key}
}

// has returns the condition that a row of sought has to meet.
func (c criterion) has() (string, []any) {
	var or []string
	var args []any
	for _, k := range c.keys {
		quoted := encode(k)
		if c.prefix {
			quoted = strings.TrimSuffix(quoted, `"`)
		}
		or, args = append(or, `instr(s.keys, ?) > 0`), append(args, quoted)
	}
	return `(` + strings.Join(or, " or ") + `)`, args
}

func hasAll(all []criterion) (where string, args []any) {
	for _, c := range all {
		one, more := c.has()
		where, args = where+" and "+one, append(args, more...)
	}
	return where, args
}

const soughtColumns = `select s.id, s.at, s.channel, s.direction, s.agent, s.caller, s.anum, s.name, s.queue, s.state, s.outcome `

// sorted takes all that a rare word finds, and sorts it. Other words that are
// not too common thin it out by their keys alone, before any request is looked at.
func (q query) sorted(c criterion, others []criterion) ([]Found, string, error) {
	hits, args := q.hits(c)
	var rest []criterion
	for _, o := range others {
		if !o.prefix || o.hits > manyHits {
			rest = append(rest, o)
			continue
		}
		more, with := q.hits(o)
		hits, args = `select at, id from (`+hits+`) intersect select at, id from (`+more+`)`, append(args, with...)
	}
	if len(rest) == 0 { // then the newest are the page
		hits, args = `select at, id from (`+hits+`) order by at desc, id desc limit ?`, append(args, q.limit+1)
	}
	where, more := hasAll(rest)
	return q.take(place{}, soughtColumns+`from (`+hits+`) b cross join sought s on s.tenant = ? and s.id = b.id
		where true`+where+` order by b.at desc, b.id desc limit ?`, append(append(append(args, q.tenant), more...), q.limit+1)...)
}

// hits returns the query for the times and ids of what a criterion finds.
func (q query) hits(c criterion) (string, []any) {
	var union []string
	var args []any
	for _, k := range c.keys {
		where, more := c.where(k)
		union = append(union, `select at, id from sought_by where tenant = ? and `+where+` and at >= ? and (at, id) < (?, ?)`)
		args = append(append(append(args, q.tenant), more...), q.from, q.at.at, q.at.id)
	}
	return strings.Join(union, " union "), args
}

// walk goes from the newest to older ones until the page is full, or it has
// looked at enough: through all requests, or those of a key.
func (q query) walk(key string, others []criterion) ([]Found, string, error) {
	from, by := `sought s where s.tenant = ?`, `(s.at, s.id)`
	bound, args := `sought s where s.tenant = ?`, []any{q.tenant}
	if key != "" {
		from = `sought_by b cross join sought s on s.tenant = b.tenant and s.id = b.id where b.tenant = ? and b.key = ?`
		bound, by, args = `sought_by b where b.tenant = ? and b.key = ?`, `(b.at, b.id)`, append(args, key)
	}
	at, id, _ := strings.Cut(strings.Trim(by, "()"), ", ")
	within := ` and ` + at + ` >= ? and ` + by + ` < (?, ?) `
	order := ` order by ` + at + ` desc, ` + id + ` desc limit `
	args = append(args, q.from, q.at.at, q.at.id)
	end := place{at: -1}
	err := q.each(`select `+at+`, `+id+` from `+bound+within+order+`1 offset ?`, func(row []driver.Value) error {
		end = place{number(row[0]), text(row[1])}
		return nil
	}, append(slices.Clone(args), maxLook)...)
	if err != nil {
		return nil, "", err
	}
	where, more := hasAll(others)
	args[len(args)-3] = max(q.from, end.at) // of the two lower bounds SQLite seeks by this one only
	args = append(append(append(args, end.at, end.id), more...), q.limit+1)
	return q.take(end, soughtColumns+`from `+from+within+`and `+by+` >= (?, ?)`+where+order+`?`, args...)
}

// take reads a page. end is where looking ended, if there is more behind it.
func (q query) take(end place, sql string, args ...any) (found []Found, next string, err error) {
	err = q.each(sql, func(row []driver.Value) error {
		found = append(found, Found{ID: text(row[0]), CreatedAt: unstamp(number(row[1])), Channel: screenpop.Channel(text(row[2])),
			Direction: screenpop.Direction(text(row[3])), Agent: text(row[4]), Caller: text(row[5]), ANI: text(row[6]),
			Name: text(row[7]), Queue: text(row[8]), State: screenpop.State(text(row[9])), Outcome: text(row[10])})
		return nil
	}, args...)
	switch {
	case err != nil:
		return nil, "", fmt.Errorf("search requests: %w", err)
	case len(found) > q.limit:
		found = found[:q.limit]
		last := found[q.limit-1]
		return found, place{stamp(last.CreatedAt), last.ID}.String(), nil
	case end.id != "":
		return found, end.String(), nil
	}
	return found, "", nil
}

// foundPops returns the pops of a request in short, oldest first.
func (r reader) foundPops(tenant, request string) (pops []FoundPop, err error) {
	err = r.each(`select p.agent, p.state, f.body from pop p indexed by pop_once join frame f on f.n = p.n
		where p.tenant = ? and p.request = ? order by p.n limit 20`, func(row []driver.Value) error {
		var p struct{ Title string }
		if err := json.Unmarshal([]byte(text(row[2])), &p); err != nil {
			return fmt.Errorf("decode a pop of request %q: %w", request, err)
		}
		pops = append(pops, FoundPop{text(row[0]), p.Title, screenpop.PopState(text(row[1]))})
		return nil
	}, tenant, request)
	return pops, err
}

// within reports whether words, in lower case, stand in one of the texts.
func within(words string, texts ...string) bool {
	return slices.ContainsFunc(texts, func(t string) bool { return strings.Contains(strings.ToLower(t), words) })
}
