package screenpop

import "time"

// State is how far a request has come. It only moves forward.
type State string

// The states in the order a request passes them. Unknown is a request of which
// only Updated events were seen.
const (
	StateNew      State = "new"
	StateOffered  State = "offered"
	StateRinging  State = "ringing"
	StateAccepted State = "accepted"
	StateHangup   State = "hangup"
	StateClosed   State = "closed"
)

var stateRank = map[State]int{
	StateNew: 0, StateOffered: 1, StateRinging: 2, StateAccepted: 3, StateHangup: 4, StateClosed: 5,
}

// Rank returns how far the state is, 0 for StateNew to 5 for StateClosed.
func (s State) Rank() int { return stateRank[s] }

// StateOf returns the state a trigger leads to; Updated leads nowhere and
// returns StateNew.
func StateOf(t Trigger) State {
	switch t {
	case Offered:
		return StateOffered
	case Ringing:
		return StateRinging
	case Accepted, Assigned:
		return StateAccepted
	case Hangup:
		return StateHangup
	case Closed:
		return StateClosed
	}
	return StateNew
}

// Request is one call, chat, e-mail or social message as one agent sees it: each
// agent at whom it was offered, rang or arrived has a copy with a state of its
// own. AgentID is that agent; TakenBy is set to the name of the agent who took
// the request over from this one.
type Request struct {
	ID          string            `json:"id"`
	Channel     Channel           `json:"channel"`
	Direction   Direction         `json:"direction"`
	AgentID     string            `json:"agent_id,omitempty"`
	ANI         string            `json:"anum,omitempty"`
	DNIS        string            `json:"dnis,omitempty"`
	QueueKey    string            `json:"queue_key,omitempty"`
	CustomerKey string            `json:"customer_key,omitempty"`
	Subject     string            `json:"subject,omitempty"`
	URL         string            `json:"url,omitempty"`
	Name        string            `json:"name,omitempty"`
	Variables   map[string]string `json:"variables,omitempty"`
	State       State             `json:"state"`
	TakenBy     string            `json:"taken_by,omitempty"`
	Test        bool              `json:"test,omitempty"` // an admin's try-out, no contact's
	CreatedAt   time.Time         `json:"created_at"`
	AcceptedAt  time.Time         `json:"accepted_at,omitzero"`
	EndedAt     time.Time         `json:"ended_at,omitzero"`
	UpdatedAt   time.Time         `json:"updated_at"`
	Timeline    []TimelineEvent   `json:"timeline,omitempty"`
}

// TimelineEvent is one event of a request as its timeline shows it.
type TimelineEvent struct {
	ID   string    `json:"id"`
	Type Trigger   `json:"type"`
	At   time.Time `json:"at"`
}

// MaxTimeline is how many events of a request its timeline keeps; the record
// keeps all.
const MaxTimeline = 50

// Caller returns what best names the contact: the name, else the number or
// address, else the customer key, else "unknown". A test says that it is one.
func (r Request) Caller() string {
	if r.Test {
		r.Test = false
		return "Test: " + r.Caller()
	}
	for _, s := range []string{r.Name, r.ANI, r.CustomerKey} {
		if s != "" {
			return s
		}
	}
	return "unknown"
}

// Ended reports whether the request is past its conversation.
func (r Request) Ended() bool { return r.State.Rank() >= StateHangup.Rank() }

// Apply returns the request as it stands after event e, received at now.
// Fields that e leaves empty stay; the state only moves forward.
func (r Request) Apply(e Event, now time.Time) Request {
	p := e.Request
	if r.ID == "" {
		r = Request{ID: p.ID, State: StateNew, Direction: In, CreatedAt: now}
	}
	set(&r.Channel, p.Channel)
	set(&r.Direction, p.Direction)
	set(&r.ANI, p.ANI)
	set(&r.DNIS, p.DNIS)
	set(&r.QueueKey, p.QueueKey)
	set(&r.CustomerKey, p.CustomerKey)
	set(&r.Subject, p.Subject)
	set(&r.URL, p.URL)
	set(&r.Name, p.Name)
	r.Variables = mergeVariables(r.Variables, p.Variables)
	r.UpdatedAt = now
	r.Timeline = appendTimeline(r.Timeline, TimelineEvent{ID: e.ID, Type: e.Type, At: now})
	if next := StateOf(e.Type); next.Rank() > r.State.Rank() {
		r.State = next
	}
	if StateOf(e.Type) == StateAccepted && r.AcceptedAt.IsZero() {
		r.AcceptedAt = now
	}
	if r.Ended() && r.EndedAt.IsZero() {
		r.EndedAt = now
	}
	return r
}

func set[T ~string](field *T, v T) {
	if v != "" {
		*field = v
	}
}

func mergeVariables(have, more map[string]string) map[string]string {
	if len(more) == 0 {
		return have
	}
	all := make(map[string]string, len(have)+len(more))
	for k, v := range have {
		all[k] = v
	}
	for k, v := range more {
		all[k] = v
	}
	return all
}

func appendTimeline(have []TimelineEvent, e TimelineEvent) []TimelineEvent {
	all := append(append([]TimelineEvent{}, have...), e)
	if len(all) > MaxTimeline {
		all = all[len(all)-MaxTimeline:]
	}
	return all
}
