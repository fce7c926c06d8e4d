package e2e_test

import (
	"bufio"
	"context"
	"encoding/json"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/crmpop/crmpop/app/screenpop"
)

// realPC is an agent's PC with the real companion on it.
type realPC struct {
	t       testing.TB
	dir     string // nobody else can write to it
	program string
	record  string // what the mapped program was called with
}

// newRealPC builds the companion for this PC, and a program that its administrator
// has mapped to a command.
func newRealPC(t testing.TB, command string) *realPC {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("the mapping of another system than Linux is no file that a test may write")
	}
	p := &realPC{t: t, dir: safeFolder(t)}
	p.program, p.record = filepath.Join(p.dir, "crmpop-companion"), filepath.Join(p.dir, "record")
	recorder, etc := filepath.Join(p.dir, "recorder"), filepath.Join(p.dir, "etc")
	p.build(p.program, "../../app/companion", "-X main.systemFolder="+etc+" -X main.systemOwner="+strconv.Itoa(os.Getuid()))
	p.build(recorder, "../../app/companion/testdata/recorder", "")
	mapping, err := json.Marshal(map[string]any{command: map[string]any{"exe": recorder, "env": map[string]string{"RECORD": p.record}}})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(etc, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(etc, "commands.json"), mapping, 0o644); err != nil {
		t.Fatal(err)
	}
	return p
}

// safeFolder is a folder that nobody else can write to, up to the root: a program
// anywhere else is not started.
func safeFolder(t testing.TB) string {
	t.Helper()
	for _, base := range []string{os.Getenv("HOME"), "/var/lib"} {
		dir, err := os.MkdirTemp(base, "crmpop-e2e-")
		if err != nil {
			continue
		}
		t.Cleanup(func() { os.RemoveAll(dir) })
		safe := os.Chmod(dir, 0o755) == nil
		for at := dir; at != "/"; at = filepath.Dir(at) {
			info, err := os.Lstat(at)
			safe = safe && err == nil && info.Mode()&(fs.ModeSymlink|0o022) == 0
		}
		if safe {
			return dir
		}
	}
	t.Skip("no folder here that nobody else can write to")
	return ""
}

func (p *realPC) build(out, dir, flags string) {
	p.t.Helper()
	cmd := exec.Command("go", "build", "-ldflags", flags, "-o", out, ".")
	cmd.Dir = dir
	if b, err := cmd.CombinedOutput(); err != nil {
		p.t.Fatalf("build %s: %v\n%s", dir, err, b)
	}
}

// start starts the companion and returns what it says, line by line.
func (p *realPC) start(args ...string) *bufio.Scanner {
	p.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, p.program, args...)
	cmd.Env = []string{"HOME=" + p.dir, "XDG_STATE_HOME=" + p.dir, "XDG_CONFIG_HOME=" + p.dir, "PATH=/usr/bin:/bin", "USER=anna"}
	r, w, err := os.Pipe()
	if err != nil {
		p.t.Fatal(err)
	}
	cmd.Stdout, cmd.Stderr = w, w
	if err := cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	w.Close()
	p.t.Cleanup(func() {
		cancel()
		_ = cmd.Wait() // it was killed, or has ended
		r.Close()
	})
	return bufio.NewScanner(r)
}

var codeShown, numberShown = regexp.MustCompile(`^\s+([A-Z]{4}-[A-Z]{4})$`), regexp.MustCompile(`only if the number is (\d\d)\.`)

// shows reads what the companion shows until it shows code and number.
func (p *realPC) shows(said *bufio.Scanner) (code, number string) {
	p.t.Helper()
	for said.Scan() {
		if m := codeShown.FindStringSubmatch(said.Text()); m != nil {
			code = m[1]
		}
		if m := numberShown.FindStringSubmatch(said.Text()); m != nil {
			return code, m[1]
		}
	}
	p.t.Fatal("the companion shows no code")
	return "", ""
}

// calls returns what the mapped program was called with, each time.
func (p *realPC) calls() [][]string {
	p.t.Helper()
	b, err := os.ReadFile(p.record)
	if os.IsNotExist(err) {
		return nil
	} else if err != nil {
		p.t.Fatal(err)
	}
	var all [][]string
	for line := range strings.Lines(string(b)) {
		var call struct{ Args []string }
		if err := json.Unmarshal([]byte(line), &call); err != nil {
			p.t.Fatal(err)
		}
		all = append(all, call.Args)
	}
	return all
}

// TestOneCallDoesEverything goes through every kind of pop on real processes: a
// ringing call shows a page in the tab, copies the number, tells the CRM's server
// and runs a program on the agent's PC; at hangup the server is told once more. All
// of it stands in the trace with its time.
func TestOneCallDoesEverything(t *testing.T) {
	t.Parallel()
	s, d, pc := serve(t), newDesk(t), newRealPC(t, "ddesend")
	crm := s.findCRM()
	status, b := s.publish(strings.NewReplacer("DESK", d.URL, "CRM", crm).Replace(`<screenpopup>
  <url id="page" on="ringing" target="request" title="Contact">CRM/contact?phone={anum|e164}</url>
  <clipboard id="number" on="ringing">{anum|e164}</clipboard>
  <webrequest id="log" on="ringing hangup" again="yes" href="DESK/calls" format="json">
    <variable name="phone">{anum|e164}</variable><variable name="event">{trigger}</variable></webrequest>
  <command id="dde" on="ringing" name="ddesend">anum={anum|digits|last:4}&amp;queue_key={queue_key}</command>
</screenpopup>`))
	if status != 200 {
		t.Fatalf("publish = %d %s", status, b)
	}
	w := signIn(t, s, anna)
	w.grant("clipboard-read", "clipboard-write")

	said := pc.start("pair", "--server", s.url)
	code, number := pc.shows(said)
	page := w.openComputer()
	page.lookUp(code)
	page.says("Does the program show " + number + "?")
	page.clickExact("button", "Yes, pair")
	page.says("Paired with ")
	until(t, "the companion to know", func() (bool, string) {
		return said.Scan() && strings.HasPrefix(said.Text(), "Paired: "), said.Text()
	})
	pc.start("run")
	page.untilCompanion("connected")

	s.ring("whole", kari, anna, "sales")
	w.show(kari.name)
	w.view("Contact")
	w.untilSeen("Contact")
	s.untilState("whole", "dde", screenpop.PopRan)
	last4 := kari.number[len(kari.number)-4:]
	if diff := cmp.Diff([][]string{{"anum=" + last4 + "&queue_key=sales"}}, pc.calls()); diff != "" {
		t.Errorf("the program was called with (-want +got):\n%s", diff)
	}
	// No desktop is here for the companion to copy to: the agent is asked.
	s.untilState("whole", "number", screenpop.PopWaiting)
	if err := w.toFront(w.ctx); err != nil {
		t.Fatal(err)
	}
	w.view("Request")
	w.clickExact("button", "Copy")
	s.untilState("whole", "number", screenpop.PopCopied)
	if got := eval[string](w.tab, "navigator.clipboard.readText()"); got != kari.number {
		t.Errorf("the clipboard holds %q, want %q", got, kari.number)
	}
	s.then(screenpop.Hangup, "whole")
	want := []string{`POST /calls {"phone":"` + kari.number + `","event":"ringing"} `, `POST /calls {"phone":"` + kari.number + `","event":"hangup"} `}
	until(t, "both web requests", func() (bool, string) { diff := cmp.Diff(want, d.received()); return diff == "", diff })

	until(t, "every end in the trace", func() (bool, string) {
		diff := cmp.Diff(map[string]int{"page shown": 1, "number waiting": 1, "number copied": 1, "log sent": 2, "dde ran": 1}, s.ends("whole"))
		return diff == "", diff
	})
}

// ends counts the receipts of a request's pops that the trace holds with a time,
// those but delivered.
func (s *server) ends(request string) map[string]int {
	s.t.Helper()
	ends := map[string]int{}
	for _, p := range s.trace(request).Pops {
		for _, r := range p.Receipts {
			if r.State != screenpop.PopDelivered && !r.At.IsZero() {
				ends[strings.TrimPrefix(p.PopupID, "tenant:")+" "+string(r.State)]++
			}
		}
	}
	return ends
}
