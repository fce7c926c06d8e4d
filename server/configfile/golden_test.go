package configfile_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/crmpop/crmpop/server/configfile"
)

var update = flag.Bool("update", false, "write what the golden files expect")

const rule = "----------\n"

// A golden file is a command and the files it reads, a rule, and what it prints:
//
//	$ crmpop config lint a.xml - (a space inside of an argument has a \ before it)
//	-- a.xml --
//	<screenpopup/>
//	-- stdin --
//	…
//	----------
//	what goes to the standard output
//	-- stderr --
//	what goes to the error output, if anything does
//	exit 1
type golden struct {
	args  []string
	stdin string
	files map[string]string
}

func readGolden(t *testing.T, in string) golden {
	t.Helper()
	command, rest, _ := strings.Cut(in, "\n")
	args, ok := strings.CutPrefix(command, "$ crmpop config ")
	if !ok {
		t.Fatalf("the first line is %q", command)
	}
	g := golden{args: strings.Fields(strings.ReplaceAll(args, `\ `, "\x00")), files: map[string]string{}}
	for i, a := range g.args {
		g.args[i] = strings.ReplaceAll(a, "\x00", " ")
	}
	name := ""
	for line := range strings.Lines(rest) {
		if s, ok := strings.CutPrefix(line, "-- "); ok && strings.HasSuffix(s, " --\n") {
			name = strings.TrimSuffix(s, " --\n")
			g.files[name] = ""
			continue
		}
		g.files[name] += line
	}
	g.stdin = g.files["stdin"]
	delete(g.files, "stdin")
	return g
}

// run runs the command in a folder with its files.
func (g golden) run(t *testing.T) string {
	t.Helper()
	t.Chdir(t.TempDir())
	for name, content := range g.files {
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var stdout, stderr bytes.Buffer
	exit := configfile.Command(t.Context(), g.args, strings.NewReader(g.stdin), &stdout, &stderr)
	out := stdout.String()
	if stderr.Len() > 0 {
		out += "-- stderr --\n" + stderr.String()
	}
	return out + fmt.Sprintf("exit %d\n", exit)
}

func TestGoldenFiles(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no golden files: %v", err)
	}
	for _, file := range files {
		path, err := filepath.Abs(file)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			in, want, _ := strings.Cut(string(b), rule)
			got := readGolden(t, in).run(t)
			if *update {
				if err := os.WriteFile(path, []byte(in+rule+got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
