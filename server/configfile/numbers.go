package configfile

import (
	"net"
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// numbers reads telephone numbers as they are dialled in one region.
type numbers struct{ region string }

// E164 returns raw in E.164 form ("+4722334455"). What is no valid number in
// the region, such as an extension or "anonymous", comes back trimmed and
// otherwise as it is: a wrong number would find the wrong contact.
func (n numbers) E164(raw string) string { return n.format(raw, phonenumbers.E164) }

// National returns raw as it is dialled inside its own country, digits only.
func (n numbers) National(raw string) string {
	s := n.format(raw, phonenumbers.NATIONAL)
	if s == strings.TrimSpace(raw) {
		return s
	}
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}

func (n numbers) format(raw string, f phonenumbers.PhoneNumberFormat) string {
	raw = strings.TrimSpace(raw)
	region := n.region
	if region == "" {
		region = "ZZ" // no region: only numbers with a country code can be read
	}
	// Some telephone systems (sipgate) leave the + of an international number out.
	for _, try := range []string{raw, "+" + raw} {
		p, err := phonenumbers.Parse(try, region)
		if err == nil && phonenumbers.IsValidNumber(p) {
			return phonenumbers.Format(p, f)
		}
	}
	return raw
}

// hostList reports whether host, with its port where that is not the scheme's
// own, is on the list. An entry without a port stands for every port.
func hostList(hosts []string) func(string) bool {
	known := make(map[string]bool, len(hosts))
	for _, h := range hosts {
		known[strings.ToLower(h)] = true
	}
	return func(host string) bool {
		host = strings.ToLower(host)
		if known[host] {
			return true
		}
		name, _, err := net.SplitHostPort(host)
		return err == nil && known[name]
	}
}
