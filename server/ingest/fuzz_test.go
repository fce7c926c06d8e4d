package ingest_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/server/ingest"
)

func FuzzNative(f *testing.F) { fuzz(f, "native") }

func FuzzCTI(f *testing.F) { fuzz(f, "cti") }

// fuzz gives a dialect any body under any media type. Whatever comes, it is
// taken as valid events or refused as the sender's fault, with a place and words.
func fuzz(f *testing.F, dialect string) {
	d := dialects[dialect]
	for _, file := range goldenFiles(f, dialect) {
		request, _, _ := strings.Cut(readFile(f, file), rule)
		h, body := rawRequest(f, request)
		f.Add(h.Get("Content-Type"), h.Get("Ce-Type"), body)
	}
	f.Fuzz(func(t *testing.T, contentType, ceType string, body []byte) {
		h := http.Header{"Content-Type": {contentType}}
		if ceType != "" {
			h = header("Content-Type", contentType, "Ce-Specversion", "1.0", "Ce-Id", ceType, "Ce-Source", ceType, "Ce-Type", ceType)
		}
		b, err := d.Read(h, body)
		if err != nil {
			mustBlame(t, err)
			return
		}
		if b.Reply != nil {
			b.Reply("https://pop.example/in/T")
		}
		if len(b.Items) > ingest.MaxEvents {
			t.Fatalf("%d items", len(b.Items))
		}
		for _, it := range b.Items {
			if it.Err != nil {
				mustBlame(t, it.Err)
				continue
			}
			mustBeValid(t, it)
		}
	})
}

func mustBlame(t *testing.T, err *screenpop.Error) {
	t.Helper()
	switch err.Code {
	case screenpop.CodeInvalid, screenpop.CodeTooLarge, screenpop.CodeUnsupported:
	default:
		t.Errorf("code %q", err.Code)
	}
	if err.Kind == "" || err.Msg == "" || !utf8.ValidString(err.Msg) || !utf8.ValidString(err.Pointer) ||
		err.Pointer != "" && err.Pointer[0] != '/' {
		t.Errorf("error %q at %q says %q", err.Kind, err.Pointer, err.Msg)
	}
}

func mustBeValid(t *testing.T, it ingest.Item) {
	t.Helper()
	e := it.Event
	switch {
	case e.ID == "" || len(e.ID) > 256 || e.Request.ID == "" || len(e.Request.ID) > 256:
		t.Errorf("ids %q and %q", e.ID, e.Request.ID)
	case !e.Type.Valid() || e.Request.Channel != "" && !e.Request.Channel.Valid() || e.Request.Direction != "" && !e.Request.Direction.Valid():
		t.Errorf("type %q, channel %q, direction %q", e.Type, e.Request.Channel, e.Request.Direction)
	case len(it.Aliases) > 0 && it.Aliases[0] != e.Request.Agent:
		t.Errorf("agent %q, aliases %q", e.Request.Agent, it.Aliases)
	}
	b, err := json.Marshal(e)
	if err != nil {
		t.Fatalf("the event cannot be written: %v", err)
	}
	var again screenpop.Event
	if err := json.Unmarshal(b, &again); err != nil || again.Request.Subject != e.Request.Subject || again.ID != e.ID {
		t.Errorf("written and read the event is another: %v\n%s", err, b)
	}
	if strings.ContainsRune(string(b), 0) || strings.Contains(string(b), `\u0000`) && !strings.Contains(string(b), `\\u0000`) {
		t.Errorf("the event holds NUL: %s", b)
	}
}
