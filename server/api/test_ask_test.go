package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/crmpop/crmpop/app/wire"
	"github.com/crmpop/crmpop/server/store"
)

// sits returns the socket of somebody's open workspace.
func (d *door) sits(tenant, user string) *websocket.Conn {
	d.t.Helper()
	c, _, err := d.dial("/api/v1/connect", own(d, d.session(tenant, user)))
	d.must(err)
	d.send(c, wire.Frame{Type: wire.Resume, Tab: user, Lead: true})
	d.frame(c, wire.Ping)
	return c
}

// sender sends requests as somebody.
type sender = func(method, path, body string, more ...func(*http.Request)) answer

const aCall = `"state":{"level":"tenant","id":"acme","channel":"voice","trigger":"ringing","request":{"anum":"+4722334455"}}`

// asks has the admin ask and returns the ask's path.
func (d *door) asks(send sender, body string) string {
	d.t.Helper()
	id, _ := d.is(send("POST", "/api/v1/tests/pop", body), 202, "").json(d.t)["ask_id"].(string)
	if id == "" {
		d.t.Fatalf("%s: no ask_id", body)
	}
	return "/api/v1/tests/asks/" + id
}

// ended waits until an ask is no longer waiting.
func (d *door) ended(send sender, path string) map[string]any {
	d.t.Helper()
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); {
		if m := d.is(send("GET", path, ""), 200, "").json(d.t); m["state"] != "waiting" {
			return m
		}
	}
	d.t.Fatalf("%s still waits", path)
	return nil
}

func (d *door) head(user string) int64 {
	d.t.Helper()
	_, head, err := d.dir.Head(d.t.Context(), wire.AgentKey{Tenant: acme, ID: user})
	d.must(err)
	return head
}

func TestATestPopsWithAnotherAgentOnceTheAgentAccepts(t *testing.T) {
	d := open(t)
	send := d.admin(acme)
	agent, other := d.sits(acme, "agent"), d.sits(acme, "agent")
	path := d.asks(send, `{"agent_id":"agent",`+aCall+`}`)
	ask := d.frame(agent, wire.Ask)
	if ask.By != "admin" || ask.Detail != "a voice request that rings, from +4722334455, with what is published" || ask.AfterMS < 50_000 || ask.AfterMS > 60_000 {
		t.Errorf("ask: %+v", ask)
	}
	d.frame(other, wire.Ask)
	waits := send("GET", path, "").json(t)
	if left, _ := waits["after_ms"].(float64); waits["state"] != "waiting" || left < 50_000 || left > 60_000 || d.head("agent") != 0 {
		t.Errorf("before the answer: %v, head %d", waits, d.head("agent"))
	}
	d.send(agent, wire.Frame{Type: wire.Answer, ID: ask.ID, OK: true})
	if over := d.frame(other, wire.Ask); over.AfterMS != 0 || over.ID != ask.ID {
		t.Errorf("the other tab was told %+v, want that it is over", over)
	}
	pop := d.frame(agent, wire.Pop)
	end := d.ended(send, path)
	if end["state"] != "accepted" || end["request_id"] != pop.Pop.RequestID || pop.Pop.URL != "https://crm.example.com/find?phone=%2B4722334455" {
		t.Errorf("ended as %v with pop %+v", end, pop.Pop)
	}
	request := d.is(send("GET", "/api/v1/requests/"+pop.Pop.RequestID, ""), 200, "").json(t)
	if request["test"] != true || request["agent_id"] != "agent" {
		t.Errorf("the request: %v, want a marked one of the agent", request)
	}
	if d.head("admin") != 0 {
		t.Error("it popped with the admin, too")
	}
	for _, want := range []string{`"action":"test.ask","object":"agent agent@acme.example"`, `which agent@acme.example has accepted`} {
		if a := send("GET", "/api/v1/audit?q=test.", ""); !strings.Contains(string(a.body), want) {
			t.Errorf("audit: %s, want %s", a.body, want)
		}
	}
}

func TestADeclinedAskPopsNothingAndSpendsNoLink(t *testing.T) {
	d := open(t)
	send, owner := d.admin(acme), func(method, path, body string, _ ...func(*http.Request)) answer {
		return d.do(method, path, body, cookie(d.session(acme, "owner")))
	}
	token := d.testLink(acme)
	agent, other := d.sits(acme, "agent"), d.sits(acme, "other")
	path := d.asks(send, `{"token":"`+token+`","agent_id":"agent"}`)
	// One token, two admins: the second gets the conflict.
	d.is(owner("POST", "/api/v1/tests/pop", `{"token":"`+token+`","agent_id":"other"}`), 409, "already-asked")
	d.send(agent, wire.Frame{Type: wire.Answer, ID: d.frame(agent, wire.Ask).ID})
	if end := d.ended(send, path); end["state"] != "declined" || d.head("agent") != 0 {
		t.Errorf("ended as %v, head %d", end, d.head("agent"))
	}
	if a := send("GET", "/api/v1/audit?q=test.decline", ""); !strings.Contains(string(a.body), `"actor":"agent@acme.example"`) {
		t.Errorf("audit: %s, want who declined", a.body)
	}
	path = d.asks(owner, `{"token":"`+token+`","agent_id":"other"}`)
	d.send(other, wire.Frame{Type: wire.Answer, ID: d.frame(other, wire.Ask).ID, OK: true})
	if end := d.ended(owner, path); end["state"] != "accepted" {
		t.Errorf("ended as %v, want accepted", end)
	}
	d.is(send("POST", "/api/v1/tests/pop", `{"token":"`+token+`","agent_id":"agent"}`), 409, "link-spent")
	d.is(send("POST", "/api/v1/tests/pop", `{"token":"`+token+`"}`), 409, "link-spent")
}

func TestALinkThatPopsWhileItAsksPopsOnce(t *testing.T) {
	d := open(t)
	send, token := d.admin(acme), d.testLink(acme)
	agent := d.sits(acme, "agent")
	path := d.asks(send, `{"token":"`+token+`","agent_id":"agent"}`)
	d.is(send("POST", "/api/v1/tests/pop", `{"token":"`+token+`"}`), 202, "")
	d.send(agent, wire.Frame{Type: wire.Answer, ID: d.frame(agent, wire.Ask).ID, OK: true})
	end := d.ended(send, path)
	if reason, _ := end["reason"].(string); end["state"] != "failed" || !strings.Contains(reason, "popped already") || d.head("agent") != 0 {
		t.Errorf("ended as %v, head %d; want a failed one that says why", end, d.head("agent"))
	}
	d.frame(agent, wire.Ask)
	if over := d.frame(agent, wire.Ask); !strings.Contains(over.Reason, "popped already") {
		t.Errorf("the agent was told %+v, want why nothing popped", over)
	}
}

func TestAskIsForWhoAskedAlone(t *testing.T) {
	d := open(t)
	send := d.admin(acme)
	agent, stranger := d.sits(acme, "agent"), d.sits(evil, "agent")
	path := d.asks(send, `{"agent_id":"agent",`+aCall+`}`)
	ask := d.frame(agent, wire.Ask)
	d.is(d.admin(evil)("GET", path, ""), 404, "ask-gone")
	d.is(d.do("GET", path, "", cookie(d.session(acme, "owner"))), 404, "ask-gone")
	d.is(d.do("DELETE", path, "", cookie(d.session(acme, "owner"))), 404, "ask-gone")
	d.is(d.admin(evil)("POST", "/api/v1/tests/pop", `{"agent_id":"only-acme",`+aCall+`}`), 404, "not-found")
	d.send(stranger, wire.Frame{Type: wire.Answer, ID: ask.ID, OK: true})
	d.frame(stranger, wire.Ask) // it is over, for all it can know
	if m := send("GET", path, "").json(t); m["state"] != "waiting" {
		t.Errorf("another tenant's agent answered: %v", m)
	}
	d.is(send("POST", "/api/v1/tests/pop", `{"agent_id":"agent",`+aCall+`}`), 409, "already-asked")
	if m := d.is(send("DELETE", path, ""), 200, "").json(t); m["state"] != "withdrawn" {
		t.Errorf("withdrawn: %v", m)
	}
	if over := d.frame(agent, wire.Ask); over.AfterMS != 0 {
		t.Errorf("the agent was told %+v, want that it is over", over)
	}
	d.send(agent, wire.Frame{Type: wire.Answer, ID: ask.ID, OK: true})
	d.frame(agent, wire.Ask)
	if d.head("agent") != 0 {
		t.Error("a withdrawn ask popped")
	}
	d.clock.advance(12 * time.Minute)
	d.asks(send, `{"agent_id":"agent",`+aCall+`}`)
	d.is(send("GET", path, ""), 404, "ask-gone")
}

func TestAgentWhoIsAwayIsNotAsked(t *testing.T) {
	d := open(t)
	send := d.admin(acme)
	a := d.is(send("POST", "/api/v1/tests/pop", `{"agent_id":"agent",`+aCall+`}`), 409, "agent-away")
	if !strings.Contains(string(a.body), "agent has no workspace open") {
		t.Errorf("%s, want words for people", a.body)
	}
	if a := send("GET", "/api/v1/audit?q=test.ask", ""); strings.Contains(string(a.body), "test.ask") {
		t.Errorf("audit: %s, want no ask", a.body)
	}
	d.is(send("POST", "/api/v1/tests/pop", `{"agent_id":"nobody",`+aCall+`}`), 404, "not-found")
	token := d.testLink(acme)
	d.is(send("POST", "/api/v1/tests/pop", `{"token":"`+token+`","agent_id":"agent"}`), 409, "agent-away")
	d.is(send("POST", "/api/v1/tests/pop", `{"token":"`+token+`"}`), 202, "") // not spent in vain
}

func TestWhoIsNoAdminAnyMorePopsNothing(t *testing.T) {
	d := open(t)
	send := d.admin(acme)
	agent := d.sits(acme, "agent")
	path := d.asks(send, `{"agent_id":"agent",`+aCall+`}`)
	u, err := d.dir.User(t.Context(), acme, "admin")
	d.must(err)
	u.Role = store.AgentRole
	d.must(d.dir.PutUser(t.Context(), u))
	d.send(agent, wire.Frame{Type: wire.Answer, ID: d.frame(agent, wire.Ask).ID, OK: true})
	d.frame(agent, wire.Ask)
	if over := d.frame(agent, wire.Ask); !strings.Contains(over.Reason, "may not pop tests any more") || d.head("agent") != 0 {
		t.Errorf("the agent was told %+v, head %d", over, d.head("agent"))
	}
	d.is(send("GET", path, ""), 403, "role-missing")
}

func TestAnAskSaysWhatWouldPop(t *testing.T) {
	d := open(t)
	send := d.admin(acme)
	d.ring(acme, "c-1", "ext-agent")
	agent, other := d.sits(acme, "agent"), d.sits(acme, "other")
	for _, c := range []struct{ name, who, state, want string }{
		{"a revision", "agent", `{"level":"tenant","id":"acme","revision":1,"channel":"chat","trigger":"accepted","request":{"name":"Kari"}}`,
			"a chat request that is accepted, from Kari, with revision 1 of ACME"},
		{"a draft", "agent", `{"level":"group","id":"sales","document":"<screenpopup></screenpopup>","channel":"email","trigger":"offered","request":{}}`,
			"an e-mail request that is offered, with an unpublished text of Sales"},
		{"somebody else's", "other", `{"level":"user","id":"agent","channel":"social","trigger":"assigned","request":{"anum":"@k\u202eari\n"}}`,
			"a social request that is assigned, from @kari, with what is published for agent"},
		{"a past call of the agent", "agent", `{"request_id":"c-1","event_id":"evt-c-1ext-agent","request":{}}`,
			"a voice request that rings, from +4722334455, with what is published"},
		{"a past call of another agent", "other", `{"request_id":"c-1","event_id":"evt-c-1ext-agent","request":{}}`,
			"a voice request that rings, from a caller of another agent, with what is published"},
	} {
		path := d.asks(send, `{"agent_id":"`+c.who+`","state":`+c.state+`}`)
		socket := map[string]*websocket.Conn{"agent": agent, "other": other}[c.who]
		if got := d.frame(socket, wire.Ask).Detail; got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
		d.is(send("DELETE", path, ""), 200, "")
		d.frame(socket, wire.Ask)
	}
}
