//go:build unix

package clipboard_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/crmpop/crmpop/app/companion/clipboard"
)

// tool returns a program that copies as xclip does: it takes the text and leaves
// a program behind.
func tool(t *testing.T, text string) (clipboard.Tool, string) {
	t.Helper()
	dir := t.TempDir()
	path, out := filepath.Join(dir, "tool"), filepath.Join(dir, "clipboard")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+strings.ReplaceAll(text, "OUT", out)), 0o755); err != nil {
		t.Fatal(err)
	}
	return clipboard.Tool{Path: path}, out
}

func TestTextIsCopiedByTheFirstToolThatCan(t *testing.T) {
	first, _ := tool(t, "exit 1")
	first.Needs = "WAYLAND_DISPLAY"
	second, out := tool(t, "cat > OUT; sleep 5 &")
	second.Needs = "DISPLAY"
	c := clipboard.Clipboard{Tools: []clipboard.Tool{{Path: "/nowhere/wl-copy"}, first, second}, Env: []string{"DISPLAY=:0", "PATH=/usr/bin:/bin"}}
	if err := c.Write(t.Context(), "+47 22\n33"); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(out); err != nil || string(got) != "+47 22 33" {
		t.Errorf("clipboard %q, %v", got, err)
	}
}

func TestWithoutAToolItSaysSo(t *testing.T) {
	some, _ := tool(t, "exit 0")
	some.Needs = "DISPLAY"
	err := clipboard.Clipboard{Tools: []clipboard.Tool{{Path: "/nowhere/wl-copy"}, some}}.Write(t.Context(), "x")
	if err == nil || !strings.Contains(err.Error(), "no desktop to copy to, or none of /nowhere/wl-copy, ") {
		t.Errorf("%v", err)
	}
	broken, _ := tool(t, "exit 3")
	if err := (clipboard.Clipboard{Tools: []clipboard.Tool{broken}}).Write(t.Context(), "x"); err == nil || !strings.Contains(err.Error(), "could not copy") {
		t.Errorf("%v", err)
	}
}
