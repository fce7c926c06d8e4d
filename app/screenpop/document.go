package screenpop

import (
	"slices"
	"strings"

	"github.com/crmpop/crmpop/app/urltemplate"
)

// ParseDocument reads a popup document and returns all that is wrong with it at
// once, sorted by place. The document is nil if any finding is an error; warnings
// do not refuse it. At most MaxDocument bytes are read.
func ParseDocument(src []byte) (*Document, []Finding) {
	return ParseDocumentFor(src, nil)
}

// ParseDocumentFor is ParseDocument for a server of which own says whether an
// origin, as "https://pop.example.com", is its own: a page from there could reach
// into the workspace out of its frame or window, so no popup may open one. A nil
// own knows of none.
func ParseDocumentFor(src []byte, own func(origin string) bool) (*Document, []Finding) {
	r := &report{src: string(src)}
	if len(src) > MaxDocument {
		r.src = r.src[:MaxDocument]
		r.fault(MaxDocument, "the document has "+itoa(len(src))+" bytes", "at most "+itoa(MaxDocument)+" are allowed; spread the popups over the levels")
		return nil, r.findings()
	}
	c := &compiler{report: r, own: own, ids: map[string]int{}}
	if root := readXML(r); root != nil {
		c.document(root)
	}
	if r.failed() {
		return nil, r.findings()
	}
	return &c.doc, r.findings()
}

// compiler makes a document of the tree, and reports what it cannot.
type compiler struct {
	*report
	doc      Document
	own      func(origin string) bool // may be nil
	ids      map[string]int           // offset of the popup that has an id
	position int                      // of the popup being read, from 1
	inherits bool
}

// shared are the attributes of every popup.
var shared = []string{"id", "on", "channel", "queue", "direction", "again"}

// attributesOf lists the attributes that an element may have, childrenOf the
// elements in it.
var (
	attributesOf = map[string][]string{
		"screenpopup": nil,
		"inherit":     nil,
		"url":         append([]string{"target", "title", "visible", "focus", "frame", "sandbox", "allow", "probe", "via"}, shared...),
		"clipboard":   shared,
		"webrequest":  append([]string{"method", "href", "format", "reply"}, shared...),
		"command":     append([]string{"name"}, shared...),
		"when":        {"variable", "is", "not", "matches"},
		"variable":    {"name"},
		"header":      {"name"},
	}
	childrenOf = map[string][]string{
		"screenpopup": {"url", "clipboard", "webrequest", "command", "inherit"},
		"url":         {"when"},
		"clipboard":   {"when"},
		"webrequest":  {"when", "variable", "header", "url"},
		"command":     {"when"},
	}
)

func (c *compiler) document(root *element) {
	if root.name != "screenpopup" {
		c.fault(root.off, "the element <"+shorten(root.name)+"> around everything", "write <screenpopup>")
		if urltemplate.Nearest(root.name, []string{"screenpopup"}) == "" {
			return
		}
	}
	c.attributes(root, "screenpopup")
	c.noText(root, "text outside of a popup", "remove it, or put it into an element")
	for _, e := range c.children(root, "screenpopup") {
		switch e.name {
		case "inherit":
			c.inherit(e)
		default:
			c.readPopup(e)
		}
	}
}

func (c *compiler) inherit(e *element) {
	if c.inherits {
		c.fault(e.off, "<inherit/> a second time", "keep one; the parent's popups pop once")
	}
	c.inherits = true
	c.attributes(e, "inherit")
	c.empty(e)
	c.doc.Items = append(c.doc.Items, Item{Inherit: true})
}

// children returns the children that may stand in an element of that name and
// reports the others. Broken ones have been reported.
func (c *compiler) children(e *element, name string) []*element {
	var known []*element
	for _, part := range e.content {
		child := part.child
		switch {
		case child == nil:
		case slices.Contains(childrenOf[name], child.name):
			if !child.broken {
				known = append(known, child)
			} else if name == "screenpopup" {
				c.position++ // it has its place all the same
			}
		default:
			c.misplaced(child, name)
		}
	}
	return known
}

func (c *compiler) misplaced(child *element, parent string) {
	if strings.Contains(child.name, ":") {
		return // the reader has said so
	}
	near := urltemplate.Nearest(child.name, childrenOf[parent])
	_, known := attributesOf[child.name]
	msg, cure := "unknown element <"+shorten(child.name)+">", "<"+parent+"> may hold "+tags(childrenOf[parent])
	switch {
	case near != "":
		cure = "did you mean <" + near + ">?"
	case known:
		msg = "<" + child.name + "> inside <" + parent + ">"
	}
	if len(childrenOf[parent]) == 0 && near == "" {
		cure = "remove it; <" + parent + "> holds no elements"
	}
	c.fault(child.off, msg, cure)
}

func tags(names []string) string { return "<" + strings.Join(names, ">, <") + ">" }

// attributes reports the attributes that an element of that name has not.
func (c *compiler) attributes(e *element, name string) {
	known := attributesOf[name]
	for _, a := range e.attrs {
		if slices.Contains(known, a.name) {
			continue
		}
		cure := "<" + name + "> takes " + strings.Join(known, ", ")
		if near := urltemplate.Nearest(a.name, known); near != "" {
			cure = "did you mean " + near + "?"
		} else if len(known) == 0 {
			cure = "remove it; <" + name + "> takes none"
		}
		c.fault(a.off, "unknown attribute "+quote(a.name)+" of <"+name+">", cure)
	}
}

// empty reports what stands in an element that holds nothing.
func (c *compiler) empty(e *element) {
	c.noText(e, "text in <"+e.name+">", "remove it; write <"+e.name+" …/>")
	c.children(e, e.name)
}

// noText reports text in an element that holds none.
func (c *compiler) noText(e *element, msg, cure string) {
	for _, part := range e.content {
		if part.text == nil {
			continue
		}
		if s, lead := part.text.trim(); s != "" {
			c.fault(part.text.offset(lead), msg, cure)
		}
	}
}

// value returns the text of an element that holds a value; nil if there is none
// or it has a fault.
func (c *compiler) value(e *element) *text {
	var found *text
	ok := true
	for _, part := range e.content {
		switch {
		case part.child == nil && part.text == nil:
			c.fault(part.comment, "a comment inside <"+e.name+">", "move it in front of <"+e.name+">")
		case part.text == nil:
		case strings.Trim(part.text.s, xmlSpace) == "":
		case found != nil:
			_, lead := part.text.trim()
			c.fault(part.text.offset(lead), "the text of <"+e.name+"> in two pieces", "write it in one piece, before or behind what else <"+e.name+"> holds")
			ok = false
		default:
			found = part.text
		}
	}
	if !ok {
		return nil
	}
	if found == nil {
		return &text{}
	}
	return found
}

// template parses a text as a template and reports its faults, and the variables
// that no popup has, at their places.
func (c *compiler) template(kind urltemplate.Kind, t *text) *urltemplate.Template {
	return c.parsed(kind, t, urltemplate.Parse)
}

// secretTemplate is template for a text that may hold secrets.
func (c *compiler) secretTemplate(kind urltemplate.Kind, t *text) *urltemplate.Template {
	return c.parsed(kind, t, urltemplate.ParseSecret)
}

func (c *compiler) parsed(kind urltemplate.Kind, t *text, parse func(urltemplate.Kind, string) (*urltemplate.Template, []urltemplate.Fault)) *urltemplate.Template {
	s, lead := t.trim()
	tmpl, faults := parse(kind, s)
	for _, f := range faults {
		c.add(t.offset(lead+f.Offset), f.Severity, f.Msg, f.Cure, nil)
	}
	for _, use := range urltemplate.Uses(kind, s) {
		if !slices.Contains(Variables, use.Name) {
			c.unknownVariable(t.offset(lead+use.Offset), use.Name)
		}
	}
	return tmpl
}

// unknownVariable warns of a variable that is not built in; events may have it.
func (c *compiler) unknownVariable(off int, name string) {
	cure := `it is empty unless events carry it in "variables"`
	if near := urltemplate.Nearest(name, Variables); near != "" {
		cure = "did you mean {" + near + "}?"
	}
	c.warn(off, "unknown variable {"+name+"}", cure)
}
