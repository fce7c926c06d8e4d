//go:build !js

// Command crmpop-companion runs on an agent's PC. It connects to the CRM Pop
// server that it was paired with, starts the programs that the PC's administrator
// has mapped to the names of commands, and copies texts. Nothing connects to it.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"strconv"
	"syscall"

	"github.com/crmpop/crmpop/app/companion/home"
	"github.com/crmpop/crmpop/app/companion/mapping"
)

// Where the administrator writes, and the user besides root who may own that. The
// linker sets them for a system that keeps its files elsewhere (-X main.…). They
// are no options: who starts the program must not choose what it believes.
var (
	systemFolder = defaultFolder
	systemOwner  = "0"
)

func main() {
	os.Exit(run(context.Background(), os.Args[1:], os.Getenv, os.Stdout, os.Stderr))
}

// The exit codes.
const (
	exitOK       = 0
	exitFault    = 1
	exitUsage    = 2
	exitUnpaired = 3 // the server does not know this PC any longer
)

const usage = `usage: crmpop-companion <command>

  pair [--server URL]   pair this PC with an agent
  run [--background]    connect and do what is asked for, until stopped
  status                how it stands, and the last 20 commands
  pause, resume         take no commands for now, and again
  unpair                forget the pairing
  commands              list what the administrator has mapped, and what is refused
  install, uninstall    start it when you sign in, or no longer
  version               print the version
`

// program is one call of the companion.
type program struct {
	getenv         func(string) string
	stdout, stderr io.Writer
	place          mapping.Place
	home           home.Folder
}

// run does what args say and returns the exit code.
func run(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	p, err := newProgram(getenv, stdout, stderr)
	if err == nil {
		err = p.do(ctx, args)
	}
	var bad *usageError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &bad):
		fmt.Fprintf(stderr, "crmpop-companion: %s\n\n%s", bad.msg, usage)
		return exitUsage
	}
	fmt.Fprintln(stderr, "crmpop-companion:", err)
	if errors.Is(err, errPairAgain) {
		return exitUnpaired
	}
	return exitFault
}

func newProgram(getenv func(string) string, stdout, stderr io.Writer) (*program, error) {
	owner, err := strconv.Atoi(systemOwner)
	if err != nil {
		return nil, fmt.Errorf("built with the owner %q, which is no number", systemOwner)
	}
	path, err := home.Path(getenv)
	if err != nil {
		return nil, err
	}
	folder, err := home.Open(path)
	if err != nil {
		return nil, err
	}
	return &program{getenv: getenv, stdout: stdout, stderr: stderr, place: mapping.Place{Folder: systemFolder, Owner: owner}, home: folder}, nil
}

// usageError is arguments that cannot be read.
type usageError struct{ msg string }

func (e *usageError) Error() string { return e.msg }

func (p *program) do(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return &usageError{"say what to do"}
	}
	name, rest := args[0], args[1:]
	switch name {
	case "pair":
		return p.pair(ctx, rest)
	case "run":
		return p.run(ctx, rest)
	}
	if len(rest) > 0 {
		return &usageError{fmt.Sprintf("%s takes no %q", name, rest[0])}
	}
	switch name {
	case "status":
		return p.status()
	case "pause":
		return p.pause(true)
	case "resume":
		return p.pause(false)
	case "unpair":
		return p.unpair()
	case "commands":
		return p.commands()
	case "install":
		return p.install()
	case "uninstall":
		return p.uninstall()
	case "version", "--version", "-version":
		fmt.Fprintln(p.stdout, "crmpop-companion", version())
		return nil
	case "help", "--help", "-help", "-h":
		fmt.Fprint(p.stdout, usage)
		return nil
	}
	return &usageError{fmt.Sprintf("there is no command %q", name)}
}

// version returns what the Go toolchain wrote into the binary.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "(devel)"
	}
	return info.Main.Version
}
