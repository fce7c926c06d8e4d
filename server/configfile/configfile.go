// Package configfile is what the command line does with popup documents that are
// kept as files: "crmpop config lint" tells what is wrong with them, in the words
// and at the places that the portal tells, and "crmpop config render" tells what
// one makes of an event.
package configfile

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode"

	"github.com/alecthomas/kong"

	"github.com/crmpop/crmpop/app/screenpop"
)

// The exit codes.
const (
	exitOK    = 0
	exitFault = 1 // a document or event has errors or cannot be read
	exitUsage = 2 // the arguments cannot be read
)

// MaxFile is how many bytes of a file are read. It is far above what a document
// or an event may have, so that both are told their size.
const MaxFile = 16 << 20

// cli is the command line as kong reads it.
type cli struct {
	Lint   lint   `cmd:"" help:"Tell what is wrong with popup documents. Exit code 1 if there are errors, 0 if there are only warnings."`
	Render render `cmd:"" help:"Tell what a popup document makes of an event: what matches and why, and each template expanded."`
}

// Command does what args, which follow "crmpop config", say, and returns the
// exit code: 0, 1 for a document or event with errors, 2 for arguments that
// cannot be read. Only reading stdin waits; the end of ctx ends that.
func Command(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	var c cli
	helped := false
	k, err := kong.New(&c,
		kong.Name("crmpop config"),
		kong.Description("Works with popup documents that are kept as files."),
		kong.Writers(stdout, stderr),
		kong.Exit(func(int) { helped = true }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
	)
	if err != nil {
		fmt.Fprintln(stderr, "crmpop config:", err)
		return exitUsage
	}
	kctx, err := k.Parse(args)
	if helped { // kong goes on after our Exit; what it says then is of no interest
		return exitOK
	}
	if err != nil {
		fmt.Fprintf(stderr, "crmpop config: %s; see crmpop config --help\n", plain(err.Error()))
		return exitUsage
	}
	t := &terminal{in: stdin, out: stdout, err: stderr}
	name, _, _ := strings.Cut(kctx.Command(), " ")
	if name == "lint" {
		return c.Lint.run(ctx, t)
	}
	return c.Render.run(ctx, t)
}

// terminal is what a command reads from and writes to.
type terminal struct {
	in       io.Reader
	out, err io.Writer
}

// read returns the content of a file, of the standard input for "-".
func (t *terminal) read(ctx context.Context, name string) ([]byte, error) {
	if name == "-" {
		return t.readInput(ctx)
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, reason(err)
	}
	defer f.Close()
	b, err := all(f)
	return b, reason(err)
}

// readInput reads the standard input, which may come from a person who types.
func (t *terminal) readInput(ctx context.Context) ([]byte, error) {
	type result struct {
		b   []byte
		err error
	}
	done := make(chan result, 1)
	go func() {
		b, err := all(t.in)
		done <- result{b, err}
	}()
	select {
	case r := <-done:
		return r.b, reason(r.err)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func all(r io.Reader) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(r, MaxFile+1))
	if err == nil && len(b) > MaxFile {
		err = fmt.Errorf("it has more than %d bytes; popup documents have at most %d", MaxFile, screenpop.MaxDocument)
	}
	return b, err
}

// reason returns why a file cannot be read, without its name.
func reason(err error) error {
	var path *os.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}

// fail says that a file cannot be used.
func (t *terminal) fail(file string, err error) {
	fmt.Fprintf(t.err, "%s: error: %s\n", plain(file), plain(err.Error()))
}

// finding is a finding and the file it is in.
type finding struct {
	File string `json:"file"`
	screenpop.Finding
}

// String returns the finding in the one line that editors and CI systems read.
func (f finding) String() string {
	s := fmt.Sprintf("%s:%d:%d: %s: %s", f.File, f.Line, f.Column, f.Severity, f.Msg)
	if f.Cure != "" {
		s += " (" + f.Cure + ")"
	}
	return plain(s)
}

// plain makes of s one line that does nothing to a terminal and reads from left
// to right: documents and events may come from anywhere.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Zl, r) || unicode.Is(unicode.Zp, r) {
			return '·'
		}
		return r
	}, strings.ToValidUTF8(s, "·"))
}
