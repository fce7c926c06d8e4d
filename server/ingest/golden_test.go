package ingest_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"net/http"
	"net/textproto"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/server/ingest"
	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

const rule = "\n----------\n"

var dialects = map[string]ingest.Dialect{"native": ingest.Native(), "cti": ingest.CTI()}

// A golden file is a raw HTTP request, a rule, and what is read from it. Line
// ends are LF; a multipart body is read with CRLF, as it is sent.
func TestGoldenFilesAreReadAsTheySay(t *testing.T) {
	for name, d := range dialects {
		for _, file := range goldenFiles(t, name) {
			t.Run(name+"/"+strings.TrimSuffix(filepath.Base(file), ".http"), func(t *testing.T) {
				request, want, _ := strings.Cut(readFile(t, file), rule)
				h, body := rawRequest(t, request)
				got := outcome(t, d, h, body)
				if *update {
					if err := os.WriteFile(file, []byte(request+rule+got), 0o644); err != nil {
						t.Fatal(err)
					}
					return
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("%s (-want +got):\n%s", file, diff)
				}
			})
		}
	}
}

func goldenFiles(t testing.TB, dialect string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", "ingest", dialect, "*.http"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no golden files of %s: %v", dialect, err)
	}
	return files
}

func readFile(t testing.TB, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func rawRequest(t testing.TB, raw string) (http.Header, []byte) {
	t.Helper()
	_, raw, _ = strings.Cut(raw, "\n") // the request line
	head, body, _ := strings.Cut(raw, "\n\n")
	mime, err := textproto.NewReader(bufio.NewReader(strings.NewReader(head + "\n\n"))).ReadMIMEHeader()
	if err != nil {
		t.Fatal(err)
	}
	h := http.Header(mime)
	if strings.HasPrefix(h.Get("Content-Type"), "multipart/") {
		body = strings.ReplaceAll(body, "\n", "\r\n")
	}
	return h, []byte(body)
}

type goldenItem struct {
	Event   *screenpop.Event `json:"event,omitempty"`
	Aliases []string         `json:"aliases,omitempty"`
	Error   *goldenError     `json:"error,omitempty"`
}

type goldenError struct {
	Code    screenpop.Code `json:"code"`
	Kind    string         `json:"kind"`
	Pointer string         `json:"pointer,omitempty"`
	Msg     string         `json:"msg"`
}

func asGolden(e *screenpop.Error) *goldenError {
	if e == nil {
		return nil
	}
	return &goldenError{e.Code, e.Kind, e.Pointer, e.Msg}
}

func outcome(t testing.TB, d ingest.Dialect, h http.Header, body []byte) string {
	t.Helper()
	b, bad := d.Read(h, body)
	got := struct {
		Error     *goldenError `json:"error,omitempty"`
		Array     bool         `json:"array,omitempty"`
		Items     []goldenItem `json:"items,omitempty"`
		ReplyType string       `json:"reply_type,omitempty"`
		Reply     string       `json:"reply,omitempty"`
	}{Error: asGolden(bad), Array: b.Array}
	for _, it := range b.Items {
		g := goldenItem{Aliases: it.Aliases, Error: asGolden(it.Err)}
		if it.Err == nil {
			g.Event = &it.Event
		}
		got.Items = append(got.Items, g)
	}
	if b.Reply != nil {
		kind, reply := b.Reply("https://pop.example/in/TOKEN")
		got.ReplyType, got.Reply = kind, string(reply)
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(got); err != nil {
		t.Fatal(err)
	}
	return out.String()
}
