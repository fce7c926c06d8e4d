package hub_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/session"
	"github.com/crmpop/crmpop/app/wire"
	"github.com/crmpop/crmpop/server/hub"
)

// by waits until a client is connected by a transport.
func (s *site) by(w *workspace, want session.Transport) {
	s.Helper()
	s.eventually("the client is connected by "+string(want), func() (ok bool) {
		w.with(func() { ok = w.state.Transport == want })
		return ok
	})
}

func agentKey(id string) wire.AgentKey { return wire.AgentKey{Tenant: "t1", ID: id} }

// TestEveryWayBringsTheSame takes each way through the proxies that leave no other.
func TestEveryWayBringsTheSame(t *testing.T) {
	t.Parallel()
	for does, want := range map[string]session.Transport{
		passes:  session.Websocket,
		refuses: session.EventStream,
		strips:  session.EventStream,
		mutes:   session.EventStream,
		buffers: session.LongPoll,
	} {
		t.Run(does, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, hub.Options{})
			a := agentKey("u")
			s.rec.add(a, 3)
			p := s.behind(does, 0)
			w := s.joinAt(p.url, "u", "tab", p.http())
			s.by(w, want)
			s.eventually("the snapshot is there", func() bool { return w.has(3) })
			for range 40 {
				s.bus.publish(s.rec.add(a, 1))
			}
			s.eventually("all frames are there", func() bool { return w.has(43) })
			w.check(t, "client", 43)

			w.Claim("p-1")
			w.Receipt("p-1", screenpop.PopShown, "")
			w.Session.Close("c-1")
			s.eventually("the claim is answered and the receipt confirmed", func() (ok bool) {
				w.with(func() { ok = len(w.claims) == 1 && w.claims[0] == "p-1 true" && len(w.acked) == 0 })
				return ok
			})
			s.eventually("the acts are done", func() bool {
				all := strings.Join(s.acts.all(), "\n")
				return strings.Contains(all, "claim p-1 tab") && strings.Contains(all, "close c-1") && strings.Contains(all, "ack 43")
			})
			if tab := s.hub.Leader(a); tab != "tab" {
				t.Errorf("Leader = %q, want tab", tab)
			}
			w.stop()
			s.eventually("the session is gone", func() bool { return s.hub.Sessions() == 0 })
		})
	}
}

func TestOneOfTwoTabsGetsAClaimWhateverTheirWays(t *testing.T) {
	t.Parallel()
	s := newSite(t, hub.Options{})
	p := s.behind(refuses, 0)
	one, other := s.join("u", "one"), s.joinAt(p.url, "u", "other", p.http())
	s.by(one, session.Websocket)
	s.by(other, session.EventStream)
	one.Claim("p")
	other.Claim("p")
	var claims []string
	s.eventually("both are answered", func() bool {
		claims = nil
		one.with(func() { claims = append(claims, one.claims...) })
		other.with(func() { claims = append(claims, other.claims...) })
		return len(claims) == 2
	})
	if slices.Sort(claims); claims[0] != "p false" || claims[1] != "p true" {
		t.Errorf("claims were answered %v, want one true and one false", claims)
	}
}

// TestBackToTheWebsocketWithoutAGap changes over while frames come.
func TestBackToTheWebsocketWithoutAGap(t *testing.T) {
	t.Parallel()
	for does, by := range map[string]session.Transport{refuses: session.EventStream, buffers: session.LongPoll} {
		t.Run(does, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, hub.Options{})
			p := s.behind(does, 0)
			w := s.joinAt(p.url, "u", "tab", p.http())
			s.by(w, by)
			since := time.Time{}
			w.with(func() { since = w.state.Since })
			p.does.Store(passes)
			w.Offline(true)
			w.Offline(false) // another network, perhaps
			n := int64(0)
			s.eventually("it is connected by websocket", func() (ok bool) {
				s.bus.publish(s.rec.add(agentKey("u"), 1))
				n++
				w.with(func() { ok = w.state.Transport == session.Websocket })
				return ok
			})
			s.eventually("all frames are there", func() bool { return w.has(n) })
			w.check(t, "client", n)
			w.with(func() {
				if w.state.Phase != session.Connected || !w.state.Since.Equal(since) {
					t.Errorf("state %+v, want connected since %v: what works is not given up first", w.state, since)
				}
			})
			s.eventually("the old session is gone", func() bool { return s.hub.Sessions() == 1 })
		})
	}
}

// TestNothingIsLostOrDoubledByHTTP resets connections and puts another server in
// the place of the first, as a kill does, while frames come.
func TestNothingIsLostOrDoubledByHTTP(t *testing.T) {
	t.Parallel()
	s := newSite(t, hub.Options{Sweep: 50 * time.Millisecond})
	stream, poll := s.behind(refuses, 0), s.behind(buffers, 0)
	clients := []*workspace{s.join("u", "a"), s.joinAt(stream.url, "u", "b", stream.http()), s.joinAt(poll.url, "u", "c", poll.http())}
	s.by(clients[0], session.Websocket)
	s.by(clients[1], session.EventStream)
	s.by(clients[2], session.LongPoll)
	const frames = 300
	for n := range frames {
		h := s.rec.add(agentKey("u"), 1)
		if n%10 > 0 { // else the hint is lost
			s.bus.publish(h)
		}
		if n%25 == 0 {
			for i, c := range clients {
				c.Receipt(fmt.Sprintf("p-%d-%d", i, n), screenpop.PopShown, "")
			}
		}
		switch n {
		case 100, 250:
			s.door.slam()
		case 180:
			second := hub.New(s.rec, s.bus, s.acts, hub.Options{Log: quiet(), Sweep: 50 * time.Millisecond})
			ctx, stop := context.WithCancel(context.Background())
			done := make(chan struct{})
			go func() { defer close(done); second.Run(ctx) }()
			s.Cleanup(func() {
				over, cancel := context.WithTimeout(context.Background(), 0)
				defer cancel()
				second.Drain(over)
				stop()
				<-done
			})
			s.lead(second)
			s.door.slam()
		}
	}
	for i, c := range clients {
		s.eventually("all frames are there and all receipts confirmed", func() (ok bool) {
			c.with(func() { ok = len(c.acked) == 0 })
			return ok && c.has(frames)
		})
		c.check(t, fmt.Sprint("client ", i), frames)
	}
}

func TestSignOutEndsStreamsAndPolls(t *testing.T) {
	t.Parallel()
	for does, by := range map[string]session.Transport{refuses: session.EventStream, buffers: session.LongPoll} {
		t.Run(does, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, hub.Options{})
			p := s.behind(does, 0)
			w := s.joinAt(p.url, "u", "tab", p.http())
			s.by(w, by)
			s.hub.SignOut("login-1")
			s.eventually("the client has ended", func() (ok bool) {
				w.with(func() { ok = w.state.Phase == session.Ended })
				return ok
			})
			if w.stop(); screenpop.ErrorCode(w.end) != screenpop.CodeUnauthorized {
				t.Errorf("Run = %v, want that it is signed out", w.end)
			}
			s.eventually("the session is gone", func() bool { return s.hub.Sessions() == 0 && s.bus.subscribers() == 0 })
		})
	}
}

func TestDrainSendsStreamsAndPollsAway(t *testing.T) {
	t.Parallel()
	s := newSite(t, hub.Options{Rand: func() float64 { return 0.05 }})
	stream, poll := s.behind(refuses, 0), s.behind(buffers, 0)
	clients := []*workspace{s.joinAt(stream.url, "u", "b", stream.http()), s.joinAt(poll.url, "u", "c", poll.http())}
	s.by(clients[0], session.EventStream)
	s.by(clients[1], session.LongPoll)
	second := hub.New(s.rec, s.bus, s.acts, hub.Options{Log: quiet()})
	s.Cleanup(func() {
		over, cancel := context.WithTimeout(context.Background(), 0)
		defer cancel()
		second.Drain(over)
	})
	s.lead(second)
	s.hub.Drain(context.Background())
	if n := s.hub.Sessions(); n != 0 {
		t.Errorf("%d sessions after the drain, want none", n)
	}
	s.eventually("both have gone to the other server", func() bool { return second.Sessions() == 2 })
	s.bus.publish(s.rec.add(agentKey("u"), 1))
	for _, c := range clients {
		s.eventually("the frame is there", func() bool { return c.has(1) })
		c.check(t, "client", 1)
	}
}

// get opens an answer that the caller reads as it likes.
func (s *site) get(method, path, body string) *http.Response {
	s.Helper()
	r, err := http.NewRequest(method, s.url+path, strings.NewReader(body))
	if err != nil {
		s.Fatal(err)
	}
	r.Header.Set("Accept", "text/event-stream")
	c := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := c.Do(r)
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() { resp.Body.Close() })
	return resp
}

// event reads the next frame of a stream.
func (s *site) event(b *bufio.Reader) (f wire.Frame, lines []string) {
	s.Helper()
	for {
		line, err := b.ReadString('\n')
		if err != nil {
			s.Fatalf("after %q: %v", lines, err)
		}
		lines = append(lines, strings.TrimSuffix(line, "\n"))
		if data, ok := strings.CutPrefix(line, "data: "); ok {
			if f, err = wire.Decode([]byte(data)); err != nil {
				s.Fatal(err)
			}
			return f, lines
		}
	}
}

func TestStreamBeginsWithACommentAndItsHeaders(t *testing.T) {
	s := newSite(t, hub.Options{})
	resp := s.get("GET", "/stream", "")
	for name, want := range map[string]string{"Content-Type": "text/event-stream", "Cache-Control": "no-store, no-transform", "X-Accel-Buffering": "no"} {
		if got := resp.Header.Get(name); got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
	hello, lines := s.event(bufio.NewReader(resp.Body))
	if !strings.HasPrefix(lines[0], ":") || hello.Type != wire.Hello || len(hello.ID) < 26 {
		t.Errorf("the stream began with %q, want a comment and then hello with an id", lines)
	}
}

func TestStreamMustBeAskedForByName(t *testing.T) {
	s := newSite(t, hub.Options{})
	w := httptest.NewRecorder()
	s.serve(w, httptest.NewRequest("GET", "/stream", nil))
	if w.Code != 400 || !strings.Contains(w.Body.String(), "EventSource") {
		t.Errorf("GET /stream without Accept = %d %s, want 400 that names the cure", w.Code, w.Body)
	}
}

func TestStreamIsForWhoeverOpenedIt(t *testing.T) {
	s := newSite(t, hub.Options{})
	resp := s.get("GET", "/stream?caller=anna", "")
	hello, _ := s.event(bufio.NewReader(resp.Body))
	for path, want := range map[string]int{
		"/stream/" + hello.ID:                  404,
		"/stream/" + hello.ID + "?caller=ola":  404,
		"/stream/none?caller=anna":             404,
		"/stream/" + hello.ID + "?caller=anna": 204,
	} {
		if got := s.get("POST", path, `{"type":"resume"}`).StatusCode; got != want {
			t.Errorf("POST %s = %d, want %d", path, got, want)
		}
	}
	if got := s.get("GET", "/poll/"+hello.ID+"/1?caller=anna", "").StatusCode; got != 404 {
		t.Errorf("a poll of a stream = %d, want 404", got)
	}
}

func TestWhatNoClientMaySayByHTTP(t *testing.T) {
	for name, tc := range map[string]struct{ say, want string }{
		"too large":      {`{"type":"` + strings.Repeat("x", hub.ReadLimit) + `"}`, "more than 65536 bytes"},
		"not json":       {`hello`, "decode frame"},
		"a broken array": {`[{"type":"pong"}`, "decode frames"},
		"before resume":  {`[{"type":"ack","seq":1}]`, "before the first resume"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, hub.Options{})
			stream := bufio.NewReader(s.get("GET", "/stream", "").Body)
			hello, _ := s.event(stream)
			s.get("POST", "/stream/"+hello.ID, tc.say)
			if f, _ := s.event(stream); f.Code != wire.ByeProtocol || !strings.Contains(f.Reason, tc.want) {
				t.Errorf("client got %+v, want bye 4400 with %q", f, tc.want)
			}
			if rest, err := io.ReadAll(stream); err != nil || strings.TrimSpace(string(rest)) != "" {
				t.Errorf("after the bye came %q, %v; want the end", rest, err)
			}
			s.eventually("the session is gone", func() bool { return s.hub.Sessions() == 0 })
		})
	}
}

// frames reads the answer of a poll.
func (s *site) frames(resp *http.Response) (all []wire.Frame) {
	s.Helper()
	if err := json.NewDecoder(resp.Body).Decode(&all); err != nil || resp.StatusCode != 200 {
		s.Fatalf("poll = %d, %v", resp.StatusCode, err)
	}
	return all
}

// A proxy that sends a poll twice must not take frames away.
func TestPollsHaveTheirTurns(t *testing.T) {
	s := newSite(t, hub.Options{})
	id := s.frames(s.get("POST", "/poll", ""))[0].ID
	s.get("POST", "/stream/"+id, `{"type":"resume","tab":"a"}`)
	var got []wire.Frame
	for turn := 2; len(got) < 2; turn++ {
		got = append(got, s.frames(s.get("GET", fmt.Sprintf("/poll/%s/%d", id, turn), ""))...)
		for _, wrong := range []int{turn, turn + 2, 0} {
			if code := s.get("GET", fmt.Sprintf("/poll/%s/%d", id, wrong), "").StatusCode; code != 409 {
				t.Errorf("poll %d after poll %d = %d, want 409", wrong, turn, code)
			}
		}
	}
	if shape(got) != "snapshot7/0 ping0" {
		t.Errorf("polls brought %q", shape(got))
	}
}

func TestStalledStreamIsCutAndTheOthersServed(t *testing.T) {
	t.Parallel()
	s := newSite(t, hub.Options{WriteTimeout: 300 * time.Millisecond})
	stream := bufio.NewReader(s.get("GET", "/stream?agent=u", "").Body)
	hello, _ := s.event(stream)
	s.get("POST", "/stream/"+hello.ID, `{"type":"resume","epoch":7,"tab":"a"}`) // and never read again
	lazy := s.frames(s.get("POST", "/poll?agent=u", ""))[0].ID
	s.get("POST", "/stream/"+lazy, `{"type":"resume","epoch":7,"tab":"b"}`) // and never polled again
	p := s.behind(refuses, 0)
	well := s.joinAt(p.url, "u", "c", p.http())
	s.by(well, session.EventStream)
	n := int64(0)
	s.eventually("the stalled are gone", func() bool {
		n++
		s.bus.publish(s.rec.addSized(agentKey("u"), 1, 60<<10))
		s.eventually("the one that reads has the frame", func() bool { return well.has(n) })
		return s.hub.Sessions() == 1
	})
	well.check(t, "the one that reads", n)
	s.eventually("no stalled session holds a subscription", func() bool { return s.bus.subscribers() == 1 })
}

// TestHeartbeatsKeepAStreamThroughAnIdleKiller has a proxy that cuts what is
// silent for two and a half heartbeats.
func TestHeartbeatsKeepAStreamThroughAnIdleKiller(t *testing.T) {
	t.Parallel()
	s := newSite(t, hub.Options{Heartbeat: time.Second})
	p := s.behind(refuses, 2500*time.Millisecond)
	r, err := http.NewRequest("GET", p.url+"/stream", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept", "text/event-stream")
	resp, err := p.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	stream := bufio.NewReader(resp.Body)
	hello, _ := s.event(stream)
	s.get("POST", "/stream/"+hello.ID, `{"type":"resume","tab":"a"}`)
	for pings := 0; pings < 6; {
		f, _ := s.event(stream)
		if f.Type == wire.Ping {
			pings++
			s.get("POST", "/stream/"+hello.ID, `{"type":"pong"}`)
		}
	}
	if n := s.hub.Sessions(); n != 1 {
		t.Errorf("%d sessions, want the one stream", n)
	}
}

// TestSomebodyElseAnswers has a network's own sign-in page in the server's place.
func TestSomebodyElseAnswers(t *testing.T) {
	t.Parallel()
	for _, does := range []string{intercepts, redirects} {
		t.Run(does, func(t *testing.T) {
			s := newSite(t, hub.Options{})
			p := s.behind(does, 0)
			w := s.joinAt(p.url, "u", "tab", p.http())
			s.eventually("the client says so", func() (ok bool) {
				w.with(func() { ok = w.state.Intercepted && strings.Contains(w.state.Reason, "answers in its place") })
				return ok
			})
			p.does.Store(passes)
			s.by(w, session.Websocket)
			w.with(func() {
				if w.state.Intercepted {
					t.Errorf("state %+v, want nothing in between any more", w.state)
				}
			})
		})
	}
}

func TestRefusedStreamIsToldWhy(t *testing.T) {
	s := newSite(t, hub.Options{})
	s.hub.SignOut("login-1")
	f, _ := s.event(bufio.NewReader(s.get("GET", "/stream", "").Body)) // its sign-in was checked before
	if f.Type != wire.Bye || f.Code != wire.ByeSignOut {
		t.Errorf("client got %+v, want bye 4401", f)
	}
	if code := s.get("POST", "/poll", "").StatusCode; code != 401 {
		t.Errorf("a poll = %d, want 401", code)
	}
}
