package screenpop

import (
	"slices"
	"strings"

	"github.com/crmpop/crmpop/app/urltemplate"
)

// This file holds the edits that write values into elements that are there.

// tagged is at, for edits of an attribute.
func (o *outline) tagged(s Spot, name string) (*Place, error) {
	p, err := o.at(s)
	if err != nil {
		return nil, err
	}
	known := attributesOf[p.Element]
	switch {
	case p.Faulty:
		return nil, Errorf(CodeInvalid, "faulty-tag", "the tag <%s> in line %d has faults; repair them in the text first", p.Element, p.Line)
	case !slices.Contains(known, name):
		cure := "it takes " + strings.Join(known, ", ")
		if near := urltemplate.Nearest(name, known); near != "" {
			cure = "did you mean " + near + "?"
		} else if len(known) == 0 {
			cure = "it takes none"
		}
		return nil, Errorf(CodeInvalid, "unknown-attribute", "<%s> has no attribute %s; %s", p.Element, quote(name), cure)
	}
	return p, nil
}

func (e SetAttribute) changes(o *outline) ([]change, error) {
	p, err := o.tagged(e.At, e.Name)
	if err != nil {
		return nil, err
	}
	if err := writable(e.Value); err != nil {
		return nil, err
	}
	if a := p.Attribute(e.Name); a != nil {
		if a.Value == e.Value {
			return nil, nil
		}
		return []change{{a.ValueRange, escapeAttribute(e.Value, o.src[a.ValueRange.To])}}, nil
	}
	at, quote := p.Start.From+1+len(p.Element), byte('"')
	if n := len(p.Attributes); n > 0 {
		last := p.Attributes[n-1].Range.To
		at, quote = last, o.src[last-1]
	}
	text := " " + e.Name + "=" + string(quote) + escapeAttribute(e.Value, quote) + string(quote)
	return []change{{Range{at, at}, text}}, nil
}

func (e RemoveAttribute) changes(o *outline) ([]change, error) {
	p, err := o.tagged(e.At, e.Name)
	if err != nil {
		return nil, err
	}
	a := p.Attribute(e.Name)
	if a == nil {
		return nil, nil
	}
	before := len(strings.TrimRight(o.src[:a.Range.From], xmlSpace))
	return []change{{Range{before, a.Range.To}, ""}}, nil
}

func (e SetText) changes(o *outline) ([]change, error) {
	p, err := o.at(e.At)
	if err != nil {
		return nil, err
	}
	s := strings.Trim(e.Text, xmlSpace)
	switch {
	case !holdsText(p.Element):
		return nil, Errorf(CodeInvalid, "no-text", "<%s> holds no text", p.Element)
	case len(o.texts(o.tree[p.Range.From])) > 1:
		return nil, Errorf(CodeInvalid, "text-in-pieces", "the text of <%s> in line %d stands in two pieces; write it in one piece in the text first", p.Element, p.Line)
	case s == p.Text:
		return nil, nil
	}
	if err := writable(s); err != nil {
		return nil, err
	}
	switch r := p.TextRange; {
	case p.CDATA && strings.Contains(o.src[r.From:r.To], "]]>"): // in several pieces
		return []change{{r, "<![CDATA[" + escapeCDATA(s) + "]]>"}}, nil
	case p.CDATA:
		return []change{{r, escapeCDATA(s)}}, nil
	case r.From == r.To:
		return []change{o.fill(p, r.From, escapeText(s))}, nil
	default:
		return []change{{r, escapeText(s)}}, nil
	}
}

func (e SetWhen) changes(o *outline) ([]change, error) {
	p, err := o.tagged(e.At, "variable")
	if err != nil {
		return nil, err
	}
	if err := e.When.writable(); err != nil {
		return nil, err
	}
	edits := []Edit{SetAttribute{e.At, "variable", e.When.Variable}}
	if p.Attribute(e.When.Op) == nil {
		if had := slices.IndexFunc(p.Attributes, func(a PlacedAttribute) bool { return isComparison(a.Name) }); had >= 0 {
			edits = append(edits, renameAttribute{e.At, p.Attributes[had].Name, e.When.Op})
		}
	}
	edits = append(edits, SetAttribute{e.At, e.When.Op, e.When.Value})
	for _, op := range comparisons {
		if op != e.When.Op {
			edits = append(edits, RemoveAttribute{e.At, op})
		}
	}
	doc, err := Apply([]byte(o.src), edits...)
	if err != nil {
		return nil, err
	}
	return []change{{Range{0, len(o.src)}, string(doc)}}, nil
}

// renameAttribute is a step of SetWhen.
type renameAttribute struct {
	at       Spot
	from, to string
}

func (e renameAttribute) changes(o *outline) ([]change, error) {
	p, err := o.tagged(e.at, e.from)
	if err != nil {
		return nil, err
	}
	at := p.Attribute(e.from).Range.From
	return []change{{Range{at, at + len(e.from)}, e.to}}, nil
}

var comparisons = []string{"is", "not", "matches"}

func isComparison(name string) bool { return slices.Contains(comparisons, name) }

// writable returns the error for a condition that cannot be written.
func (c Condition) writable() error {
	if !isComparison(c.Op) {
		return Errorf(CodeInvalid, "bad-condition", "the comparison %s; there are %s", quote(c.Op), strings.Join(comparisons, ", "))
	}
	if err := writable(c.Variable); err != nil {
		return err
	}
	return writable(c.Value)
}

// writable returns the error for text that no XML document can hold.
func writable(s string) error {
	r := &report{src: s}
	x := xmlReader{report: r}
	if !x.checkCharacters() || r.failed() {
		f := r.findings()[0]
		return Errorf(CodeInvalid, "bad-character", "the text %s: %s; %s", quote(strings.ToValidUTF8(s, "·")), f.Msg, f.Cure)
	}
	return nil
}

// escapeAttribute writes a value for between two quotation marks. Tabs and line
// breaks are references: other programs would read them as spaces.
func escapeAttribute(s string, mark byte) string {
	name := "&quot;"
	if mark == '\'' {
		name = "&apos;"
	}
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", string(mark), name, "\t", "&#9;", "\n", "&#10;", "\r", "&#13;").Replace(s)
}

func escapeText(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", "]]>", "]]&gt;", "\r", "&#13;").Replace(s)
}

// escapeCDATA writes a text for the inside of a CDATA section, which it leaves
// and enters again for what none can hold.
func escapeCDATA(s string) string {
	return strings.NewReplacer("]]>", "]]]]><![CDATA[>", "\r", "]]>&#13;<![CDATA[").Replace(s)
}
