//go:build !js

package main_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/crmpop/crmpop/"

// room is one line of the design's table: what a room of ours may import, and
// why no more.
type room struct {
	path  string
	may   []string // rooms of ours, besides those that hang below the room itself
	why   string
	later bool // not built yet: it may be missing
}

// rooms is section 2 of the design. Change both together.
var rooms = []room{
	{path: "app/urltemplate", why: "escaping stands alone, to be fuzzed and trusted alone"},
	{path: "app/screenpop", may: []string{"app/urltemplate"}, why: "the domain knows neither sockets nor databases"},
	{path: "app/wire", may: []string{"app/screenpop"}, why: "frames carry the domain's words and nothing of either end"},
	{path: "app/session", may: []string{"app/wire", "app/screenpop"}, why: "browser, companion and load tests share it"},
	{path: "app/ui", why: "widgets know no domain word"},
	{path: "app/browser", why: "the only room with syscall/js; it knows pages, not requests"},
	{path: "app/workspace", may: []string{"app/ui", "app/browser", "app/session", "app/screenpop", "app/wire"}, why: "the agent's screen"},
	{path: "app/admin", may: []string{"app/ui", "app/browser", "app/session", "app/screenpop", "app/wire"}, why: "the portal's screens"},
	{path: "app/check", may: []string{"app/ui", "app/browser", "app/screenpop", "app/wire"}, why: "the test of a browser; what came of it is judged without one"},
	{path: "app/routes", may: []string{"app/workspace", "app/admin", "app/check"}, why: "one route table for both mains"},
	{path: "app/companion", may: []string{"app/session", "app/wire", "app/screenpop"}, why: "it runs on agents' PCs: small, and nothing that draws"},
	{path: "wasm", may: []string{"app/routes"}, why: "a main of fifteen lines"},
	{path: "web", why: "files only"},
	{path: "web/editor", why: "a build tool"},
	{path: "web/pack", may: []string{"web"}, why: "a build tool"},
	{path: "server/auth", may: []string{"app/screenpop"}, why: "who somebody is does not depend on what they do"},
	{path: "server/config", may: []string{"server/auth"}, why: "origins and loopback are judged in one place"},
	{path: "server/region", may: []string{"app/urltemplate"}, why: "numbers and hosts are read alike wherever a pop is made"},
	{path: "server/configfile", may: []string{"app/screenpop", "app/urltemplate", "server/ingest", "server/region"}, why: "files are judged as the server would, without one"},
	{path: "server/ingest", may: []string{"app/screenpop", "app/wire", "app/urltemplate"}, why: "dialects read bytes and touch nothing"},
	{path: "server/store", may: []string{"app/screenpop", "app/wire", "app/urltemplate"}, why: "the only room with SQL knows nobody above it"},
	{path: "server/hub", may: []string{"app/screenpop", "app/wire", "app/urltemplate"}, why: "sockets see the record through an interface of their own"},
	{path: "server/companions", may: []string{"app/screenpop", "app/wire"}, why: "programs on PCs are told what the record holds, through interfaces of its own"},
	{path: "server/dial", why: "whoever leaves the house goes by one door, which knows nobody"},
	{path: "server/vault", why: "what holds the key knows nothing of what it locks"},
	{path: "server/framing", may: []string{"app/screenpop", "app/wire", "app/urltemplate", "server/dial"}, why: "a verdict is a matter of headers"},
	{path: "server/outbound", may: []string{"app/screenpop", "app/wire", "app/urltemplate", "server/dial", "server/store"}, why: "it works the record's outbox off, in the record's types, and knows nobody else"},
	{path: "server/dispatch", may: []string{"app/screenpop", "app/wire", "app/urltemplate", "server/region", "server/store"}, why: "it plans what the record writes, in the record's types"},
	{path: "server/docs", may: []string{"web"}, why: "the manual is drawn from its text alone"},
	{path: "server/demo", may: []string{"app/screenpop", "server/store", "server/auth"}, why: "a customer like any other: it speaks to the public API"},
	{path: "server/api", may: []string{"app/screenpop", "app/wire", "app/urltemplate", "server/auth", "server/companions", "server/dispatch", "server/framing",
		"server/hub", "server/ingest", "server/outbound", "server/store", "server/vault", "web"}, why: "the door stands before all rooms"},
	{path: "server", may: []string{"*"}, why: "the one place where everything meets"},
	{path: "server/e2e/zoo", why: "pages that make trouble, for tests and for people who look"},
	{path: "server/e2e", may: []string{"*"}, why: "tests of the whole"},
}

// domain are the rooms that must run anywhere and know no outer world.
var domain = []string{"app/urltemplate", "app/screenpop", "app/wire"}

// pkg is what go list says of a package.
type pkg struct {
	ImportPath string
	Dir        string
	Name       string
	Doc        string
	Imports    []string
	Deps       []string
	GoFiles    []string
}

// goList lists our packages as they are built for a platform.
func goList(t *testing.T, env []string, args ...string) []pkg {
	t.Helper()
	fields := "-json=ImportPath,Dir,Name,Doc,Imports,Deps,GoFiles"
	cmd := exec.Command("go", append([]string{"list", fields}, args...)...)
	cmd.Dir = ".."
	cmd.Env = append(os.Environ(), env...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list %v: %v\n%s", args, err, stderr.String())
	}
	var all []pkg
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		if len(p.GoFiles) > 0 {
			all = append(all, p)
		}
	}
}

func native(t *testing.T) []pkg { return goList(t, nil, "./...") }

func inBrowser(t *testing.T) []pkg {
	return goList(t, []string{"GOOS=js", "GOARCH=wasm"}, "./app/...", "./wasm/...")
}

// roomOf returns the room of a package of ours: the longest path of the table
// that it is or hangs below.
func roomOf(importPath string) (room, bool) {
	p, ours := strings.CutPrefix(importPath, module)
	if !ours {
		return room{}, false
	}
	var best room
	for _, r := range rooms {
		if (p == r.path || strings.HasPrefix(p, r.path+"/")) && len(r.path) > len(best.path) {
			best = r
		}
	}
	return best, best.path != ""
}

func TestArrowsPointOneWay(t *testing.T) {
	for platform, all := range map[string][]pkg{"native": native(t), "js": inBrowser(t)} {
		for _, p := range all {
			from, ok := roomOf(p.ImportPath)
			if !ok {
				t.Errorf("%s: %s is in no room of the table; give it a line with its reason", platform, p.ImportPath)
				continue
			}
			for _, dep := range p.Imports {
				to, ours := roomOf(dep)
				if !ours || to.path == from.path || slices.Contains(from.may, "*") || slices.Contains(from.may, to.path) {
					continue
				}
				t.Errorf("%s: %s imports %s, which %s may not: %s", platform, p.ImportPath, dep, from.path, from.why)
			}
		}
	}
}

func TestEveryRoomIsThere(t *testing.T) {
	have := map[string]bool{}
	for _, p := range append(native(t), inBrowser(t)...) {
		r, _ := roomOf(p.ImportPath)
		have[r.path] = true
	}
	for _, r := range rooms {
		if !have[r.path] && !r.later && !hasTests(t, r.path) {
			t.Errorf("room %s is gone; take it out of the table and the design, or bring it back", r.path)
		}
	}
}

// hasTests is for rooms of tests only, which go list counts as empty.
func hasTests(t *testing.T, path string) bool {
	t.Helper()
	tests, err := filepath.Glob(filepath.Join("..", filepath.FromSlash(path), "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	return len(tests) > 0
}

// What a room must not reach, not even through others.
func TestRoomsStayOutOfWhatIsNotTheirs(t *testing.T) {
	for _, rule := range []struct {
		platform string
		rooms    func(path string) bool
		not      []string
		why      string
	}{
		{"both", func(p string) bool { return strings.HasPrefix(p, "app/") || p == "wasm" }, []string{module + "server"},
			"what app imports lands in the browser"},
		{"both", func(p string) bool { return slices.Contains(domain, p) },
			[]string{"github.com/maxence-charriere/go-app", "database/sql", "direct:syscall/js", "net/http", "os/exec"},
			"the domain runs anywhere"},
		{"js", func(p string) bool { return strings.HasPrefix(p, "app/") || p == "wasm" },
			[]string{"text/template", "html/template", "modernc.org", "github.com/nyaruka", "github.com/klauspost", "github.com/andybalholm"},
			"each would cost every agent a large part of the wasm"},
		{"native", func(p string) bool {
			return strings.HasPrefix(p, "server/") && p != "server/store" && p != "server/e2e"
		},
			[]string{"direct:database/sql", "direct:modernc.org/sqlite"}, "SQL is store's"},
		{"js", func(p string) bool {
			return p != "app/browser" && !strings.HasPrefix(p, "app/browser/") && strings.HasPrefix(p, "app/")
		},
			[]string{"direct:syscall/js"}, "syscall/js is browser's"},
	} {
		platforms := map[string]func(*testing.T) []pkg{"native": native, "js": inBrowser}
		for platform, list := range platforms {
			if rule.platform != "both" && rule.platform != platform {
				continue
			}
			for _, p := range list(t) {
				if !rule.rooms(strings.TrimPrefix(p.ImportPath, module)) {
					continue
				}
				for _, not := range rule.not {
					if got := reaches(p, not); got != "" {
						t.Errorf("%s: %s reaches %s: %s", platform, p.ImportPath, got, rule.why)
					}
				}
			}
		}
	}
}

// reaches returns what of p's dependencies is not or hangs below it; "direct:"
// looks at p's own imports only.
func reaches(p pkg, not string) string {
	all := p.Deps
	if direct, ok := strings.CutPrefix(not, "direct:"); ok {
		not, all = direct, p.Imports
	}
	for _, d := range all {
		if d == not || strings.HasPrefix(d, not+"/") {
			return d
		}
	}
	return ""
}

func TestEveryPackageSaysWhatItIs(t *testing.T) {
	for _, p := range native(t) {
		docs := 0
		for _, f := range p.GoFiles {
			file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(p.Dir, f), nil, parser.PackageClauseOnly|parser.ParseComments)
			if err != nil {
				t.Fatal(err)
			}
			if file.Doc != nil {
				docs++
			}
		}
		want := "Package " + p.Name + " "
		if p.Name == "main" {
			want = "Command "
		}
		if docs != 1 || !strings.HasPrefix(p.Doc, want) {
			t.Errorf("%s has %d package comments, the first %q; want one that begins %q", p.ImportPath, docs, p.Doc, want)
		}
	}
}

func TestEveryExportedNameIsExplained(t *testing.T) {
	fset := token.NewFileSet()
	for _, dir := range []string{"../app", "../server", "../web", "../wasm"} {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			file, err := parser.ParseFile(fset, path, nil, parser.ParseComments|parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			for _, name := range unexplained(file) {
				t.Errorf("%s: %s has no doc comment", path, name)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// unexplained lists the exported names of a file without a comment. One on the
// group of constants or variables, or at the end of the line, counts for them.
func unexplained(file *ast.File) []string {
	var names []string
	for _, decl := range file.Decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			if d.Name.IsExported() && d.Doc == nil && exportedReceiver(d) {
				names = append(names, d.Name.Name)
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				names = append(names, unexplainedSpec(d, spec)...)
			}
		}
	}
	return names
}

func unexplainedSpec(d *ast.GenDecl, spec ast.Spec) []string {
	switch s := spec.(type) {
	case *ast.TypeSpec:
		if s.Name.IsExported() && s.Doc == nil && (d.Doc == nil || len(d.Specs) > 1) {
			return []string{s.Name.Name}
		}
	case *ast.ValueSpec:
		if d.Doc != nil || s.Doc != nil || s.Comment != nil {
			return nil
		}
		for _, n := range s.Names {
			if n.IsExported() {
				return []string{n.Name}
			}
		}
	}
	return nil
}

// exportedReceiver reports whether d is a function, or a method of a type that
// others can name.
func exportedReceiver(d *ast.FuncDecl) bool {
	if d.Recv == nil {
		return true
	}
	typ := d.Recv.List[0].Type
	if star, ok := typ.(*ast.StarExpr); ok {
		typ = star.X
	}
	switch x := typ.(type) {
	case *ast.IndexExpr:
		typ = x.X
	case *ast.IndexListExpr:
		typ = x.X
	}
	name, ok := typ.(*ast.Ident)
	return ok && name.IsExported()
}

func TestTopLevelIsFixed(t *testing.T) {
	// bin and data are built or written by a run, and in .gitignore.
	allowed := []string{"app", "server", "web", "wasm", "go.mod", "go.sum", "Makefile", "README.md", "LICENSE", "bin", "data"}
	entries, err := os.ReadDir("..")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !slices.Contains(allowed, e.Name()) && !strings.HasPrefix(e.Name(), ".") {
			t.Errorf("%q stands at the top level; it holds %v and no more", e.Name(), allowed)
		}
	}
	for _, name := range []string{"app", "server", "web", "wasm"} {
		if _, err := os.Stat(filepath.Join("..", name)); err != nil {
			t.Errorf("the top level lacks %s", name)
		}
	}
	if files, err := filepath.Glob("../app/*.go"); err != nil || len(files) > 0 {
		t.Errorf("app itself holds no Go file, but has %v", files)
	}
}
