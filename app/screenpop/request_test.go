package screenpop_test

import (
	"testing"
	"time"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/google/go-cmp/cmp"
)

// apply returns a request after events of these types, a second apart.
func apply(types ...screenpop.Trigger) screenpop.Request {
	var r screenpop.Request
	for i, typ := range types {
		r = r.Apply(screenpop.Event{ID: string(typ), Type: typ, Request: screenpop.RequestReport{ID: "c"}}, now.Add(time.Duration(i)*time.Second))
	}
	return r
}

func TestStateOnlyMovesForward(t *testing.T) {
	const s = time.Second
	tests := []struct {
		name     string
		events   []screenpop.Trigger
		state    screenpop.State
		accepted time.Duration // since the first event; -1 never
		ended    time.Duration
	}{
		{"in order", []screenpop.Trigger{screenpop.Offered, screenpop.Ringing, screenpop.Accepted, screenpop.Hangup, screenpop.Closed}, screenpop.StateClosed, 2 * s, 3 * s},
		{"assigned is accepted", []screenpop.Trigger{screenpop.Assigned}, screenpop.StateAccepted, 0, -1},
		{"accepted twice", []screenpop.Trigger{screenpop.Assigned, screenpop.Accepted}, screenpop.StateAccepted, 0, -1},
		{"ringing after accepted", []screenpop.Trigger{screenpop.Accepted, screenpop.Ringing}, screenpop.StateAccepted, 0, -1},
		{"accepted after hangup", []screenpop.Trigger{screenpop.Hangup, screenpop.Accepted}, screenpop.StateHangup, s, 0},
		{"nothing after closed", []screenpop.Trigger{screenpop.Closed, screenpop.Ringing, screenpop.Hangup}, screenpop.StateClosed, -1, 0},
		{"steps missing", []screenpop.Trigger{screenpop.Ringing, screenpop.Closed}, screenpop.StateClosed, -1, s},
		{"only updates", []screenpop.Trigger{screenpop.Updated, screenpop.Updated}, screenpop.StateNew, -1, -1},
		{"an update changes no state", []screenpop.Trigger{screenpop.Ringing, screenpop.Updated}, screenpop.StateRinging, -1, -1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := apply(tt.events...)
			if r.State != tt.state {
				t.Errorf("state is %s, want %s", r.State, tt.state)
			}
			for what, at := range map[string]struct {
				got  time.Time
				want time.Duration
			}{"accepted": {r.AcceptedAt, tt.accepted}, "ended": {r.EndedAt, tt.ended}} {
				if at.want < 0 && !at.got.IsZero() || at.want >= 0 && !at.got.Equal(now.Add(at.want)) {
					t.Errorf("%s at %v, want %v after %v", what, at.got, at.want, now)
				}
			}
			if !r.CreatedAt.Equal(now) || !r.UpdatedAt.Equal(now.Add(time.Duration(len(tt.events)-1)*s)) || len(r.Timeline) != len(tt.events) {
				t.Errorf("created %v, updated %v, %d events in the timeline", r.CreatedAt, r.UpdatedAt, len(r.Timeline))
			}
		})
	}
}

func TestLaterEventsMayLeaveOutWhatIsKnown(t *testing.T) {
	full := screenpop.RequestReport{ID: "c", Channel: screenpop.Email, Direction: screenpop.Out, ANI: "1", DNIS: "2", QueueKey: "q",
		CustomerKey: "k", Subject: "s", URL: "u", Name: "n", Variables: map[string]string{"a": "1", "b": "2"}}
	r := screenpop.Request{}.Apply(screenpop.Event{ID: "1", Type: screenpop.Ringing, Request: full}, now)
	before := r
	r = r.Apply(screenpop.Event{ID: "2", Type: screenpop.Accepted, Request: screenpop.RequestReport{ID: "c", Subject: "new", Variables: map[string]string{"b": "3", "c": ""}}}, now)
	want := screenpop.Request{ID: "c", Channel: screenpop.Email, Direction: screenpop.Out, ANI: "1", DNIS: "2", QueueKey: "q", CustomerKey: "k",
		Subject: "new", URL: "u", Name: "n", Variables: map[string]string{"a": "1", "b": "3", "c": ""}, State: screenpop.StateAccepted,
		CreatedAt: now, AcceptedAt: now, UpdatedAt: now,
		Timeline: []screenpop.TimelineEvent{{ID: "1", Type: screenpop.Ringing, At: now}, {ID: "2", Type: screenpop.Accepted, At: now}}}
	if diff := cmp.Diff(want, r); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if before.Variables["b"] != "2" || len(before.Timeline) != 1 {
		t.Errorf("Apply changed the request it was called on: %+v", before)
	}
}

func TestRequestIsInboundUnlessSaidOtherwise(t *testing.T) {
	if got := apply(screenpop.Ringing).Direction; got != screenpop.In {
		t.Errorf("direction is %q", got)
	}
}

func TestTimelineKeepsTheNewest(t *testing.T) {
	types := make([]screenpop.Trigger, screenpop.MaxTimeline+10)
	for i := range types {
		types[i] = screenpop.Updated
	}
	types[len(types)-1] = screenpop.Closed
	r := apply(types...)
	if n := len(r.Timeline); n != screenpop.MaxTimeline || r.Timeline[n-1].Type != screenpop.Closed {
		t.Errorf("%d events, the last %v", n, r.Timeline[n-1])
	}
}

func TestCaller(t *testing.T) {
	for want, r := range map[string]screenpop.Request{
		"Kari":    {Name: "Kari", ANI: "1", CustomerKey: "k"},
		"1":       {ANI: "1", CustomerKey: "k"},
		"k":       {CustomerKey: "k"},
		"unknown": {},
	} {
		if got := r.Caller(); got != want {
			t.Errorf("Caller of %+v = %q, want %q", r, got, want)
		}
	}
}
