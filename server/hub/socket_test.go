package hub_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/wire"
	"github.com/crmpop/crmpop/server/hub"
)

// site is a hub behind a real listener.
type site struct {
	*testing.T
	rec  *record
	bus  *bus
	acts *acts
	hub  *hub.Hub
	url  string
	door *door

	mu    sync.Mutex
	front *hub.Hub // that new sockets go to
}

// lead sends new sockets to another hub.
func (s *site) lead(to *hub.Hub) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.front = to
}

// newSite serves a hub; the agent's id is the query's "agent", anna without one.
func newSite(t *testing.T, o hub.Options) *site {
	t.Helper()
	s := &site{T: t, rec: newRecord(), bus: newBus(), acts: &acts{}}
	o.Log = quiet()
	s.hub = hub.New(s.rec, s.bus, s.acts, o)
	s.lead(s.hub)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.door = &door{Listener: l}
	srv := httptest.NewUnstartedServer(http.HandlerFunc(s.serve))
	srv.Listener.Close()
	srv.Listener = s.door
	srv.Start()
	s.url = srv.URL
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { s.hub.Run(ctx) })
	t.Cleanup(func() {
		over, cancel := context.WithTimeout(context.Background(), 0)
		defer cancel()
		s.hub.Drain(over)
		stop()
		running.Wait()
		srv.Close()
		s.eventually("no subscription is left", func() bool { return s.bus.subscribers() == 0 })
	})
	return s
}

func (s *site) serve(w http.ResponseWriter, r *http.Request) {
	who := anna
	if id := r.URL.Query().Get("agent"); id != "" {
		who.Key.ID = id
	}
	s.mu.Lock()
	front := s.front
	s.mu.Unlock()
	if err := route(front, w, r, who); err != nil {
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(max(statuses[screenpop.ErrorCode(err)], 400))
		fmt.Fprint(w, err)
	}
}

var statuses = map[screenpop.Code]int{screenpop.CodeInvalid: 400, screenpop.CodeUnauthorized: 401, screenpop.CodeNotFound: 404,
	screenpop.CodeConflict: 409, screenpop.CodeUnavailable: 503}

// route does what the door does with paths; the caller stands in the query.
func route(h *hub.Hub, w http.ResponseWriter, r *http.Request, who hub.Who) error {
	who.Caller = r.URL.Query().Get("caller")
	part := strings.Split(r.URL.Path+"///", "/")
	switch r.Method + " " + part[1] {
	case "GET refuse":
		return h.Refuse(w, r, wire.ByeSignOut, "sign in again")
	case "GET stream":
		return h.Stream(w, r, who)
	case "POST stream":
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return err
		}
		if err = h.Say(part[2], who.Caller, body); err == nil {
			w.WriteHeader(http.StatusNoContent)
		}
		return err
	case "POST poll":
		return h.OpenPoll(w, r, who)
	case "GET poll":
		turn, _ := strconv.Atoi(part[3])
		return h.Poll(w, r, part[2], who.Caller, turn)
	}
	return h.Serve(w, r, who)
}

// door is a listener whose connections can be cut without a word.
type door struct {
	net.Listener
	mu    sync.Mutex
	conns []net.Conn
}

func (d *door) Accept() (net.Conn, error) {
	c, err := d.Listener.Accept()
	if err == nil {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.conns = append(d.conns, c)
	}
	return c, err
}

// slam resets every connection.
func (d *door) slam() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, c := range d.conns {
		_ = c.(*net.TCPConn).SetLinger(0)
		_ = c.Close()
	}
	d.conns = nil
}

// eventually waits for a condition of the real world.
func (s *site) eventually(what string, ok func() bool) {
	s.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(2 * time.Millisecond) {
		if ok() {
			return
		}
	}
	s.Fatalf("after 20 s it is still not so: %s", what)
}

// dial opens a socket and returns it with its hello read.
func (s *site) dial(path string) *websocket.Conn {
	s.Helper()
	ws, _, err := websocket.Dial(context.Background(), s.url+path, nil)
	if err != nil {
		s.Fatal(err)
	}
	ws.SetReadLimit(-1)
	s.Cleanup(func() { ws.CloseNow() })
	return ws
}

func (s *site) read(ws *websocket.Conn) wire.Frame {
	s.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	_, b, err := ws.Read(ctx)
	if err != nil {
		s.Fatal(err)
	}
	f, err := wire.Decode(b)
	if err != nil {
		s.Fatal(err)
	}
	return f
}

func (s *site) write(ws *websocket.Conn, f wire.Frame) {
	s.Helper()
	if err := ws.Write(context.Background(), websocket.MessageText, wire.Encode(f)); err != nil {
		s.Fatal(err)
	}
}

// closing reads to the end and returns the close code.
func closing(ws *websocket.Conn) websocket.StatusCode {
	for {
		if _, _, err := ws.Read(context.Background()); err != nil {
			return websocket.CloseStatus(err)
		}
	}
}

func TestRealSocketFromHelloToSignOut(t *testing.T) {
	s := newSite(t, hub.Options{})
	s.rec.add(anna.Key, 2)
	ws := s.dial("/")
	s.write(ws, wire.Frame{Type: wire.Resume, Tab: "a", Lead: true})
	var got []wire.Frame
	for range 3 {
		got = append(got, s.read(ws))
	}
	s.bus.publish(s.rec.add(anna.Key, 1))
	got = append(got, s.read(ws))
	if shape(got) != "hello7/2 snapshot7/2 ping2 request3" {
		t.Fatalf("client got %q", shape(got))
	}
	if tab := s.hub.Leader(anna.Key); tab != "a" || s.hub.Sessions() != 1 {
		t.Errorf("Leader = %q with %d sessions, want a with 1", tab, s.hub.Sessions())
	}
	s.hub.SignOut("login-1")
	if f := s.read(ws); f.Code != wire.ByeSignOut {
		t.Errorf("client got %+v, want bye 4401", f)
	}
	if code := closing(ws); code != wire.ByeSignOut {
		t.Errorf("closed with %d, want 4401", code)
	}
	late := s.dial("/") // its sign-in was checked before
	if f := s.read(late); f.Code != wire.ByeSignOut {
		t.Errorf("a socket that came too late got %+v, want bye 4401", f)
	}
}

func TestWhatIsNoWebsocketIsAnError(t *testing.T) {
	s := newSite(t, hub.Options{})
	for _, path := range []string{"/", "/refuse"} {
		w := httptest.NewRecorder()
		s.serve(w, httptest.NewRequest("GET", path, nil))
		if w.Code != 400 || !strings.Contains(w.Body.String(), "websocket") {
			t.Errorf("GET %s = %d %s, want 400 that names the cure", path, w.Code, w.Body)
		}
	}
}

func TestRecordThatCannotBeReadIsAnErrorBeforeTheUpgrade(t *testing.T) {
	s := newSite(t, hub.Options{})
	s.rec.set(func() { s.rec.err = screenpop.Errorf(screenpop.CodeUnavailable, "storage", "the disk is full") })
	_, resp, err := websocket.Dial(context.Background(), s.url, nil)
	if err == nil || resp.StatusCode != 503 {
		t.Errorf("dial = %v with %v, want 503", err, resp)
	}
}

func TestDrainingServerRefusesBeforeTheUpgrade(t *testing.T) {
	s := newSite(t, hub.Options{})
	s.hub.Drain(context.Background())
	_, resp, err := websocket.Dial(context.Background(), s.url, nil)
	if err == nil || resp.StatusCode != 503 {
		t.Errorf("dial = %v with %v, want 503", err, resp)
	}
}

func TestRefusedSocketIsToldWhy(t *testing.T) {
	s := newSite(t, hub.Options{})
	ws := s.dial("/refuse")
	if f := s.read(ws); f.Type != wire.Bye || f.Code != wire.ByeSignOut || f.Reason != "sign in again" {
		t.Errorf("client got %+v, want bye 4401", f)
	}
	if code := closing(ws); code != wire.ByeSignOut {
		t.Errorf("closed with %d, want 4401", code)
	}
}

func TestFramesNoClientMaySend(t *testing.T) {
	for name, tc := range map[string]struct {
		typ  websocket.MessageType
		b    string
		want string
	}{
		"too large": {websocket.MessageText, `{"type":"` + strings.Repeat("x", hub.ReadLimit) + `"}`, "more than 65536 bytes"},
		"binary":    {websocket.MessageBinary, `{"type":"pong"}`, "binary"},
		"not json":  {websocket.MessageText, `hello`, "decode frame"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, hub.Options{})
			ws := s.dial("/")
			s.read(ws)
			if err := ws.Write(context.Background(), tc.typ, []byte(tc.b)); err != nil {
				t.Fatal(err)
			}
			f := s.read(ws)
			if f.Code != wire.ByeProtocol || !strings.Contains(f.Reason, tc.want) {
				t.Errorf("client got %+v, want bye 4400 with %q", f, tc.want)
			}
			if code := closing(ws); code != wire.ByeProtocol {
				t.Errorf("closed with %d, want 4400", code)
			}
			s.eventually("the session is gone", func() bool { return s.hub.Sessions() == 0 })
		})
	}
}

func TestLargestFrameOfAClientIsTaken(t *testing.T) {
	s := newSite(t, hub.Options{})
	ws := s.dial("/")
	s.write(ws, wire.Frame{Type: wire.Resume, Tab: "a"})
	f := wire.Frame{Type: wire.Close, RequestID: "c"}
	f.RequestID = strings.Repeat("c", hub.ReadLimit-len(wire.Encode(f))+1)
	s.write(ws, f)
	s.eventually("the act is done", func() bool { return len(s.acts.all()) == 1 })
}

func TestProtocolPingIsAnsweredLongAfterTheLastWrite(t *testing.T) {
	s := newSite(t, hub.Options{WriteTimeout: 50 * time.Millisecond})
	ws := s.dial("/")
	s.write(ws, wire.Frame{Type: wire.Resume, Tab: "a"})
	for range 3 {
		s.read(ws)
	}
	time.Sleep(100 * time.Millisecond) // the deadline of the last write is over
	go closing(ws)                     // reads the pong
	if err := ws.Ping(context.Background()); err != nil {
		t.Errorf("ping: %v", err)
	}
}

func TestStalledSocketsAreCutAndTheOthersServed(t *testing.T) {
	s := newSite(t, hub.Options{WriteTimeout: 300 * time.Millisecond})
	var stalled []*websocket.Conn
	for range 5 {
		ws := s.dial("/")
		s.write(ws, wire.Frame{Type: wire.Resume, Epoch: 7, Tab: "a"})
		s.read(ws)
		s.read(ws)
		stalled = append(stalled, ws) // and never read again
	}
	well := s.dial("/")
	s.write(well, wire.Frame{Type: wire.Resume, Epoch: 7, Tab: "a"})
	s.read(well)
	s.read(well)
	for i := int64(1); s.hub.Sessions() > 1 && i < 4000; i++ {
		s.bus.publish(s.rec.addSized(anna.Key, 1, 60<<10))
		if f := s.read(well); f.Seq != i {
			t.Fatalf("the one that reads got %s where request%d was due", shape([]wire.Frame{f}), i)
		}
	}
	if n := s.hub.Sessions(); n != 1 {
		t.Errorf("Sessions() = %d, want only the one that reads", n)
	}
	s.eventually("no stalled session holds a subscription", func() bool { return s.bus.subscribers() == 1 })
}

func TestIdleAgentCostsOneGoroutine(t *testing.T) {
	s := newSite(t, hub.Options{})
	base := 0
	for i := range 100 {
		ws := s.dial("/?agent=" + strings.Repeat("a", i+1))
		s.write(ws, wire.Frame{Type: wire.Resume, Tab: "a"})
		for range 3 {
			s.read(ws)
		}
		if i == 0 { // with the server's own and this client's
			s.settled()
			base = s.settled()
		}
	}
	perAgent := float64(s.settled()-base) / 99
	// The client library has none of its own; the transport that dialled has ended.
	if perAgent > 1.2 {
		t.Errorf("%.2f goroutines an idle agent, at most 1.2", perAgent)
	}
}

// settled returns the number of goroutines once it stays the same.
func (s *site) settled() int {
	n, same := -1, 0
	s.eventually("the number of goroutines settles", func() bool {
		time.Sleep(10 * time.Millisecond)
		if now := runtime.NumGoroutine(); now != n {
			n, same = now, 0
		} else {
			same++
		}
		return same > 5
	})
	return n
}

func TestFailedHandshakeIsAnsweredOnce(t *testing.T) {
	s := newSite(t, hub.Options{})
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("Upgrade", "websocket") // and nothing else that it takes
	w := httptest.NewRecorder()
	if err := s.hub.Serve(w, r, anna); err != nil {
		t.Errorf("Serve = %v after the library has answered", err)
	}
	if w.Code != http.StatusUpgradeRequired || s.hub.Sessions() != 0 {
		t.Errorf("answered %d with %d sessions, want 426 with none", w.Code, s.hub.Sessions())
	}
}
