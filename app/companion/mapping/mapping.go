//go:build !js

// Package mapping is which commands this PC knows, and which program each of
// them starts. The PC's administrator writes it down; nothing that comes over the
// network can add to it, and what anybody else could have written is refused.
//
// It is read anew for every command: taking a line out of it ends the command at
// once, and a file that has become unsafe is not believed any longer.
package mapping

import (
	"fmt"
	"slices"
	"strings"
)

// Commands are all commands of this PC, by name.
type Commands struct {
	From    string // where they are written down, for people
	Entries []Entry
}

// ValidName reports whether name can be a command's: it is no path.
func ValidName(name string) bool {
	for i := range len(name) {
		c := name[i]
		if c != '_' && c != '-' && (c < '0' || c > '9') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return name != "" && len(name) <= 32
}

const nameRule = "a command's name holds a-z, 0-9, _ and -, at most 32"

// Find returns the entry of a command, or why there is none that may be used.
func (c Commands) Find(name string) (Entry, error) {
	if !ValidName(name) {
		return Entry{}, fmt.Errorf("the command name %q: %s", clipped(name), nameRule)
	}
	i := slices.IndexFunc(c.Entries, func(e Entry) bool { return e.Name == name })
	if i < 0 {
		return Entry{}, fmt.Errorf("the command %q is not mapped on this PC; its administrator does that in %s", name, c.From)
	}
	if e := c.Entries[i]; e.Fault != nil {
		return Entry{}, fmt.Errorf("the command %q in %s: %w", name, e.From, e.Fault)
	}
	return c.Entries[i], nil
}

// sort puts the entries in the order of their names.
func (c Commands) sort() {
	slices.SortFunc(c.Entries, func(a, b Entry) int { return strings.Compare(a.Name, b.Name) })
}

// clipped keeps a message short whatever was sent.
func clipped(s string) string {
	if len(s) > 64 {
		return s[:64] + "…"
	}
	return s
}
