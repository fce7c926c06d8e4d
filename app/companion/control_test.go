//go:build unix

package main_test

import (
	"encoding/xml"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	main "github.com/crmpop/crmpop/app/companion"
	"github.com/crmpop/crmpop/app/wire"
)

func TestPauseIsToldAndHolds(t *testing.T) {
	p := newPC(t)
	p.maps(map[string]string{"ddesend": plain})
	p.run()
	c := p.server.connected()
	told := func(c *conn, on bool) {
		t.Helper()
		for {
			f, ok := c.next()
			if !ok {
				t.Fatal("the connection was lost")
			}
			if f.Type == wire.CompanionPause && f.On == on {
				return
			}
		}
	}
	if said, _, code := p.do("pause"); code != 0 || !strings.Contains(said, "Paused") {
		t.Errorf("pause: %d %q", code, said)
	}
	c.send(runFrame("p", "ddesend")) // refused at once, also before the server is told
	for toldOn, result := false, (wire.CompanionFrame{}); !toldOn || result.PopID == ""; {
		f, ok := c.next()
		if !ok {
			t.Fatal("the connection was lost")
		}
		toldOn = toldOn || f.Type == wire.CompanionPause && f.On
		if f.Type != wire.CompanionResult {
			continue
		}
		if result = f; f.State != wire.ResultRefused || !strings.Contains(f.Detail, "paused") {
			t.Errorf("%+v, want refused at once", f)
		}
	}
	if said, _, _ := p.do("status"); !strings.Contains(said, "Commands are paused") {
		t.Errorf("status %q", said)
	}
	_ = c.ws.CloseNow() // a new connection is told again
	c = p.server.connected()
	told(c, true)
	if _, _, code := p.do("resume"); code != 0 {
		t.Errorf("resume: %d", code)
	}
	told(c, false)
	if r := c.run("q", "ddesend"); r.State != wire.ResultExited {
		t.Errorf("%+v after resume", r)
	}
}

func TestStatusListsTheLastTwentyCommands(t *testing.T) {
	p := newPC(t)
	p.maps(map[string]string{"ddesend": plain})
	if said, _, code := p.do("status"); code != 0 || !strings.Contains(said, "Not running. Start it with") {
		t.Errorf("status %q", said)
	}
	p.run()
	c := p.server.connected()
	for i := range 25 {
		c.run("refused"+string(rune('a'+i)), "no-"+string(rune('a'+i)))
	}
	c.run("ran", "ddesend", "anum", "4799999999")
	said, _, _ := p.do("status")
	if strings.Count(said, "refused: the command") != 19 || strings.Contains(said, "no-f ") || !strings.Contains(said, "no-g ") || !strings.Contains(said, "ddesend  ended with 0 after") {
		t.Errorf("status:\n%s", said)
	}
	if strings.Contains(said, "4799999999") {
		t.Error("status shows a caller's number")
	}
}

func TestOneCompanionAUser(t *testing.T) {
	p := newPC(t)
	first := p.run()
	p.server.connected()
	second := p.run()
	if code := second.end(t); code != 1 || !strings.Contains(second.out.String(), "runs already") {
		t.Errorf("the second ended with %d: %s", code, second.out.String())
	}
	first.kill()
	p.run()
	p.server.connected()
}

func TestCommandsAreListedWithWhatIsRefused(t *testing.T) {
	p := newPC(t)
	if said, _, _ := p.do("commands"); !strings.Contains(said, "No commands are mapped. The administrator of this PC does that in "+p.etc("commands.json")) {
		t.Errorf("without a mapping: %q", said)
	}
	p.maps(map[string]string{"good": plain, "stays": `}, "mode": "detach"`, "bad": `}, "what": 1`})
	said, _, code := p.do("commands")
	for _, want := range []string{"runs, at most 15s", "starts, and stays", "refused: what: there is no such field"} {
		if code != 0 || !strings.Contains(said, want) {
			t.Errorf("commands, %d:\n%s\nwant %q", code, said, want)
		}
	}
	write(t, p.etc("commands.json"), "{}", 0o666)
	if _, fault, code := p.do("commands"); code != 1 || !strings.Contains(fault, "mapping not safe") {
		t.Errorf("unsafe: %d %q", code, fault)
	}
}

func TestArgumentsThatCannotBeReadAreExplained(t *testing.T) {
	p := newPC(t)
	for args, want := range map[string]string{"": "say what to do", "fly": `there is no command "fly"`, "status now": `status takes no "now"`,
		"pair now": `pair takes no "now"`, "run --fast": "flag provided but not defined"} {
		_, fault, code := p.do(strings.Fields(args)...)
		if code != 2 || !strings.Contains(fault, want) || !strings.Contains(fault, "usage: crmpop-companion") {
			t.Errorf("%q: %d %q, want %q", args, code, fault, want)
		}
	}
	if said, _, code := p.do("--version"); code != 0 || !strings.HasPrefix(said, "crmpop-companion ") {
		t.Errorf("version: %d %q", code, said)
	}
	if said, _, code := p.do("help"); code != 0 || !strings.HasPrefix(said, "usage:") {
		t.Errorf("help: %d %q", code, said)
	}
}

func TestInstallIsTakenBack(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the file is another elsewhere")
	}
	p := newPC(t)
	file := filepath.Join(p.state, "autostart", "crmpop-companion.desktop")
	if _, _, code := p.do("install"); code != 0 {
		t.Errorf("install: %d", code)
	}
	if got, err := os.ReadFile(file); err != nil || !strings.Contains(string(got), "\nExec=\""+programs.companion+"\" run --background\n") {
		t.Errorf("%s, %v", got, err)
	}
	for range 2 { // the second has nothing to do
		if _, _, code := p.do("uninstall"); code != 0 {
			t.Errorf("uninstall: %d", code)
		}
	}
	if _, err := os.Stat(file); !os.IsNotExist(err) {
		t.Error("the file is still there")
	}
}

func TestAutostartQuotesOddPaths(t *testing.T) {
	if got, want := main.DesktopEntry(`/opt/a b/$x"100%\`), "\nExec=\"/opt/a b/\\\\$x\\\\\"100%%\\\\\\\\\" run --background\n"; !strings.Contains(got, want) {
		t.Errorf("%s, want %s", got, want)
	}
	d := xml.NewDecoder(strings.NewReader(main.LaunchAgent("/opt/a & <b>/c")))
	text := ""
	for {
		tok, err := d.Token()
		if err == io.EOF {
			break
		}
		must(t, err)
		if c, ok := tok.(xml.CharData); ok {
			text += string(c)
		}
	}
	if !strings.Contains(text, "/opt/a & <b>/crun--background") {
		t.Errorf("the launch agent reads %q", text)
	}
}
