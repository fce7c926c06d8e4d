//go:build !js

// Command editor bundles the portal's document editor, CodeMirror and the scripts
// in this folder, into one file: web/dist/editor.js. It does nothing while its
// sources and the lock file are as they were. The packages come from npm, once,
// by the lock file; where npm cannot be had it says so in one line and succeeds:
// the portal then has a plain field with the same findings.
//
//	go run ./web/editor -web web
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// Missing begins the line that says that there is no editor.
const Missing = "no document editor"

func run(args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("editor", flag.ContinueOnError)
	flags.SetOutput(stderr)
	dir := flags.String("web", "web", "the web folder; editor in it is bundled into its dist")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	err := build(stdout, filepath.Join(*dir, "editor"), filepath.Join(*dir, "dist"))
	var none *unavailable
	switch {
	case errors.As(err, &none):
		fmt.Fprintf(stdout, "%s: %s; the portal gets a plain field with the same findings. For the editor: install npm, let it reach its registry, and run make again\n", Missing, none.why)
		return 0
	case err != nil:
		fmt.Fprintln(stderr, "editor:", err)
		return 1
	}
	return 0
}

// build bundles the sources in src into dist, unless they are bundled there.
func build(stdout io.Writer, src, dist string) error {
	inputs, err := inputsOf(src)
	if err != nil {
		return err
	}
	out := filepath.Join(dist, "editor.js")
	if bundled(out, inputs) {
		return nil
	}
	// What lies there is of other sources: if the rest fails, nothing stale stays.
	for _, name := range []string{sumFile(out), out} {
		if err := os.Remove(name); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("remove the former editor: %w", err)
		}
	}
	if err := install(src); err != nil {
		return err
	}
	js, err := bundle(src)
	if err != nil {
		return err
	}
	if err := write(out, js); err != nil {
		return err
	}
	if err := write(sumFile(out), []byte(inputs+"\n")); err != nil {
		return err
	}
	_, err = fmt.Fprintf(stdout, "bundled the document editor, %d bytes\n", len(js))
	return err
}

// write writes through a temporary file: a server being built at the same time
// never embeds half of one.
func write(path string, b []byte) error {
	tmp := path + ".tmp"
	if err := os.WriteFile(tmp, b, 0o644); err != nil {
		return fmt.Errorf("write the editor: %w", err)
	}
	if err := os.Rename(tmp, path); err != nil {
		return fmt.Errorf("write the editor: %w", err)
	}
	return nil
}
