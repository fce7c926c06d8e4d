package companions

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"github.com/coder/websocket"

	"github.com/crmpop/crmpop/app/wire"
)

// session is one connected companion. One goroutine reads the socket, another
// does all the rest.
type session struct {
	room    *Room
	ws      *websocket.Conn
	known   Known
	version string
	address string
	ctx     context.Context // ends with the session: it belongs to no request
	end     context.CancelFunc
	wake    chan struct{} // holds one: there is something new

	mu      sync.Mutex // guards all below
	paused  bool
	heard   time.Time // when the companion last said anything
	leaving bool
	stream  // what of the agent's stream is on its way
	tasks   // what the companion is asked to do
}

func newSession(r *Room, ws *websocket.Conn, known Known, version, address string) *session {
	s := &session{room: r, ws: ws, known: known, version: version, address: address, wake: make(chan struct{}, 1), heard: r.o.Now()}
	s.ctx, s.end = context.WithCancel(context.Background())
	s.stream = stream{behind: true, fresh: true}
	s.tasks = tasks{sent: map[string]order{}}
	return s
}

// holder is the name under which the companion claims pops.
func (s *session) holder() string { return "companion:" + s.known.ID }

// host names the PC for people.
func (s *session) host() string {
	if s.known.Host == "" {
		return "the PC"
	}
	return s.known.Host
}

func (s *session) isPaused() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.paused
}

// run serves the companion until it goes or is sent away.
func (s *session) run() {
	defer s.end()
	log := s.room.o.Log.With("companion_id", s.known.ID, "agent_id", s.known.Agent.ID)
	// A pairing that ended while it was being admitted is seen here; one that ends
	// later finds the session.
	ctx, cancel := context.WithTimeout(s.ctx, actTimeout)
	_, err := s.room.o.Find(ctx, s.known.ID)
	cancel()
	if err != nil {
		turnAway(s.ws, wire.ByeSignOut, unpaired)
		return
	}
	if s.send(wire.CompanionFrame{Type: wire.CompanionWelcome, Agent: s.known.Email, AgentName: s.known.AgentName,
		HeartbeatS: max(1, int(s.room.o.Heartbeat.Seconds()))}) != nil {
		return
	}
	log.Info("companion connected", "version", s.version)
	unsubscribe := s.room.bus.Subscribe(s.known.Agent, s.offer)
	defer unsubscribe()
	go s.listen()
	s.work()
	s.giveBack()
	log.Info("companion gone")
}

// listen reads what the companion says. It ends the session with the socket.
func (s *session) listen() {
	defer s.end()
	defer func() {
		if p := recover(); p != nil {
			s.room.o.Log.Error("panic in companions", "companion_id", s.known.ID, "panic", p, "stack", string(debug.Stack()))
		}
	}()
	for {
		f, err := read(s.ctx, s.ws)
		if err != nil {
			s.room.o.Log.Debug("companion's socket is read no more", "companion_id", s.known.ID, "err", err)
			return
		}
		s.mu.Lock()
		s.heard = s.room.o.Now()
		s.mu.Unlock()
		switch f.Type {
		case wire.CompanionResult:
			s.result(f)
		case wire.CompanionPause:
			s.mu.Lock()
			s.paused = f.On
			s.mu.Unlock()
			s.nudge()
		case wire.CompanionChallenge, wire.CompanionHello, wire.CompanionWelcome, wire.CompanionRun, wire.CompanionCopy, wire.CompanionResultOK:
			s.bye(wire.ByeProtocol, fmt.Sprintf("a %s frame does not belong here", f.Type))
			return
		}
	}
}

// nudge has the other goroutine look again.
func (s *session) nudge() {
	select {
	case s.wake <- struct{}{}:
	default: // it will look anyway
	}
}

// work does what the stream asks for, and keeps the heartbeat.
func (s *session) work() {
	beat := time.NewTicker(s.room.o.Heartbeat)
	defer beat.Stop()
	again := time.NewTimer(0)
	defer again.Stop()
	noted := s.room.o.Now()
	for {
		select {
		case <-s.ctx.Done():
			return
		case <-s.wake:
		case <-again.C:
		case <-beat.C:
			s.beat(&noted)
		}
		if err := s.catchUp(); err != nil && s.ctx.Err() == nil {
			s.room.o.Log.Error("read the record for a companion", "companion_id", s.known.ID, "err", err)
			s.bye(wire.ByeInternal, "your events could not be read just now; reconnecting")
		}
		if s.isLeaving() {
			<-s.ctx.Done() // the bye is on its way
			return
		}
		if wait := s.attend(); wait > 0 {
			again.Reset(wait)
		}
	}
}

func (s *session) isLeaving() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.leaving
}

// beat sends a ping and looks for what no hint told of, unless the companion has
// been silent for too long.
func (s *session) beat(noted *time.Time) {
	s.mu.Lock()
	silent := s.room.o.Now().Sub(s.heard)
	s.mu.Unlock()
	if silent > s.room.o.Heartbeat*3/2 {
		s.bye(wire.ByeSilent, "no pong in time; reconnecting")
		return
	}
	if s.room.o.Now().Sub(*noted) >= seenEvery {
		ctx, cancel := context.WithTimeout(s.ctx, actTimeout)
		defer cancel()
		if err := s.room.o.Seen(ctx, s.known.ID, s.version, s.address); err == nil {
			*noted = s.room.o.Now()
		}
	}
	s.compare()
	_ = s.send(wire.CompanionFrame{Type: wire.Ping}) // it ends the session if it fails
}

// send writes a frame; who does not take it in time is gone. Nothing follows a bye.
func (s *session) send(f wire.CompanionFrame) error {
	if s.isLeaving() {
		return errLeaving
	}
	ctx, cancel := context.WithTimeout(s.ctx, actTimeout)
	defer cancel()
	err := write(ctx, s.ws, f)
	if err != nil {
		s.end()
	}
	return err
}

var errLeaving = errors.New("the companion has been sent away")

// bye sends the companion away.
func (s *session) bye(code int, reason string) {
	s.mu.Lock()
	twice := s.leaving
	s.leaving = true
	s.mu.Unlock()
	if twice {
		return
	}
	s.room.o.Log.Info("companion sent away", "companion_id", s.known.ID, "code", code, "reason", reason)
	s.nudge()
	time.AfterFunc(byeWait, s.end) // who does not answer the close is not waited for
	s.room.gone.Go(func() {
		turnAway(s.ws, code, reason)
		s.end()
	})
}
