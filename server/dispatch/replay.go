package dispatch

import (
	"context"

	"github.com/crmpop/crmpop/server/store"
)

// Replayed says what came of events that were taken up again.
type Replayed struct {
	Events int `json:"events"` // that were taken up
	Pops   int `json:"pops"`   // that came of them, those that are missed among them
}

// Map takes the kept events of an alias up again that an agent has got now.
// What is still fresh pops; what is not stands in the request as missed.
func (d *Dispatch) Map(ctx context.Context, tenant, alias, agent string) (Replayed, error) {
	d.Forget(tenant)
	kept, err := d.o.Record.KeptUnmapped(ctx, tenant, alias)
	if err != nil {
		return Replayed{}, err
	}
	if _, err := d.configs.of(ctx, tenant, agent); err != nil { // here, not in the record's transaction
		return Replayed{}, err
	}
	var sum Replayed
	for _, k := range kept {
		p := planner{d: d, ctx: context.WithoutCancel(ctx), tenant: tenant, source: k.Source, event: k.Event,
			agent: agent, now: k.At, again: d.o.Now()}
		out, err := d.o.Record.Replay(ctx, store.Intake{Tenant: tenant, Source: k.Source, Event: k.Event, Plan: p.plan})
		if err != nil {
			return sum, unavailable(err)
		}
		a := out[0]
		d.publish(a.Hints)
		d.o.Post(a.Letters...)
		switch {
		case a.Err != nil: // refused like an event that comes now would be: it stays as it is
			d.o.Log.Warn("take an event up again", "event_id", k.Event.ID, "request_id", k.Event.Request.ID, "err", a.Err)
		case !a.Duplicate:
			sum.Events, sum.Pops = sum.Events+1, sum.Pops+a.Pops
		}
	}
	return sum, d.o.Record.ForgetUnmapped(ctx, tenant, alias)
}
