package store_test

import (
	"os"
	"syscall"
)

// datasync waits until what was written to f is on stable storage.
func datasync(f *os.File) error { return syscall.Fdatasync(int(f.Fd())) }
