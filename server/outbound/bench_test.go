package outbound_test

import (
	"net/http"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/server/dispatch"
)

const (
	benchCalls = 1000
	benchEvery = 5 * time.Millisecond // 200 calls a second
)

// BenchmarkPopsBesideStuckHost has 1,000 calls pop a page each, 200 a second, and
// measures how long each pop takes from the event until it is committed and on
// its way. With web requests each call also sends one to a CRM that answers in
// 50 ms and one to a host that hangs. The baseline is the same load without, in
// the same run, before and after; ratio compares the 99th percentiles. So does
// ratio-of-pops, with a load that pops two texts in the place of the web requests:
// more pops a call take longer, whatever becomes of them.
func BenchmarkPopsBesideStuckHost(b *testing.B) {
	release := make(chan struct{})
	hangs := newCRM(b, func(_ http.ResponseWriter, r *http.Request, _ int) {
		select {
		case <-release:
		case <-r.Context().Done():
		}
	})
	crm := newCRM(b, func(http.ResponseWriter, *http.Request, int) { time.Sleep(50 * time.Millisecond) }) // what a CRM takes
	b.Cleanup(func() { close(release) })
	const page = `<url on="ringing" target="request">https://crm.example.com/find?phone={anum}</url>`
	requests := page + `<webrequest on="ringing" href="CRM/calls" format="json"><variable name="phone">{anum}</variable></webrequest>
		<webrequest on="ringing" href="` + hangs.URL + `/"/>`
	const texts = page + `<clipboard on="ringing">{anum}</clipboard><clipboard on="ringing">{anum} {queue_key}</clipboard>`
	var without, with, same []time.Duration
	for b.Loop() {
		without = append(without, pops(b, crm.URL, page)...)
		with = append(with, pops(b, crm.URL, requests)...)
		same = append(same, pops(b, crm.URL, texts)...)
		without = append(without, pops(b, crm.URL, page)...)
	}
	base, beside := p99(without), p99(with)
	b.ReportMetric(float64(base.Microseconds())/1000, "p99-alone-ms")
	b.ReportMetric(float64(beside.Microseconds())/1000, "p99-beside-ms")
	b.ReportMetric(float64(beside)/float64(base), "ratio")
	b.ReportMetric(float64(beside)/float64(p99(same)), "ratio-of-pops")
	b.ReportMetric(float64(len(crm.received())), "received")
}

// pops has calls come in at a steady rate and returns how long each took.
func pops(b *testing.B, crm, doc string) []time.Duration {
	r := newRig(b, crm, doc)
	took := make([]time.Duration, benchCalls)
	done := make(chan struct{}, benchCalls)
	begun := time.Now()
	for i := range benchCalls {
		time.Sleep(time.Until(begun.Add(time.Duration(i) * benchEvery)))
		go func() {
			defer func() { done <- struct{}{} }()
			id := strconv.Itoa(i)
			sent := time.Now()
			res := r.dispatch.Ingest(b.Context(), "t", "pbx", []dispatch.Item{{Event: screenpop.Event{ID: "e" + id, Type: screenpop.Ringing,
				Request: screenpop.RequestReport{ID: "c" + id, Channel: screenpop.Voice, Agent: "anna@acme.example", ANI: "22334455"}}}})[0]
			if took[i] = time.Since(sent); res.Err != nil {
				b.Error(res.Err)
			}
		}()
	}
	for range benchCalls {
		<-done
	}
	r.end()
	return took
}

func p99(all []time.Duration) time.Duration {
	slices.Sort(all)
	return all[len(all)*99/100]
}
