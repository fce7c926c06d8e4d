package screenpop

import (
	"strings"
	"unicode/utf8"

	"github.com/crmpop/crmpop/app/urltemplate"
)

func (x *xmlReader) startTag() bool {
	x.flush()
	e := &element{off: x.pos}
	x.pos++
	e.name = x.name()
	x.checkPrefix(e.off+1, e.name)
	closed, ok := x.attributes(e)
	if !ok {
		x.fault(e.off, "the tag <"+shorten(e.name)+" is not closed", "write > at its end")
		return false
	}
	switch {
	case len(x.stack) > 0:
		x.append(content{child: e})
	case x.root != nil:
		x.fault(e.off, "a second element <"+shorten(e.name)+"> behind the document's end", "put everything inside one <screenpopup>")
		return false
	default:
		x.root = e
	}
	x.count++
	if x.count == MaxElements+1 {
		x.fault(e.off, "more than "+itoa(MaxElements)+" elements", "spread the popups over the levels")
	}
	if len(x.stack) >= MaxDepth && !x.deep {
		x.deep = true
		x.fault(e.off, "elements more than "+itoa(MaxDepth)+" deep", "close what is open")
	}
	e.end = x.pos
	if !closed {
		x.stack = append(x.stack, e)
	}
	return true
}

// endTag closes the element that is open. A misspelt tag closes it too, and the
// tag of an outer element closes what is inside it.
func (x *xmlReader) endTag() bool {
	x.flush()
	off := x.pos
	x.pos += 2
	name := x.name()
	x.space()
	if x.pos >= len(x.src) || x.src[x.pos] != '>' {
		x.fault(off, "the tag </"+shorten(name)+" is not closed", "write </"+shorten(name)+">")
		if !x.skip(">") {
			return false
		}
	} else {
		x.pos++
	}
	if len(x.stack) == 0 {
		x.fault(off, "</"+shorten(name)+"> closes nothing", "remove it")
		return true
	}
	open := len(x.stack) - 1
	for open >= 0 && x.stack[open].name != name {
		open--
	}
	top := x.stack[len(x.stack)-1]
	switch {
	case open == len(x.stack)-1:
	case open >= 0:
		for _, e := range x.stack[open+1:] {
			e.broken = true
			x.fault(e.off, "<"+shorten(e.name)+"> is not closed", "write </"+shorten(e.name)+"> before </"+shorten(name)+">")
		}
	case urltemplate.Nearest(name, []string{top.name}) != "":
		x.repairable(off+2, len(name), top.name, "</"+shorten(name)+"> does not close <"+shorten(top.name)+">", "did you mean </"+shorten(top.name)+">?")
		open = len(x.stack) - 1
	default:
		x.fault(off, "</"+shorten(name)+"> closes nothing", "remove it, or write </"+shorten(top.name)+"> to close <"+shorten(top.name)+">")
		return true
	}
	x.stack[open].end = x.pos
	x.stack = x.stack[:open]
	return true
}

// attributes reads up to the end of a start tag. closed says that it was a />;
// ok is false at the end of the source.
func (x *xmlReader) attributes(e *element) (closed, ok bool) {
	seen := map[string]bool{}
	for {
		spaced := x.space()
		rest := x.src[x.pos:]
		switch {
		case rest == "":
			return false, false
		case rest[0] == '>':
			x.pos++
			return false, true
		case strings.HasPrefix(rest, "/>"):
			x.pos += 2
			return true, true
		case rest[0] == '<':
			return false, false
		case !isNameByte(rest[0]):
			_, n := utf8.DecodeRuneInString(rest)
			x.fault(x.pos, "the character "+rest[:n]+" in the tag <"+shorten(e.name)+">", "remove it")
			x.pos += n
			continue
		case !spaced:
			x.fault(x.pos, "no space before an attribute", "write a space")
		}
		a := attribute{off: x.pos}
		a.name = x.name()
		known := x.checkPrefix(a.off, a.name)
		a.value = x.value(a)
		if seen[a.name] {
			x.fault(a.off, "the attribute "+shorten(a.name)+" a second time", "keep one of them")
			continue
		}
		seen[a.name] = true
		if known {
			e.attrs = append(e.attrs, a)
		}
	}
}

// value reads ="…" behind an attribute's name. It returns nil, and has reported
// why, where there is none.
func (x *xmlReader) value(a attribute) *text {
	x.space()
	if x.pos >= len(x.src) || x.src[x.pos] != '=' {
		x.fault(a.off, "the attribute "+shorten(a.name)+" without a value", "write "+shorten(a.name)+`="…"`)
		return nil
	}
	x.pos++
	x.space()
	start := x.pos
	if start < len(x.src) && (x.src[start] == '"' || x.src[start] == '\'') {
		n := strings.IndexByte(x.src[start+1:], x.src[start])
		if n < 0 {
			x.fault(start, "a quotation mark that is not closed", "write "+x.src[start:start+1]+" at the end of the value")
			x.pos = len(x.src)
			return nil
		}
		var b textBuilder
		x.decode(&b, start+1, start+1+n, inAttribute)
		x.pos = start + 1 + n + 1
		return b.textAt(start + 1)
	}
	msg, cure := "the value of "+shorten(a.name)+" without quotation marks", `write `+shorten(a.name)+`="…"`
	if r, _ := utf8.DecodeRuneInString(x.src[start:]); strings.ContainsRune("“”„‟″«»‘’", r) {
		msg, cure = "a typographic quotation mark", `write a plain " on both sides`
	}
	x.fault(start, msg, cure)
	for x.pos < len(x.src) && !isSpace(x.src[x.pos]) && x.src[x.pos] != '>' && x.src[x.pos] != '<' {
		x.pos++
	}
	return nil
}

// checkPrefix reports a name that has to do with namespaces.
func (x *xmlReader) checkPrefix(off int, name string) bool {
	if name != "xmlns" && !strings.Contains(name, ":") {
		return true
	}
	x.fault(off, "the namespace in "+shorten(name), "remove it; names here have no prefix")
	return false
}

func (x *xmlReader) name() string {
	start := x.pos
	for x.pos < len(x.src) && isNameByte(x.src[x.pos]) {
		x.pos++
	}
	return x.src[start:x.pos]
}

func (x *xmlReader) space() bool {
	n := leadingSpace(x.src[x.pos:])
	x.pos += n
	return n > 0
}

func isNameStart(c byte) bool {
	return c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' || c == ':' || c >= utf8.RuneSelf
}

func isNameByte(c byte) bool { return isNameStart(c) || isDigitByte(c) || c == '-' || c == '.' }

func isDigitByte(c byte) bool { return c >= '0' && c <= '9' }

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

// xmlSpace is what XML calls white space.
const xmlSpace = " \t\r\n"

func leadingSpace(s string) int { return len(s) - len(strings.TrimLeft(s, xmlSpace)) }
