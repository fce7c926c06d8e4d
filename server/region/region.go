// Package region reads values the way one tenant means them: telephone numbers
// as they are dialled in its region, and hosts by its list.
package region

import (
	"net"
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// Numbers reads telephone numbers as they are dialled in one region, two letters
// of ISO 3166-1; with "" only numbers with a country code can be read. It is an
// urltemplate.Numbers.
type Numbers string

// E164 returns raw in E.164 form ("+4722334455"). What is no valid number in
// the region, such as an extension or "anonymous", comes back trimmed and
// otherwise as it is: a wrong number would find the wrong contact.
func (n Numbers) E164(raw string) string {
	s, _ := n.format(raw, phonenumbers.E164)
	return s
}

// National returns raw as it is dialled inside its own country, digits only;
// what is no valid number comes back as from E164.
func (n Numbers) National(raw string) string {
	s, ok := n.format(raw, phonenumbers.NATIONAL)
	if !ok {
		return s
	}
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}

// format returns raw trimmed, and false, if it is no valid number.
func (n Numbers) format(raw string, f phonenumbers.PhoneNumberFormat) (s string, ok bool) {
	raw = strings.TrimSpace(raw)
	region := string(n)
	if region == "" {
		region = "ZZ" // no region: only numbers with a country code can be read
	}
	// Some telephone systems (sipgate) leave the + of an international number out.
	for _, try := range []string{raw, "+" + raw} {
		p, err := phonenumbers.Parse(try, region)
		if err == nil && phonenumbers.IsValidNumber(p) {
			return phonenumbers.Format(p, f), true
		}
	}
	return raw, false
}

// Hosts returns a function that reports whether host, with its port where that is not the scheme's
// own, is on the list. An entry without a port stands for every port.
func Hosts(hosts []string) func(string) bool {
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
