package session

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/crmpop/crmpop/app/wire"
)

// link is one connection. Session.mu guards its fields.
type link struct {
	conn    Conn
	way     int                     // among the session's
	drop    context.CancelCauseFunc // ends the reading, and so the connection
	limit   time.Duration           // of silence
	heard   time.Time
	watch   *time.Timer // for silence
	doubt   *time.Timer // for a probe's answer
	drained *time.Timer // for a drain that is not followed by a bye
	better  *time.Timer // for another try by websocket; nil if this is one
	seeking bool        // that try is under way
	out     [][]byte    // to be written
	writing bool        // a writer runs
}

// connect finds a way, resumes and passes frames on until the connection is
// lost. It returns why, always.
func (s *Session) connect(ctx context.Context) error {
	o, err := s.reach(ctx)
	if err != nil {
		return err
	}
	// The reading does not end with ctx by itself: first the server is told what
	// this client has seen.
	reading, drop := context.WithCancelCause(context.WithoutCancel(ctx))
	defer drop(nil)
	defer func() { go s.close(o.conn) }()
	l := s.watched(reading, o, drop)
	defer s.unlink(l)
	stop := context.AfterFunc(ctx, func() { s.goodbye(l) })
	defer stop()

	if err := s.greet(l, o.hello); err != nil {
		return err
	}
	for {
		f, err := s.read(reading, l)
		if err != nil {
			return err
		}
		if err := s.take(f); err != nil {
			return err
		}
	}
}

// watched returns a link on a connection that has said hello.
func (s *Session) watched(reading context.Context, o opened, drop context.CancelCauseFunc) *link {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := &link{conn: o.conn, way: o.way, drop: drop, limit: dialWait, heard: s.o.Now()}
	l.watch = time.AfterFunc(dialWait, func() { s.checkSilence(l) })
	if o.way > 0 {
		l.better = time.AfterFunc(retryFirst, func() { s.seekBetter(reading, l) })
	}
	return l
}

// close runs on a goroutine of its own, for it may wait for the other end.
func (s *Session) close(c Conn) { s.guard("Close", c.Close) }

// read returns the next frame, and moves the watch on silence.
func (s *Session) read(ctx context.Context, l *link) (wire.Frame, error) {
	f, err := readFrame(ctx, l.conn)
	if err != nil {
		return f, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	l.heard = s.o.Now()
	if l.doubt != nil {
		l.doubt.Stop()
		l.doubt = nil
	}
	return f, nil
}

// readFrame returns the next frame of a connection.
func readFrame(ctx context.Context, c Conn) (wire.Frame, error) {
	b, err := c.Read(ctx)
	if cause := context.Cause(ctx); cause != nil {
		return wire.Frame{}, cause
	}
	if err != nil {
		return wire.Frame{}, fmt.Errorf("connection lost: %w", err)
	}
	return wire.Decode(b)
}

// greet answers hello: from here on the session is connected.
func (s *Session) greet(l *link, hello wire.Frame) error {
	switch {
	case hello.Type == wire.Bye:
		return &byeError{hello.Code, hello.Reason}
	case hello.Type != wire.Hello:
		return fmt.Errorf("the server began with a %q frame, not with hello", hello.Type)
	case hello.Protocol != wire.Protocol && hello.Protocol != wire.Protocol+1: // a server speaks N and N-1
		return &protocolError{hello.Protocol}
	}
	lead := s.leads()
	s.load()
	s.mu.Lock()
	s.lead = lead
	s.asked = 0
	l.limit = silence(hello.HeartbeatS)
	l.watch.Reset(l.limit)
	s.link = l
	s.write(s.resume())
	s.replay()
	s.doubtAsks()
	s.connected(s.ways[l.way].by)
	s.mu.Unlock()
	s.tell()
	s.pass(hello)
	return nil
}

// silence returns how long a server with that heartbeat may be silent.
func silence(heartbeatS int) time.Duration {
	if heartbeatS <= 0 {
		heartbeatS = 30
	}
	return max(dialWait, time.Duration(heartbeatS)*time.Second*5/2)
}

// leads says whether this tab opens pops by itself.
func (s *Session) leads() bool {
	if s.o.Lead != nil {
		return s.o.Lead()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lead
}

// checkSilence is the watch's: it drops a connection of which nothing was heard
// for too long, or looks again when that can next be so.
func (s *Session) checkSilence(l *link) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if left := l.limit - s.o.Now().Sub(l.heard); left > 0 {
		l.watch.Reset(left)
		return
	}
	l.drop(errSilent)
}

// probe asks the server for a sign of life. mu is held.
func (s *Session) probe() {
	l := s.link
	if l.doubt == nil {
		l.doubt = time.AfterFunc(probeWait, func() { l.drop(errSilent) })
		s.write(s.resume())
	}
}

// unlink ends the session's part in a connection.
func (s *Session) unlink(l *link) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.link == l {
		s.link = nil
	}
	l.out = nil
	for _, t := range []*time.Timer{l.watch, l.doubt, l.drained, l.better} {
		if t != nil {
			t.Stop()
		}
	}
}

// goodbye says what is still to be said and closes the connection in peace,
// within a second.
func (s *Session) goodbye(l *link) {
	defer l.drop(errClosing)
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	defer context.AfterFunc(ctx, func() { l.drop(errClosing) })()
	s.mu.Lock()
	if s.link == l {
		s.flushAck()
	}
	last := l.out
	l.out = nil
	s.mu.Unlock()
	s.guard("Close", func() {
		for _, b := range last {
			_ = l.conn.Write(ctx, b) // best effort: what matters is said again after the next resume
		}
		l.conn.Close()
	})
}

var errClosing = errors.New("the session is closing")

// write queues a frame for the server; without a connection it is dropped, for
// all that matters is said again after the next resume. mu is held.
func (s *Session) write(f wire.Frame) { s.writeBytes(wire.Encode(f)) }

func (s *Session) writeBytes(b []byte) {
	l := s.link
	switch {
	case l == nil:
		return
	case len(l.out) >= maxOut+len(s.receipts):
		l.drop(errors.New("the server does not read"))
		return
	}
	l.out = append(l.out, b)
	if !l.writing {
		l.writing = true
		go s.flush(l)
	}
}

// flush writes until there is nothing left to write.
func (s *Session) flush(l *link) {
	s.guard("Write", func() {
		for b := s.nextOut(l); b != nil; b = s.nextOut(l) {
			ctx, cancel := context.WithTimeout(context.Background(), writeWait)
			err := l.conn.Write(ctx, b)
			cancel()
			if err != nil {
				l.drop(fmt.Errorf("connection lost: %w", err))
				return
			}
		}
	})
}

func (s *Session) nextOut(l *link) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(l.out) == 0 {
		l.out, l.writing = nil, false
		return nil
	}
	n := 1
	if l.way > 0 { // each write is a request: what waits goes together
		n = together(l.out)
	}
	b := join(l.out[:n])
	l.out = l.out[n:]
	return b
}

// guard runs f and turns a panic into a fault: one bad frame must not end the
// whole page.
func (s *Session) guard(what string, f func()) {
	defer func() {
		if p := recover(); p != nil && s.o.OnFault != nil {
			s.o.OnFault(fmt.Errorf("panic in %s: %v", what, p))
		}
	}()
	f()
}
