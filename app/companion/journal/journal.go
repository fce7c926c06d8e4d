//go:build !js

// Package journal remembers which pops this PC has begun and what became of them,
// beyond the end of the program. A pop is noted on the disk before its program is
// started, so that it is started at most once: what was noted and has no end when
// the journal is opened may have run, and nobody will ever know.
package journal

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/crmpop/crmpop/app/wire"
)

// Keep is how many pops are remembered.
const Keep = 10_000

// Entry is a pop and what became of it. Its State is one of wire's results, ""
// while it has none.
type Entry struct {
	PopID     string    `json:"pop"`
	Name      string    `json:"name,omitempty"` // of the command
	At        time.Time `json:"at,omitzero"`
	State     string    `json:"state,omitempty"`
	ExitCode  int       `json:"code,omitempty"`
	MS        int64     `json:"ms,omitempty"`
	Detail    string    `json:"detail,omitempty"`
	Output    string    `json:"output,omitempty"` // of the program; it never leaves this PC
	Confirmed bool      `json:"ok,omitempty"`     // the server knows
}

// Journal is the file, held open. It may be used from anywhere.
type Journal struct {
	path string

	mu    sync.Mutex // guards all below
	f     *os.File
	size  int64 // of what is whole
	byID  map[string]*Entry
	order []*Entry
	lines int
	now   func() time.Time
}

// Open reads the journal at path, or begins one. What was begun and has no end
// ends as unknown.
func Open(path string, now func() time.Time) (*Journal, error) {
	j := &Journal{path: path, byID: map[string]*Entry{}, now: now}
	if err := j.load(); err != nil {
		return nil, fmt.Errorf("open the journal: %w", err)
	}
	for _, e := range j.order {
		if e.State == "" {
			e.State, e.Detail = wire.ResultUnknown, "the companion ended while this began; it is not run again"
		}
	}
	if err := j.compact(); err != nil {
		return nil, fmt.Errorf("open the journal: %w", err)
	}
	return j, nil
}

func (j *Journal) load() error {
	src, err := os.ReadFile(j.path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	all, err := decode(src)
	if err != nil {
		return fmt.Errorf("%s: %w; move it away to begin a new one", j.path, err)
	}
	for i := range all {
		j.take(all[i])
	}
	return nil
}

// take adds what a line says to what is known of its pop.
func (j *Journal) take(line Entry) {
	j.lines++
	e := j.byID[line.PopID]
	if e == nil {
		e = &Entry{PopID: line.PopID, Name: line.Name, At: line.At}
		j.byID[line.PopID] = e
		j.order = append(j.order, e)
	}
	if line.State != "" && e.State == "" { // the first end counts
		e.State, e.ExitCode, e.MS, e.Detail, e.Output = line.State, line.ExitCode, line.MS, line.Detail, line.Output
	}
	e.Confirmed = e.Confirmed || line.Confirmed
}

// Find returns what is known of a pop.
func (j *Journal) Find(popID string) (Entry, bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if e := j.byID[popID]; e != nil {
		return *e, true
	}
	return Entry{}, false
}

// Begin notes a pop that is about to be started. It returns once that is on the
// disk; with an error nothing may be started.
func (j *Journal) Begin(popID, name string) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.byID[popID] != nil {
		return fmt.Errorf("note a pop: %s is noted already", popID)
	}
	line := Entry{PopID: popID, Name: name, At: j.now()}
	if err := j.append(line); err != nil {
		return fmt.Errorf("note a pop: %w", err)
	}
	if err := j.f.Sync(); err != nil {
		// Whether it is on the disk is not known. It stays noted here: not starting
		// it again is right in either case.
		j.take(line)
		return fmt.Errorf("note a pop: %w", err)
	}
	j.take(line)
	return nil
}

// End notes what became of a pop. If the line is lost with the power, the pop is
// unknown; that is true as well.
func (j *Journal) End(e Entry) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if e.At.IsZero() {
		e.At = j.now()
	}
	if was := j.byID[e.PopID]; was != nil {
		e.Name, e.At = "", time.Time{} // they stand in its first line
	}
	err := j.append(e)
	j.take(e)
	j.trim()
	if err != nil {
		return fmt.Errorf("note a result: %w", err)
	}
	return nil
}

// Confirm notes that the server knows what became of a pop.
func (j *Journal) Confirm(popID string) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if e := j.byID[popID]; e == nil || e.Confirmed || e.State == "" {
		return nil
	}
	line := Entry{PopID: popID, Confirmed: true}
	j.take(line)
	if err := j.append(line); err != nil {
		return fmt.Errorf("note a confirmation: %w", err)
	}
	return nil
}

// Untold returns what the server has not confirmed, oldest first.
func (j *Journal) Untold() []Entry {
	j.mu.Lock()
	defer j.mu.Unlock()
	var all []Entry
	for _, e := range j.order {
		if e.State != "" && !e.Confirmed {
			all = append(all, *e)
		}
	}
	return all
}

// Close closes the file.
func (j *Journal) Close() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.f.Close()
}

// append writes one line whole, or leaves the file as it was. mu is held.
func (j *Journal) append(e Entry) error {
	line, err := json.Marshal(e)
	if err != nil {
		return err
	}
	line = append(line, '\n')
	if _, err := j.f.WriteAt(line, j.size); err != nil {
		_ = j.f.Truncate(j.size) // the error to tell is the first; half a line is overwritten or cut off later
		return err
	}
	j.size += int64(len(line))
	return nil
}

// trim forgets the oldest pops, and writes the file anew when it has grown to
// several times what it has to hold. mu is held.
func (j *Journal) trim() {
	if len(j.order) > Keep+Keep/10 {
		j.forget()
	}
	if j.lines > 4*Keep {
		// If this fails the old file is still there and whole; the next line tries again.
		_ = j.compact()
	}
}

// forget keeps the newest pops, and all that may still run, or be thought to.
func (j *Journal) forget() {
	first := max(0, len(j.order)-Keep)
	kept := make([]*Entry, 0, Keep)
	for i, e := range j.order {
		if i >= first || e.State == "" || e.State == wire.ResultUnknown && !e.Confirmed {
			kept = append(kept, e)
		} else {
			delete(j.byID, e.PopID)
		}
	}
	j.order = kept
}

// compact writes a line a pop into a new file and puts it in the old one's place.
func (j *Journal) compact() error {
	j.forget()
	var out []byte
	for _, e := range j.order {
		line, err := json.Marshal(e)
		if err != nil {
			return err
		}
		out = append(append(out, line...), '\n')
	}
	f, err := replace(j.path, out)
	if err != nil {
		return err
	}
	if j.f != nil {
		_ = j.f.Close() // nothing in it is waited for
	}
	j.f, j.size, j.lines = f, int64(len(out)), len(j.order)
	return nil
}

// replace puts a file with that content at path, on the disk, and returns it open.
func replace(path string, content []byte) (f *os.File, err error) {
	if f, err = os.OpenFile(path+".new", os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			_ = f.Close() // the error to tell is the first
		}
	}()
	if _, err = f.Write(content); err != nil {
		return nil, err
	}
	if err = f.Sync(); err != nil {
		return nil, err
	}
	if f, err = rename(f, path); err != nil {
		return nil, err
	}
	return f, syncFolder(filepath.Dir(path))
}
