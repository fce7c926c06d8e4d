package region_test

import (
	"testing"

	"github.com/crmpop/crmpop/server/region"
)

func TestListedHostWithoutAPortStandsForAllOfItsPorts(t *testing.T) {
	listed := region.Hosts([]string{"mail.example.com", "crm.example.com:8443"})
	for host, want := range map[string]bool{
		"mail.example.com": true, "MAIL.example.com:8443": true, "crm.example.com:8443": true,
		"crm.example.com": false, "crm.example.com:80": false, "example.com": false, "": false,
	} {
		if got := listed(host); got != want {
			t.Errorf("Hosts(%q) = %t, want %t", host, got, want)
		}
	}
}

func TestNumbersAreReadAsTheyAreDialled(t *testing.T) {
	for _, c := range []struct{ region, raw, e164, national string }{
		{"NO", "22 33 44 55", "+4722334455", "22334455"},
		{"NO", "4922112345678", "+4922112345678", "022112345678"},
		{"", "+442079460112", "+442079460112", "02079460112"},
		{"", "22334455", "22334455", "22334455"},
		{"NO", " 2149 ", "2149", "2149"},
		{"NO", "anonymous", "anonymous", "anonymous"},
	} {
		n := region.Numbers(c.region)
		if e, nat := n.E164(c.raw), n.National(c.raw); e != c.e164 || nat != c.national {
			t.Errorf("%q in %q: %q and %q, want %q and %q", c.raw, c.region, e, nat, c.e164, c.national)
		}
	}
}
