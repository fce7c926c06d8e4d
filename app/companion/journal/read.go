//go:build !js

package journal

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
)

// Last returns the newest n pops of the journal at path, oldest first, without
// disturbing the program that writes it.
func Last(path string, n int) ([]Entry, error) {
	src, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the journal: %w", err)
	}
	all, err := decode(src)
	if err != nil {
		return nil, fmt.Errorf("read the journal: %s: %w", path, err)
	}
	j := Journal{byID: map[string]*Entry{}}
	for i := range all {
		j.take(all[i])
	}
	var last []Entry
	for _, e := range j.order[max(0, len(j.order)-n):] {
		last = append(last, *e)
	}
	return last, nil
}

// decode reads the lines of a journal. The last may have been cut off by the end
// of the program: nothing was started on it. Any other that cannot be read is an
// error, for it could be a pop that was begun.
func decode(src []byte) ([]Entry, error) {
	whole := src[:bytes.LastIndexByte(src, '\n')+1]
	var all []Entry
	n := 0
	for line := range bytes.Lines(whole) {
		n++
		var e Entry
		if err := json.Unmarshal(line, &e); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		if e.PopID == "" {
			return nil, fmt.Errorf("line %d names no pop", n)
		}
		all = append(all, e)
	}
	return all, nil
}
