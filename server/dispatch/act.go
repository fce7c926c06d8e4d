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
	return err
}

// Close ends a request for its agent.
func (d *Dispatch) Close(ctx context.Context, a wire.AgentKey, requestID string) error {
	hints, err := d.o.Record.CloseRequest(ctx, a, requestID)
	d.publish(hints)
	return err
}
