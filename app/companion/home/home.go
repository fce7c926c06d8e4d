//go:build !js

// Package home is the companion's own folder in the user's home: the key, whom it
// is paired with, and how it stands. Several commands of the companion meet in it
// through files alone; nothing listens.
package home

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

// Folder is where the companion of one user keeps what it has to remember.
type Folder string

// maxFile is the largest of the files here, in bytes.
const maxFile = 64 << 10

// Open makes the folder, which only the user may look into.
func Open(path string) (Folder, error) {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return "", fmt.Errorf("open the companion's folder: %w", err)
	}
	if err := private(path); err != nil {
		return "", fmt.Errorf("open the companion's folder: %w", err)
	}
	return Folder(path), nil
}

func (f Folder) file(name string) string { return filepath.Join(string(f), name) }

// Journal is the path of the journal.
func (f Folder) Journal() string { return f.file("journal.jsonl") }

// Pairing is who this PC is to a server.
type Pairing struct {
	Server      string    `json:"server"` // its address, as "https://pop.example.com"
	CompanionID string    `json:"companion_id"`
	Agent       string    `json:"agent"`
	AgentName   string    `json:"agent_name"`
	Tenant      string    `json:"tenant"`
	At          time.Time `json:"at"`
}

// Pairing returns the pairing, and whether there is one.
func (f Folder) Pairing() (Pairing, bool, error) {
	var p Pairing
	ok, err := f.read("pairing.json", &p)
	return p, ok, err
}

// SetPairing keeps a pairing.
func (f Folder) SetPairing(p Pairing) error { return f.write("pairing.json", p) }

// Unpair forgets the key and the pairing. The journal stays: what was begun was
// begun.
func (f Folder) Unpair() error {
	var all error
	for _, name := range []string{"pairing.json", keyFile, "status.json", "paused"} {
		if err := os.Remove(f.file(name)); err != nil && !errors.Is(err, os.ErrNotExist) {
			all = errors.Join(all, err)
		}
	}
	if all != nil {
		return fmt.Errorf("forget the pairing: %w", all)
	}
	return nil
}

// Status is how the running companion stands, as it says itself.
type Status struct {
	Version   string    `json:"version"`
	Server    string    `json:"server"`
	Connected bool      `json:"connected"`
	Since     time.Time `json:"since"`
	Agent     string    `json:"agent,omitempty"`
	AgentName string    `json:"agent_name,omitempty"`
	Reason    string    `json:"reason,omitempty"` // why it is not connected
}

// Status returns what the companion has said last.
func (f Folder) Status() (Status, bool, error) {
	var s Status
	ok, err := f.read("status.json", &s)
	return s, ok, err
}

// SetStatus says how the companion stands.
func (f Folder) SetStatus(s Status) error { return f.write("status.json", s) }

// Paused reports whether the person at the PC wants no commands for now. If that
// cannot be told, it is so.
func (f Folder) Paused() bool {
	_, err := os.Lstat(f.file("paused"))
	return !errors.Is(err, os.ErrNotExist)
}

// Pause turns commands off, or on again.
func (f Folder) Pause(on bool) error {
	if on {
		return f.write("paused", struct{}{})
	}
	if err := os.Remove(f.file("paused")); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// read reads a file of JSON, and reports whether it is there.
func (f Folder) read(name string, to any) (bool, error) {
	file, err := os.Open(f.file(name))
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer file.Close()
	src, err := io.ReadAll(io.LimitReader(file, maxFile))
	if err != nil {
		return false, err
	}
	if err := json.Unmarshal(src, to); err != nil {
		return false, fmt.Errorf("read %s: %w", f.file(name), err)
	}
	return true, nil
}

// write puts a file of JSON in the old one's place, so that nobody reads half.
func (f Folder) write(name string, what any) error {
	b, err := json.MarshalIndent(what, "", "  ")
	if err != nil {
		return err
	}
	return f.writeBytes(name, append(b, '\n'))
}

func (f Folder) writeBytes(name string, b []byte) error {
	file, err := os.CreateTemp(string(f), "."+name+"-*") // 0600, and no other writer's
	if err != nil {
		return err
	}
	_, err = file.Write(b)
	err = errors.Join(err, file.Sync(), file.Close())
	if err == nil {
		err = os.Rename(file.Name(), f.file(name))
	}
	if err != nil {
		_ = os.Remove(file.Name()) // the error to tell is the first
	}
	return err
}
