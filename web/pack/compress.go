//go:build !js

package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/crmpop/crmpop/web"
)

// The levels: Fast for development, Best for a release (brotli takes up to a
// minute).
const (
	Fast = "fast"
	Best = "best"
)

// The wasm may not grow beyond these, packed at Best, in bytes. Moving them
// takes an ADR: every agent pays for them on every new version. MaxZstd is for
// zstd -19; the encoder in Go, which has no optimal parser, comes out 17 % larger
// on this wasm (2,046,401 bytes beside 1,743,146 on 2026-11-22).
const (
	MaxZstd   = 1_900_000
	MaxZstdGo = 2_230_000
	MaxGzip   = 2_400_000
)

// What the portal may weigh, which agents load for the test of their browser alone:
// what it weighed when it was measured (2026-11-29) and a tenth more.
const (
	MaxPortalZstd   = 2_252_000
	MaxPortalZstdGo = 2_645_000
	MaxPortalGzip   = 3_044_000
)

// Limit is what a program may weigh, packed at Best, in bytes.
type Limit struct{ Zstd, Gzip int64 }

// LimitOf returns the limit of a program for the encoder that there is.
func LimitOf(program string) Limit {
	_, command := zstdCommand()
	switch {
	case program == web.Portal && command:
		return Limit{MaxPortalZstd, MaxPortalGzip}
	case program == web.Portal:
		return Limit{MaxPortalZstdGo, MaxPortalGzip}
	case command:
		return Limit{MaxZstd, MaxGzip}
	}
	return Limit{MaxZstdGo, MaxGzip}
}

// Encoding is a way to compress the wasm; Ext ends its file's name.
type Encoding struct {
	Ext  string
	pack func(raw []byte, best bool) ([]byte, error)
}

// Encodings lists them, the best for the browser first.
var Encodings = []Encoding{{"zst", packZstd}, {"br", packBrotli}, {"gz", packGzip}}

// zstdWindowLog gives a window of 8 MiB, the largest that browsers must accept (RFC 9659).
const zstdWindowLog = 23

// packZstd takes the zstd command at Best, where there is one.
func packZstd(raw []byte, best bool) ([]byte, error) {
	if command, ok := zstdCommand(); best && ok {
		cmd := exec.Command(command, "-19", fmt.Sprintf("--zstd=wlog=%d", zstdWindowLog), "-q", "-c")
		cmd.Stdin = bytes.NewReader(raw)
		return cmd.Output()
	}
	level := zstd.SpeedFastest
	if best {
		level = zstd.SpeedBestCompression
	}
	return through(raw, func(w io.Writer) (io.WriteCloser, error) {
		return zstd.NewWriter(w, zstd.WithEncoderLevel(level), zstd.WithWindowSize(1<<zstdWindowLog))
	})
}

func zstdCommand() (path string, ok bool) {
	path, err := exec.LookPath("zstd")
	return path, err == nil
}

func packBrotli(raw []byte, best bool) ([]byte, error) {
	level := 2
	if best {
		level = brotli.BestCompression
	}
	return through(raw, func(w io.Writer) (io.WriteCloser, error) { return brotli.NewWriterLevel(w, level), nil })
}

func packGzip(raw []byte, best bool) ([]byte, error) {
	level := gzip.BestSpeed
	if best {
		level = gzip.BestCompression
	}
	return through(raw, func(w io.Writer) (io.WriteCloser, error) { return gzip.NewWriterLevel(w, level) })
}

// Compress returns raw in every encoding, by extension, and the sizes.
func Compress(raw []byte, level string) (map[string][]byte, web.Sizes, error) {
	out := make(map[string][]byte, len(Encodings))
	for _, e := range Encodings {
		b, err := e.pack(raw, level == Best)
		if err != nil {
			return nil, web.Sizes{}, fmt.Errorf("compress as %s: %w", e.Ext, err)
		}
		out[e.Ext] = b
	}
	return out, web.Sizes{Level: level, Raw: int64(len(raw)), Zstd: int64(len(out["zst"])),
		Br: int64(len(out["br"])), Gzip: int64(len(out["gz"]))}, nil
}

func through(raw []byte, to func(io.Writer) (io.WriteCloser, error)) ([]byte, error) {
	var buf bytes.Buffer
	w, err := to(&buf)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(raw); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return buf.Bytes(), nil
}

// Sum returns the hash of b in hex.
func Sum(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// Version returns 16 hex digits that change whenever anything does that a
// browser loads: the programs, the editor, styles, scripts, icons
// or the manifest.
func Version(programs map[string][]byte, dir string) (string, error) {
	h := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(programs)) {
		addFile(h, name+".wasm", programs[name])
	}
	for _, part := range []string{"css", "icons", "js", "manifest.webmanifest"} {
		if err := addTree(h, dir, part); err != nil {
			return "", fmt.Errorf("hash the web folder: %w", err)
		}
	}
	// There is no editor where npm could not be had.
	if err := addTree(h, dir, filepath.Join("dist", web.Editor)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("hash the web folder: %w", err)
	}
	return hex.EncodeToString(h.Sum(nil))[:16], nil
}

func addTree(h hash.Hash, dir, part string) error {
	return filepath.WalkDir(filepath.Join(dir, part), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(d.Name(), ".") {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		addFile(h, filepath.ToSlash(name), b)
		return nil
	})
}

// addFile adds lengths too, so that no two different trees read alike.
func addFile(h hash.Hash, name string, b []byte) {
	fmt.Fprintf(h, "%d %s %d\n", len(name), name, len(b))
	h.Write(b)
}
