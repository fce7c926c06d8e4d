//go:build !js

package main_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	editor "github.com/crmpop/crmpop/web/editor"
)

// tree returns a web folder with the sources of a small editor, and has npm be a
// script; "" for no npm at all.
func tree(t *testing.T, npm string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	write(t, filepath.Join(dir, "editor", "editor.js"), `import { a } from "a"; import "style-mod"; export function mount() { return a; }`)
	write(t, filepath.Join(dir, "editor", "styles.js"), `export const ours = "our styles"; console.log(ours);`)
	write(t, filepath.Join(dir, "editor", "package-lock.json"), `{"lockfileVersion": 3}`)
	write(t, filepath.Join(dir, "dist", ".gitkeep"), "")
	bin := t.TempDir()
	path := bin
	if npm != "" {
		write(t, filepath.Join(bin, "npm"), "#!/bin/sh\necho \"$@\" >>"+filepath.Join(dir, "calls")+"\n"+npm)
		if err := os.Chmod(filepath.Join(bin, "npm"), 0o755); err != nil {
			t.Fatal(err)
		}
		path += string(os.PathListSeparator) + "/usr/bin" + string(os.PathListSeparator) + "/bin"
	}
	t.Setenv("PATH", path)
	return dir
}

// installs is an npm that works.
const installs = `mkdir -p node_modules/a && echo 'export const a = "of the package";' >node_modules/a/index.js && echo '{"name":"a","main":"index.js"}' >node_modules/a/package.json && echo 'the licence of a' >node_modules/a/LICENSE`

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return string(b)
}

func run(t *testing.T, dir string) (stdout, stderr string, code int) {
	t.Helper()
	var out, err bytes.Buffer
	code = editor.Run([]string{"-web", dir}, &out, &err)
	return out.String(), err.String(), code
}

func TestTheEditorIsBundledIntoOneScript(t *testing.T) {
	dir := tree(t, installs)
	if out, stderr, code := run(t, dir); code != 0 || !strings.HasPrefix(out, "bundled the document editor") {
		t.Fatalf("%d\n%s%s", code, out, stderr)
	}
	js := read(t, filepath.Join(dir, "dist", "editor.js"))
	for _, want := range []string{"crmpopEditor=", "of the package", "our styles", "the licence of a"} {
		if !strings.Contains(js, want) {
			t.Errorf("the bundle lacks %q:\n%s", want, js)
		}
	}
	if calls := read(t, filepath.Join(dir, "calls")); !strings.HasPrefix(calls, "ci --no-audit --no-fund --ignore-scripts") {
		t.Errorf("npm was called with %q", calls)
	}
}

func TestNothingIsDoneWhileNothingHasChanged(t *testing.T) {
	dir := tree(t, installs)
	run(t, dir)
	js := filepath.Join(dir, "dist", "editor.js")
	write(t, js, "left alone")
	if out, stderr, code := run(t, dir); code != 0 || out+stderr != "" || read(t, js) != "left alone" {
		t.Errorf("a second run: %d %q, and the bundle is %q", code, out+stderr, read(t, js))
	}
	write(t, filepath.Join(dir, "editor", "styles.js"), `console.log("changed")`)
	if _, stderr, code := run(t, dir); code != 0 || !strings.Contains(read(t, js), "changed") {
		t.Errorf("after a change: %d %s, and the bundle is %q", code, stderr, read(t, js))
	}
	if calls := strings.Count(read(t, filepath.Join(dir, "calls")), "\n"); calls != 1 {
		t.Errorf("npm was called %d times, want once: the lock file is as it was", calls)
	}
	write(t, filepath.Join(dir, "editor", "package-lock.json"), `{"lockfileVersion":3}`)
	run(t, dir)
	if calls := strings.Count(read(t, filepath.Join(dir, "calls")), "\n"); calls != 2 {
		t.Errorf("npm was called %d times, want twice: the lock file is another", calls)
	}
}

func TestWithoutNpmThereIsOneLineAndNoEditor(t *testing.T) {
	for _, tt := range []struct{ name, npm, want string }{
		{"not installed", "", "npm is not installed here"},
		{"no network", "echo 'npm warn x'; echo 'npm error code ENOTFOUND' >&2; echo 'npm error network' >&2; exit 1", "npm cannot fetch the packages (code ENOTFOUND)"},
		{"no registry", "echo 'npm ERR! code E503'; exit 1", "npm cannot fetch the packages (code E503)"},
		{"broken npm", "exit 127", "npm cannot fetch the packages; the portal"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := tree(t, tt.npm)
			js := filepath.Join(dir, "dist", "editor.js")
			write(t, js, "stale")
			out, stderr, code := run(t, dir)
			if code != 0 || stderr != "" || strings.Count(out, "\n") != 1 || !strings.HasPrefix(out, editor.Missing+": "+tt.want) {
				t.Errorf("%d\n%s%s, want one line with %q", code, out, stderr, tt.want)
			}
			for _, want := range []string{"plain field with the same findings", "install npm", "run make again"} {
				if !strings.Contains(out, want) {
					t.Errorf("the line lacks %q: %s", want, out)
				}
			}
			if read(t, js) != "" {
				t.Error("an editor of other sources was left there")
			}
		})
	}
}

func TestAnEditorOfTheseSourcesStaysWithoutNpm(t *testing.T) {
	dir := tree(t, "")
	inputs, err := editor.InputsOf(filepath.Join(dir, "editor"))
	if err != nil {
		t.Fatal(err)
	}
	js := filepath.Join(dir, "dist", "editor.js")
	write(t, js, "built elsewhere")
	write(t, js+".inputs", inputs+"\n")
	if out, stderr, code := run(t, dir); code != 0 || out+stderr != "" || read(t, js) != "built elsewhere" {
		t.Errorf("%d %q, and the bundle is %q", code, out+stderr, read(t, js))
	}
}

func TestFaultsOfOursFailTheBuild(t *testing.T) {
	for _, tt := range []struct{ name, npm, js, want string }{
		{"other packages than those of the lock file", "echo 'npm error code EINTEGRITY'; exit 1", "", "EINTEGRITY"},
		{"the lock file does not fit", "echo 'npm error code EUSAGE'; exit 1", "", "EUSAGE"},
		{"a fault in a script", installs, "export const x = ;", "editor.js:1:17"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := tree(t, tt.npm)
			if tt.js != "" {
				write(t, filepath.Join(dir, "editor", "editor.js"), tt.js)
			}
			if out, stderr, code := run(t, dir); code == 0 || !strings.Contains(stderr, tt.want) {
				t.Errorf("%d\n%s%s, want a fault with %q", code, out, stderr, tt.want)
			}
		})
	}
}

func TestTheLockFileNamesNoRegistry(t *testing.T) {
	lock := read(t, "package-lock.json")
	if lock == "" || strings.Contains(lock, "resolved") || strings.Contains(lock, "://") {
		t.Error(`the lock file names a registry: write it with npm install --omit-lockfile-registry-resolved`)
	}
	if packages, sums := strings.Count(lock, `"node_modules/`), strings.Count(lock, `"integrity": "sha512-`); packages == 0 || sums != packages {
		t.Errorf("%d packages have %d checksums", packages, sums)
	}
}
