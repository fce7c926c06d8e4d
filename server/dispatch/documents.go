package dispatch

import (
	"fmt"
	"sync"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/server/store"
)

// maxDocuments bounds how many parsed documents are remembered; past it all are
// forgotten and parsed anew.
const maxDocuments = 2000

// documents remembers parsed documents, which never change. A document of the
// company counts for every agent: it is parsed once, not once for each.
type documents struct {
	mu  sync.Mutex // guards all
	all map[place]parsed
}

type parsed struct {
	source string
	doc    *screenpop.Document
}

// of returns the document of a revision; nil where the level inherits.
func (d *documents) of(at place, r store.Revision) (*screenpop.Document, error) {
	if r.Document == "" {
		return nil, nil
	}
	d.mu.Lock()
	known := d.all[at]
	d.mu.Unlock()
	if known.source == r.Document {
		return known.doc, nil
	}
	doc, findings := screenpop.ParseDocument([]byte(r.Document))
	if doc == nil {
		return nil, fmt.Errorf("parse the %s's revision %d: %s", at.level, r.Revision, findings[0].Msg)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.all == nil || len(d.all) >= maxDocuments {
		d.all = map[place]parsed{}
	}
	d.all[at] = parsed{r.Document, doc}
	return doc, nil
}
