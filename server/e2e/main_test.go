package e2e_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

var screens = flag.String("screens", "", "folder for the pictures that TestScreens draws; a temporary one if empty")

// binary is the program under test and chromium the browser; editorSaid is what the
// bundling of the portal's editor had to say.
var binary, chromium, editorSaid string

func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(run(m))
}

func run(m *testing.M) int {
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err == nil {
		binary = filepath.Join(root, "bin", "crmpop")
		err = errors.Join(build(root), findChromium())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "e2e:", err)
		return 1
	}
	ctx, stop, err := startBrowser(asChromeShips)
	if err != nil {
		fmt.Fprintln(os.Stderr, "e2e: start", chromium+":", err)
		return 1
	}
	defer stop()
	browser = ctx
	return m.Run()
}

// build makes what make build makes; it takes a second when nothing has changed.
func build(root string) error {
	browser := []string{"GOOS=js", "GOARCH=wasm"}
	for _, step := range []struct {
		env  []string
		args []string
	}{
		{browser, []string{"build", "-trimpath", "-ldflags=-s -w", "-o", "bin/app.wasm", "./wasm"}},
		{browser, []string{"build", "-trimpath", "-ldflags=-s -w", "-o", "bin/portal.wasm", "./wasm/portal"}},
		{nil, []string{"run", "./web/editor", "-web", "web"}},
		{nil, []string{"run", "./web/pack", "-bin", "bin", "-web", "web", "-level", "fast"}},
		{nil, []string{"build", "-trimpath", "-o", binary, "./server"}},
	} {
		cmd := exec.Command("go", step.args...)
		cmd.Dir = root
		cmd.Env = append(os.Environ(), step.env...)
		out, err := cmd.CombinedOutput()
		if err != nil {
			return fmt.Errorf("go %v: %w\n%s", step.args, err, out)
		}
		if step.args[1] == "./web/editor" {
			editorSaid = string(out)
		}
	}
	return nil
}

func findChromium() error {
	for _, name := range []string{os.Getenv("CHROMIUM"), "chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if path, err := exec.LookPath(name); name != "" && err == nil {
			chromium = path
			return nil
		}
	}
	return errors.New("no Chromium here: make chromium installs one, or set CHROMIUM=/path/to/a/browser")
}
