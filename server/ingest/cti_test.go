package ingest_test

import (
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/server/ingest"
	"github.com/google/go-cmp/cmp"
)

var asForm = header("Content-Type", "application/x-www-form-urlencoded")

func read(t *testing.T, h http.Header, body string) ingest.Batch {
	t.Helper()
	b, err := ingest.CTI().Read(h, []byte(body))
	if err != nil {
		t.Fatalf("Read(%q): %v", body, err)
	}
	return b
}

func TestCTIRefusesWithAKindAndAPlaceOfItsOwn(t *testing.T) {
	multipart := header("Content-Type", "multipart/form-data; boundary=b")
	tests := []struct {
		name             string
		h                http.Header
		body             string
		code             screenpop.Code
		kind, place, msg string
	}{
		{"empty form", asForm, "", "invalid", "empty-body", "", "event, callId"},
		{"empty JSON", asJSON, "", "invalid", "empty-body", "", "as JSON"},
		{"no event", asForm, "callId=1", "invalid", "missing-field", "/event", "event"},
		{"no callId", asForm, "event=hangup", "invalid", "missing-field", "/callId", "callId"},
		{"unknown event", asForm, "event=hangUp&callId=1", "invalid", "unknown-type", "/event", `did you mean "hangup"?`},
		{"unknown direction", asForm, "event=hangup&callId=1&direction=inbound", "invalid", "unknown-direction", "/direction", "known: in, out"},
		{"two events", asForm, "event=hangup&event=answer&callId=1", "invalid", "duplicate-key", "/event", "send one"},
		{"two call ids", asJSON, `{"event":"hangup","callId":["1","2"]}`, "invalid", "duplicate-key", "/callId", "send one"},
		{"same key twice", asJSON, `{"event":"hangup","event":"answer"}`, "invalid", "duplicate-key", "/event", "twice"},
		{"object as user", asJSON, `{"event":"newCall","callId":"1","user":{"name":"A"}}`, "invalid", "wrong-type", "/user", "an object"},
		{"lists in user", asJSON, `{"event":"newCall","callId":"1","user":[["A"]]}`, "invalid", "wrong-type", "/user", "an array"},
		{"array", asJSON, `[{"event":"newCall","callId":"1"}]`, "invalid", "wrong-type", "", "a report is an object"},
		{"cut off", asJSON, `{"event":"newCall"`, "invalid", "malformed-json", "", "not JSON"},
		{"bad escape", asForm, "event=%zz", "invalid", "malformed-form", "", "percent-encode"},
		{"semicolons", asForm, "event=hangup;callId=1", "invalid", "malformed-form", "", "percent-encode"},
		{"Latin-1", asForm, "event=newCall&callId=1&user[]=J%F8rgen", "invalid", "bad-utf8", "/user", "UTF-8"},
		{"NUL", asForm, "event=newCall&callId=1&from=1%00", "invalid", "bad-character", "/from", "NUL"},
		{"line break in the call id", asForm, "event=newCall&callId=1%0A", "invalid", "bad-character", "/callId", "control characters"},
		{"long call id", asForm, "event=newCall&callId=" + strings.Repeat("1", 257), "invalid", "too-long", "/callId", "at most 256"},
		{"101 users", asForm, "event=newCall&callId=1" + strings.Repeat("&user[]=A", 101), "too_large", "too-many-events", "/user", "100 users"},
		{"65 KiB", asForm, "event=newCall&x=" + strings.Repeat("x", 65<<10), "too_large", "too-large", "", "at most 65536"},
		{"no boundary", header("Content-Type", "multipart/form-data"), "x", "invalid", "malformed-form", "", "boundary"},
		{"no end", multipart, "--b\r\nContent-Disposition: form-data; name=\"event\"\r\n\r\nnewCall", "invalid", "malformed-form", "", "ended by the boundary"},
		{"no media type", header(), "event=hangup", "unsupported", "unsupported-media-type", "", "x-www-form-urlencoded"},
		{"XML", header("Content-Type", "application/xml"), "<a/>", "unsupported", "unsupported-media-type", "", "application/xml"},
		{"gzip", header("Content-Type", "application/json", "Content-Encoding", "gzip"), "x", "unsupported", "unsupported-encoding", "", "gzip"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := ingest.CTI().Read(tt.h, []byte(tt.body))
			check(t, err, tt.code, tt.kind, tt.place, tt.msg)
		})
	}
}

func TestAliasesAreTriedTheMostCertainFirst(t *testing.T) {
	tests := []struct {
		name, body string
		want       [][]string
	}{
		{"sipgate", "event=newCall&user[]=Alice&userId[]=w0&fullUserId[]=1234567w0", [][]string{{"1234567w0", "w0", "Alice"}}},
		{"no brackets", "event=newCall&user=Alice&user=Bob", [][]string{{"Alice"}, {"Bob"}}},
		{"fewer ids than names", "event=newCall&user[]=Alice&user[]=Bob&userId[]=w0", [][]string{{"w0", "Alice"}, {"Bob"}}},
		{"the same user twice", "event=newCall&user[]=Alice&user[]=Alice", [][]string{{"Alice"}}},
		{"no user, in", "event=newCall&from=1&to=42", [][]string{{"42"}}},
		{"no user, out", "event=newCall&from=1&to=42&direction=out", [][]string{{"1"}}},
		{"empty user", "event=newCall&user[]=&from=1&to=42", [][]string{{"42"}}},
		{"no user, hidden", "event=newCall&from=anonymous&to=42&direction=out", [][]string{nil}},
		{"voicemail beside a user", "event=newCall&user[]=voicemail&user[]=Alice", [][]string{{"Alice"}}},
		{"voicemail alone", "event=newCall&user[]=voicemail&to=42", nil},
		{"a user called Voicemail", "event=newCall&user[]=Voicemail&userId[]=w3", [][]string{{"w3", "Voicemail"}}},
		{"answer, Zammad", "event=answer&user=Emma+Taylor&answeringNumber=42", [][]string{{"42", "Emma Taylor"}}},
		{"answer, sipgate", "event=answer&user=Alice&userId=w0&fullUserId=1w0&answeringNumber=42", [][]string{{"1w0", "w0", "Alice", "42"}}},
		{"answer by one of many", "event=answer&user[]=Emma&user[]=Per&answeringNumber=42", [][]string{{"42"}}},
		{"answer of an outgoing call", "event=answer&direction=out&answeringNumber=4915791234567", [][]string{nil}},
		{"answer by nobody", "event=answer", [][]string{nil}},
		{"hangup", "event=hangup&user=Emma&answeringNumber=42", [][]string{nil}},
		{"tones", "event=dtmf&dtmf=1", nil},
		{"tones, newer", "event=data&dtmf=1", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got [][]string
			for _, it := range read(t, asForm, tt.body+"&callId=1").Items {
				got = append(got, it.Aliases)
				if first := append(it.Aliases, "")[0]; it.Event.Request.Agent != first {
					t.Errorf("agent is %q, want the first alias %q", it.Event.Request.Agent, first)
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("aliases (-want +got):\n%s", diff)
			}
		})
	}
}

func TestEveryLegOfACallIsOneRequest(t *testing.T) {
	var got []string
	for _, body := range []string{"event=newCall&user[]=Alice&user[]=Bob", "event=answer&user=Bob", "event=hangup&cause=normalClearing"} {
		for _, it := range read(t, asForm, body+"&callId=77&from=491&to=492&direction=in").Items {
			got = append(got, fmt.Sprint(it.Event.Request.ID, " ", it.Event.Type, " ", it.Event.Request.Agent))
		}
	}
	want := []string{"77 ringing Alice", "77 ringing Bob", "77 accepted Bob", "77 hangup "}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestARetryIsTheSameEventAndAnythingElseIsNot(t *testing.T) {
	ids := func(h http.Header, body string) (ids []string) {
		for _, it := range read(t, h, body).Items {
			ids = append(ids, it.Event.ID)
		}
		return ids
	}
	const call = "event=newCall&callId=1&from=2&to=3&direction=in"
	first := ids(asForm, call+"&user[]=Alice&user[]=Bob")
	if again := ids(asForm, "user[]=Alice&user[]=Bob&extra=x&"+call); !slices.Equal(first, again) {
		t.Errorf("a retry has the ids %q, want %q", again, first)
	}
	asObject := ids(asJSON, `{"callId":"1","from":"2","to":"3","direction":"in","event":"newCall","user":["Bob","Alice"]}`)
	if slices.Reverse(asObject); !slices.Equal(first, asObject) {
		t.Errorf("in another order and form it has the ids %q, want %q", asObject, first)
	}
	seen := map[string]string{}
	for _, body := range []string{call + "&user=Alice", call + "&user=Bob", call + "&user=Alice&queue=sales",
		"event=answer&callId=1&user=Alice", "event=answer&callId=2&user=Alice", "event=hangup&callId=1",
		"event=hangup&callId=1&cause=busy", "event=hangup&callId=1&cause=forwarded"} {
		id := ids(asForm, body)[0]
		if other, ok := seen[id]; ok {
			t.Errorf("%q has the id of %q", body, other)
		}
		seen[id] = body
	}
}

func TestAnAnonymousCallerHasNoNumber(t *testing.T) {
	for _, from := range []string{"anonymous", "Anonymous", "unknown", " restricted"} {
		r := read(t, asForm, "event=newCall&callId=1&user=A&from="+url.QueryEscape(from)).Items[0].Event.Request
		if r.ANI != "" || r.Variables["anonymous"] != "true" {
			t.Errorf("from %q: number %q, variables %v; want none and anonymous", from, r.ANI, r.Variables)
		}
	}
	r := read(t, asForm, "event=newCall&callId=1&user=A&from=2149").Items[0].Event.Request
	if r.ANI != "2149" || r.Variables != nil {
		t.Errorf("number %q, variables %v; want 2149 and none", r.ANI, r.Variables)
	}
}

func TestTheReplyIsWhatTheSenderReads(t *testing.T) {
	const address = `https://pop.example/in/TOK?a=1&b="2"<`
	newCall := "event=newCall&callId=1&user[]=A"
	tests := []struct {
		name, accept, contentType, body string
		media, onAnswer                 string
	}{
		{"sipgate", "*/*", "application/x-www-form-urlencoded", newCall, "application/xml", address},
		{"nothing to follow", "", "application/x-www-form-urlencoded", newCall[:len(newCall)-1] + "voicemail", "application/xml", ""},
		{"later", "", "application/x-www-form-urlencoded", "event=answer&callId=1", "application/xml", ""},
		{"form that wants JSON", "application/json", "application/x-www-form-urlencoded", newCall, "application/json", ""},
		{"form that takes both", "application/xml, application/json", "application/x-www-form-urlencoded", newCall, "application/xml", address},
		{"Zammad", "", "application/json", `{"event":"newCall","callId":"1"}`, "application/json", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			media, body := read(t, header("Content-Type", tt.contentType, "Accept", tt.accept), tt.body).Reply(address)
			if media != tt.media {
				t.Fatalf("the reply is %s, want %s", media, tt.media)
			}
			if media == "application/json" {
				if string(body) != "{}" {
					t.Errorf("the reply is %s, want {}", body)
				}
				return
			}
			var r struct {
				XMLName  xml.Name `xml:"Response"`
				OnAnswer string   `xml:"onAnswer,attr"`
				OnHangup string   `xml:"onHangup,attr"`
			}
			if err := xml.Unmarshal(body, &r); err != nil || r.OnAnswer != tt.onAnswer || r.OnHangup != tt.onAnswer {
				t.Errorf("the reply is %s (%v), want onAnswer and onHangup %q", body, err, tt.onAnswer)
			}
		})
	}
}
