package api

import (
	"net/http"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/crmpop/crmpop/app/screenpop"
)

// problemPage is the name of the page that says what went wrong.
const problemPage = "problem.html"

// readsPages reports whether a request is a person's who opens an address, and
// not a program's.
func readsPages(r *http.Request) bool {
	return (r.Method == http.MethodGet || r.Method == http.MethodHead) && strings.HasPrefix(r.Header.Get("Accept"), "text/html")
}

// writeProblemPage says for people what writeError says for programs.
func (a *API) writeProblemPage(w http.ResponseWriter, p *problem) {
	first, size := utf8.DecodeRuneInString(p.fault.Msg)
	a.plainPage(w, p.httpStatus(), problemPage, map[string]string{"Title": title(p.fault.Kind), "Kind": p.fault.Kind,
		"Detail": string(unicode.ToUpper(first)) + p.fault.Msg[size:] + "."})
}

func errNoPage(r *http.Request) error {
	return screenpop.Errorf(screenpop.CodeNotFound, "no-such-route", "there is no page at %s", clip(r.URL.Path))
}

// pageWriter keeps back an answer that there is no such page, so that a better
// one can be given.
type pageWriter struct {
	http.ResponseWriter
	missing bool
}

// WriteHeader lets every status through but 404.
func (w *pageWriter) WriteHeader(status int) {
	if w.missing = status == http.StatusNotFound; !w.missing {
		w.ResponseWriter.WriteHeader(status)
	}
}

// Write lets everything through but the words of a 404.
func (w *pageWriter) Write(b []byte) (int, error) {
	if w.missing {
		return len(b), nil
	}
	return w.ResponseWriter.Write(b)
}
