package docs

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// book is the manual before it is drawn.
type book struct {
	pages map[string]*page // by address
	parts []part
}

// page is one page: its HTML and what others need to know of it.
type page struct {
	at       string // address: "/docs/levels"
	title    string
	sections []section
	anchors  []string // every id that a link may name
	links    []string // addresses inside the manual that it leads to
	html     string
	parts    []part // of README.md: the order of the manual
}

// section is a heading of the second order.
type section struct{ ID, Title string }

// part is a heading of README.md and the pages that it names.
type part struct {
	Title   string
	Entries []entry
}

// entry is a page in the table of contents.
type entry struct {
	At, Title string
	Current   bool
	Sections  []section // of the current page
}

// readBook reads every Markdown file of a folder.
func readBook(folder fs.FS) (*book, error) {
	b := &book{pages: map[string]*page{}}
	err := fs.WalkDir(folder, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path.Ext(name) != ".md" {
			return err
		}
		src, err := fs.ReadFile(folder, name)
		if err != nil {
			return err
		}
		p, err := readPage(name, src)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		b.pages[p.at] = p
		return nil
	})
	if err != nil {
		return nil, err
	}
	first, ok := b.pages[Root]
	if !ok {
		return nil, fmt.Errorf("README.md, its first page, is missing")
	}
	b.parts = first.parts
	b.list()
	return b, b.check(folder)
}

// list adds a page for each folder that has none: the titles of what is in it.
func (b *book) list() {
	folders := map[string][]*page{}
	for at, p := range b.pages {
		if dir := at[:strings.LastIndex(at, "/")+1]; b.pages[dir] == nil {
			folders[dir] = append(folders[dir], p)
		}
	}
	for dir, pages := range folders {
		slices.SortFunc(pages, func(x, y *page) int { return strings.Compare(x.at, y.at) })
		title := folderTitle(dir)
		var md strings.Builder
		md.WriteString("# " + title + "\n\n")
		for _, p := range pages {
			md.WriteString("- [" + p.title + "](" + p.at + ")\n")
		}
		p, err := readPage(strings.TrimPrefix(dir, Root)+"README.md", []byte(md.String()))
		if err != nil {
			panic(fmt.Sprintf("list %s: %v", dir, err)) // a heading and links, which always read
		}
		b.pages[dir] = p
	}
}

// folderTitle names a folder that is listed.
func folderTitle(dir string) string {
	name := path.Base(dir)
	if name == "adr" {
		return "Decisions"
	}
	return strings.ToUpper(name[:1]) + name[1:]
}

// check returns an error for the first link that leads to nothing.
func (b *book) check(folder fs.FS) error {
	for _, p := range b.pages {
		for _, link := range p.links {
			at, anchor, _ := strings.Cut(link, "#")
			if name := strings.TrimPrefix(at, Root); isPicture(name) {
				if !fs.ValidPath(name) || !exists(folder, name) {
					return fmt.Errorf("%s shows %s, which is not there", p.at, at)
				}
				continue
			}
			to, ok := b.pages[at]
			switch {
			case !ok:
				return fmt.Errorf("%s leads to %s, which is not there", p.at, at)
			case anchor != "" && !slices.Contains(to.anchors, anchor):
				return fmt.Errorf("%s leads to %s, which has no %q", p.at, at, anchor)
			}
		}
	}
	return nil
}

// nowhere is the page for an address that has none.
func nowhere() *page {
	return &page{title: "There is no such page",
		html: `<h1>There is no such page</h1><p>The manual has no page at this address. <a href="` + Root + `">The first page</a> lists all there are.</p>`}
}
