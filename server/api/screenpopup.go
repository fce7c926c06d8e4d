package api

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/server/store"
)

// The levels a document can belong to.
const (
	levelTenant = "tenant"
	levelGroup  = "group"
	levelUser   = "user"
)

// maxDocumentBody is more than a document may have, so that the finding about
// its size comes with all others; maxNote is the longest note, in bytes.
const (
	maxDocumentBody = 4 * screenpop.MaxDocument
	maxNote         = 200
)

// level is the place of a document: which tenant, group or user has it.
type level struct{ tenant, name, id string }

// String names the level for the audit: "group sales".
func (l level) String() string { return l.name + " " + l.id }

// levelOf returns the level a request names, if the caller's tenant has it.
func (a *API) levelOf(r *http.Request) (level, error) {
	return a.levelCalled(r, r.PathValue("level"), r.PathValue("id"))
}

func (a *API) levelCalled(r *http.Request, name, id string) (level, error) {
	l := level{callerOf(r).tenant, name, id}
	has, err := a.has(r.Context(), l)
	if err == nil && !has {
		err = store.ErrNotFound(clip(l.name), clip(l.id))
	}
	return l, err
}

func (a *API) has(ctx context.Context, l level) (bool, error) {
	switch l.name {
	case levelTenant:
		return l.id == l.tenant, nil
	case levelGroup:
		all, err := a.o.Directory.Groups(ctx, l.tenant)
		return slices.ContainsFunc(all, func(g store.Group) bool { return g.ID == l.id }), err
	case levelUser:
		_, err := a.o.Directory.User(ctx, l.tenant, l.id)
		return err == nil, err
	}
	return false, nil
}

// activeOf returns the active revision of the level that a request names.
func (a *API) activeOf(r *http.Request) (store.Revision, error) {
	l, err := a.levelOf(r)
	if err != nil {
		return store.Revision{}, err
	}
	return a.o.Directory.Active(r.Context(), l.tenant, l.name, l.id)
}

// readScreenpopup returns the active document; it is empty where the level
// inherits.
func (a *API) readScreenpopup(w http.ResponseWriter, r *http.Request) error {
	active, err := a.activeOf(r)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "application/xml; charset=utf-8")
	h.Set("ETag", etag(active.Revision))
	h.Set("Cache-Control", "no-cache")
	w.Write([]byte(active.Document)) // an error here is the reader's going away
	return nil
}

func etag(revision int64) string { return `"` + strconv.FormatInt(revision, 10) + `"` }

// published is the answer to a document that holds from now on.
type published struct {
	Revision int64               `json:"revision"`
	Findings []screenpop.Finding `json:"findings"` // warnings
}

// publishScreenpopup makes a document the active one, unless it has a fault or
// another was published since the one it was edited from.
func (a *API) publishScreenpopup(w http.ResponseWriter, r *http.Request) error {
	l, err := a.levelOf(r)
	if err != nil {
		return err
	}
	if err := wantMedia(r, "application/xml", "text/xml"); err != nil {
		return err
	}
	base, err := baseOf(r)
	if err != nil {
		return err
	}
	document, err := readBody(w, r, maxDocumentBody)
	if err != nil {
		return err
	}
	findings, err := a.check(document)
	if err != nil {
		return err
	}
	rev, err := a.publish(r, l, string(document), base)
	if err != nil {
		return err
	}
	w.Header().Set("ETag", etag(rev.Revision))
	return writeJSON(w, http.StatusOK, published{rev.Revision, list(findings)})
}

func (a *API) publish(r *http.Request, l level, document string, base int64) (store.Revision, error) {
	return a.publishNoted(r, l, document, base, r.URL.Query().Get("note"), "screenpopup.publish")
}

func (a *API) publishNoted(r *http.Request, l level, document string, base int64, note, action string) (store.Revision, error) {
	if err := checkNote(note); err != nil {
		return store.Revision{}, err
	}
	active, err := a.o.Directory.Active(r.Context(), l.tenant, l.name, l.id)
	if err != nil {
		return store.Revision{}, err
	}
	ctx := a.audited(r, action, l.String(), "revision "+strconv.FormatInt(active.Revision, 10), "")
	rev, err := a.o.Directory.Publish(ctx, store.Revision{Tenant: l.tenant, Level: l.name, LevelID: l.id,
		Document: document, Author: callerOf(r).name(), Note: note, At: a.o.Now()}, base)
	if screenpop.ErrorCode(err) == screenpop.CodeConflict {
		return rev, a.withActive(r.Context(), l, err)
	}
	if err != nil {
		return rev, err
	}
	a.published(l.tenant)
	return rev, nil
}

func checkNote(note string) error {
	if len(note) > maxNote {
		return screenpop.Errorf(screenpop.CodeInvalid, "note-too-long", "the note is too long; at most %d bytes", maxNote)
	}
	return nil
}

// withActive adds to a conflict the document that came first, so that whoever
// lost the race can be shown both.
func (a *API) withActive(ctx context.Context, l level, err error) error {
	active, e := a.o.Directory.Active(ctx, l.tenant, l.name, l.id)
	if e != nil {
		return err
	}
	p := *problemOf(err)
	p.extra = map[string]any{"active": active}
	return &p
}

// baseOf returns the revision that If-Match names, -1 without one.
func baseOf(r *http.Request) (int64, error) {
	match := r.Header.Get("If-Match")
	if match == "" || match == "*" {
		return -1, nil
	}
	n, err := strconv.ParseInt(strings.Trim(match, `"`), 10, 64)
	if err != nil || n < 0 || match != etag(n) {
		return 0, screenpop.Errorf(screenpop.CodeInvalid, "bad-if-match",
			"If-Match is the ETag that this document was read with, a number in quotes; not %q", clip(match))
	}
	return n, nil
}

// check returns the warnings about a document, or a problem with all findings.
// Nothing at all is a document too: the level inherits then.
func (a *API) check(document []byte) ([]screenpop.Finding, error) {
	if len(document) == 0 {
		return nil, nil
	}
	_, findings := a.parse(document)
	faults := 0
	for _, f := range findings {
		if f.Severity == screenpop.SeverityError {
			faults++
		}
	}
	if faults == 0 {
		return findings, nil
	}
	return nil, &problem{
		fault: screenpop.Errorf(screenpop.CodeInvalid, "bad-document",
			"nothing was published: %d faults, %d findings in all", faults, len(findings)),
		status: http.StatusUnprocessableEntity,
		extra:  map[string]any{"findings": findings},
	}
}

// parse reads a document; what leads to this server itself is a fault in it.
func (a *API) parse(document []byte) (*screenpop.Document, []screenpop.Finding) {
	return screenpop.ParseDocumentFor(document, a.o.Origins.Has)
}

// screenpopupRevisions lists all that a level ever had, the newest first.
func (a *API) screenpopupRevisions(w http.ResponseWriter, r *http.Request) error {
	l, err := a.levelOf(r)
	if err != nil {
		return err
	}
	all, err := a.o.Directory.Revisions(r.Context(), l.tenant, l.name, l.id)
	if err != nil {
		return err
	}
	all = slices.Clone(all)
	slices.SortFunc(all, func(x, y store.Revision) int { return int(y.Revision - x.Revision) })
	return writeJSON(w, http.StatusOK, list(all))
}
