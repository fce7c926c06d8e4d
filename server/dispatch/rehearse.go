package dispatch

import (
	"context"
	"crypto/rand"
	"strings"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/server/region"
	"github.com/crmpop/crmpop/server/store"
)

// Draft is a document that stands in for the active one of a level.
type Draft struct{ Level, ID, Document string }

// Subject is for whom a configuration counts: a user, or else a group, or else
// anybody of the tenant.
type Subject struct{ Tenant, Group, User string }

// Rehearsal is an event that is judged and does nothing.
type Rehearsal struct {
	For     Subject
	Draft   *Draft // nil: as it is
	Source  string
	Event   screenpop.Event
	Request screenpop.Request // as it stood before the event
}

// Effective returns the popups that count for somebody, in the order they pop,
// as they would with the draft; nil for as it is.
func (d *Dispatch) Effective(ctx context.Context, who Subject, draft *Draft) ([]screenpop.Popup, error) {
	cfg, err := d.trial(ctx, who, draft)
	if err != nil {
		return nil, err
	}
	return cfg.popups, nil
}

// trial reads a configuration that is not remembered.
func (d *Dispatch) trial(ctx context.Context, who Subject, draft *Draft) (*config, error) {
	t, err := d.o.Directory.Tenant(ctx, who.Tenant)
	if err != nil {
		return nil, err
	}
	cfg := &config{numbers: region.Numbers(t.Region), hosts: region.Hosts(t.Hosts), refused: d.configs.refusals(ctx, who.Tenant)}
	u := store.User{Tenant: who.Tenant, Group: who.Group}
	if who.User != "" {
		if u, err = d.o.Directory.User(ctx, who.Tenant, who.User); err != nil {
			return nil, err
		}
		cfg.agent = screenpop.Agent{ID: u.ID, Name: u.Name}
	}
	var levels []place
	for _, l := range levelsOf(u) {
		if l.id != "" {
			levels = append(levels, l)
		}
	}
	cfg.popups, cfg.revisions, err = d.configs.effective(ctx, levels, draft)
	return cfg, err
}

// Rehearse returns what each popup makes of an event. Nothing is written, and
// nothing is sent.
func (d *Dispatch) Rehearse(ctx context.Context, r Rehearsal) ([]screenpop.Explanation, error) {
	cfg, err := d.trial(ctx, r.For, r.Draft)
	if err != nil {
		return nil, err
	}
	now := d.o.Now()
	s := screenpop.Scope{Tenant: r.For.Tenant, Source: r.Source, Event: r.Event, Request: r.Request.Apply(r.Event, now),
		Agent: cfg.agent, Now: now, Numbers: cfg.numbers, Hosts: cfg.hosts}
	all := make([]screenpop.Explanation, len(cfg.popups))
	for i := range cfg.popups {
		all[i] = screenpop.Explain(&cfg.popups[i], s)
	}
	return all, nil
}

// TestSource is the source of test events, and TestPrefix how the ids of their
// requests begin. No source of a tenant's own has that id.
const (
	TestSource = "test"
	TestPrefix = "test-"
)

// PopTest pops a test request in a user's own workspace, by the configuration
// that the rehearsal names. The request gets an id of its own and is marked as a
// test. Web requests and commands of it are skipped.
func (d *Dispatch) PopTest(ctx context.Context, r Rehearsal) (Result, error) {
	cfg, err := d.trial(ctx, r.For, r.Draft)
	if err != nil {
		return Result{}, err
	}
	e := r.Event
	id := strings.ToLower(rand.Text())
	e.ID, e.Request.ID = TestPrefix+"event-"+id, TestPrefix+id
	p := planner{d: d, ctx: context.WithoutCancel(ctx), tenant: r.For.Tenant, source: TestSource, event: e, agent: r.For.User,
		now: d.o.Now(), trial: cfg}
	in := store.Intake{Tenant: r.For.Tenant, Source: TestSource, Event: e, Plan: func(cur store.Current) store.Plan {
		plan := p.plan(cur)
		for i := range plan.Requests {
			plan.Requests[i].Test = true
		}
		for i := range plan.Pops {
			holdBack(&plan.Pops[i])
		}
		return plan
	}}
	out, err := d.o.Record.Append(ctx, in)
	if err != nil {
		return Result{}, unavailable(err)
	}
	a := out[0]
	d.publish(a.Hints)
	return Result{EventID: e.ID, RequestID: e.Request.ID, Pops: a.Pops, Err: a.Err}, a.Err
}

// holdBack keeps a test from doing anything outside the agent's own screen.
func holdBack(p *store.PlannedPop) {
	if p.Pop.ByServer() || p.Pop.Kind == screenpop.KindCommand {
		p.Pop.State, p.Pop.Detail, p.Letter = screenpop.PopSkipped, "not done: this is a test", nil
	}
}
