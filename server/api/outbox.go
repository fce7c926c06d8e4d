package api

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/server/store"
)

// letterView is a web request as lists show it: never what it holds, only where
// it went and what came of it.
type letterView struct {
	ID        string            `json:"id"`
	RequestID string            `json:"request_id"`
	AgentID   string            `json:"agent_id"`
	PopupID   string            `json:"popup_id"`
	Title     string            `json:"title"`
	Trigger   screenpop.Trigger `json:"trigger"`
	Method    string            `json:"method"`
	Host      string            `json:"host"`
	Address   string            `json:"address"` // as the popup says it, without values
	State     store.LetterState `json:"state"`
	Attempts  int               `json:"attempts"`
	Due       time.Time         `json:"due,omitzero"` // of one that waits: when it goes out
	Until     time.Time         `json:"until"`
	Status    int               `json:"status,omitempty"`
	TookMs    int64             `json:"took_ms,omitempty"`
	Size      int64             `json:"size,omitempty"`
	Why       string            `json:"why,omitempty"`
	CreatedAt time.Time         `json:"created_at"`
	At        time.Time         `json:"at"`
}

func viewOfLetter(l store.Letter) letterView {
	v := letterView{ID: l.PopID, RequestID: l.RequestID, AgentID: l.AgentID, PopupID: l.Letter.PopupID, Title: l.Letter.Title,
		Trigger: l.Letter.Trigger, Method: l.Letter.Method, Host: l.Host, Address: l.Letter.Address, State: l.State, Attempts: l.Attempts,
		Until: l.Until, Status: l.Status, TookMs: l.Took.Milliseconds(), Size: l.Size, Why: l.Why, CreatedAt: l.CreatedAt, At: l.At}
	if l.State == store.LetterQueued {
		v.Due = l.Due
	}
	return v
}

// outboxPage is a page of the outbox.
type outboxPage struct {
	Letters []letterView `json:"letters"`
	Next    string       `json:"next,omitempty"`
}

// deadLetters is the filter for those that only a hand sends again.
const deadLetters = "dead"

// outbox lists web requests, the newest first.
func (a *API) outbox(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	f := store.OutboxFilter{Host: strings.ToLower(strings.TrimSpace(q.Get("host")))}
	var err error
	if f.Limit, err = limitOf(r); err != nil {
		return err
	}
	if f.States, err = letterStates(q.Get("state")); err != nil {
		return err
	}
	if c := q.Get("after"); c != "" {
		if f.After, err = strconv.ParseInt(c, 10, 64); err != nil || f.After <= 0 {
			return screenpop.Errorf(screenpop.CodeInvalid, "bad-cursor", "this cursor is none that was handed out; begin without one")
		}
	}
	found, next, err := a.o.Record.Outbox(r.Context(), callerOf(r).tenant, f)
	if err != nil {
		return err
	}
	page := outboxPage{Letters: make([]letterView, len(found))}
	for i, l := range found {
		page.Letters[i] = viewOfLetter(l)
	}
	if next > 0 {
		page.Next = strconv.FormatInt(next, 10)
	}
	return writeJSON(w, http.StatusOK, page)
}

func letterStates(word string) ([]store.LetterState, error) {
	switch s := store.LetterState(word); {
	case word == "":
		return nil, nil
	case word == deadLetters:
		return []store.LetterState{store.LetterFailed, store.LetterMissed}, nil
	case slices.Contains(store.LetterStates, s):
		return []store.LetterState{s}, nil
	}
	return nil, screenpop.Errorf(screenpop.CodeInvalid, "bad-letter-state", "there is no state %q; it is one of %s, or %s for what failed or was missed",
		clip(word), screenpop.JoinWords(store.LetterStates), deadLetters)
}

// replayLetter sends a dead letter again.
func (a *API) replayLetter(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	l, err := a.o.Record.Resend(a.audited(r, "outbox.replay", "web request "+clip(id), "", ""), callerOf(r).tenant, id)
	if err != nil {
		return err
	}
	a.o.Post(l)
	return writeJSON(w, http.StatusAccepted, viewOfLetter(l))
}
