package dispatch

import (
	"context"
	"time"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/wire"
	"github.com/crmpop/crmpop/server/store"
)

// planner decides what one event does. plan is called by the record inside its
// transaction, perhaps more than once, and changes nothing but its result.
type planner struct {
	d              *Dispatch
	ctx            context.Context
	tenant, source string
	event          screenpop.Event
	agent          string // "" if the event names nobody, or nobody known
	unmapped       string // the alias nobody knows
	now            time.Time
	again          time.Time // when the event is taken up again; zero the first time
	trial          *config   // of a test pop: what it is judged by
}

func (p planner) plan(cur store.Current) store.Plan {
	if p.unmapped != "" {
		return store.Plan{UnmappedAs: p.unmapped}
	}
	if err := p.missing(cur); err != nil {
		return store.Plan{Reject: err}
	}
	var plan store.Plan
	for _, r := range p.copies(cur) {
		p.apply(&plan, cur, r)
	}
	if screenpop.StateOf(p.event.Type) == screenpop.StateAccepted {
		p.takeOver(&plan, cur)
	}
	return plan
}

// missing returns what an event for a new request has to carry and does not.
func (p planner) missing(cur store.Current) *screenpop.Error {
	if len(cur.Copies) > 0 {
		return nil
	}
	field := ""
	switch {
	case p.event.Request.Channel == "":
		field = "channel"
	case p.agent == "":
		field = "agent"
	default:
		return nil
	}
	return screenpop.Errorf(screenpop.CodeInvalid, "unknown-request",
		"request %q is new here, so its first event must carry %s; send %s with it, or the event that announces the request first",
		p.event.Request.ID, field, field).At("/request/" + field)
}

// copies returns the agents' copies of the request that the event is about.
func (p planner) copies(cur store.Current) []screenpop.Request {
	var live []screenpop.Request
	for _, r := range cur.Copies {
		if r.AgentID == p.agent {
			return []screenpop.Request{r}
		}
		if r.TakenBy == "" && r.State != screenpop.StateClosed {
			live = append(live, r)
		}
	}
	// Whoever reports the end may name somebody who never had the request, or
	// nobody: then it ends for all who have it.
	about := p.event.Type == screenpop.Hangup || p.event.Type == screenpop.Closed || p.event.Type == screenpop.Updated
	if p.agent == "" || about && len(live) > 0 {
		return live
	}
	return []screenpop.Request{p.fresh(cur)}
}

// fresh returns the copy of an agent at whom the request is new, with what is
// known of it already.
func (p planner) fresh(cur store.Current) screenpop.Request {
	if len(cur.Copies) == 0 {
		return screenpop.Request{AgentID: p.agent}
	}
	r := cur.Copies[len(cur.Copies)-1]
	r.AgentID = p.agent
	r.CreatedAt, r.Timeline = p.now, nil
	return leg(r)
}

// leg returns r at the start of a new stretch with its agent.
func leg(r screenpop.Request) screenpop.Request {
	r.State, r.TakenBy = screenpop.StateNew, ""
	r.AcceptedAt, r.EndedAt = time.Time{}, time.Time{}
	return r
}

func (p planner) apply(plan *store.Plan, cur store.Current, before screenpop.Request) {
	if before.State == screenpop.StateClosed {
		plan.Decisions = append(plan.Decisions, store.Decision{Why: "the request was closed before this event came"})
		return
	}
	if before.TakenBy != "" && !p.ends() {
		before = leg(before) // it has come back to this agent
	}
	after := before.Apply(p.event, p.now)
	after.AgentID = before.AgentID
	plan.Requests = append(plan.Requests, after)
	switch {
	case p.event.Type == screenpop.Closed:
		plan.Withdraw = append(plan.Withdraw, store.Withdrawal{AgentID: after.AgentID, Reason: "request closed"})
	case p.event.Type == screenpop.Hangup && after.Channel == screenpop.Voice:
		plan.Miss = append(plan.Miss, after.AgentID)
	}
	if p.event.Type != screenpop.Updated {
		p.match(plan, cur, before, after)
	}
}

// ends reports whether the event only ends or changes what is there.
func (p planner) ends() bool {
	switch p.event.Type {
	case screenpop.Hangup, screenpop.Closed, screenpop.Updated:
		return true
	}
	return false
}

// takeOver marks the request as taken for everybody else who has it.
func (p planner) takeOver(plan *store.Plan, cur store.Current) {
	by := ""
	for _, r := range plan.Requests {
		if r.AgentID == p.agent {
			by = p.agent
		}
	}
	if by == "" {
		return
	}
	name := by
	if cfg, err := p.d.configs.of(p.ctx, p.tenant, by); err == nil {
		name = cfg.agent.Name
	}
	for _, r := range cur.Copies {
		if r.AgentID == by || r.TakenBy != "" || r.Ended() {
			continue
		}
		r.TakenBy, r.UpdatedAt = name, p.now
		plan.Requests = append(plan.Requests, r)
		plan.Withdraw = append(plan.Withdraw, store.Withdrawal{AgentID: r.AgentID, Reason: "taken by " + name})
	}
}

// match looks at every popup of the agent's effective configuration.
func (p planner) match(plan *store.Plan, cur store.Current, before, after screenpop.Request) {
	cfg, err := p.config(after.AgentID)
	if err != nil {
		p.d.o.Log.Error("read configuration", "agent_id", after.AgentID, "request_id", after.ID, "err", err)
		plan.Decisions = append(plan.Decisions, store.Decision{Why: "the agent's configuration could not be read: " + err.Error()})
		return
	}
	plan.Seen = append(plan.Seen, store.Seen{AgentID: after.AgentID, Revisions: cfg.revisions,
		Connected: p.d.o.Connected(wire.AgentKey{Tenant: p.tenant, ID: after.AgentID})})
	if len(cfg.popups) == 0 {
		plan.Decisions = append(plan.Decisions, store.Decision{Why: "no popup is configured for " + cfg.agent.Name})
	}
	scope := screenpop.Scope{Tenant: p.tenant, Source: p.source, Event: p.event, Request: after,
		Agent: cfg.agent, Now: p.now, Numbers: cfg.numbers, Hosts: cfg.hosts}
	for i := range cfg.popups {
		p.decide(plan, cur, &cfg.popups[i], scope, before)
	}
}

func (p planner) decide(plan *store.Plan, cur store.Current, popup *screenpop.Popup, scope screenpop.Scope, before screenpop.Request) {
	agent := scope.Request.AgentID
	matched, why := popup.Match(p.event.Type, scope.Request)
	d := store.Decision{AgentID: agent, PopupID: popup.Key(), Matched: matched, Why: why}
	once := popup.Once(scope)
	if matched && cur.Popped(agent, once) {
		d.Matched, d.Why = false, "popped already on this request; again=\"yes\" lets it pop again"
	}
	if d.Matched {
		pop := p.pop(popup, scope, before)
		d.PopID, d.Title = pop.ID, pop.Title
		plan.Pops = append(plan.Pops, store.PlannedPop{AgentID: agent, Pop: pop, Once: once, ClaimFor: p.claim(pop), Letter: p.letter(popup, pop, scope)})
	}
	plan.Decisions = append(plan.Decisions, d)
}

// pop makes the pop, and ends it at once where its time has passed already.
func (p planner) pop(popup *screenpop.Popup, scope screenpop.Scope, before screenpop.Request) screenpop.Pop {
	pop := popup.Pop(scope)
	pop.AgentID = scope.Request.AgentID
	cfg, err := p.config(pop.AgentID)
	if err == nil {
		if no := cfg.refused[pop.FrameKey]; popup.Probe || no.blank {
			pop.Refused, pop.Blank = no.why, no.blank
		}
	}
	switch {
	case pop.State != screenpop.PopPending:
	case p.event.Type == screenpop.Closed && pop.Target == screenpop.TargetRequest:
		pop.State, pop.Detail = screenpop.PopSkipped, "the request's tab goes when the request closes"
	case p.event.Type != screenpop.Hangup && p.event.Type != screenpop.Closed && before.Ended():
		pop.State, pop.Detail = screenpop.PopMissed, "the event came after the hangup"
	case !p.again.IsZero() && !p.again.Before(pop.ExpiresAt):
		pop.State, pop.Detail = screenpop.PopMissed, "the agent was mapped after its time"
	case pop.Kind == screenpop.KindCommand && err == nil:
		p.command(&pop, cfg)
	}
	return pop
}

// letter returns what the server sends for a pop, nil for nothing.
func (p planner) letter(popup *screenpop.Popup, pop screenpop.Pop, scope screenpop.Scope) *screenpop.Letter {
	if pop.State != screenpop.PopPending || !pop.ByServer() {
		return nil
	}
	l, err := popup.Letter(scope)
	if err != nil { // the pop has said so, and is skipped
		return nil
	}
	l.Title = pop.Title
	return l
}

// config returns what an agent's events are judged by.
func (p planner) config(agent string) (*config, error) {
	if p.trial != nil {
		return p.trial, nil
	}
	return p.d.configs.of(p.ctx, p.tenant, agent)
}

// claim returns the tab that may open the pop by itself: the leading one, so
// that it need not ask first. Commands are the companion's, and so are texts
// where there is one: it copies also while the workspace is not in front.
func (p planner) claim(pop screenpop.Pop) string {
	if pop.State != screenpop.PopPending || pop.ByServer() {
		return ""
	}
	switch pop.Kind {
	case screenpop.KindCommand:
		return p.companion(pop.AgentID).Holder
	case screenpop.KindClipboard:
		if holder := p.companion(pop.AgentID).Holder; holder != "" {
			return holder
		}
	}
	return p.d.o.Leads(wire.AgentKey{Tenant: p.tenant, ID: pop.AgentID})
}
