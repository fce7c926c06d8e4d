package session

import (
	"time"

	"github.com/crmpop/crmpop/app/wire"
)

// Ask is what somebody asks the agent to let happen here, until a time of the
// client's clock.
type Ask struct {
	ID     string
	By     string
	Detail string
	Until  time.Time
}

// asking is an ask with what has been said to it.
type asking struct {
	Ask
	timer    *time.Timer
	answered bool // and hidden; ok was the answer
	ok       bool
	unheard  bool // not repeated by the server since the connection began
}

// takeAsk takes an ask, or its end.
func (s *Session) takeAsk(f wire.Frame) {
	s.mu.Lock()
	i := s.findAsk(f.ID)
	switch {
	case f.AfterMS == 0 && i >= 0:
		s.dropAsk(i)
	case f.AfterMS > 0 && i >= 0:
		s.asks[i].unheard = false
		if s.asks[i].answered { // it was lost on its way
			s.write(wire.Frame{Type: wire.Answer, ID: f.ID, OK: s.asks[i].ok})
		}
	case f.AfterMS > 0:
		left := time.Duration(min(f.AfterMS, 600_000)) * time.Millisecond
		a := &asking{Ask: Ask{ID: f.ID, By: f.By, Detail: f.Detail, Until: s.o.Now().Add(left)}}
		a.timer = time.AfterFunc(left, func() { s.takeAsk(wire.Frame{Type: wire.Ask, ID: f.ID}) })
		s.asks = append(s.asks, a)
	}
	s.mu.Unlock()
	s.tellAsks()
}

// findAsk returns the place of an ask, -1 for none. mu is held.
func (s *Session) findAsk(id string) int {
	for i, a := range s.asks {
		if a.ID == id {
			return i
		}
	}
	return -1
}

// dropAsk is called with mu held.
func (s *Session) dropAsk(i int) {
	s.asks[i].timer.Stop()
	s.asks = append(s.asks[:i], s.asks[i+1:]...)
}

// doubtAsks begins to wait for the server to repeat, on a new connection, what
// is still asked. mu is held.
func (s *Session) doubtAsks() {
	for _, a := range s.asks {
		a.unheard = true
	}
}

// settleAsks drops what the server has not repeated: it has ended meanwhile.
func (s *Session) settleAsks() {
	s.mu.Lock()
	before := len(s.asks)
	for i := len(s.asks) - 1; i >= 0; i-- {
		if s.asks[i].unheard {
			s.dropAsk(i)
		}
	}
	changed := len(s.asks) != before
	s.mu.Unlock()
	if changed {
		s.tellAsks()
	}
}

// Answer says whether what an ask is about may happen. The ask is over for this
// agent at once; the server is told again after a reconnect until it knows.
func (s *Session) Answer(id string, ok bool) {
	s.mu.Lock()
	i := s.findAsk(id)
	if i >= 0 && s.asks[i].answered {
		i = -1
	}
	if i >= 0 {
		s.asks[i].answered, s.asks[i].ok = true, ok
		s.write(wire.Frame{Type: wire.Answer, ID: id, OK: ok})
	}
	s.mu.Unlock()
	if i >= 0 {
		s.tellAsks()
	}
}

// tellAsks brings OnAsks up to date. One caller at a time tells; the others leave
// theirs to it, so that the order holds.
func (s *Session) tellAsks() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asksNew = true
	if s.o.OnAsks == nil || s.asksTelling {
		return
	}
	s.asksTelling = true
	for s.asksNew {
		s.asksNew = false
		open := s.openAsks()
		s.mu.Unlock()
		s.guard("OnAsks", func() { s.o.OnAsks(open) })
		s.mu.Lock()
	}
	s.asksTelling = false
}

// openAsks is called with mu held.
func (s *Session) openAsks() (open []Ask) {
	for _, a := range s.asks {
		if !a.answered {
			open = append(open, a.Ask)
		}
	}
	return open
}

// endAsks forgets all asks: nobody waits for an answer of this session any more.
func (s *Session) endAsks() {
	s.mu.Lock()
	n := len(s.asks)
	for len(s.asks) > 0 {
		s.dropAsk(0)
	}
	s.mu.Unlock()
	if n > 0 {
		s.tellAsks()
	}
}
