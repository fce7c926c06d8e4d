package api

import (
	"net/http"
	"slices"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/server/store"
)

// requestView is a request with its pops. Where it was with several agents, the
// newest copy stands for it and Copies has each agent's.
type requestView struct {
	screenpop.Request
	Pops   []screenpop.Pop     `json:"pops"`
	Copies []screenpop.Request `json:"copies,omitempty"`
}

// request tells what became of one request.
func (a *API) request(w http.ResponseWriter, r *http.Request) error {
	t, err := a.traceFor(r)
	if err != nil {
		return err
	}
	if len(t.Requests) == 0 { // known by events that no agent has seen yet
		return store.ErrNotFound("request", clip(r.PathValue("id")))
	}
	v := requestView{Request: newest(t.Requests), Pops: t.Pops}
	if len(t.Requests) > 1 {
		v.Copies = t.Requests
	}
	return writeJSON(w, http.StatusOK, v)
}

// newest returns the copy of whoever has the request now.
func newest(copies []screenpop.Request) screenpop.Request {
	return slices.MaxFunc(copies, func(a, b screenpop.Request) int {
		if taken := (a.TakenBy == "") != (b.TakenBy == ""); taken {
			if a.TakenBy == "" {
				return 1
			}
			return -1
		}
		return a.UpdatedAt.Compare(b.UpdatedAt)
	})
}

// trace tells everything that happened to one request and why.
func (a *API) trace(w http.ResponseWriter, r *http.Request) error {
	t, err := a.traceFor(r)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, traceView{t, delays(t)})
}

// pop tells what became of one pop.
func (a *API) pop(w http.ResponseWriter, r *http.Request) error {
	c := callerOf(r)
	p, err := a.o.Record.Pop(r.Context(), c.tenant, r.PathValue("id"))
	if err != nil {
		return err
	}
	if only := c.limitedTo(); only != "" && p.AgentID != only {
		return store.ErrNotFound("pop", clip(r.PathValue("id")))
	}
	return writeJSON(w, http.StatusOK, p)
}

// traceFor returns as much of a request's trace as the caller may see: an agent
// the own copy, and what happened to it. What is not the caller's is not there.
func (a *API) traceFor(r *http.Request) (store.Trace, error) {
	c, id := callerOf(r), r.PathValue("id")
	t, err := a.o.Record.Trace(r.Context(), c.tenant, id)
	if err != nil {
		return t, err
	}
	if only := c.limitedTo(); only != "" {
		t = partOf(t, only)
		if len(t.Requests) == 0 {
			return t, store.ErrNotFound("request", clip(id))
		}
	}
	t.Requests, t.Events, t.Pops = list(t.Requests), list(t.Events), list(t.Pops)
	return t, nil
}

// list makes an empty list of nil: JSON readers expect [], not null.
func list[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}

func partOf(t store.Trace, agent string) store.Trace {
	var part store.Trace
	for _, q := range t.Requests {
		if q.AgentID == agent {
			part.Requests = append(part.Requests, q)
		}
	}
	for _, e := range t.Events {
		if !slices.Contains(e.AgentIDs, agent) {
			continue
		}
		e.AgentIDs = []string{agent}
		e.Decisions = slices.DeleteFunc(slices.Clone(e.Decisions), func(d store.Decision) bool {
			return d.AgentID != "" && d.AgentID != agent
		})
		e.Seen = slices.DeleteFunc(slices.Clone(e.Seen), func(s store.Seen) bool { return s.AgentID != agent })
		part.Events = append(part.Events, e)
	}
	for _, p := range t.Pops {
		if p.AgentID == agent {
			part.Pops = append(part.Pops, p)
		}
	}
	return part
}
