package session

import (
	"errors"
	"time"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/wire"
)

// Phase is how the session stands with its server.
type Phase string

// The phases. Offline is having had no connection for 10 s, or none while the
// browser says that it is offline; attempts go on in it.
const (
	Connecting   Phase = "connecting"
	Connected    Phase = "connected"
	Reconnecting Phase = "reconnecting"
	Offline      Phase = "offline"
	Ended        Phase = "ended" // Run has returned
)

// State is the session's phase and why. Since is when the phase began; for
// Reconnecting and Offline it is when the connection was lost. Attempt counts
// the attempts since then, from 1; it is 0 when connected. Reason and Code are
// those of the last bye, or Reason is what went wrong and Code 0. Transport is by
// what it is connected. Intercepted says that something on the way answers in the
// server's place: no one is signed out by that.
type State struct {
	Phase       Phase
	Since       time.Time
	Attempt     int
	Reason      string
	Code        int
	Transport   Transport
	Intercepted bool
}

// status is what the state is made of, and what of it is still to be told.
type status struct {
	phase   Phase
	since   time.Time // when connected, or when the connection was lost
	attempt int
	reason  string
	code    int
	by      Transport   // of the connection
	foreign bool        // the last attempt was answered by somebody else
	tries   int         // attempts since the back-off began
	offline bool        // the browser says so
	was     bool        // there has been a connection
	timer   *time.Timer // for Offline
	newest  State       // noted
	untold  []State
	telling bool
}

// begin starts the first attempt.
func (s *Session) begin() {
	s.mu.Lock()
	s.status.phase, s.status.attempt = Connecting, 1
	s.status.reason, s.status.code, s.status.was = "", 0, false
	s.disconnected()
	s.mu.Unlock()
	s.tell()
}

// disconnected starts the time without a connection. mu is held.
func (s *Session) disconnected() {
	s.status.since = s.o.Now()
	s.status.timer = time.AfterFunc(offlineAfter, s.tell)
}

// connected is called with mu held; tell must follow.
func (s *Session) connected(by Transport) {
	st := &s.status
	st.timer.Stop()
	if st.phase != Connected { // else only the way is another
		st.since = s.o.Now()
	}
	st.phase, st.attempt, st.was, st.by = Connected, 0, true, by
	st.reason, st.code, st.foreign = "", 0, false
	select {
	case <-s.wake: // it was for this attempt
	default:
	}
}

// lose notes why the attempt or the connection, which lasted so long, ended.
// It returns how long to wait before the next attempt.
func (s *Session) lose(err error, lasted time.Duration) time.Duration {
	s.mu.Lock()
	st := &s.status
	if st.phase == Connected {
		st.phase = Reconnecting
		s.disconnected()
		if lasted >= goodAfter {
			st.tries = 0
		}
	}
	st.reason, st.code, st.foreign = err.Error(), 0, errors.Is(err, errIntercepted)
	var b *byeError
	if errors.As(err, &b) {
		st.reason, st.code = b.reason, b.code
	}
	var p *protocolError
	if errors.As(err, &p) {
		st.tries = max(st.tries, 6) // only a reload or another server will help
	}
	st.attempt++
	most := min(backoffMost, backoffFirst<<min(st.tries, 6))
	st.tries++
	s.mu.Unlock()
	s.tell()
	return time.Duration(s.o.Rand() * float64(most))
}

// end is called once Run is over.
func (s *Session) end(err error) {
	s.mu.Lock()
	st := &s.status
	st.timer.Stop()
	st.phase, st.since, st.attempt = Ended, s.o.Now(), 0
	st.reason, st.code = err.Error(), endCode(err)
	spare := s.route.spare
	s.route.spare = nil
	s.mu.Unlock()
	if spare != nil {
		go s.close(spare.conn)
	}
	s.endAsks()
	s.tell()
}

// endCode returns the code of the bye that ended the session with err, or 0.
func endCode(err error) int {
	switch screenpop.ErrorCode(err) {
	case screenpop.CodeUnauthorized:
		return wire.ByeSignOut
	case screenpop.CodeDenied:
		return wire.ByeDenied
	case screenpop.CodeConflict:
		return wire.ByeReplaced
	}
	return 0
}

// tell brings OnState up to date. One caller at a time tells; the others leave
// theirs to it, so that the order holds.
func (s *Session) tell() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.o.OnState == nil {
		return
	}
	if now := s.state(); now != s.status.newest {
		s.status.newest = now
		s.status.untold = append(s.status.untold, now)
	}
	if s.status.telling {
		return
	}
	s.status.telling = true
	for len(s.status.untold) > 0 {
		next := s.status.untold[0]
		s.status.untold = s.status.untold[1:]
		s.mu.Unlock()
		s.guard("OnState", func() { s.o.OnState(next) })
		s.mu.Lock()
	}
	s.status.telling = false
}

// state returns the state as it stands now. mu is held.
func (s *Session) state() State {
	st := &s.status
	now := State{Phase: st.phase, Since: st.since, Attempt: st.attempt, Reason: st.reason, Code: st.code, Intercepted: st.foreign}
	switch {
	case st.phase == Connected:
		now.Transport = st.by
	case st.phase == Ended:
	case st.offline || s.o.Now().Sub(st.since) >= offlineAfter:
		now.Phase = Offline
	case st.was || st.attempt > 1:
		now.Phase = Reconnecting
	}
	return now
}
