package session_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/crmpop/crmpop/app/session"
	"github.com/crmpop/crmpop/app/wire"
)

// web is a server that is reached by HTTP; the test is behind it.
type web struct {
	mu      sync.Mutex
	streams []*stream
	asked   []string        // requests, with their bodies
	dead    bool            // nothing is answered
	reply   session.Reply   // to a poll that opens
	polls   chan wire.Frame // for those that wait
}

// stream is one stream of events.
type stream struct {
	url     string
	heard   func(string)
	ended   func(error)
	stopped bool
}

func newWeb() *web {
	return &web{polls: make(chan wire.Frame, 10), reply: session.Reply{Status: 502, Type: "text/html"}}
}

func (w *web) http() *session.HTTP { return &session.HTTP{Events: w.events, Send: w.send} }

func (w *web) events(url string, heard func(string), ended func(error)) (stop func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	s := &stream{url: url, heard: heard, ended: ended}
	w.streams = append(w.streams, s)
	if w.dead {
		go ended(errors.New("connection refused"))
	}
	return func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		s.stopped = true
	}
}

func (w *web) send(ctx context.Context, method, url string, body []byte) (session.Reply, error) {
	w.mu.Lock()
	dead, reply := w.dead, w.reply
	w.asked = append(w.asked, strings.TrimSpace(method+" "+url+" "+string(body)))
	w.mu.Unlock()
	switch {
	case dead:
		return session.Reply{}, errors.New("connection refused")
	case method == "GET":
		select {
		case f := <-w.polls:
			return session.Reply{Status: 200, Type: "application/json", Body: []byte("[" + string(wire.Encode(f)) + "]")}, nil
		case <-ctx.Done():
			return session.Reply{}, ctx.Err()
		}
	case strings.Contains(url, "/poll"):
		return reply, nil
	}
	return session.Reply{Status: 204}, nil
}

func (w *web) with(f func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	f()
}

// requests returns what was asked since the last call.
func (w *web) requests() (all []string) {
	synctest.Wait()
	w.with(func() { all, w.asked = w.asked, nil })
	return all
}

// stream returns the stream number n, from 1.
func (w *web) stream(t *testing.T, n int) (s *stream) {
	t.Helper()
	for range 1000 {
		synctest.Wait()
		if w.with(func() {
			if len(w.streams) >= n {
				s = w.streams[n-1]
			}
		}); s != nil {
			return s
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatalf("stream %d was not opened within 100 s", n)
	return nil
}

func (s *stream) say(frames ...wire.Frame) {
	for _, f := range frames {
		s.heard(string(wire.Encode(f)))
		synctest.Wait()
	}
}

var helloByHTTP = wire.Frame{Type: wire.Hello, Protocol: wire.Protocol, Epoch: 7, HeartbeatS: 30, ID: "s1"}

// blocked runs f with a session whose websockets are refused.
func blocked(t *testing.T, f func(r *rig, w *web)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := newWeb()
		r := newRig(t, session.Options{HTTP: w.http()})
		r.refuse(errors.New("status 400"))
		r.run()
		f(r, w)
		r.stop()
		time.Sleep(time.Minute)
	})
}

func TestTwoRefusedWebsocketsLeadToTheStream(t *testing.T) {
	blocked(t, func(r *rig, w *web) {
		start := time.Now()
		s := w.stream(t, 1)
		if n, took := len(r.dials), time.Since(start); n != 2 || took > time.Second || s.url != "http://test/stream" {
			t.Errorf("a stream at %s after %d websockets and %v, want one after two, at once", s.url, n, took)
		}
		s.say(helloByHTTP)
		if st := r.state(); st.Phase != session.Connected || st.Transport != session.EventStream {
			t.Errorf("state %+v, want connected by the stream", st)
		}
		s.say(wire.Frame{Type: wire.Snapshot, Epoch: 7, Seq: 3}, request(4), request(5), wire.Frame{Type: wire.Ping, Seq: 5})
		r.onPage("hello snapshot7/3 request4 request5")
		time.Sleep(time.Second)
		want := `POST http://test/stream/s1 {"type":"resume"}
POST http://test/stream/s1 {"type":"ack","seq":3}
POST http://test/stream/s1 [{"type":"pong"},{"type":"ack","seq":5}]`
		if got := strings.Join(w.requests(), "\n"); got != want {
			t.Errorf("the client sent\n%s\nwant\n%s", got, want)
		}
		s.ended(errors.New("reset"))
		again := w.stream(t, 2)
		if len(r.dials) != 2 {
			t.Errorf("%d websockets were tried, want the way that worked to be tried first", len(r.dials))
		}
		again.say(helloByHTTP)
		time.Sleep(time.Second)
		if got := w.requests(); len(got) != 1 || !strings.Contains(got[0], `{"type":"resume","seq":5,"epoch":7}`) {
			t.Errorf("the client sent %q, want it to resume where it was", got)
		}
	})
}

func TestWebsocketIsTriedAgainWhileTheStreamGoesOn(t *testing.T) {
	blocked(t, func(r *rig, w *web) {
		s := w.stream(t, 1)
		s.say(helloByHTTP, wire.Frame{Type: wire.Snapshot, Epoch: 7, Seq: 3})
		beat := time.NewTicker(30 * time.Second)
		defer beat.Stop()
		start := time.Now()
		for time.Since(start) < 31*time.Minute {
			<-beat.C
			s.say(wire.Frame{Type: wire.Ping, Seq: 3})
		}
		var after []time.Duration
		for _, at := range r.dials[2:] {
			after = append(after, at.Sub(start).Round(time.Minute/2))
		}
		if len(after) != 4 || after[0] != 30*time.Second || after[1] != 10*time.Minute+30*time.Second || after[3] != 30*time.Minute+30*time.Second {
			t.Errorf("websockets were tried after %v, want 30 s and then every 10 minutes", after)
		}
		if st := r.state(); st.Transport != session.EventStream || s.stopped {
			t.Errorf("state %+v, want the stream to have gone on", st)
		}
	})
}

func TestSessionChangesOverOnceTheWebsocketHasSaidHello(t *testing.T) {
	blocked(t, func(r *rig, w *web) {
		s := w.stream(t, 1)
		s.say(helloByHTTP, wire.Frame{Type: wire.Snapshot, Epoch: 7, Seq: 3})
		r.s.Claim("p")
		r.refuse(nil)
		r.s.Offline(true)
		r.s.Offline(false) // tries at once
		p := r.server(1)
		s.say(request(4))
		if st := r.state(); st.Transport != session.EventStream || s.stopped {
			t.Errorf("state %+v before hello, want the stream to go on", st)
		}
		r.onPage("hello snapshot7/3 request4")
		p.send(hello)
		r.fromClient(p, "resume7/4 claim:p")
		if !s.stopped {
			t.Error("the stream was not given up")
		}
		p.send(request(4), request(5))
		r.onPage("hello request5")
		if st := r.state(); st.Transport != session.Websocket || strings.Contains(r.phases(), "connected0 reconnecting") {
			t.Errorf("state %+v after %s, want connected all the time", st, r.phases())
		}
		p.cut()
		if r.greeted(2); r.state().Transport != session.Websocket {
			t.Errorf("state %+v, want the websocket to be first again", r.state())
		}
	})
}

// TestMuteProxyAndBufferedStreamLeadToPolls is for a proxy that lets everything
// open and nothing through but whole answers.
func TestMuteProxyAndBufferedStreamLeadToPolls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWeb()
		w.reply = session.Reply{Status: 200, Type: "application/json", Body: []byte("[" + string(wire.Encode(helloByHTTP)) + "]")}
		r := newRig(t, session.Options{HTTP: w.http()})
		r.run()
		start := time.Now()
		w.stream(t, 1)
		if took := time.Since(start); took > 10*time.Second {
			t.Errorf("a stream was tried after %v, want at most 10 s", took)
		}
		for r.state().Phase != session.Connected && time.Since(start) < time.Minute {
			time.Sleep(100 * time.Millisecond)
		}
		if st := r.state(); st.Transport != session.LongPoll || time.Since(start) > 15*time.Second {
			t.Errorf("state %+v after %v, want connected by polls within 15 s", st, time.Since(start))
		}
		w.polls <- wire.Frame{Type: wire.Snapshot, Epoch: 7, Seq: 3}
		w.polls <- request(4)
		r.onPage("hello snapshot7/3 request4")
		got := w.requests()
		for _, want := range []string{"POST http://test/poll", "GET http://test/poll/s1/2", `POST http://test/stream/s1 {"type":"resume"}`} {
			if !slices.Contains(got, want) {
				t.Errorf("requests %q, want %q among them", got, want)
			}
		}
		r.stop()
		time.Sleep(time.Minute)
	})
}

// TestServerThatIsAwayIsNoReasonToStayWithHTTP has the server come back: the
// websocket is tried before anything else.
func TestServerThatIsAwayIsNoReasonToStayWithHTTP(t *testing.T) {
	blocked(t, func(r *rig, w *web) {
		w.with(func() { w.dead = true })
		time.Sleep(3 * time.Minute)
		if st := r.state(); st.Phase != session.Offline || st.Transport != "" {
			t.Errorf("state %+v, want offline", st)
		}
		w.with(func() { w.dead = false })
		r.refuse(nil)
		r.greeted(1)
		if st := r.state(); st.Transport != session.Websocket {
			t.Errorf("state %+v, want connected by websocket", st)
		}
	})
}

func TestSomebodyElsesAnswerSignsNobodyOut(t *testing.T) {
	for name, tc := range map[string]struct {
		reply       session.Reply
		intercepted bool
		ended       bool
	}{
		"a page":         {session.Reply{Status: 200, Type: "text/html"}, true, false},
		"a redirect":     {session.Reply{Status: 302}, true, false},
		"a hidden one":   {session.Reply{}, true, false},
		"sign in to it":  {session.Reply{Status: 511, Type: "text/html"}, true, false},
		"JSON of theirs": {session.Reply{Status: 200, Type: "application/json", Body: []byte(`{"portal":true}`)}, true, false},
		"their 401":      {session.Reply{Status: 401, Type: "text/html"}, false, false},
		"a bad gateway":  {session.Reply{Status: 502, Type: "text/html"}, false, false},
		"our 401":        {session.Reply{Status: 401, Type: "application/problem+json"}, false, true},
	} {
		t.Run(name, func(t *testing.T) {
			blocked(t, func(r *rig, w *web) {
				w.with(func() { w.reply = tc.reply })
				w.stream(t, 1).ended(errors.New("it did not come"))
				time.Sleep(time.Second)
				st := r.state()
				if st.Intercepted != tc.intercepted || (st.Phase == session.Ended) != tc.ended {
					t.Errorf("state %+v, want intercepted %v, ended %v", st, tc.intercepted, tc.ended)
				}
			})
		})
	}
}

func TestSocketThatCallsIsRead(t *testing.T) {
	var heard func(string)
	var ended func(error)
	var sent []string
	stopped := false
	dial := session.Dialer(func(url string, h func(string), e func(error)) (func(string) error, func()) {
		heard, ended = h, e
		return func(data string) error { sent = append(sent, data); return nil }, func() { stopped = true }
	})
	c, err := dial(t.Context(), "ws://test")
	if err != nil {
		t.Fatal(err)
	}
	heard("one")
	heard("two")
	ended(errBroken)
	for _, want := range []string{"one", "two"} {
		if b, err := c.Read(t.Context()); string(b) != want || err != nil {
			t.Errorf("Read = %q, %v, want %q", b, err, want)
		}
	}
	if _, err := c.Read(t.Context()); !errors.Is(err, errBroken) {
		t.Errorf("Read = %v after the end, want why", err)
	}
	if err := c.Write(t.Context(), []byte("three")); err != nil || len(sent) != 1 || sent[0] != "three" {
		t.Errorf("sent %q, %v", sent, err)
	}
	if c.Close(); !stopped {
		t.Error("Close did not close the socket")
	}
}
