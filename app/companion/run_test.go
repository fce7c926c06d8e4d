//go:build unix

package main_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/crmpop/crmpop/app/wire"
)

func TestArgumentsAndEnvironmentOfTheProgramAreExact(t *testing.T) {
	p := newPC(t)
	p.maps(map[string]string{"ddesend": plain})
	p.run()
	c := p.server.connected()
	for i, one := range []struct {
		vars []string
		want []string
	}{
		{[]string{"anum", "2149", "queue_key", "sales"}, []string{"anum=2149&queue_key=sales"}},
		{[]string{"anum", "1&queue_key=x", "queue_key", "sales"}, []string{"anum=1%26queue_key%3Dx&queue_key=sales"}},
		{[]string{"anum", "$(touch /tmp/x); `id` | \"'"}, []string{"anum=%24%28touch%20%2Ftmp%2Fx%29%3B%20%60id%60%20%7C%20%22%27"}},
	} {
		r := c.run(fmt.Sprint("p", i), "ddesend", one.vars...)
		if r.State != wire.ResultExited || r.ExitCode != 0 {
			t.Fatalf("result %+v, want an exit with 0", r)
		}
		s := p.starts()[i]
		if !slices.Equal(s.Args, one.want) || s.Dir != programs.dir {
			t.Errorf("started with %q in %s, want %q in %s", s.Args, s.Dir, one.want, programs.dir)
		}
		if env := strings.Join(s.Env, "\n"); strings.Contains(env, "SECRET") || !strings.Contains(env, "PATH=/usr/local/bin:") {
			t.Errorf("environment %q", env)
		}
	}
}

func TestNothingIsStartedThatThePCDoesNotLet(t *testing.T) {
	p := newPC(t)
	p.maps(map[string]string{
		"ddesend": plain,
		"swapped": `}, "sha256": "` + strings.Repeat("00", 32) + `"`,
		"bare":    `}, "args": [{"var": "anum"}]`,
	})
	p.run()
	c := p.server.connected()
	unsafe := func(path string, mode, back os.FileMode) func() func() {
		return func() func() {
			must(t, os.Chmod(path, mode))
			return func() { must(t, os.Chmod(path, back)) }
		}
	}
	for i, one := range []struct {
		name string
		make func() func()
		f    wire.CompanionFrame
		want string
	}{
		{"unmapped", nil, runFrame("", "softphone"), "is not mapped on this PC"},
		{"a path for a name", nil, runFrame("", "../recorder"), "a command's name holds"},
		{"an absolute path", nil, runFrame("", programs.recorder), "a command's name holds"},
		{"mapping 0666", unsafe(p.etc("commands.json"), 0o666, 0o644), runFrame("", "ddesend"), "mapping not safe"},
		{"its folder 0777", unsafe(p.etc(""), 0o777, 0o755), runFrame("", "ddesend"), "mapping not safe"},
		{"program 0777", unsafe(programs.recorder, 0o777, 0o755), runFrame("", "ddesend"), "program not safe"},
		{"its folder 0777", unsafe(programs.dir, 0o777, 0o755), runFrame("", "ddesend"), "not safe"},
		{"another program", nil, runFrame("", "swapped"), "is not the one that was mapped"},
		{"an option", nil, runFrame("", "bare", "anum", "--help"), "as an option does"},
		{"NUL", nil, runFrame("", "ddesend", "anum", "1\x002"), "control character"},
		{"50 KiB", nil, runFrame("", "ddesend", "anum", strings.Repeat("1", 50<<10)), "51200 bytes, at most 4096"},
		{"stale", nil, wire.CompanionFrame{Type: wire.CompanionRun, Name: "ddesend", TTLms: -1}, "stale"},
		{"paused", func() func() {
			must(t, p.home().Pause(true))
			return func() { must(t, p.home().Pause(false)) }
		}, runFrame("", "ddesend"), "paused"},
	} {
		back := func() {}
		if one.make != nil {
			back = one.make()
		}
		one.f.PopID = fmt.Sprint("p", i)
		c.send(one.f)
		r := c.result(one.f.PopID)
		back()
		if r.State != wire.ResultRefused || !strings.Contains(r.Detail, one.want) {
			t.Errorf("%s: %s %q, want refused with %q", one.name, r.State, r.Detail, one.want)
		}
	}
	if s := p.starts(); len(s) != 0 {
		t.Errorf("started %+v, want nothing", s)
	}
	if r := c.run("good", "ddesend"); r.State != wire.ResultExited || len(p.starts()) != 1 {
		t.Errorf("with all made safe: %+v", r)
	}
}

// A frame of 200 KiB is not even read; the connection is made anew.
func TestFrameThatIsTooLargeEndsTheConnection(t *testing.T) {
	p := newPC(t)
	p.maps(map[string]string{"ddesend": plain})
	p.run()
	c := p.server.connected()
	c.send(runFrame("p", "ddesend", "anum", strings.Repeat("1", 200<<10)))
	if r := p.server.connected().run("q", "ddesend", "anum", "1"); r.State != wire.ResultExited || len(p.starts()) != 1 {
		t.Errorf("%+v, %d started; want the second alone", r, len(p.starts()))
	}
}

func TestSamePopAHundredTimesIsStartedOnce(t *testing.T) {
	p := newPC(t)
	p.maps(map[string]string{"ddesend": plain})
	r := p.run()
	c := p.server.connected()
	for range 50 {
		c.send(runFrame("p", "ddesend"))
	}
	first := c.result("p")
	c.send(wire.CompanionFrame{Type: wire.CompanionResultOK, PopID: "p"})
	r.kill()
	p.run()
	c = p.server.connected()
	for range 50 {
		if again := c.run("p", "ddesend"); again.State != wire.ResultExited || again.MS != first.MS {
			t.Fatalf("%+v, want the first result %+v", again, first)
		}
	}
	if n := len(p.starts()); n != 1 {
		t.Errorf("started %d times", n)
	}
}

func TestFiftyPopsASecondAreFourProgramsAtMost(t *testing.T) {
	p := newPC(t)
	names := map[string]string{}
	for i := range 10 {
		names[fmt.Sprint("c", i)] = `, "SLEEP": "500ms"}, "parallel": 4`
	}
	p.maps(names)
	p.run()
	c := p.server.connected()
	for i := range 50 {
		f := runFrame(fmt.Sprint("p", i), fmt.Sprint("c", i%10))
		f.TTLms = 4000
		c.send(f)
	}
	states := map[string]int{}
	for range 50 {
		states[c.nextResult().State]++
	}
	at, most := 0, 0
	all := p.starts()
	slices.SortFunc(all, func(a, b start) int { return int(a.At - b.At) })
	for _, s := range all {
		if s.What == "start" {
			at++
		} else {
			at--
		}
		most = max(most, at)
	}
	if most > 4 || most < 2 || states[wire.ResultExited] < 5 || states[wire.ResultRefused] == 0 {
		t.Errorf("%d programs at once; results %v; want several, at most 4, and the rest refused as stale", most, states)
	}
}

func TestResultIsToldUntilTheServerHasIt(t *testing.T) {
	p := newPC(t)
	p.maps(map[string]string{"ddesend": plain})
	r := p.run()
	c := p.server.connected()
	first := c.run("p", "ddesend")
	_ = c.ws.CloseNow() // before result_ok
	c = p.server.connected()
	if again := c.result("p"); again.State != first.State {
		t.Errorf("%+v, want %+v again", again, first)
	}
	r.kill()
	r = p.run()
	c = p.server.connected()
	c.result("p")
	c.send(wire.CompanionFrame{Type: wire.CompanionResultOK, PopID: "p"})
	c.run("q", "ddesend") // so that the confirmation was read
	r.kill()
	p.run()
	if f := p.server.connected().nextResult(); f.PopID != "q" {
		t.Errorf("told %+v, want q alone", f)
	}
}

func TestDetachedProgramIsStartedAndNotWaitedFor(t *testing.T) {
	p := newPC(t)
	p.maps(map[string]string{"phone": `, "SLEEP": "3s"}, "mode": "detach"`})
	r := p.run()
	if got := p.server.connected().run("p", "phone", "anum", "1"); got.State != wire.ResultStarted {
		t.Fatalf("%+v, want started", got)
	}
	must(t, r.cmd.Process.Signal(os.Interrupt))
	if code := r.end(t); code != 0 {
		t.Errorf("the companion ended with %d", code)
	}
	until(t, "the detached program's end", func() bool { return len(p.starts()) == 2 })
}

func TestProgramIsStoppedAtItsTimeoutAndWithTheCompanion(t *testing.T) {
	p := newPC(t)
	p.maps(map[string]string{"quick": `, "SLEEP": "1h"}, "timeout": "300ms"`, "slow": `, "SLEEP": "1h"}, "timeout": "1h"`})
	r := p.run()
	c := p.server.connected()
	if got := c.run("p", "quick"); got.State != wire.ResultTimeout {
		t.Errorf("%+v, want a timeout", got)
	}
	c.send(runFrame("q", "slow"))
	until(t, "its start", func() bool { return len(p.starts()) == 2 })
	must(t, r.cmd.Process.Signal(os.Interrupt))
	r.end(t)
	p.run()
	if got := p.server.connected().result("q"); got.State != wire.ResultTimeout && got.State != wire.ResultUnknown {
		t.Errorf("%+v, want that it was stopped", got)
	}
}

func TestTextIsNotCopiedWithoutADesktop(t *testing.T) {
	p := newPC(t)
	p.run()
	c := p.server.connected()
	c.send(wire.CompanionFrame{Type: wire.CompanionCopy, PopID: "p", Text: "+47 22 33 44 55", TTLms: 15_000})
	if r := c.result("p"); r.State != wire.ResultFailed || !strings.Contains(r.Detail, "no desktop to copy to") {
		t.Errorf("%+v, want a failure in words", r)
	}
}
