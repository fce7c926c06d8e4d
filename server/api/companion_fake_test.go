package api_test

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/wire"
	"github.com/crmpop/crmpop/server/store"
)

// pc is a companion as the server sees one: a key, and a socket on which it signs.
type pc struct {
	d   *door
	id  string
	key ed25519.PrivateKey
	ws  *websocket.Conn
}

// asking is what the server answered a companion that asks to be paired.
type asking struct{ id, code, number string }

// askToPair has a new companion ask for a code.
func (d *door) askToPair() (*pc, asking) {
	d.t.Helper()
	public, private, err := ed25519.GenerateKey(nil)
	d.must(err)
	a := d.do("POST", "/api/v1/companion/pair", `{"public_key":"`+base64.RawURLEncoding.EncodeToString(public)+`","host":"PC-7","os":"windows","os_user":"ACME\\anna","version":"0.5"}`)
	d.must(statusIs(a, 201))
	m := a.json(d.t)
	text := func(name string) string { s, _ := m[name].(string); return s }
	if m["expires_in"] != 600.0 || m["interval"] != 5.0 {
		d.t.Errorf("pair = %s", a.body)
	}
	return &pc{d: d, key: private}, asking{text("pairing_id"), text("user_code"), text("number")}
}

// code sends a code as a signed-in user.
func (d *door) code(deed, code, session string) answer {
	d.t.Helper()
	return d.do("POST", "/api/v1/companions/"+deed, `{"code":"`+code+`"}`, cookie(session))
}

// paired returns a companion that a user has paired with.
func (d *door) paired(tenant, user string) *pc {
	d.t.Helper()
	c, asks := d.askToPair()
	session := d.session(tenant, user)
	d.must(statusIs(d.code("code", asks.code, session), 200))
	d.must(statusIs(d.code("confirm", asks.code, session), 201))
	c.id = d.pairing(asks)["companion_id"].(string)
	return c
}

// pairing returns how a pairing stands.
func (d *door) pairing(asks asking) map[string]any {
	d.t.Helper()
	a := d.do("GET", "/api/v1/companion/pair/"+asks.id, "")
	d.must(statusIs(a, 200))
	return a.json(d.t)
}

// open connects the companion up to the challenge.
func (c *pc) open() wire.CompanionFrame {
	c.d.t.Helper()
	ws, _, err := c.d.dial("/api/v1/companion/connect", nil)
	c.d.must(err)
	c.ws = ws
	f := c.next()
	if f.Type != wire.CompanionChallenge {
		c.d.t.Fatalf("first came %+v, want a challenge", f)
	}
	return f
}

// prove answers a challenge with a key and an id.
func (c *pc) prove(key ed25519.PrivateKey, id, nonce, server string) wire.CompanionFrame {
	c.d.t.Helper()
	proof := ed25519.Sign(key, wire.CompanionProof(nonce, server, id))
	c.say(wire.CompanionFrame{Type: wire.CompanionHello, ID: id, Signature: base64.RawURLEncoding.EncodeToString(proof), Version: "0.6"})
	return c.next()
}

// connect connects the companion and returns its welcome.
func (c *pc) connect() wire.CompanionFrame {
	c.d.t.Helper()
	ch := c.open()
	f := c.prove(c.key, c.id, ch.Nonce, ch.Server)
	if f.Type != wire.CompanionWelcome {
		c.d.t.Fatalf("the proof was answered with %+v, want a welcome", f)
	}
	return f
}

func (c *pc) say(f wire.CompanionFrame) {
	c.d.t.Helper()
	ctx, cancel := context.WithTimeout(c.d.t.Context(), 10*time.Second)
	defer cancel()
	c.d.must(c.ws.Write(ctx, websocket.MessageText, wire.EncodeCompanion(f)))
}

// next returns the next frame that is no ping.
func (c *pc) next() wire.CompanionFrame {
	c.d.t.Helper()
	ctx, cancel := context.WithTimeout(c.d.t.Context(), 10*time.Second)
	defer cancel()
	for {
		_, b, err := c.ws.Read(ctx)
		if err != nil {
			c.d.t.Fatalf("the companion's socket: %v", err)
		}
		f, err := wire.DecodeCompanion(b)
		c.d.must(err)
		if f.Type != wire.Ping {
			return f
		}
	}
}

// answers says what became of a pop, and waits until the server has it.
func (c *pc) answers(f wire.CompanionFrame) {
	c.d.t.Helper()
	f.Type = wire.CompanionResult
	c.say(f)
	if ok := c.next(); ok.Type != wire.CompanionResultOK || ok.PopID != f.PopID {
		c.d.t.Fatalf("a result was answered with %+v", ok)
	}
}

// workspace opens a user's workspace, that leads, and returns its socket.
func (d *door) workspace(tenant, user string) *websocket.Conn {
	d.t.Helper()
	c, _, err := d.dial("/api/v1/connect", own(d, d.session(tenant, user)))
	d.must(err)
	d.frame(c, wire.Hello)
	d.send(c, wire.Frame{Type: wire.Resume, Tab: "tab-" + user, Lead: true})
	d.frame(c, wire.Snapshot)
	return c
}

const commandDocument = `<screenpopup>
  <command id="dde" on="ringing" name="ddesend">anum={anum}&amp;queue_key={queue_key}</command>
  <clipboard id="copy" on="ringing">{anum}</clipboard>
</screenpopup>`

// commands publishes a command and a text for a tenant.
func (d *door) commands(tenant string) {
	d.t.Helper()
	a := d.do("PUT", "/api/v1/screenpopup/tenant/"+tenant, commandDocument, cookie(d.session(tenant, "owner")),
		func(r *http.Request) { r.Header.Set("Content-Type", "application/xml") })
	d.must(statusIs(a, 200))
}

// popped returns the pop of a popup in a request's trace.
func (d *door) popped(tenant, request, popup string) screenpop.Pop {
	d.t.Helper()
	trace, err := d.dir.Trace(d.t.Context(), tenant, request)
	d.must(err)
	for _, p := range trace.Pops {
		if p.PopupID == "tenant:"+popup {
			return p
		}
	}
	d.t.Fatalf("request %s has no pop of %s", request, popup)
	return screenpop.Pop{}
}

// ends waits until a pop has come to a state, and returns it.
func (d *door) ends(tenant, request, popup string, want screenpop.PopState) screenpop.Pop {
	d.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; {
		p := d.popped(tenant, request, popup)
		if p.State == want {
			return p
		}
		if time.Now().After(deadline) {
			d.t.Fatalf("pop %s of %s is %s %q, want %s", popup, request, p.State, p.Detail, want)
		}
		select {
		case <-d.t.Context().Done():
			d.t.FailNow()
		case <-time.After(10 * time.Millisecond): // between two looks
		}
	}
}

// listed returns the companions that a user sees.
func (d *door) listed(tenant, user, query string) (hosts []string) {
	d.t.Helper()
	a := d.do("GET", "/api/v1/companions"+query, "", cookie(d.session(tenant, user)))
	d.must(statusIs(a, 200))
	for _, line := range strings.Split(string(a.body), `"id":"`)[1:] {
		id, _, _ := strings.Cut(line, `"`)
		hosts = append(hosts, id)
	}
	return hosts
}

// audited reports whether the audit has an action of somebody.
func (d *door) audited(t *testing.T, tenant, actor, action string) bool {
	t.Helper()
	entries, _, err := d.dir.Audit(t.Context(), tenant, store.AuditFilter{Words: action})
	d.must(err)
	for _, e := range entries {
		if e.Actor == actor && e.Action == action {
			return true
		}
	}
	return false
}
