package store_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/server/store"
)

// TestFullFileSystemIsSaidAndHeals does on a small file system, where the test
// may mount one, what TestFullDiskIsSaidAndHeals does with a limit of SQLite's.
func TestFullFileSystemIsSaidAndHeals(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=8m"); err != nil {
		if errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.EACCES) {
			t.Skip("only root may mount a file system")
		}
		t.Fatal(err)
	}
	defer syscall.Unmount(dir, syscall.MNT_DETACH)
	s, err := store.Open(t.Context(), filepath.Join(dir, "pop.db"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	mustAppend(t, s, ring("first", "c", "anna"))
	ballast := filepath.Join(dir, "ballast")
	if err := os.WriteFile(ballast, bytes.Repeat([]byte{1}, 5<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	var accepted []store.Intake
	refused := 0
	for i := 0; refused < 50 && i < 5000; i++ {
		in := ring(fmt.Sprint("e", i), fmt.Sprint("c", i), "anna")
		got, err := s.Append(t.Context(), in)
		if err == nil {
			err = got[0].Err
		}
		if err == nil {
			accepted = append(accepted, in)
			continue
		}
		if refused++; screenpop.ErrorCode(err) != screenpop.CodeUnavailable {
			t.Fatalf("error %v, want unavailable", err)
		}
	}
	if refused < 50 {
		t.Fatalf("%d refused, want 50", refused)
	}
	if err := s.Ready(t.Context()); screenpop.ErrorCode(err) != screenpop.CodeUnavailable {
		t.Errorf("Ready on a full disk = %v, want unavailable", err)
	}
	if _, err := s.Snapshot(t.Context(), anna); err != nil {
		t.Errorf("reading on a full disk: %v", err)
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	mustAppend(t, s, ring("after", "c-after", "anna"))
	if err := s.Ready(t.Context()); err != nil {
		t.Errorf("Ready when the disk is free: %v", err)
	}
	for i, a := range mustAppend(t, s, accepted...) {
		if !a.Duplicate {
			t.Fatalf("event %d was accepted on the full disk and is lost", i)
		}
	}
	frames, ok, err := s.Since(t.Context(), anna, 0, 100_000)
	if err != nil || !ok || len(frames) != 2*(len(accepted)+2) {
		t.Errorf("%d frames, %t, %v; want %d without a hole", len(frames), ok, err, 2*(len(accepted)+2))
	}
	if got, err := s.Text(t.Context(), "pragma integrity_check"); got != "ok" || err != nil {
		t.Errorf("integrity check: %q, %v", got, err)
	}
}
