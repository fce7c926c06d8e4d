package docs

import (
	"html"
	"strconv"

	"github.com/yuin/goldmark/ast"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/util"
)

// pieces draws what has to look or work other than plain HTML does: headings can
// be linked to, examples say what they are, and tables stand in a frame.
type pieces struct{}

// RegisterFuncs tells goldmark what is drawn here.
func (pieces) RegisterFuncs(r renderer.NodeRendererFuncRegisterer) {
	r.Register(ast.KindHeading, heading)
	r.Register(ast.KindFencedCodeBlock, code)
	r.Register(ast.KindCodeBlock, code)
	r.Register(extast.KindTable, table)
}

func heading(w util.BufWriter, _ []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	n := node.(*ast.Heading)
	tag, id := "h"+strconv.Itoa(n.Level), html.EscapeString(headingID(n))
	if entering {
		w.WriteString("<" + tag + ` id="` + id + `">`)
		return ast.WalkContinue, nil
	}
	if n.Level > 1 {
		w.WriteString(`<a class="docs-anchor" href="#` + id + `" aria-label="Link to this section">#</a>`)
	}
	w.WriteString("</" + tag + ">\n")
	return ast.WalkContinue, nil
}

func code(w util.BufWriter, src []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	class := ""
	if f, ok := n.(*ast.FencedCodeBlock); ok {
		class = string(f.Language(src))
	}
	w.WriteString(`<pre class="docs-code docs-` + html.EscapeString(class) + `"><code>`)
	for i := range n.Lines().Len() {
		line := n.Lines().At(i)
		w.WriteString(html.EscapeString(string(line.Value(src))))
	}
	w.WriteString("</code></pre>\n")
	return ast.WalkSkipChildren, nil
}

func table(w util.BufWriter, _ []byte, _ ast.Node, entering bool) (ast.WalkStatus, error) {
	if entering {
		w.WriteString(`<div class="docs-table"><table>` + "\n")
	} else {
		w.WriteString("</table></div>\n")
	}
	return ast.WalkContinue, nil
}
