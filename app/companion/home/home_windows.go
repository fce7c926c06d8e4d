package home

import (
	"errors"
	"os"
	"path/filepath"
	"unsafe"

	"golang.org/x/sys/windows"
)

// Path is where the companion's folder is for a user with that environment.
func Path(getenv func(string) string) (string, error) {
	local := getenv("LOCALAPPDATA")
	if !filepath.IsAbs(local) {
		return "", errors.New("LOCALAPPDATA says no folder")
	}
	return filepath.Join(local, "CRMPop"), nil
}

// private does nothing: what lies in a user's profile is that user's.
func private(string) error { return nil }

// judgeKey does nothing: only the user who protected the key can read it.
func judgeKey(string) error { return nil }

// protect binds the key to this user of this PC (DPAPI).
func protect(seed []byte) ([]byte, error) {
	var out windows.DataBlob
	if err := windows.CryptProtectData(blob(seed), nil, nil, 0, nil, windows.CRYPTPROTECT_UI_FORBIDDEN, &out); err != nil {
		return nil, err
	}
	return taken(out), nil
}

func unprotect(b []byte) ([]byte, error) {
	if len(b) == 0 {
		return nil, errors.New("it is empty")
	}
	var out windows.DataBlob
	if err := windows.CryptUnprotectData(blob(b), nil, nil, 0, nil, windows.CRYPTPROTECT_UI_FORBIDDEN, &out); err != nil {
		return nil, err
	}
	return taken(out), nil
}

func blob(b []byte) *windows.DataBlob { return &windows.DataBlob{Size: uint32(len(b)), Data: &b[0]} }

// taken copies what Windows has allocated, and gives that back.
func taken(out windows.DataBlob) []byte {
	b := append([]byte{}, unsafe.Slice(out.Data, out.Size)...)
	_, _ = windows.LocalFree(windows.Handle(unsafe.Pointer(out.Data))) // a leak of a few bytes is no reason to fail
	return b
}

// TryLock takes the lock, or returns ErrRunning. The system gives it back when the
// program ends, however that is.
func (f Folder) TryLock() (*Lock, error) {
	file, err := os.OpenFile(f.file("lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	const flags = windows.LOCKFILE_EXCLUSIVE_LOCK | windows.LOCKFILE_FAIL_IMMEDIATELY
	if err := windows.LockFileEx(windows.Handle(file.Fd()), flags, 0, 1, 0, new(windows.Overlapped)); err != nil {
		_ = file.Close() // nothing was written
		if errors.Is(err, windows.ERROR_LOCK_VIOLATION) {
			return nil, ErrRunning
		}
		return nil, err
	}
	return &Lock{file}, nil
}
