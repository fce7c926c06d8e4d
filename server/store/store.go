// Package store is the record: the only room with SQL. What it has acknowledged
// is on stable storage; the bus beside it carries hints that may be lost.
package store

import (
	"context"
	"time"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/wire"
)

// Intake is one event on its way into the record.
type Intake struct {
	Tenant string
	Source string // the source's id; (Tenant, Source, Event.ID) is accepted once
	Event  screenpop.Event
	// Plan decides what the event does. It runs inside the transaction, must be
	// pure and quick, and may run again when the transaction is retried.
	Plan func(Current) Plan
}

// Current is what the record holds of an event's request when the event's turn
// has come.
type Current struct {
	Request screenpop.Request // zero if the request is new
	Known   bool
	// Popped reports whether the request has popped under that once key for
	// that agent.
	Popped func(agentID, once string) bool
}

// Plan is what an event does. The zero AgentID stores the event as unmapped
// under UnmappedAs, and nothing else.
type Plan struct {
	Request    screenpop.Request // as it stands after the event; AgentID is who has it now
	UnmappedAs string            // the alias nobody knows
	Pops       []PlannedPop
	Decisions  []Decision
	// TakenFrom is the agent who had the request before, if another has it now:
	// that agent's copy is marked TakenBy and its unopened pops are withdrawn.
	TakenFrom string
	TakenBy   string // the new agent's name, for people
	// WithdrawOpen withdraws the request's unopened pops (hangup for voice
	// makes them missed instead: MissOpen).
	WithdrawOpen string // reason; "" withdraws none
	MissOpen     bool
	Reject       *screenpop.Error // refuses the event: it is not stored
}

// PlannedPop is a pop to be written. Once is unique for (request, agent): a
// second pop under the same key is not written. ClaimFor is the tab that is
// granted the right to open it, "" for nobody yet.
type PlannedPop struct {
	Pop      screenpop.Pop
	Once     string
	ClaimFor string
}

// Decision says of one popup why it popped or did not.
type Decision struct {
	PopupID string `json:"popup_id"`
	Title   string `json:"title,omitempty"`
	Matched bool   `json:"matched"`
	Why     string `json:"why"`
	PopID   string `json:"pop_id,omitempty"`
}

// Accepted is the record's answer to one Intake.
type Accepted struct {
	EventID   string
	RequestID string
	Pops      int
	Duplicate bool
	Unmapped  bool
	Err       error  // this event failed alone; the others of its batch did not
	Hints     []wire.Hint // publish after the commit, never before
}

// Stream is the part of the record a hub reads.
type Stream interface {
	// Head returns the epoch and the newest seq of an agent's stream.
	Head(ctx context.Context, a wire.AgentKey) (epoch, head int64, err error)
	// Since returns the frames after seq in order, at most limit of them. ok is
	// false when the stream no longer reaches back that far: send a snapshot.
	Since(ctx context.Context, a wire.AgentKey, seq int64, limit int) (frames []wire.Frame, ok bool, err error)
	// Snapshot returns a snapshot frame: epoch, head as seq, the agent's requests
	// that are not closed, with their pops and receipts.
	Snapshot(ctx context.Context, a wire.AgentKey) (wire.Frame, error)
	// Heads returns the newest seq of each agent, for the sweep.
	Heads(ctx context.Context, agents []wire.AgentKey) (map[wire.AgentKey]int64, error)
}

// Record is what every store must do; the contract suite in storetest holds any
// store to it.
type Record interface {
	Stream
	// Append takes events in and returns one answer an event, in order, when all
	// are on stable storage. It groups with other callers.
	Append(ctx context.Context, in ...Intake) ([]Accepted, error)
	// Receive writes what became of a pop. A receipt id that is known already
	// changes nothing. A pop of another agent is CodeNotFound.
	// The pop is sent again to the agent's stream with its new state.
	Receive(ctx context.Context, a wire.AgentKey, r screenpop.Receipt) ([]wire.Hint, error)
	// Claim gives the right to open a pop by itself to one tab: ok if by has it
	// now. An expired, withdrawn or finished pop is given to nobody.
	Claim(ctx context.Context, a wire.AgentKey, popID, by string) (ok bool, holder string, hints []wire.Hint, err error)
	// Deliver marks every pop with a stream position up to seq as delivered; it
	// adds nothing to the stream.
	Deliver(ctx context.Context, a wire.AgentKey, seq int64) error
	// CloseRequest ends a request for its agent: the tab goes, unopened pops are withdrawn.
	CloseRequest(ctx context.Context, a wire.AgentKey, requestID string) ([]wire.Hint, error)
	// Expire turns unopened pops past their time into missed ones.
	Expire(ctx context.Context, now time.Time) ([]wire.Hint, error)
	// Trace returns all that the record knows of a request.
	Trace(ctx context.Context, tenant, requestID string) (Trace, error)
	// Pop returns one pop with its receipts.
	Pop(ctx context.Context, tenant, popID string) (screenpop.Pop, error)
	// Prune removes frames, idempotency keys and closed requests past their time.
	Prune(ctx context.Context, now time.Time) error
	// Ready does a real write and returns why the store cannot take events.
	Ready(ctx context.Context) error
	Close() error
}

// Trace is a request with everything that happened to it.
type Trace struct {
	Request screenpop.Request `json:"request"`
	Events  []TracedEvent     `json:"events"`
	Pops    []screenpop.Pop   `json:"pops"`
}

// TracedEvent is an event with what was decided on it.
type TracedEvent struct {
	Source     string          `json:"source"`
	Event      screenpop.Event `json:"event"`
	ReceivedAt time.Time       `json:"received_at"`
	AgentID    string          `json:"agent_id,omitempty"`
	Unmapped   string          `json:"unmapped,omitempty"`
	Decisions  []Decision      `json:"decisions"`
}

// Bus carries hints from whoever commits to the hubs that serve the agent. It
// may lose any of them.
type Bus interface {
	Publish(h wire.Hint)
	// Subscribe calls f for each hint of agent a until cancel. f must not block.
	Subscribe(a wire.AgentKey, f func(wire.Hint)) (cancel func())
}
