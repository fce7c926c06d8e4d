package screenpop

import (
	"slices"
	"strings"
)

// Edit is a change of one thing in a document: SetAttribute, RemoveAttribute,
// SetText, AddPopup, RemovePopup, MovePopup, AddWhen, SetWhen, AddVariable,
// AddHeader, AddFallback or RemoveChild. Items count from 0 as Outline returns them.
type Edit interface {
	// changes returns what to replace in the document.
	changes(o *outline) ([]change, error)
}

// change puts text in the place of a range.
type change struct {
	Range
	text string
}

// Spot names an element: an item of the document or, with Child, one of the
// item's children, which count from 1.
type Spot struct{ Item, Child int }

// SetAttribute gives an element's attribute a value. One that it has not comes
// behind the others.
type SetAttribute struct {
	At          Spot
	Name, Value string
}

// RemoveAttribute takes an attribute away; it need not be there.
type RemoveAttribute struct {
	At   Spot
	Name string
}

// SetText gives an element its text, without the space around it; in CDATA if it
// was.
type SetText struct {
	At   Spot
	Text string
}

// AddPopup puts the one popup or <inherit/> in XML, with the comments before it,
// in front of item Before, or behind the last if Before is their number.
type AddPopup struct {
	Before int
	XML    string
}

// RemovePopup removes a popup or <inherit/>; its comment goes WithComment, and
// else stays where it is, above what comes next.
type RemovePopup struct {
	Item        int
	WithComment bool
}

// MovePopup moves a popup or <inherit/> so that it becomes item To; its comment
// goes along WithComment, and else stays where it is.
type MovePopup struct {
	Item, To    int
	WithComment bool
}

// AddWhen adds a condition behind those that a popup has.
type AddWhen struct {
	Item int
	When Condition
}

// SetWhen changes a condition.
type SetWhen struct {
	At   Spot
	When Condition
}

// AddVariable adds a variable behind those that a web request has.
type AddVariable struct {
	Item       int
	Name, Text string
}

// AddHeader adds a header behind those that a web request has.
type AddHeader struct {
	Item       int
	Name, Text string
}

// AddFallback adds the page that pops where a web request's answer asks for none.
type AddFallback struct {
	Item         int
	Target, Text string
}

// RemoveChild removes what a popup holds: a <when>, a <variable>, a <header> or a
// fallback <url>.
type RemoveChild struct{ At Spot }

// Apply returns a copy of src after the edits, each made on what those before it
// left. Nothing else changes, byte for byte. An edit answers for what is written,
// not for what it means: that ParseDocument says of the result. The error is an
// *Error that names the fault and the cure: src cannot be read (see Outline), an
// edit names what is not there, or it would write what XML cannot hold.
func Apply(src []byte, edits ...Edit) ([]byte, error) {
	doc := string(src)
	for _, e := range edits {
		o := readOutline(doc)
		if o == nil {
			return nil, unreadable(doc)
		}
		changes, err := e.changes(o)
		if err != nil {
			return nil, err
		}
		if doc = o.with(changes); len(doc) > MaxDocument {
			return nil, Errorf(CodeTooLarge, "too-large", "the document would have %d bytes; at most %d are allowed: spread the popups over the levels", len(doc), MaxDocument)
		}
	}
	return []byte(doc), nil
}

// unreadable says why a document cannot be edited.
func unreadable(doc string) error {
	_, findings := ParseDocument([]byte(doc))
	for _, f := range findings {
		if f.Severity == SeverityError {
			return Errorf(CodeInvalid, "unreadable-document", "the document cannot be edited in parts as it is: %s", f)
		}
	}
	return Errorf(CodeInvalid, "unreadable-document", "the document cannot be edited in parts as it is; repair its text first")
}

// with returns the document after changes that do not overlap.
func (o *outline) with(changes []change) string {
	slices.SortStableFunc(changes, func(a, b change) int { return a.From - b.From })
	var b strings.Builder
	at := 0
	for _, c := range changes {
		b.WriteString(o.src[at:c.From])
		b.WriteString(c.text)
		at = c.To
	}
	b.WriteString(o.src[at:])
	return b.String()
}

// at returns the element that a spot names.
func (o *outline) at(s Spot) (*Place, error) {
	if s.Item < 0 || s.Item >= len(o.root.Children) {
		return nil, Errorf(CodeNotFound, "no-such-element", "the document has no item %d, it has %d; read its outline anew", s.Item, len(o.root.Children))
	}
	p := &o.root.Children[s.Item]
	switch {
	case s.Child == 0:
		return p, nil
	case s.Child < 0 || s.Child > len(p.Children):
		return nil, Errorf(CodeNotFound, "no-such-element", "<%s> in line %d has no child %d, it has %d; read the outline anew", p.Element, p.Line, s.Child, len(p.Children))
	}
	return &p.Children[s.Child-1], nil
}
