package session

import (
	"fmt"
	"time"

	"github.com/crmpop/crmpop/app/wire"
)

// take sees to one frame after hello. An error ends the connection.
func (s *Session) take(f wire.Frame) error {
	switch f.Type {
	case wire.Ping:
		s.settleAsks() // on a new connection the first ping ends the answer to the resume
		return s.ping(f)
	case wire.Ask:
		s.takeAsk(f)
		if f.Reason == "" { // else the page has something to say
			return nil
		}
	case wire.Bye:
		return &byeError{f.Code, f.Reason}
	case wire.Snapshot:
		s.restart(f)
		s.pass(f)
		s.ack()
		return nil
	case wire.ReceiptOK:
		s.confirmed(f.ID)
	case wire.Claimed:
		s.claimed(f.PopID)
	case wire.Drain:
		s.drain(f)
	case wire.Hello:
	default:
		if f.Seq == 0 { // of a newer server, and no part of the stream
			return nil
		}
		return s.advance(f)
	}
	s.pass(f)
	return nil
}

// advance takes a frame of the stream: the next is passed on, one seen before is
// dropped, and for one that is further on the server is asked again.
func (s *Session) advance(f wire.Frame) error {
	s.mu.Lock()
	switch {
	case s.epoch == 0 || f.Seq <= s.seq:
		s.mu.Unlock()
		return nil
	case f.Seq > s.seq+1:
		defer s.mu.Unlock()
		if s.asked > 0 { // the answer is on its way
			return nil
		}
		return s.askAgain()
	}
	s.seq, s.asked = f.Seq, 0
	if r := f.Request; r != nil && closed(*r) {
		delete(s.closes, r.ID)
	}
	s.mu.Unlock()
	if f.Streamed() { // else it is of a newer server, and only its place counts
		s.pass(f)
	}
	s.ack()
	return nil
}

// restart takes a snapshot, which replaces all before it.
func (s *Session) restart(f wire.Frame) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.epoch, s.seq, s.asked = f.Epoch, f.Seq, 0
	s.acks.owed, s.acks.seq = 0, 0
	open := map[string]bool{}
	for _, r := range f.Requests {
		open[r.ID] = !closed(r)
	}
	for id := range s.closes {
		if !open[id] {
			delete(s.closes, id)
		}
	}
}

// ping answers the heartbeat, which also says how far the stream should be.
func (s *Session) ping(f wire.Frame) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.write(wire.Frame{Type: wire.Pong})
	s.flushAck()
	s.resend(resendAfter)
	missing := f.Seq > s.seq
	if s.epoch == 0 { // a snapshot is on its way, or was asked for in vain
		missing = s.asked > 0
	}
	if missing {
		return s.askAgain()
	}
	s.asked = 0
	return nil
}

// askAgain resumes on the open connection. If that does not help it asks for a
// snapshot, and then gives the connection up. mu is held.
func (s *Session) askAgain() error {
	s.asked++
	switch {
	case s.asked > 4:
		return fmt.Errorf("the server sends a stream with a hole after frame %d", s.seq)
	case s.asked > 2:
		s.epoch, s.seq = 0, 0
	}
	s.write(s.resume())
	return nil
}

// resume returns the frame that asks for all after the session's position. mu
// is held.
func (s *Session) resume() wire.Frame {
	return wire.Frame{Type: wire.Resume, Epoch: s.epoch, Seq: s.seq, Tab: s.o.Tab, Lead: s.lead, Build: s.o.Build}
}

// pass hands a frame to the page.
func (s *Session) pass(f wire.Frame) {
	if s.o.OnFrame != nil {
		s.guard("OnFrame", func() { s.o.OnFrame(f) })
	}
}

// drain notes that the server is about to stop. It says bye when the time has
// come; if it does not, the connection is given up a little later.
func (s *Session) drain(f wire.Frame) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.link
	if l == nil || l.drained != nil {
		return
	}
	after := time.Duration(min(max(f.AfterMS, 0), 600_000)) * time.Millisecond
	l.drained = time.AfterFunc(after+probeWait, func() {
		l.drop(&byeError{wire.ByeRestart, "this server restarts; reconnecting"})
	})
}

// acks gathers what the server is told of frames seen.
type acks struct {
	at    time.Time   // of the last ack
	seq   int64       // acked
	owed  int64       // seen and not acked; 0 for none
	timer *time.Timer // for owed, if no frame comes
}

// take returns the ack that is owed, if one is.
func (a *acks) take(now time.Time) (wire.Frame, bool) {
	if a.timer != nil {
		a.timer.Stop()
		a.timer = nil
	}
	if a.owed == 0 {
		return wire.Frame{}, false
	}
	a.at, a.seq, a.owed = now, a.owed, 0
	return wire.Frame{Type: wire.Ack, Seq: a.seq}, true
}

// ack acks the newest frame, at most every 100 ms.
func (s *Session) ack() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.seq <= s.acks.seq {
		return
	}
	s.acks.owed = s.seq
	if s.o.Now().Sub(s.acks.at) >= ackEvery {
		s.flushAck()
	} else if s.acks.timer == nil {
		s.acks.timer = time.AfterFunc(ackEvery, func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.flushAck()
		})
	}
}

// flushAck sends the ack that is owed. mu is held.
func (s *Session) flushAck() {
	if s.link == nil {
		return // the next connection's frames, or its ping, will do it
	}
	if f, owed := s.acks.take(s.o.Now()); owed {
		s.write(f)
	}
}
