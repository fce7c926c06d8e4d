package api_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/crmpop/crmpop/app/wire"
	"github.com/crmpop/crmpop/server/auth"
)

// dial opens a socket; err is the handshake's.
func (d *door) dial(path string, header http.Header) (*websocket.Conn, *http.Response, error) {
	d.t.Helper()
	ctx, cancel := context.WithTimeout(d.t.Context(), 10*time.Second)
	defer cancel()
	c, resp, err := websocket.Dial(ctx, d.url+path, &websocket.DialOptions{HTTPHeader: header})
	if err == nil {
		d.t.Cleanup(func() { c.CloseNow() })
	}
	return c, resp, err
}

// frame reads the next frame of a type, and past any other.
func (d *door) frame(c *websocket.Conn, typ wire.Type) wire.Frame {
	d.t.Helper()
	ctx, cancel := context.WithTimeout(d.t.Context(), 10*time.Second)
	defer cancel()
	for {
		_, b, err := c.Read(ctx)
		if err != nil {
			d.t.Fatalf("read a %s frame: %v", typ, err)
		}
		f, err := wire.Decode(b)
		d.must(err)
		if f.Type == typ {
			return f
		}
	}
}

func (d *door) send(c *websocket.Conn, f wire.Frame) {
	d.t.Helper()
	ctx, cancel := context.WithTimeout(d.t.Context(), 10*time.Second)
	defer cancel()
	d.must(c.Write(ctx, websocket.MessageText, wire.Encode(f)))
}

func own(d *door, id string) http.Header {
	return http.Header{"Cookie": {"__Host-crmpop=" + id}, "Origin": {d.url}}
}

// Cookies go with a WebSocket whoever opens it; no same-origin rule holds.
func TestOnlyOurOwnPagesMayConnect(t *testing.T) {
	d := open(t)
	id := d.session(acme, "agent")
	host := strings.TrimPrefix(d.url, "http://")
	for _, c := range []struct {
		name   string
		origin []string
		want   int
	}{
		{"ours", []string{d.url}, 101},
		{"evil", []string{"https://evil.example"}, 403},
		{"null", []string{"null"}, 403},
		{"absent", nil, 403},
		{"https for http", []string{"https://" + host}, 403},
		{"other port", []string{"http://127.0.0.1:1"}, 403},
		{"sub-domain", []string{"http://x." + host}, 403},
		{"the other name of this machine", []string{strings.Replace(d.url, "127.0.0.1", "localhost", 1)}, 403},
		{"twice", []string{d.url, "https://evil.example"}, 403},
	} {
		_, resp, err := d.dial("/api/v1/connect", http.Header{"Cookie": {"__Host-crmpop=" + id}, "Origin": c.origin})
		if resp == nil || resp.StatusCode != c.want {
			t.Errorf("%s: Origin %q: %v, %v, want %d", c.name, c.origin, resp, err, c.want)
		}
	}
}

func TestPopReachesTheAgentsSocket(t *testing.T) {
	d := open(t)
	c, _, err := d.dial("/api/v1/connect", own(d, d.session(acme, "agent")))
	d.must(err)
	hello := d.frame(c, wire.Hello)
	if hello.Agent != "agent@acme.example" || hello.Tenant != "ACME" || hello.Build != "v1" {
		t.Errorf("hello = %+v", hello)
	}
	d.send(c, wire.Frame{Type: wire.Resume, Tab: "t1", Lead: true})
	d.frame(c, wire.Snapshot)
	d.ring(evil, "c-1", "ext-agent")
	d.ring(acme, "c-2", "ext-agent")
	pop := d.frame(c, wire.Pop)
	if pop.Pop.RequestID != "c-2" || pop.Pop.URL != "https://crm.example.com/find?phone=%2B4722334455" {
		t.Errorf("pop = %+v, want acme's", pop.Pop)
	}
}

func TestKeyConnectsAsTheAgentItNames(t *testing.T) {
	d := open(t)
	key := http.Header{"Authorization": {"Bearer " + d.key(acme, auth.ScopeConnect)}}
	c, _, err := d.dial("/api/v1/connect?agent=EXT-agent", key)
	d.must(err)
	if hello := d.frame(c, wire.Hello); hello.Agent != "agent@acme.example" {
		t.Errorf("hello = %+v, want the agent with that alias", hello)
	}
	for path, want := range map[string]int{"/api/v1/connect": 400, "/api/v1/connect?agent=nobody": 404, "/api/v1/connect?agent=agent@evil.example": 404} {
		if _, resp, err := d.dial(path, key); resp == nil || resp.StatusCode != want {
			t.Errorf("%s: %v, %v, want %d", path, resp, err, want)
		}
	}
}

// A browser tells its page nothing about a refused handshake, so the page is
// told on the socket.
func TestPageWithoutASessionIsToldOnTheSocket(t *testing.T) {
	d := open(t)
	c, _, err := d.dial("/api/v1/connect", own(d, strings.Repeat("A", 43)))
	d.must(err)
	if bye := d.frame(c, wire.Bye); bye.Code != wire.ByeSignOut {
		t.Errorf("bye = %+v, want code %d", bye, wire.ByeSignOut)
	}
	for name, header := range map[string]http.Header{
		"nobody":             {},
		"a foreign page":     {"Origin": {"https://evil.example"}},
		"a key that is none": {"Authorization": {"Bearer x"}, "Origin": {d.url}},
	} {
		if _, resp, err := d.dial("/api/v1/connect", header); resp == nil || resp.StatusCode != 401 {
			t.Errorf("%s: %v, %v, want 401", name, resp, err)
		}
	}
}

func TestSignOutClosesTheSockets(t *testing.T) {
	d := open(t)
	mine, other := d.session(acme, "agent"), d.session(acme, "agent")
	c, _, err := d.dial("/api/v1/connect", own(d, mine))
	d.must(err)
	stays, _, err := d.dial("/api/v1/connect", own(d, other))
	d.must(err)
	d.frame(c, wire.Hello)
	d.frame(stays, wire.Hello)
	d.send(c, wire.Frame{Type: wire.Resume})
	d.send(stays, wire.Frame{Type: wire.Resume})
	d.do("DELETE", "/api/v1/session", "", cookie(mine))
	if bye := d.frame(c, wire.Bye); bye.Code != wire.ByeSignOut {
		t.Errorf("bye = %+v, want code %d", bye, wire.ByeSignOut)
	}
	d.ring(acme, "c-1", "ext-agent")
	d.frame(stays, wire.Pop)
}

func TestSocketEndsWithItsSession(t *testing.T) {
	d := open(t)
	id := d.session(acme, "agent")
	d.clock.advance(11 * time.Hour)
	d.do("GET", "/api/v1/session", "", cookie(id))
	d.clock.advance(11 * time.Hour)
	d.do("GET", "/api/v1/session", "", cookie(id))
	d.clock.advance(2*time.Hour - 500*time.Millisecond)
	c, _, err := d.dial("/api/v1/connect", own(d, id))
	d.must(err)
	d.frame(c, wire.Hello)
	d.send(c, wire.Frame{Type: wire.Resume})
	if bye := d.frame(c, wire.Bye); bye.Code != wire.ByeSignOut {
		t.Errorf("bye = %+v, want code %d once the session is 24 h old", bye, wire.ByeSignOut)
	}
}
