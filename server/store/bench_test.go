package store_test

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/server/store"
)

// BenchmarkStore measures how many events a second the record takes in, each
// acknowledged on stable storage, beside the least that any record must do: to
// append the same bytes to a file and wait for fdatasync, with group commit and
// the same number of senders. Both take turns within one run, so that the ratio
// holds whatever else the machine does. Settling is part of the time.
//
//	ratio       events/s of the record / of the file, same bytes for each event
//	ratio-400B  the same, if the file gets 400 bytes for each event
func BenchmarkStore(b *testing.B) {
	for _, kind := range []string{"pop", "plain"} {
		for _, senders := range []int{1, 16, 256} {
			b.Run(fmt.Sprintf("event=%s/senders=%d", kind, senders), func(b *testing.B) {
				benchStore(b, senders, kind == "pop")
			})
		}
	}
}

const (
	storeTurn = 1500 * time.Millisecond
	fileTurn  = 400 * time.Millisecond
)

func benchStore(b *testing.B, senders int, pop bool) {
	s, err := store.Open(b.Context(), filepath.Join(b.TempDir(), "pop.db"), store.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	load := &benchLoad{s: s, pop: pop}
	load.run(b, senders, 300*time.Millisecond)
	size := load.size(b)

	var rate, floor, ratio, bare []float64
	b.ResetTimer()
	for range b.N {
		before := floorRate(b, senders, size, fileTurn)
		r := load.run(b, senders, storeTurn)
		f := (before + floorRate(b, senders, size, fileTurn)) / 2
		rate, floor, ratio = append(rate, r), append(floor, f), append(ratio, r/f)
		bare = append(bare, r/floorRate(b, senders, 400, fileTurn))
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(median(rate), "events/s")
	b.ReportMetric(median(floor), "file-events/s")
	b.ReportMetric(float64(size), "B/event")
	b.ReportMetric(median(ratio), "ratio")
	b.ReportMetric(median(bare), "ratio-400B")
	b.ReportMetric(float64(load.percentile(99))/1e6, "p99-ms")
}

func median(all []float64) float64 {
	slices.Sort(all)
	return all[len(all)/2]
}

// benchLoad sends events to a record.
type benchLoad struct {
	s    *store.SQLite
	pop  bool
	mu   sync.Mutex // guards took
	took []time.Duration
}

// run has senders send events, each waiting for its answer, for d and until all
// is settled. It returns the events taken in a second.
func (l *benchLoad) run(b *testing.B, senders int, d time.Duration) float64 {
	var n atomic.Int64
	var wg sync.WaitGroup
	start := time.Now()
	for range senders {
		wg.Go(func() {
			var took []time.Duration
			for time.Since(start) < d {
				began := time.Now()
				got, err := l.s.Append(b.Context(), benchEvent(l.pop))
				if err != nil || got[0].Err != nil {
					b.Errorf("Append: %v, %v", got, err)
					return
				}
				took = append(took, time.Since(began))
				n.Add(1)
			}
			l.mu.Lock()
			l.took = append(l.took, took...)
			l.mu.Unlock()
		})
	}
	wg.Wait()
	if _, _, err := l.s.Head(b.Context(), anna); err != nil { // a reader waits until all is settled
		b.Fatal(err)
	}
	return float64(n.Load()) / time.Since(start).Seconds()
}

func (l *benchLoad) percentile(p int) time.Duration {
	slices.Sort(l.took)
	return l.took[len(l.took)*p/100]
}

// size returns the bytes that the record has to keep of an event: what it
// appends for it, text as it is and eight bytes a number.
func (l *benchLoad) size(b *testing.B) int {
	bytes, err := l.s.Integer(b.Context(), `select
		(select sum(8 * 4 + length(tenant) + length(source) + length(id) + length(request) + length(agents) + length(unmapped)
			+ length(body) + length(decisions)) from event) +
		(select sum(8 * 5 + length(tenant) + length(agent) + length(kind) + length(request) + length(pop) + length(body)
			+ length(state) + length(once) + length(claimed)) from frame)`)
	if err != nil {
		b.Fatal(err)
	}
	events, err := l.s.Integer(b.Context(), `select count(*) from event`)
	if err != nil || events == 0 {
		b.Fatalf("%d events, %v", events, err)
	}
	return int(bytes / events)
}

// benchEvent returns an event of a new request, with ids as random as those of
// the platforms that use UUIDs, and what dispatch would plan for it. It is made
// cheaply: the record is measured, not its sender.
func benchEvent(pop bool) store.Intake {
	e := benchTemplate.event
	e.ID, e.Request.ID = benchID(), benchID()
	agent := benchTemplate.agents[rand.IntN(len(benchTemplate.agents))]
	return store.Intake{Tenant: "tenant-1", Source: "source-1", Event: e, Plan: func(store.Current) store.Plan {
		r := benchTemplate.request
		r.ID, r.AgentID = e.Request.ID, agent
		r.Timeline = []screenpop.TimelineEvent{{ID: e.ID, Type: e.Type, At: r.CreatedAt}}
		p := store.Plan{Requests: []screenpop.Request{r}, Decisions: benchTemplate.unmatched}
		if pop {
			planned := benchTemplate.pop
			planned.AgentID, planned.Pop.AgentID = agent, agent
			planned.Pop.ID, planned.Pop.EventID = e.ID[:26], e.ID
			p.Pops, p.Decisions = []store.PlannedPop{planned}, benchTemplate.matched
		}
		return p
	}}
}

// benchID returns 32 random hexadecimal digits.
func benchID() string {
	b := binary.BigEndian.AppendUint64(make([]byte, 0, 16), rand.Uint64())
	return hex.EncodeToString(binary.BigEndian.AppendUint64(b, rand.Uint64()))
}

var benchTemplate = func() (b struct {
	event              screenpop.Event
	request            screenpop.Request
	pop                store.PlannedPop
	matched, unmatched []store.Decision
	agents             []string
}) {
	now := time.Now().UTC()
	b.event = screenpop.Event{Type: screenpop.Ringing, Time: now, Request: screenpop.RequestReport{
		Channel: screenpop.Voice, Direction: screenpop.In, Agent: "anna@acme.example", ANI: "+4722334455", DNIS: "+4721898989",
		QueueKey: "sales", Name: "Kari Nordmann", Variables: map[string]string{"customer_number": "12345", "segment": "gold"}}}
	b.request = screenpop.Request{}.Apply(b.event, now)
	b.pop = store.PlannedPop{Once: "tenant:crm", ClaimFor: "tab-1", Pop: screenpop.Pop{
		PopupID: "tenant:crm", Kind: screenpop.KindURL, Trigger: screenpop.Ringing, Title: "SuperOffice +4722334455",
		URL: "https://crm.example.com/find?phone=%2B4722334455", Target: screenpop.TargetRequest, Visible: true,
		Focus: screenpop.FocusNever, Frame: "auto", Probe: true, FrameKey: "https://crm.example.com/find",
		State: screenpop.PopPending, CreatedAt: now, ExpiresAt: now.Add(time.Hour)}}
	other := store.Decision{AgentID: "agent-1", PopupID: "group:kb", Why: "on is accepted, this is ringing"}
	b.matched = []store.Decision{{AgentID: "agent-1", PopupID: "tenant:crm", Title: "SuperOffice +4722334455", Matched: true, Why: "matched",
		PopID: "abcdefghijklmnopqrstuvwxyz"}, other}
	b.unmatched = []store.Decision{{AgentID: "agent-1", PopupID: "tenant:crm", Why: "channel is voice, the popup is for email"}, other}
	for i := range 500 {
		b.agents = append(b.agents, fmt.Sprint("agent-", i))
	}
	return b
}()

// floorRate returns how many records a second can be appended to a file, each
// acknowledged after fdatasync, by so many senders who share it.
func floorRate(b *testing.B, senders, size int, d time.Duration) float64 {
	f, err := os.Create(filepath.Join(b.TempDir(), "floor"))
	if err != nil {
		b.Fatal(err)
	}
	defer os.Remove(f.Name())
	defer f.Close()
	type record struct {
		b    []byte
		done chan struct{}
	}
	in := make(chan record, 1024)
	var writer, wg sync.WaitGroup
	writer.Go(func() {
		var buf []byte
		for r := range in {
			batch, more := []record{r}, true
			for buf = append(buf[:0], r.b...); more && len(batch) < 256; {
				select {
				case r := <-in:
					batch, buf = append(batch, r), append(buf, r.b...)
				default:
					more = false
				}
			}
			if _, err := f.Write(buf); err != nil {
				b.Error(err)
			}
			if err := datasync(f); err != nil {
				b.Error(err)
			}
			for _, r := range batch {
				close(r.done)
			}
		}
	})
	var n atomic.Int64
	start := time.Now()
	for range senders {
		wg.Go(func() {
			bytes := make([]byte, size)
			for time.Since(start) < d {
				r := record{bytes, make(chan struct{})}
				in <- r
				<-r.done
				n.Add(1)
			}
		})
	}
	wg.Wait()
	rate := float64(n.Load()) / time.Since(start).Seconds()
	close(in)
	writer.Wait()
	return rate
}
