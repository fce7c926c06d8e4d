package framing

import (
	"net/netip"
	"net/url"
	"syscall"
)

// Guard is the check of addresses, for tests: it cannot be seen from outside
// without dialling strangers.
func Guard(allowPrivate bool) func(network, address string, c syscall.RawConn) error {
	if allowPrivate {
		return guard(localNetworks)
	}
	return guard(nil)
}

// GuardOpen is the check with networks that an operator has opened.
func GuardOpen(open ...string) func(network, address string, c syscall.RawConn) error {
	all := make([]netip.Prefix, len(open))
	for i, p := range open {
		all[i] = netip.MustParsePrefix(p)
	}
	return guard(all)
}

// PrivateFault is what is said of a host whose address the guard keeps closed.
func PrivateFault(host string) string {
	reason, _ := fault(&url.URL{Host: host}, errNoAddress)
	return reason
}
