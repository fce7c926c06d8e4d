//go:build !js

package main_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"

	"github.com/crmpop/crmpop/web"
	pack "github.com/crmpop/crmpop/web/pack"
)

// tree returns a web folder, which is also the folder of the programs to pack.
func tree(t *testing.T, wasm string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for name, text := range map[string]string{
		"app.wasm": wasm, "portal.wasm": wasm + "portal", "css/app.css": "a{}", "js/watch.js": "1", "icons/icon.svg": "<svg/>",
		"manifest.webmanifest": "{}", "dist/.gitkeep": "",
	} {
		write(t, filepath.Join(dir, name), text)
	}
	return dir
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func run(t *testing.T, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, err bytes.Buffer
	code = pack.Run(args, &out, &err)
	return out.String(), err.String(), code
}

func TestPackedFilesUnpackToTheWasm(t *testing.T) {
	for _, level := range []string{pack.Fast, pack.Best} {
		t.Run(level, func(t *testing.T) { unpacks(t, level) })
	}
}

func unpacks(t *testing.T, level string) {
	wasm := strings.Repeat("\x00asm popped ", 5000)
	dir := tree(t, wasm)
	if out, stderr, code := run(t, "-bin", dir, "-web", dir, "-level", level); code != 0 {
		t.Fatalf("pack: %d\n%s%s", code, out, stderr)
	}
	for _, name := range []string{"app", "portal"} {
		unpacksTo(t, dir, name, wasm+map[string]string{"portal": "portal"}[name])
		if _, err := os.Stat(filepath.Join(dir, "dist", name+".wasm")); err == nil {
			t.Errorf("the raw %s.wasm lies in dist and would be embedded", name)
		}
	}
	sizes, err := web.SizesOf(os.DirFS(dir), web.App)
	if err != nil || sizes.Raw != int64(len(wasm)) || sizes.Level != level || sizes.Gzip == 0 {
		t.Errorf("SizesOf = %+v, %v, want the raw size %d at level %s", sizes, err, len(wasm), level)
	}
}

func unpacksTo(t *testing.T, dir, name, wasm string) {
	t.Helper()
	for ext, unpack := range map[string]func(io.Reader) (io.Reader, error){
		"zst": func(r io.Reader) (io.Reader, error) { return zstd.NewReader(r) },
		"br":  func(r io.Reader) (io.Reader, error) { return brotli.NewReader(r), nil },
		"gz":  func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) },
	} {
		f, err := os.Open(filepath.Join(dir, "dist", name+".wasm."+ext))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		r, err := unpack(f)
		if err != nil {
			t.Fatalf("%s: %v", ext, err)
		}
		if got, err := io.ReadAll(r); err != nil || string(got) != wasm {
			t.Errorf("%s unpacks to %d bytes, %v, want the %d of the wasm", ext, len(got), err, len(wasm))
		}
	}
}

func TestVersionFollowsWhateverABrowserLoads(t *testing.T) {
	dir := tree(t, "\x00asm")
	version := func() string {
		t.Helper()
		if _, stderr, code := run(t, "-bin", dir, "-web", dir); code != 0 {
			t.Fatal(stderr)
		}
		return web.VersionOf(os.DirFS(dir))
	}
	seen := map[string]string{version(): "at first"}
	if again := version(); seen[again] == "" {
		t.Errorf("a second run without a change gave version %q", again)
	}
	for _, name := range []string{"app.wasm", "portal.wasm", "css/app.css", "js/watch.js", "icons/icon.svg", "manifest.webmanifest", "css/new.css", "dist/editor.js"} {
		write(t, filepath.Join(dir, name), "changed "+name)
		v := version()
		if before, ok := seen[v]; ok {
			t.Errorf("after a change of %s the version is %q, as %s", name, v, before)
		}
		seen[v] = "after " + name
	}
}

func TestVersionWithoutWasm(t *testing.T) {
	if got := web.VersionOf(os.DirFS(t.TempDir())); got != web.NotBuilt {
		t.Errorf("VersionOf(empty) = %q, want %q", got, web.NotBuilt)
	}
}

func TestPackSaysWhatIsWrong(t *testing.T) {
	dir := tree(t, "\x00asm")
	for _, c := range []struct {
		name string
		args []string
		want string
	}{
		{"no wasm", []string{"-bin", dir + "/gone", "-web", dir}, "build both first"},
		{"odd level", []string{"-bin", dir, "-web", dir, "-level", "quick"}, "use fast or best"},
		{"no web folder", []string{"-bin", dir, "-web", dir + "/gone"}, "no such file"},
		{"unknown flag", []string{"-x"}, "flag provided but not defined"},
	} {
		if _, stderr, code := run(t, c.args...); code == 0 || !strings.Contains(stderr, c.want) {
			t.Errorf("%s: code %d, %q, want an error with %q", c.name, code, stderr, c.want)
		}
	}
}

func TestSizeIsPrintedForEachEncoding(t *testing.T) {
	dir := tree(t, strings.Repeat("\x00asm", 1000))
	out, stderr, code := run(t, "-bin", dir, "-size")
	if code != 0 {
		t.Fatal(stderr)
	}
	for _, want := range []string{"raw ", "zstd ", "br ", "gzip ", "portal raw", "limit ", "limit 2400000"} {
		if !strings.Contains(out, want) {
			t.Errorf("sizes lack %q:\n%s", want, out)
		}
	}
}

// The agents' program is what every agent loads on every new version; it grows
// by one careless import (net/http costs a quarter of it). The portal's has room
// of its own, and none of it is in the agents'.
func TestWasmStaysSmall(t *testing.T) {
	for name, main := range map[string]string{web.App: "./wasm", web.Portal: "./wasm/portal"} {
		t.Run(name, func(t *testing.T) { staysSmall(t, name, main) })
	}
}

func staysSmall(t *testing.T, name, main string) {
	path := filepath.Join(t.TempDir(), name+".wasm")
	build := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", path, main)
	build.Dir = filepath.Join("..", "..")
	build.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build the wasm: %v\n%s", err, out)
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if name == web.App && bytes.Contains(raw, []byte("crmpop/app/admin.")) {
		t.Error("the agents' program holds parts of the portal")
	}
	zst, gz, err := pack.CompressForLimits(raw)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("raw %d, zstd %d, gzip %d bytes", len(raw), zst, gz)
	if limit := pack.LimitOf(name); int64(zst) > limit.Zstd || int64(gz) > limit.Gzip {
		t.Errorf("zstd %d of %d, gzip %d of %d bytes: find the import that brought it (make size)", zst, limit.Zstd, gz, limit.Gzip)
	}
}
