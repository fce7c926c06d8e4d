//go:build !js

// Package process starts programs: without a shell, with an environment of its
// own making, and with all that they start in one group, which ends together.
package process

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/crmpop/crmpop/app/wire"
)

// drainWait is how long a program that has ended, or was killed, may leave its
// output open in other hands. Without it a grandchild holds everything up.
const drainWait = 500 * time.Millisecond

// Spec is a program to be started.
type Spec struct {
	Exe     string // absolute
	Args    []string
	Env     []string // all of it
	Dir     string   // the program's folder if ""
	Timeout time.Duration
	Capture int // bytes of output to keep
}

// Result is what became of a program: one of wire's results, and how it ended.
type Result struct {
	State  string
	Code   int // of an exit; -1 for a signal
	Took   time.Duration
	Detail string
	Output string
}

// Run starts a program and waits for its end. At its timeout, or when ctx ends,
// it is killed with all that it has started.
func Run(ctx context.Context, s Spec) Result {
	start := time.Now()
	ctx, cancel := context.WithTimeout(ctx, s.Timeout)
	defer cancel()
	out := &capped{room: s.Capture}
	cmd := s.command(ctx)
	if s.Capture > 0 {
		cmd.Stdout, cmd.Stderr = out, out
	}
	g := newGroup(cmd)
	defer g.close()
	stopped := false // written before Wait returns
	cmd.Cancel = func() error {
		stopped = true
		return g.kill()
	}
	cmd.WaitDelay = drainWait
	if err := g.start(); err != nil {
		return Result{State: wire.ResultFailed, Detail: "it could not be started: " + plainError(err), Took: time.Since(start)}
	}
	err := cmd.Wait()
	r := Result{State: wire.ResultExited, Took: time.Since(start), Output: string(out.kept)}
	switch {
	case stopped:
		r.State, r.Detail = wire.ResultTimeout, "it was stopped together with the companion"
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			r.Detail = fmt.Sprintf("it was stopped after %v", s.Timeout)
		}
	case cmd.ProcessState != nil:
		r.Code = cmd.ProcessState.ExitCode()
		if r.Code < 0 {
			r.Detail = cmd.ProcessState.String()
		}
	default:
		r.State, r.Detail = wire.ResultFailed, plainError(err)
	}
	return r
}

// Detach starts a program that stays. Nobody waits for it and nothing kills it.
func Detach(s Spec) Result {
	start := time.Now()
	cmd := s.command(context.Background())
	apart(cmd)
	if err := cmd.Start(); err != nil {
		return Result{State: wire.ResultFailed, Detail: "it could not be started: " + plainError(err), Took: time.Since(start)}
	}
	go func() { _ = cmd.Wait() }() // how it ends is nobody's business; only its process entry goes
	return Result{State: wire.ResultStarted, Took: time.Since(start)}
}

// command returns the command with nothing of ours in it: the path is absolute, so
// that nothing is looked for; stdin, and the output that nobody keeps, are the
// null device; an empty environment would be ours, so there is always one.
func (s Spec) command(ctx context.Context) *exec.Cmd {
	cmd := exec.CommandContext(ctx, s.Exe, s.Args...)
	cmd.Dir = s.Dir
	if cmd.Dir == "" {
		cmd.Dir = filepath.Dir(s.Exe)
	}
	cmd.Env = append([]string{}, s.Env...)
	return cmd
}

// plainError says what went wrong without the path, which the administrator knows
// and nobody else needs to.
func plainError(err error) string {
	for unwrapped := errors.Unwrap(err); unwrapped != nil; unwrapped = errors.Unwrap(err) {
		err = unwrapped
	}
	return err.Error()
}

// capped keeps the beginning of what is written to it.
type capped struct {
	room int
	kept []byte
}

// Write takes everything and keeps what there is room for.
func (c *capped) Write(b []byte) (int, error) {
	n := min(len(b), c.room)
	c.kept = append(c.kept, b[:n]...)
	c.room -= n
	return len(b), nil
}
