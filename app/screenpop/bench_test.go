package screenpop_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/crmpop/crmpop/app/screenpop"
)

// many returns a document of n popups of which the last matches call.
func many(n int) string {
	var b strings.Builder
	for i := range n - 1 {
		fmt.Fprintf(&b, `<url on="ringing accepted" channel="voice" queue="support_%d* other_%d" target="request"><when variable="segment" is="gold"/>%s{anum}</url>`, i, i, page)
	}
	b.WriteString(`<url on="ringing" channel="voice" queue="sales*" title="CRM {anum}">` + page + `find/{customer_number}?phone={anum|digits}&amp;q={subject}</url>`)
	return b.String()
}

// BenchmarkMatch matches an event with all popups and expands the one that fits.
func BenchmarkMatch(b *testing.B) {
	for _, n := range []int{1, 50, 90} {
		b.Run(fmt.Sprintf("popups=%d", n), func(b *testing.B) { benchmarkMatch(b, n) })
	}
	b.Run("popups=200", func(b *testing.B) { benchmarkMatch(b, 200) })
}

func benchmarkMatch(b *testing.B, n int) {
	// A document has at most MaxElements elements; a user's levels may add up to more.
	all := popups(b, in(many(min(n, 90))))
	for len(all) < n {
		all = append(all[:len(all):len(all)], all[:min(89, n-len(all))]...)
	}
	all[0], all[len(all)-1] = all[len(all)-1], all[0]
	s := call()
	b.ReportAllocs()
	for b.Loop() {
		popped := 0
		for i := range all {
			if ok, _ := all[i].Match(s.Event.Type, s.Request); ok {
				all[i].Pop(s)
				popped++
			}
		}
		if popped != 1 {
			b.Fatalf("%d popped", popped)
		}
	}
}

func BenchmarkParseDocument(b *testing.B) {
	src := []byte(in(many(90)))
	b.SetBytes(int64(len(src)))
	b.ReportAllocs()
	for b.Loop() {
		parseOnce(b, src)
	}
}

func parseOnce(b *testing.B, src []byte) {
	if doc, findings := screenpop.ParseDocument(src); doc == nil {
		b.Fatal(findings)
	}
}
