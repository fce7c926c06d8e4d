package ingest

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/crmpop/crmpop/app/screenpop"
)

// encoding/json takes duplicate keys, bad UTF-8, lone surrogates and 10,000
// levels without a word. So it only says here whether a body is JSON at all;
// the values are read by the stricter scanner below, which may rely on that.

// form is the form of a JSON value.
type form string

const (
	isNull   form = "null"
	isBool   form = "true or false"
	isNumber form = "a number"
	isText   form = "a text"
	isList   form = "an array"
	isObject form = "an object"
)

// value is a JSON value. text is a text without its escapes, or a number, true
// or false as written.
type value struct {
	form    form
	text    string
	items   []value
	members []member
}

type member struct {
	name  string
	value value
}

// get returns the member with that name.
func (v value) get(name string) (value, bool) {
	for _, m := range v.members {
		if m.name == name {
			return m.value, true
		}
	}
	return value{}, false
}

// wellFormed returns the error for a body that is not one JSON value.
func wellFormed(body []byte) *screenpop.Error {
	if len(bytes.TrimSpace(body)) == 0 {
		return invalid("empty-body", "", "the body is empty; send an event as JSON")
	}
	if bytes.HasPrefix(body, []byte("\xef\xbb\xbf")) {
		return invalid("malformed-json", "", "the body begins with a byte order mark; send UTF-8 without one")
	}
	var raw json.RawMessage
	err := json.Unmarshal(body, &raw)
	if err == nil {
		return nil
	}
	var syntax *json.SyntaxError
	if !errors.As(err, &syntax) {
		return invalid("malformed-json", "", "the body is not JSON: %v", err)
	}
	if strings.Contains(syntax.Error(), "max depth") {
		return tooDeep("")
	}
	upto := body[:min(int(syntax.Offset), len(body))]
	line := 1 + bytes.Count(upto, []byte("\n"))
	column := len(upto) - 1 - bytes.LastIndexByte(upto, '\n')
	return invalid("malformed-json", "", "the body is not JSON at line %d, column %d: %s",
		line, max(column, 1), syntax.Error())
}

func tooDeep(pointer string) *screenpop.Error {
	return invalid("too-deep", pointer, "JSON nests deeper than %d levels; send it flatter", maxDepth)
}

// scan reads a value from JSON that is known to be well-formed and returns the
// first thing in it that is well-formed but not taken. pointer is the place of
// the value in the body.
func scan(b []byte, pointer string) (value, *screenpop.Error) {
	s := scanner{b: b}
	return s.value(pointer, 1)
}

type scanner struct {
	b []byte
	i int
}

// skip passes white space and the separators between values.
func (s *scanner) skip() byte {
	for s.i < len(s.b) && strings.IndexByte(" \t\r\n,:", s.b[s.i]) >= 0 {
		s.i++
	}
	if s.i == len(s.b) {
		return 0
	}
	return s.b[s.i]
}

func (s *scanner) value(pointer string, depth int) (value, *screenpop.Error) {
	switch c := s.skip(); c {
	case '{', '[':
		if depth > maxDepth {
			return value{}, tooDeep(pointer)
		}
		s.i++
		if c == '{' {
			return s.object(pointer, depth)
		}
		return s.list(pointer, depth)
	case '"':
		text, err := s.text(pointer)
		return value{form: isText, text: text}, err
	}
	start := s.i
	for s.i < len(s.b) && strings.IndexByte(" \t\r\n,:]}", s.b[s.i]) < 0 {
		s.i++
	}
	word := string(s.b[start:s.i])
	switch word {
	case "null":
		return value{form: isNull}, nil
	case "true", "false":
		return value{form: isBool, text: word}, nil
	}
	return value{form: isNumber, text: word}, nil
}

func (s *scanner) object(pointer string, depth int) (value, *screenpop.Error) {
	v := value{form: isObject}
	seen := map[string]bool{}
	for s.skip() == '"' {
		name, err := s.text(pointer)
		if err != nil {
			return v, err
		}
		at := down(pointer, name)
		if seen[name] {
			return v, invalid("duplicate-key", at, "%q stands here twice; leave one of them out", clip(name))
		}
		seen[name] = true
		m, err := s.value(at, depth+1)
		if err != nil {
			return v, err
		}
		v.members = append(v.members, member{name, m})
	}
	s.i++ // the closing brace
	return v, nil
}

func (s *scanner) list(pointer string, depth int) (value, *screenpop.Error) {
	v := value{form: isList}
	for s.skip() != ']' {
		item, err := s.value(down(pointer, strconv.Itoa(len(v.items))), depth+1)
		if err != nil {
			return v, err
		}
		v.items = append(v.items, item)
	}
	s.i++
	return v, nil
}

// text reads a string and undoes its escapes.
func (s *scanner) text(pointer string) (string, *screenpop.Error) {
	start := s.i + 1
	end := start
	for s.b[end] != '"' {
		if s.b[end] == '\\' {
			end++
		}
		end++
	}
	s.i = end + 1
	raw := s.b[start:end]
	if !utf8.Valid(raw) {
		return "", invalid("bad-utf8", pointer, "a text here is not UTF-8; send the body in UTF-8")
	}
	if bytes.IndexByte(raw, '\\') < 0 {
		return string(raw), nil
	}
	return unescape(string(raw), pointer)
}

func unescape(raw, pointer string) (string, *screenpop.Error) {
	var out strings.Builder
	for i := 0; i < len(raw); i++ {
		if raw[i] != '\\' {
			out.WriteByte(raw[i])
			continue
		}
		i++
		if at := strings.IndexByte("bfnrt", raw[i]); at >= 0 {
			out.WriteByte("\b\f\n\r\t"[at])
			continue
		}
		if raw[i] != 'u' {
			out.WriteByte(raw[i]) // a quote, a slash or a backslash
			continue
		}
		r := unit(raw[i+1:])
		i += 4
		if utf16.IsSurrogate(r) {
			low := rune(utf8.RuneError)
			if strings.HasPrefix(raw[i+1:], `\u`) {
				low = unit(raw[i+3:])
			}
			if r = utf16.DecodeRune(r, low); r == utf8.RuneError {
				return "", invalid("bad-utf8", pointer, "a text here holds half of a \\u surrogate pair; send the whole character")
			}
			i += 6
		}
		if r == 0 {
			return "", invalid("bad-character", pointer, "a text here holds the character \\u0000; leave it out")
		}
		out.WriteRune(r)
	}
	return out.String(), nil
}

// unit reads the four digits of a \u escape.
func unit(s string) rune {
	n, err := strconv.ParseUint(s[:4], 16, 16)
	if err != nil {
		return utf8.RuneError // cannot be: the JSON is well-formed
	}
	return rune(n)
}

// split returns the raw items of a well-formed array. It stops after most+1.
func split(b []byte, most int) [][]byte {
	var items [][]byte
	depth, start, quoted := 0, -1, false
	for i := 0; i < len(b) && len(items) <= most; i++ {
		c := b[i]
		switch {
		case quoted:
			if c == '\\' {
				i++
			} else if c == '"' {
				quoted = false
			}
			continue
		case depth == 1 && (c == ',' || c == ']'):
			if start >= 0 {
				items = append(items, bytes.TrimRight(b[start:i], " \t\r\n"))
			}
			start = -1
		case depth == 1 && start < 0 && strings.IndexByte(" \t\r\n", c) < 0:
			start = i
		}
		switch c {
		case '"':
			quoted = true
		case '[', '{':
			depth++
		case ']', '}':
			depth--
		}
	}
	return items
}
