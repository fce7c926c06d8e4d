package auth_test

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/crmpop/crmpop/server/auth"
)

type clock struct{ t time.Time }

func (c *clock) now() time.Time          { return c.t }
func (c *clock) advance(d time.Duration) { c.t = c.t.Add(d) }

func newLimits() (*auth.Limits, *clock) {
	c := &clock{t: time.Unix(1_800_000_000, 0)}
	return auth.NewLimits(c.now), c
}

func addr(i int) netip.Addr { return netip.AddrFrom4([4]byte{192, 0, byte(i >> 8), byte(i)}) }

func TestSixthTryOfAnAccountWaits(t *testing.T) {
	l, c := newLimits()
	for i := range 5 {
		if wait, ok := l.Take("anna@acme.example", addr(i)); !ok {
			t.Fatalf("try %d: refused for %v", i+1, wait)
		}
	}
	wait, ok := l.Take("Anna@Acme.example ", addr(9))
	if ok || wait <= 0 || wait%time.Second != 0 {
		t.Fatalf("sixth try, written otherwise, from elsewhere = %v, %v, want a wait in whole seconds", wait, ok)
	}
	if _, ok := l.Take("ola@acme.example", addr(9)); !ok {
		t.Error("another account is refused too")
	}
	c.advance(wait)
	if wait, ok := l.Take("anna@acme.example", addr(9)); !ok {
		t.Errorf("after the wait: refused for another %v", wait)
	}
}

func TestWaitsGrow(t *testing.T) {
	l, c := newLimits()
	var waits []time.Duration
	for i := 0; len(waits) < 6 && i < 100; i++ {
		wait, ok := l.Take("anna@acme.example", addr(i))
		if !ok {
			waits = append(waits, wait)
			c.advance(wait)
		}
	}
	for i := 1; i < len(waits); i++ {
		if waits[i] < waits[i-1] || waits[i] > 15*time.Minute {
			t.Fatalf("waits %v, want them to grow to 15 minutes at most", waits)
		}
	}
	if waits[len(waits)-1] < 4*waits[0] {
		t.Errorf("waits %v hardly grow", waits)
	}
}

func TestRefusedTriesDoNotProlongTheWait(t *testing.T) {
	l, c := newLimits()
	for range 5 {
		l.Take("anna@acme.example", addr(1))
	}
	first, _ := l.Take("anna@acme.example", addr(1))
	for range 50 {
		l.Take("anna@acme.example", addr(1))
	}
	c.advance(first)
	if wait, ok := l.Take("anna@acme.example", addr(1)); !ok {
		t.Errorf("the wait of %v was prolonged by %v", first, wait)
	}
}

func TestSuccessForgives(t *testing.T) {
	l, _ := newLimits()
	for i := range 500 {
		if wait, ok := l.Take("anna@acme.example", addr(1)); !ok {
			t.Fatalf("sign-in %d with the right password is refused for %v", i+1, wait)
		}
		l.Pass("anna@acme.example", addr(1))
	}
}

func TestAddressIsLimitedOverAllAccounts(t *testing.T) {
	for _, c := range []struct {
		name string
		addr func(i int) netip.Addr
		want bool // limited
	}{
		{"one IPv4", func(int) netip.Addr { return addr(1) }, true},
		{"the same IPv4, mapped", func(i int) netip.Addr {
			if i%2 == 0 {
				return addr(1)
			}
			return netip.MustParseAddr("::ffff:192.0.0.1")
		}, true},
		{"one IPv6 /64", func(i int) netip.Addr { return netip.MustParseAddr(fmt.Sprintf("2001:db8::%x", i+1)) }, true},
		{"many IPv6 /64", func(i int) netip.Addr { return netip.MustParseAddr(fmt.Sprintf("2001:db8:0:%x::1", i)) }, false},
		{"many IPv4", addr, false},
	} {
		l, _ := newLimits()
		limited := false
		for i := range 40 {
			if _, ok := l.Take(fmt.Sprintf("user%d@acme.example", i), c.addr(i)); !ok {
				limited = true
			}
		}
		if limited != c.want {
			t.Errorf("%s: 40 tries limited = %v, want %v", c.name, limited, c.want)
		}
	}
}

func TestLimitsDoNotGrowWithoutEnd(t *testing.T) {
	l, _ := newLimits()
	for i := range 120_000 { // more than it keeps
		l.Take(fmt.Sprintf("user%d@acme.example", i), netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}))
	}
	if n := auth.Buckets(l); n > 200_000 {
		t.Errorf("%d buckets are kept, want at most 200000", n)
	}
}
