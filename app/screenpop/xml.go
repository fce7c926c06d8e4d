package screenpop

import (
	"strings"
	"unicode/utf8"
)

// This file and xml_text.go read a strict part of XML into a tree, without an
// opinion on names. They are stricter than encoding/xml, which lets duplicate
// attributes, foreign namespaces, comments inside values and trailing documents
// pass and tells no columns, and they go on behind most faults, so that a person
// sees all of them at once.

// The limits of a popup document.
const (
	MaxDocument = 64 << 10 // bytes
	MaxDepth    = 8
	MaxElements = 200
)

// element is one element. A broken one has a fault in its tags that has been
// reported; what it holds is not looked at.
type element struct {
	name    string
	off     int // of its <
	end     int // behind its last >
	attrs   []attribute
	content []content
	broken  bool
}

// content is a child, a run of text or a comment.
type content struct {
	child   *element
	text    *text
	comment int // offset, if it is neither
}

// attribute is one attribute. A value that could not be read, which has been
// reported, is nil.
type attribute struct {
	name  string
	off   int // of its name
	value *text
}

func (e *element) attr(name string) *attribute {
	for i := range e.attrs {
		if e.attrs[i].name == name {
			return &e.attrs[i]
		}
	}
	return nil
}

type xmlReader struct {
	*report
	src   string // as report.src, but with bytes that XML forbids blanked
	pos   int
	stack []*element
	root  *element
	run   textBuilder // text since the last tag or comment
	count int
	deep  bool // too deep, and reported
}

// readXML returns the root element, nil if there is none.
func readXML(r *report) *element {
	x := &xmlReader{report: r}
	if !x.checkCharacters() {
		return nil
	}
	x.declaration()
	for x.pos < len(x.src) {
		if !x.next() { // what is open will not be closed, and that has been said
			for _, e := range x.stack {
				e.broken = true
			}
			return x.root
		}
	}
	x.flush()
	switch {
	case len(x.stack) > 0:
		for _, e := range x.stack {
			e.broken = true
			x.fault(e.off, "<"+shorten(e.name)+"> is not closed", "write </"+shorten(e.name)+"> at its end")
		}
	case x.root == nil && !x.failed():
		x.fault(0, "the document is empty", "write <screenpopup>, the popups, and </screenpopup>")
	}
	return x.root
}

// checkCharacters reports what is no text at all, and blanks it.
func (x *xmlReader) checkCharacters() bool {
	src := x.report.src
	if strings.HasPrefix(src, "\xff\xfe") || strings.HasPrefix(src, "\xfe\xff") {
		x.fault(0, "the document is UTF-16", "save it as UTF-8")
		return false
	}
	clean := []byte(nil)
	for i, r := range src {
		size := 1
		switch {
		case r == utf8.RuneError && !strings.HasPrefix(src[i:], "\ufffd"):
			x.fault(i, "bytes that are not UTF-8", "save the document as UTF-8")
		case r < ' ' && r != '\t' && r != '\n' && r != '\r':
			x.fault(i, "the control character "+codePoint(r), "remove it")
		case r == '\ufffe' || r == '\uffff':
			x.fault(i, "the character "+codePoint(r)+", which XML forbids", "remove it")
			size = 3
		default:
			continue
		}
		if clean == nil {
			clean = []byte(src)
		}
		for j := range size {
			clean[i+j] = '?'
		}
	}
	x.src = src
	if clean != nil {
		x.src = string(clean)
	}
	if strings.HasPrefix(x.src, "\ufeff") {
		x.pos = len("\ufeff") // a byte order mark, as some editors write
	}
	return true
}

// declaration reads the XML declaration, if there is one.
func (x *xmlReader) declaration() {
	rest := x.src[x.pos:]
	end := strings.Index(rest, "?>")
	if !strings.HasPrefix(rest, "<?xml") || end < 0 || !isSpace(rest[len("<?xml")]) {
		return
	}
	words := strings.Join(strings.Fields(strings.ToLower(rest[len("<?xml"):end])), " ")
	words = strings.ReplaceAll(words, "'", `"`)
	words = strings.TrimSuffix(strings.TrimSuffix(words, ` standalone="yes"`), ` standalone="no"`)
	if words != `version="1.0"` && words != `version="1.0" encoding="utf-8"` {
		x.repairable(x.pos, end+2, `<?xml version="1.0" encoding="UTF-8"?>`,
			"an XML declaration of another version or encoding", `save the document as UTF-8 and write <?xml version="1.0" encoding="UTF-8"?>, or nothing`)
	}
	x.pos += end + 2
}

// next reads up to the end of the next tag, comment or run of text. It returns
// false where nothing behind can be read.
func (x *xmlReader) next() bool {
	rest := x.src[x.pos:]
	switch {
	case rest[0] != '<':
		n := strings.IndexByte(rest, '<')
		if n < 0 {
			n = len(rest)
		}
		x.outside(rest[:n])
		x.decode(&x.run, x.pos, x.pos+n, inText)
		x.pos += n
		return true
	case strings.HasPrefix(rest, "<!--"):
		return x.comment()
	case strings.HasPrefix(rest, "<![CDATA["):
		return x.cdata()
	case strings.HasPrefix(rest, "<!"):
		x.fault(x.pos, "a document type declaration", "remove it; this language needs none")
		return x.skipDeclaration()
	case strings.HasPrefix(rest, "<?"):
		x.fault(x.pos, "a processing instruction", "remove it; only an XML declaration may stand in the first line")
		return x.skip("?>")
	case strings.HasPrefix(rest, "</"):
		return x.endTag()
	case len(rest) > 1 && isNameStart(rest[1]):
		return x.startTag()
	}
	x.repairable(x.pos, 1, "&lt;", "a bare <", "write &lt; for the character <")
	x.run.add("<", x.pos, true)
	x.pos++
	return true
}

// outside reports text before or behind the root element.
func (x *xmlReader) outside(s string) {
	if len(x.stack) > 0 {
		return
	}
	if lead := leadingSpace(s); lead < len(s) {
		x.fault(x.pos+lead, "text outside of <screenpopup>", "remove it")
	}
}

func (x *xmlReader) skip(end string) bool {
	n := strings.Index(x.src[x.pos:], end)
	if n < 0 {
		return false
	}
	x.pos += n + len(end)
	return true
}

func (x *xmlReader) skipDeclaration() bool {
	depth := 0
	for ; x.pos < len(x.src); x.pos++ {
		switch x.src[x.pos] {
		case '<':
			depth++
		case '>':
			if depth--; depth == 0 {
				x.pos++
				return true
			}
		}
	}
	return false
}

func (x *xmlReader) comment() bool {
	start := x.pos
	n := strings.Index(x.src[start+4:], "--")
	if n >= 0 && !strings.HasPrefix(x.src[start+4+n:], "-->") {
		x.fault(start+4+n, "-- inside a comment", "write - instead")
	}
	x.pos += 4
	if !x.skip("-->") {
		x.fault(start, "a comment that is not closed", "write --> at its end")
		return false
	}
	if len(x.stack) > 0 {
		x.flush()
		x.append(content{comment: start})
	}
	return true
}

func (x *xmlReader) cdata() bool {
	const open = "<![CDATA["
	n := strings.Index(x.src[x.pos:], "]]>")
	if n < 0 {
		x.fault(x.pos, "a CDATA section that is not closed", "write ]]> at its end")
		return false
	}
	if len(x.stack) == 0 {
		x.fault(x.pos, "text outside of <screenpopup>", "remove it")
	}
	x.decode(&x.run, x.pos+len(open), x.pos+n, inCDATA)
	x.pos += n + len("]]>")
	return true
}

// flush ends the run of text.
func (x *xmlReader) flush() {
	if t := x.run.text(); t != nil && len(x.stack) > 0 {
		x.append(content{text: t})
	}
	x.run = textBuilder{}
}

func (x *xmlReader) append(c content) {
	top := x.stack[len(x.stack)-1]
	top.content = append(top.content, c)
}
