package api_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/wire"
	"github.com/crmpop/crmpop/server/store"
)

// explanation is as much of an answer as tests look at.
type explanation struct {
	Popups []screenpop.Explanation
	Diff   *struct {
		Did, Would []struct{ PopupID, Title, Result, State string }
	}
}

const drafted = `<screenpopup><url id=\"a\" on=\"ringing\" queue=\"vip*\" target=\"request\" title=\"{name|default:nobody}\">https://crm.example.com/?q={anum|e164}</url><url id=\"b\" on=\"ringing\" target=\"request\">https://crm.example.com/all</url></screenpopup>`

func TestATestExplainsEachPopup(t *testing.T) {
	d := open(t)
	send := d.admin(acme)
	body := `{"level":"tenant","id":"acme","document":"` + drafted + `","agent_id":"agent","channel":"voice","trigger":"ringing","request":{"anum":"22 33 44 55","queue_key":"sales"}}`
	got := read[explanation](d, d.is(send("POST", "/api/v1/tests", body), 200, ""))
	if len(got.Popups) != 2 || got.Popups[0].Matched || !got.Popups[1].Matched || got.Diff != nil {
		t.Fatalf("explained: %+v", got)
	}
	a := got.Popups[0]
	if !strings.Contains(a.Why, `queue is "vip*"`) || a.Title != "nobody" {
		t.Errorf("popup a: why %q, title %q", a.Why, a.Title)
	}
	url := a.Expansions[slices.IndexFunc(a.Expansions, func(x screenpop.Expansion) bool { return x.Of == "url" })]
	if url.Result != "https://crm.example.com/?q=%2B4722334455" || !slices.Contains(url.Parts, screenpop.Piece{Text: "%2B4722334455", Variable: "anum"}) {
		t.Errorf("popup a: %+v, want the number escaped and marked", url)
	}
	if found, _, err := d.dir.Search(t.Context(), acme, store.RequestFilter{}); err != nil || len(found) != 0 {
		t.Errorf("a test made requests: %v, %v", found, err)
	}
}

func TestATestOnAPastEventSaysWhatDidAndWhatWould(t *testing.T) {
	d := open(t)
	send := d.admin(acme)
	d.ring(acme, "c-1", "ext-agent")
	body := `{"level":"tenant","id":"acme","document":"` + drafted + `","request_id":"c-1","event_id":"evt-c-1ext-agent","request":{"queue_key":"vip-1"}}`
	got := read[explanation](d, d.is(send("POST", "/api/v1/tests", body), 200, ""))
	if got.Diff == nil || len(got.Diff.Did) != 1 || len(got.Diff.Would) != 2 {
		t.Fatalf("diff: %+v, want one that did and two that would", got.Diff)
	}
	if did := got.Diff.Did[0]; did.Title != "CRM" || did.State != "pending" || did.Result != "https://crm.example.com/find?phone=%2B4722334455" {
		t.Errorf("did: %+v", did)
	}
	d.is(send("POST", "/api/v1/tests", `{"request_id":"c-1","event_id":"x","request":{}}`), 404, "not-found")
	d.is(send("POST", "/api/v1/tests", `{"request_id":"x","event_id":"x","request":{}}`), 404, "not-found")
	d.is(d.admin(evil)("POST", "/api/v1/tests", `{"request_id":"c-1","event_id":"evt-c-1ext-agent","request":{}}`), 404, "not-found")
	d.is(d.do("POST", "/api/v1/tests", body, bearer(d.key(acme, "config:read"))), 403, "scope-missing")
}

func TestBadTestsSayWhatIsWrong(t *testing.T) {
	d := open(t)
	send := d.admin(acme)
	for body, want := range map[string]struct {
		status int
		kind   string
	}{
		`{"channel":"fax","trigger":"ringing","request":{}}`:                                                  {400, "unknown-channel"},
		`{"channel":"voice","trigger":"updated","request":{}}`:                                                {400, "unknown-type"},
		`{"channel":"voice","trigger":"ringing","document":"","revision":1,"request":{}}`:                     {400, "test-what"},
		`{"channel":"voice","trigger":"ringing","document":"<x>","request":{}}`:                               {422, "bad-document"},
		`{"channel":"voice","trigger":"ringing","revision":9,"request":{}}`:                                   {404, "not-found"},
		`{"channel":"voice","trigger":"ringing","agent_id":"x","request":{}}`:                                 {404, "not-found"},
		`{"level":"group","id":"x","channel":"voice","trigger":"ringing","request":{}}`:                       {404, "not-found"},
		`{"level":"user","id":"agent","agent_id":"other","channel":"voice","trigger":"ringing","request":{}}`: {400, "test-agent"},
	} {
		if a := send("POST", "/api/v1/tests", body); a.StatusCode != want.status || a.kind(t) != want.kind {
			t.Errorf("%s: %d %s, want %d %s", body, a.StatusCode, a.body, want.status, want.kind)
		}
	}
}

func TestALinkIsInertUntilItIsPopped(t *testing.T) {
	d := open(t)
	token := d.testLink(acme)
	send := d.admin(acme)
	heads := func() int64 {
		_, head, err := d.dir.Head(t.Context(), wire.AgentKey{Tenant: acme, ID: "admin"})
		d.must(err)
		return head
	}
	for range 3 {
		d.is(send("GET", "/api/v1/tests/links/"+token, ""), 200, "")
		d.is(d.do("HEAD", "/api/v1/tests/links/"+token, "", cookie(d.session(acme, "owner"))), 200, "")
	}
	if heads() != 0 {
		t.Fatal("looking at a link popped")
	}
	v := read[struct {
		State  json.RawMessage
		Author string
		Popped bool
	}](d, send("GET", "/api/v1/tests/links/"+token, ""))
	if v.Popped || v.Author != "admin@acme.example" || !strings.Contains(string(v.State), `"anum":"22334455"`) {
		t.Errorf("link: %+v", v)
	}
	got := d.is(send("POST", "/api/v1/tests/pop", `{"token":"`+token+`"}`), 202, "").json(t)
	if got["pops"] != float64(1) || heads() == 0 {
		t.Errorf("pop: %v, head %d", got, heads())
	}
	id, _ := got["request_id"].(string)
	request := d.is(send("GET", "/api/v1/requests/"+id, ""), 200, "").json(t)
	if request["test"] != true || request["agent_id"] != "admin" {
		t.Errorf("the request: %v, want a marked one of the admin", request)
	}
	d.is(send("POST", "/api/v1/tests/pop", `{"token":"`+token+`"}`), 409, "link-spent")
	d.is(send("POST", "/api/v1/tests/pop", `{"token":"`+token+`","agent_id":"agent"}`), 409, "link-spent")
	if a := send("GET", "/api/v1/audit?q=test.pop", ""); !strings.Contains(string(a.body), id) {
		t.Errorf("audit: %s, want the test pop", a.body)
	}
}

func TestABadLinkSaysWhichPartIsWrongAndNothingElse(t *testing.T) {
	d := open(t)
	send := d.admin(acme)
	token := d.testLink(acme)
	body, sum, _ := strings.Cut(token, ".")
	for name, bad := range map[string]string{"cut short": token[:len(token)-3], "no signature": body, "another body": "x" + body + "." + sum,
		"nonsense": "x", "another signature": body + "." + strings.Repeat("A", len(sum))} {
		if a := send("GET", "/api/v1/tests/links/"+bad, ""); a.kind(t) != "link-tampered" || strings.Contains(string(a.body), "22334455") {
			t.Errorf("%s: %d %s", name, a.StatusCode, a.body)
		}
	}
	d.is(d.admin(evil)("GET", "/api/v1/tests/links/"+token, ""), 404, "link-foreign")
	d.is(d.admin(evil)("POST", "/api/v1/tests/pop", `{"token":"`+token+`"}`), 404, "link-foreign")
	d.clock.advance(11 * time.Minute)
	send = d.admin(acme)
	d.is(send("POST", "/api/v1/tests/pop", `{"token":"`+token+`"}`), 403, "link-pop-expired")
	d.is(send("GET", "/api/v1/tests/links/"+token, ""), 200, "")
	d.clock.advance(31 * 24 * time.Hour)
	d.is(d.admin(acme)("GET", "/api/v1/tests/links/"+token, ""), 404, "link-expired")
}

func TestALinkWhoseGroupIsGoneIsUnknown(t *testing.T) {
	d := open(t)
	send := d.admin(acme)
	d.must(statusIs(send("POST", "/api/v1/tests/links", `{"state":{"level":"group","id":"gone","request":{}}}`), 201))
	token, _ := send("POST", "/api/v1/tests/links", `{"state":{"level":"tenant","id":"acme","revision":99,"request":{}}}`).json(t)["token"].(string)
	d.is(send("GET", "/api/v1/tests/links/"+token, ""), 404, "link-unknown")
}

func TestTheTraceSaysHowLongEachStepTook(t *testing.T) {
	d := open(t)
	d.ring(acme, "c-1", "ext-agent")
	a := wire.AgentKey{Tenant: acme, ID: "agent"}
	_, head, err := d.dir.Head(t.Context(), a)
	d.must(err)
	d.must(d.dir.Deliver(t.Context(), a, head))
	d.clock.advance(200 * time.Millisecond)
	_, err = d.dir.Receive(t.Context(), a, screenpop.Receipt{ID: "r", PopID: popOf(d), State: screenpop.PopShown})
	d.must(err)
	trace := read[struct {
		Events []struct {
			Seen []struct {
				AgentID   string `json:"agent_id"`
				Revisions []struct{ Revision int64 }
			}
		}
		Delays []struct {
			PopID     string  `json:"pop_id"`
			Delivered float64 `json:"delivered_ms"`
			Shown     float64 `json:"shown_ms"`
			Known     float64 `json:"known_ms"`
			KnownAs   string  `json:"known_as"`
		}
	}](d, d.is(d.admin(acme)("GET", "/api/v1/requests/c-1/trace", ""), 200, ""))
	if len(trace.Delays) != 1 || trace.Delays[0].Shown < 200 || trace.Delays[0].KnownAs != "shown" || trace.Delays[0].Delivered >= trace.Delays[0].Shown {
		t.Errorf("delays: %+v", trace.Delays)
	}
	if seen := trace.Events[0].Seen; len(seen) != 1 || seen[0].AgentID != "agent" || len(seen[0].Revisions) != 1 || seen[0].Revisions[0].Revision != 1 {
		t.Errorf("seen: %+v", seen)
	}
	times := read[struct {
		Count int
		P50   float64 `json:"p50_ms"`
	}](d, d.admin(acme)("GET", "/api/v1/requests/times", ""))
	if times.Count != 1 || times.P50 < 200 {
		t.Errorf("times: %+v", times)
	}
}
