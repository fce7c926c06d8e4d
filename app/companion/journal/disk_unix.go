//go:build unix

package journal

import (
	"errors"
	"os"
)

// rename gives an open file its name.
func rename(f *os.File, path string) (*os.File, error) {
	return f, os.Rename(f.Name(), path)
}

// syncFolder puts a folder's list of names on the disk.
func syncFolder(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
