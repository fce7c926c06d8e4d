package api

import (
	"time"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/server/store"
)

// traceView is a trace with what can be read off it.
type traceView struct {
	store.Trace
	Delays []delay `json:"delays"` // one a pop
}

// delay says how long each step of a pop took, in milliseconds; nil for a step
// that was not.
type delay struct {
	PopID   string `json:"pop_id"`
	EventID string `json:"event_id"`
	// Reported is from the event's own time, where it has one, to its receipt.
	// The two clocks are not ours alone: it may be negative.
	Reported  *float64 `json:"reported_ms,omitempty"`
	Delivered *float64 `json:"delivered_ms,omitempty"` // from receipt to the workspace's acknowledgement
	Known     *float64 `json:"known_ms,omitempty"`     // from receipt to the first receipt of the browser
	KnownAs   string   `json:"known_as,omitempty"`     // what that receipt says
	Shown     *float64 `json:"shown_ms,omitempty"`     // from receipt to the page being shown
}

// delays reads the delays off a trace.
func delays(t store.Trace) []delay {
	received := map[string]store.TracedEvent{}
	for _, e := range t.Events {
		if _, again := received[e.Event.ID]; !again { // one that was taken up again came the first time
			received[e.Event.ID] = e
		}
	}
	all := make([]delay, 0, len(t.Pops))
	for _, p := range t.Pops {
		d := delay{PopID: p.ID, EventID: p.EventID}
		if e, ok := received[p.EventID]; ok {
			d.read(e, p)
		}
		all = append(all, d)
	}
	return all
}

func (d *delay) read(e store.TracedEvent, p screenpop.Pop) {
	since := func(from, to time.Time) *float64 {
		n := ms(to.Sub(from))
		return &n
	}
	if !e.Event.Time.IsZero() {
		d.Reported = since(e.Event.Time, e.ReceivedAt)
	}
	for _, r := range p.Receipts {
		switch {
		case r.State == screenpop.PopDelivered:
			if d.Delivered == nil {
				d.Delivered = since(e.ReceivedAt, r.At)
			}
			continue
		case r.State == screenpop.PopMissed || r.State == screenpop.PopWithdrawn: // the server's own
			continue
		case d.Known == nil:
			d.Known, d.KnownAs = since(e.ReceivedAt, r.At), string(r.State)
		}
		if r.State == screenpop.PopShown && d.Shown == nil {
			d.Shown = since(e.ReceivedAt, r.At)
		}
	}
}
