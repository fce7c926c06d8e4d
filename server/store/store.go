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
	// Copies are the request as each agent sees it, oldest first; AgentID says
	// whose. Empty for a new request.
	Copies []screenpop.Request
	// Popped reports whether the request has popped under that once key for
	// that agent.
	Popped func(agentID, once string) bool
}

// Plan is what an event does to its request.
type Plan struct {
	// Requests are the copies that the event changes, each whole. Each is
	// written and goes to its agent's stream as one request frame, before the
	// frames of its withdrawals and pops.
	Requests []screenpop.Request
	// Withdraw ends the unopened pops (pending, delivered, waiting, missed) of
	// the request for an agent: one withdraw frame each.
	Withdraw []Withdrawal
	// Miss turns the unopened pops (pending, delivered) of the request for these
	// agents into missed ones: one pop frame each.
	Miss      []string
	Pops      []PlannedPop
	Decisions []Decision
	// Seen is what held for the agents; it is kept with the event.
	Seen []Seen
	// UnmappedAs is the alias nobody knows: the event is stored and listed as
	// unmapped and does nothing else.
	UnmappedAs string
	// Reject refuses the event: it is not stored, and may come again.
	Reject *screenpop.Error
}

// Withdrawal ends an agent's unopened pops of a request for a reason in words.
type Withdrawal struct {
	AgentID string
	Reason  string
}

// PlannedPop is a pop to be written for an agent. Once is unique for (request,
// agent): a second pop under the same key is not written. ClaimFor is the tab
// that is granted the right to open it, "" for nobody yet. A pop that is planned
// in a final state (skipped, missed) is written as it is.
type PlannedPop struct {
	AgentID  string
	Pop      screenpop.Pop
	Once     string
	ClaimFor string
	Letter   *screenpop.Letter // what the server sends for it; nil for nothing
}

// Decision says of one popup why it popped or did not.
type Decision struct {
	AgentID string `json:"agent_id,omitempty"`
	PopupID string `json:"popup_id,omitempty"`
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
	Err       error       // this event failed alone; the others of its batch did not
	Hints     []wire.Hint // publish after the commit, never before
	Letters   []Letter    // may be sent after the commit; DueLetters returns them, too
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
	// Expire turns unopened pops past their time into missed ones. A command
	// cannot be opened later: it has failed, for the reason that its detail gave
	// for waiting.
	Expire(ctx context.Context, now time.Time) ([]wire.Hint, error)
	// Post writes a step of a letter together with what comes of it for its pop.
	// Of a pop that is gone it is CodeNotFound.
	Post(ctx context.Context, p Posting) ([]wire.Hint, error)
	// PostAll is Post for several, which share a transaction; each fails alone.
	PostAll(ctx context.Context, all ...Posting) (hints []wire.Hint, errs []error)
	// DueLetters returns letters of all tenants that are to go out by a time, at
	// most limit, the first due first: those that wait, and those that were on
	// their way when the server went down.
	DueLetters(ctx context.Context, by time.Time, limit int) ([]Letter, error)
	// Outbox returns a tenant's letters, the newest first. next is the After of
	// the next page, 0 after the last.
	Outbox(ctx context.Context, tenant string, f OutboxFilter) (found []Letter, next int64, err error)
	// Resend queues a dead letter again; one that is not dead is CodeConflict.
	Resend(ctx context.Context, tenant, popID string) (Letter, error)
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
	Requests []screenpop.Request `json:"requests"` // a copy an agent, oldest first
	Events   []TracedEvent       `json:"events"`
	Pops     []screenpop.Pop     `json:"pops"`
}

// TracedEvent is an event with what was decided on it.
type TracedEvent struct {
	Source     string          `json:"source"`
	Event      screenpop.Event `json:"event"`
	ReceivedAt time.Time       `json:"received_at"`
	AgentIDs   []string        `json:"agent_ids,omitempty"` // whose copies it changed
	Unmapped   string          `json:"unmapped,omitempty"`
	Decisions  []Decision      `json:"decisions"`
	Seen       []Seen          `json:"seen,omitempty"`
}

// Seen is what held for an agent at the instant of an event: the connections of
// the agent's workspace, and the revisions that the configuration was made of.
type Seen struct {
	AgentID   string          `json:"agent_id"`
	Connected []Connection    `json:"connected"`
	Revisions []LevelRevision `json:"revisions"`
}

// Connection is one open workspace of an agent.
type Connection struct {
	Tab   string `json:"tab"`
	Build string `json:"build,omitempty"`
	Leads bool   `json:"leads,omitempty"` // it opens pops by itself
}

// LevelRevision names the revision of one level's document.
type LevelRevision struct {
	Level    string `json:"level"`
	ID       string `json:"id"`
	Revision int64  `json:"revision"`
}

// Bus carries hints from whoever commits to the hubs that serve the agent. It
// may lose any of them.
type Bus interface {
	Publish(h wire.Hint)
	// Subscribe calls f for each hint of agent a until cancel. f must not block.
	Subscribe(a wire.AgentKey, f func(wire.Hint)) (cancel func())
}
