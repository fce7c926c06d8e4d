// Package config is what the operator says to the program: the commands, their
// flags, the environment and files that may stand in for them, and the logger
// they choose. Everything is checked before anything starts.
package config

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/alecthomas/kong"
)

// The commands.
const (
	ServeCommand      = "serve"
	VersionCommand    = "version"
	FrameCheckCommand = "frame-check"
	ConfigCommand     = "config"
)

// Command is what the program was asked to do.
type Command struct {
	Name  string   // one of the constants; "" when there is nothing left to do (help was printed)
	Serve Serve    // for ServeCommand
	Args  []string // for FrameCheckCommand and ConfigCommand, as they came
	Dump  string   // the options in force, one a line, when --config-dump asked for them
}

// cli is the command line as kong reads it.
type cli struct {
	Serve      Serve    `cmd:"" help:"Run the server."`
	Version    struct{} `cmd:"" help:"Print the version."`
	FrameCheck struct{} `cmd:"" name:"frame-check" help:"Tell whether a page may be shown inside the workspace."`
	Config     struct{} `cmd:"" help:"Check popup documents that are kept as files: config lint, config render."`
}

// Parse reads args, and through getenv the variables POP_X (or POP_X_FILE, the
// name of a file with the value) for options that args leave out. Help goes to
// stdout. An error says which option, its fault and the cure.
func Parse(args []string, getenv func(string) string, stdout, stderr io.Writer) (Command, error) {
	if len(args) > 0 && (args[0] == FrameCheckCommand || args[0] == ConfigCommand) { // they read their own flags, --help too
		return Command{Name: args[0], Args: args[1:]}, nil
	}
	var c cli
	env := environment{getenv: getenv, from: map[string]string{}}
	helped := false
	k, err := kong.New(&c,
		kong.Name("crmpop"),
		kong.Description("Opens the right CRM page for every call, chat, e-mail and social message."),
		kong.Writers(stdout, stderr),
		kong.Resolvers(env),
		kong.Exit(func(int) { helped = true }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
	)
	if err != nil {
		return Command{}, fmt.Errorf("read the command line: %w", err)
	}
	ctx, err := k.Parse(args)
	if helped { // kong goes on after our Exit; what it says then is of no interest
		return Command{}, nil
	}
	if err != nil {
		return Command{}, plain(err)
	}
	name, _, _ := strings.Cut(ctx.Command(), " ")
	cmd := Command{Name: name, Serve: c.Serve}
	if name == ServeCommand {
		if err := cmd.Serve.validate(); err != nil {
			return Command{}, err
		}
		if cmd.Serve.ConfigDump {
			cmd.Dump = dump(ctx, env.from)
		}
	}
	return cmd, nil
}

// plain takes kong's wrapping off: the operator needs the words.
func plain(err error) error {
	var p *kong.ParseError
	if errors.As(err, &p) {
		return errors.New(p.Error() + "; see crmpop --help")
	}
	return err
}

// dump lists every option of the chosen command, its value and where it is from.
func dump(ctx *kong.Context, from map[string]string) string {
	given := map[string]bool{}
	for _, p := range ctx.Path {
		if p.Flag != nil && !p.Resolved {
			given[p.Flag.Name] = true
		}
	}
	var b strings.Builder
	for _, f := range ctx.Flags() {
		if f.Name == "help" || f.Name == "config-dump" {
			continue
		}
		source := "default"
		switch {
		case given[f.Name]:
			source = "--" + f.Name
		case from[f.Name] != "":
			source = from[f.Name]
		}
		fmt.Fprintf(&b, "%-14s %-28s # %s\n", f.Name, fmt.Sprint(ctx.FlagValue(f)), source)
	}
	return b.String()
}
