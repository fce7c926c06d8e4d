package configfile_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/crmpop/crmpop/server/configfile"
)

// run runs a command and returns its exit code and what it printed.
func run(t *testing.T, stdin io.Reader, args ...string) (exit int, stdout, stderr string) {
	t.Helper()
	var out, err bytes.Buffer
	exit = configfile.Command(t.Context(), args, stdin, &out, &err)
	return exit, out.String(), err.String()
}

func TestHelpNamesEveryCommandAndOption(t *testing.T) {
	for _, c := range []struct {
		args string
		want []string
	}{
		{"--help", []string{"lint", "render", "crmpop config"}},
		{"lint --help", []string{"--json", "<file>", "Exit code 1"}},
		{"render --help", []string{"--event", "--agent-name", "--region", "--hosts", "--json", "<file>"}},
	} {
		exit, stdout, stderr := run(t, nil, strings.Fields(c.args)...)
		if exit != 0 || stderr != "" {
			t.Errorf("%s: exit %d, %s", c.args, exit, stderr)
		}
		for _, w := range c.want {
			if !strings.Contains(stdout, w) {
				t.Errorf("%s does not say %q:\n%s", c.args, w, stdout)
			}
		}
	}
}

func TestNoCommandIsAUsageFault(t *testing.T) {
	if exit, stdout, stderr := run(t, nil); exit != 2 || stdout != "" || !strings.Contains(stderr, "crmpop config --help") {
		t.Errorf("exit %d, %q, %q", exit, stdout, stderr)
	}
}

// A person who has typed nothing yet can leave with Ctrl-C.
func TestReadingTheInputEndsWithTheContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	in, typed := io.Pipe()
	defer typed.Close()
	cancel()
	var stdout, stderr bytes.Buffer
	exit := configfile.Command(ctx, []string{"lint", "-"}, in, &stdout, &stderr)
	if exit != 1 || stderr.String() != "-: error: context canceled\n" {
		t.Errorf("exit %d, %s", exit, stderr.String())
	}
}

func TestWhatCannotBeReadIsToldAndTheRestIsChecked(t *testing.T) {
	dir := t.TempDir()
	big := filepath.Join(dir, "big.xml")
	if err := os.WriteFile(big, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(big, configfile.MaxFile+1); err != nil {
		t.Fatal(err)
	}
	good := filepath.Join(dir, "good.xml")
	if err := os.WriteFile(good, []byte("<screenpopup><url visible='true'>https://a.example/</url></screenpopup>"), 0o600); err != nil {
		t.Fatal(err)
	}
	broken := iotest{errors.New("the pipe is broken")}
	exit, stdout, stderr := run(t, broken, "lint", dir, big, "-", filepath.Join(dir, "none.xml"), good)
	want := dir + ": error: is a directory\n" +
		big + ": error: it has more than 16777216 bytes; popup documents have at most 65536\n" +
		"-: error: the pipe is broken\n" +
		filepath.Join(dir, "none.xml") + ": error: no such file or directory\n"
	if diff := cmp.Diff(want, stderr); diff != "" || exit != 1 {
		t.Errorf("exit %d (-want +got):\n%s", exit, diff)
	}
	if !strings.HasPrefix(stdout, good+`:1:19: error: visible="true" without a target (`) {
		t.Errorf("stdout %q", stdout)
	}
}

// iotest is a reader, or a writer, that fails.
type iotest struct{ err error }

func (r iotest) Read([]byte) (int, error)  { return 0, r.err }
func (r iotest) Write([]byte) (int, error) { return 0, r.err }

func TestJSONThatCannotBeWrittenIsAFault(t *testing.T) {
	doc := filepath.Join(t.TempDir(), "a.xml")
	if err := os.WriteFile(doc, []byte("<screenpopup/>"), 0o600); err != nil {
		t.Fatal(err)
	}
	event := `{"id":"e","type":"ringing","request":{"id":"r","channel":"voice"}}`
	for _, args := range [][]string{{"lint", "--json", doc}, {"render", "--json", doc, "--event", "-"}} {
		var stderr bytes.Buffer
		exit := configfile.Command(t.Context(), args, strings.NewReader(event), iotest{errors.New("disk full")}, &stderr)
		if exit != 1 || stderr.String() != "standard output: error: disk full\n" {
			t.Errorf("%v: exit %d, %s", args, exit, stderr.String())
		}
	}
}

// A document as long as it gets is told its size, not that it is too long to read.
func TestADocumentThatIsTooLongIsAFinding(t *testing.T) {
	exit, stdout, _ := run(t, strings.NewReader(strings.Repeat("x", 70_000)), "lint", "-")
	if exit != 1 || !strings.HasPrefix(stdout, "-:1:65537: error: the document has 70000 bytes (at most 65536 are allowed") {
		t.Errorf("exit %d, %s", exit, stdout)
	}
}

// The time of receipt stands in for the event's own.
func TestAnEventWithoutATimeIsReceivedNow(t *testing.T) {
	doc := filepath.Join(t.TempDir(), "a.xml")
	if err := os.WriteFile(doc, []byte("<screenpopup><clipboard>{time}</clipboard></screenpopup>"), 0o600); err != nil {
		t.Fatal(err)
	}
	event := `{"id":"e","type":"ringing","request":{"id":"r","channel":"voice"}}`
	exit, stdout, stderr := run(t, strings.NewReader(event), "render", "--json", doc, "--event", "-")
	var got struct {
		Popups []struct {
			Variables []struct{ Source, Value string }
		}
	}
	if err := json.Unmarshal([]byte(stdout), &got); err != nil || exit != 0 {
		t.Fatalf("exit %d, %v, %s", exit, err, stderr)
	}
	if v := got.Popups[0].Variables[0]; v.Source != "built in" || !strings.HasPrefix(v.Value, "20") {
		t.Errorf("{time} is %+v", v)
	}
}
