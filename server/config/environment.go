package config

import (
	"fmt"
	"os"
	"strings"

	"github.com/alecthomas/kong"
)

// environment gives options their values from POP_X, or from the file that
// POP_X_FILE names, which is how container platforms hand over secrets.
type environment struct {
	getenv func(string) string
	from   map[string]string // option → the variable it came from
}

// Validate is kong's.
func (e environment) Validate(*kong.Application) error { return nil }

// Resolve returns the option's value, nil when the environment has none.
func (e environment) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	if flag.Name == "help" {
		return nil, nil
	}
	name := "POP_" + strings.ToUpper(strings.ReplaceAll(flag.Name, "-", "_"))
	value, file := e.getenv(name), e.getenv(name+"_FILE")
	switch {
	case value != "" && file != "":
		return nil, fmt.Errorf("%s and %s_FILE are both set: keep one", name, name)
	case value != "":
		e.from[flag.Name] = name
		return value, nil
	case file != "":
		b, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("%s_FILE: %w", name, err)
		}
		e.from[flag.Name] = name + "_FILE"
		return strings.TrimRight(string(b), "\r\n"), nil
	}
	return nil, nil
}
