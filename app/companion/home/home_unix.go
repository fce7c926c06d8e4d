//go:build unix

package home

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
)

// Path is where the companion's folder is for a user with that environment.
func Path(getenv func(string) string) (string, error) {
	home := getenv("HOME")
	if state := getenv("XDG_STATE_HOME"); filepath.IsAbs(state) && runtime.GOOS != "darwin" {
		return filepath.Join(state, "crmpop"), nil
	}
	if !filepath.IsAbs(home) {
		return "", errors.New("HOME says no folder")
	}
	if runtime.GOOS == "darwin" {
		return filepath.Join(home, "Library", "Application Support", "CRMPop"), nil
	}
	return filepath.Join(home, ".local", "state", "crmpop"), nil
}

// private refuses a folder that others may look into or write to.
func private(path string) error {
	info, err := os.Lstat(path)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return fmt.Errorf("%s is no folder", path)
	}
	if stat := info.Sys().(*syscall.Stat_t); int(stat.Uid) != os.Getuid() {
		return fmt.Errorf("%s belongs to user %d", path, stat.Uid)
	}
	return os.Chmod(path, 0o700)
}

// judgeKey refuses a key that others may have read.
func judgeKey(path string) error {
	info, err := os.Lstat(path)
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() || info.Mode().Perm()&0o077 != 0 {
		return fmt.Errorf("%s can be read by others (mode %#o); unpair and pair again", path, info.Mode().Perm())
	}
	return nil
}

// The key lies in a file that only the user may read. The keychain of macOS would
// keep it from nobody: what can read the file can run the keychain's own program.
func protect(seed []byte) ([]byte, error) { return seed, nil }

func unprotect(b []byte) ([]byte, error) { return b, nil }

// TryLock takes the lock, or returns ErrRunning. The system gives it back when the
// program ends, however that is.
func (f Folder) TryLock() (*Lock, error) {
	file, err := os.OpenFile(f.file("lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = file.Close() // nothing was written
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, ErrRunning
		}
		return nil, &fs.PathError{Op: "lock", Path: file.Name(), Err: err}
	}
	return &Lock{file}, nil
}
