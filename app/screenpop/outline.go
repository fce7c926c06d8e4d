package screenpop

import (
	"slices"
	"strconv"
	"strings"
)

// This file reads where the parts of a popup document stand in its text, for
// edits that leave all the rest as it is (edit.go). It rests on the same reader
// as ParseDocument, so the two never see different documents.

// Range is a run of bytes of a document: from From up to, not including, To.
type Range struct{ From, To int }

// Place is an element of a document as it is written. Offsets count bytes.
type Place struct {
	Element      string // its name: "url", "inherit", "when"
	Popup        string // the popup's id, by default its position; "" for <inherit/> and for what a popup holds
	Line, Column int    // of its <, from 1, columns in characters
	Range        Range  // from its < to behind its last >
	Start        Range  // its start tag
	Content      Range  // what stands between its tags; empty for <…/>
	Attributes   []PlacedAttribute
	Text         string  // decoded, without the space around it; "" if it holds none
	TextRange    Range   // of Text in the source, inside of CDATA's brackets; empty where a text would go
	CDATA        bool    // the text is written in CDATA
	Comment      string  // of the comments right before a popup or <inherit/>, a line each
	CommentRange Range   // from the first <!-- to behind the last -->
	Children     []Place // <when>, <variable>, <header> and a fallback <url>
	Faulty       bool    // its start tag has faults of writing: its attributes cannot be edited
}

// PlacedAttribute is an attribute as it is written.
type PlacedAttribute struct {
	Name, Value string // Value is decoded
	Range       Range  // from the name to behind the closing quotation mark
	ValueRange  Range  // between the quotation marks
}

// Attribute returns the attribute of that name, nil if the element has none.
func (p *Place) Attribute(name string) *PlacedAttribute {
	for i := range p.Attributes {
		if p.Attributes[i].Name == name {
			return &p.Attributes[i]
		}
	}
	return nil
}

// Outline returns each popup and <inherit/> of a document in order, and the
// findings that ParseDocument returns. Elements that may not stand where they do
// are left out. Wrong words and values do no harm; if tags are such that nobody
// can say what is inside of what, the places are nil, and not just none.
func Outline(src []byte) ([]Place, []Finding) {
	_, findings := ParseDocument(src)
	o := readOutline(string(src))
	if o == nil {
		return nil, findings
	}
	return append([]Place{}, o.root.Children...), findings
}

// outline is a document that is being edited.
type outline struct {
	src   string           // as it is
	clean string           // as the reader sees it, byte for byte in the same places
	lines report           // tells lines and columns
	root  Place            // its children are the items
	tree  map[int]*element // by the offset of their <
}

// readOutline returns nil if the structure cannot be read.
func readOutline(src string) *outline {
	if len(src) > MaxDocument {
		return nil
	}
	root := readXML(&report{src: src})
	if root == nil || root.name != "screenpopup" || anyBroken(root) {
		return nil
	}
	x := xmlReader{report: &report{src: src}}
	x.checkCharacters()
	o := &outline{src: src, clean: x.src, lines: report{src: src}, tree: map[int]*element{}}
	o.root = o.place(root)
	o.nameItems()
	o.findComments(root)
	return o
}

func anyBroken(e *element) bool {
	return e.broken || slices.ContainsFunc(e.content, func(c content) bool { return c.child != nil && anyBroken(c.child) })
}

func mayHold(parent, child string) bool { return slices.Contains(childrenOf[parent], child) }

// holdsText reports whether an element holds a text that means something.
func holdsText(name string) bool {
	return slices.Contains([]string{"url", "clipboard", "command", "variable", "header"}, name)
}

// nameItems gives the popups their ids, as ParseDocument does.
func (o *outline) nameItems() {
	position := 0
	for i := range o.root.Children {
		p := &o.root.Children[i]
		if p.Element == "inherit" {
			continue
		}
		position++
		p.Popup = strconv.Itoa(position)
		if a := p.Attribute("id"); a != nil && isWord(a.Value, 64, "._-") {
			p.Popup = a.Value
		}
	}
}

func (o *outline) reader(at int) *xmlReader {
	return &xmlReader{report: &report{src: o.clean}, src: o.clean, pos: at}
}

func (o *outline) place(e *element) Place {
	o.tree[e.off] = e
	p := Place{Element: e.name, Range: Range{e.off, e.end}}
	p.Line, p.Column = o.lines.lineOf(e.off)
	x, tag := o.reader(e.off+1), &element{}
	x.name()
	closed, _ := x.attributes(tag)
	p.Start = Range{e.off, x.pos}
	p.Content = Range{x.pos, x.pos}
	if !closed {
		from := strings.LastIndexByte(o.clean[:e.end-1], '>') // an end tag holds no other
		p.Content.To = from + strings.Index(o.clean[from:], "</")
	}
	p.Faulty = slices.ContainsFunc(x.all, func(f placedFinding) bool { return f.Repair == nil })
	for _, a := range tag.attrs {
		if a.value != nil {
			p.Attributes = append(p.Attributes, o.attribute(a))
		}
	}
	for _, c := range e.content {
		if c.child != nil && mayHold(e.name, c.child.name) {
			p.Children = append(p.Children, o.place(c.child))
		}
	}
	if holdsText(e.name) {
		o.findText(e, &p)
	}
	return p
}

func (o *outline) attribute(a attribute) PlacedAttribute {
	x := o.reader(a.off)
	x.name()
	x.space()
	x.pos++ // the =
	x.space()
	from := x.pos + 1
	to := from + strings.IndexByte(o.clean[from:], o.clean[x.pos])
	return PlacedAttribute{Name: a.name, Value: a.value.s, Range: Range{a.off, to + 1}, ValueRange: Range{from, to}}
}

// findText finds the text of an element that holds one.
func (o *outline) findText(e *element, p *Place) {
	texts, gaps := o.texts(e), o.gaps(e, p)
	p.TextRange = Range{gaps[len(gaps)-1].From, gaps[len(gaps)-1].From}
	if len(texts) > 1 {
		return
	}
	for _, gap := range gaps {
		switch {
		case len(texts) == 1:
			s, lead := texts[0].trim()
			if at := texts[0].offset(lead); gap.From <= at && at < gap.To {
				p.Text = s
				p.TextRange, p.CDATA = o.textRange(gap)
			}
		case strings.Contains(o.clean[gap.From:gap.To], "<![CDATA["):
			p.TextRange, p.CDATA = o.textRange(gap)
		}
	}
}

// texts returns the runs of text in an element that are not only space.
func (o *outline) texts(e *element) []*text {
	var all []*text
	for _, c := range e.content {
		if c.text != nil && strings.Trim(c.text.s, xmlSpace) != "" {
			all = append(all, c.text)
		}
	}
	return all
}

// gaps returns what stands between the children and comments of an element,
// before the first and behind the last; there is always one.
func (o *outline) gaps(e *element, p *Place) []Range {
	from := p.Content.From
	var all []Range
	for _, c := range e.content {
		switch {
		case c.child != nil:
			all = append(all, Range{from, c.child.off})
			from = c.child.end
		case c.text == nil:
			all = append(all, Range{from, c.comment})
			from = o.commentEnd(c.comment)
		}
	}
	return append(all, Range{from, p.Content.To})
}

// commentEnd returns where the comment at off ends.
func (o *outline) commentEnd(off int) int {
	off += len("<!--")
	return off + strings.Index(o.clean[off:], "-->") + len("-->")
}

// textRange returns the range of the text in a gap: inside of its brackets if it
// is one CDATA section and nothing else.
func (o *outline) textRange(gap Range) (r Range, cdata bool) {
	const open, end = "<![CDATA[", "]]>"
	r = o.trim(gap)
	s := o.clean[r.From:r.To]
	if strings.HasPrefix(s, open) && strings.Index(s, end) == len(s)-len(end) {
		return o.trim(Range{r.From + len(open), r.To - len(end)}), true
	}
	return r, strings.Contains(s, open)
}

// trim takes the space around a range away.
func (o *outline) trim(r Range) Range {
	s := o.clean[r.From:r.To]
	lead := leadingSpace(s)
	if lead == len(s) {
		return Range{r.From, r.From}
	}
	return Range{r.From + lead, r.From + len(strings.TrimRight(s, xmlSpace))}
}

// findComments gives each item the comments that belong to it: those on its line
// before it, and those on lines of their own right above.
func (o *outline) findComments(root *element) {
	var all []Range
	for _, c := range root.content {
		if c.child == nil && c.text == nil {
			all = append(all, Range{c.comment, o.commentEnd(c.comment)})
		}
	}
	for i := range o.root.Children {
		p := &o.root.Children[i]
		at := p.Range.From
		for _, c := range slices.Backward(all) {
			if c.To > at {
				continue
			}
			if !o.adjoins(c, at) {
				break
			}
			words := strings.Trim(o.src[c.From+len("<!--"):c.To-len("-->")], xmlSpace)
			if p.CommentRange == (Range{}) {
				p.Comment, p.CommentRange = words, c
			} else {
				p.Comment, p.CommentRange.From = words+"\n"+p.Comment, c.From
			}
			at = c.From
		}
	}
}

// adjoins reports whether comment c belongs to what stands at an offset behind it.
func (o *outline) adjoins(c Range, at int) bool {
	between := o.clean[c.To:at]
	if strings.Trim(between, xmlSpace) != "" {
		return false
	}
	switch strings.Count(unixLines.Replace(between), "\n") {
	case 0:
		return true
	case 1: // else it belongs to what stands before it
		from := max(o.lineStart(c.From), o.root.Content.From)
		return strings.Trim(o.clean[from:c.From], " \t") == ""
	}
	return false
}

// unixLines makes every line break \n.
var unixLines = strings.NewReplacer("\r\n", "\n", "\r", "\n")

// beginsLine reports whether nothing but space stands before an offset in its line.
func (o *outline) beginsLine(off int) bool {
	return strings.Trim(o.clean[o.lineStart(off):off], " \t") == ""
}

func (o *outline) lineStart(off int) int { return strings.LastIndexAny(o.clean[:off], "\r\n") + 1 }

// indent returns the space that the line of an offset begins with.
func (o *outline) indent(off int) string {
	line := o.src[o.lineStart(off):off]
	return line[:len(line)-len(strings.TrimLeft(line, " \t"))]
}
