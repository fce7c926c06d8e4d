package api

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/server/store"
)

// audited returns the request's context, in which the next write also notes who
// did it.
func (a *API) audited(r *http.Request, action, object, before, after string) context.Context {
	c := callerOf(r)
	return store.Audited(r.Context(), &store.AuditEntry{Tenant: c.tenant, Actor: c.name(), Action: action, Object: object,
		Before: before, After: after})
}

// auditPage is a page of the audit.
type auditPage struct {
	Entries []store.AuditEntry `json:"entries"`
	Next    string             `json:"next,omitempty"`
}

// audit tells who changed what, the newest first.
func (a *API) audit(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	f := store.AuditFilter{Words: q.Get("q")}
	var err error
	if f.Limit, err = limitOf(r); err != nil {
		return err
	}
	if f.From, f.To, err = spanOf(r); err != nil {
		return err
	}
	if c := q.Get("cursor"); c != "" {
		if f.Before, err = strconv.ParseInt(c, 10, 64); err != nil || f.Before <= 0 {
			return screenpop.Errorf(screenpop.CodeInvalid, "bad-cursor", "this cursor is none that was handed out; begin without one")
		}
	}
	entries, next, err := a.o.Record.Audit(r.Context(), callerOf(r).tenant, f)
	if err != nil {
		return err
	}
	page := auditPage{Entries: list(entries)}
	if next > 0 {
		page.Next = strconv.FormatInt(next, 10)
	}
	return writeJSON(w, http.StatusOK, page)
}

// maxPage is the most that one page of a list has.
const maxPage = 200

// limitOf returns how many things the caller wants on a page, 50 if not said.
func limitOf(r *http.Request) (int, error) {
	s := r.URL.Query().Get("limit")
	if s == "" {
		return 50, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > maxPage {
		return 0, screenpop.Errorf(screenpop.CodeInvalid, "bad-limit", "limit is a number from 1 to %d; not %q", maxPage, clip(s))
	}
	return n, nil
}

// spanOf returns the caller's from and to, zero where not said.
func spanOf(r *http.Request) (from, to time.Time, err error) {
	for name, t := range map[string]*time.Time{"from": &from, "to": &to} {
		s := r.URL.Query().Get(name)
		if s == "" {
			continue
		}
		if *t, err = time.Parse(time.RFC3339, s); err != nil {
			return from, to, screenpop.Errorf(screenpop.CodeInvalid, "bad-time", "%s is no time; write it like 2026-11-22T10:15:00Z", name)
		}
	}
	return from, to, nil
}
