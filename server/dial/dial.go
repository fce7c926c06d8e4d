// Package dial guards the connections that the server makes because of somebody
// else's words: whatever name they give, the address is checked when it is
// dialled, so that none leads into a network that is not open.
package dial

import (
	"errors"
	"fmt"
	"net/netip"
	"syscall"

	"code.dny.dev/ssrf"
)

// Why the guard lets a connection not be made.
var (
	ErrPrivate = errors.New("this address is not public, and its network has not been opened")
	ErrSecret  = errors.New("gives away the secrets of a cloud machine and is never asked")
	ErrOwn     = errors.New("is this server itself and is never asked")
)

// Control is what net.Dialer calls before it connects.
type Control func(network, address string, c syscall.RawConn) error

// Guard returns the check of an address that is about to be dialled. Besides
// public ones those in the open networks pass.
func Guard(open []netip.Prefix) Control {
	var v4, v6 []netip.Prefix
	for _, p := range open {
		if p.Addr().Is4() {
			v4 = append(v4, p)
		} else {
			v6 = append(v6, p)
		}
	}
	guardian := ssrf.New(ssrf.WithAnyPort(), ssrf.WithAllowedV4Prefixes(v4...), ssrf.WithAllowedV6Prefixes(v6...))
	return func(network, address string, c syscall.RawConn) error {
		at, err := netip.ParseAddrPort(address)
		if err != nil {
			return fmt.Errorf("address %q: %w", address, err)
		}
		for _, p := range metadata {
			if p.Contains(at.Addr().Unmap()) {
				return fmt.Errorf("%s %w", at.Addr(), ErrSecret)
			}
		}
		if err := guardian.Safe(network, address, c); err != nil {
			return fmt.Errorf("%s: %w (%w)", at.Addr(), ErrPrivate, err)
		}
		return nil
	}
}

// Without returns the check that also keeps the server from asking itself: on the
// own addresses, and for one that stands for all of the machine's on its port
// wherever that is the machine.
func (g Control) Without(own ...netip.AddrPort) Control {
	return func(network, address string, c syscall.RawConn) error {
		if err := g(network, address, c); err != nil {
			return err
		}
		at, err := netip.ParseAddrPort(address)
		if err != nil {
			return fmt.Errorf("address %q: %w", address, err)
		}
		ip := at.Addr().Unmap()
		for _, o := range own {
			mine := o.Addr().Unmap()
			if o.Port() == at.Port() && (mine == ip || ip.IsLoopback() && mine.IsUnspecified()) {
				return fmt.Errorf("%s %w", at, ErrOwn)
			}
		}
		return nil
	}
}

// LocalNetworks returns those of this computer and around it.
func LocalNetworks() []netip.Prefix {
	return prefixes("10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fc00::/7")
}

// metadata are the addresses at which clouds hand secrets to their machines.
var metadata = prefixes("169.254.0.0/16", "100.100.100.200/32", "168.63.129.16/32", "192.0.0.192/32", "fd00:ec2::254/128", "fd20:ce::254/128")

func prefixes(all ...string) []netip.Prefix {
	out := make([]netip.Prefix, len(all))
	for i, p := range all {
		out[i] = netip.MustParsePrefix(p)
	}
	return out
}
