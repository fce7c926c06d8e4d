package dispatch

import (
	"context"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/wire"
)

// Ack writes that the agent's workspace has everything up to seq.
func (d *Dispatch) Ack(ctx context.Context, a wire.AgentKey, seq int64) error {
	return d.o.Record.Deliver(ctx, a, seq)
}

// Claim asks for the right to open a pop by itself; ok if tab has it now, by
// names the tab that has it otherwise.
func (d *Dispatch) Claim(ctx context.Context, a wire.AgentKey, popID, tab string) (ok bool, by string, err error) {
	ok, by, hints, err := d.o.Record.Claim(ctx, a, popID, tab)
	d.publish(hints)
	return ok, by, err
}

// Receipt writes what became of a pop. It returns nil once that is on stable
// storage.
func (d *Dispatch) Receipt(ctx context.Context, a wire.AgentKey, r screenpop.Receipt) error {
	if len(r.Detail) > screenpop.MaxDetail {
		r.Detail = r.Detail[:screenpop.MaxDetail]
	}
	hints, err := d.o.Record.Receive(ctx, a, r)
	d.publish(hints)
	if err == nil && r.State == screenpop.PopRefused && r.Detail == screenpop.FoundBlank {
		d.voted(ctx, a, r.PopID)
	}
	return err
}

// voted counts an agent's word that a page is blank. A vote that is lost costs
// nothing but that it must be given again, so the receipt does not fail with it.
func (d *Dispatch) voted(ctx context.Context, a wire.AgentKey, popID string) {
	if err := d.o.Record.VoteBlank(ctx, a, popID); err != nil {
		d.o.Log.Warn("count a page as blank", "agent_id", a.ID, "pop_id", popID, "err", err)
		return
	}
	d.configs.forget(a.Tenant)
}

// Close ends a request for its agent.
func (d *Dispatch) Close(ctx context.Context, a wire.AgentKey, requestID string) error {
	hints, err := d.o.Record.CloseRequest(ctx, a, requestID)
	d.publish(hints)
	return err
}
