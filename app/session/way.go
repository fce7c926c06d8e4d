package session

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/crmpop/crmpop/app/wire"
)

// Transport is how frames travel.
type Transport string

// The transports, the best first. A stream of events brings frames down as fast
// as a websocket; what is said goes up by requests. A proxy may hold back a
// stream, but not the answers to polls.
const (
	Websocket   Transport = "websocket"
	EventStream Transport = "stream"
	LongPoll    Transport = "poll"
)

const (
	refusals   = 2                // websockets in a row without a hello, before another way is tried
	retryFirst = 30 * time.Second // then by websocket again: the server may just have been restarting
	retryEvery = 10 * time.Minute
	maxJoined  = 128 << 10 // bytes of frames that go up together
)

// way is one way to the server.
type way struct {
	by   Transport
	dial func(ctx context.Context, url string) (Conn, error)
}

func ways(o Options) []way {
	all := []way{{Websocket, o.Dial}}
	if o.HTTP != nil {
		all = append(all, way{EventStream, o.HTTP.dialStream}, way{LongPoll, o.HTTP.dialPoll})
	}
	return all
}

// route is what is known of the ways.
type route struct {
	first   int     // the way to try first
	refused int     // websockets in a row that said no hello
	spare   *opened // a websocket that waits to be used
}

// opened is a connection and the first frame that came on it.
type opened struct {
	way   int
	conn  Conn
	hello wire.Frame
}

// errBetter ends a connection for which a better one waits.
var errBetter = errors.New("a websocket gets through again")

// reach returns a connection on which a frame has come. Once two websockets have
// been refused, it goes through all ways in one attempt. What worked last is tried
// first; when nothing works, it is the server that is away, and the best way is
// first again.
func (s *Session) reach(ctx context.Context) (opened, error) {
	s.mu.Lock()
	spare, n := s.route.spare, s.route.first
	s.route.spare = nil
	s.mu.Unlock()
	if spare != nil {
		return *spare, nil
	}
	for {
		o, err := s.open(ctx, n)
		next, ok := s.judge(ctx, n, err)
		if !ok {
			return o, err
		}
		n = next
	}
}

// judge notes how way n went, and returns the next one to try, if there is one.
func (s *Session) judge(ctx context.Context, n int, err error) (next int, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := &s.route
	var b *byeError
	if err == nil || errors.As(err, &b) || ctx.Err() != nil { // the server has spoken, or nobody waits for it
		r.first = n
		if n == 0 {
			r.refused = 0
		}
		return 0, false
	}
	r.first = 0
	if n == 0 {
		r.refused++
	}
	return n + 1, r.refused >= refusals && n+1 < len(s.ways)
}

// open dials by way n and waits for a first frame.
func (s *Session) open(ctx context.Context, n int) (o opened, err error) {
	dialling, cancel := context.WithTimeout(ctx, dialWait)
	defer cancel()
	conn, err := s.ways[n].dial(dialling, s.url)
	if err != nil {
		return o, fmt.Errorf("connect: %w", err)
	}
	patience := dialWait
	if len(s.ways) > 1 {
		patience = helloWait
	}
	waiting, cancel := context.WithTimeoutCause(ctx, patience, errSilent)
	defer cancel()
	hello, err := readFrame(waiting, conn)
	if err != nil {
		go s.close(conn)
		return o, fmt.Errorf("wait for hello: %w", err)
	}
	if c, ok := conn.(interface{ named(id string) }); ok {
		c.named(hello.ID)
	}
	return opened{n, conn, hello}, nil
}

// seekBetter tries a websocket while the session is connected by another way, and
// changes over once it has said hello: what works is not given up before.
func (s *Session) seekBetter(ctx context.Context, l *link) {
	if !s.beginSeeking(l) {
		return
	}
	o, err := s.open(ctx, 0)
	s.mu.Lock()
	defer s.mu.Unlock()
	l.seeking = false
	switch {
	case err == nil && o.hello.Type == wire.Hello && s.link == l:
		s.route = route{spare: &o}
		l.drop(errBetter)
		return
	case err == nil:
		go s.close(o.conn)
	}
	if s.link == l {
		l.better.Reset(retryEvery)
	}
}

func (s *Session) beginSeeking(l *link) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.link != l || l.seeking {
		return false
	}
	l.seeking = true
	return true
}

// retryNow has the next attempt begin with a websocket, and a connection by
// another way look for one at once. mu is held.
func (s *Session) retryNow() {
	s.route.first = 0
	if s.link != nil && s.link.better != nil {
		s.link.better.Reset(0)
	}
}

// together returns how many of the frames go up in one request.
func together(frames [][]byte) (n int) {
	size := len(frames[0])
	for n = 1; n < len(frames) && size+len(frames[n]) < maxJoined; n++ {
		size += len(frames[n])
	}
	return n
}

// join returns a frame as it is, and several as an array.
func join(frames [][]byte) []byte {
	if len(frames) == 1 {
		return frames[0]
	}
	return append(append([]byte{'['}, bytes.Join(frames, []byte{','})...), ']')
}
