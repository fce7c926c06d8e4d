//go:build !js

package mapping

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/crmpop/crmpop/app/wire"
)

// All stands in a query for every variable, in the order in which they came.
const All = "*"

// The limits of what is handed to a program.
const (
	MaxArguments = 4 << 10 // bytes, all of them together
	maxVars      = 64
	maxVarName   = 64
)

// Arg is one argument: a literal, a variable's value, or several variables in
// the form of a query, anum=2149&queue_key=sales.
type Arg struct {
	Literal string
	Var     string
	Query   []string
}

// plainValue is what a bare variable has to match where the entry has no pattern.
// A query needs none, for what is percent-encoded cannot become a second
// variable nor a second argument.
var plainValue = regexp.MustCompile(`^[A-Za-z0-9+@._ -]{0,128}$`)

// Argv returns the arguments for a program, without its own name. Whatever the
// values are, there are as many arguments as the entry lists, and none that the
// entry did not write begins like an option.
func (e Entry) Argv(vars []wire.CompanionVar) ([]string, error) {
	if err := e.judge(vars); err != nil {
		return nil, err
	}
	var argv []string
	total := 0
	for _, a := range e.Args {
		arg, ok, err := e.argument(a, vars)
		if err != nil {
			return nil, err
		}
		if !ok {
			continue
		}
		if total += len(arg) + 1; total > MaxArguments {
			return nil, fmt.Errorf("the arguments have more than %d bytes", MaxArguments)
		}
		argv = append(argv, arg)
	}
	return argv, nil
}

// judge looks at all that came, also at what no argument asks for.
func (e Entry) judge(vars []wire.CompanionVar) error {
	if len(vars) > maxVars {
		return fmt.Errorf("%d variables, at most %d", len(vars), maxVars)
	}
	for i, v := range vars {
		named := func(o wire.CompanionVar) bool { return o.Name == v.Name }
		pattern := e.Vars[v.Name]
		switch {
		case v.Name == "" || len(v.Name) > maxVarName:
			return fmt.Errorf("the variable %q: a name has 1 to %d bytes", clipped(v.Name), maxVarName)
		case slices.ContainsFunc(vars[:i], named):
			return fmt.Errorf("the variable %q came twice", v.Name)
		case len(v.Value) > MaxArguments:
			return fmt.Errorf("the value of %q has %d bytes, at most %d", v.Name, len(v.Value), MaxArguments)
		case !utf8.ValidString(v.Name+v.Value) || strings.ContainsFunc(v.Name+v.Value, isControl):
			return fmt.Errorf("the variable %q holds a control character", v.Name)
		case pattern != nil && !pattern.MatchString(v.Value):
			return fmt.Errorf("the value of %q does not match its pattern %s", v.Name, pattern)
		}
	}
	return nil
}

// argument returns one argument, and whether there is one: a query of all
// variables is left out where none came.
func (e Entry) argument(a Arg, vars []wire.CompanionVar) (string, bool, error) {
	switch {
	case a.Var != "":
		arg, err := e.bare(a.Var, vars)
		return arg, true, err
	case len(a.Query) == 0:
		return a.Literal, true, nil
	case a.Query[0] == All:
		return query(vars), len(vars) > 0, nil
	}
	asked := make([]wire.CompanionVar, len(a.Query))
	for i, name := range a.Query {
		asked[i] = wire.CompanionVar{Name: name, Value: value(name, vars)}
	}
	return query(asked), true, nil
}

// bare returns a variable's value as an argument of its own. Nothing is escaped,
// so it has to be plain, and no program may take it for an option.
func (e Entry) bare(name string, vars []wire.CompanionVar) (string, error) {
	v := value(name, vars)
	switch {
	case v == "":
		return "", fmt.Errorf("the variable %q is missing or empty, and is an argument of its own", name)
	case v[0] == '-' || v[0] == '/':
		return "", fmt.Errorf("the value of %q begins with %c, as an option does", name, v[0])
	case e.Vars[name] == nil && !plainValue.MatchString(v):
		return "", fmt.Errorf("the value of %q holds more than letters, digits, spaces and + @ . _ -, or is longer than 128", name)
	}
	return v, nil
}

func value(name string, vars []wire.CompanionVar) string {
	for _, v := range vars {
		if v.Name == name {
			return v.Value
		}
	}
	return ""
}

// query writes variables as one argument. What is not a letter, a digit or one of
// - . _ ~ is percent-encoded, and so is a - at the very beginning.
func query(vars []wire.CompanionVar) string {
	var out []byte
	for i, v := range vars {
		if i > 0 {
			out = append(out, '&')
		}
		out = encode(out, v.Name)
		out = append(out, '=')
		out = encode(out, v.Value)
	}
	return string(out)
}

func encode(out []byte, s string) []byte {
	const hex = "0123456789ABCDEF"
	for i := range len(s) {
		c := s[i]
		letter := c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9'
		if letter || strings.IndexByte("._~", c) >= 0 || c == '-' && len(out) > 0 {
			out = append(out, c)
		} else {
			out = append(out, '%', hex[c>>4], hex[c&15])
		}
	}
	return out
}

// judgeArg returns what is wrong with an argument as it is written down.
func judgeArg(a Arg) error {
	for _, name := range append(slices.Clone(a.Query), a.Var) {
		if len(name) > maxVarName || strings.ContainsFunc(name, isControl) {
			return fmt.Errorf("%q can be no variable", clipped(name))
		}
	}
	switch {
	case slices.Contains(a.Query, ""):
		return errors.New("a query asks for a variable without a name")
	case len(a.Query) > 1 && slices.Contains(a.Query, All):
		return errors.New(`a query asks for "*" or for variables by name, not for both`)
	case strings.ContainsFunc(a.Literal, isControl):
		return errors.New("a literal holds a control character")
	}
	return nil
}
