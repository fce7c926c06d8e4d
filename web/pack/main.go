//go:build !js

// Command pack turns the two built programs, the agents' and the portal's, into
// what the server embeds: it compresses them with zstd, brotli and gzip, and
// writes the version, a hash over all that a browser loads. The raw wasm itself
// is not embedded: every browser takes one of the three.
//
//	go run ./web/pack -bin bin -web web -level fast
//	go run ./web/pack -bin bin -size
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
	bin := flags.String("bin", "bin", "the folder with the built app.wasm and portal.wasm")
	dir := flags.String("web", "web", "the web folder; its dist is written")
	level := flags.String("level", Fast, "how hard to compress: fast or best")
	size := flags.Bool("size", false, "print the sizes at the best level and write nothing")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	var err error
	if *size {
		err = printSizes(stdout, *bin)
	} else {
		err = pack(stdout, *bin, *dir, *level)
	}
	if err != nil {
		fmt.Fprintln(stderr, "pack:", err)
		return 1
	}
	return 0
}

// programs reads both programs, by name.
func programs(bin string) (map[string][]byte, error) {
	all := map[string][]byte{}
	for _, name := range names {
		raw, err := os.ReadFile(filepath.Join(bin, name+".wasm"))
		if err != nil {
			return nil, fmt.Errorf("read a program (build both first: make wasm): %w", err)
		}
		all[name] = raw
	}
	return all, nil
}

var names = []string{web.App, web.Portal}

// pack writes dist. It compresses again only what has changed since, or was
// packed at another level.
func pack(stdout io.Writer, bin, dir, level string) error {
	if level != Fast && level != Best {
		return fmt.Errorf("level %q: use %s or %s", level, Fast, Best)
	}
	all, err := programs(bin)
	if err != nil {
		return err
	}
	dist := filepath.Join(dir, "dist")
	version, err := Version(all, dir)
	if err != nil {
		return err
	}
	for _, name := range names {
		raw := all[name]
		if packed(dist, name, Sum(raw), level) {
			continue
		}
		if err := compressInto(dist, name, raw, level); err != nil {
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

// packed reports whether dist holds this program at this level or a better one.
func packed(dist, name, sum, level string) bool {
	b, err := os.ReadFile(sizesFile(dist, name))
	if err != nil {
		return false
	}
	var have record
	if json.Unmarshal(b, &have) != nil || have.Wasm != sum || (have.Level != level && have.Level != Best) {
		return false
	}
	for _, e := range Encodings {
		if _, err := os.Stat(filepath.Join(dist, name+".wasm."+e.Ext)); err != nil {
			return false
		}
	}
	return true
}

// compressInto writes the three files first and their record last, so that a
// run that was cut short is done again.
func compressInto(dist, name string, raw []byte, level string) error {
	out, sizes, err := Compress(raw, level)
	if err != nil {
		return err
	}
	if err := os.Remove(sizesFile(dist, name)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("write dist: %w", err)
	}
	for ext, b := range out {
		if err := writeFile(filepath.Join(dist, name+".wasm."+ext), b); err != nil {
			return err
		}
	}
	b, err := json.MarshalIndent(record{Sizes: sizes, Wasm: Sum(raw)}, "", "  ")
	if err != nil {
		return fmt.Errorf("write the sizes: %w", err)
	}
	return writeFile(sizesFile(dist, name), b)
}

func sizesFile(dist, name string) string { return filepath.Join(dist, name+".sizes.json") }

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

func printSizes(stdout io.Writer, bin string) error {
	all, err := programs(bin)
	if err != nil {
		return err
	}
	for _, name := range names {
		if err := printSize(stdout, name, all[name]); err != nil {
			return err
		}
	}
	return nil
}

func printSize(stdout io.Writer, name string, raw []byte) error {
	_, s, err := Compress(raw, Best)
	if err != nil {
		return err
	}
	limit := LimitOf(name)
	for _, row := range []struct {
		name  string
		bytes int64
		limit int64
	}{{"raw", s.Raw, 0}, {"zstd", s.Zstd, limit.Zstd}, {"br", s.Br, 0}, {"gzip", s.Gzip, limit.Gzip}} {
		note := ""
		if row.limit > 0 {
			note = fmt.Sprintf("  limit %d", row.limit)
		}
		if _, err := fmt.Fprintf(stdout, "%-6s %-5s %9d bytes  %5.1f%% of raw%s\n",
			name, row.name, row.bytes, 100*float64(row.bytes)/float64(s.Raw), note); err != nil {
			return err
		}
	}
	return nil
}
