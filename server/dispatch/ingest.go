package dispatch

import (
	"context"
	"errors"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/server/store"
)

// Item is one event and the aliases under which its source may know the agent,
// the best first; without Aliases the event's own agent field is it.
type Item struct {
	Event   screenpop.Event
	Aliases []string
}

// Result is what became of an Item. Err is the sender's to mend, or says that
// the record cannot take events now (CodeUnavailable).
type Result struct {
	EventID   string
	RequestID string
	Pops      int
	Duplicate bool
	Unmapped  bool
	Err       error
}

// Ingest takes events of one source in. It returns one result an item, in
// order, when all that was accepted is on stable storage; one bad item does not
// sink the others.
func (d *Dispatch) Ingest(ctx context.Context, tenant, source string, items []Item) []Result {
	results := make([]Result, len(items))
	var in []store.Intake
	var at []int
	for i, it := range items {
		results[i] = Result{EventID: it.Event.ID, RequestID: it.Event.Request.ID}
		intake, err := d.intake(ctx, tenant, source, it)
		if err != nil {
			results[i].Err = unavailable(err)
			continue
		}
		in, at = append(in, intake), append(at, i)
	}
	accepted, err := d.o.Record.Append(ctx, in...)
	for k, i := range at {
		if err != nil {
			results[i].Err = unavailable(err)
			continue
		}
		a := accepted[k]
		results[i].Pops, results[i].Duplicate = a.Pops, a.Duplicate
		results[i].Unmapped, results[i].Err = a.Unmapped, a.Err
		d.publish(a.Hints)
		d.o.Post(a.Letters...)
	}
	return results
}

// unavailable lets errors with a code through and gives the others one that
// tells the sender to come again.
func unavailable(err error) error {
	var e *screenpop.Error
	if errors.As(err, &e) {
		return err
	}
	return &screenpop.Error{Code: screenpop.CodeUnavailable, Kind: "unavailable",
		Msg: "the event could not be stored; send it again", Err: err}
}

func (d *Dispatch) intake(ctx context.Context, tenant, source string, it Item) (store.Intake, error) {
	aliases := it.Aliases
	if len(aliases) == 0 && it.Event.Request.Agent != "" {
		aliases = []string{it.Event.Request.Agent}
	}
	agent, err := d.configs.resolve(ctx, tenant, aliases)
	if err != nil {
		return store.Intake{}, err
	}
	if agent != "" { // read it here, not in the record's transaction
		if _, err := d.configs.of(ctx, tenant, agent); err != nil {
			return store.Intake{}, err
		}
	}
	// The sender may hang up before its event's turn comes; the event still counts.
	ctx = context.WithoutCancel(ctx)
	p := planner{d: d, ctx: ctx, tenant: tenant, source: source, event: it.Event, agent: agent, now: d.o.Now()}
	if agent == "" && len(aliases) > 0 {
		p.unmapped = aliases[0]
	}
	return store.Intake{Tenant: tenant, Source: source, Event: it.Event, Plan: p.plan}, nil
}
