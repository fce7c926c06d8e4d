package api

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/wire"
	"github.com/crmpop/crmpop/server/hub"
	"github.com/crmpop/crmpop/server/store"
)

// How long an agent has to answer an ask, and how long it is known afterwards
// what became of it.
const (
	askWait  = time.Minute
	askKnown = 10 * time.Minute
)

// askState is how an ask stands.
type askState string

const (
	askWaiting   askState = "waiting"
	askAccepted  askState = "accepted"
	askDeclined  askState = "declined"
	askExpired   askState = "expired"
	askWithdrawn askState = "withdrawn"
	askFailed    askState = "failed" // accepted, and nothing popped all the same
)

// testAsk is a test that pops in an agent's workspace once the agent says so.
type testAsk struct {
	id    string
	by    store.User // the only one who may look at it
	agent store.User
	link  string // the link that it would spend, "" for none
	until time.Time
	test  rehearsal
}

// askEnd is how an ask stands, or what became of it.
type askEnd struct {
	state   askState
	request string
	reason  string
}

// asks are the asks of late. They are forgotten in time, and by a restart.
type asks struct {
	mu   sync.Mutex // guards both
	all  map[string]testAsk
	ends map[string]askEnd
}

// add takes an ask in, unless its link waits for an answer already.
func (k *asks) add(ask testAsk, now time.Time) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	for id, other := range k.all {
		switch {
		case now.Sub(other.until) > askKnown:
			delete(k.all, id)
			delete(k.ends, id)
		case ask.link != "" && other.link == ask.link && k.ends[id].state == askWaiting:
			return false
		}
	}
	if k.all == nil {
		k.all, k.ends = map[string]testAsk{}, map[string]askEnd{}
	}
	k.all[ask.id], k.ends[ask.id] = ask, askEnd{state: askWaiting}
	return true
}

func (k *asks) end(id string, e askEnd) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if _, ok := k.all[id]; ok {
		k.ends[id] = e
	}
}

func (k *asks) drop(id string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.all, id)
	delete(k.ends, id)
}

// of returns an ask of somebody, and how it stands.
func (k *asks) of(by store.User, id string) (testAsk, askEnd, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	ask, ok := k.all[id]
	if !ok || ask.by.Tenant != by.Tenant || ask.by.ID != by.ID {
		return testAsk{}, askEnd{}, false
	}
	return ask, k.ends[id], true
}

// askTest asks an agent to let a test pop. Nothing pops before the agent accepts.
func (a *API) askTest(w http.ResponseWriter, r *http.Request, in testOrder) error {
	agent, err := a.o.Directory.User(r.Context(), callerOf(r).tenant, in.AgentID)
	if err != nil {
		return err
	}
	t, l, err := a.testToPop(r, in, agent)
	if err != nil {
		return err
	}
	now := a.o.Now()
	ask := testAsk{id: newID(), by: callerOf(r).user, agent: agent, link: l.ID, until: now.Add(askWait), test: t}
	if l.ID != "" && l.Expires.Before(ask.until) {
		ask.until = l.Expires
	}
	if !l.Popped.IsZero() {
		return errLinkSpent
	}
	if !a.asks.add(ask, now) {
		return screenpop.Errorf(screenpop.CodeConflict, "already-asked", "this link waits for somebody's answer already; a link pops once")
	}
	if err := a.putAsk(r, ask, l.state, in.State); err != nil {
		a.asks.drop(ask.id)
		return err
	}
	return writeJSON(w, http.StatusAccepted, a.viewAsk(ask, askEnd{state: askWaiting}))
}

// putAsk puts the question to the agent, and writes down that it was put.
func (a *API) putAsk(r *http.Request, ask testAsk, linked testState, own *testState) error {
	if own != nil {
		linked = *own
	}
	detail, err := a.describeTest(r, ask, linked)
	if err != nil {
		return err
	}
	by := ask.by.Name
	if by == "" {
		by = ask.by.Email
	}
	err = a.o.Sockets.Ask(ask.key(), hub.Question{ID: ask.id, From: ask.by.ID, By: by, Detail: detail, Wait: ask.until.Sub(a.o.Now()),
		Done: func(ctx context.Context, v hub.Verdict) error { return a.endAsk(ctx, ask, v) }})
	if err != nil {
		return ask.why(err)
	}
	if err := a.note(r, "test.ask", "agent "+ask.agent.Email, "", detail); err != nil {
		a.o.Sockets.Withdraw(ask.key(), ask.id)
		return err
	}
	return nil
}

func (ask testAsk) key() wire.AgentKey {
	return wire.AgentKey{Tenant: ask.agent.Tenant, ID: ask.agent.ID}
}

// why says in the agent's name why the agent is not asked.
func (ask testAsk) why(err error) error {
	switch err {
	case hub.ErrAway:
		return screenpop.Errorf(screenpop.CodeConflict, "agent-away",
			"%s has no workspace open; have it opened, then ask again", ask.agent.Name).At("/agent_id")
	case hub.ErrAsked:
		return screenpop.Errorf(screenpop.CodeConflict, "already-asked",
			"you have asked %s already; wait for the answer", ask.agent.Name).At("/agent_id")
	case hub.ErrAskedOften:
		return screenpop.Errorf(screenpop.CodeConflict, "already-asked",
			"others are asking %s just now; try again in a minute", ask.agent.Name).At("/agent_id")
	}
	return err
}

// endAsk does what an agent has answered, or notes that no answer came. It is
// called once for each ask that was put and not withdrawn.
func (a *API) endAsk(ctx context.Context, ask testAsk, v hub.Verdict) (err error) {
	end := askEnd{state: askFailed, reason: "something broke on our side; it is in the server's log"}
	defer func() { a.asks.end(ask.id, end) }() // also after a panic
	switch v {
	case hub.Accepted:
		var res string
		if res, err = a.popAsked(ctx, ask); err != nil {
			end.reason = problemOf(err).fault.Msg
			return err
		}
		end = askEnd{state: askAccepted, request: res}
	case hub.Declined:
		end = askEnd{state: askDeclined}
		err = a.noteAs(ctx, ask.agent, "test.decline", "ask of "+ask.by.Email, "")
	default:
		end = askEnd{state: askExpired}
	}
	return err
}

// popAsked pops a test whose agent has accepted, if whoever asked may still do so.
func (a *API) popAsked(ctx context.Context, ask testAsk) (requestID string, err error) {
	by, err := a.o.Directory.User(ctx, ask.by.Tenant, ask.by.ID)
	if err != nil {
		return "", err
	}
	if !slices.Contains(admins, by.Role) {
		return "", screenpop.Errorf(screenpop.CodeDenied, "role-missing", "%s may not pop tests any more", by.Name)
	}
	if ask.link != "" {
		if err := a.o.Directory.SpendTestLink(ctx, ask.by.Tenant, ask.link); err != nil {
			return "", err
		}
	}
	t := ask.test
	if t.past.Events == nil { // made up: it happens now
		t.Event.Time = a.o.Now().Round(0).UTC().Truncate(time.Second)
	}
	res, err := a.o.Intake.PopTest(ctx, t.Rehearsal)
	if err != nil {
		return "", err
	}
	err = a.noteAs(ctx, ask.by, "test.pop", "request "+res.RequestID,
		string(t.Event.Type)+" of a test, which "+ask.agent.Email+" has accepted")
	if err != nil { // it has popped all the same
		a.o.Log.Error("note a test in the audit", "request_id", res.RequestID, "err", err)
	}
	return res.RequestID, nil
}

// noteAs writes into the audit what somebody did otherwise than by a request.
func (a *API) noteAs(ctx context.Context, who store.User, action, object, after string) error {
	return a.o.Record.Note(context.WithoutCancel(ctx), store.AuditEntry{Tenant: who.Tenant, Actor: who.Email, Action: action, Object: object, After: after})
}

// askView is what whoever asked is told.
type askView struct {
	AskID     string    `json:"ask_id"`
	AgentID   string    `json:"agent_id"`
	State     askState  `json:"state"`
	Expires   time.Time `json:"expires"`
	AfterMS   int64     `json:"after_ms,omitempty"`   // until then, while waiting
	RequestID string    `json:"request_id,omitempty"` // when accepted
	Reason    string    `json:"reason,omitempty"`     // when failed
}

func (a *API) viewAsk(ask testAsk, e askEnd) askView {
	v := askView{AskID: ask.id, AgentID: ask.agent.ID, State: e.state, Expires: ask.until.Round(0).UTC(), RequestID: e.request, Reason: e.reason}
	if e.state == askWaiting {
		v.AfterMS = max(0, ask.until.Sub(a.o.Now()).Milliseconds())
	}
	return v
}

var errAskGone = screenpop.Errorf(screenpop.CodeNotFound, "ask-gone", "this ask is not known here any more; ask again")

// readAsk tells whoever asked what the agent said.
func (a *API) readAsk(w http.ResponseWriter, r *http.Request) error {
	ask, end, ok := a.asks.of(callerOf(r).user, r.PathValue("id"))
	if !ok {
		return errAskGone
	}
	return writeJSON(w, http.StatusOK, a.viewAsk(ask, end))
}

// withdrawAsk takes an ask back that waits; any other stays as it ended.
func (a *API) withdrawAsk(w http.ResponseWriter, r *http.Request) error {
	by, id := callerOf(r).user, r.PathValue("id")
	ask, _, ok := a.asks.of(by, id)
	if !ok {
		return errAskGone
	}
	if a.o.Sockets.Withdraw(ask.key(), id) {
		a.asks.end(id, askEnd{state: askWithdrawn})
	}
	_, end, _ := a.asks.of(by, id)
	return writeJSON(w, http.StatusOK, a.viewAsk(ask, end))
}
