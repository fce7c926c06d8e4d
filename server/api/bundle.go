package api

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/server/store"
)

// bundleFormat is the version of the bundle's own form.
const bundleFormat = 1

// maxBundle is the largest bundle, in bytes.
const maxBundle = 16 << 20

// bundle is all documents of a tenant, to be kept elsewhere and brought back.
type bundle struct {
	Format    int              `json:"crmpop_bundle"`
	Company   string           `json:"company,omitempty"`
	Documents []bundleDocument `json:"documents"`
}

// bundleDocument is the document of one level. A group is named by its name and
// a user by the e-mail address, so that another installation can take them.
type bundleDocument struct {
	Level    string `json:"level"`
	Name     string `json:"name,omitempty"` // of a group or user; the company needs none
	Revision int64  `json:"revision,omitempty"`
	Document string `json:"document"`
}

// export returns all documents of the tenant.
func (a *API) export(w http.ResponseWriter, r *http.Request) error {
	tenant := callerOf(r).tenant
	n, err := a.levelNames(r.Context(), tenant)
	if err != nil {
		return err
	}
	all, err := a.o.Directory.Documents(r.Context(), tenant)
	if err != nil {
		return err
	}
	b := bundle{Format: bundleFormat, Company: n.company, Documents: []bundleDocument{}}
	for _, d := range all {
		b.Documents = append(b.Documents, bundleDocument{d.Level, n.of[d.Level][d.LevelID], d.Revision, d.Document})
	}
	w.Header().Set("Content-Disposition", `attachment; filename="crmpop-screenpopup.json"`)
	return writeJSON(w, http.StatusOK, b)
}

// levelNames are the names of a tenant's groups and users by which bundles call
// them: of by id, id by the folded name. A name that two have stands for neither.
type levelNames struct {
	company string
	of, id  map[string]map[string]string
}

func (a *API) levelNames(ctx context.Context, tenant string) (levelNames, error) {
	n := levelNames{of: map[string]map[string]string{levelTenant: {}, levelGroup: {}, levelUser: {}},
		id: map[string]map[string]string{levelTenant: {"": tenant}, levelGroup: {}, levelUser: {}}}
	t, err := a.o.Directory.Tenant(ctx, tenant)
	if err != nil {
		return n, err
	}
	n.company = t.Name
	if n.of[levelGroup], err = a.groupNames(ctx, tenant); err != nil {
		return n, err
	}
	users, err := a.o.Directory.Users(ctx, tenant)
	if err != nil {
		return n, err
	}
	for _, u := range users {
		n.of[levelUser][u.ID] = u.Email
	}
	for _, level := range []string{levelGroup, levelUser} {
		for id, name := range n.of[level] {
			key := strings.ToLower(name)
			if _, taken := n.id[level][key]; taken {
				id = ""
			}
			n.id[level][key] = id
		}
	}
	return n, nil
}

// imported says of one document of a bundle what became of it, or would.
type imported struct {
	Level    string              `json:"level"`
	Name     string              `json:"name,omitempty"`
	ID       string              `json:"id,omitempty"`
	Status   string              `json:"status"` // same, new, changed, bad, unknown
	Detail   string              `json:"detail,omitempty"`
	Revision int64               `json:"revision,omitempty"` // published
	Findings []screenpop.Finding `json:"findings"`
}

// What an import makes of a document.
const (
	importSame    = "same"    // as it is; nothing to do
	importNew     = "new"     // the level has none yet
	importChanged = "changed" // the level has another
	importBad     = "bad"     // it has a fault
	importUnknown = "unknown" // there is no such group or user here
)

// importBundle publishes the documents of a bundle, all or none; with dry_run it
// only says what it would do. Levels that the bundle does not name stay.
func (a *API) importBundle(w http.ResponseWriter, r *http.Request) error {
	var b bundle
	if err := readJSON(w, r, maxBundle, &b); err != nil {
		return err
	}
	if b.Format != bundleFormat {
		return screenpop.Errorf(screenpop.CodeInvalid, "bad-bundle", "this is no bundle that this version knows; crmpop_bundle is %d, want %d", b.Format, bundleFormat)
	}
	n, err := a.levelNames(r.Context(), callerOf(r).tenant)
	if err != nil {
		return err
	}
	results := make([]imported, len(b.Documents))
	var publish []store.Revision
	var at []int
	for i, d := range b.Documents {
		if results[i], err = a.weigh(r, n, d, b.Documents[:i]); err != nil {
			return err
		}
		if s := results[i].Status; s == importNew || s == importChanged {
			at = append(at, i)
			publish = append(publish, store.Revision{Tenant: callerOf(r).tenant, Level: d.Level, LevelID: results[i].ID,
				Document: d.Document, Author: callerOf(r).name(), Note: "import", At: a.o.Now()})
		}
	}
	dry := r.URL.Query().Get("dry_run") == "1"
	refused := slices.ContainsFunc(results, func(x imported) bool { return x.Status == importBad || x.Status == importUnknown })
	if refused && !dry {
		return &problem{fault: screenpop.Errorf(screenpop.CodeInvalid, "bad-bundle", "nothing was imported: the results say what is wrong with which document"),
			status: http.StatusUnprocessableEntity, extra: map[string]any{"results": results}}
	}
	if !dry && len(publish) > 0 {
		ctx := a.audited(r, "screenpopup.import", "company "+callerOf(r).tenant, "", fmt.Sprintf("%d documents", len(publish)))
		done, err := a.o.Directory.PublishAll(ctx, publish)
		if err != nil {
			return err
		}
		for k, i := range at {
			results[i].Revision = done[k].Revision
		}
		a.published(callerOf(r).tenant)
	}
	return writeJSON(w, http.StatusOK, map[string]any{"dry_run": dry, "results": list(results)})
}

// weigh says what a document of a bundle would change.
func (a *API) weigh(r *http.Request, n levelNames, d bundleDocument, before []bundleDocument) (imported, error) {
	x := imported{Level: d.Level, Name: d.Name, Status: importUnknown, Findings: []screenpop.Finding{}}
	if d.Level == levelTenant {
		d.Name = ""
	}
	x.ID = n.id[d.Level][strings.ToLower(d.Name)]
	switch {
	case x.ID == "":
		x.Detail = fmt.Sprintf("there is no %s %q here, or more than one; make it first, or take this document out", clip(d.Level), clip(d.Name))
		return x, nil
	case slices.ContainsFunc(before, func(o bundleDocument) bool { return o.Level == d.Level && strings.EqualFold(o.Name, d.Name) }):
		x.Status, x.Detail = importBad, "the bundle names this level twice"
		return x, nil
	}
	if d.Document != "" {
		var doc *screenpop.Document
		if doc, x.Findings = a.parse([]byte(d.Document)); doc == nil {
			x.Status = importBad
			return x, nil
		}
		x.Findings = list(x.Findings)
	}
	active, err := a.o.Directory.Active(r.Context(), callerOf(r).tenant, d.Level, x.ID)
	switch {
	case err != nil:
		return x, err
	case active.Document == d.Document:
		x.Status = importSame
	case active.Document == "":
		x.Status = importNew
	default:
		x.Status = importChanged
	}
	return x, nil
}
