package hub

import (
	"context"
	"strings"
	"unicode/utf8"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/wire"
)

// desk is where the acts of one client wait. A clerk carries them out one after
// the other; when the desk is full, the reader waits, and so does the client.
type desk struct {
	inbox   []wire.Frame
	ack     int64 // newest ack not yet passed on; 0 for none
	acked   int64 // newest ack passed on
	working bool  // a clerk runs
	room    chan struct{}
}

// free lets a waiting reader go.
func (d *desk) free() {
	if d.room != nil {
		close(d.room)
		d.room = nil
	}
}

// enter leaves an act at the desk. Acks only count their newest.
func (s *session) enter(f wire.Frame) {
	for {
		room := s.tryEnter(f)
		if room == nil {
			return
		}
		<-room
	}
}

// tryEnter returns nil when f was taken or is no longer wanted, else what to
// wait for.
func (s *session) tryEnter(f wire.Frame) (room <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.leaving:
		return nil
	case f.Type == wire.Ack:
		seq := min(f.Seq, s.last) // what was not sent cannot have been seen
		if seq <= max(s.ack, s.acked) {
			return nil
		}
		s.ack = seq
	case len(s.inbox) < maxInbox:
		s.inbox = append(s.inbox, f)
	default:
		if s.room == nil {
			s.room = make(chan struct{})
		}
		return s.room
	}
	if !s.working {
		s.working = true
		s.hold()
		go s.clerk()
	}
	return nil
}

// clerk carries acts out until the desk is empty. What a client said before its
// connection broke is done; what it said before it was sent away is not.
func (s *session) clerk() {
	defer s.done("clerk")
	for {
		f, ok := s.nextAct()
		if !ok {
			return
		}
		s.act(f)
	}
}

func (s *session) nextAct() (f wire.Frame, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.free()
	switch {
	case s.sentAway:
		s.inbox, s.ack = nil, 0
	case s.ack > 0:
		f = wire.Frame{Type: wire.Ack, Seq: s.ack}
		s.ack, s.acked = 0, s.ack
		return f, true
	case len(s.inbox) > 0:
		f, s.inbox = s.inbox[0], s.inbox[1:]
		return f, true
	}
	s.inbox, s.working = nil, false
	return f, false
}

func (s *session) act(f wire.Frame) {
	ctx, cancel := context.WithTimeout(context.Background(), actTimeout)
	defer cancel()
	// While the server is at work for the client, its silence is no sign of death.
	defer func() { s.heard.Store(int64(s.hub.clock())) }()
	var err error
	switch f.Type {
	case wire.Ack:
		err = s.hub.acts.Ack(ctx, s.key, f.Seq)
	case wire.Claim:
		err = s.claim(ctx, f.PopID)
	case wire.Receipt:
		err = s.receipt(ctx, f)
	case wire.Close:
		err = s.hub.acts.Close(ctx, s.key, f.RequestID)
	case wire.Answer:
		err = s.reply(ctx, f)
	}
	if err != nil {
		s.hub.log.Warn("agent's act", "agent_id", s.key.ID, "act", string(f.Type),
			"pop_id", f.PopID, "request_id", f.RequestID, "err", err)
	}
}

// claim answers in any case: the page waits for it.
func (s *session) claim(ctx context.Context, popID string) error {
	s.mu.Lock()
	tab := s.tab
	s.mu.Unlock()
	ok, by, err := s.hub.acts.Claim(ctx, s.key, popID, tab)
	answer := wire.Frame{Type: wire.Claimed, PopID: popID, OK: ok && err == nil, By: by}
	switch {
	case screenpop.ErrorCode(err) == screenpop.CodeNotFound:
		answer.Reason, err = "this pop is not there any more", nil
	case err != nil:
		answer.Reason = "the server could not decide just now"
	}
	s.send(answer)
	return err
}

// receipt is answered once it is written, or once it is clear that sending it
// again will never change anything.
func (s *session) receipt(ctx context.Context, f wire.Frame) error {
	s.mu.Lock()
	build := s.build
	s.mu.Unlock()
	if f.Build != "" {
		build = f.Build
	}
	err := s.hub.acts.Receipt(ctx, s.key, screenpop.Receipt{
		ID: f.ID, PopID: f.PopID, State: f.State, Detail: cut(f.Detail, screenpop.MaxDetail), Build: build, At: s.hub.o.Now(),
	})
	switch screenpop.ErrorCode(err) {
	case "", screenpop.CodeNotFound, screenpop.CodeInvalid:
		s.send(wire.Frame{Type: wire.ReceiptOK, ID: f.ID})
	}
	if screenpop.ErrorCode(err) == screenpop.CodeNotFound {
		return nil
	}
	return err
}

// cut returns the first n bytes of s at most, whole characters only.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return strings.Clone(s[:n])
}
