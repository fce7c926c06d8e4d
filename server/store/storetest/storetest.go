// Package storetest is the contract of a store as tests: whatever claims to be
// one passes Run.
package storetest

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/wire"
	"github.com/crmpop/crmpop/server/store"
)

// Store is what the suite tests.
type Store interface {
	store.Record
	store.Directory
}

// Run holds the stores that open returns to the contract. Each test opens an
// own one, empty, with the options given, and closes it through t.Cleanup.
func Run(t *testing.T, open func(t *testing.T, o store.Options) Store) {
	for _, group := range []struct {
		name  string
		tests []test
	}{
		{"append", appendTests}, {"stream", streamTests}, {"pop", popTests},
		{"prune", pruneTests}, {"directory", directoryTests}, {"outbox", outboxTests},
	} {
		t.Run(group.name, func(t *testing.T) {
			for _, tt := range group.tests {
				t.Run(tt.name, func(t *testing.T) {
					r := &rig{T: t, ctx: t.Context(), now: time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)}
					o := tt.options
					o.Now = r.clock
					r.Store = open(t, o)
					tt.run(r)
				})
			}
		})
	}
}

// test is one rule of the contract; its name is the rule.
type test struct {
	name    string
	run     func(r *rig)
	options store.Options
}

// rig is a store with a clock that the test sets.
type rig struct {
	*testing.T
	Store
	ctx context.Context

	mu  sync.Mutex // guards now
	now time.Time
}

func (r *rig) clock() time.Time { r.mu.Lock(); defer r.mu.Unlock(); return r.now }

func (r *rig) wait(d time.Duration) { r.mu.Lock(); defer r.mu.Unlock(); r.now = r.now.Add(d) }

func (r *rig) must(err error) {
	r.Helper()
	if err != nil {
		r.Fatal(err)
	}
}

// code reports whether err has the code.
func (r *rig) code(what string, err error, want screenpop.Code) {
	r.Helper()
	if got := screenpop.ErrorCode(err); got != want {
		r.Errorf("%s: error %v with code %q, want code %q", what, err, got, want)
	}
}

func (r *rig) same(what string, want, got any, opts ...cmp.Option) {
	r.Helper()
	if diff := cmp.Diff(want, got, opts...); diff != "" {
		r.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// The agents of most tests, and one of another tenant with a name that is taken.
var (
	anna     = wire.AgentKey{Tenant: "t", ID: "anna"}
	ola      = wire.AgentKey{Tenant: "t", ID: "ola"}
	stranger = wire.AgentKey{Tenant: "other", ID: "anna"}
)

// plan is what an event of a test does: it gives agents their copies and pops.
type plan struct {
	agents   []string
	once     []string // keys of the pops that each agent gets
	state    screenpop.State
	popState screenpop.PopState
	claim    string
	ttl      time.Duration // 30 s if 0; below 0 for none
	more     func(cur store.Current, p *store.Plan)
}

// event returns an event with its plan.
func (r *rig) event(id, request string, p plan) store.Intake {
	return r.eventOf(anna.Tenant, id, request, p)
}

func (r *rig) eventOf(tenant, id, request string, p plan) store.Intake {
	now := r.clock()
	e := screenpop.Event{ID: id, Type: screenpop.Ringing, Time: now, Request: screenpop.RequestReport{
		ID: request, Channel: screenpop.Voice, ANI: "+4722334455", Variables: map[string]string{"segment": "gold"}}}
	return store.Intake{Tenant: tenant, Source: "src", Event: e, Plan: func(cur store.Current) store.Plan {
		var out store.Plan
		for _, agent := range p.agents {
			q := screenpop.Request{}
			for _, c := range cur.Copies {
				if c.AgentID == agent {
					q = c
				}
			}
			q = q.Apply(e, now)
			q.AgentID = agent
			if p.state != "" {
				q.State = p.state
			}
			out.Requests = append(out.Requests, q)
			for _, once := range p.once {
				out.Pops = append(out.Pops, r.pop(tenant, id, agent, once, p))
			}
		}
		if p.more != nil {
			p.more(cur, &out)
		}
		return out
	}}
}

func (r *rig) pop(tenant, event, agent, once string, p plan) store.PlannedPop {
	ttl := p.ttl
	if ttl == 0 {
		ttl = 30 * time.Second
	}
	now := r.clock()
	pop := screenpop.Pop{
		ID: screenpop.PopID(tenant, "src", event, once, agent), EventID: event, PopupID: "tenant:" + once,
		Kind: screenpop.KindURL, Trigger: screenpop.Ringing, Title: once, URL: "https://crm.example.com/?q=" + once,
		Target: screenpop.TargetRequest, Visible: true, State: p.popState, CreatedAt: now,
	}
	if ttl > 0 {
		pop.ExpiresAt = now.Add(ttl)
	}
	return store.PlannedPop{AgentID: agent, Once: once, ClaimFor: p.claim, Pop: pop}
}

// append takes one event in and fails the test if it is refused.
func (r *rig) append(in store.Intake) store.Accepted {
	r.Helper()
	got, err := r.Append(r.ctx, in)
	r.must(err)
	if len(got) != 1 {
		r.Fatalf("%d answers to one event", len(got))
	}
	r.must(got[0].Err)
	return got[0]
}

// ring gives anna a request with one pop and returns the pop.
func (r *rig) ring(event, request string) screenpop.Pop {
	r.Helper()
	a := r.append(r.event(event, request, plan{agents: []string{anna.ID}, once: []string{"crm"}}))
	for _, h := range a.Hints {
		for _, f := range h.Frames {
			if f.Pop != nil {
				return *f.Pop
			}
		}
	}
	r.Fatalf("event %s made no pop", event)
	return screenpop.Pop{}
}

// since returns all frames of a stream after seq.
func (r *rig) since(a wire.AgentKey, seq int64) []wire.Frame {
	r.Helper()
	frames, ok, err := r.Since(r.ctx, a, seq, 100_000)
	r.must(err)
	if !ok {
		r.Fatalf("Since(%v, %d) does not reach back", a, seq)
	}
	return frames
}

func (r *rig) snapshot(a wire.AgentKey) wire.Frame {
	r.Helper()
	f, err := r.Snapshot(r.ctx, a)
	r.must(err)
	return f
}

func (r *rig) head(a wire.AgentKey) int64 {
	r.Helper()
	_, head, err := r.Head(r.ctx, a)
	r.must(err)
	return head
}

// state returns a pop as it stands.
func (r *rig) state(id string) screenpop.Pop {
	r.Helper()
	p, err := r.Pop(r.ctx, anna.Tenant, id)
	r.must(err)
	return p
}

// words names the frames of a stream: "1 request c-1, 2 pop crm pending".
func words(frames []wire.Frame) []string {
	var all []string
	for _, f := range frames {
		switch f.Type {
		case wire.Request:
			w := fmt.Sprintf("%d request %s %s", f.Seq, f.Request.ID, f.Request.State)
			if f.Request.TakenBy != "" {
				w += " taken by " + f.Request.TakenBy
			}
			all = append(all, w)
		case wire.Pop:
			all = append(all, fmt.Sprintf("%d pop %s %s", f.Seq, f.Pop.Title, f.Pop.State))
		default:
			all = append(all, fmt.Sprintf("%d %s %s", f.Seq, f.Type, f.Reason))
		}
	}
	return all
}

// hinted returns the frames that the hints carry for an agent.
func hinted(hints []wire.Hint, a wire.AgentKey) []wire.Frame {
	var all []wire.Frame
	for _, h := range hints {
		if h.Agent == a {
			all = append(all, h.Frames...)
		}
	}
	return all
}
