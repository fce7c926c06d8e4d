package api_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"

	"github.com/crmpop/crmpop/server/api"
	"github.com/crmpop/crmpop/web"
)

const wasm = "\x00asm the browser's half"

func gz(s string) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	io.WriteString(w, s)
	w.Close()
	return b.Bytes()
}

// withWasm adds the wasm to the web files. The encodings hold their own names:
// what was served can be told apart.
func withWasm(files fstest.MapFS) fstest.MapFS {
	var br, zst bytes.Buffer
	w := brotli.NewWriter(&br)
	io.WriteString(w, wasm)
	w.Close()
	z, _ := zstd.NewWriter(&zst)
	io.WriteString(z, wasm)
	z.Close()
	files["dist/app.wasm.br"] = &fstest.MapFile{Data: br.Bytes()}
	files["dist/app.wasm.zst"] = &fstest.MapFile{Data: zst.Bytes()}
	files["dist/app.wasm.gz"] = &fstest.MapFile{Data: gz(wasm)}
	return files
}

func built(t *testing.T) *door {
	return open(t, func(o *api.Options) { o.Web = withWasm(webFiles()) })
}

func TestWasmComesInTheBestEncoding(t *testing.T) {
	d := built(t)
	for accept, want := range map[string]string{
		"gzip, deflate, br, zstd": "zstd",
		"gzip, br":                "br",
		"gzip":                    "gzip",
		"":                        "",
		"identity":                "",
		"br;q=0, gzip;q=0.5":      "gzip",
		"ZSTD":                    "zstd",
		"zstd;q=x, br":            "br",
	} {
		for _, path := range []string{"/web/app.wasm", "/app.wasm"} {
			a := d.do("GET", path, "", with("Accept-Encoding", accept))
			if a.StatusCode != 200 || a.Header.Get("Content-Encoding") != want || a.Header.Get("Content-Type") != "application/wasm" ||
				a.Header.Get("Vary") != "Accept-Encoding" {
				t.Errorf("GET %s accepting %q: %d, headers %v, want encoding %q", path, accept, a.StatusCode, a.Header, want)
				continue
			}
			if got := unpack(t, want, a.body); got != wasm {
				t.Errorf("GET %s accepting %q unpacks to %q", path, accept, got)
			}
		}
	}
}

func unpack(t *testing.T, encoding string, b []byte) string {
	t.Helper()
	var r io.Reader = bytes.NewReader(b)
	var err error
	switch encoding {
	case "zstd":
		r, err = zstd.NewReader(r)
	case "br":
		r = brotli.NewReader(r)
	case "gzip":
		r, err = gzip.NewReader(r)
	}
	if err != nil {
		t.Fatal(err)
	}
	out, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func TestFilesAreServedWithTheirTypes(t *testing.T) {
	d := built(t)
	for path, want := range map[string]string{
		"/web/css/app.css": "text/css; charset=utf-8", "/web/js/watch.js": "text/javascript; charset=utf-8", "/web/editor.js": "text/javascript; charset=utf-8",
		"/web/icons/icon.svg": "image/svg+xml", "/manifest.webmanifest": "application/manifest+json",
		"/api/v1/openapi.json": "application/json", "/page.css": "text/css; charset=utf-8", "/robots.txt": "text/plain",
	} {
		a := d.do("GET", path, "")
		if a.StatusCode != 200 || a.Header.Get("Content-Type") != want || len(a.body) == 0 {
			t.Errorf("GET %s: %d %s, want %s", path, a.StatusCode, a.Header.Get("Content-Type"), want)
		}
	}
	if long := d.do("GET", "/web/css/app.css", "", with("Accept-Encoding", "gzip")); long.Header.Get("Content-Encoding") != "gzip" ||
		!strings.HasPrefix(unpack(t, "gzip", long.body), "body{}") {
		t.Errorf("a long style sheet: %v, want it packed", long.Header)
	}
	if editor := d.do("GET", "/web/editor.js?v=v1", "", with("Accept-Encoding", "zstd")); editor.Header.Get("Content-Encoding") != "zstd" ||
		editor.Header.Get("Cache-Control") != "public, max-age=31536000, immutable" || !strings.HasPrefix(unpack(t, "zstd", editor.body), "edit()") {
		t.Errorf("the document editor: %v, want it packed and for ever", editor.Header)
	}
	for _, path := range []string{"/web/", "/web/dist/editor.js", "/web/css", "/web/css/", "/web/css/nothing.css", "/web/dist/version", "/web/dist/app.wasm.gz", "/web/.gitkeep",
		"/web/../go.mod", "/web/%2e%2e/go.mod", "/docs/", "/docs/nothing", "/docs/../css/app.css"} {
		a := d.do("GET", path, "")
		if a.StatusCode == 200 && string(a.body) != "a page" {
			t.Errorf("GET %s: %d %.60q, want nothing", path, a.StatusCode, a.body)
		}
	}
	if head := d.do("HEAD", "/web/app.wasm", "", with("Accept-Encoding", "br")); head.StatusCode != 200 || len(head.body) != 0 || head.ContentLength <= 0 {
		t.Errorf("HEAD: %d, %d bytes, length %d", head.StatusCode, len(head.body), head.ContentLength)
	}
}

func TestTheManualIsAskedForEverythingUnderDocs(t *testing.T) {
	d := open(t, func(o *api.Options) {
		o.Manual = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "manual "+r.URL.Path) })
	})
	for _, path := range []string{"/docs/", "/docs/problems", "/docs/adr/0001"} {
		if a := d.do("GET", path, ""); a.StatusCode != 200 || string(a.body) != "manual "+path {
			t.Errorf("GET %s: %d %.60q, want the manual", path, a.StatusCode, a.body)
		}
	}
	if a := open(t).do("GET", "/docs/problems", ""); a.StatusCode != 404 || !strings.Contains(string(a.body), "no-such-file") {
		t.Errorf("without a manual: %d %s", a.StatusCode, a.body)
	}
}

func TestFilesAreKeptAsLongAsTheirVersion(t *testing.T) {
	d := built(t)
	plain := d.do("GET", "/web/app.wasm", "")
	if plain.Header.Get("Cache-Control") != "no-cache" || plain.Header.Get("ETag") != `W/"v1"` {
		t.Errorf("without a version: %v, want no-cache and the version as ETag", plain.Header)
	}
	if a := d.do("GET", "/web/app.wasm", "", with("If-None-Match", `W/"v1"`)); a.StatusCode != http.StatusNotModified || len(a.body) != 0 {
		t.Errorf("with that ETag: %d, want 304", a.StatusCode)
	}
	if a := d.do("GET", "/web/app.wasm", "", with("If-None-Match", `W/"v0"`)); a.StatusCode != 200 {
		t.Errorf("with an older ETag: %d, want 200", a.StatusCode)
	}
	if got := d.do("GET", "/web/app.wasm?v=v1", "").Header.Get("Cache-Control"); got != "public, max-age=31536000, immutable" {
		t.Errorf("with our version: %q, want it for ever", got)
	}
	if got := d.do("GET", "/web/app.wasm?v=v0", "").Header.Get("Cache-Control"); got != "no-cache" {
		t.Errorf("with another version: %q, want no-cache", got)
	}
	dev := open(t, func(o *api.Options) { o.Build = web.NotBuilt })
	if a := dev.do("GET", "/web/css/app.css", "", with("If-None-Match", `W/"`+web.NotBuilt+`"`)); a.StatusCode != 200 || a.Header.Get("ETag") != "" {
		t.Errorf("while nothing is built: %d, %v; files change under that version", a.StatusCode, a.Header)
	}
}

func TestWithoutTheWasmThePageSaysHowToBuildIt(t *testing.T) {
	d := open(t, func(o *api.Options) { o.Pages = nil })
	a := d.do("GET", "/", "")
	if a.StatusCode != 503 || !strings.Contains(string(a.body), "make build") || !strings.HasPrefix(a.Header.Get("Content-Type"), "text/html") {
		t.Errorf("GET /: %d %s", a.StatusCode, a.body)
	}
	if a := d.do("GET", "/api/v1/openapi.json", ""); a.StatusCode != 200 {
		t.Errorf("the API: %d, want it to work all the same", a.StatusCode)
	}
}
