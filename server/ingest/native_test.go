package ingest_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/server/ingest"
)

func header(pairs ...string) http.Header {
	h := http.Header{}
	for i := 0; i < len(pairs); i += 2 {
		h.Add(pairs[i], pairs[i+1])
	}
	return h
}

var asJSON = header("Content-Type", "application/json")

// event returns a native event whose request has one more member.
func event(more string) string {
	return `{"id":"e","type":"ringing","request":{"id":"r"` + more + `}}`
}

func TestNativeRefusesWithAKindAndAPlaceOfItsOwn(t *testing.T) {
	tests := []struct {
		name, body  string
		code        screenpop.Code
		kind, place string
		msg         string // a part of it
	}{
		{"empty", " \n", "invalid", "empty-body", "", "send an event"},
		{"no JSON", `{"id":"e",}`, "invalid", "malformed-json", "", "line 1, column 11"},
		{"cut off", "{\n  \"id\": \"e\"", "invalid", "malformed-json", "", "line 2, column 11"},
		{"two documents", event("") + event(""), "invalid", "malformed-json", "", "after top-level value"},
		{"byte order mark", "\xef\xbb\xbf" + event(""), "invalid", "malformed-json", "", "byte order mark"},
		{"text", `"ringing"`, "invalid", "wrong-type", "", "an event is an object, and this is a text"},
		{"null", `null`, "invalid", "wrong-type", "", "this is null"},
		{"no id", `{"type":"ringing","request":{"id":"r"}}`, "invalid", "missing-field", "/id", `"id" is missing`},
		{"null id", `{"id":null,"type":"ringing","request":{"id":"r"}}`, "invalid", "missing-field", "/id", `"id" is missing`},
		{"no type", `{"id":"e","request":{"id":"r"}}`, "invalid", "missing-field", "/type", `"type" is missing`},
		{"no request", `{"id":"e","type":"ringing"}`, "invalid", "missing-field", "/request", `"request" is missing`},
		{"no request id", `{"id":"e","type":"ringing","request":{"channel":"voice"}}`, "invalid", "missing-field", "/request/id", `"id" is missing`},
		{"number as id", `{"id":1,"type":"ringing","request":{"id":"r"}}`, "invalid", "wrong-type", "/id", "this is a number and must be a text"},
		{"list as request", `{"id":"e","type":"ringing","request":[]}`, "invalid", "wrong-type", "/request", "a request is an object"},
		{"number as caller", event(`,"anum":4722334455`), "invalid", "wrong-type", "/request/anum", "put it in quotes"},
		{"bool as subject", event(`,"subject":true`), "invalid", "wrong-type", "/request/subject", "true or false"},
		{"unknown type", `{"id":"e","type":"rining","request":{"id":"r"}}`, "invalid", "unknown-type", "/type", `did you mean "ringing"? known: offered, ringing`},
		{"type in capitals", `{"id":"e","type":"RINGING","request":{"id":"r"}}`, "invalid", "unknown-type", "/type", `did you mean "ringing"?`},
		{"unknown channel", event(`,"channel":"fax"`), "invalid", "unknown-channel", "/request/channel", `"fax"; known: voice, chat, email, social`},
		{"unknown direction", event(`,"direction":"inn"`), "invalid", "unknown-direction", "/request/direction", `did you mean "in"?`},
		{"unknown top field", `{"id":"e","typ":"ringing","request":{"id":"r"}}`, "invalid", "unknown-field", "/typ", `did you mean "type"?`},
		{"unknown request field", event(`,"custno":"1"`), "invalid", "unknown-field", "/request/custno", `goes into "variables"`},
		{"CloudEvent as plain JSON", `{"specversion":"1.0"}`, "invalid", "unknown-field", "/specversion", "application/cloudevents+json"},
		{"duplicate top key", `{"id":"e","id":"f","type":"ringing","request":{"id":"r"}}`, "invalid", "duplicate-key", "/id", "stands here twice"},
		{"duplicate by escape", event(`,"variables":{"a":"1","\u0061":"2"}`), "invalid", "duplicate-key", "/request/variables/a", "stands here twice"},
		{"pointer is escaped", event(`,"variables":{"a/b~c":{}}`), "invalid", "wrong-type", "/request/variables/a~1b~0c", "a variable is a text"},
		{"list as variable", event(`,"variables":{"a":[1]}`), "invalid", "wrong-type", "/request/variables/a", "this is an array"},
		{"list of variables", event(`,"variables":["a"]`), "invalid", "wrong-type", "/request/variables", "variables are an object"},
		{"nameless variable", event(`,"variables":{"":"1"}`), "invalid", "bad-name", "/request/variables/", "rename"},
		{"bad UTF-8", event(",\"subject\":\"\xe6\""), "invalid", "bad-utf8", "/request/subject", "send the body in UTF-8"},
		{"bad UTF-8 in a key", event(",\"\xe6\":1"), "invalid", "bad-utf8", "/request", "not UTF-8"},
		{"half a surrogate", event(`,"subject":"\ud83d!"`), "invalid", "bad-utf8", "/request/subject", "surrogate"},
		{"halves the wrong way", event(`,"subject":"\ude80\ud83d"`), "invalid", "bad-utf8", "/request/subject", "surrogate"},
		{"NUL", event(`,"subject":"a\u0000b"`), "invalid", "bad-character", "/request/subject", "leave it out"},
		{"line break in an id", `{"id":"a\nb","type":"ringing","request":{"id":"r"}}`, "invalid", "bad-character", "/id", "control characters"},
		{"long id", `{"id":"` + strings.Repeat("i", 257) + `"}`, "invalid", "too-long", "/id", "257 bytes, at most 256"},
		{"long subject", event(`,"subject":"` + strings.Repeat("s", 2049) + `"`), "invalid", "too-long", "/request/subject", "2049 bytes, at most 2048"},
		{"long variable", event(`,"variables":{"v":"` + strings.Repeat("s", 2049) + `"}`), "invalid", "too-long", "/request/variables/v", "at most 2048"},
		{"101 variables", event(`,"variables":{` + numbered(101, `"v%d":1`) + `}`), "invalid", "too-many-variables", "/request/variables", "101 variables, at most 100"},
		{"bad time", `{"id":"e","type":"ringing","time":"22.11.2026","request":{"id":"r"}}`, "invalid", "bad-time", "/time", "RFC 3339"},
		{"year 0", `{"id":"e","type":"ringing","time":"0000-01-01T00:00:00+23:00","request":{"id":"r"}}`, "invalid", "bad-time", "/time", "RFC 3339"},
		{"too deep", event(`,"variables":` + strings.Repeat(`{"a":`, 15) + `1` + strings.Repeat("}", 15)), "invalid", "too-deep", "/request/variables" + strings.Repeat("/a", 14), "deeper than 16 levels"},
		{"a tower", strings.Repeat("[", 30000), "invalid", "too-deep", "", "deeper than 16 levels"},
		{"65 KiB", event(`,"variables":{` + numbered(65<<10/14, `"v%06d":"x"`) + `}`), "too_large", "too-large", "", "at most 65536"},
		{"501 events", `[` + numbered(501, `{"id":"e%d"}`) + `]`, "too_large", "too-many-events", "", "more than 500 events"},
		{"9 MiB", `[` + strings.Repeat(" ", 9<<20) + `]`, "too_large", "too-large", "", "at most 8388608"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := ingest.Native().Read(asJSON, []byte(tt.body))
			check(t, err, tt.code, tt.kind, tt.place, tt.msg)
		})
	}
}

func numbered(n int, format string) string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf(format, i)
	}
	return strings.Join(all, ",")
}

func check(t *testing.T, err *screenpop.Error, code screenpop.Code, kind, place, msg string) {
	t.Helper()
	if err == nil {
		t.Fatalf("taken, want %s %s", code, kind)
	}
	if err.Code != code || err.Kind != kind || err.Pointer != place || !strings.Contains(err.Msg, msg) {
		t.Errorf("got %s %s at %q: %s\nwant %s %s at %q: …%s…", err.Code, err.Kind, err.Pointer, err.Msg, code, kind, place, msg)
	}
}

func TestNativeRefusesOtherMedia(t *testing.T) {
	tests := []struct {
		name string
		h    http.Header
		kind string
	}{
		{"none", header(), "unsupported-media-type"},
		{"two", header("Content-Type", "application/json", "Content-Type", "application/json"), "unsupported-media-type"},
		{"text", header("Content-Type", "text/json"), "unsupported-media-type"},
		{"a suffix", header("Content-Type", "application/vnd.acme+json"), "unsupported-media-type"},
		{"garbage", header("Content-Type", "application/json; charset"), "unsupported-media-type"},
		{"Latin-1", header("Content-Type", "application/json; charset=iso-8859-1"), "unsupported-media-type"},
		{"a parameter", header("Content-Type", "application/json; profile=x"), "unsupported-media-type"},
		{"deflate", header("Content-Type", "application/json", "Content-Encoding", "deflate"), "unsupported-encoding"},
		{"gzip behind identity", header("Content-Type", "application/json", "Content-Encoding", "identity", "Content-Encoding", "gzip"), "unsupported-encoding"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := ingest.Native().Read(tt.h, []byte(event("")))
			check(t, err, screenpop.CodeUnsupported, tt.kind, "", "")
		})
	}
}

func TestAnItemOver64KiBSinksNoOther(t *testing.T) {
	big := event(`,"variables":{` + numbered(65<<10/14, `"v%06d":"x"`) + `}`)
	body := `[` + event("") + `,` + big + `,` + event("") + `]`
	b, err := ingest.Native().Read(asJSON, []byte(body))
	if err != nil || len(b.Items) != 3 {
		t.Fatalf("Read: %d items, %v; want 3", len(b.Items), err)
	}
	if b.Items[0].Err != nil || b.Items[2].Err != nil {
		t.Errorf("items 0 and 2 were refused: %v, %v", b.Items[0].Err, b.Items[2].Err)
	}
	check(t, b.Items[1].Err, screenpop.CodeTooLarge, "too-large", "/1", "at most 65536")
}

func TestFiveHundredEventsAreTaken(t *testing.T) {
	b, err := ingest.Native().Read(asJSON, []byte("\n[ "+numbered(500, `{"id":"e%d","type":"closed","request":{"id":"[,]\""}}`)+" ]\n"))
	if err != nil || len(b.Items) != 500 || !b.Array {
		t.Fatalf("Read: %d items, array %v, %v; want 500", len(b.Items), b.Array, err)
	}
	for i, it := range b.Items {
		if it.Err != nil || it.Event.ID != fmt.Sprintf("e%d", i) || it.Event.Request.ID != `[,]"` {
			t.Fatalf("item %d is %+v, %v", i, it.Event, it.Err)
		}
	}
}

func TestAnEmptyArrayIsTaken(t *testing.T) {
	b, err := ingest.Native().Read(asJSON, []byte(" [ ] "))
	if err != nil || len(b.Items) != 0 || !b.Array {
		t.Errorf("Read: %d items, array %v, %v; want an empty array", len(b.Items), b.Array, err)
	}
}

func TestTheItemsOfAnArrayMayNestAsDeepAsAnEventAlone(t *testing.T) {
	deep := event(`,"variables":{"a":` + strings.Repeat("[", 13) + strings.Repeat("]", 13) + `}`)
	_, alone := ingest.Native().Read(asJSON, []byte(deep))
	check(t, alone, screenpop.CodeInvalid, "wrong-type", "/request/variables/a", "an array")
	b, err := ingest.Native().Read(asJSON, []byte("["+deep+"]"))
	if err != nil {
		t.Fatal(err)
	}
	check(t, b.Items[0].Err, screenpop.CodeInvalid, "wrong-type", "/0/request/variables/a", "an array")
}

func TestARefusedItemKeepsTheIdsThatCouldBeRead(t *testing.T) {
	b, err := ingest.Native().Read(asJSON, []byte(`[{"id":"e-1","type":"ringing","request":{"id":"r-1","channel":"fax"}}]`))
	if err != nil {
		t.Fatal(err)
	}
	if it := b.Items[0]; it.Err == nil || it.Event.ID != "e-1" || it.Event.Request.ID != "r-1" || it.Event.Type != "" {
		t.Errorf("item is %+v, %v; want the ids and nothing else", it.Event, it.Err)
	}
}

func TestTimesAreKeptInUTC(t *testing.T) {
	b, err := ingest.Native().Read(asJSON, []byte(`{"id":"e","type":"closed","time":"2026-11-22T10:15:00.5+02:00","request":{"id":"r"}}`))
	if err != nil {
		t.Fatal(err)
	}
	want := time.Date(2026, 11, 22, 8, 15, 0, 5e8, time.UTC)
	if got := b.Items[0].Event.Time; got != want {
		t.Errorf("time is %v, want %v", got, want)
	}
}
