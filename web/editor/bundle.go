//go:build !js

package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

// inputsOf returns a hash over all that the bundle is made of: the scripts and
// this command, the lock file, and esbuild.
func inputsOf(src string) (string, error) {
	names, err := filepath.Glob(filepath.Join(src, "*"))
	if err != nil {
		return "", fmt.Errorf("list the editor's sources: %w", err)
	}
	h := sha256.New()
	fmt.Fprintln(h, esbuildVersion())
	for _, name := range names {
		switch ext := filepath.Ext(name); {
		case ext != ".js" && ext != ".json" && ext != ".go", strings.HasSuffix(name, "_test.go"):
			continue
		}
		b, err := os.ReadFile(name)
		if err != nil {
			return "", fmt.Errorf("read the editor's sources: %w", err)
		}
		fmt.Fprintf(h, "%s %d\n", filepath.Base(name), len(b))
		h.Write(b)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

func esbuildVersion() string {
	built, _ := debug.ReadBuildInfo() // without one, as in some tests, the version is ""
	if built == nil {
		return ""
	}
	for _, m := range built.Deps {
		if m.Path == "github.com/evanw/esbuild" {
			return m.Version
		}
	}
	return ""
}

// bundled reports whether out was made of these inputs.
func bundled(out, inputs string) bool {
	if _, err := os.Stat(out); err != nil {
		return false
	}
	b, err := os.ReadFile(sumFile(out))
	return err == nil && strings.TrimSpace(string(b)) == inputs
}

func sumFile(out string) string { return out + ".inputs" }

// bundle returns one script that sets the global crmpopEditor.
func bundle(src string) ([]byte, error) {
	notice, err := licences(src)
	if err != nil {
		return nil, err
	}
	dir, err := filepath.Abs(src)
	if err != nil {
		return nil, fmt.Errorf("bundle the editor: %w", err)
	}
	result := api.Build(api.BuildOptions{
		AbsWorkingDir: dir, EntryPoints: []string{"editor.js"},
		Bundle: true, Format: api.FormatIIFE, GlobalName: "crmpopEditor", Target: api.ES2022,
		MinifyWhitespace: true, MinifyIdentifiers: true, MinifySyntax: true,
		LegalComments: api.LegalCommentsNone, Banner: map[string]string{"js": notice},
		Alias:   map[string]string{"style-mod": "./styles.js"}, // says why
		Outfile: "bundled.js", Write: false,
	})
	if len(result.Errors) > 0 {
		return nil, fmt.Errorf("bundle the editor:\n%s", strings.Join(api.FormatMessages(result.Errors, api.FormatMessagesOptions{}), ""))
	}
	return result.OutputFiles[0].Contents, nil
}

// licences returns the notices of all packages as one comment, equal ones once:
// their licence asks for them in every copy.
func licences(src string) (string, error) {
	var all []string
	err := filepath.WalkDir(filepath.Join(src, "node_modules"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasPrefix(strings.ToUpper(d.Name()), "LICEN") {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		text := strings.ReplaceAll(strings.TrimSpace(string(b)), "*/", "* /")
		if !slices.Contains(all, text) {
			all = append(all, text)
		}
		return nil
	})
	if err != nil {
		return "", fmt.Errorf("read the licences of the editor's packages: %w", err)
	}
	return "/*! CodeMirror and its packages:\n\n" + strings.Join(all, "\n\n") + "\n*/", nil
}
