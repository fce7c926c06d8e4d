//go:build unix

package process_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/crmpop/crmpop/app/companion/process"
	"github.com/crmpop/crmpop/app/wire"
)

// script returns a program of a few lines of shell.
func script(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "program")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+text), 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestProgramGetsItsArgumentsItsEnvironmentAndNoMore(t *testing.T) {
	exe := script(t, `printf '%s|' "$@"; pwd; env; cat; exit 7`)
	t.Setenv("SECRET", "of the companion")
	r := process.Run(t.Context(), process.Spec{Exe: exe, Args: []string{"a b", "$(id)", ""}, Env: []string{"A=b", "PATH=/usr/bin:/bin"},
		Timeout: time.Minute, Capture: 4096})
	if r.State != wire.ResultExited || r.Code != 7 {
		t.Fatalf("%+v, want an exit with 7", r)
	}
	if want := "a b|$(id)||" + filepath.Dir(exe) + "\n"; !strings.HasPrefix(r.Output, want) {
		t.Errorf("output %q, want it to begin %q", r.Output, want)
	}
	if strings.Contains(r.Output, "SECRET") || !strings.Contains(r.Output, "\nA=b\n") {
		t.Errorf("environment %q", r.Output)
	}
}

func TestAnEmptyEnvironmentIsNotOurs(t *testing.T) {
	t.Setenv("SECRET", "of the companion")
	r := process.Run(t.Context(), process.Spec{Exe: script(t, `/usr/bin/env`), Timeout: time.Minute, Capture: 4096})
	if strings.Contains(r.Output, "SECRET") {
		t.Errorf("environment %q", r.Output)
	}
}

// A grandchild that holds the output must hold nobody up: neither past the
// timeout nor past a good end. Both would go on for a minute.
func TestGrandchildThatHoldsThePipeHoldsNobodyUp(t *testing.T) {
	for name, c := range map[string]struct{ text, state string }{
		"timeout":  {"sleep 60 & sleep 60", wire.ResultTimeout},
		"good end": {"sleep 60 & exit 0", wire.ResultExited},
	} {
		t.Run(name, func(t *testing.T) {
			done := make(chan process.Result, 1)
			go func() {
				done <- process.Run(context.Background(), process.Spec{Exe: script(t, c.text), Env: []string{"PATH=/usr/bin:/bin"},
					Timeout: 300 * time.Millisecond, Capture: 10})
			}()
			select {
			case r := <-done:
				if r.State != c.state && name == "timeout" {
					t.Errorf("%+v, want %s", r, c.state)
				}
			case <-time.After(30 * time.Second):
				t.Fatal("it is still waited for")
			}
		})
	}
}

func TestTimeoutEndsTheWholeGroup(t *testing.T) {
	pids := filepath.Join(t.TempDir(), "pids")
	exe := script(t, "sleep 600 & echo $! > "+pids+"; wait")
	r := process.Run(t.Context(), process.Spec{Exe: exe, Env: []string{"PATH=/usr/bin:/bin"}, Timeout: 2 * time.Second})
	if r.State != wire.ResultTimeout || !strings.Contains(r.Detail, "stopped after 2s") {
		t.Fatalf("%+v, want a timeout", r)
	}
	pid, err := os.ReadFile(pids)
	if err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(30 * time.Second); alive(strings.TrimSpace(string(pid))); {
		if time.Now().After(deadline) {
			t.Fatalf("grandchild %s lives on", pid)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// alive reports whether a process is there and no zombie.
func alive(pid string) bool {
	b, err := os.ReadFile("/proc/" + pid + "/stat")
	return err == nil && !strings.Contains(string(b), ") Z ")
}

func TestOutputIsCapped(t *testing.T) {
	exe := script(t, `i=0; while [ $i -lt 20000 ]; do echo 0123456789; i=$((i+1)); done`)
	r := process.Run(t.Context(), process.Spec{Exe: exe, Env: []string{"PATH=/usr/bin:/bin"}, Timeout: time.Minute, Capture: 15})
	if r.State != wire.ResultExited || r.Output != "0123456789\n0123" {
		t.Errorf("%+v, want the first 15 bytes", r)
	}
}

func TestSignalAndMissingProgramAreToldApart(t *testing.T) {
	r := process.Run(t.Context(), process.Spec{Exe: script(t, `kill -9 $$`), Env: []string{"PATH=/usr/bin:/bin"}, Timeout: time.Minute})
	if r.State != wire.ResultExited || r.Code != -1 || !strings.Contains(r.Detail, "killed") {
		t.Errorf("%+v, want a signal", r)
	}
	r = process.Run(t.Context(), process.Spec{Exe: "/nowhere/to/be/found", Timeout: time.Minute})
	if r.State != wire.ResultFailed || !strings.Contains(r.Detail, "no such file") {
		t.Errorf("%+v, want a failure", r)
	}
}

// A program that is to end while it is still being started does no harm.
func TestProgramEndsBeforeItHasBegun(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	stop()
	for range 20 {
		r := process.Run(ctx, process.Spec{Exe: script(t, "sleep 60"), Env: []string{"PATH=/usr/bin:/bin"}, Timeout: time.Minute})
		if r.State != wire.ResultTimeout && r.State != wire.ResultFailed {
			t.Fatalf("%+v", r)
		}
	}
}

func TestProgramEndsWithTheCompanion(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	began := filepath.Join(t.TempDir(), "began")
	go func() {
		defer stop()
		for i := 0; i < 3000; i++ {
			if _, err := os.Stat(began); err == nil {
				return
			}
			time.Sleep(10 * time.Millisecond)
		}
	}()
	r := process.Run(ctx, process.Spec{Exe: script(t, "> "+began+"; sleep 60"), Env: []string{"PATH=/usr/bin:/bin"}, Timeout: time.Minute})
	if r.State != wire.ResultTimeout || r.Detail != "it was stopped together with the companion" {
		t.Errorf("%+v", r)
	}
}

func TestDetachedProgramStays(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out")
	r := process.Detach(process.Spec{Exe: script(t, "ps -o sid= -p $$ > "+out+".new; mv "+out+".new "+out), Env: []string{"PATH=/usr/bin:/bin"}})
	if r.State != wire.ResultStarted {
		t.Fatalf("%+v", r)
	}
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		if _, err := os.Stat(out); err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("it did not run")
		}
	}
}

func TestEnvironmentIsMadeNotInherited(t *testing.T) {
	set := map[string]string{"HOME": "/home/a", "DISPLAY": ":0", "LD_PRELOAD": "/tmp/x.so", "PATH": "/tmp", "SECRET": "s"}
	env := process.Environment(func(n string) string { return set[n] }, map[string]string{"CRM": "1"})
	if got, want := strings.Join(env, " "), "CRM=1 DISPLAY=:0 HOME=/home/a PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"; got != want {
		t.Errorf("environment %q, want %q", got, want)
	}
}
