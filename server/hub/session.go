package hub

import (
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/crmpop/crmpop/app/wire"
)

// conn is what a session needs of a socket. None of it is called under a lock.
type conn interface {
	// Write sends one text frame; it gives up after the write timeout.
	Write(b []byte) error
	// Close says goodbye with code and waits a little for the answer.
	Close(code int, reason string)
	// Cut closes at once; a Write under way fails.
	Cut()
}

// session is one socket of one agent. It starts with hello, waits for resume,
// and ends when its client goes or is sent away.
type session struct {
	hub   *Hub
	conn  conn
	key   wire.AgentKey
	login string
	heard atomic.Int64 // hub's clock when the client last sent anything
	due   atomic.Int64 // hub's clock when the next ping is due

	mu       sync.Mutex // guards all below
	tab      string     // the client's name for itself, or one of ours
	build    string
	lead     bool
	resumed  bool
	leaving  bool        // nothing is sent any more but a bye
	sentAway bool        // leaving by a bye: what the client still says is not done
	holds    int         // goroutines at work for it; forgotten at none
	timer    *time.Timer // for the resume, later for the end
	cancel   func()      // ends the subscription

	stream // what is on its way to the client
	desk   // what the client wants done
}

// pong is how our clients answer a ping, to the letter: it is worth no parsing.
const pong = `{"type":"pong"}`

// receive takes one frame of the client. It blocks while too many acts wait.
func (s *session) receive(b []byte) {
	s.heard.Store(int64(s.hub.clock()))
	f, err := wire.Decode(b)
	if err != nil {
		s.bye(wire.ByeProtocol, err.Error())
		return
	}
	if f.Type == wire.Resume {
		s.resume(f)
		return
	}
	if !s.hasResumed() {
		s.bye(wire.ByeProtocol, fmt.Sprintf("a %s frame came before the first resume", f.Type))
		return
	}
	switch f.Type {
	case wire.Lead:
		s.setLead(f.Lead)
	case wire.Ack, wire.Claim, wire.Receipt, wire.Close, wire.Answer:
		s.enter(f)
	case wire.Hello, wire.Snapshot, wire.Request, wire.Pop, wire.Withdraw, wire.Claimed, wire.ReceiptOK, wire.Ask, wire.Ping, wire.Drain, wire.Bye:
		s.bye(wire.ByeProtocol, fmt.Sprintf("a %s frame is the server's to send", f.Type))
	}
}

// resume starts the stream after the position that the client names, or starts
// it again.
func (s *session) resume(f wire.Frame) {
	s.mu.Lock()
	first := !s.resumed
	s.resumed, s.build, s.lead = true, f.Build, f.Lead
	if f.Tab != "" {
		s.tab = f.Tab
	}
	if first && !s.leaving {
		s.timer.Stop()
		s.timer = nil
	}
	s.mu.Unlock()
	if first {
		s.subscribe()
		s.due.Store(int64(s.hub.clock() + s.hub.firstPing()))
	}
	s.remind() // before the ping that ends the answer to a resume
	s.rewind(f.Epoch, f.Seq)
}

// subscribe must come before the first read of the record, or what is committed
// in between would be missed by both.
func (s *session) subscribe() {
	cancel := s.hub.bus.Subscribe(s.key, s.offer)
	s.mu.Lock()
	s.cancel = cancel
	s.mu.Unlock()
}

func (s *session) hasResumed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.resumed
}

func (s *session) setLead(lead bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lead = lead
}

// leads returns the session's tab if it may open pops by itself.
func (s *session) leads() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.resumed && s.lead && !s.leaving {
		return s.tab
	}
	return ""
}

func (s *session) gone() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.leaving
}

// silence puts the next ping off until the first resume.
func (s *session) silence() {
	s.heard.Store(int64(s.hub.clock()))
	s.due.Store(never)
}

func (s *session) expectResume() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.resumed && !s.leaving {
		s.timer = time.AfterFunc(resumeWait, func() {
			s.bye(wire.ByeProtocol, fmt.Sprintf("no resume within %v of hello", resumeWait))
		})
	}
}

// bye sends the client away: nothing that waits is sent but the bye, then the
// socket is closed, and cut if that takes too long.
func (s *session) bye(code int, reason string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.byeLocked(code, reason)
}

func (s *session) byeLocked(code int, reason string) {
	if s.leaving {
		return
	}
	s.leave()
	s.sentAway = true
	b := wire.Encode(wire.Frame{Type: wire.Bye, Code: code, Reason: reason})
	s.queue = append(s.queue, entry{b: b, code: code, reason: reason})
	wait := byeWait
	if code == wire.ByeSignOut {
		wait = signOutWait
	}
	s.timer = time.AfterFunc(wait, s.conn.Cut)
	s.kick()
	s.hub.log.Info("agent sent away", "agent_id", s.key.ID, "code", code, "reason", reason)
}

// leave ends the session's part in everything but the last goodbye.
func (s *session) leave() {
	s.leaving = true
	s.hub.live.Add(-1)
	s.stream.drop()
	s.desk.free()
	if s.timer != nil {
		s.timer.Stop()
	}
}

// abort ends the session at once.
func (s *session) abort() {
	s.mu.Lock()
	if !s.leaving {
		s.leave()
	}
	s.queue = nil
	s.mu.Unlock()
	s.conn.Cut()
}

// lost says that the connection can no longer be read. It is called once, by
// whoever reads.
func (s *session) lost() {
	s.mu.Lock()
	sentAway := s.sentAway
	s.mu.Unlock()
	if !sentAway { // else the pump has the last word
		s.abort()
	}
	s.release()
}

// hold counts one more goroutine at work. mu is held.
func (s *session) hold() { s.holds++ }

// join is hold for one that comes from outside; false if the session has ended.
func (s *session) join() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.holds == 0 {
		return false
	}
	s.hold()
	return true
}

// release counts one less, and forgets the session after the last.
func (s *session) release() {
	s.mu.Lock()
	s.holds--
	last, cancel, timer := s.holds == 0, s.cancel, s.timer
	s.mu.Unlock()
	if !last {
		return
	}
	if timer != nil {
		timer.Stop()
	}
	if cancel != nil {
		cancel()
	}
	s.hub.forget(s)
}

// done ends a goroutine of the session: deferred, so that a panic costs this
// one agent a reconnect and nobody else anything.
func (s *session) done(what string) {
	if p := recover(); p != nil {
		s.hub.log.Error("panic in hub", "agent_id", s.key.ID, "in", what, "panic", p, "stack", string(debug.Stack()))
		s.abort()
	}
	s.release()
}
