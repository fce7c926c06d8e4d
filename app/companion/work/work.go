//go:build !js

// Package work carries out what the server asks this PC for: a program that its
// administrator has mapped, or a text for the clipboard. Each pop is carried out
// at most once, within its time, or refused with a reason.
package work

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/crmpop/crmpop/app/companion/clipboard"
	"github.com/crmpop/crmpop/app/companion/failpoint"
	"github.com/crmpop/crmpop/app/companion/journal"
	"github.com/crmpop/crmpop/app/companion/mapping"
	"github.com/crmpop/crmpop/app/companion/process"
	"github.com/crmpop/crmpop/app/wire"
)

const (
	maxInHand = 64               // pops that are not ended
	maxTTL    = 10 * time.Minute // whatever a server says
	maxID     = 128              // bytes of a pop's id
	maxName   = 64               // bytes of a command's name that are kept
)

// Place is where the administrator has mapped commands to programs.
type Place interface {
	Commands() (mapping.Commands, error)
	Check(mapping.Entry) error
}

// Options is what a desk needs. All of it has to be set.
type Options struct {
	Journal   *journal.Journal
	Place     Place
	Clipboard clipboard.Clipboard
	Getenv    func(string) string
	Paused    func() bool         // asked before each pop
	Report    func(journal.Entry) // called with each result, from any goroutine
	Log       *slog.Logger
}

// Desk takes pops.
type Desk struct {
	o      Options
	limits *limits
	ends   sync.WaitGroup // of the pops in hand

	mu     sync.Mutex // guards inHand
	inHand map[string]bool
}

// New returns a desk.
func New(o Options) *Desk {
	return &Desk{o: o, limits: newLimits(), inHand: map[string]bool{}}
}

// Take carries out a run or a copy frame. It does not wait for that. A pop that
// came before is never carried out again: its result is told again, if it has
// one. Programs are stopped when ctx ends.
func (d *Desk) Take(ctx context.Context, f wire.CompanionFrame) {
	a := arrival{time.Now(), time.Duration(min(f.TTLms, maxTTL.Milliseconds())) * time.Millisecond}
	failpoint.Reach("taken")
	if len(f.PopID) > maxID || !d.admit(f.PopID) {
		return
	}
	// Only what is not in hand is looked up: what just ended is in the journal.
	if e, known := d.o.Journal.Find(f.PopID); known {
		d.dismiss(f.PopID)
		if e.State != "" {
			d.o.Report(e)
		}
		return
	}
	d.ends.Go(func() {
		defer d.dismiss(f.PopID)
		d.end(d.carryOut(ctx, f, a))
	})
}

// Wait returns when no pop is in hand.
func (d *Desk) Wait() { d.ends.Wait() }

// admit reports whether a pop is not in hand yet, and takes it in.
func (d *Desk) admit(popID string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.inHand[popID] {
		return false
	}
	d.inHand[popID] = true
	return true
}

func (d *Desk) dismiss(popID string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.inHand, popID)
}

func (d *Desk) crowded() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.inHand) > maxInHand
}

// carryOut returns what became of a pop. Whatever goes wrong before it is noted in
// the journal, nothing has been started.
func (d *Desk) carryOut(ctx context.Context, f wire.CompanionFrame, a arrival) (e journal.Entry) {
	e = journal.Entry{PopID: f.PopID, Name: f.Name[:min(len(f.Name), maxName)]}
	defer func() {
		if p := recover(); p != nil { // one pop must not end them all
			d.o.Log.Error("panic", "pop_id", f.PopID, "panic", p)
			e.State, e.Detail = wire.ResultUnknown, "a fault of the companion"
		}
	}()
	switch {
	case d.crowded():
		return refused(e, wire.ResultBusy, errBusy)
	case f.Type == wire.CompanionCopy:
		e.Name = copying
		return d.copy(ctx, e, f.Text, a)
	}
	return d.run(ctx, e, f, a)
}

// end notes and reports a result.
func (d *Desk) end(e journal.Entry) {
	failpoint.Reach("ended")
	if err := d.o.Journal.End(e); err != nil {
		d.o.Log.Error("result not noted", "pop_id", e.PopID, "err", err)
	}
	failpoint.Reach("recorded")
	d.o.Log.Info("command", "pop_id", e.PopID, "name", e.Name, "state", e.State, "code", e.ExitCode, "ms", e.MS, "detail", e.Detail)
	d.o.Report(e)
}

func refused(e journal.Entry, state string, why error) journal.Entry {
	e.State, e.Detail = state, why.Error()
	return e
}

// run starts the program that the PC maps the command to.
func (d *Desk) run(ctx context.Context, e journal.Entry, f wire.CompanionFrame, a arrival) journal.Entry {
	p, err := d.plan(f)
	if err != nil {
		return refused(e, wire.ResultRefused, err)
	}
	if state, err := d.enter(ctx, a, p.entry.Name, p.entry.Parallel, p.entry.OnBusy == mapping.Queue); err != nil {
		return refused(e, state, err)
	}
	defer d.limits.leave(p.entry.Name)
	// Once more, as late as can be: it may have waited, and the PC changed.
	if p, err = d.plan(f); err == nil {
		err = d.o.Place.Check(p.entry)
	}
	if err == nil {
		err = d.begin(a, e.PopID, e.Name)
	}
	if err != nil {
		return refused(e, wire.ResultRefused, err)
	}
	return p.start(ctx, e)
}

// enter waits until one more may begin, within its time. It returns the result of
// one that may not.
func (d *Desk) enter(ctx context.Context, a arrival, name string, parallel int, queue bool) (state string, err error) {
	ctx, cancel := context.WithTimeout(ctx, a.ttl)
	defer cancel()
	switch err := d.limits.enter(ctx, name, parallel, queue); {
	case errors.Is(err, errBusy):
		return wire.ResultBusy, err
	case err != nil:
		return wire.ResultRefused, errStale
	}
	return "", nil
}

// plan is what is to be started.
type plan struct {
	entry mapping.Entry
	spec  process.Spec
}

// plan looks the command up, and refuses what the PC does not let run.
func (d *Desk) plan(f wire.CompanionFrame) (plan, error) {
	if d.o.Paused() {
		return plan{}, errPaused
	}
	all, err := d.o.Place.Commands()
	if err != nil {
		return plan{}, err
	}
	entry, err := all.Find(f.Name)
	if err != nil {
		return plan{}, err
	}
	argv, err := entry.Argv(f.Vars)
	if err != nil {
		return plan{}, err
	}
	return plan{entry, process.Spec{Exe: entry.Exe, Args: argv, Env: process.Environment(d.o.Getenv, entry.Env), Dir: entry.Workdir,
		Timeout: entry.Timeout, Capture: entry.Capture}}, nil
}

// copying is the name of what copies; no command can have it.
const copying = "(copy)"

var (
	errPaused = errors.New("commands are paused at the PC")
	errStale  = errors.New("stale: its time was over before it could begin")
)

// begin notes a pop as begun, unless its time is over. From here on it counts as
// carried out.
func (d *Desk) begin(a arrival, popID, name string) error {
	if a.over(time.Now()) {
		return errStale
	}
	failpoint.Reach("before")
	if err := d.o.Journal.Begin(popID, name); err != nil {
		return fmt.Errorf("the PC could not note it, and so did not begin: %w", err)
	}
	failpoint.Reach("noted")
	return nil
}

// start starts the program, and waits for its end if the entry says so.
func (p plan) start(ctx context.Context, e journal.Entry) journal.Entry {
	r := process.Result{}
	if p.entry.Mode == mapping.Detach {
		r = process.Detach(p.spec)
	} else {
		r = process.Run(ctx, p.spec)
	}
	e.State, e.ExitCode, e.MS, e.Detail, e.Output = r.State, r.Code, r.Took.Milliseconds(), r.Detail, r.Output
	return e
}

// copy puts a text on the clipboard.
func (d *Desk) copy(ctx context.Context, e journal.Entry, text string, a arrival) journal.Entry {
	if state, err := d.enter(ctx, a, copying, 1, true); err != nil {
		return refused(e, state, err)
	}
	defer d.limits.leave(copying)
	if d.o.Paused() {
		return refused(e, wire.ResultRefused, errPaused)
	}
	if err := d.begin(a, e.PopID, e.Name); err != nil {
		return refused(e, wire.ResultRefused, err)
	}
	start := time.Now()
	err := d.o.Clipboard.Write(ctx, text)
	e.MS = time.Since(start).Milliseconds()
	if err != nil {
		return refused(e, wire.ResultFailed, err)
	}
	e.State = wire.ResultCopied
	return e
}

// arrival is when a pop came, and how long it may still begin.
type arrival struct {
	at  time.Time
	ttl time.Duration
}

// over goes by the clock that never jumps, and by the one on the wall, which goes
// on while the PC sleeps. The longer time counts.
func (a arrival) over(now time.Time) bool {
	return max(now.Sub(a.at), now.Round(0).Sub(a.at.Round(0))) >= a.ttl
}
