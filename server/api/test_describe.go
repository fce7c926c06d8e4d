package api

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"unicode"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/server/store"
)

var requestWords = map[screenpop.Channel]string{
	screenpop.Voice: "a voice request", screenpop.Chat: "a chat request",
	screenpop.Email: "an e-mail request", screenpop.Social: "a social request",
}

var triggerWords = map[screenpop.Trigger]string{
	screenpop.Offered: "is offered", screenpop.Ringing: "rings", screenpop.Accepted: "is accepted",
	screenpop.Assigned: "is assigned", screenpop.Hangup: "has ended", screenpop.Closed: "is closed",
}

// describeTest says in one sentence, for the agent, what a test would pop.
func (a *API) describeTest(r *http.Request, ask testAsk, s testState) (string, error) {
	q := ask.test.Event.Request
	if ask.test.past.Events != nil && q.Channel == "" {
		q.Channel = ask.test.Request.Channel
	}
	what, ok := requestWords[q.Channel]
	if !ok {
		what = "a request"
	}
	parts := []string{what}
	if does, ok := triggerWords[ask.test.Event.Type]; ok {
		parts[0] += " that " + does
	}
	if from := ask.caller(); from != "" {
		parts = append(parts, "from "+from)
	}
	with, err := a.describeDocument(r, s)
	return strings.Join(append(parts, "with "+with), ", "), err
}

// caller names the caller of the test, but not one whom the agent has never had.
func (ask testAsk) caller() string {
	t := ask.test
	has := func(q screenpop.Request) bool { return q.AgentID == ask.agent.ID }
	had := func(e store.TracedEvent) bool { return slices.Contains(e.AgentIDs, ask.agent.ID) }
	if t.past.Events != nil && !slices.ContainsFunc(t.past.Requests, has) && !slices.ContainsFunc(t.past.Events, had) {
		return "a caller of another agent"
	}
	q := t.Request.Apply(t.Event, t.Event.Time)
	for _, s := range []string{q.ANI, q.Name} {
		if s = plain(s); s != "" {
			return s
		}
	}
	return ""
}

// plain returns a text of an event as it may stand in a sentence: without what
// breaks lines or turns them round.
func plain(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	return clip(strings.TrimSpace(s))
}

// describeDocument says which configuration is tried.
func (a *API) describeDocument(r *http.Request, s testState) (string, error) {
	whose, err := a.levelName(r, s)
	switch {
	case s.Document != nil:
		return "an unpublished text of " + whose, err
	case s.Revision != 0:
		return fmt.Sprintf("revision %d of %s", s.Revision, whose), err
	case s.Level == "" || s.Level == levelTenant:
		return "what is published", err
	}
	return "what is published for " + whose, err
}

// levelName returns the name of the tenant, group or user whose document is tried.
func (a *API) levelName(r *http.Request, s testState) (string, error) {
	tenant := callerOf(r).tenant
	switch s.Level {
	case levelGroup:
		names, err := a.groupNames(r.Context(), tenant)
		return names[s.ID], err
	case levelUser:
		u, err := a.o.Directory.User(r.Context(), tenant, s.ID)
		return u.Name, err
	}
	t, err := a.o.Directory.Tenant(r.Context(), tenant)
	return t.Name, err
}
