//go:build !js

package main

import (
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/crmpop/crmpop/app/companion/home"
	"github.com/crmpop/crmpop/app/companion/journal"
	"github.com/crmpop/crmpop/app/companion/mapping"
	"github.com/crmpop/crmpop/app/wire"
)

// shownCommands is how many of the last commands status lists.
const shownCommands = 20

// status says how the companion stands, in calm words.
func (p *program) status() error {
	paired, ok, err := p.home.Pairing()
	if err != nil {
		return err
	}
	s, _, err := p.home.Status()
	if err != nil {
		return err
	}
	now := time.Now()
	fmt.Fprintln(p.stdout, p.standing(paired, ok, s, now))
	if ok {
		fmt.Fprintf(p.stdout, "Paired since %s with %s for %s.\n", when(paired.At, now), paired.Server, who(paired.AgentName, paired.Agent))
	}
	if p.home.Paused() {
		fmt.Fprintln(p.stdout, "Commands are paused. Take them again with: crmpop-companion resume")
	}
	last, err := journal.Last(p.home.Journal(), shownCommands)
	if err != nil {
		return err
	}
	p.list(last, now)
	return nil
}

// standing is the first line.
func (p *program) standing(paired home.Pairing, ok bool, s home.Status, now time.Time) string {
	switch {
	case !ok && s.Reason != "":
		return fmt.Sprintf("Not paired: %s. Pair this PC with: crmpop-companion pair", plain(s.Reason))
	case !ok:
		return "Not paired. Pair this PC with: crmpop-companion pair"
	case !p.running():
		return "Not running. Start it with: crmpop-companion run"
	case s.Connected:
		return fmt.Sprintf("Connected since %s to %s.", when(s.Since, now), s.Server)
	case s.Reason != "":
		return fmt.Sprintf("Not connected since %s, trying again: %s.", when(s.Since, now), plain(s.Reason))
	}
	return "Connecting to " + paired.Server + "."
}

// running reports whether a companion of this user runs.
func (p *program) running() bool {
	lock, err := p.home.TryLock()
	if err == nil {
		lock.Release()
	}
	return errors.Is(err, home.ErrRunning)
}

func (p *program) list(last []journal.Entry, now time.Time) {
	if len(last) == 0 {
		fmt.Fprintln(p.stdout, "No commands yet.")
		return
	}
	fmt.Fprintln(p.stdout, "\nLast commands:")
	w := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
	for _, e := range last {
		fmt.Fprintf(w, "  %s\t%s\t%s\n", when(e.At, now), plain(e.Name), became(e))
		if e.Output != "" {
			fmt.Fprintf(w, "  \t\toutput: %s\n", plain(e.Output))
		}
	}
	w.Flush()
}

// became says what became of a command.
func became(e journal.Entry) string {
	said := map[string]string{
		"":                 "runs",
		wire.ResultExited:  fmt.Sprintf("ended with %d after %v", e.ExitCode, time.Duration(e.MS)*time.Millisecond),
		wire.ResultStarted: "started",
		wire.ResultCopied:  "copied",
	}[e.State]
	if said == "" {
		said = e.State
	}
	if e.Detail != "" {
		said += ": " + plain(e.Detail)
	}
	return said
}

// when is a time as people say it: today only the time.
func when(t, now time.Time) string {
	t, now = t.Local(), now.Local()
	if t.Year() == now.Year() && t.YearDay() == now.YearDay() {
		return t.Format("15:04:05")
	}
	return t.Format("2006-01-02 15:04:05")
}

// pause takes no commands for now, or takes them again.
func (p *program) pause(on bool) error {
	if err := p.home.Pause(on); err != nil {
		return fmt.Errorf("pause: %w", err)
	}
	if on {
		fmt.Fprintln(p.stdout, "Paused. Commands are refused until: crmpop-companion resume")
	} else {
		fmt.Fprintln(p.stdout, "Commands are taken.")
	}
	return nil
}

// unpair forgets the pairing. A running companion notices.
func (p *program) unpair() error {
	paired, ok, err := p.home.Pairing()
	if err != nil {
		ok = false // what cannot be read is forgotten all the same
	}
	if err := p.home.Unpair(); err != nil {
		return err
	}
	if !ok {
		fmt.Fprintln(p.stdout, "This PC was not paired.")
		return nil
	}
	fmt.Fprintf(p.stdout, "Unpaired from %s. To take the right away at the server as well, unpair this PC at %s/computer.\n", paired.Server, paired.Server)
	return nil
}

// commands lists the mapping as it is read, and what is refused and why.
func (p *program) commands() error {
	all, err := p.place.Commands()
	if err != nil {
		return err
	}
	if len(all.Entries) == 0 {
		fmt.Fprintf(p.stdout, "No commands are mapped. The administrator of this PC does that in %s\n", all.From)
		return nil
	}
	w := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
	for _, e := range all.Entries {
		fmt.Fprintf(w, "%s\t%s\t%s\n", plain(e.Name), plain(e.Exe), p.verdict(e))
	}
	w.Flush()
	fmt.Fprintln(p.stdout, "from", all.From)
	return nil
}

func (p *program) verdict(e mapping.Entry) string {
	if e.Fault != nil {
		return "refused: " + plain(e.Fault.Error())
	}
	if err := p.place.Check(e); err != nil {
		return "refused: " + plain(err.Error())
	}
	if e.Mode == mapping.Detach {
		return "starts, and stays"
	}
	return fmt.Sprintf("runs, at most %v", e.Timeout)
}
