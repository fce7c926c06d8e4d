package api

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/server/auth"
	"github.com/crmpop/crmpop/server/dispatch"
	"github.com/crmpop/crmpop/server/store"
)

// testState is what the test console has filled in. A link holds one.
type testState struct {
	Level    string                  `json:"level,omitempty"` // whose document is looked at
	ID       string                  `json:"id,omitempty"`
	Revision int64                   `json:"revision,omitempty"` // 0 with no document: the active one
	Document *string                 `json:"document,omitempty"` // a draft
	AgentID  string                  `json:"agent_id,omitempty"` // for whom; the caller's level alone if ""
	Channel  screenpop.Channel       `json:"channel,omitempty"`
	Trigger  screenpop.Trigger       `json:"trigger,omitempty"`
	Request  screenpop.RequestReport `json:"request"`
	// A past event instead of channel and trigger: its request and its id. What
	// Request says besides stands in for what the event said.
	RequestID string `json:"request_id,omitempty"`
	EventID   string `json:"event_id,omitempty"`
}

// explained is what the console shows.
type explained struct {
	Popups   []screenpop.Explanation `json:"popups"`
	Pages    []*pageWord             `json:"pages"` // of each popup, null where it opens none
	Findings []screenpop.Finding     `json:"findings"`
	Event    screenpop.Event         `json:"event"`
	AgentID  string                  `json:"agent_id,omitempty"`
	Diff     *pastDiff               `json:"diff,omitempty"` // of a past event
}

// pastDiff compares what popped with what would.
type pastDiff struct {
	Did   []pastPop `json:"did"`
	Would []pastPop `json:"would"`
}

type pastPop struct {
	PopupID string             `json:"popup_id"`
	Title   string             `json:"title"`
	Result  string             `json:"result,omitempty"` // its URL, or text
	State   screenpop.PopState `json:"state"`
	Detail  string             `json:"detail,omitempty"`
}

// explainTest says what each popup would make of an event. Nothing is sent.
func (a *API) explainTest(w http.ResponseWriter, r *http.Request) error {
	var s testState
	if err := readJSON(w, r, maxDocumentBody, &s); err != nil {
		return err
	}
	out, err := a.explain(r, s)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, out)
}

func (a *API) explain(r *http.Request, s testState) (explained, error) {
	if k := callerOf(r).key; k != nil && s.RequestID != "" && !slices.Contains(k.Scopes, auth.ScopeRequests) {
		return explained{}, screenpop.Errorf(screenpop.CodeDenied, "scope-missing", "key %q lacks the scope %s, which past events need", k.Name, auth.ScopeRequests)
	}
	t, err := a.rehearsal(r, s)
	if err != nil {
		return explained{}, err
	}
	all, err := a.o.Intake.Rehearse(r.Context(), t.Rehearsal)
	if err != nil {
		return explained{}, err
	}
	words, err := a.pageWords(r.Context(), t.For, t.Draft, len(all))
	if err != nil {
		return explained{}, err
	}
	out := explained{Popups: list(all), Pages: words, Findings: list(t.findings), Event: t.Event, AgentID: t.For.User}
	if s.EventID != "" {
		out.Diff = t.diff(all)
	}
	return out, nil
}

// rehearsal is a test made ready.
type rehearsal struct {
	dispatch.Rehearsal
	findings []screenpop.Finding // warnings about the draft
	past     store.Trace         // of a past event
	agent    string              // who had it
}

// rehearsal checks a state and looks up what it names.
func (a *API) rehearsal(r *http.Request, s testState) (rehearsal, error) {
	var t rehearsal
	t.Source = dispatch.TestSource
	t.For = dispatch.Subject{Tenant: callerOf(r).tenant}
	if s.Level == "" {
		s.Level, s.ID = levelTenant, t.For.Tenant
	}
	l, err := a.levelCalled(r, s.Level, s.ID)
	if err != nil {
		return t, err
	}
	t.For = l.subject()
	if err := t.draw(a, r, l, s); err != nil {
		return t, err
	}
	if s.EventID != "" || s.RequestID != "" {
		err = t.recall(a, r, s)
	} else {
		err = t.invent(s, a.o.Now())
	}
	if err != nil {
		return t, err
	}
	return t, t.choose(a, r, l, s)
}

// draw finds the document that is to be tried.
func (t *rehearsal) draw(a *API, r *http.Request, l level, s testState) (err error) {
	d := &dispatch.Draft{Level: l.name, ID: l.id}
	switch {
	case s.Document != nil && s.Revision != 0:
		return screenpop.Errorf(screenpop.CodeInvalid, "test-what", "say which to try: a revision, or a document; not both").At("/revision")
	case s.Document != nil:
		d.Document = *s.Document
	case s.Revision != 0:
		if d.Document, err = a.documentOf(r, l, s.Revision); err != nil {
			return err
		}
	default:
		return nil
	}
	t.Draft = d
	t.findings, err = a.check([]byte(d.Document))
	return err
}

// invent makes the event that the console was told.
func (t *rehearsal) invent(s testState, now time.Time) error {
	if !s.Channel.Valid() {
		return screenpop.Errorf(screenpop.CodeInvalid, "unknown-channel", "there is no channel %q; it is one of %s",
			clip(string(s.Channel)), screenpop.JoinWords(screenpop.Channels)).At("/channel")
	}
	if !slices.Contains(screenpop.Triggers, s.Trigger) {
		return screenpop.Errorf(screenpop.CodeInvalid, "unknown-type", "there is no trigger %q; it is one of %s",
			clip(string(s.Trigger)), screenpop.JoinWords(screenpop.Triggers)).At("/trigger")
	}
	t.Event = screenpop.Event{ID: "test", Type: s.Trigger, Time: now.Round(0).UTC().Truncate(time.Second), Request: s.Request}
	t.Event.Request.Channel = s.Channel
	if t.Event.Request.ID == "" {
		t.Event.Request.ID = "test"
	}
	return nil
}

// recall finds a past event and its request as it stood before.
func (t *rehearsal) recall(a *API, r *http.Request, s testState) (err error) {
	if t.past, err = a.o.Record.Trace(r.Context(), t.For.Tenant, s.RequestID); err != nil {
		return err
	}
	at := -1
	for i, e := range t.past.Events { // the last of the same id: one that was taken up again says more
		if e.Event.ID == s.EventID {
			at = i
		}
	}
	if at < 0 {
		return store.ErrNotFound("event", clip(s.EventID))
	}
	e := t.past.Events[at]
	t.Event, t.Source = e.Event, e.Source
	if t.agent = s.AgentID; t.agent == "" && len(e.AgentIDs) > 0 {
		t.agent = e.AgentIDs[0]
	}
	for _, before := range t.past.Events[:at] {
		if before.Event.ID != s.EventID && (before.Unmapped != "" || slices.Contains(before.AgentIDs, t.agent)) {
			t.Request = t.Request.Apply(before.Event, before.ReceivedAt)
		}
	}
	t.override(s.Request)
	return nil
}

// override has the console's own words stand in for the event's.
func (t *rehearsal) override(p screenpop.RequestReport) {
	said := screenpop.Request{}.Apply(t.Event, time.Time{}).Apply(screenpop.Event{Request: p}, time.Time{})
	q := &t.Event.Request
	q.Channel, q.ANI, q.DNIS, q.QueueKey, q.CustomerKey = said.Channel, said.ANI, said.DNIS, said.QueueKey, said.CustomerKey
	q.Subject, q.URL, q.Name, q.Variables = said.Subject, said.URL, said.Name, said.Variables
	if p.Direction != "" {
		q.Direction = p.Direction
	}
}

// choose finds the agent for whom the configuration counts. A level's own
// document must be one that counts for the agent, or the draft would not be
// tried at all; who merely had a past event gives way to the level.
func (t *rehearsal) choose(a *API, r *http.Request, l level, s testState) error {
	agent := s.AgentID
	if agent == "" {
		agent = t.agent
	}
	if agent == "" {
		return nil
	}
	u, err := a.o.Directory.User(r.Context(), t.For.Tenant, agent)
	if err != nil {
		return err
	}
	counts := (l.name != levelUser || l.id == u.ID) && (l.name != levelGroup || l.id == u.Group)
	switch {
	case !counts && s.AgentID != "":
		return screenpop.Errorf(screenpop.CodeInvalid, "test-agent", "the document of %s does not count for %s; choose an agent for whom it does", l, u.Name).At("/agent_id")
	case counts:
		t.For.User = u.ID
	}
	if t.Event.Request.Agent == "" {
		t.Event.Request.Agent = u.Email
	}
	return nil
}

// diff compares what popped on a past event with what would now.
func (t *rehearsal) diff(all []screenpop.Explanation) *pastDiff {
	d := &pastDiff{Did: []pastPop{}, Would: []pastPop{}}
	before := map[string]bool{}
	for _, p := range t.past.Pops {
		if p.AgentID != t.agent {
			continue
		}
		if p.EventID != t.Event.ID {
			before[p.PopupID] = before[p.PopupID] || t.earlier(p.EventID)
			continue
		}
		d.Did = append(d.Did, pastPop{p.PopupID, p.Title, p.URL + p.Text, p.State, p.Detail})
	}
	for _, e := range all {
		key := e.Level + ":" + e.Popup
		if !e.Matched || before[key] {
			continue
		}
		d.Would = append(d.Would, pastPop{key, e.Title, outcomeOf(e), e.State, e.Detail})
	}
	return d
}

// earlier reports whether an event came before the one that is tried.
func (t *rehearsal) earlier(eventID string) bool {
	for _, e := range t.past.Events {
		switch e.Event.ID {
		case t.Event.ID:
			return false
		case eventID:
			return true
		}
	}
	return false
}

func outcomeOf(e screenpop.Explanation) string {
	for _, x := range e.Expansions {
		if x.Of == "url" || x.Of == "text" {
			return x.Result
		}
	}
	return ""
}

// testOrder says what is to pop, and where.
type testOrder struct {
	Token   string     `json:"token"`
	State   *testState `json:"state"`
	AgentID string     `json:"agent_id"` // the caller if ""
}

// popTest pops a test request in the caller's own workspace, or asks another
// agent to let it pop there.
func (a *API) popTest(w http.ResponseWriter, r *http.Request) error {
	var in testOrder
	if err := readJSON(w, r, maxDocumentBody, &in); err != nil {
		return err
	}
	if (in.Token == "") == (in.State == nil) {
		return screenpop.Errorf(screenpop.CodeInvalid, "test-what", "say what to pop: a link's token, or a state; not both").At("/token")
	}
	c := callerOf(r)
	if in.AgentID != "" && in.AgentID != c.user.ID {
		return a.askTest(w, r, in)
	}
	t, _, err := a.testToPop(r, in, c.user)
	if err != nil {
		return err
	}
	if in.Token != "" {
		if err := a.spend(r, in.Token); err != nil {
			return err
		}
	}
	res, err := a.o.Intake.PopTest(r.Context(), t.Rehearsal)
	if err != nil {
		return err
	}
	if err := a.note(r, "test.pop", "request "+res.RequestID, "", string(t.Event.Type)+" of a test"); err != nil {
		return err
	}
	return writeJSON(w, http.StatusAccepted, map[string]any{"request_id": res.RequestID, "pops": res.Pops})
}

// testToPop makes the test ready that a link or the caller describes, for the
// eyes of u. The link is empty if there is none.
func (a *API) testToPop(r *http.Request, in testOrder, u store.User) (t rehearsal, l link, err error) {
	s := in.State
	if in.Token != "" {
		if l, err = a.linkOf(r, in.Token); err != nil {
			return t, l, err
		}
		if err := l.mayPop(a.o.Now()); err != nil {
			return t, l, err
		}
		s = &l.state
	}
	if t, err = a.rehearsal(r, *s); err != nil {
		return t, l, err
	}
	return t, l, a.turnTo(r.Context(), &t, *s, u)
}

// turnTo turns the test to a user: the document that is looked at counts as the
// user's own, whoever's it is.
func (a *API) turnTo(ctx context.Context, t *rehearsal, s testState, u store.User) error {
	own := map[string]string{levelGroup: u.Group, levelUser: u.ID}[s.Level]
	if own != "" && own != s.ID {
		if t.Draft == nil {
			active, err := a.o.Directory.Active(ctx, u.Tenant, s.Level, s.ID)
			if err != nil {
				return err
			}
			t.Draft = &dispatch.Draft{Document: active.Document}
		}
		t.Draft.Level, t.Draft.ID = s.Level, own
	}
	t.For = dispatch.Subject{Tenant: u.Tenant, User: u.ID}
	t.Event.Request.Agent = u.Email
	return nil
}

// note writes into the audit what a request did that is in no table of it.
func (a *API) note(r *http.Request, action, object, before, after string) error {
	c := callerOf(r)
	return a.o.Record.Note(context.WithoutCancel(r.Context()), store.AuditEntry{Tenant: c.tenant, Actor: c.name(), Action: action,
		Object: object, Before: before, After: after})
}
