package dispatch_test

import (
	"testing"

	"github.com/crmpop/crmpop/app/screenpop"
)

func TestNumbersAreReadAsTheyAreDialledInTheTenantsRegion(t *testing.T) {
	r := newRig(t, `<screenpopup>
  <url id="n" on="ringing" again="yes" channel="voice" target="request">https://crm.example.com/?e={anum|e164}&amp;n={anum|national}</url>
</screenpopup>`)
	for raw, want := range map[string]string{
		"22334455":        "e=%2B4722334455&n=22334455",
		"+47 22 33 44 55": "e=%2B4722334455&n=22334455",
		"4922112345678":   "e=%2B4922112345678&n=022112345678",
		"2149":            "e=2149&n=2149",
		"anonymous":       "e=anonymous&n=anonymous",
	} {
		r.ok(r.send(screenpop.Ringing, "anna", func(q *screenpop.RequestReport) { q.ID = raw; q.ANI = raw }), 1)
		for _, p := range r.snapshot("anna").Pops {
			if got := p.URL[len("https://crm.example.com/?"):]; p.RequestID == raw && got != want {
				t.Errorf("%q expands to %q, want %q", raw, got, want)
			}
		}
	}
}
