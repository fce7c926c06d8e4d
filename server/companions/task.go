package companions

import (
	"slices"
	"time"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/wire"
)

const (
	lookAgain = 250 * time.Millisecond // while a command waits for a workspace
	copyWait  = 3 * time.Second        // for a companion to copy; then the browser's button takes over
	sentKept  = 5 * time.Minute        // how long it is known what was sent; no pop lasts that long here
)

// tasks is what a companion is to do, and what it was told to.
type tasks struct {
	held []screenpop.Pop // wait for their moment, in the order in which they came
	sent map[string]order
}

// order is a pop that was sent to the companion.
type order struct {
	pop  screenpop.Pop
	at   time.Time
	over bool // what became of it is known, or nobody waits for it any more
}

// attend looks at the pops that have come and does what may be done. It returns
// when to look again, 0 for not before something happens.
func (s *session) attend() (wait time.Duration) {
	now := s.room.o.Now()
	s.mu.Lock()
	for _, p := range s.queue {
		s.consider(p)
	}
	s.queue = nil
	due := slices.Clone(s.held)
	s.held = slices.DeleteFunc(s.held, func(p screenpop.Pop) bool { return !now.Before(until(p)) })
	s.mu.Unlock()
	for _, p := range due {
		if !s.try(p, now) {
			wait = lookAgain
		}
	}
	if more := s.remind(now); more > 0 && (wait == 0 || more < wait) {
		wait = more
	}
	return wait
}

// consider notes a pop that is the companion's to do. mu is held.
func (s *session) consider(p screenpop.Pop) {
	own := p.ClaimedBy == s.holder() || p.ClaimedBy == "" && p.Kind == screenpop.KindCommand
	_, told := s.sent[p.ID]
	if !p.State.Open() || !own || told || (p.AgentID != "" && p.AgentID != s.known.Agent.ID) {
		s.letGo(p.ID)
		return
	}
	if i := s.holds(p.ID); i >= 0 {
		s.held[i] = p
		return
	}
	s.held = append(s.held, p)
}

// holds returns where a pop stands among the held ones, -1 for nowhere.
func (t *tasks) holds(id string) int {
	return slices.IndexFunc(t.held, func(p screenpop.Pop) bool { return p.ID == id })
}

// letGo drops a pop from the held ones.
func (t *tasks) letGo(id string) {
	if i := t.holds(id); i >= 0 {
		t.held = slices.Delete(t.held, i, i+1)
	}
}

// until returns when it is too late for a companion to begin. A text is copied by
// the browser's button then.
func until(p screenpop.Pop) time.Time {
	if limit := p.CreatedAt.Add(screenpop.CommandTTL); p.ExpiresAt.IsZero() || limit.Before(p.ExpiresAt) {
		return limit
	}
	return p.ExpiresAt
}

// try does what a pop asks for, unless its moment has not come.
func (s *session) try(p screenpop.Pop, now time.Time) (done bool) {
	late := !now.Before(until(p))
	switch atWork := s.room.o.AtWork(s.known.Agent); {
	case late && p.Kind == screenpop.KindClipboard:
		s.refuse(p, "the companion on "+s.host()+" came too late")
	case late && !atWork && p.ClaimedBy == s.holder():
		s.refuse(p, "no workspace was open, and a command runs only beside one")
	case late: // the record's own clock ends it
	case s.isPaused() && (p.ClaimedBy == s.holder() || s.room.Standing(s.known.Agent).Paused):
		s.refuse(p, "the companion on "+s.host()+" is paused")
	case s.isPaused(): // another one does it
	case !atWork:
		return false
	case s.claimed(p):
		s.tell(p, now)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.letGo(p.ID)
	return true
}

// claimed reports whether the pop is this companion's to do, and no other's.
func (s *session) claimed(p screenpop.Pop) bool {
	if p.ClaimedBy == s.holder() {
		return true
	}
	ctx, cancel := s.ctxFor()
	defer cancel()
	ok, _, err := s.room.acts.Claim(ctx, s.known.Agent, p.ID, s.holder())
	if err != nil {
		s.room.o.Log.Error("claim a pop for a companion", "companion_id", s.known.ID, "pop_id", p.ID, "err", err)
	}
	return ok && err == nil
}

// tell sends the companion what a pop asks for.
func (s *session) tell(p screenpop.Pop, now time.Time) {
	s.mu.Lock()
	s.sent[p.ID] = order{pop: p, at: now}
	s.mu.Unlock()
	f := wire.CompanionFrame{Type: wire.CompanionRun, PopID: p.ID, RequestID: p.RequestID, Name: p.Command,
		TTLms: max(1, until(p).Sub(now).Milliseconds())}
	for _, v := range p.Vars {
		f.Vars = append(f.Vars, wire.CompanionVar(v))
	}
	if p.Kind == screenpop.KindClipboard {
		f.Type, f.Name, f.Text = wire.CompanionCopy, "", p.Text
	}
	if err := s.send(f); err != nil {
		s.room.o.Log.Info("companion's socket is gone", "companion_id", s.known.ID, "pop_id", p.ID, "err", err)
	}
}

// remind hands texts back that the companion has not copied in time, and forgets
// old orders. It returns when the next text is due.
func (s *session) remind(now time.Time) (wait time.Duration) {
	var slow []screenpop.Pop
	s.mu.Lock()
	for id, o := range s.sent {
		switch left := copyWait - now.Sub(o.at); {
		case now.Sub(o.at) > sentKept:
			delete(s.sent, id)
		case o.over || o.pop.Kind != screenpop.KindClipboard:
		case left <= 0:
			o.over = true
			s.sent[id] = o
			slow = append(slow, o.pop)
		case wait == 0 || left < wait:
			wait = left
		}
	}
	s.mu.Unlock()
	for _, p := range slow {
		s.refuse(p, "the companion on "+s.host()+" did not answer")
	}
	return wait
}

// giveBack hands the texts back that a companion which goes has not copied. Its
// commands wait for it: it may have begun.
func (s *session) giveBack() {
	s.mu.Lock()
	var open []screenpop.Pop
	for _, o := range s.sent {
		if !o.over && o.pop.Kind == screenpop.KindClipboard {
			open = append(open, o.pop)
		}
	}
	for _, p := range s.held {
		if p.Kind == screenpop.KindClipboard {
			open = append(open, p)
		}
	}
	s.mu.Unlock()
	for _, p := range open {
		s.refuse(p, "the companion on "+s.host()+" went away")
	}
}
