package urltemplate

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// piece is a run of literal text, or a placeholder. A literal stands in the
// source as it is, but for "{" and "}", which are pieces of their own.
type piece struct {
	text string
	off  int
	use  *placeholder
}

type parser struct {
	kind    Kind
	src     string
	secrets bool // they may stand here
	faults  []Fault
	failed  bool
}

func (p *parser) fault(off int, msg, cure string) {
	p.faults = append(p.faults, Fault{Offset: off, Severity: SeverityError, Msg: msg, Cure: cure})
	p.failed = true
}

func (p *parser) warn(off int, msg, cure string) {
	p.faults = append(p.faults, Fault{Offset: off, Severity: SeverityWarning, Msg: msg, Cure: cure})
}

// lex cuts the source into pieces.
func (p *parser) lex() []piece {
	start, end := 0, len(p.src)
	if p.kind == URL {
		start = len(p.src) - len(strings.TrimLeft(p.src, xmlSpace))
		end = len(strings.TrimRight(p.src, xmlSpace))
	}
	p.checkUTF8()
	var pieces []piece
	for i := start; i < end; {
		rest := p.src[i:end]
		switch {
		case strings.HasPrefix(rest, "{{"), strings.HasPrefix(rest, "}}"):
			pieces = append(pieces, piece{text: rest[:1], off: i})
			i += 2
		case rest[0] == '{':
			use, n := p.placeholder(i, rest)
			if use != nil {
				pieces = append(pieces, piece{off: i, use: use})
			}
			i += n
		case rest[0] == '}':
			p.fault(i, "a } without its {", "write }} for the character }")
			i++
		default:
			n := strings.IndexAny(rest, "{}")
			if n < 0 {
				n = len(rest)
			}
			pieces = append(pieces, piece{text: rest[:n], off: i})
			i += n
		}
	}
	return pieces
}

// xmlSpace is what XML calls white space.
const xmlSpace = " \t\r\n"

func (p *parser) checkUTF8() {
	for i, r := range p.src {
		if r != utf8.RuneError {
			continue
		}
		if _, n := utf8.DecodeRuneInString(p.src[i:]); n == 1 {
			p.fault(i, "bytes that are not UTF-8", "save the text as UTF-8")
			return
		}
	}
}

// placeholder reads the {…} that rest begins with, which stands at off. It
// returns how many bytes it took, and nil if they are no good.
func (p *parser) placeholder(off int, rest string) (*placeholder, int) {
	n := strings.IndexAny(rest[1:], "{}") + 1
	if n == 0 || rest[n] == '{' {
		p.fault(off, "a { that is not closed", "write } after the variable's name, or {{ for the character {")
		if n == 0 {
			n = len(rest)
		}
		return nil, n
	}
	use := &placeholder{offset: off}
	at := off + 1
	for i, part := range strings.Split(rest[1:n], "|") {
		if i == 0 {
			use.name = part
			p.checkName(at, part)
		} else if SecretOf(use.name) != "" {
			p.fault(at, "a transform of a secret", "write {"+use.name+"}; a secret is sent as it is")
		} else if t, ok := p.transform(at, part); ok {
			use.transforms = append(use.transforms, t)
		}
		at += len(part) + 1
	}
	return use, n + 1
}

func (p *parser) checkName(off int, name string) {
	switch {
	case name == "":
		p.fault(off, "a variable without a name", "write {anum}, or {{}} for the characters {}")
	case ValidName(name):
	case strings.HasPrefix(name, secretMark):
		p.checkSecret(off, name)
	case ValidName(strings.TrimSpace(name)):
		p.fault(off, "a space inside the braces", "write {"+strings.TrimSpace(name)+"}")
	case len(name) > MaxName:
		p.fault(off, "a variable's name of "+itoa(len(name))+" bytes", "at most "+itoa(MaxName)+" are allowed")
	default:
		p.fault(off, "the variable name "+quote(name), "a name holds letters, digits, _ . and - and begins with a letter or _")
	}
}

func (p *parser) checkSecret(off int, name string) {
	switch {
	case !ValidSecret(SecretOf(name)):
		p.fault(off, "the secret's name "+quote(SecretOf(name)), "a secret's name holds a-z, 0-9, _ and -, at most "+itoa(MaxName))
	case !p.secrets:
		p.fault(off, "the secret {"+name+"} where it could be seen", "secrets stand in a <header> of a <webrequest>, or in a <variable> of one that is sent by POST")
	}
}

// ValidSecret reports whether name can stand as a secret in a template: a-z, 0-9,
// _ and -, at most MaxName bytes.
func ValidSecret(name string) bool {
	for i := range len(name) {
		if c := name[i]; (c < 'a' || c > 'z') && !isDigit(c) && c != '_' && c != '-' {
			return false
		}
	}
	return name != "" && len(name) <= MaxName
}

// ValidName reports whether name can stand as a variable in a template: a letter
// or _, then letters, digits, _ . and -, at most MaxName bytes.
func ValidName(name string) bool {
	if name == "" || len(name) > MaxName {
		return false
	}
	for i := range len(name) {
		c := name[i]
		letter := c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_'
		if !letter && (i == 0 || c != '.' && c != '-' && !isDigit(c)) {
			return false
		}
	}
	return true
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func itoa(n int) string { return strconv.Itoa(n) }

// quote returns s in quotes for a message, cut if it is long.
func quote(s string) string {
	const most = 40
	if len(s) > most {
		return strconv.Quote(cut(s, most) + "…")
	}
	return strconv.Quote(s)
}

// cut returns the longest beginning of s that ends at a character and has at
// most limit bytes.
func cut(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return s[:limit]
}
