package api

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/server/store"
)

// foundView is a request as the list shows it.
type foundView struct {
	ID        string              `json:"id"`
	Channel   screenpop.Channel   `json:"channel"`
	Direction screenpop.Direction `json:"direction"`
	AgentID   string              `json:"agent_id,omitempty"` // who has it now
	AgentName string              `json:"agent_name,omitempty"`
	Caller    string              `json:"caller"`
	ANI       string              `json:"anum,omitempty"`
	Name      string              `json:"name,omitempty"`
	Queue     string              `json:"queue_key,omitempty"`
	State     screenpop.State     `json:"state"`
	CreatedAt time.Time           `json:"created_at"`
	Pops      []store.FoundPop    `json:"pops"`
	Outcome   string              `json:"outcome"`
}

// foundPage is a page of requests. A page may be short and not the last: what
// one call looks through has a limit; Next goes on.
type foundPage struct {
	Requests []foundView `json:"requests"`
	Next     string      `json:"next,omitempty"`
}

// searchRequests lists requests, the newest first.
func (a *API) searchRequests(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	f := store.RequestFilter{Words: clip(q.Get("q")), Agent: q.Get("agent"), Caller: clip(q.Get("caller")),
		Outcome: q.Get("outcome"), Cursor: q.Get("cursor")}
	var err error
	if f.Limit, err = limitOf(r); err != nil {
		return err
	}
	if f.From, f.To, err = spanOf(r); err != nil {
		return err
	}
	if f.Outcome != "" && !slices.Contains(store.Outcomes, f.Outcome) {
		return screenpop.Errorf(screenpop.CodeInvalid, "bad-outcome", "there is no outcome %q; it is one of %s", clip(f.Outcome), screenpop.JoinWords(store.Outcomes))
	}
	tenant := callerOf(r).tenant
	names, err := a.userNames(r.Context(), tenant)
	if err != nil {
		return err
	}
	found, next, err := a.o.Record.Search(r.Context(), tenant, f)
	if err != nil {
		return err
	}
	page := foundPage{Requests: make([]foundView, len(found)), Next: next}
	for i, x := range found {
		page.Requests[i] = foundView{x.ID, x.Channel, x.Direction, x.Agent, names[x.Agent], x.Caller, x.ANI, x.Name, x.Queue,
			x.State, x.CreatedAt, list(x.Pops), x.Outcome}
	}
	return writeJSON(w, http.StatusOK, page)
}

// userNames returns the names of a tenant's users by id.
func (a *API) userNames(ctx context.Context, tenant string) (map[string]string, error) {
	all, err := a.o.Directory.Users(ctx, tenant)
	names := make(map[string]string, len(all))
	for _, u := range all {
		names[u.ID] = u.Name
	}
	return names, err
}

// timesView says how long pops took, in milliseconds.
type timesView struct {
	Count   int           `json:"count"`
	P50     float64       `json:"p50_ms"`
	P95     float64       `json:"p95_ms"`
	P99     float64       `json:"p99_ms"`
	Buckets []timesBucket `json:"buckets"`
}

type timesBucket struct {
	At    time.Time `json:"at"`
	Count int       `json:"count"`
	P50   float64   `json:"p50_ms"`
	P95   float64   `json:"p95_ms"`
}

// maxHours is how far back times go: what the record keeps.
const maxHours = 7 * 24

// requestTimes tells how long pops took from the receipt of the event until the
// page was shown.
func (a *API) requestTimes(w http.ResponseWriter, r *http.Request) error {
	hours := 24
	if s := r.URL.Query().Get("hours"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 || n > maxHours {
			return screenpop.Errorf(screenpop.CodeInvalid, "bad-hours", "hours is a number from 1 to %d; not %q", maxHours, clip(s))
		}
		hours = n
	}
	now := a.o.Now().UTC()
	t, err := a.o.Record.Times(r.Context(), callerOf(r).tenant, now.Add(-time.Duration(hours)*time.Hour), now)
	if err != nil {
		return err
	}
	v := timesView{Count: t.Count, P50: ms(t.P50), P95: ms(t.P95), P99: ms(t.P99), Buckets: make([]timesBucket, len(t.Buckets))}
	for i, b := range t.Buckets {
		v.Buckets[i] = timesBucket{b.At, b.Count, ms(b.P50), ms(b.P95)}
	}
	return writeJSON(w, http.StatusOK, v)
}

// ms returns d in milliseconds, to the hundredth.
func ms(d time.Duration) float64 {
	return float64(d.Round(10*time.Microsecond)) / float64(time.Millisecond)
}
