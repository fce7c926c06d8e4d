package screenpop

import "time"

// PopState is what has become of a pop so far.
type PopState string

// The states of a pop. Pending and Delivered are on the way; the others are
// known ends, of which Waiting, Refused and Missed can still be followed by the
// agent's click.
const (
	PopPending   PopState = "pending"
	PopDelivered PopState = "delivered"
	PopShown     PopState = "shown"
	PopOpened    PopState = "opened"
	PopWaiting   PopState = "waiting"
	PopRefused   PopState = "refused"
	PopCopied    PopState = "copied"
	PopSent      PopState = "sent"
	PopRan       PopState = "ran"
	PopFailed    PopState = "failed"
	PopMissed    PopState = "missed"
	PopWithdrawn PopState = "withdrawn"
	PopSkipped   PopState = "skipped"
)

// PopStates lists every state of a pop.
var PopStates = []PopState{PopPending, PopDelivered, PopShown, PopOpened, PopWaiting, PopRefused,
	PopCopied, PopSent, PopRan, PopFailed, PopMissed, PopWithdrawn, PopSkipped}

// Valid reports whether s is one of PopStates.
func (s PopState) Valid() bool { return oneOf(s, PopStates) }

// Receipt is one step of a pop towards its end. ID is made by whoever reports
// it and makes the report idempotent; At is the server's clock.
type Receipt struct {
	ID     string    `json:"id"`
	PopID  string    `json:"pop_id"`
	State  PopState  `json:"state"`
	Detail string    `json:"detail,omitempty"`
	Build  string    `json:"build,omitempty"`
	At     time.Time `json:"at,omitzero"`
}

// MaxDetail is the longest detail a receipt carries, in bytes; longer is cut.
const MaxDetail = 500

// Open reports whether the pop still waits for its agent's workspace.
func (s PopState) Open() bool { return s == PopPending || s == PopDelivered || s == "" }

// rank orders the states a pop may pass; a receipt never moves a pop back.
func (s PopState) rank() int {
	switch s {
	case PopPending, "":
		return 0
	case PopDelivered:
		return 1
	case PopMissed:
		return 2
	case PopWaiting:
		return 3
	case PopRefused:
		return 3
	case PopFailed:
		return 4
	case PopShown, PopCopied, PopSent, PopRan:
		return 5
	case PopOpened:
		return 6
	}
	return 7 // withdrawn, skipped
}

// Next returns the state of a pop in state s after a receipt that reports r.
// Every receipt is kept; the state only moves towards a better known end:
//   - a refused page may still be opened, wait for a click, or be opened after it;
//   - a page that was shown can turn out to be refused (the agent says it is blank);
//   - an opened pop stays opened; withdrawn and skipped are final, except that
//     an agent may open a withdrawn or missed page by hand.
func (s PopState) Next(r PopState) PopState {
	switch {
	case s == PopSkipped:
		return s
	case s == PopWithdrawn:
		if r == PopShown || r == PopOpened {
			return r
		}
		return s
	case r == PopWithdrawn:
		if s.Open() || s == PopWaiting || s == PopMissed {
			return r
		}
		return s
	case s == PopShown && r == PopRefused:
		return r
	case s == PopRefused && r == PopWaiting:
		return r
	case r.rank() >= s.rank():
		return r
	}
	return s
}
