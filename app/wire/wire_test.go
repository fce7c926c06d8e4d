package wire_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/wire"
)

var update = flag.Bool("update", false, "write the golden frames of the present version anew")

var at = time.Date(2026, 11, 22, 10, 15, 0, 0, time.UTC)

var request = screenpop.Request{
	ID: "c-8f2", Channel: screenpop.Voice, Direction: screenpop.In, AgentID: "u-anna",
	ANI: "+4722334455", DNIS: "+4721898989", QueueKey: "sales", Name: "Kari Nordmann",
	Variables: map[string]string{"customer_number": "12345"}, State: screenpop.StateRinging,
	CreatedAt: at, UpdatedAt: at.Add(2 * time.Second),
	Timeline: []screenpop.TimelineEvent{{ID: "evt-81", Type: screenpop.Ringing, At: at}},
}

var pop = screenpop.Pop{
	ID: "abcdefghijklmnopqrstuvwxyz", RequestID: "c-8f2", EventID: "evt-81", PopupID: "tenant:1",
	Kind: screenpop.KindURL, Trigger: screenpop.Ringing, Title: "SuperOffice +4722334455",
	URL: "https://crm.example.com/find?phone=%2B4722334455", Target: screenpop.TargetRequest, Visible: true,
	Focus: screenpop.FocusNever, Frame: "auto", Probe: true, FrameKey: "https://crm.example.com/find",
	State: screenpop.PopShown, Detail: "shown in the request", ClaimedBy: "tab-1",
	CreatedAt: at, ExpiresAt: at.Add(30 * time.Second), TTLms: 30000,
	Receipts: []screenpop.Receipt{{ID: "r1", PopID: "abcdefghijklmnopqrstuvwxyz", State: screenpop.PopShown, Build: "b1", At: at}},
}

// golden is one frame of each type with every field that the type carries.
var golden = map[string]wire.Frame{
	"hello":      {Type: wire.Hello, Protocol: 1, Build: "b1", Epoch: 7, Seq: 41, Agent: "anna@acme.example", AgentName: "Anna", Tenant: "Acme", HeartbeatS: 30},
	"snapshot":   {Type: wire.Snapshot, Epoch: 7, Seq: 41, Requests: []screenpop.Request{request}, Pops: []screenpop.Pop{pop}, Reason: "2 older requests left out"},
	"request":    {Type: wire.Request, Seq: 42, Request: &request},
	"pop":        {Type: wire.Pop, Seq: 43, Pop: &pop},
	"withdraw":   {Type: wire.Withdraw, Seq: 44, PopID: pop.ID, Reason: "Ola has taken the call"},
	"claimed":    {Type: wire.Claimed, PopID: pop.ID, OK: true, By: "tab-1"},
	"receipt_ok": {Type: wire.ReceiptOK, ID: "r1"},
	"ask":        {Type: wire.Ask, ID: "a1", By: "Mia Admin", Detail: "a voice request that rings, from +4722334455", AfterMS: 60000},
	"ping":       {Type: wire.Ping, Seq: 44},
	"drain":      {Type: wire.Drain, AfterMS: 4200},
	"bye":        {Type: wire.Bye, Code: wire.ByeSlow, Reason: "this connection reads too slowly"},
	"resume":     {Type: wire.Resume, Epoch: 7, Seq: 41, Tab: "tab-1", Lead: true, Build: "b1"},
	"ack":        {Type: wire.Ack, Seq: 44},
	"claim":      {Type: wire.Claim, PopID: pop.ID},
	"receipt":    {Type: wire.Receipt, ID: "r1", PopID: pop.ID, State: screenpop.PopRefused, Detail: "X-Frame-Options: DENY", Build: "b1"},
	"pong":       {Type: wire.Pong},
	"lead":       {Type: wire.Lead, Lead: true},
	"close":      {Type: wire.Close, RequestID: "c-8f2"},
	"answer":     {Type: wire.Answer, ID: "a1", OK: true},
}

func TestGoldenFramesEncodeAsTheyAlwaysDid(t *testing.T) {
	for name, f := range golden {
		path := filepath.Join("testdata", name+".v1.json")
		got := indent(t, wire.Encode(f))
		if *update {
			if err := os.WriteFile(path, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), string(got)); diff != "" {
			t.Errorf("%s frame differs from %s (-want +got):\n%s", name, path, diff)
		}
	}
}

// TestEveryGoldenFrameDecodes holds for frames of older versions too, whose
// files stay when a type changes.
func TestEveryGoldenFrameDecodes(t *testing.T) {
	for path, b := range goldenFiles(t) {
		f, err := wire.Decode(b)
		if err != nil {
			t.Errorf("Decode(%s): %v", path, err)
			continue
		}
		want, _, _ := strings.Cut(filepath.Base(path), ".")
		if string(f.Type) != want {
			t.Errorf("Decode(%s) is a %q frame, want %q", path, f.Type, want)
		}
		if now, ok := golden[want]; ok && strings.HasSuffix(path, ".v1.json") {
			if diff := cmp.Diff(now, f); diff != "" {
				t.Errorf("Decode(%s) (-want +got):\n%s", path, diff)
			}
		}
	}
}

func TestDecodeNamesWhatIsWrong(t *testing.T) {
	for name, tc := range map[string]struct{ in, wantErr string }{
		"not json":         {`ping`, "decode frame: invalid character"},
		"cut off":          {`{"type":"pi`, "decode frame: unexpected end"},
		"no type":          {`{"seq":1}`, `"type" is missing`},
		"wrong kind":       {`{"type":"ack","seq":"1"}`, "seq"},
		"request, no seq":  {`{"type":"request","request":{}}`, `decode request frame: "seq" is missing`},
		"request, no body": {`{"type":"request","seq":1}`, `"request" is missing`},
		"pop, no body":     {`{"type":"pop","seq":1}`, `"pop" is missing`},
		"withdraw, no pop": {`{"type":"withdraw","seq":1}`, `"pop_id" is missing`},
		"claim, no pop":    {`{"type":"claim"}`, `"pop_id" is missing`},
		"receipt, no id":   {`{"type":"receipt","pop_id":"p","state":"shown"}`, `"id" is missing`},
		"receipt, state":   {`{"type":"receipt","id":"r","pop_id":"p","state":"gone"}`, `unknown state "gone"`},
		"close, no id":     {`{"type":"close"}`, `"request_id" is missing`},
		"ask, no id":       {`{"type":"ask"}`, `"id" is missing`},
		"ask, by nobody":   {`{"type":"ask","id":"a","detail":"x","after_ms":1}`, `"by" is missing`},
		"ask, of nothing":  {`{"type":"ask","id":"a","by":"Mia","after_ms":1}`, `"detail" is missing`},
		"ask, in the past": {`{"type":"ask","id":"a","by":"Mia","detail":"x","after_ms":-1}`, `after_ms is -1`},
		"answer, no id":    {`{"type":"answer","ok":true}`, `"id" is missing`},
		"too large":        {`{"type":"` + strings.Repeat("x", wire.MaxFrame) + `"}`, "at most 4194304"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := wire.Decode([]byte(tc.in))
			if err == nil || !strings.Contains(err.Error(), tc.wantErr) {
				t.Errorf("Decode = %v, want an error with %q", err, tc.wantErr)
			}
		})
	}
}

func TestUnknownTypeIsNoError(t *testing.T) {
	f, err := wire.Decode([]byte(`{"type":"note","seq":9,"colour":"red"}`))
	if err != nil || f.Type != "note" || f.Seq != 9 {
		t.Errorf("Decode = %+v, %v; want the note frame and no error", f, err)
	}
}

func TestAnAskThatIsOverNeedsNoWords(t *testing.T) {
	if _, err := wire.Decode([]byte(`{"type":"ask","id":"a1"}`)); err != nil {
		t.Errorf("Decode = %v, want an ask that is over", err)
	}
}

func TestStreamedAreTheFramesOfTheAgentsOrder(t *testing.T) {
	for name, f := range golden {
		want := name == "request" || name == "pop" || name == "withdraw"
		if f.Streamed() != want {
			t.Errorf("%s frame: Streamed() = %v, want %v", name, f.Streamed(), want)
		}
	}
}

// FuzzDecode: no input panics, and what decodes encodes to a frame that decodes
// to the same again.
func FuzzDecode(f *testing.F) {
	for _, b := range goldenFiles(f) {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		frame, err := wire.Decode(b)
		if err != nil {
			return
		}
		once := wire.Encode(frame)
		again, err := wire.Decode(once)
		if err != nil {
			t.Fatalf("Decode(%q) is fine, but not its encoding %q: %v", b, once, err)
		}
		if twice := wire.Encode(again); !bytes.Equal(once, twice) {
			t.Errorf("%q encodes as\n%s and then as\n%s", b, once, twice)
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	for _, name := range []string{"pong", "ack", "receipt", "pop", "snapshot"} {
		in := wire.Encode(golden[name])
		b.Run("type="+name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(in)))
			for b.Loop() {
				if _, err := wire.Decode(in); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func goldenFiles(t testing.TB) map[string][]byte {
	t.Helper()
	paths, err := filepath.Glob("testdata/*.json")
	if err != nil || len(paths) < len(golden) {
		t.Fatalf("%d golden frames (%v), want at least %d", len(paths), err, len(golden))
	}
	files := map[string][]byte{}
	for _, p := range paths {
		if files[p], err = os.ReadFile(p); err != nil {
			t.Fatal(err)
		}
	}
	return files
}

func indent(t *testing.T, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := json.Indent(&out, b, "", "  "); err != nil {
		t.Fatal(err)
	}
	out.WriteByte('\n')
	return out.Bytes()
}
