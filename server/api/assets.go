package api

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/crmpop/crmpop/web"
)

// wasms are the two programs, as they lie in dist without their encoding.
var wasms = []string{web.App + ".wasm", web.Portal + ".wasm"}

// assets are the web files in every encoding we have of them, in memory.
type assets struct {
	version string // "" when a file may change without it: nothing is cached then
	files   map[string]asset
}

type asset struct {
	contentType string
	encoded     map[string][]byte // by content encoding; "" is the file as it is
}

// encodings in the order of preference: zstd unpacks faster than br and is
// hardly larger.
var encodings = []struct{ name, ext string }{{"zstd", "zst"}, {"br", "br"}, {"gzip", "gz"}}

// contentTypes of what mime does not know the same on every machine.
var contentTypes = map[string]string{
	".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml",
	".png": "image/png", ".ico": "image/x-icon", ".webmanifest": "application/manifest+json",
	".md": "text/plain; charset=utf-8", ".wasm": "application/wasm", ".webp": "image/webp", ".woff2": "font/woff2",
}

// newAssets reads the web files and packs those that gain by it.
func newAssets(files fs.FS, version string) (*assets, error) {
	all := &assets{version: version, files: map[string]asset{}}
	if version == web.NotBuilt {
		all.version = ""
	}
	err := fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(d.Name(), ".") || strings.HasPrefix(name, "dist/") {
			return err
		}
		return all.add(files, name, name)
	})
	if err == nil && web.HasEditor(files) {
		err = all.add(files, "dist/"+web.Editor, web.Editor)
	}
	for _, name := range wasms {
		if err == nil {
			err = all.addWasm(files, name)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("read the web files: %w", err)
	}
	return all, nil
}

// add takes the file at path by name.
func (a *assets) add(files fs.FS, path, name string) error {
	b, err := fs.ReadFile(files, path)
	if err != nil {
		return err
	}
	f := asset{contentType: typeOf(name), encoded: map[string][]byte{"": b}}
	if compressible(f.contentType) && len(b) > 1024 {
		if f.encoded["zstd"], err = packed(b, func(w io.Writer) (io.WriteCloser, error) { return zstd.NewWriter(w) }); err != nil {
			return err
		}
		if f.encoded["gzip"], err = packed(b, func(w io.Writer) (io.WriteCloser, error) { return gzip.NewWriter(w), nil }); err != nil {
			return err
		}
	}
	a.files[name] = f
	return nil
}

// addWasm takes a wasm as web/pack left it; there may be none.
func (a *assets) addWasm(files fs.FS, name string) error {
	f := asset{contentType: "application/wasm", encoded: map[string][]byte{}}
	for _, e := range encodings {
		b, err := fs.ReadFile(files, "dist/"+name+"."+e.ext)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		f.encoded[e.name] = b
	}
	if len(f.encoded) > 0 {
		a.files[name] = f
	}
	return nil
}

func packed(b []byte, to func(io.Writer) (io.WriteCloser, error)) ([]byte, error) {
	var buf bytes.Buffer
	w, err := to(&buf)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(b); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return buf.Bytes(), nil
}

func typeOf(name string) string {
	if t, ok := contentTypes[path.Ext(name)]; ok {
		return t
	}
	if t := mime.TypeByExtension(path.Ext(name)); t != "" {
		return t
	}
	return "application/octet-stream"
}

func compressible(contentType string) bool {
	return strings.HasPrefix(contentType, "text/") || strings.HasSuffix(contentType, "+json") || strings.HasSuffix(contentType, "+xml")
}

// serve answers with the file name, in the best encoding the browser takes. A
// request that names our version in its query may keep the answer for ever.
func (a *assets) serve(w http.ResponseWriter, r *http.Request, name string) bool {
	f, ok := a.files[name]
	if !ok {
		return false
	}
	h := w.Header()
	h.Set("Vary", "Accept-Encoding")
	h.Set("Cache-Control", "no-cache")
	if a.version != "" {
		// Weak: the same content in another encoding is as good.
		tag := `W/"` + a.version + `"`
		h.Set("ETag", tag)
		if r.URL.Query().Get("v") == a.version {
			h.Set("Cache-Control", "public, max-age=31536000, immutable")
		}
		if r.Header.Get("If-None-Match") == tag {
			w.WriteHeader(http.StatusNotModified)
			return true
		}
	}
	h.Set("Content-Type", f.contentType)
	f.write(w, r)
	return true
}

// write picks the encoding. The wasm is kept packed only; for the rare client
// that takes no encoding it is unpacked on the way.
func (f asset) write(w http.ResponseWriter, r *http.Request) {
	name, body := f.pick(r.Header.Values("Accept-Encoding"))
	if name != "" {
		w.Header().Set("Content-Encoding", name)
	}
	if body != nil {
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		if r.Method != http.MethodHead {
			w.Write(body) // an error here is the reader's going away
		}
		return
	}
	z, err := gzip.NewReader(bytes.NewReader(f.encoded["gzip"]))
	if err != nil || r.Method == http.MethodHead {
		return
	}
	io.Copy(w, z) // an error here is the reader's going away
}

// pick returns the best encoding of f that accept names, and f in it.
func (f asset) pick(accept []string) (name string, body []byte) {
	takes := accepted(accept)
	for _, e := range encodings {
		if b, ok := f.encoded[e.name]; ok && takes[e.name] {
			return e.name, b
		}
	}
	return "", f.encoded[""]
}

// accepted reads Accept-Encoding: names with a quality above 0. "*" is not
// taken for more than it usually means, anything that needs no unpacking.
func accepted(headers []string) map[string]bool {
	takes := map[string]bool{}
	for _, part := range strings.Split(strings.Join(headers, ","), ",") {
		name, params, _ := strings.Cut(strings.TrimSpace(part), ";")
		q := 1.0
		if value, ok := strings.CutPrefix(strings.TrimSpace(params), "q="); ok {
			var err error
			if q, err = strconv.ParseFloat(value, 64); err != nil {
				q = 0
			}
		}
		takes[strings.ToLower(strings.TrimSpace(name))] = q > 0
	}
	return takes
}
