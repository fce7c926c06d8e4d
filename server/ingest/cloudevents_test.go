package ingest_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/server/ingest"
)

var asCloudEvent = header("Content-Type", "application/cloudevents+json")

func cloudEvent(more string) string {
	return `{"specversion":"1.0","id":"1","source":"/pbx","type":"x.ringing"` + more + `}`
}

func TestCloudEventsAreRefusedWithTheirOwnPlaces(t *testing.T) {
	data := `,"data":{"request":{"id":"r"}}`
	binary := header("Content-Type", "application/json", "ce-specversion", "1.0", "ce-id", "1", "ce-source", "/pbx", "ce-type", "x.ringing")
	with := func(h http.Header, name, v string) http.Header {
		h = h.Clone()
		h.Set(name, v)
		return h
	}
	tests := []struct {
		name             string
		h                http.Header
		body             string
		code             screenpop.Code
		kind, place, msg string
	}{
		{"no specversion", asCloudEvent, `{"id":"1","source":"/pbx","type":"x.ringing"` + data + `}`, "invalid", "missing-field", "/specversion", "specversion"},
		{"no source", asCloudEvent, `{"specversion":"1.0","id":"1","type":"x.ringing"` + data + `}`, "invalid", "missing-field", "/source", "source"},
		{"no data", asCloudEvent, cloudEvent(""), "invalid", "missing-field", "/data", "data"},
		{"old version", asCloudEvent, strings.Replace(cloudEvent(data), "1.0", "0.3", 1), "invalid", "unknown-specversion", "/specversion", "send 1.0"},
		{"unknown trigger", asCloudEvent, strings.Replace(cloudEvent(data), "x.ringing", "com.acme.rings", 1), "invalid", "unknown-type", "/type", "last dot"},
		{"space in source", asCloudEvent, strings.Replace(cloudEvent(data), "/pbx", "/p bx", 1), "invalid", "bad-character", "/source", "URI reference"},
		{"bad time", asCloudEvent, cloudEvent(data + `,"time":"now"`), "invalid", "bad-time", "/time", "RFC 3339"},
		{"number as type", asCloudEvent, strings.Replace(cloudEvent(data), `"x.ringing"`, `5`, 1), "invalid", "wrong-type", "/type", "a number"},
		{"XML data", asCloudEvent, cloudEvent(data + `,"datacontenttype":"text/xml"`), "unsupported", "unsupported-media-type", "/datacontenttype", "send JSON"},
		{"base64 data", asCloudEvent, cloudEvent(`,"data_base64":"e30="`), "unsupported", "unsupported-media-type", "/data_base64", "in data"},
		{"misspelt attribute", asCloudEvent, cloudEvent(data + `,"specVersion":"1.0"`), "invalid", "unknown-field", "/specVersion", `did you mean "specversion"?`},
		{"text as data", asCloudEvent, cloudEvent(`,"data":"{}"`), "invalid", "wrong-type", "/data", "a request is an object"},
		{"bad field in data", asCloudEvent, cloudEvent(`,"data":{"request":{"id":"r","channel":"fax"}}`), "invalid", "unknown-channel", "/data/request/channel", "fax"},
		{"event in data", asCloudEvent, cloudEvent(`,"data":{"id":"e","request":{"id":"r"}}`), "invalid", "unknown-field", "/data/id", "known: request"},
		{"array", asCloudEvent, `[]`, "invalid", "wrong-type", "", "cloudevents-batch+json"},
		{"batch that is none", header("Content-Type", "application/cloudevents-batch+json"), cloudEvent(data), "invalid", "wrong-type", "", "a CloudEvents batch is an array"},
		{"binary without id", with(binary, "ce-id", ""), `{"id":"r"}`, "invalid", "missing-field", "", "ce- headers"},
		{"binary, bad escape", with(binary, "ce-id", "%zz"), `{"id":"r"}`, "invalid", "bad-utf8", "", "Ce-Id"},
		{"binary, bad UTF-8", with(binary, "ce-id", "%e6"), `{"id":"r"}`, "invalid", "bad-utf8", "", "Ce-Id"},
		{"binary, bad type", with(binary, "ce-type", "ring"), `{"id":"r"}`, "invalid", "unknown-type", "", "ce- headers"},
		{"binary, array", binary, `[]`, "invalid", "wrong-type", "", "a request is an object"},
		{"binary, field", binary, `{"request":{"id":"r","agnet":"a"}}`, "invalid", "unknown-field", "/request/agnet", `did you mean "agent"?`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := ingest.Native().Read(tt.h, []byte(tt.body))
			check(t, err, tt.code, tt.kind, tt.place, tt.msg)
		})
	}
}

func TestARepeatedAttributeHeaderIsRefused(t *testing.T) {
	h := header("Content-Type", "application/json", "ce-specversion", "1.0", "ce-id", "1", "ce-id", "2")
	_, err := ingest.Native().Read(h, []byte(`{"id":"r"}`))
	check(t, err, screenpop.CodeInvalid, "duplicate-key", "", "send it once")
}

func TestCloudEventsOfTwoSourcesDoNotShareAnID(t *testing.T) {
	id := func(source, id string) string {
		b, err := ingest.Native().Read(asCloudEvent, []byte(`{"specversion":"1.0","id":"`+id+`","source":"`+source+
			`","type":"ringing","data":{"id":"r"}}`))
		if err != nil {
			t.Fatal(err)
		}
		return b.Items[0].Event.ID
	}
	long := strings.Repeat("s", 300)
	seen := map[string]string{}
	for _, p := range [][2]string{{"/a", "1"}, {"/b", "1"}, {"/a", "b 1"}, {"/a#b", "1"}, {"/a", "#b1"}, {long, "1"}, {long, "2"}, {long + "1", "x"}} {
		got := id(p[0], p[1])
		if other, ok := seen[got]; ok || len(got) > 256 {
			t.Errorf("%q is the id of %v and of %s", got, p, other)
		}
		seen[got] = p[0] + "|" + p[1]
	}
}
