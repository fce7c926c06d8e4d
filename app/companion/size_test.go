//go:build unix

package main_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// maxProgram is what the companion may weigh, in bytes.
const maxProgram = 12_000_000

// The three programs, built as they are given out.
func TestProgramIsSmallOnEverySystem(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds three programs")
	}
	for _, goos := range []string{"linux", "windows", "darwin"} {
		out := filepath.Join(t.TempDir(), goos)
		cmd := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", out, ".")
		cmd.Env = append(os.Environ(), "GOOS="+goos, "GOARCH=amd64", "CGO_ENABLED=0")
		if b, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", goos, err, b)
		}
		info, err := os.Stat(out)
		must(t, err)
		if info.Size() >= maxProgram {
			t.Errorf("%s: %d bytes, want less than %d", goos, info.Size(), maxProgram)
		}
		t.Logf("%s: %.1f MB", goos, float64(info.Size())/1e6)
	}
}
