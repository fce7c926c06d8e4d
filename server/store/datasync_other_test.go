//go:build !linux

package store_test

import "os"

// datasync waits until what was written to f is on stable storage.
func datasync(f *os.File) error { return f.Sync() }
