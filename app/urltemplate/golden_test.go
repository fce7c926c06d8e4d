package urltemplate_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/crmpop/crmpop/app/urltemplate"
	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write what the golden files expect")

const divider = "----------\n"

var kinds = map[string]urltemplate.Kind{
	"url": urltemplate.URL, "text": urltemplate.Text, "form": urltemplate.Form,
	"json": urltemplate.JSON, "argv": urltemplate.Argv, "header": urltemplate.Header,
}

// golden is a file of testdata/expand: the kind and the template in the first
// line ("form+secret" for one that may hold secrets), then name = "value" lines (or name*1000 = "value" for a value a thousand
// times), and "hosts = …" for the list of hosts. Below the divider stands what
// comes out: faults as "error at 8: …", a skip as "skip: …", or the text.
type golden struct {
	kind   urltemplate.Kind
	parse  func(urltemplate.Kind, string) (*urltemplate.Template, []urltemplate.Fault)
	src    string
	values map[string]string
	hosts  []string
}

func readGolden(t testing.TB, in string) golden {
	t.Helper()
	lines := strings.Split(strings.TrimSuffix(in, "\n"), "\n")
	kind, src, _ := strings.Cut(lines[0], " ")
	g := golden{parse: urltemplate.Parse, src: src, values: map[string]string{}}
	if bare, secrets := strings.CutSuffix(kind, "+secret"); secrets {
		kind, g.parse = bare, urltemplate.ParseSecret
	}
	g.kind = kinds[kind]
	for _, line := range lines[1:] {
		name, quoted, ok := strings.Cut(line, " = ")
		if name == "hosts" {
			g.hosts = strings.Fields(quoted)
			continue
		}
		value, err := strconv.Unquote(quoted)
		if !ok || err != nil {
			t.Fatalf("bad line %q: %v", line, err)
		}
		name, times, _ := strings.Cut(name, "*")
		if n, err := strconv.Atoi(times); err == nil {
			value = strings.Repeat(value, n)
		}
		g.values[name] = value
	}
	return g
}

func (g golden) expand() string {
	var b strings.Builder
	tmpl, faults := g.parse(g.kind, g.src)
	for _, f := range faults {
		fmt.Fprintf(&b, "%s at %d: %s\n", f.Severity, f.Offset, f)
	}
	if tmpl == nil {
		return b.String()
	}
	res, err := tmpl.Expand(urltemplate.Values{
		Lookup: func(name string) (string, bool) { v, ok := g.values[name]; return v, ok },
		Hosts: func(host string) bool {
			for _, h := range g.hosts {
				if h == host {
					return true
				}
			}
			return false
		},
	})
	if err != nil {
		return b.String() + "skip: " + err.Error() + "\n"
	}
	if res.Shortened {
		fmt.Fprintf(&b, "shortened to %d bytes\n", len(res.Text))
	}
	if len(res.Text) > 200 {
		res.Text = res.Text[:100] + " … " + res.Text[len(res.Text)-20:]
	}
	return b.String() + res.Text + "\n"
}

func TestGoldenExpansions(t *testing.T) {
	files, err := filepath.Glob("testdata/expand/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no golden files: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			content, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			in, want, _ := strings.Cut(string(content), divider)
			got := readGolden(t, in).expand()
			if *update {
				if err := os.WriteFile(file, []byte(in+divider+got), 0o644); err != nil {
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
