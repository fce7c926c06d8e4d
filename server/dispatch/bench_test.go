package dispatch_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/wire"
	"github.com/crmpop/crmpop/server/dispatch"
	"github.com/crmpop/crmpop/server/store"
)

// paper is a record that plans every event and writes nothing: what is left is
// dispatch's own share of the time.
type paper struct {
	dispatch.Record
	planned store.Plan
}

// Append plans each event as the record does, for a request that is new.
func (p *paper) Append(_ context.Context, in ...store.Intake) ([]store.Accepted, error) {
	out := make([]store.Accepted, len(in))
	for i, one := range in {
		p.planned = one.Plan(store.Current{Popped: func(string, string) bool { return false }})
		out[i] = store.Accepted{Pops: len(p.planned.Pops)}
	}
	return out, nil
}

// shelf is a directory in memory.
type shelf struct{ docs map[string]string }

func (s shelf) Tenant(context.Context, string) (store.Tenant, error) {
	return store.Tenant{ID: "t", Name: "Acme", Region: "NO"}, nil
}

func (s shelf) User(context.Context, string, string) (store.User, error) {
	return store.User{ID: "anna", Tenant: "t", Group: "g", Name: "Anna", Role: store.AgentRole}, nil
}

func (s shelf) UserByAlias(context.Context, string, string) (store.User, error) {
	return s.User(context.Background(), "", "")
}

func (s shelf) Companions(context.Context, wire.AgentKey) ([]store.Companion, error) {
	return nil, nil
}

func (s shelf) Active(_ context.Context, tenant, level, id string) (store.Revision, error) {
	return store.Revision{Tenant: tenant, Level: level, LevelID: id, Revision: 1, Document: s.docs[level]}, nil
}

// levels returns documents of three levels with 200 popups in all, of which
// every hundredth matches a call for sales. One document cannot hold so many.
func levels() map[string]string {
	docs, n := map[string]string{}, 0
	for level, count := range map[string]int{"tenant": 90, "group": 60, "user": 50} {
		var b strings.Builder
		for i := range count {
			queue := fmt.Sprintf("support_%d* other_%d", i, i)
			if n++; n%100 == 0 {
				queue = "sales*"
			}
			fmt.Fprintf(&b, `<url on="ringing accepted" channel="voice" queue="%s" target="request" title="CRM {anum}"><when variable="segment" is="gold"/>https://crm.example.com/find/{customer_number}?phone={anum|e164}&amp;n=%d</url>`, queue, i)
		}
		docs[level] = "<screenpopup><inherit/>" + b.String() + "</screenpopup>"
	}
	docs["tenant"] = strings.Replace(docs["tenant"], "<inherit/>", "", 1)
	return docs
}

// BenchmarkEffective measures what dispatch itself takes for an event of an agent
// for whom 200 popups count: it finds the effective configuration, matches all
// popups, notes why, and expands those that fit. The first event after a publish
// joins the levels anew. The baseline, in the same run, parses the documents for
// every event.
func BenchmarkEffective(b *testing.B) {
	docs := levels()
	record := &paper{}
	d := dispatch.New(dispatch.Options{Record: record, Directory: shelf{docs}, Bus: store.NewBus()})
	event := screenpop.Event{ID: "e", Type: screenpop.Ringing, Request: screenpop.RequestReport{ID: "c", Channel: screenpop.Voice, Agent: "anna",
		ANI: "22334455", QueueKey: "sales", Variables: map[string]string{"segment": "gold", "customer_number": "12345"}}}
	take := func() {
		res := d.Ingest(b.Context(), "t", "pbx", []dispatch.Item{{Event: event}})[0]
		if res.Err != nil || res.Pops != 2 || len(record.planned.Decisions) != 200 {
			b.Fatalf("%d pops, %d decisions, %v; want 2 and 200", res.Pops, len(record.planned.Decisions), res.Err)
		}
	}
	timed := func(f func()) time.Duration {
		start := time.Now()
		f()
		return time.Since(start)
	}
	var remembered, joined, parsed, n time.Duration
	take() // which parses and joins for the first time
	for b.Loop() {
		n++
		remembered += timed(take)
		d.Forget("t")
		joined += timed(take)
		parsed += timed(func() {
			for _, doc := range docs {
				if doc, findings := screenpop.ParseDocument([]byte(doc)); doc == nil {
					b.Fatal(findings)
				}
			}
			take()
		})
	}
	us := func(d time.Duration) float64 { return float64(d/n) / float64(time.Microsecond) }
	b.ReportMetric(0, "ns/op") // three things are timed; each has its own figure
	b.ReportMetric(us(remembered), "µs/event")
	b.ReportMetric(us(joined), "µs/first-event")
	b.ReportMetric(us(parsed), "µs/event-parsed")
	b.ReportMetric(float64(remembered)/float64(parsed), "x-of-parsed")
}
