package store_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/crmpop/crmpop/server/store"
)

// BenchmarkSearch measures how long a page of the request list takes over many
// stored requests, for each thing people look for, beside a scan of all of them
// for a word. SEARCH_ROWS says how many; a million if not said, 50,000 with
// -short.
//
//	p50-ms, p95-ms  one page with its pops
//	scan-ms         reading through all requests once
func BenchmarkSearch(b *testing.B) {
	rows := 1_000_000
	if n, err := strconv.Atoi(os.Getenv("SEARCH_ROWS")); err == nil {
		rows = n
	} else if testing.Short() {
		rows = 50_000
	}
	s := filled(b, rows)
	start := time.Now()
	if _, _, err := s.Search(b.Context(), "t", store.RequestFilter{}); err != nil { // which brings the list up
		b.Fatal(err)
	}
	b.Logf("%d requests were listed in %v", rows, time.Since(start).Round(time.Second))
	scan := scanned(b, s)
	noon := time.Unix(1_790_000_000, 0)
	for _, c := range []struct {
		name string
		f    func(i int) store.RequestFilter
	}{
		{"newest", func(int) store.RequestFilter { return store.RequestFilter{} }},
		{"id", func(i int) store.RequestFilter { return store.RequestFilter{Words: fmt.Sprint("c-", i*7919%rows)} }},
		{"number", func(i int) store.RequestFilter {
			return store.RequestFilter{Words: fmt.Sprint(20_000_000 + i*7919%rows)}
		}},
		{"number-begins", func(i int) store.RequestFilter { return store.RequestFilter{Words: fmt.Sprint("+47 ", 200+i%10)} }},
		{"word", func(i int) store.RequestFilter { return store.RequestFilter{Words: fmt.Sprint("kari", i%200)} }},
		{"two-words", func(i int) store.RequestFilter {
			return store.RequestFilter{Words: fmt.Sprintf("kari%d nordmann%d", i%200, i%1000)}
		}},
		{"word-of-all", func(int) store.RequestFilter { return store.RequestFilter{Words: "ka"} }},
		{"agent", func(i int) store.RequestFilter { return store.RequestFilter{Agent: fmt.Sprint("agent", i%500)} }},
		{"agent-outcome", func(i int) store.RequestFilter {
			return store.RequestFilter{Agent: fmt.Sprint("agent", i%500), Outcome: store.OutcomeFailed}
		}},
		{"outcome", func(int) store.RequestFilter { return store.RequestFilter{Outcome: store.OutcomeMissed} }},
		{"time", func(i int) store.RequestFilter {
			return store.RequestFilter{From: noon.Add(time.Duration(i) * time.Second), To: noon.Add(time.Duration(i+600) * time.Second)}
		}},
		{"nothing-there", func(i int) store.RequestFilter {
			return store.RequestFilter{Agent: fmt.Sprint("agent", i%500), Outcome: store.OutcomeWaiting, Words: "ka"}
		}},
	} {
		b.Run("for="+c.name, func(b *testing.B) {
			var took []time.Duration
			for b.Loop() {
				start := time.Now()
				if _, _, err := s.Search(b.Context(), "t", c.f(len(took)*31)); err != nil {
					b.Fatal(err)
				}
				took = append(took, time.Since(start))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2])/1e6, "p50-ms")
			b.ReportMetric(float64(took[len(took)*95/100])/1e6, "p95-ms")
			b.ReportMetric(float64(scan)/1e6, "scan-ms")
		})
	}
}

// scanned returns how long it takes to look for a word in every stored request.
func scanned(b *testing.B, s *store.SQLite) time.Duration {
	b.Helper()
	best := time.Hour
	for range 2 {
		start := time.Now()
		if _, err := s.Integer(b.Context(), `select count(*) from frame where tenant = 't' and kind = 'request' and body like '%Kari7 Nordmann231%'`); err != nil {
			b.Fatal(err)
		}
		best = min(best, time.Since(start))
	}
	return best
}

// filled returns a record with so many requests, each with its event, a copy and
// a pop.
func filled(b testing.TB, rows int) *store.SQLite {
	b.Helper()
	path := filepath.Join(b.TempDir(), "pop.db")
	s, err := store.Open(b.Context(), path, store.Options{})
	if err != nil {
		b.Fatal(err)
	}
	all := fmt.Sprintf(`with recursive i(k) as (select 0 union all select k + 1 from i where k < %d) `, rows-1)
	at := `(1790000000 + k / 10) * 1000000000 + k % 10 * 100000000`
	body := `printf('{"channel":"voice","direction":"in","anum":"+47%d","queue_key":"sales","name":"Kari%d Nordmann%d","state":"closed"}', 20000000 + k, k % 200, k * 7919 % 1000)`
	state := `case when k % 97 = 0 then 'failed' when k % 50 = 0 then 'missed' else 'shown' end`
	for _, sql := range []string{
		`insert into event (n, tenant, source, id, request, prev, agents, unmapped, pops, at, body, decisions)
			` + all + `select 3 * k + 1, 't', 's', 'e-' || k, 'c-' || k, 0, '["a"]', '', 1, ` + at + `, '{}', '[]' from i`,
		`insert into frame ` + all + `select 3 * k + 2, 't', 'agent' || k % 500, k / 500 * 2 + 1, 'request', 'c-' || k, '', 3 * k + 1, ` + at + `,
			` + body + `, 'closed', '', '', 0 from i`,
		`insert into frame ` + all + `select 3 * k + 3, 't', 'agent' || k % 500, k / 500 * 2 + 2, 'pop', 'c-' || k, 'p-' || k, 3 * k + 1, ` + at + `,
			'{"title":"CRM"}', 'pending', 'tenant:1', '', 0 from i`,
		`insert into request ` + all + `select 't', 'c-' || k, 'agent' || k % 500, 3 * k + 2, 3 * k + 2, 3 * k + 1, 0 from i`,
		`insert into pop ` + all + `select 't', 'p-' || k, 'c-' || k, 'agent' || k % 500, 'tenant:1', 3 * k + 3, k / 500 * 2 + 2, ` + state + `, '', '', 0 from i`,
		fmt.Sprintf(`update record set settled = %d`, 3*rows),
	} {
		if err := s.Exec(b.Context(), sql); err != nil {
			b.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
	if s, err = store.Open(b.Context(), path, store.Options{}); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { s.Close() })
	return s
}
