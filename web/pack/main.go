//go:build !js

// Command pack turns the built wasm into what the server embeds: it compresses
// it with zstd, brotli and gzip, and writes the version, a hash over all that a
// browser loads. The raw wasm itself is not embedded: every browser takes one of
// the three.
//
//	go run ./web/pack -wasm bin/app.wasm -web web -level fast
//	go run ./web/pack -wasm bin/app.wasm -size
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/crmpop/crmpop/web"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("pack", flag.ContinueOnError)
	flags.SetOutput(stderr)
	wasm := flags.String("wasm", "bin/app.wasm", "the built wasm")
	dir := flags.String("web", "web", "the web folder; its dist is written")
	level := flags.String("level", Fast, "how hard to compress: fast or best")
	size := flags.Bool("size", false, "print the sizes at the best level and write nothing")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	var err error
	if *size {
		err = printSizes(stdout, *wasm)
	} else {
		err = pack(stdout, *wasm, *dir, *level)
	}
	if err != nil {
		fmt.Fprintln(stderr, "pack:", err)
		return 1
	}
	return 0
}

// pack writes dist. It compresses again only when the wasm or the level has
// changed since.
func pack(stdout io.Writer, wasm, dir, level string) error {
	if level != Fast && level != Best {
		return fmt.Errorf("level %q: use %s or %s", level, Fast, Best)
	}
	raw, err := os.ReadFile(wasm)
	if err != nil {
		return fmt.Errorf("read the wasm (build it first: GOOS=js GOARCH=wasm go build -o %s ./wasm): %w", wasm, err)
	}
	dist := filepath.Join(dir, "dist")
	version, err := Version(raw, dir)
	if err != nil {
		return err
	}
	if !packed(dist, Sum(raw), level) {
		if err := compressInto(dist, raw, level); err != nil {
			return err
		}
	}
	if err := writeFile(filepath.Join(dist, "version"), []byte(version+"\n")); err != nil {
		return err
	}
	_, err = fmt.Fprintln(stdout, "packed version", version)
	return err
}

// record is what lies beside the compressed files.
type record struct {
	web.Sizes
	Wasm string `json:"wasm"` // hash of the raw file
}

// packed reports whether dist holds this wasm at this level or a better one.
func packed(dist, sum, level string) bool {
	b, err := os.ReadFile(filepath.Join(dist, "sizes.json"))
	if err != nil {
		return false
	}
	var have record
	if json.Unmarshal(b, &have) != nil || have.Wasm != sum || (have.Level != level && have.Level != Best) {
		return false
	}
	for _, e := range Encodings {
		if _, err := os.Stat(filepath.Join(dist, "app.wasm."+e.Ext)); err != nil {
			return false
		}
	}
	return true
}

// compressInto writes the three files first and their record last, so that a
// run that was cut short is done again.
func compressInto(dist string, raw []byte, level string) error {
	out, sizes, err := Compress(raw, level)
	if err != nil {
		return err
	}
	if err := os.Remove(filepath.Join(dist, "sizes.json")); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("write dist: %w", err)
	}
	for ext, b := range out {
		if err := writeFile(filepath.Join(dist, "app.wasm."+ext), b); err != nil {
			return err
		}
	}
	b, err := json.MarshalIndent(record{Sizes: sizes, Wasm: Sum(raw)}, "", "  ")
	if err != nil {
		return fmt.Errorf("write the sizes: %w", err)
	}
	return writeFile(filepath.Join(dist, "sizes.json"), b)
}

// writeFile writes through a temporary file: a server being built at the same
// time never embeds half of one.
func writeFile(path string, b []byte) error {
	tmp := path + ".tmp"
	if err := os.WriteFile(tmp, b, 0o644); err != nil {
		return fmt.Errorf("write dist: %w", err)
	}
	if err := os.Rename(tmp, path); err != nil {
		return fmt.Errorf("write dist: %w", err)
	}
	return nil
}

// zstdLimit returns the limit for the encoder that there is.
func zstdLimit() int64 {
	if _, ok := zstdCommand(); ok {
		return MaxZstd
	}
	return MaxZstdGo
}

func printSizes(stdout io.Writer, wasm string) error {
	raw, err := os.ReadFile(wasm)
	if err != nil {
		return fmt.Errorf("read the wasm: %w", err)
	}
	_, s, err := Compress(raw, Best)
	if err != nil {
		return err
	}
	for _, row := range []struct {
		name  string
		bytes int64
		limit int64
	}{{"raw", s.Raw, 0}, {"zstd", s.Zstd, zstdLimit()}, {"br", s.Br, 0}, {"gzip", s.Gzip, MaxGzip}} {
		note := ""
		if row.limit > 0 {
			note = fmt.Sprintf("  limit %d", row.limit)
		}
		if _, err := fmt.Fprintf(stdout, "%-5s %9d bytes  %5.1f%% of raw%s\n",
			row.name, row.bytes, 100*float64(row.bytes)/float64(s.Raw), note); err != nil {
			return err
		}
	}
	return nil
}
