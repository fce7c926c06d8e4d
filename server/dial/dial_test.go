package dial_test

import (
	"errors"
	"fmt"
	"net/netip"
	"testing"

	"github.com/crmpop/crmpop/server/dial"
)

// The table of S1: each is let through or not, whatever name led there.
func TestTheGuardKnowsEveryPrivateAddress(t *testing.T) {
	public := []string{"8.8.8.8", "1.1.1.1", "193.0.6.139", "2606:4700::1111"}
	private := []string{"10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1", "127.0.0.1", "127.255.0.1", "::1", "fc00::1", "fd12::1"}
	never := []string{"169.254.169.254", "169.254.170.2", "100.100.100.200", "168.63.129.16", "192.0.0.192", "fd00:ec2::254", "fd20:ce::254",
		"0.0.0.0", "198.18.0.1", "192.0.2.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "240.0.0.1", "255.255.255.255",
		"::", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "64:ff9b::7f00:1", "2002:7f00:1::", "fe80::1", "ff02::1", "2001:db8::1"}
	if n := len(private) + len(never); n < 31 {
		t.Fatalf("%d addresses are tried, want 31 at least", n)
	}
	for _, allow := range []bool{false, true} {
		for _, a := range public {
			guardSays(t, allow, a, true)
		}
		for _, a := range private {
			guardSays(t, allow, a, allow)
		}
		for _, a := range never {
			guardSays(t, allow, a, false)
		}
	}
}

func guardSays(t *testing.T, allowPrivate bool, address string, want bool) {
	t.Helper()
	ip := netip.MustParseAddr(address)
	network := "tcp4"
	if ip.Is6() {
		network = "tcp6"
	}
	var open []netip.Prefix
	if allowPrivate {
		open = dial.LocalNetworks()
	}
	err := dial.Guard(open)(network, fmt.Sprint(netip.AddrPortFrom(ip, 8443)), nil)
	if (err == nil) != want {
		t.Errorf("private %v: %s: %v, want it let through: %v", allowPrivate, address, err, want)
	}
}

func TestTheGuardOpensWhatTheOperatorNames(t *testing.T) {
	g := dial.Guard([]netip.Prefix{netip.MustParsePrefix("10.20.0.0/16"), netip.MustParsePrefix("fd00::/8"), netip.MustParsePrefix("169.254.0.0/16")})
	for address, want := range map[string]bool{"10.20.1.5:443": true, "10.21.0.1:443": false, "127.0.0.1:80": false, "8.8.8.8:443": true,
		"169.254.169.254:80": false} {
		if err := g("tcp4", address, nil); (err == nil) != want {
			t.Errorf("%s: %v", address, err)
		}
	}
	for address, want := range map[string]bool{"[fd12::1]:443": true, "[fd00:ec2::254]:80": false, "[::1]:80": false} {
		if err := g("tcp6", address, nil); (err == nil) != want {
			t.Errorf("%s: %v", address, err)
		}
	}
}

func TestTheServerIsNotLedToItself(t *testing.T) {
	g := dial.Guard(dial.LocalNetworks()).Without(netip.MustParseAddrPort("127.0.0.1:8000"), netip.MustParseAddrPort("[::]:9000"))
	for address, own := range map[string]bool{"127.0.0.1:8000": true, "127.0.0.1:8001": false, "127.0.0.1:9000": true, "127.1.2.3:9000": true, "10.0.0.1:8000": false} {
		if err := g("tcp4", address, nil); errors.Is(err, dial.ErrOwn) != own || (err == nil) == own {
			t.Errorf("%s: %v", address, err)
		}
	}
	if err := g("tcp4", "169.254.169.254:80", nil); !errors.Is(err, dial.ErrSecret) {
		t.Errorf("what is never asked: %v", err)
	}
}
