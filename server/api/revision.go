package api

import (
	"net/http"
	"strconv"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/server/store"
)

// maxSmall is the largest JSON body without a document in it, in bytes.
const maxSmall = 16 << 10

// screenpopupRevision returns one revision of a level, whole.
func (a *API) screenpopupRevision(w http.ResponseWriter, r *http.Request) error {
	l, err := a.levelOf(r)
	if err != nil {
		return err
	}
	n, err := strconv.ParseInt(r.PathValue("n"), 10, 64)
	if err != nil {
		return store.ErrNotFound("revision", clip(r.PathValue("n")))
	}
	rev, err := a.o.Directory.Revision(r.Context(), l.tenant, l.name, l.id, n)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, rev)
}

// rollBack makes an older revision's document the newest revision. What was
// valid then is checked again: the language may have become stricter.
func (a *API) rollBack(w http.ResponseWriter, r *http.Request) error {
	l, err := a.levelOf(r)
	if err != nil {
		return err
	}
	base, err := baseOf(r)
	if err != nil {
		return err
	}
	var in struct {
		Revision int64  `json:"revision"`
		Note     string `json:"note"`
	}
	if err := readJSON(w, r, maxSmall, &in); err != nil {
		return err
	}
	document, err := a.documentOf(r, l, in.Revision)
	if err != nil {
		return err
	}
	findings, err := a.check([]byte(document))
	if err != nil {
		return err
	}
	if in.Note == "" {
		in.Note = "back to revision " + strconv.FormatInt(in.Revision, 10)
	}
	rev, err := a.publishNoted(r, l, document, base, in.Note, "screenpopup.rollback")
	if err != nil {
		return err
	}
	w.Header().Set("ETag", etag(rev.Revision))
	return writeJSON(w, http.StatusOK, published{rev.Revision, list(findings)})
}

// documentOf returns the document of a revision; of revision 0, which is before
// all others, the level inherits.
func (a *API) documentOf(r *http.Request, l level, revision int64) (string, error) {
	if revision == 0 {
		return "", nil
	}
	rev, err := a.o.Directory.Revision(r.Context(), l.tenant, l.name, l.id, revision)
	return rev.Document, err
}

// stageView is a try-out, with the name of its group.
type stageView struct {
	store.Stage
	GroupName string `json:"group_name"`
}

// stages lists what groups try before all have it.
func (a *API) stages(w http.ResponseWriter, r *http.Request) error {
	l, err := a.tenantLevel(r)
	if err != nil {
		return err
	}
	all, err := a.o.Directory.Stages(r.Context(), l.tenant)
	if err != nil {
		return err
	}
	names, err := a.groupNames(r.Context(), l.tenant)
	if err != nil {
		return err
	}
	views := make([]stageView, len(all))
	for i, s := range all {
		views[i] = stageView{s, names[s.Group]}
	}
	return writeJSON(w, http.StatusOK, views)
}

// tenantLevel returns the level a request names, which must be the tenant's:
// only what is meant for all can be tried by some first.
func (a *API) tenantLevel(r *http.Request) (level, error) {
	l, err := a.levelOf(r)
	if err == nil && l.name != levelTenant {
		err = screenpop.Errorf(screenpop.CodeInvalid, "stage-level", "only the company's document can be tried by a group first; publish this one")
	}
	return l, err
}

// stage has one group try a document: it is the group's own until that is ended.
func (a *API) stage(w http.ResponseWriter, r *http.Request) error {
	l, err := a.tenantLevel(r)
	if err != nil {
		return err
	}
	var in struct {
		Revision int64   `json:"revision"`
		Document *string `json:"document"`
		Group    string  `json:"group"`
		Note     string  `json:"note"`
	}
	if err := readJSON(w, r, maxDocumentBody, &in); err != nil {
		return err
	}
	if (in.Document == nil) == (in.Revision == 0) {
		return screenpop.Errorf(screenpop.CodeInvalid, "stage-what", "say which to try: a revision, or a document; not both").At("/revision")
	}
	if err := checkNote(in.Note); err != nil {
		return err
	}
	document := ""
	if in.Document != nil {
		document = *in.Document
	} else if document, err = a.documentOf(r, l, in.Revision); err != nil {
		return err
	}
	findings, err := a.check([]byte(document))
	if err != nil {
		return err
	}
	ctx := a.audited(r, "screenpopup.stage", "group "+in.Group, "", "tries "+triedName(in.Revision)+" of the company's document")
	g, err := a.o.Directory.PutStage(ctx, store.Stage{Tenant: l.tenant, Group: in.Group, Origin: in.Revision,
		Author: callerOf(r).name(), Note: in.Note}, document)
	if err != nil {
		return err
	}
	a.published(l.tenant)
	return writeJSON(w, http.StatusCreated, map[string]any{"stage": g, "findings": list(findings)})
}

func triedName(revision int64) string {
	if revision == 0 {
		return "a draft"
	}
	return "revision " + strconv.FormatInt(revision, 10)
}

// endStage ends a group's try-out and gives the group back what it had.
func (a *API) endStage(w http.ResponseWriter, r *http.Request) error {
	l, err := a.tenantLevel(r)
	if err != nil {
		return err
	}
	group := r.PathValue("group")
	back, err := a.o.Directory.EndStage(a.audited(r, "screenpopup.stage.end", "group "+clip(group), "", ""), l.tenant, group, callerOf(r).name())
	if err != nil {
		return err
	}
	a.published(l.tenant)
	return writeJSON(w, http.StatusOK, map[string]int64{"revision": back.Revision})
}
