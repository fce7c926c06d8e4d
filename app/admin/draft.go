package admin

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/crmpop/crmpop/app/browser"
	"github.com/crmpop/crmpop/app/screenpop"
)

// The levels a document can belong to.
const (
	levelTenant = screenpop.LevelTenant
	levelGroup  = screenpop.LevelGroup
	levelUser   = screenpop.LevelUser
)

// draft is a document as it is being written. It stays in the office until it is
// published or thrown away, whatever page is shown meanwhile.
type draft struct {
	level, id string
	base      int64  // the revision it began from; 0 for none
	published string // the document of that revision
	text      string
	findings  []screenpop.Finding
	checked   string // the text that the findings are of
	known     bool   // the document has come from the server
	fault     string // why there are no findings
}

func (d *draft) changed() bool { return d.known && d.text != d.published }

// fresh reports whether the findings are of the text as it stands.
func (d *draft) fresh() bool { return d.checked == d.text && d.fault == "" }

// faults counts the findings that keep the document from being published, and
// the others.
func (d *draft) faults() (errors, warnings int) {
	for _, f := range d.findings {
		if f.Severity == screenpop.SeverityError {
			errors++
		} else {
			warnings++
		}
	}
	return errors, warnings
}

// draftOf returns the draft of a document, a new one if there is none.
func (o *Office) draftOf(level, id string) *draft {
	o.mu.Lock()
	defer o.mu.Unlock()
	key := level + "/" + id
	d, ok := o.drafts[key]
	if !ok {
		d = &draft{level: level, id: id}
		o.drafts[key] = d
	}
	return d
}

// write notes what is written, and has the browser ask before unpublished words
// are lost.
func (o *Office) write(d *draft, text string) {
	o.mu.Lock()
	d.text = text
	unsaved := false
	for _, other := range o.drafts {
		unsaved = unsaved || other.changed()
	}
	o.mu.Unlock()
	browser.Guard(unsaved)
	o.touch()
}

// begin starts a draft anew from what is published.
func (o *Office) restart(d *draft, base int64, document string) {
	o.mu.Lock()
	d.base, d.published, d.known = base, document, true
	o.mu.Unlock()
	o.write(d, document)
}

// offsetOf returns the byte in text at a line and column, both from 1, columns in
// characters. A place behind the end is the end.
func offsetOf(text string, line, column int) int {
	off := 0
	for ; line > 1; line-- {
		n := strings.IndexByte(text[off:], '\n')
		if n < 0 {
			return len(text)
		}
		off += n + 1
	}
	for ; column > 1 && off < len(text) && text[off] != '\n'; column-- {
		_, size := utf8.DecodeRuneInString(text[off:])
		off += size
	}
	return off
}

// checkAfter is how long the keyboard rests before the text is checked.
const checkAfter = 120 * time.Millisecond
