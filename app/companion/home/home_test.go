//go:build !js

package home_test

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/crmpop/crmpop/app/companion/home"
)

func folder(t *testing.T) home.Folder {
	t.Helper()
	f, err := home.Open(filepath.Join(t.TempDir(), "state"))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestKeyIsKeptAndTheUsersAlone(t *testing.T) {
	f := folder(t)
	made, err := f.MakeKey()
	if err != nil {
		t.Fatal(err)
	}
	kept, err := f.Key()
	if err != nil || !kept.Equal(made) {
		t.Fatalf("the key came back otherwise: %v", err)
	}
	if runtime.GOOS == "windows" {
		return
	}
	path := filepath.Join(string(f), "key")
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v; want 0600", info.Mode(), err)
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Key(); err == nil {
		t.Error("a key that others can read is used")
	}
}

func TestUnpairForgetsTheKey(t *testing.T) {
	f := folder(t)
	if _, err := f.MakeKey(); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(f.SetPairing(home.Pairing{Server: "https://a"}), f.SetStatus(home.Status{}), f.Pause(true)); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second has nothing to do
		if err := f.Unpair(); err != nil {
			t.Fatal(err)
		}
	}
	if left, err := os.ReadDir(string(f)); err != nil || len(left) != 0 {
		t.Errorf("%v are left, %v", left, err)
	}
}

func TestOneLockAUser(t *testing.T) {
	f := folder(t)
	lock, err := f.TryLock()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.TryLock(); !errors.Is(err, home.ErrRunning) {
		t.Errorf("the second: %v, want ErrRunning", err)
	}
	lock.Release()
	lock, err = f.TryLock()
	if err != nil {
		t.Fatalf("after its release: %v", err)
	}
	lock.Release()
}

func TestPauseLastsUntilResume(t *testing.T) {
	f := folder(t)
	for _, on := range []bool{true, true, false, false} {
		if err := f.Pause(on); err != nil {
			t.Fatal(err)
		}
		if f.Paused() != on {
			t.Errorf("paused %v, want %v", f.Paused(), on)
		}
	}
}
