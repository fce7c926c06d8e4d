package api_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/server/api"
	"github.com/crmpop/crmpop/server/auth"
	"github.com/crmpop/crmpop/server/dispatch"
)

func event(id, request string) string {
	return `{"id":"` + id + `","type":"ringing","request":{"id":"` + request + `","channel":"voice","agent":"ext-agent","anum":"+4722334455"}}`
}

func TestEventIsTakenInOnce(t *testing.T) {
	d := open(t)
	key := bearer(d.key(acme, auth.ScopeEvents))
	first := d.do("POST", "/api/v1/events", event("evt-1", "c-1"), key)
	if got := first.json(t); first.StatusCode != 202 || got["event_id"] != "evt-1" || got["request_id"] != "c-1" ||
		got["pops"] != float64(1) || got["duplicate"] != false || got["unmapped"] != nil {
		t.Fatalf("first: %d %s", first.StatusCode, first.body)
	}
	again := d.do("POST", "/api/v1/events", event("evt-1", "c-1"), key)
	if got := again.json(t); again.StatusCode != 202 || got["duplicate"] != true {
		t.Errorf("again: %d %s, want 202 and duplicate", again.StatusCode, again.body)
	}
	trace, err := d.dir.Trace(t.Context(), acme, "c-1")
	if err != nil || len(trace.Pops) != 1 || len(trace.Events) != 1 {
		t.Errorf("the trace has %d pops and %d events, %v, want one of each", len(trace.Pops), len(trace.Events), err)
	}
}

func TestEventOfANobodyIsListed(t *testing.T) {
	d := open(t)
	a := d.do("POST", "/api/v1/events", strings.Replace(event("evt-1", "c-1"), "ext-agent", "ext-99", 1), bearer(d.key(acme, auth.ScopeEvents)))
	if got := a.json(t); a.StatusCode != 202 || got["unmapped"] != true {
		t.Fatalf("event: %d %s, want it unmapped", a.StatusCode, a.body)
	}
	list := string(d.do("GET", "/api/v1/unmapped", "", cookie(d.session(acme, "admin"))).body)
	if !strings.Contains(list, `"alias":"ext-99"`) || !strings.Contains(list, `"request_id":"c-1"`) {
		t.Errorf("unmapped = %s, want ext-99", list)
	}
	if list := string(d.do("GET", "/api/v1/unmapped", "", cookie(d.session(evil, "admin"))).body); list != "[]\n" {
		t.Errorf("unmapped of the other tenant = %s, want none", list)
	}
}

func TestOneBadItemDoesNotSinkTheOthers(t *testing.T) {
	d := open(t)
	body := "[" + event("evt-1", "c-1") + `,{"id":"evt-2","type":"rang","request":{"id":"c-2","channel":"voice","agent":"ext-agent"}},` + event("evt-3", "c-3") + "]"
	a := d.do("POST", "/api/v1/events", body, bearer(d.key(acme, auth.ScopeEvents)))
	var got []map[string]any
	if err := json.Unmarshal(a.body, &got); err != nil || a.StatusCode != 202 || len(got) != 3 {
		t.Fatalf("array: %d %s, %v, want 202 and three answers", a.StatusCode, a.body, err)
	}
	if got[0]["status"] != 202.0 || got[0]["event_id"] != "evt-1" || got[2]["status"] != 202.0 || got[2]["event_id"] != "evt-3" {
		t.Errorf("the good ones: %v, %v", got[0], got[2])
	}
	if got[1]["status"] != 400.0 || got[1]["event_id"] != "evt-2" || got[1]["pointer"] != "/1/type" || got[1]["type"] == nil {
		t.Errorf("the bad one: %v, want a problem that points at /1/type", got[1])
	}
}

// Each kind of nonsense has an answer of its own, and none is a 5xx.
func TestBadEventsAreRefusedEachInItsWay(t *testing.T) {
	d := open(t)
	key := d.key(acme, auth.ScopeEvents)
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	fmt.Fprint(z, event("evt-z", "c-z"))
	z.Close()
	many := "[" + strings.TrimSuffix(strings.Repeat("1,", 501), ",") + "]"
	seen := map[string]string{}
	for _, c := range []struct {
		name, body string
		status     int
		with       func(*http.Request)
	}{
		{"no JSON", `{"id":`, 400, nil},
		{"wrong type", `{"id":5,"type":"ringing","request":{"id":"c","channel":"voice","agent":"a"}}`, 400, nil},
		{"unknown channel", strings.Replace(event("e", "c"), "voice", "fax", 1), 400, nil},
		{"unknown trigger", strings.Replace(event("e", "c"), "ringing", "rang", 1), 400, nil},
		{"duplicate key", `{"id":"e","id":"f","type":"ringing","request":{"id":"c","channel":"voice","agent":"a"}}`, 400, nil},
		{"bad UTF-8", strings.Replace(event("e", "c"), "evt", "\xff", 1) + "\xff", 400, nil},
		{"unknown field", `{"id":"e","typ":"ringing","request":{"id":"c","channel":"voice","agent":"a"}}`, 400, nil},
		{"no agent", `{"id":"e","type":"ringing","request":{"id":"c-new","channel":"voice"}}`, 400, nil},
		{"65 KiB", strings.Replace(event("e", "c"), "+4722334455", strings.Repeat("1", 65<<10), 1), 413, nil},
		{"501 items", many, 413, nil},
		{"9 MiB", strings.Repeat(" ", 9<<20), 413, nil},
		{"gzip", zipped.String(), 415, with("Content-Encoding", "gzip")},
		{"a form", "id=1", 415, func(r *http.Request) { r.Header.Set("Content-Type", "application/x-www-form-urlencoded") }},
		{"nothing", "", 400, with("Content-Type", "application/json")},
	} {
		with := []func(*http.Request){bearer(key)}
		if c.with != nil {
			with = append(with, c.with)
		}
		a := d.do("POST", "/api/v1/events", c.body, with...)
		kind := a.kind(t)
		if a.StatusCode != c.status || kind == "" {
			t.Errorf("%s: %d %.300s, want a problem with status %d", c.name, a.StatusCode, a.body, c.status)
		}
		seen[kind+" "+fmt.Sprint(a.json(t)["pointer"])+fmt.Sprint(a.json(t)["detail"])] += c.name + ", "
	}
	for what, names := range seen {
		if strings.Count(names, ", ") > 1 {
			t.Errorf("%sare answered alike: %s", names, what)
		}
	}
	if users, err := d.dir.Unmapped(t.Context(), acme); err != nil || len(users) > 0 {
		t.Errorf("a refused event was stored: %v, %v", users, err)
	}
}

// full stands for a record that takes nothing more.
type full struct{ api.Intake }

func (full) Ingest(_ context.Context, _, _ string, items []dispatch.Item) []dispatch.Result {
	results := make([]dispatch.Result, len(items))
	for i := range results {
		results[i].Err = &screenpop.Error{Code: screenpop.CodeUnavailable, Kind: "unavailable", Msg: "the disk is full", Err: errors.New("database or disk is full")}
	}
	return results
}

func TestFullStoreAsksTheSenderToComeAgain(t *testing.T) {
	d := open(t, func(o *api.Options) { o.Intake = full{o.Intake} })
	for name, body := range map[string]string{"one": event("e", "c"), "array": "[" + event("e", "c") + "," + event("f", "c") + "]"} {
		a := d.do("POST", "/api/v1/events", body, bearer(d.key(acme, auth.ScopeEvents)))
		if a.StatusCode != 503 || a.Header.Get("Retry-After") == "" || a.kind(t) == "" {
			t.Errorf("%s: %d %s, Retry-After %q, want 503", name, a.StatusCode, a.body, a.Header.Get("Retry-After"))
		}
		if strings.Contains(string(a.body), "database") {
			t.Errorf("%s tells the sender what is for the log: %s", name, a.body)
		}
	}
	if !strings.Contains(d.log.String(), "database or disk is full") {
		t.Error("the log does not say why")
	}
	a := d.do("POST", "/in/"+d.tokens[acme], "event=newCall&callId=1&from=47&to=48&direction=in&user=ext-agent",
		func(r *http.Request) { r.Header.Set("Content-Type", "application/x-www-form-urlencoded") })
	if a.StatusCode != 503 {
		t.Errorf("by a telephone system: %d %s, want 503", a.StatusCode, a.body)
	}
}

func TestTelephoneSystemIsAnsweredInItsOwnWords(t *testing.T) {
	d := open(t)
	form := func(r *http.Request) { r.Header.Set("Content-Type", "application/x-www-form-urlencoded") }
	a := d.do("POST", "/in/"+d.tokens[acme], "event=newCall&callId=call-1&from=4722334455&to=4721898989&direction=in&user[]=ext-agent", form)
	if a.StatusCode != 200 || !strings.Contains(a.Header.Get("Content-Type"), "xml") || !strings.Contains(string(a.body), d.url+"/in/"+d.tokens[acme]) {
		t.Fatalf("newCall: %d %s, want XML that asks for the rest of the call", a.StatusCode, a.body)
	}
	var sources []map[string]any
	d.must(json.Unmarshal(d.do("GET", "/api/v1/sources", "", cookie(d.session(acme, "admin"))).body, &sources))
	paths := map[any]any{}
	for _, s := range sources {
		paths[s["dialect"]] = s["path"]
	}
	if paths["native"] != "/api/v1/events" || paths["cti"] != "/in/"+d.tokens[acme] {
		t.Errorf("sources = %v, want the paths of both", sources)
	}
	for name, path := range map[string]string{"unknown token": "/in/nothing", "no such token": "/in/" + d.tokens[acme] + "x"} {
		if a := d.do("POST", path, "event=newCall", form); a.StatusCode != 404 || a.kind(t) != "unknown-source" {
			t.Errorf("%s: %d %s, want 404", name, a.StatusCode, a.body)
		}
	}
	if a := d.do("POST", "/in/"+d.tokens[acme], "event=dance&callId=1", form); a.StatusCode != 400 || a.kind(t) == "" {
		t.Errorf("an event nobody knows: %d %s, want 400", a.StatusCode, a.body)
	}
}

func TestAdminsEventsCountUnderTheNativeSource(t *testing.T) {
	d := open(t)
	if a := d.do("POST", "/api/v1/events", event("evt-1", "c-1"), cookie(d.session(acme, "admin"))); a.StatusCode != 202 {
		t.Fatalf("event: %d %s", a.StatusCode, a.body)
	}
	trace, err := d.dir.Trace(t.Context(), acme, "c-1")
	if err != nil || trace.Events[0].Source != "native" {
		t.Errorf("source = %+v, %v, want native", trace.Events, err)
	}
}

// A sender that announces more than it may send is refused before it sends.
func TestTooLargeBodyIsRefusedUnread(t *testing.T) {
	d := open(t)
	conn, err := net.Dial("tcp", strings.TrimPrefix(d.url, "http://"))
	d.must(err)
	defer conn.Close()
	fmt.Fprintf(conn, "POST /api/v1/events HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: 99999999\r\n\r\n",
		strings.TrimPrefix(d.url, "http://"), d.key(acme, auth.ScopeEvents))
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	d.must(err)
	defer resp.Body.Close()
	if resp.StatusCode != 413 {
		t.Errorf("announced 99 MB: %d, want 413 without waiting for them", resp.StatusCode)
	}
}

// A sender that dribbles must not hold a connection, be it refused or not.
func TestDribbledBodyEnds(t *testing.T) {
	d := open(t, func(o *api.Options) { o.BodyTime = 100 * time.Millisecond })
	for name, key := range map[string]string{"with a key": d.key(acme, auth.ScopeEvents), "refused": "x"} {
		conn, err := net.Dial("tcp", strings.TrimPrefix(d.url, "http://"))
		d.must(err)
		defer conn.Close()
		fmt.Fprintf(conn, "POST /api/v1/events HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{",
			strings.TrimPrefix(d.url, "http://"), key)
		d.must(conn.SetReadDeadline(time.Now().Add(10 * time.Second)))
		if _, err := io.ReadAll(conn); err != nil {
			t.Errorf("%s: %v, want the connection closed", name, err)
		}
	}
}
