// Package dispatch turns events into pops: it finds the agent, matches the
// agent's effective configuration, has the record write everything in one
// transaction, and only then publishes. It also writes what agents' workspaces
// report back.
package dispatch

import (
	"context"
	"log/slog"
	"time"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/wire"
	"github.com/crmpop/crmpop/server/store"
)

// Record is the part of the store that dispatch writes.
type Record interface {
	Append(ctx context.Context, in ...store.Intake) ([]store.Accepted, error)
	Receive(ctx context.Context, a wire.AgentKey, r screenpop.Receipt) ([]wire.Hint, error)
	Claim(ctx context.Context, a wire.AgentKey, popID, by string) (ok bool, holder string, hints []wire.Hint, err error)
	Deliver(ctx context.Context, a wire.AgentKey, seq int64) error
	CloseRequest(ctx context.Context, a wire.AgentKey, requestID string) ([]wire.Hint, error)
	Expire(ctx context.Context, now time.Time) ([]wire.Hint, error)
	Prune(ctx context.Context, now time.Time) error
	KeptUnmapped(ctx context.Context, tenant, alias string) ([]store.Kept, error)
	Replay(ctx context.Context, in ...store.Intake) ([]store.Accepted, error)
	ForgetUnmapped(ctx context.Context, tenant, alias string) error
	VoteBlank(ctx context.Context, a wire.AgentKey, popID string) error
}

// Directory is what dispatch has to know of a tenant.
type Directory interface {
	Tenant(ctx context.Context, id string) (store.Tenant, error)
	User(ctx context.Context, tenant, id string) (store.User, error)
	UserByAlias(ctx context.Context, tenant, alias string) (store.User, error)
	Active(ctx context.Context, tenant, level, levelID string) (store.Revision, error)
	Companions(ctx context.Context, a wire.AgentKey) ([]store.Companion, error)
}

// Publisher carries hints to the hubs.
type Publisher interface {
	Publish(h wire.Hint)
}

// Options are what a Dispatch works with. Record, Directory and Bus are needed.
type Options struct {
	Record    Record
	Directory Directory
	Bus       Publisher
	// Leads returns the tab that leads an agent's workspace at this instant, ""
	// for none. A pop is granted to it in the event's own transaction.
	Leads func(wire.AgentKey) string
	// Connected returns the agent's open workspaces at this instant, for the
	// trace; nil knows of none.
	Connected func(wire.AgentKey) []store.Connection
	// Companion returns how the companions of an agent stand at this instant, to
	// which commands and texts are granted in the event's own transaction; nil
	// knows of none.
	Companion func(wire.AgentKey) Companion
	// Verdicts returns what is known of a tenant's pages, by frame key; nil knows
	// of none. Forget has it asked again.
	Verdicts func(ctx context.Context, tenant string) (map[string]screenpop.PageVerdict, error)
	// Post is told of web requests that stand in the record now; nil sends none.
	Post func(letters ...store.Letter)
	Now  func() time.Time
	Log  *slog.Logger
}

// Dispatch is safe for use by many goroutines.
type Dispatch struct {
	o       Options
	configs *configs
}

// New returns a Dispatch. Run must be running for pops to expire.
func New(o Options) *Dispatch {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Leads == nil {
		o.Leads = func(wire.AgentKey) string { return "" }
	}
	if o.Post == nil {
		o.Post = func(...store.Letter) {}
	}
	if o.Connected == nil {
		o.Connected = func(wire.AgentKey) []store.Connection { return nil }
	}
	if o.Companion == nil {
		o.Companion = func(wire.AgentKey) Companion { return Companion{} }
	}
	return &Dispatch{o: o, configs: newConfigs(o)}
}

// Forget drops what is remembered of a tenant's users and configuration; call
// it after either was changed.
func (d *Dispatch) Forget(tenant string) { d.configs.forget(tenant) }

// expireEvery is how often pops past their time are looked for: the longest a
// pop stands unopened and not yet missed.
const expireEvery = time.Second

// pruneEvery is how often the record is relieved of what is past its keeping.
const pruneEvery = 10 * time.Minute

// Run turns pops past their time into missed ones and prunes the record, until
// ctx ends.
func (d *Dispatch) Run(ctx context.Context) {
	expire, prune := time.NewTicker(expireEvery), time.NewTicker(pruneEvery)
	defer expire.Stop()
	defer prune.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-expire.C:
			hints, err := d.o.Record.Expire(ctx, d.o.Now())
			d.publish(hints)
			d.logged(ctx, "expire pops", err)
		case <-prune.C:
			d.logged(ctx, "prune the record", d.o.Record.Prune(ctx, d.o.Now()))
		}
	}
}

func (d *Dispatch) logged(ctx context.Context, what string, err error) {
	if err != nil && ctx.Err() == nil {
		d.o.Log.Error(what, "err", err)
	}
}

func (d *Dispatch) publish(hints []wire.Hint) {
	for _, h := range hints {
		d.o.Bus.Publish(h)
	}
}
