package urltemplate

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// Transforms lists the names of the transforms, in the order the manual has them.
var Transforms = []string{"e164", "national", "digits", "lower", "upper", "trim", "last", "csvsafe", "default", "required"}

// examples are the arguments with which the transforms are shown that need one.
var examples = map[string]string{"last": "8", "default": "unknown"}

// Written returns how a transform is written, with an argument as an example if it
// needs one: "last:8".
func Written(name string) string { return transform{name: name, arg: examples[name]}.String() }

// Numbers writes phone numbers in one form. Both methods get the value as the
// event has it and may be given anything: a short internal number, "anonymous".
// What they return for no number at all should be "", so that a default applies.
type Numbers interface {
	E164(raw string) string     // "+4722334455"
	National(raw string) string // "22334455"
}

// placeholder is one {name|transform|…}.
type placeholder struct {
	name       string
	offset     int
	transforms []transform
}

type transform struct {
	name string
	arg  string
	n    int // of last
}

// String returns the transform as it is written.
func (t transform) String() string {
	if t.arg == "" {
		return t.name
	}
	return t.name + ":" + t.arg
}

func (u *placeholder) write(b *strings.Builder) {
	b.WriteString("{" + u.name)
	for _, t := range u.transforms {
		b.WriteString("|" + t.String())
	}
	b.WriteByte('}')
}

func (u *placeholder) described() Use {
	use := Use{Name: u.name, Offset: u.offset}
	for _, t := range u.transforms {
		use.Transforms = append(use.Transforms, t.String())
		use.HasDefault = use.HasDefault || t.name == "default"
	}
	return use
}

// transform reads one transform, which stands at off.
func (p *parser) transform(off int, src string) (transform, bool) {
	name, arg, hasArg := strings.Cut(src, ":")
	t := transform{name: name, arg: arg}
	switch name {
	case "last":
		n, err := strconv.Atoi(arg)
		if err != nil || n < 1 || n > MaxValue || arg != itoa(n) {
			p.fault(off, "last needs a count from 1 to "+itoa(MaxValue), "write last:8 for the last 8 characters")
			return t, false
		}
		t.n = n
	case "default":
		if arg == "" {
			p.fault(off, "default needs a text", "write default:unknown")
			return t, false
		}
	case "e164", "national", "digits", "lower", "upper", "trim", "csvsafe", "required":
		if hasArg {
			p.fault(off, name+" takes no argument", "write "+name)
			return t, false
		}
	default:
		return t, p.unknownTransform(off, name)
	}
	return t, true
}

func (p *parser) unknownTransform(off int, name string) bool {
	bare := strings.TrimSpace(name)
	near := Nearest(bare, Transforms)
	switch {
	case bare == "":
		p.fault(off, "no transform after |", "remove the |")
	case near == bare:
		p.fault(off, "a space inside the braces", "write "+bare)
	case near != "":
		p.fault(off, "unknown transform "+quote(name), "did you mean "+near+"?")
	default:
		p.fault(off, "unknown transform "+quote(name), "there are "+strings.Join(Transforms, ", "))
	}
	return false
}

// value returns the variable's value after its transforms, as valid UTF-8.
func (u *placeholder) value(v Values) (string, error) {
	raw := ""
	if v.Lookup != nil && SecretOf(u.name) == "" {
		raw, _ = v.Lookup(u.name)
	}
	s := strings.ToValidUTF8(raw, string(utf8.RuneError))
	for _, t := range u.transforms {
		if t.name == "required" {
			if s == "" {
				return "", &SkipError{Variable: u.name, Reason: "required variable " + u.name + " is empty"}
			}
			continue
		}
		s = t.apply(s, v.Numbers)
	}
	return s, nil
}

func (t transform) apply(s string, numbers Numbers) string {
	switch t.name {
	case "e164":
		if numbers == nil {
			return plainNumber(s)
		}
		return strings.ToValidUTF8(numbers.E164(s), string(utf8.RuneError))
	case "national":
		if numbers == nil {
			return plainNumber(s)
		}
		return strings.ToValidUTF8(numbers.National(s), string(utf8.RuneError))
	case "digits":
		return digits(s)
	case "lower":
		return strings.ToLower(s)
	case "upper":
		return strings.ToUpper(s)
	case "trim":
		return strings.TrimSpace(s)
	case "last":
		return last(s, t.n)
	case "csvsafe":
		return csvSafe(s)
	case "default":
		if s == "" {
			return t.arg
		}
	}
	return s
}

func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
}

// plainNumber keeps the digits and a leading +.
func plainNumber(s string) string {
	d := digits(s)
	if d != "" && strings.HasPrefix(strings.TrimSpace(s), "+") {
		return "+" + d
	}
	return d
}

// csvSafe puts an apostrophe before what a spreadsheet would take for a formula, as
// people do by hand. A number with its + is taken for none.
func csvSafe(s string) string {
	if s == "" || !strings.ContainsRune("=+-@\t\r", rune(s[0])) || s == plainNumber(s) {
		return s
	}
	return "'" + s
}

// last returns the last n characters of s.
func last(s string, n int) string {
	i := len(s)
	for ; n > 0 && i > 0; n-- {
		_, size := utf8.DecodeLastRuneInString(s[:i])
		i -= size
	}
	return s[i:]
}
