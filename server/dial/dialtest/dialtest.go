// Package dialtest is a server of names for tests of what a name may lead to.
package dialtest

import (
	"context"
	"encoding/binary"
	"net"
	"sync/atomic"
	"testing"
)

// Names returns a resolver that answers every name with an IPv4 address: the
// first look-up with the first of them, and so on; the last stays. "" says that
// there is no such name.
func Names(t testing.TB, addresses ...string) *net.Resolver {
	t.Helper()
	c, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	var asked atomic.Int64
	go func() {
		b := make([]byte, 1500)
		for {
			n, from, err := c.ReadFrom(b)
			if err != nil {
				return
			}
			at := int(asked.Load())
			a, counts := answer(b[:n], addresses[min(at, len(addresses)-1)])
			if counts {
				asked.Add(1)
			}
			if a != nil {
				c.WriteTo(a, from) // who is gone asks again
			}
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", c.LocalAddr().String())
	}}
}

// answer answers a question; counts is true if it asks for an IPv4 address.
func answer(q []byte, address string) (a []byte, counts bool) {
	end := 12
	for end < len(q) && q[end] != 0 {
		end += int(q[end]) + 1
	}
	if end += 5; end > len(q) {
		return nil, false
	}
	a = append([]byte{}, q[:end]...)
	a[2], a[3] = 0x84, 0 // an answer with authority
	clear(a[6:12])
	ipv4 := binary.BigEndian.Uint16(q[end-4:]) == 1
	switch {
	case address == "":
		a[3] = 3 // no such name
	case ipv4:
		a[7] = 1
		a = append(a, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4)
		a = append(a, net.ParseIP(address).To4()...)
	}
	return a, ipv4
}
