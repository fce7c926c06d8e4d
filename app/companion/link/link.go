//go:build !js

// Package link is the companion's connection with its server: it dials, proves
// who it is, hands on what is asked for, tells results until they are confirmed,
// and comes back after every loss. Nothing ever connects to it.
package link

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"github.com/coder/websocket"

	"github.com/crmpop/crmpop/app/companion/failpoint"
	"github.com/crmpop/crmpop/app/companion/journal"
	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/session"
	"github.com/crmpop/crmpop/app/wire"
)

const (
	dialWait     = 10 * time.Second // for a connection, and then for each frame of the greeting
	writeWait    = 10 * time.Second // for one frame
	backoffFirst = 500 * time.Millisecond
	backoffMost  = 30 * time.Second
	goodAfter    = 5 * time.Second  // a connection that lasts this long ends the back-off
	resendAfter  = 20 * time.Second // for results without an answer
	sleepMost    = 3 * time.Second  // that the wall's clock may be ahead of the steady one
)

// ErrRevoked says that the server does not know this companion any longer.
var ErrRevoked = errors.New("this PC is not paired any longer; pair it again")

// State is how the connection stands. Reason is why there is none.
type State struct {
	Connected        bool
	Since            time.Time
	Agent, AgentName string
	Reason           string
}

// Options is what a link needs. All but Dial and Rand have to be set.
type Options struct {
	Server  string // as ParseServer returns it
	ID      string // of the companion
	Key     ed25519.PrivateKey
	Version string
	Journal *journal.Journal
	Take    func(context.Context, wire.CompanionFrame) // called with each run and copy; it must not block
	Paused  func() bool
	OnState func(State) // called from Run
	Log     *slog.Logger
	Dial    func(ctx context.Context, url string) (session.Conn, error) // Dial if nil
	Rand    func() float64                                              // in [0,1); math/rand if nil
}

// Link is one companion's.
type Link struct {
	o       Options
	telling sync.Mutex // held while a pause is told, so that the last word is the newest

	mu     sync.Mutex // guards all below
	conn   session.Conn
	told   map[string]time.Time // when results were sent on this connection
	paused *bool                // as told on this connection, nil if it was not
}

// New returns a link. Run makes it connect.
func New(o Options) *Link {
	if o.Dial == nil {
		o.Dial = Dial
	}
	if o.Rand == nil {
		o.Rand = rand.Float64
	}
	return &Link{o: o}
}

// Dial opens a websocket without cookies and without an Origin.
func Dial(ctx context.Context, url string) (session.Conn, error) {
	c, _, err := websocket.Dial(ctx, url, &websocket.DialOptions{HTTPClient: Client(0)})
	if err != nil {
		return nil, err
	}
	conn := session.NewConn(c)
	c.SetReadLimit(wire.MaxCompanionFrame)
	return conn, nil
}

// Run keeps the link connected until ctx ends, and returns its error, or until
// the server does not know this companion any longer: then it returns ErrRevoked.
func (l *Link) Run(ctx context.Context) error {
	tries := 0
	for {
		start := time.Now()
		err := l.connect(ctx)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		l.o.OnState(State{Since: time.Now(), Reason: reason(err)})
		if errors.Is(err, ErrRevoked) {
			return err
		}
		if time.Since(start) >= goodAfter {
			tries = 0
		}
		wait := time.Duration(l.o.Rand() * float64(min(backoffMost, backoffFirst<<min(tries, 6))))
		tries++
		l.o.Log.Info("not connected", "err", err, "again_in", wait.Round(time.Millisecond))
		if err := pause(ctx, wait); err != nil {
			return err
		}
	}
}

// reason says why there is no connection, on one line whatever the server said.
func reason(err error) string {
	if err == nil {
		return "the server closed the connection"
	}
	return strings.Join(strings.Fields(err.Error()), " ")
}

func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// connect dials, proves who this is and hands frames on until the connection is
// lost. It returns why, always.
func (l *Link) connect(ctx context.Context) error {
	dialling, cancel := context.WithTimeout(ctx, dialWait)
	defer cancel()
	conn, err := l.o.Dial(dialling, "ws"+strings.TrimPrefix(l.o.Server, "http")+"/api/v1/companion/connect")
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer func() { go conn.Close() }() // it may wait for the other end
	welcome, err := l.greet(ctx, conn)
	if err != nil {
		return err
	}
	l.open(conn)
	defer l.open(nil)
	l.o.OnState(State{Connected: true, Since: time.Now(), Agent: welcome.Agent, AgentName: welcome.AgentName})
	l.o.Log.Info("connected", "server", l.o.Server, "agent", welcome.Agent)
	l.Pause(l.o.Paused()) // either way: it may have changed while nobody could be told
	l.resend(0)
	return l.listen(ctx, conn, silence(welcome.HeartbeatS))
}

// greet answers the server's challenge, if it is the server that this PC was
// paired with: a signature for another would be of use to that other only.
func (l *Link) greet(ctx context.Context, conn session.Conn) (welcome wire.CompanionFrame, err error) {
	f, err := read(ctx, conn, dialWait)
	switch {
	case err != nil:
		return f, fmt.Errorf("wait for the challenge: %w", err)
	case f.Type != wire.CompanionChallenge:
		return f, fmt.Errorf("the server began with a %q frame, not with a challenge", f.Type)
	case f.Server != l.o.Server:
		return f, fmt.Errorf("the server calls itself %q, and this PC is paired with %q", f.Server, l.o.Server)
	}
	signature := ed25519.Sign(l.o.Key, wire.CompanionProof(f.Nonce, f.Server, l.o.ID))
	err = write(conn, wire.CompanionFrame{Type: wire.CompanionHello, ID: l.o.ID, Version: l.o.Version,
		Signature: base64.RawURLEncoding.EncodeToString(signature)})
	if err != nil {
		return f, fmt.Errorf("answer the challenge: %w", err)
	}
	if f, err = read(ctx, conn, dialWait); err != nil {
		return f, fmt.Errorf("wait for the welcome: %w", err)
	}
	if f.Type != wire.CompanionWelcome {
		return f, fmt.Errorf("the server answered with a %q frame, not with a welcome", f.Type)
	}
	return f, nil
}

// silence returns how long a server with that heartbeat may be silent.
func silence(heartbeatS int) time.Duration {
	if heartbeatS <= 0 {
		heartbeatS = 30
	}
	return max(dialWait, time.Duration(min(heartbeatS, 3600))*time.Second*5/2)
}

// listen hands on what is asked for.
func (l *Link) listen(ctx context.Context, conn session.Conn, limit time.Duration) error {
	for {
		before := time.Now()
		f, err := read(ctx, conn, limit)
		if err != nil {
			return err
		}
		// What came while the PC slept may be hours old and still claim to be fresh.
		// On a new connection the server sends what is.
		if now := time.Now(); now.Round(0).Sub(before.Round(0))-now.Sub(before) > sleepMost {
			return errors.New("the PC has slept")
		}
		switch f.Type {
		case wire.CompanionRun, wire.CompanionCopy:
			l.o.Take(ctx, f)
		case wire.CompanionResultOK:
			l.confirmed(f.PopID)
		case wire.Ping:
			if err := write(conn, wire.CompanionFrame{Type: wire.Pong}); err != nil {
				return err
			}
			l.resend(resendAfter)
		}
	}
}

// read returns the next frame; a bye is an error.
func read(ctx context.Context, conn session.Conn, limit time.Duration) (wire.CompanionFrame, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	b, err := conn.Read(ctx)
	if ctx.Err() != nil && err != nil {
		return wire.CompanionFrame{}, errors.New("nothing heard from the server")
	}
	if err != nil {
		return wire.CompanionFrame{}, fmt.Errorf("connection lost: %w", err)
	}
	f, err := wire.DecodeCompanion(b)
	if err != nil {
		return f, err
	}
	if f.Type == wire.Bye {
		if f.Code == wire.ByeSignOut {
			return f, ErrRevoked
		}
		return f, fmt.Errorf("the server closed the connection: %q (%d)", f.Reason, f.Code)
	}
	return f, nil
}

func write(conn session.Conn, f wire.CompanionFrame) error {
	ctx, cancel := context.WithTimeout(context.Background(), writeWait)
	defer cancel()
	return conn.Write(ctx, wire.EncodeCompanion(f))
}

// open takes the connection that results are sent on, nil for none.
func (l *Link) open(conn session.Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.conn, l.told, l.paused = conn, map[string]time.Time{}, nil
}

// Report tells the server a result. Without a connection it is told after the
// next one is made.
func (l *Link) Report(e journal.Entry) {
	l.mu.Lock()
	conn := l.conn
	if conn != nil {
		l.told[e.PopID] = time.Now()
	}
	l.mu.Unlock()
	if conn == nil {
		return
	}
	failpoint.Reach("telling")
	l.send(conn, wire.CompanionFrame{Type: wire.CompanionResult, PopID: e.PopID, State: e.State, ExitCode: e.ExitCode, MS: e.MS,
		Detail: cut(e.Detail, screenpop.MaxDetail)})
	failpoint.Reach("told")
}

// Pause tells the server that the PC takes no commands for now, or again, unless
// it was told so on this connection already.
func (l *Link) Pause(on bool) {
	l.telling.Lock()
	defer l.telling.Unlock()
	l.mu.Lock()
	conn := l.conn
	if l.paused != nil && *l.paused == on {
		conn = nil
	}
	l.paused = &on
	l.mu.Unlock()
	if conn != nil {
		l.send(conn, wire.CompanionFrame{Type: wire.CompanionPause, On: on})
	}
}

// send writes a frame. A connection that takes none is at its end, which its
// reader will notice.
func (l *Link) send(conn session.Conn, f wire.CompanionFrame) {
	if err := write(conn, f); err != nil {
		l.o.Log.Info("not sent", "type", string(f.Type), "pop_id", f.PopID, "err", err)
		go conn.Close()
	}
}

// resend tells, oldest first, every result that was told longer than age ago on
// this connection, or never.
func (l *Link) resend(age time.Duration) {
	for _, e := range l.o.Journal.Untold() {
		l.mu.Lock()
		at, told := l.told[e.PopID]
		l.mu.Unlock()
		if !told || time.Since(at) >= age {
			l.Report(e)
		}
	}
}

// confirmed is called when the server has a result.
func (l *Link) confirmed(popID string) {
	if err := l.o.Journal.Confirm(popID); err != nil {
		l.o.Log.Error("confirmation not noted", "pop_id", popID, "err", err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.told, popID)
}

// cut returns the first n bytes of s at most, whole characters only.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "")
}
