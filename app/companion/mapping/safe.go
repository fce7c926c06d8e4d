//go:build !js

package mapping

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
)

// Check says why the program of an entry may not be started now. It is asked
// before every start, as late as can be.
func (p Place) Check(e Entry) error {
	if err := p.Safe(e.Exe); err != nil {
		return fmt.Errorf("program not safe: %w", err)
	}
	if e.SHA256 == "" {
		return nil
	}
	got, err := hash(e.Exe)
	if err != nil {
		return fmt.Errorf("program not safe: %w", err)
	}
	if got != e.SHA256 {
		return fmt.Errorf("program not safe: %s is not the one that was mapped; its SHA-256 is %s", e.Exe, got)
	}
	return nil
}

func hash(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// decodeAdmin reads the administrator's file about the companion itself.
func decodeAdmin(src []byte) (server string, err error) {
	all, err := members(src)
	if err != nil {
		return "", err
	}
	for _, m := range all {
		if m.name != "server" {
			return "", fmt.Errorf("%s: there is no such field", clipped(m.name))
		}
		if err := into(json.RawMessage(m.value), &server, "a text"); err != nil {
			return "", fmt.Errorf("server: %w", err)
		}
	}
	return server, nil
}

// readSafe returns the contents of a file that only the administrator can have
// written, nil if there is none.
func (p Place) readSafe(path string) ([]byte, error) {
	if _, err := os.Lstat(path); errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err := p.Safe(path); err != nil {
		return nil, fmt.Errorf("mapping not safe: %w", err)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, MaxFile+1))
}
