//go:build !js

package work_test

import (
	"io"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/crmpop/crmpop/app/companion/clipboard"
	"github.com/crmpop/crmpop/app/companion/journal"
	"github.com/crmpop/crmpop/app/companion/mapping"
	"github.com/crmpop/crmpop/app/companion/work"
	"github.com/crmpop/crmpop/app/wire"
)

// place maps nothing, or panics.
type place struct{ panics bool }

func (p place) Commands() (mapping.Commands, error) {
	if p.panics {
		panic("on purpose")
	}
	return mapping.Commands{From: "here"}, nil
}

func (p place) Check(mapping.Entry) error { return nil }

// rig is a desk and what it has reported.
type rig struct {
	desk    *work.Desk
	journal *journal.Journal
	mu      sync.Mutex // guards told
	told    []journal.Entry
}

func newRig(t *testing.T, o work.Options) *rig {
	t.Helper()
	j, err := journal.Open(filepath.Join(t.TempDir(), "j"), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { j.Close() })
	r := &rig{journal: j}
	o.Journal, o.Getenv, o.Log = j, func(string) string { return "" }, slog.New(slog.NewTextHandler(io.Discard, nil))
	o.Report = func(e journal.Entry) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.told = append(r.told, e)
	}
	if o.Paused == nil {
		o.Paused = func() bool { return false }
	}
	if o.Place == nil {
		o.Place = place{}
	}
	r.desk = work.New(o)
	return r
}

// take gives the desk a frame and returns what it tells.
func (r *rig) take(t *testing.T, f wire.CompanionFrame) []journal.Entry {
	t.Helper()
	r.desk.Take(t.Context(), f)
	r.desk.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	told := r.told
	r.told = nil
	return told
}

func run(popID string) wire.CompanionFrame {
	return wire.CompanionFrame{Type: wire.CompanionRun, PopID: popID, Name: "ddesend", TTLms: 60_000}
}

func TestResultIsToldAgainWhenThePopComesAgain(t *testing.T) {
	r := newRig(t, work.Options{})
	for range 3 {
		told := r.take(t, run("p"))
		if len(told) != 1 || told[0].State != wire.ResultRefused || !strings.Contains(told[0].Detail, "not mapped") {
			t.Fatalf("told %+v, want one refusal", told)
		}
	}
}

func TestAFaultOfOnePopIsNotTheEnd(t *testing.T) {
	r := newRig(t, work.Options{Place: place{panics: true}})
	for _, id := range []string{"p", "q"} {
		if told := r.take(t, run(id)); len(told) != 1 || told[0].State != wire.ResultUnknown {
			t.Errorf("told %+v, want unknown", told)
		}
	}
}

func TestPausedRefusesTextsToo(t *testing.T) {
	r := newRig(t, work.Options{Paused: func() bool { return true }})
	for _, f := range []wire.CompanionFrame{run("p"), {Type: wire.CompanionCopy, PopID: "q", Text: "x", TTLms: 1000}} {
		if told := r.take(t, f); len(told) != 1 || told[0].State != wire.ResultRefused || !strings.Contains(told[0].Detail, "paused") {
			t.Errorf("told %+v, want a refusal", told)
		}
	}
}

func TestTextThatCannotBeCopiedFailsInWords(t *testing.T) {
	r := newRig(t, work.Options{Clipboard: clipboard.Clipboard{}})
	for text, want := range map[string]string{"x": "clipboard", strings.Repeat("x", 5000): "at most 4096", "\u202e": "is empty"} {
		told := r.take(t, wire.CompanionFrame{Type: wire.CompanionCopy, PopID: "p" + want, Text: text, TTLms: 60_000})
		if len(told) != 1 || told[0].State != wire.ResultFailed || !strings.Contains(told[0].Detail, want) {
			t.Errorf("told %+v, want a failure with %q", told, want)
		}
	}
}

func TestStaleIsRefusedAndNotNotedAsBegun(t *testing.T) {
	r := newRig(t, work.Options{})
	for _, ttl := range []int64{0, -5} {
		f := wire.CompanionFrame{Type: wire.CompanionCopy, PopID: "p", Text: "x", TTLms: ttl}
		if told := r.take(t, f); len(told) != 1 || told[0].State != wire.ResultRefused || !strings.HasPrefix(told[0].Detail, "stale") {
			t.Errorf("told %+v, want stale", told)
		}
	}
}

func TestTimeAsleepCounts(t *testing.T) {
	at := time.Now()
	if work.Over(at, 15*time.Second, at.Add(14*time.Second)) {
		t.Error("over after 14 of 15 s")
	}
	if !work.Over(at, 15*time.Second, at.Add(15*time.Second)) {
		t.Error("not over after 15 s")
	}
	// The steady clock stood still while the PC slept; the wall's went on.
	if slept := at.Round(0).Add(time.Hour); !work.Over(at, 15*time.Second, slept) {
		t.Error("not over after an hour's sleep")
	}
}
