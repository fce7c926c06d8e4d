package hub

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/wire"
)

// maxAsks is how many asks may wait for one agent at once.
const maxAsks = 3

// Why an agent is not asked; whoever asks has better words for it.
var (
	ErrAway       = screenpop.Errorf(screenpop.CodeConflict, "agent-away", "the agent has no workspace open")
	ErrAsked      = screenpop.Errorf(screenpop.CodeConflict, "already-asked", "this agent has been asked already; wait for the answer")
	ErrAskedOften = screenpop.Errorf(screenpop.CodeConflict, "already-asked", "others are asking this agent; try again in a minute")
)

// Verdict is how an ask ended.
type Verdict string

// The verdicts. An ask that nobody answers in its time has expired.
const (
	Accepted Verdict = "accepted"
	Declined Verdict = "declined"
	Expired  Verdict = "expired"
)

// Question is what an agent is asked.
type Question struct {
	ID     string        // unlike any other's
	From   string        // whoever asks, who may ask one agent one thing at a time
	By     string        // the same, as a name for the agent
	Detail string        // what the agent is asked to let happen, in one sentence
	Wait   time.Duration // for an answer
	// Done is called once, with what became of the question. With Accepted it does
	// what was asked; its error is told to the agent.
	Done func(ctx context.Context, v Verdict) error
}

// asks are the questions that wait for an answer. They live in memory: a restart
// forgets them.
type asks struct {
	mu sync.Mutex // guards of; Hub.mu and a session's mu may be taken while it is held
	of map[wire.AgentKey][]*ask
}

type ask struct {
	Question
	until time.Duration // by the hub's clock
	timer *time.Timer
}

// Ask puts a question to the people at an agent's open workspaces, and at those
// that open while it waits. It returns at once: ErrAway if there is no workspace,
// ErrAsked or ErrAskedOften if enough is asked already. Programs, which connect
// with a key, are not asked.
func (h *Hub) Ask(a wire.AgentKey, q Question) error {
	h.asks.mu.Lock()
	defer h.asks.mu.Unlock()
	waiting := h.asks.of[a]
	switch {
	case slices.ContainsFunc(waiting, func(w *ask) bool { return w.From == q.From }):
		return ErrAsked
	case len(waiting) >= maxAsks:
		return ErrAskedOften
	}
	people := h.people(a)
	if len(people) == 0 {
		return ErrAway
	}
	w := &ask{Question: q, until: h.clock() + q.Wait}
	h.asks.of[a] = append(slices.Clip(waiting), w)
	w.timer = time.AfterFunc(q.Wait, func() { h.guarded(func() { h.expire(a, q.ID) }) })
	for _, s := range people {
		s.send(h.askFrame(w))
	}
	return nil
}

// people returns the resumed sessions of an agent that somebody has signed in to.
func (h *Hub) people(a wire.AgentKey) (all []*session) {
	for _, s := range h.of([]wire.AgentKey{a}) {
		if s.login != "" && s.hasResumed() {
			all = append(all, s)
		}
	}
	return all
}

func (h *Hub) askFrame(w *ask) wire.Frame {
	left := max(1, (w.until - h.clock()).Milliseconds())
	return wire.Frame{Type: wire.Ask, ID: w.ID, By: w.By, Detail: w.Detail, AfterMS: left}
}

// remind tells a session that resumes what its agent is asked.
func (s *session) remind() {
	if s.login == "" {
		return
	}
	s.hub.asks.mu.Lock()
	defer s.hub.asks.mu.Unlock()
	for _, w := range s.hub.asks.of[s.key] {
		s.send(s.hub.askFrame(w))
	}
}

// take ends the waiting of a question; whoever gets it decides what became of it.
func (h *Hub) take(a wire.AgentKey, id string) (*ask, bool) {
	h.asks.mu.Lock()
	defer h.asks.mu.Unlock()
	waiting := h.asks.of[a]
	i := slices.IndexFunc(waiting, func(w *ask) bool { return w.ID == id })
	if i < 0 {
		return nil, false
	}
	w := waiting[i]
	w.timer.Stop()
	if waiting = slices.Concat(waiting[:i], waiting[i+1:]); len(waiting) == 0 {
		delete(h.asks.of, a)
	} else {
		h.asks.of[a] = waiting
	}
	for _, s := range h.people(a) { // under the lock, so that no reminder follows it
		s.send(wire.Frame{Type: wire.Ask, ID: id})
	}
	return w, true
}

// Withdraw takes a question back, whose Done is not called then. It returns false
// once the question has ended.
func (h *Hub) Withdraw(a wire.AgentKey, id string) bool {
	_, ok := h.take(a, id)
	return ok
}

// expire ends a question that nobody has answered.
func (h *Hub) expire(a wire.AgentKey, id string) {
	w, ok := h.take(a, id)
	if !ok {
		return // the answer was quicker
	}
	ctx, cancel := context.WithTimeout(context.Background(), actTimeout)
	defer cancel()
	if err := w.Done(ctx, Expired); err != nil {
		h.log.Warn("end an ask", "agent_id", a.ID, "err", err)
	}
}

// reply takes the agent's word on a question. The first one counts; a later one
// is told that it is over.
func (s *session) reply(ctx context.Context, f wire.Frame) (err error) {
	if s.login == "" {
		return fmt.Errorf("a program answered ask %q", f.ID)
	}
	w, ok := s.hub.take(s.key, f.ID)
	if !ok {
		s.send(wire.Frame{Type: wire.Ask, ID: f.ID})
		return nil
	}
	v := Declined
	if f.OK {
		v = Accepted
	}
	if err = w.done(ctx, v); err != nil {
		s.send(wire.Frame{Type: wire.Ask, ID: f.ID, Reason: reason(err)})
	}
	return err
}

// reason returns what an error has to say to people.
func reason(err error) string {
	var e *screenpop.Error
	if errors.As(err, &e) {
		return e.Msg
	}
	return "the server could not do it just now"
}

// done calls Done, and makes an error of a panic: the agent must not lose the
// connection over a question.
func (w *ask) done(ctx context.Context, v Verdict) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return w.Done(ctx, v)
}
