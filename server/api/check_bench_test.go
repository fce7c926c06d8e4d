package api_test

import (
	encodingxml "encoding/xml"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/crmpop/crmpop/app/screenpop"
)

// largest returns a document of nearly as many bytes as one may have.
func largest(t testing.TB) string {
	t.Helper()
	popup := `<url on="ringing" target="request" title="{name}">https://crm.example.com/find?phone={anum|e164}&amp;q={subject|lower}` + strings.Repeat("x", 210) + "</url>\n"
	doc := "<screenpopup>\n" + strings.Repeat(popup, 190) + "</screenpopup>\n"
	if n := len(doc); n > screenpop.MaxDocument || n < screenpop.MaxDocument*95/100 {
		t.Fatalf("the document has %d bytes", n)
	}
	return doc
}

// BenchmarkCheck measures what the editor waits for: one POST of a document of
// 64 KiB, over a socket, until all its findings are there. The baseline, in the
// same run, only decodes the same document with encoding/xml.
func BenchmarkCheck(b *testing.B) {
	d := open(b)
	send := d.admin(acme)
	doc := largest(b)
	faulty := strings.Replace(doc, "&amp;", "&", 20)
	var ours, broken, base, n time.Duration
	timed := func(sum *time.Duration, f func()) {
		start := time.Now()
		f()
		*sum += time.Since(start)
	}
	for b.Loop() {
		n++
		timed(&ours, func() { d.is(send("POST", "/api/v1/screenpopup/check?level=tenant&id=acme", doc, xml), 200, "") })
		timed(&broken, func() { d.is(send("POST", "/api/v1/screenpopup/check?level=tenant&id=acme", faulty, xml), 200, "") })
		timed(&base, func() { decodeAll(b, doc) })
	}
	ms := func(d time.Duration) float64 { return float64(d/n) / float64(time.Millisecond) }
	b.ReportMetric(0, "ns/op") // three things are timed; each has its own figure
	b.ReportMetric(ms(ours), "ms/check")
	b.ReportMetric(ms(broken), "ms/check-with-faults")
	b.ReportMetric(ms(base), "ms/encoding-xml")
	b.ReportMetric(float64(ours)/float64(base), "x-of-encoding-xml")
}

// decodeAll reads every token of a document.
func decodeAll(b *testing.B, doc string) {
	b.Helper()
	for r := encodingxml.NewDecoder(strings.NewReader(doc)); ; {
		_, err := r.Token()
		if err == io.EOF {
			return
		}
		if err != nil {
			b.Fatal(err)
		}
	}
}
