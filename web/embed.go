//go:build !js

// Package web is everything the server hands to browsers as it is: the built
// wasm in three encodings, styles, icons, scripts, the manifest and the manual.
// All of it is embedded, so that one binary serves all.
package web

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"strings"
)

//go:embed all:dist all:css all:icons all:js all:docs manifest.webmanifest
var files embed.FS

// NotBuilt is the version of a binary without the wasm.
const NotBuilt = "dev-none"

// Sizes are the bytes of the wasm, raw and in each encoding, and the level
// ("fast" or "best") it was packed at.
type Sizes struct {
	Level string `json:"level"`
	Raw   int64  `json:"raw"`
	Zstd  int64  `json:"zst"`
	Br    int64  `json:"br"`
	Gzip  int64  `json:"gz"`
}

// Editor is the portal's document editor, as web/editor bundles it into dist.
const Editor = "editor.js"

// HasEditor reports whether there is one: it takes npm to build it.
func HasEditor(f fs.FS) bool {
	_, err := fs.Stat(f, "dist/"+Editor)
	return err == nil
}

// Files returns the embedded files: dist, css, icons, js, docs and
// manifest.webmanifest.
func Files() fs.FS { return files }

// Version returns the content hash that web/pack wrote over all that makes up
// the browser's half, or NotBuilt in a binary that was built without it.
func Version() string { return VersionOf(files) }

// VersionOf returns the version of other files than the embedded ones.
func VersionOf(f fs.FS) string {
	b, err := fs.ReadFile(f, "dist/version")
	if err != nil {
		return NotBuilt
	}
	return strings.TrimSpace(string(b))
}

// The two programs of the browser's half: the agents' and the admins'.
const (
	App    = "app"
	Portal = "portal"
)

// SizesOf returns the sizes of a program, App or Portal, that web/pack wrote
// beside the version.
func SizesOf(f fs.FS, program string) (Sizes, error) {
	var s Sizes
	b, err := fs.ReadFile(f, "dist/"+program+".sizes.json")
	if err != nil {
		return s, fmt.Errorf("read the wasm's sizes: %w", err)
	}
	if err := json.Unmarshal(b, &s); err != nil {
		return s, fmt.Errorf("read the wasm's sizes: %w", err)
	}
	return s, nil
}

// Worker returns the template of the service worker.
func Worker() (string, error) {
	b, err := fs.ReadFile(files, "js/worker.js")
	if err != nil {
		return "", fmt.Errorf("read the service worker: %w", err)
	}
	return string(b), nil
}
