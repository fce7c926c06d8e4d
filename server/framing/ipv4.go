package framing

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// ipv4Host returns the dotted form of a host that is an IPv4 address in any of
// the ways browsers read one ("127.1", "0x7f000001"), and whether it is one. A
// host whose last label is a number is no name: it is an address or an error.
func ipv4Host(host string) (string, bool, error) {
	labels := strings.Split(strings.TrimSuffix(host, "."), ".")
	if _, ok := number(labels[len(labels)-1]); !ok {
		return host, false, nil
	}
	bad := fmt.Errorf("%q is no IPv4 address", host)
	if len(labels) > 4 {
		return "", true, bad
	}
	var address uint64
	for i, label := range labels {
		n, ok := number(label)
		most, shift := uint64(255), 8*(3-i)
		if i == len(labels)-1 { // the last one fills what is left
			most, shift = 1<<(8*(4-i))-1, 0
		}
		if !ok || n > most {
			return "", true, bad
		}
		address |= n << shift
	}
	ip := netip.AddrFrom4([4]byte{byte(address >> 24), byte(address >> 16), byte(address >> 8), byte(address)})
	return ip.String(), true, nil
}

// number reads decimal, octal (0…) and hexadecimal (0x…).
func number(s string) (uint64, bool) {
	base := 10
	switch {
	case s == "" || strings.ContainsAny(s, "_+-"):
		return 0, false
	case strings.HasPrefix(s, "0x"):
		s, base = s[2:], 16
		if s == "" {
			return 0, true
		}
	case len(s) > 1 && s[0] == '0':
		base = 8
	}
	n, err := strconv.ParseUint(s, base, 64)
	return n, err == nil
}
