package urltemplate_test

import (
	"testing"

	"github.com/crmpop/crmpop/app/urltemplate"
)

func BenchmarkExpand(b *testing.B) {
	v := lookup(map[string]string{"anum": "+47 22 33 44 55", "customer_number": "12345", "subject": "Faktura nr. 7 & purring"})
	for name, src := range map[string]string{
		"variables=1": "https://crm.example.com/find?phone={anum|e164}",
		"variables=4": "https://crm.example.com/c/{customer_number}/find?phone={anum|e164}&q={subject}&n={name|default:unknown}",
	} {
		tmpl := parse(b, urltemplate.URL, src)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := tmpl.Expand(v); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkParse(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		urltemplate.Parse(urltemplate.URL, "https://crm.example.com/c/{customer_number}/find?phone={anum|e164}&q={subject}")
	}
}
