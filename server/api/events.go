package api

import (
	"errors"
	"net/http"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/server/dispatch"
	"github.com/crmpop/crmpop/server/ingest"
)

// dialects are the ways of reporting events, by the name a source has for its own.
var dialects = map[string]ingest.Dialect{"native": ingest.Native(), "cti": ingest.CTI()}

// result is the answer to one accepted event.
type result struct {
	EventID   string `json:"event_id"`
	RequestID string `json:"request_id"`
	Pops      int    `json:"pops"`
	Duplicate bool   `json:"duplicate"`
	Unmapped  bool   `json:"unmapped,omitempty"`
}

// takeEvents takes events in our own words.
func (a *API) takeEvents(w http.ResponseWriter, r *http.Request) error {
	c := callerOf(r)
	source, err := a.sourceOf(r, c)
	if err != nil {
		return err
	}
	batch, results, err := a.ingest(w, r, dialects["native"], c.tenant, source)
	if err != nil {
		return err
	}
	if !batch.Array {
		return writeResult(w, results[0])
	}
	return writeJSON(w, http.StatusAccepted, answers(results))
}

// sourceOf returns the source under which the caller's events count: a key has
// one; what an admin sends by hand counts under the tenant's first native one.
func (a *API) sourceOf(r *http.Request, c caller) (string, error) {
	if c.key != nil {
		return c.key.Source, nil
	}
	all, err := a.o.Directory.Sources(r.Context(), c.tenant)
	if err != nil {
		return "", err
	}
	for _, s := range all {
		if s.Dialect == "native" {
			return s.ID, nil
		}
	}
	return "", screenpop.Errorf(screenpop.CodeConflict, "no-source", "there is no native event source; add one under Event sources")
}

// takeDialect takes what a telephone system reports in its own words. The token
// in the path is all it has to say who it is.
func (a *API) takeDialect(w http.ResponseWriter, r *http.Request) error {
	source, err := a.o.Directory.SourceByToken(r.Context(), r.PathValue("token"))
	if err != nil {
		return orNotFound(err, screenpop.Errorf(screenpop.CodeNotFound, "unknown-source",
			"no event source has this address; the portal shows the right one under Event sources"))
	}
	dialect, ok := dialects[source.Dialect]
	if !ok {
		return errors.New("source " + source.ID + " has the unknown dialect " + source.Dialect)
	}
	batch, results, err := a.ingest(w, r, dialect, source.Tenant, source.ID)
	if err != nil {
		return err
	}
	for _, res := range results {
		if res.Err != nil {
			return res.Err
		}
	}
	if batch.Reply == nil {
		return writeJSON(w, http.StatusAccepted, answers(results))
	}
	contentType, body := batch.Reply(a.publicURL() + "/in/" + source.Token)
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Cache-Control", "no-store")
	w.Write(body) // an error here is the reader's going away
	return nil
}

// ingest reads the body, stores what is in it, and returns one result an item.
// Where the store would not take even one of them, it is an error: the sender
// has to come again, and what was stored already is not stored twice.
func (a *API) ingest(w http.ResponseWriter, r *http.Request, d ingest.Dialect, tenant, source string) (ingest.Batch, []dispatch.Result, error) {
	body, err := readBody(w, r, ingest.MaxBody)
	if err != nil {
		return ingest.Batch{}, nil, err
	}
	batch, fault := d.Read(r.Header, body)
	if fault != nil {
		return ingest.Batch{}, nil, fault
	}
	results := a.store(r, tenant, source, batch.Items)
	for _, res := range results {
		if res.Err != nil && problemOf(res.Err).httpStatus() >= http.StatusInternalServerError {
			return batch, nil, unstored(res.Err)
		}
	}
	return batch, results, nil
}

// store hands the readable items on and puts their results back in order.
func (a *API) store(r *http.Request, tenant, source string, items []ingest.Item) []dispatch.Result {
	results := make([]dispatch.Result, len(items))
	var good []dispatch.Item
	var at []int
	for i, it := range items {
		if it.Err != nil {
			results[i] = dispatch.Result{EventID: it.Event.ID, RequestID: it.Event.Request.ID, Err: it.Err}
			continue
		}
		good, at = append(good, dispatch.Item{Event: it.Event, Aliases: it.Aliases}), append(at, i)
	}
	if len(good) == 0 {
		return results
	}
	for k, res := range a.o.Intake.Ingest(r.Context(), tenant, source, good) {
		results[at[k]] = res
	}
	return results
}

// unstored makes sure that the sender is told to come again.
func unstored(err error) error {
	if screenpop.ErrorCode(err) == screenpop.CodeUnavailable {
		return err
	}
	return &screenpop.Error{Code: screenpop.CodeUnavailable, Kind: "unavailable",
		Msg: "not everything could be stored; send it again, nothing is taken twice", Err: err}
}

func writeResult(w http.ResponseWriter, res dispatch.Result) error {
	if res.Err != nil {
		return res.Err
	}
	return writeJSON(w, http.StatusAccepted, resultOf(res))
}

func answers(results []dispatch.Result) []any {
	all := make([]any, len(results))
	for i, res := range results {
		all[i] = answer(res)
	}
	return all
}

// answer is one item's line in the answer to an array: its result or its
// problem, each with its status.
func answer(res dispatch.Result) any {
	if res.Err == nil {
		return struct {
			Status int `json:"status"`
			result
		}{http.StatusAccepted, resultOf(res)}
	}
	body := problemOf(res.Err).body()
	if res.EventID != "" {
		body["event_id"] = res.EventID
	}
	return body
}

func resultOf(res dispatch.Result) result {
	return result{res.EventID, res.RequestID, res.Pops, res.Duplicate, res.Unmapped}
}
