package docs

import (
	_ "embed"
	"html/template"
	"slices"
)

//go:embed page.html
var pageHTML string

var layout = template.Must(template.New("page").Parse(pageHTML))

// view is what the layout shows.
type view struct {
	Title, Version string
	First          bool
	Parts          []part
	Body           template.HTML // made by us of our own files
	Prev, Next     *entry
}

func (b *book) view(p *page, version string) view {
	v := view{Title: p.title, Version: version, First: p.at == Root, Body: template.HTML(p.html)}
	var line []entry
	for _, from := range b.parts {
		to := part{Title: from.Title, Entries: slices.Clone(from.Entries)}
		for i := range to.Entries {
			if e := &to.Entries[i]; e.At == p.at {
				e.Current, e.Sections = true, p.sections
			}
		}
		v.Parts = append(v.Parts, to)
		line = append(line, from.Entries...)
	}
	here := slices.IndexFunc(line, func(e entry) bool { return e.At == p.at })
	if here > 0 {
		v.Prev = &line[here-1]
	}
	if (here >= 0 || v.First) && here+1 < len(line) {
		v.Next = &line[here+1]
	}
	return v
}
