package docs

import (
	"bytes"
	"errors"
	"path"
	"strconv"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// markdown reads what we write: CommonMark with tables. HTML in it is left out.
func markdown() goldmark.Markdown {
	return goldmark.New(
		goldmark.WithExtensions(extension.NewTable(extension.WithTableCellAlignMethod(extension.TableCellAlignAttribute))),
		goldmark.WithParserOptions(parser.WithAutoHeadingID()),
		goldmark.WithRendererOptions(renderer.WithNodeRenderers(util.Prioritized(pieces{}, 100))),
	)
}

// readPage reads the file of that name.
func readPage(name string, src []byte) (*page, error) {
	p := &page{at: address(name)}
	md := markdown()
	doc := md.Parser().Parse(text.NewReader(src), parser.WithContext(parser.NewContext(parser.WithIDs(ids{}))))
	statuses(doc)
	err := ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Heading:
			p.heading(n, src)
		case *ast.Link:
			n.Destination = []byte(p.link(string(n.Destination)))
		case *ast.Image:
			n.Destination = []byte(p.link(string(n.Destination)))
		}
		return ast.WalkContinue, nil
	})
	if err != nil {
		return nil, err
	}
	if p.title == "" {
		return nil, errors.New("it has no title; begin with # and one")
	}
	if p.at == Root {
		p.parts = parts(doc, src)
	}
	var out bytes.Buffer
	if err := md.Renderer().Render(&out, src, doc); err != nil {
		return nil, err
	}
	p.html = out.String()
	return p, nil
}

// statuses makes plain text again of what begins with an HTTP status: "404. There
// is …" is no item of a list.
func statuses(doc ast.Node) {
	for n := doc.FirstChild(); n != nil; {
		l, ok := n.(*ast.List)
		n = n.NextSibling()
		if !ok || !l.IsOrdered() || l.Start < 100 || l.ChildCount() != 1 {
			continue
		}
		said := l.FirstChild().FirstChild()
		p := ast.NewParagraph()
		p.AppendChild(p, ast.NewString([]byte(strconv.Itoa(l.Start)+". ")))
		for said.FirstChild() != nil {
			p.AppendChild(p, said.FirstChild())
		}
		doc.ReplaceChild(doc, l, p)
	}
}

// address returns where the file of that name is served.
func address(name string) string {
	name = strings.TrimSuffix(name, ".md")
	if path.Base(name) == "README" {
		name = strings.TrimSuffix(name, "README")
	}
	return Root + name
}

func (p *page) heading(n *ast.Heading, src []byte) {
	id, title := headingID(n), plain(n, src)
	p.anchors = append(p.anchors, id)
	switch {
	case n.Level == 1 && p.title == "":
		p.title = title
	case n.Level == 2:
		p.sections = append(p.sections, section{id, title})
	}
}

// link returns where a link of the page leads on the server; in the repository
// it names a file beside the page. Links inside the manual are noted.
func (p *page) link(to string) string {
	switch {
	case strings.Contains(to, "://"), strings.HasPrefix(to, "mailto:"):
		return to
	case strings.HasPrefix(to, "#"):
		p.links = append(p.links, p.at+to)
		return to
	case !strings.HasPrefix(to, "/"):
		file, anchor, has := strings.Cut(to, "#")
		folder := strings.TrimPrefix(p.at[:strings.LastIndex(p.at, "/")+1], Root)
		dir := strings.HasSuffix(file, "/")
		to = address(path.Join(folder, file))
		if dir && !strings.HasSuffix(to, "/") {
			to += "/"
		}
		if has {
			to += "#" + anchor
		}
	}
	if strings.HasPrefix(to, Root) {
		p.links = append(p.links, to)
	}
	return to
}

// parts returns the headings of the second order and the first link of each item
// below them.
func parts(doc ast.Node, src []byte) []part {
	var all []part
	for n := doc.FirstChild(); n != nil; n = n.NextSibling() {
		switch n := n.(type) {
		case *ast.Heading:
			if n.Level == 2 {
				all = append(all, part{Title: plain(n, src)})
			}
		case *ast.List:
			for item := n.FirstChild(); item != nil && len(all) > 0; item = item.NextSibling() {
				if l := firstLink(item); l != nil {
					last := &all[len(all)-1]
					last.Entries = append(last.Entries, entry{At: string(l.Destination), Title: plain(l, src)})
				}
			}
		}
	}
	return all
}

func firstLink(n ast.Node) *ast.Link {
	if l, ok := n.(*ast.Link); ok {
		return l
	}
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		if l := firstLink(c); l != nil {
			return l
		}
	}
	return nil
}

// plain returns the text of a node without its form.
func plain(n ast.Node, src []byte) string {
	var b strings.Builder
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		switch c := c.(type) {
		case *ast.Text:
			b.Write(c.Segment.Value(src))
			if c.SoftLineBreak() {
				b.WriteByte(' ')
			}
		case *ast.String:
			b.Write(c.Value)
		default:
			b.WriteString(plain(c, src))
		}
	}
	return b.String()
}

func headingID(n *ast.Heading) string {
	id, _ := n.AttributeString("id")
	b, _ := id.([]byte) // the parser gives one to every heading
	return string(b)
}

// ids makes the ids of headings as GitHub does, so that a link works on both.
type ids map[string]int

// Generate returns the id of a heading with that text.
func (s ids) Generate(value []byte, _ ast.NodeKind) []byte {
	id := strings.Map(func(r rune) rune {
		switch {
		case r >= 'A' && r <= 'Z':
			return r - 'A' + 'a'
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '-', r == '_', r > 127:
			return r
		case r == ' ':
			return '-'
		}
		return -1
	}, strings.TrimSpace(string(value)))
	s[id]++
	if n := s[id]; n > 1 {
		id += "-" + strconv.Itoa(n-1)
	}
	return []byte(id)
}

// Put notes an id that is taken.
func (s ids) Put(value []byte) { s[string(value)]++ }
