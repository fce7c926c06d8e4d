//go:build !js

package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/crmpop/crmpop/app/companion/clipboard"
	"github.com/crmpop/crmpop/app/companion/home"
	"github.com/crmpop/crmpop/app/companion/journal"
	"github.com/crmpop/crmpop/app/companion/link"
	"github.com/crmpop/crmpop/app/companion/process"
	"github.com/crmpop/crmpop/app/companion/work"
)

// lookAround is how often the running companion looks at what the other commands
// have written in its folder.
const lookAround = time.Second

var (
	errPairAgain = errors.New("the server does not know this PC any longer. Pair it again: crmpop-companion pair")
	errUnpaired  = errors.New("this PC was unpaired")
	errStopped   = errors.New("the companion was stopped")
)

// run connects and does what is asked for, until it is stopped. Without a pairing
// it waits for one.
func (p *program) run(ctx context.Context, args []string) error {
	background := false
	if err := flags("run", args, func(f *flag.FlagSet) { f.BoolVar(&background, "background", false, "") }); err != nil {
		return err
	}
	if background {
		leaveConsole()
	}
	lock, err := p.lock(ctx)
	if err != nil {
		return err
	}
	defer lock.Release()
	// It is idle for nearly all of its life: memory that it does not use is the
	// system's, not its own.
	debug.SetGCPercent(50)
	log := slog.New(slog.NewTextHandler(p.stderr, nil))
	for ctx.Err() == nil {
		paired, err := p.awaitPairing(ctx)
		if err != nil {
			return stopped(err)
		}
		if err := p.serve(ctx, paired, log); !errors.Is(err, errUnpaired) {
			return stopped(err)
		}
		fmt.Fprintln(p.stdout, "Unpaired.")
	}
	return nil
}

// stopped turns the end that somebody asked for into no error.
func stopped(err error) error {
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// lock makes this the one companion of the user. Another command may hold the
// lock for an instant, to see whether somebody else does.
func (p *program) lock(ctx context.Context) (*home.Lock, error) {
	for range 10 {
		lock, err := p.home.TryLock()
		if !errors.Is(err, home.ErrRunning) {
			return lock, err
		}
		if err := sleep(ctx, 50*time.Millisecond); err != nil {
			return nil, err
		}
	}
	return nil, home.ErrRunning
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(d):
		return nil
	}
}

// awaitPairing returns the pairing once there is one.
func (p *program) awaitPairing(ctx context.Context) (home.Pairing, error) {
	told := false
	for {
		paired, ok, err := p.home.Pairing()
		if err != nil || ok {
			return paired, err
		}
		if !told {
			fmt.Fprintln(p.stdout, "Not paired yet. Pair this PC with: crmpop-companion pair")
			told = true
		}
		if err := sleep(ctx, lookAround); err != nil {
			return home.Pairing{}, err
		}
	}
}

// serve is the life of one pairing.
func (p *program) serve(ctx context.Context, paired home.Pairing, log *slog.Logger) error {
	if err := p.allowed(paired); err != nil {
		return err
	}
	key, err := p.home.Key()
	if err != nil {
		return err
	}
	j, err := journal.Open(p.home.Journal(), time.Now)
	if err != nil {
		return err
	}
	defer j.Close()
	working, stop := context.WithCancelCause(context.WithoutCancel(ctx))
	defer stop(nil)
	defer context.AfterFunc(ctx, func() { stop(errStopped) })()

	// Whoever reports needs the link, and the link needs who takes.
	var l *link.Link
	desk := work.New(work.Options{Journal: j, Place: p.place, Clipboard: clipboard.System(process.Environment(p.getenv, nil)),
		Getenv: p.getenv, Paused: p.home.Paused, Report: func(e journal.Entry) { l.Report(e) }, Log: log})
	l = link.New(link.Options{Server: paired.Server, ID: paired.CompanionID, Key: key, Version: version(), Journal: j,
		Take: desk.Take, Paused: p.home.Paused, OnState: p.stateOf(paired, log), Log: log})
	defer desk.Wait()
	defer stop(errStopped)
	go p.watch(working, paired, l, stop)
	err = l.Run(working)
	switch {
	case errors.Is(err, errStopped):
		p.note(home.Status{Server: paired.Server, Since: time.Now(), Reason: "it was stopped"}, log)
		return context.Canceled
	case errors.Is(err, link.ErrRevoked):
		if err := p.home.Unpair(); err != nil {
			log.Error("pairing not forgotten", "err", err)
		}
		p.note(home.Status{Server: paired.Server, Since: time.Now(), Reason: "the server does not know this PC any longer"}, log)
		return errPairAgain
	}
	return err
}

// allowed refuses a server that is not the administrator's.
func (p *program) allowed(paired home.Pairing) error {
	server, err := p.place.Server()
	if err != nil || server == "" {
		return err
	}
	if server, err = link.ParseServer(server); err != nil {
		return fmt.Errorf("the server that the administrator has fixed: %w", err)
	}
	if server != paired.Server {
		return fmt.Errorf("this PC is paired with %s, and its administrator has fixed %s; unpair it and pair it again", paired.Server, server)
	}
	return nil
}

// watch looks at what the other commands write: it ends a pairing that is gone,
// and tells the server of a pause. The pause itself holds at once, for it is
// asked before each command.
func (p *program) watch(ctx context.Context, paired home.Pairing, l *link.Link, stop context.CancelCauseFunc) {
	for sleep(ctx, lookAround) == nil {
		now, ok, err := p.home.Pairing()
		if err == nil && (!ok || now.CompanionID != paired.CompanionID) {
			stop(errUnpaired)
			return
		}
		l.Pause(p.home.Paused())
	}
}

// stateOf returns what notes how the connection stands.
func (p *program) stateOf(paired home.Pairing, log *slog.Logger) func(link.State) {
	var last link.State
	return func(s link.State) {
		if !s.Connected && !last.Connected && !last.Since.IsZero() {
			s.Since = last.Since // it goes on being lost
		}
		last = s
		p.note(home.Status{Server: paired.Server, Connected: s.Connected, Since: s.Since, Agent: s.Agent, AgentName: s.AgentName, Reason: s.Reason}, log)
		if s.Connected {
			debug.FreeOSMemory() // the greeting's; from here on it waits
		}
	}
}

func (p *program) note(s home.Status, log *slog.Logger) {
	s.Version = version()
	if err := p.home.SetStatus(s); err != nil {
		log.Error("status not noted", "err", err)
	}
}
