//go:build !js

package mapping

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// The registry's keys, below HKEY_LOCAL_MACHINE; the user's is the second of
// them below HKEY_CURRENT_USER. Policies are what group policy writes.
const (
	PoliciesKey = `SOFTWARE\Policies\CRMPop`
	MachineKey  = `SOFTWARE\CRMPop`
	CommandsKey = `Commands`         // below either: a value or a sub-key a command
	AllowUser   = `AllowUserMapping` // in either, 1 lets the user's own commands count
	ServerValue = `Server`           // in either, the server that this PC belongs to
)

// Registry is what those keys hold, and why one is not believed, if it is not.
type Registry struct {
	Policies, Machine, User []Value
	UserAllowed             bool
}

// Value is a command as it stands in the registry: a value with the path of its
// program, or with JSON; or a sub-key whose unnamed value is such a text.
type Value struct {
	Name  string
	Text  string
	Fault error // what is there is no text, or not safe
}

// FromRegistry returns the commands of a Windows PC. Policies count before the
// machine's key, and that before the user's, which counts only if it is allowed.
func FromRegistry(r Registry) Commands {
	c := Commands{From: `HKLM\` + MachineKey + `\` + CommandsKey}
	c.add(`HKLM\`+PoliciesKey+`\`+CommandsKey, r.Policies)
	c.add(c.From, r.Machine)
	if r.UserAllowed {
		c.add(`HKCU\`+MachineKey+`\`+CommandsKey, r.User)
	}
	c.sort()
	return c
}

// add takes in the commands of one key that no key before it has.
func (c *Commands) add(from string, values []Value) {
	before := len(c.Entries)
	for _, v := range values {
		name := strings.ToLower(v.Name) // as the registry itself has it
		i := slices.IndexFunc(c.Entries, func(e Entry) bool { return e.Name == name })
		switch {
		case name == "" || i >= 0 && i < before:
		case i >= 0:
			c.Entries[i].Fault = errors.New("it is there twice, as a value and as a key")
		default:
			c.Entries = append(c.Entries, v.entry(name, from))
		}
	}
}

func (v Value) entry(name, from string) Entry {
	if v.Fault != nil {
		e := newEntry(name, from)
		e.Fault = v.Fault
		return e
	}
	text := strings.TrimSpace(v.Text)
	if strings.HasPrefix(text, "{") {
		return decodeEntry(name, from, "windows", json.RawMessage(text))
	}
	raw, err := json.Marshal(text)
	if err != nil {
		panic(fmt.Sprintf("encode a text: %v", err)) // cannot be: any text is JSON
	}
	return decodeEntry(name, from, "windows", raw)
}
