package screenpop

import "strings"

// This file holds the edits that add, remove and move elements. A new element
// follows the way of writing that it finds: on a line of its own, indented as
// its neighbours, or in line with them.

func (e AddPopup) changes(o *outline) ([]change, error) {
	items := o.root.Children
	if e.Before < 0 || e.Before > len(items) {
		return nil, Errorf(CodeNotFound, "no-such-element", "there is no place %d for a popup, the document has %d items; read its outline anew", e.Before, len(items))
	}
	comments, element, err := popupXML(e.XML)
	if err != nil {
		return nil, err
	}
	return []change{o.insert(items, e.Before, func(indent string) string {
		newLine := o.newLine()
		return strings.ReplaceAll(comments, "\n", newLine+indent) + strings.ReplaceAll(element, "\n", newLine)
	})}, nil
}

// popupXML cuts the text of one popup into its comments and its element, line
// breaks made \n.
func popupXML(xml string) (comments, element string, err error) {
	xml = strings.Trim(unixLines.Replace(xml), xmlSpace)
	doc := "<screenpopup>" + xml + "</screenpopup>"
	r := &report{src: doc}
	root := readXML(r)
	if r.failed() {
		f := r.findings()[0]
		return "", "", Errorf(CodeInvalid, "bad-popup", "the popup cannot be read: %s; %s", f.Msg, f.Cure)
	}
	o := readOutline(doc)
	if o == nil || len(o.root.Children) != 1 || len(o.texts(root)) > 0 || strings.Trim(o.src[o.root.Children[0].Range.To:o.root.Content.To], xmlSpace) != "" {
		return "", "", Errorf(CodeInvalid, "bad-popup", "this is not one popup; write one of %s, with comments before it if you like", tags(childrenOf["screenpopup"]))
	}
	p := o.root.Children[0]
	for _, c := range root.content {
		if c.child != nil && c.child.off != p.Range.From {
			return "", "", Errorf(CodeInvalid, "bad-popup", "the element <%s> beside the popup; remove it", c.child.name)
		}
	}
	return doc[o.root.Content.From:p.Range.From], doc[p.Range.From:p.Range.To], nil
}

func (e RemovePopup) changes(o *outline) ([]change, error) {
	p, err := o.at(Spot{Item: e.Item})
	if err != nil {
		return nil, err
	}
	return []change{{o.line(p.block(e.WithComment)), ""}}, nil
}

func (e MovePopup) changes(o *outline) ([]change, error) {
	items := o.root.Children
	p, err := o.at(Spot{Item: e.Item})
	if err != nil {
		return nil, err
	}
	if _, err := o.at(Spot{Item: e.To}); err != nil {
		return nil, err
	}
	if e.To == e.Item {
		return nil, nil
	}
	block := p.block(e.WithComment)
	rest := append(append([]Place{}, items[:e.Item]...), items[e.Item+1:]...)
	put := o.insert(rest, e.To, func(string) string { return o.src[block.From:block.To] })
	return []change{{o.line(block), ""}, put}, nil
}

// block returns the range of a popup, from its comment if that counts as part.
func (p *Place) block(withComment bool) Range {
	if withComment && p.CommentRange != (Range{}) {
		return Range{p.CommentRange.From, p.Range.To}
	}
	return p.Range
}

func (e AddWhen) changes(o *outline) ([]change, error) {
	if err := e.When.writable(); err != nil {
		return nil, err
	}
	w := e.When
	return o.addChild(e.Item, "when", `<when variable="`+escapeAttribute(w.Variable, '"')+`" `+w.Op+`="`+escapeAttribute(w.Value, '"')+`"/>`)
}

func (e AddVariable) changes(o *outline) ([]change, error) {
	for _, s := range []string{e.Name, e.Text} {
		if err := writable(s); err != nil {
			return nil, err
		}
	}
	return o.addChild(e.Item, "variable", `<variable name="`+escapeAttribute(e.Name, '"')+`">`+escapeText(strings.Trim(e.Text, xmlSpace))+`</variable>`)
}

func (e AddHeader) changes(o *outline) ([]change, error) {
	for _, s := range []string{e.Name, e.Text} {
		if err := writable(s); err != nil {
			return nil, err
		}
	}
	return o.addChild(e.Item, "header", `<header name="`+escapeAttribute(e.Name, '"')+`">`+escapeText(strings.Trim(e.Text, xmlSpace))+`</header>`)
}

func (e AddFallback) changes(o *outline) ([]change, error) {
	for _, s := range []string{e.Target, e.Text} {
		if err := writable(s); err != nil {
			return nil, err
		}
	}
	return o.addChild(e.Item, "url", `<url target="`+escapeAttribute(e.Target, '"')+`">`+escapeText(strings.Trim(e.Text, xmlSpace))+`</url>`)
}

// addChild adds a child behind those of its name, conditions otherwise as the
// first, others as the last.
func (o *outline) addChild(item int, name, xml string) ([]change, error) {
	p, err := o.at(Spot{Item: item})
	if err != nil {
		return nil, err
	}
	if !mayHold(p.Element, name) {
		return nil, Errorf(CodeInvalid, "no-such-element", "<%s> holds no <%s>", p.Element, name)
	}
	at := p.Content.From
	for _, c := range p.Children {
		if c.Element == name || name != "when" {
			at = c.Range.To
		}
	}
	return []change{o.fill(p, at, xml)}, nil
}

func (e RemoveChild) changes(o *outline) ([]change, error) {
	p, err := o.at(e.At)
	if err != nil {
		return nil, err
	}
	if e.At.Child == 0 {
		return nil, Errorf(CodeInvalid, "no-such-element", "no child is named; children count from 1")
	}
	return []change{{o.line(p.Range), ""}}, nil
}

// fill puts something into an element at an offset of its content: its start, or
// behind a child. <…/> is opened for it.
func (o *outline) fill(p *Place, at int, xml string) change {
	if p.Start.To == p.Range.To {
		from := len(strings.TrimRight(o.src[:p.Start.To-len("/>")], xmlSpace))
		return change{Range{from, p.Start.To}, ">" + xml + "</" + p.Element + ">"}
	}
	if at > p.Content.From { // behind a child
		for _, c := range p.Children {
			if c.Range.To == at && o.beginsLine(c.Range.From) {
				xml = o.newLine() + o.indent(c.Range.From) + xml
			}
		}
		return change{Range{at, at}, xml}
	}
	blank := o.src[at : at+leadingSpace(o.src[at:p.Content.To])]
	if last := strings.LastIndexAny(blank, "\r\n"); last >= 0 {
		indent := blank[last+1:]
		if at+len(blank) == p.Content.To {
			indent = o.indent(p.Range.From) + "  "
		}
		xml = o.newLine() + indent + xml
	}
	return change{Range{at, at}, xml}
}

// insert puts an item in front of number before of items, or behind the last.
// write is told the indentation that lines of it have.
func (o *outline) insert(items []Place, before int, write func(indent string) string) change {
	if before < len(items) {
		at := items[before].block(true).From
		if !o.beginsLine(at) {
			return o.inLine(at, write(""))
		}
		indent, start := o.indent(at), o.lineStart(at)
		return change{Range{start, start}, indent + write(indent) + o.newLine()}
	}
	if len(items) == 0 {
		return o.insertFirst(write)
	}
	last := items[len(items)-1]
	at := o.behind(last.Range.To)
	if at < 0 || !o.beginsLine(last.block(true).From) {
		return o.inLine(last.Range.To, write(""))
	}
	indent := o.indent(last.block(true).From)
	return change{Range{at, at}, o.newLine() + indent + write(indent)}
}

// inLine puts an item behind something in its line. Its comments begin a line all
// the same: else they would be that other thing's.
func (o *outline) inLine(at int, item string) change {
	if strings.HasPrefix(item, "<!--") {
		item = o.newLine() + item
	}
	return change{Range{at, at}, item}
}

// insertFirst puts an item into a document that has none. A comment that stands
// alone there stays alone.
func (o *outline) insertFirst(write func(indent string) string) change {
	const indent = "  "
	item, newLine := indent+write(indent), o.newLine()
	r := o.root
	if r.Start.To == r.Range.To { // <screenpopup/>
		from := len(strings.TrimRight(o.src[:r.Start.To-len("/>")], xmlSpace))
		return change{Range{from, r.Start.To}, ">" + newLine + item + newLine + "</screenpopup>"}
	}
	at := r.Content.To
	if o.beginsLine(at) {
		at = o.lineStart(at)
	} else {
		item = newLine + item
	}
	before := o.src[r.Content.From:at]
	if words := strings.TrimRight(before, xmlSpace); strings.HasSuffix(words, "-->") && strings.Count(unixLines.Replace(before[len(words):]), "\n") < 2 {
		item = newLine + item
	}
	return change{Range{at, at}, item + newLine}
}

// behind returns where the line that goes on at off ends, if nothing but space
// and comments stand there, and else -1.
func (o *outline) behind(off int) int {
	for {
		end := off
		off += len(o.clean[off:]) - len(strings.TrimLeft(o.clean[off:], " \t"))
		switch {
		case strings.HasPrefix(o.clean[off:], "<!--"):
			off = o.commentEnd(off)
		case strings.HasPrefix(o.clean[off:], "\r"), strings.HasPrefix(o.clean[off:], "\n"):
			return end
		default:
			return -1
		}
	}
}

// line widens a range to its whole lines if nothing else stands on them.
func (o *outline) line(r Range) Range {
	end := r.To + len(o.clean[r.To:]) - len(strings.TrimLeft(o.clean[r.To:], " \t"))
	rest := o.clean[end:]
	switch {
	case !o.beginsLine(r.From):
		return r
	case strings.HasPrefix(rest, "\r\n"):
		end += 2
	case strings.HasPrefix(rest, "\n"), strings.HasPrefix(rest, "\r"):
		end++
	default:
		return r
	}
	return Range{o.lineStart(r.From), end}
}

// newLine returns the document's line break.
func (o *outline) newLine() string {
	if strings.Contains(o.src, "\r\n") {
		return "\r\n"
	}
	return "\n"
}
