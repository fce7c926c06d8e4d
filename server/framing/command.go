package framing

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/alecthomas/kong"
)

// commandLine is what frame-check takes.
type commandLine struct {
	URL        string   `arg:"" name:"url" help:"The page, as the frame's src; with --headers the final one behind all redirects."`
	From       []string `required:"" sep:"none" placeholder:"ORIGIN" help:"Origin of the document around the frame, such as https://pop.example.com; repeat it outwards for nested frames. null is a sandboxed one."`
	Headers    string   `placeholder:"FILE" help:"Judge these raw header lines instead of asking the page."`
	JSON       bool     `name:"json" help:"Print {\"framed\":…,\"reason\":…}."`
	PublicOnly bool     `help:"Ask no page in the local network or on this computer, as a server does whose operator has opened none."`
}

// Command runs "crmpop frame-check" and returns its exit status: 0 for either
// verdict, 1 if there is none, 2 for a bad command line.
func Command(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	var line commandLine
	exit := -1
	parser, err := kong.New(&line, kong.Name("crmpop frame-check"), kong.Writers(stdout, stderr),
		kong.Description("Says whether a page may be shown in a frame, and which header decides."),
		kong.Exit(func(status int) { exit = status }))
	if err != nil {
		fmt.Fprintln(stderr, "frame-check:", err)
		return 1
	}
	_, err = parser.Parse(args)
	switch {
	case exit >= 0: // --help
		return exit
	case err != nil:
		fmt.Fprintf(stderr, "frame-check: %v; see crmpop frame-check --help\n", err)
		return 2
	}
	v, err := line.run(ctx)
	if err != nil {
		fmt.Fprintln(stderr, "frame-check:", err)
		return 1
	}
	if err := line.write(stdout, v); err != nil {
		fmt.Fprintln(stderr, "frame-check:", err)
		return 1
	}
	return 0
}

func (line commandLine) run(ctx context.Context) (Verdict, error) {
	q := Question{URL: line.URL, From: line.From, PublicOnly: line.PublicOnly}
	if line.Headers == "" {
		return Check(ctx, q)
	}
	f, err := os.Open(line.Headers)
	if err != nil {
		return Verdict{}, err
	}
	defer f.Close()
	q.Headers = f
	return Check(ctx, q)
}

func (line commandLine) write(w io.Writer, v Verdict) error {
	if line.JSON {
		enc := json.NewEncoder(w)
		enc.SetEscapeHTML(false)
		return enc.Encode(v)
	}
	_, err := fmt.Fprintln(w, v.Reason)
	return err
}
