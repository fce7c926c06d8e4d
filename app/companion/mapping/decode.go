//go:build !js

package mapping

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"
)

// MaxFile is the largest mapping file, in bytes.
const MaxFile = 256 << 10

// Decode reads a mapping file for a PC that runs goos. An error refuses the whole
// file; what is wrong with one command only stands in its entry.
func Decode(src []byte, from, goos string) (Commands, error) {
	c := Commands{From: from}
	if len(src) > MaxFile {
		return c, fmt.Errorf("%s: %d bytes, at most %d", from, len(src), MaxFile)
	}
	all, err := members(src)
	if err != nil {
		return c, fmt.Errorf("%s: %w", from, err)
	}
	for _, m := range all {
		c.Entries = append(c.Entries, decodeEntry(m.name, from, goos, m.value))
	}
	c.sort()
	return c, nil
}

// decodeEntry reads one command: the path of its program, or an object.
func decodeEntry(name, from, goos string, raw json.RawMessage) Entry {
	e := newEntry(name, from)
	if e.Fault = e.decode(raw); e.Fault == nil {
		e.Fault = e.validate(goos)
	}
	return e
}

func (e *Entry) decode(raw json.RawMessage) error {
	if bytes.HasPrefix(raw, []byte(`"`)) {
		return into(raw, &e.Exe, "a text")
	}
	all, err := members(raw)
	if err != nil {
		return err
	}
	for _, m := range all {
		if err := e.set(m); err != nil {
			return fmt.Errorf("%s: %w", clipped(m.name), err)
		}
	}
	return nil
}

// set takes in one field of an entry.
func (e *Entry) set(m member) error {
	switch m.name {
	case "exe":
		return into(m.value, &e.Exe, "a text")
	case "sha256":
		return e.setHash(m.value)
	case "args":
		return e.setArgs(m.value)
	case "vars":
		return e.setVars(m.value)
	case "timeout":
		return e.setTimeout(m.value)
	case "mode":
		return oneOf(m.value, &e.Mode, Run, Detach)
	case "parallel":
		return number(m.value, &e.Parallel, 1, MaxParallel)
	case "on_busy":
		return oneOf(m.value, &e.OnBusy, Queue, Drop)
	case "capture":
		return number(m.value, &e.Capture, 0, MaxCapture)
	case "workdir":
		return into(m.value, &e.Workdir, "a text")
	case "env":
		return e.setEnv(m.value)
	case "interpreter":
		return into(m.value, &e.Interpreter, "true or false")
	}
	return errors.New("there is no such field")
}

func (e *Entry) setHash(raw json.RawMessage) error {
	if err := into(raw, &e.SHA256, "a text"); err != nil {
		return err
	}
	e.SHA256 = strings.ToLower(e.SHA256)
	if b, err := hex.DecodeString(e.SHA256); err != nil || len(b) != 32 {
		return errors.New("it is not 64 hexadecimal digits")
	}
	return nil
}

func (e *Entry) setTimeout(raw json.RawMessage) error {
	var text string
	if err := into(raw, &text, `a text, as "15s"`); err != nil {
		return err
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 100*time.Millisecond || d > MaxTimeout {
		return fmt.Errorf(`%q is not a time between "100ms" and "1h"`, clipped(text))
	}
	e.Timeout = d
	return nil
}

func (e *Entry) setArgs(raw json.RawMessage) error {
	var list []json.RawMessage
	if err := into(raw, &list, "a list"); err != nil {
		return err
	}
	if len(list) > 32 {
		return fmt.Errorf("%d arguments, at most 32", len(list))
	}
	e.Args = []Arg{}
	for i, one := range list {
		a, err := decodeArg(one)
		if err != nil {
			return fmt.Errorf("argument %d: %w", i+1, err)
		}
		e.Args = append(e.Args, a)
	}
	return nil
}

func decodeArg(raw json.RawMessage) (a Arg, err error) {
	if bytes.HasPrefix(raw, []byte(`"`)) {
		if err := into(raw, &a.Literal, "a text"); err != nil {
			return a, err
		}
		return a, judgeArg(a)
	}
	all, err := members(raw)
	if err != nil {
		return a, err
	}
	const forms = `it is a text, {"query": [names]} or {"var": name}`
	if len(all) != 1 {
		return a, errors.New(forms)
	}
	switch m := all[0]; m.name {
	case "query":
		if err := into(m.value, &a.Query, "a list of names"); err != nil {
			return a, err
		}
		if len(a.Query) == 0 {
			return a, errors.New("its query is empty")
		}
	case "var":
		if err := into(m.value, &a.Var, "a name"); err != nil {
			return a, err
		}
		if a.Var == "" {
			return a, errors.New("its var is empty")
		}
	default:
		return a, errors.New(forms)
	}
	return a, judgeArg(a)
}

func (e *Entry) setVars(raw json.RawMessage) error {
	all, err := members(raw)
	if err != nil {
		return err
	}
	e.Vars = map[string]*regexp.Regexp{}
	for _, m := range all {
		fields, err := members(m.value)
		if err != nil || len(fields) != 1 || fields[0].name != "pattern" {
			return fmt.Errorf(`%q: it is {"pattern": "…"}`, clipped(m.name))
		}
		var pattern string
		if err := into(fields[0].value, &pattern, "a text"); err != nil {
			return fmt.Errorf("%q: %w", clipped(m.name), err)
		}
		// Compiled alone first: what closes a group must not undo the anchors.
		if _, err := regexp.Compile(pattern); err != nil {
			return fmt.Errorf("%q: %w", clipped(m.name), err)
		}
		e.Vars[m.name] = regexp.MustCompile(`\A(?:` + pattern + `)\z`)
	}
	return nil
}

var envName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

func (e *Entry) setEnv(raw json.RawMessage) error {
	all, err := members(raw)
	if err != nil {
		return err
	}
	e.Env = map[string]string{}
	for _, m := range all {
		var text string
		if err := into(m.value, &text, "a text"); err != nil {
			return fmt.Errorf("%q: %w", clipped(m.name), err)
		}
		if !envName.MatchString(m.name) || strings.ContainsFunc(text, isControl) {
			return fmt.Errorf("%q: a name holds letters, digits and _, a value no control character", clipped(m.name))
		}
		e.Env[m.name] = text
	}
	return nil
}

// member is one name and value of a JSON object.
type member struct {
	name  string
	value json.RawMessage
}

// members splits a JSON object. A name that stands there twice is an error: which
// of the two counts would be a guess.
func members(raw []byte) ([]member, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	if tok, err := d.Token(); err != nil || tok != json.Delim('{') {
		return nil, errors.Join(errors.New("it is no JSON object"), place(raw, err))
	}
	var all []member
	seen := map[string]bool{}
	for d.More() {
		tok, err := d.Token()
		if err != nil {
			return nil, place(raw, err)
		}
		m := member{name: tok.(string)} // a name of an object is a string, or Token fails
		if err := d.Decode(&m.value); err != nil {
			return nil, place(raw, err)
		}
		if seen[m.name] {
			return nil, fmt.Errorf("%q stands there twice", clipped(m.name))
		}
		seen[m.name] = true
		all = append(all, m)
	}
	if _, err := d.Token(); err != nil {
		return nil, place(raw, err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something stands behind the last }")
	}
	return all, nil
}

// place adds the line to a syntax error.
func place(raw []byte, err error) error {
	var s *json.SyntaxError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &s):
		line := 1 + bytes.Count(raw[:min(int(s.Offset), len(raw))], []byte("\n"))
		return fmt.Errorf("line %d: %w", line, err)
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("it ends too early")
	}
	return err
}

// into reads a value that has to be there and of the right kind.
func into(raw json.RawMessage, to any, what string) error {
	if string(raw) == "null" || json.Unmarshal(raw, to) != nil {
		return fmt.Errorf("it is not %s", what)
	}
	return nil
}

func number(raw json.RawMessage, to *int, least, most int) error {
	what := fmt.Sprintf("a number from %d to %d", least, most)
	if err := into(raw, to, what); err != nil {
		return err
	}
	if *to < least || *to > most {
		return fmt.Errorf("it is not %s", what)
	}
	return nil
}

func oneOf[T ~string](raw json.RawMessage, to *T, all ...T) error {
	words := make([]string, len(all))
	for i, w := range all {
		words[i] = fmt.Sprintf("%q", w)
	}
	what := strings.Join(words, " or ")
	if err := into(raw, to, what); err != nil {
		return err
	}
	if !slices.Contains(all, *to) {
		return fmt.Errorf("it is not %s", what)
	}
	return nil
}
