package e2e_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"github.com/crmpop/crmpop/app/wire"
)

// pc is a companion as the server sees one. The real one is tested in its own room.
type pc struct {
	t    testing.TB
	s    *server
	id   string // once paired
	ask  string // the pairing's id, before
	key  ed25519.PrivateKey
	code string
	seen string // the number that it shows
	ws   *websocket.Conn
}

// newPC has a companion ask for a code.
func newPC(t testing.TB, s *server) *pc {
	t.Helper()
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	var out struct {
		ID     string `json:"pairing_id"`
		Code   string `json:"user_code"`
		Number string `json:"number"`
	}
	c := &pc{t: t, s: s, key: private}
	c.fetch("POST", "/api/v1/companion/pair", map[string]string{"public_key": base64.RawURLEncoding.EncodeToString(public),
		"host": "PC-7", "os": "windows", "os_user": `DEMO\anna`, "version": "0.5"}, &out)
	c.ask, c.code, c.seen = out.ID, out.Code, out.Number
	return c
}

// fetch sends in as JSON and reads the answer into out.
func (c *pc) fetch(method, path string, in, out any) {
	c.t.Helper()
	body, err := json.Marshal(in)
	if err != nil {
		c.t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(c.t.Context(), method, c.s.url+path, bytes.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode/100 != 2 || json.Unmarshal(b, out) != nil {
		c.t.Fatalf("%s %s = %d %s (%v)", method, path, resp.StatusCode, b, err)
	}
}

// untilPaired waits until somebody has confirmed the code.
func (c *pc) untilPaired(agent string) {
	c.t.Helper()
	until(c.t, "the pairing to be confirmed", func() (bool, string) {
		var out struct {
			State, Agent string
			ID           string `json:"companion_id"`
		}
		c.fetch("GET", "/api/v1/companion/pair/"+c.ask, nil, &out)
		c.id = out.ID
		return out.State == "confirmed" && out.Agent == agent, fmt.Sprint(out)
	})
}

// connect connects and proves who it is.
func (c *pc) connect() {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), patience)
	defer cancel()
	ws, _, err := websocket.Dial(ctx, strings.Replace(c.s.url, "http", "ws", 1)+"/api/v1/companion/connect", nil)
	if err != nil {
		c.t.Fatalf("connect the companion: %v", err)
	}
	c.t.Cleanup(func() { ws.CloseNow() })
	c.ws = ws
	ch := c.next(wire.CompanionChallenge)
	proof := ed25519.Sign(c.key, wire.CompanionProof(ch.Nonce, c.s.url, c.id))
	c.say(wire.CompanionFrame{Type: wire.CompanionHello, ID: c.id, Signature: base64.RawURLEncoding.EncodeToString(proof), Version: "0.5"})
	c.next(wire.CompanionWelcome)
}

func (c *pc) say(f wire.CompanionFrame) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), patience)
	defer cancel()
	if err := c.ws.Write(ctx, websocket.MessageText, wire.EncodeCompanion(f)); err != nil {
		c.t.Fatalf("say %s: %v", f.Type, err)
	}
}

// next returns the next frame of a type, and reads past any other.
func (c *pc) next(typ wire.Type) wire.CompanionFrame {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), patience)
	defer cancel()
	for {
		_, b, err := c.ws.Read(ctx)
		if err != nil {
			c.t.Fatalf("wait for a %s frame: %v", typ, err)
		}
		f, err := wire.DecodeCompanion(b)
		if err != nil {
			c.t.Fatal(err)
		}
		switch f.Type {
		case typ:
			return f
		case wire.Bye:
			c.t.Fatalf("the companion is sent away: %d %s", f.Code, f.Reason)
		case wire.Ping:
			c.say(wire.CompanionFrame{Type: wire.Pong})
		}
	}
}

// ends says what became of a pop.
func (c *pc) ends(f wire.CompanionFrame) {
	c.t.Helper()
	f.Type = wire.CompanionResult
	c.say(f)
	c.next(wire.CompanionResultOK)
}
