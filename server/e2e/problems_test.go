package e2e_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// kindAt says which argument of a function is the kind of a problem.
var kindAt = map[string]int{"Errorf": 1, "fault": 1, "invalid": 0, "unsupported": 0}

// TestEveryKindOfProblemIsInTheManual reads the server's source for the kinds
// that its API can answer, and the manual for its entries.
func TestEveryKindOfProblemIsInTheManual(t *testing.T) {
	t.Parallel()
	manual, err := os.ReadFile(filepath.Join("..", "..", "web", "docs", "problems.md"))
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^### (\S+)$`).FindAllSubmatch(manual, -1) {
		known[string(m[1])] = true
	}
	used := map[string]string{}
	for _, room := range []string{"api", "ingest", "dispatch", "store", "hub", "auth", "framing"} {
		kindsIn(t, filepath.Join("..", room), used)
	}
	if len(used) < 30 {
		t.Errorf("only %d kinds were found; this test has lost its way", len(used))
	}
	for kind, place := range used {
		if !known[kind] {
			t.Errorf("%s: web/docs/problems.md has no entry for the kind %q", place, kind)
		}
	}
	for kind := range known {
		if used[kind] == "" {
			t.Errorf("web/docs/problems.md has an entry for %q, which nothing answers", kind)
		}
	}
}

// kindsIn adds the kinds in the Go files of a room to used, with their place.
func kindsIn(t testing.TB, room string, used map[string]string) {
	t.Helper()
	err := filepath.WalkDir(room, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		files := token.NewFileSet()
		f, err := parser.ParseFile(files, path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if kind := kindOf(n); kind != "" {
				used[kind] = files.Position(n.Pos()).String()
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// kindOf returns the kind that an expression gives to an error, "" for none.
func kindOf(n ast.Node) string {
	switch n := n.(type) {
	case *ast.KeyValueExpr:
		if k, ok := n.Key.(*ast.Ident); ok && k.Name == "Kind" {
			return word(n.Value)
		}
	case *ast.CallExpr:
		name := ""
		switch f := n.Fun.(type) {
		case *ast.Ident:
			name = f.Name
		case *ast.SelectorExpr:
			if x, ok := f.X.(*ast.Ident); ok && x.Name == "screenpop" {
				name = f.Sel.Name
			}
		}
		if name == "unknown" && len(n.Args) > 0 && word(n.Args[0]) != "" {
			return "unknown-" + word(n.Args[0])
		}
		if i, ok := kindAt[name]; ok && i < len(n.Args) {
			return word(n.Args[i])
		}
	}
	return ""
}

// word returns a literal that can be a kind: small letters and hyphens.
func word(e ast.Expr) string {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return ""
	}
	s, err := strconv.Unquote(lit.Value)
	if err != nil || !regexp.MustCompile(`^[a-z][a-z0-9-]*$`).MatchString(s) {
		return ""
	}
	return s
}
