//go:build !js

package mapping

import (
	"errors"
	"fmt"
	"path"
	"regexp"
	"strings"
	"time"
)

// Mode says what becomes of a program once it runs.
type Mode string

// The modes. Run waits for the end, for as long as the timeout allows; Detach is
// for programs with windows, which stay.
const (
	Run    Mode = "run"
	Detach Mode = "detach"
)

// Busy says what becomes of a command while as many of it run as may.
type Busy string

// The values of on_busy.
const (
	Queue Busy = "queue"
	Drop  Busy = "drop"
)

// The limits of an entry.
const (
	MaxCapture  = 4096
	MaxParallel = 4
	MaxTimeout  = time.Hour
)

// Entry is one command: a program, and how it is started.
type Entry struct {
	Name        string
	From        string // where it is written down
	Exe         string // absolute
	SHA256      string // of the program, in hex; "" if any program there will do
	Args        []Arg
	Vars        map[string]*regexp.Regexp // what the whole value has to match
	Timeout     time.Duration             // of Run
	Mode        Mode
	Parallel    int
	OnBusy      Busy
	Capture     int               // bytes of output that are kept, on this PC
	Workdir     string            // the program's folder if ""
	Env         map[string]string // besides what every program gets
	Interpreter bool              // the administrator knows that exe runs what it is told
	Fault       error             // why the entry cannot be used
}

// newEntry returns an entry with what counts where nothing is said.
func newEntry(name, from string) Entry {
	return Entry{Name: name, From: from, Args: []Arg{{Query: []string{All}}}, Timeout: 15 * time.Second,
		Mode: Run, Parallel: 1, OnBusy: Queue}
}

// validate returns the first thing wrong with an entry for a PC that runs goos.
func (e *Entry) validate(goos string) error {
	if !ValidName(e.Name) {
		return errors.New(nameRule)
	}
	if err := programPath(goos, e.Exe); err != nil {
		return fmt.Errorf("exe: %w", err)
	}
	if e.Workdir != "" && !absolute(goos, e.Workdir) {
		return errors.New("workdir: it has to be absolute")
	}
	if e.Mode == Detach && e.Capture > 0 {
		return errors.New("capture: a detached program's output is not kept; use mode run")
	}
	return e.judgeInterpreter(goos)
}

// programPath says whether a program may be started from that path at all.
func programPath(goos, exe string) error {
	switch {
	case exe == "":
		return errors.New("it is missing")
	case strings.ContainsFunc(exe, isControl):
		return errors.New("it holds a control character")
	case !absolute(goos, exe):
		return fmt.Errorf("%q has to be absolute, as %s", exe, map[bool]string{true: `c:\windows\ddesend.exe`, false: "/opt/crm/ddesend"}[goos == "windows"])
	case goos == "windows":
		return windowsProgram(exe)
	case path.Clean(exe) != exe:
		return fmt.Errorf("%q is not the shortest way to write it; that is %q", exe, path.Clean(exe))
	}
	return nil
}

// absolute holds on any machine for any system, so that all of it is tested.
func absolute(goos, p string) bool {
	if goos != "windows" {
		return strings.HasPrefix(p, "/")
	}
	return len(p) > 3 && (p[0]|0x20 >= 'a' && p[0]|0x20 <= 'z') && p[1] == ':' && (p[2] == '\\' || p[2] == '/')
}

// windowsProgram refuses what Windows would hand to a shell or find elsewhere.
// It trims dots and spaces at the end as Windows does (CVE-2024-43402).
func windowsProgram(exe string) error {
	bare := strings.TrimRight(strings.ToLower(exe), ". ")
	switch {
	case bare != strings.ToLower(exe):
		return fmt.Errorf("%q ends in dots or spaces, which Windows ignores", exe)
	case strings.HasSuffix(bare, ".bat"), strings.HasSuffix(bare, ".cmd"):
		return fmt.Errorf("%q is a batch file: Windows runs it through cmd.exe, which would read a caller's number as commands", exe)
	case strings.Contains(exe[2:], ":"):
		return fmt.Errorf("%q holds a second colon", exe)
	case strings.ContainsAny(exe, `"<>|?*%`):
		return fmt.Errorf("%q holds a character that no path has; variables are not filled in", exe)
	case !strings.HasSuffix(bare, ".exe") && !strings.HasSuffix(bare, ".com"):
		return fmt.Errorf("%q is no .exe", exe)
	}
	for _, part := range strings.FieldsFunc(exe[3:], func(r rune) bool { return r == '\\' || r == '/' }) {
		if strings.TrimRight(part, ". ") != part {
			return fmt.Errorf("%q has a folder that ends in dots or spaces", exe)
		}
	}
	return nil
}

func isControl(r rune) bool { return r < ' ' || r >= 0x7f && r < 0xa0 }
