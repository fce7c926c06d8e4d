// Package docs serves the manual: the Markdown files under web/docs as pages
// under /docs/. The pages are drawn once, hold no script, and are the same for
// everybody, signed in or not.
//
// README.md is the first page, and the order of its links is the order of the
// manual. A folder without a README.md is listed. Everything else that lies
// beside the pages (pictures) is served as it is.
package docs

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strings"
)

// Root is the path under which the manual stands.
const Root = "/docs/"

// Manual answers GET and HEAD for everything under Root.
type Manual struct {
	files    fs.FS // the folder of the manual
	pages    map[string]drawn
	notFound drawn
}

// drawn is a page as it goes out.
type drawn struct {
	html []byte
	tag  string
}

// New draws the manual that lies in the folder docs of files. version is that of
// the style sheets, which are kept by browsers as long as it stays. A link or
// picture that leads to nothing inside the manual is an error.
func New(files fs.FS, version string) (*Manual, error) {
	folder, err := fs.Sub(files, "docs")
	if err != nil {
		return nil, fmt.Errorf("open the manual: %w", err)
	}
	b, err := readBook(folder)
	if err != nil {
		return nil, fmt.Errorf("read the manual: %w", err)
	}
	m := &Manual{files: folder, pages: map[string]drawn{}}
	for at, p := range b.pages {
		if m.pages[at], err = draw(b, p, version); err != nil {
			return nil, fmt.Errorf("draw the manual's page %s: %w", at, err)
		}
	}
	if m.notFound, err = draw(b, nowhere(), version); err != nil {
		return nil, fmt.Errorf("draw the manual's page for what is not there: %w", err)
	}
	return m, nil
}

// Paths returns the address of every page, in no order.
func (m *Manual) Paths() []string {
	var all []string
	for at := range m.pages {
		all = append(all, at)
	}
	return all
}

// ServeHTTP answers with a page, a picture, the way to the page that was meant,
// or a page with status 404.
func (m *Manual) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	at := r.URL.Path
	if p, ok := m.pages[at]; ok {
		p.serve(w, r, http.StatusOK)
		return
	}
	if to, ok := m.meant(at); ok {
		http.Redirect(w, r, to, http.StatusMovedPermanently)
		return
	}
	name := strings.TrimPrefix(at, Root)
	if isPicture(name) && fs.ValidPath(name) && exists(m.files, name) {
		w.Header().Set("Cache-Control", "no-cache")
		http.ServeFileFS(w, r, m.files, name)
		return
	}
	m.notFound.serve(w, r, http.StatusNotFound)
}

// meant returns the page behind the name of its file, or behind a slash too many
// or too few.
func (m *Manual) meant(at string) (string, bool) {
	bare := strings.TrimSuffix(strings.TrimRight(at, "/"), ".md")
	bare = strings.TrimSuffix(bare, "/README")
	for _, to := range []string{bare, bare + "/"} {
		if _, ok := m.pages[to]; ok && to != at {
			return to, true
		}
	}
	return "", false
}

func (d drawn) serve(w http.ResponseWriter, r *http.Request, status int) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-cache")
	if status == http.StatusOK {
		h.Set("ETag", d.tag)
		if r.Header.Get("If-None-Match") == d.tag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
	}
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		w.Write(d.html) // an error here is the reader's going away
	}
}

func draw(b *book, p *page, version string) (drawn, error) {
	var out bytes.Buffer
	if err := layout.Execute(&out, b.view(p, version)); err != nil {
		return drawn{}, err
	}
	sum := sha256.Sum256(out.Bytes())
	return drawn{html: out.Bytes(), tag: `"` + hex.EncodeToString(sum[:12]) + `"`}, nil
}

func isPicture(name string) bool {
	switch path.Ext(name) {
	case ".png", ".svg", ".webp":
		return true
	}
	return false
}

func exists(files fs.FS, name string) bool {
	s, err := fs.Stat(files, name)
	return err == nil && !s.IsDir()
}
