package api_test

import (
	"bufio"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/crmpop/crmpop/app/wire"
	"github.com/crmpop/crmpop/server/auth"
)

// events is a stream of events that is open.
type events struct {
	*bufio.Reader
	d *door
}

// stream opens a stream of events; it is nil if the answer is no stream.
func (d *door) stream(header http.Header) (*events, int) {
	d.t.Helper()
	r, err := http.NewRequestWithContext(d.t.Context(), "GET", d.url+"/api/v1/stream?agent=ext-agent", nil)
	d.must(err)
	r.Header = header.Clone()
	r.Header.Set("Accept", "text/event-stream")
	resp, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(r)
	d.must(err)
	d.t.Cleanup(func() { resp.Body.Close() })
	if resp.StatusCode != 200 {
		return nil, resp.StatusCode
	}
	return &events{bufio.NewReader(resp.Body), d}, 200
}

// frame reads the next frame of a type, and past any other.
func (e *events) frame(typ wire.Type) wire.Frame {
	e.d.t.Helper()
	for {
		line, err := e.ReadString('\n')
		if err != nil {
			e.d.t.Fatalf("read a %s frame: %v", typ, err)
		}
		if data, ok := strings.CutPrefix(line, "data: "); ok {
			f, err := wire.Decode([]byte(data))
			e.d.must(err)
			if f.Type == typ {
				return f
			}
		}
	}
}

// ownPage is what a browser sends with what a page of ours GETs from us.
func ownPage(id string) http.Header {
	return http.Header{"Cookie": {"__Host-crmpop=" + id}, "Sec-Fetch-Site": {"same-origin"}}
}

func TestOnlyOurOwnPagesMayStream(t *testing.T) {
	d := open(t)
	id := d.session(acme, "agent")
	for _, c := range []struct {
		name         string
		origin, site string
		stream, poll int
	}{
		{"ours, as browsers GET", "", "same-origin", 200, 403},
		{"ours", d.url, "same-origin", 200, 200},
		{"an older browser of ours", d.url, "", 200, 200},
		{"evil", "https://evil.example", "cross-site", 403, 403},
		{"evil that claims to be ours", "https://evil.example", "same-origin", 403, 403},
		{"sub-domain", "", "same-site", 403, 403},
		{"typed in", "", "none", 403, 403},
		{"null", "null", "cross-site", 403, 403},
		{"nothing said", "", "", 403, 403},
	} {
		h := http.Header{"Cookie": {"__Host-crmpop=" + id}}
		if c.origin != "" {
			h.Set("Origin", c.origin)
		}
		if c.site != "" {
			h.Set("Sec-Fetch-Site", c.site)
		}
		if _, got := d.stream(h); got != c.stream {
			t.Errorf("%s: a stream = %d, want %d", c.name, got, c.stream)
		}
		if a := d.do("POST", "/api/v1/poll", "", func(r *http.Request) { r.Header = h }); a.StatusCode != c.poll {
			t.Errorf("%s: a poll = %d %s, want %d", c.name, a.StatusCode, a.body, c.poll)
		}
	}
}

func TestPopReachesTheAgentByHTTP(t *testing.T) {
	d := open(t)
	id := d.session(acme, "agent")
	mine := []func(*http.Request){cookie(id), with("Origin", d.url)}
	s, _ := d.stream(ownPage(id))
	hello := s.frame(wire.Hello)
	if hello.Agent != "agent@acme.example" || hello.Tenant != "ACME" || hello.Build != "v1" || hello.ID == "" {
		t.Errorf("hello = %+v", hello)
	}
	d.must(statusIs(d.do("POST", "/api/v1/stream/"+hello.ID, `[{"type":"resume","tab":"t1","lead":true}]`, mine...), 204))
	s.frame(wire.Snapshot)

	var polled []wire.Frame
	a := d.do("POST", "/api/v1/poll", "", mine...)
	d.must(json.Unmarshal(a.body, &polled))
	poll := polled[0].ID
	d.must(statusIs(d.do("POST", "/api/v1/stream/"+poll, `{"type":"resume","tab":"t2"}`, mine...), 204))

	d.ring(evil, "c-1", "ext-agent")
	d.ring(acme, "c-2", "ext-agent")
	want := "https://crm.example.com/find?phone=%2B4722334455"
	if pop := s.frame(wire.Pop); pop.Pop.RequestID != "c-2" || pop.Pop.URL != want {
		t.Errorf("the stream brought %+v, want acme's", pop.Pop)
	}
	seen := map[string]bool{}
	for turn := '2'; !seen["c-2"] && turn <= '9'; turn++ {
		a := d.do("GET", "/api/v1/poll/"+poll+"/"+string(turn), "", cookie(id), with("Sec-Fetch-Site", "same-origin"))
		d.must(statusIs(a, 200))
		d.must(json.Unmarshal(a.body, &polled))
		for _, f := range polled {
			if f.Pop != nil {
				seen[f.Pop.RequestID] = true
			}
			for _, p := range f.Pops { // it may have come before the snapshot
				seen[p.RequestID] = true
			}
		}
	}
	if seen["c-1"] || !seen["c-2"] {
		t.Errorf("the polls brought pops of %v, want acme's c-2 alone", seen)
	}
	if a := d.do("GET", "/api/v1/poll/"+poll+"/1", "", cookie(id), with("Sec-Fetch-Site", "same-origin")); a.StatusCode != 409 || a.kind(t) != "poll-out-of-turn" {
		t.Errorf("an old poll = %d %s, want 409", a.StatusCode, a.body)
	}
}

// Nobody else may speak or listen there: not the same agent's other sign-in, nor
// a key of the same company.
func TestStreamBelongsToItsSignIn(t *testing.T) {
	d := open(t)
	id := d.session(acme, "agent")
	s, _ := d.stream(ownPage(id))
	path := "/api/v1/stream/" + s.frame(wire.Hello).ID
	for name, who := range map[string]func(*http.Request){
		"another sign-in": cookie(d.session(acme, "agent")),
		"another company": cookie(d.session(evil, "agent")),
		"a key":           bearer(d.key(acme, auth.ScopeConnect)),
	} {
		if a := d.do("POST", path, `{"type":"resume"}`, who, with("Origin", d.url)); a.StatusCode != 404 || a.kind(t) != "no-such-stream" {
			t.Errorf("%s says something: %d %s, want 404", name, a.StatusCode, a.body)
		}
	}
	if a := d.do("POST", path, `{"type":"resume"}`, cookie(id)); a.StatusCode != 403 {
		t.Errorf("without an Origin: %d, want 403", a.StatusCode)
	}
	if a := d.do("POST", path, `{}`+strings.Repeat(" ", 257<<10), cookie(id), with("Origin", d.url)); a.StatusCode != 413 {
		t.Errorf("257 KiB at once: %d, want 413", a.StatusCode)
	}
}

func TestKeyStreamsAsTheAgentItNames(t *testing.T) {
	d := open(t)
	s, code := d.stream(http.Header{"Authorization": {"Bearer " + d.key(acme, auth.ScopeConnect)}})
	if code != 200 {
		t.Fatalf("a stream by key = %d", code)
	}
	if hello := s.frame(wire.Hello); hello.Agent != "agent@acme.example" {
		t.Errorf("hello = %+v, want the agent with that alias", hello)
	}
}

func TestSignOutEndsTheStream(t *testing.T) {
	d := open(t)
	id := d.session(acme, "agent")
	s, _ := d.stream(ownPage(id))
	s.frame(wire.Hello)
	d.do("DELETE", "/api/v1/session", "", cookie(id))
	if bye := s.frame(wire.Bye); bye.Code != wire.ByeSignOut {
		t.Errorf("bye = %+v, want code %d", bye, wire.ByeSignOut)
	}
	late, _ := d.stream(ownPage(id)) // a page is told on the stream: it sees no status
	if bye := late.frame(wire.Bye); bye.Code != wire.ByeSignOut {
		t.Errorf("bye = %+v, want code %d", bye, wire.ByeSignOut)
	}
	if a := d.do("POST", "/api/v1/poll", "", cookie(id), with("Origin", d.url)); a.StatusCode != 401 {
		t.Errorf("a poll after signing out = %d, want 401", a.StatusCode)
	}
}
