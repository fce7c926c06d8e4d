//go:build !js

// Command crmpop is the server: it takes events in, brings pops to agents'
// workspaces, and serves the workspace itself.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/crmpop/crmpop/server/config"
	"github.com/crmpop/crmpop/server/configfile"
	"github.com/crmpop/crmpop/server/framing"
	"github.com/crmpop/crmpop/web"
)

func main() {
	os.Exit(run(context.Background(), os.Args[1:], os.Getenv, os.Stdout, os.Stderr))
}

// run does what args say and returns the exit code: 0, 1 for a fault, 2 for
// arguments that cannot be read. SIGTERM or the end of ctx stop a server in
// order; a second signal stops it at once.
func run(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) int {
	cmd, err := config.Parse(args, getenv, stdout, stderr)
	if err != nil {
		fmt.Fprintln(stderr, "crmpop:", err)
		return 2
	}
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	switch {
	case cmd.Dump != "":
		fmt.Fprint(stdout, cmd.Dump)
	case cmd.Name == config.VersionCommand:
		fmt.Fprintf(stdout, "crmpop %s, workspace %s\n", version(), web.Version())
	case cmd.Name == config.FrameCheckCommand:
		return framing.Command(ctx, cmd.Args, stdout, stderr)
	case cmd.Name == config.ConfigCommand:
		return configfile.Command(ctx, cmd.Args, os.Stdin, stdout, stderr)
	case cmd.Name == config.ServeCommand:
		if err := serve(ctx, cmd.Serve, stdout, stderr); err != nil {
			fmt.Fprintln(stderr, "crmpop:", err)
			return 1
		}
	}
	return 0
}

// version returns what the Go toolchain wrote into the binary.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "(devel)"
	}
	return info.Main.Version
}
