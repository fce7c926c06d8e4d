package companions_test

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/wire"
	"github.com/crmpop/crmpop/server/companions"
)

var anna = wire.AgentKey{Tenant: "t", ID: "anna"}

// house is a room with a record in memory, whose stream, claims and receipts the
// test looks at. It is the bus, too.
type house struct {
	t    *testing.T
	room *companions.Room
	url  string
	key  ed25519.PrivateKey
	ids  []string // of the companions that are paired

	mu       sync.Mutex // guards what follows
	now      time.Time
	pops     map[string]screenpop.Pop
	frames   []wire.Frame
	floor    int64 // frames up to it are gone
	subs     map[int]func(wire.Hint)
	claims   map[string]string
	receipts []string
	failing  bool // the record takes no receipts
	away     bool // the agent has no workspace open
	reads    int
	readTo   int64  // newest frame that was read
	during   func() // is called once, when the record has been read and the reader has not yet got it
}

func newHouse(t *testing.T, beat time.Duration) *house {
	t.Helper()
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	h := &house{t: t, key: private, ids: []string{"c1", "c2"}, now: time.Now(), pops: map[string]screenpop.Pop{},
		subs: map[int]func(wire.Hint){}, claims: map[string]string{}}
	h.room = companions.New(h, h, h, companions.Options{Server: "https://pop.example.com", Heartbeat: beat, Now: h.clock,
		Find: func(_ context.Context, id string) (companions.Known, error) {
			h.mu.Lock()
			defer h.mu.Unlock()
			if !slices.Contains(h.ids, id) {
				return companions.Known{}, screenpop.Errorf(screenpop.CodeNotFound, "not-found", "no companion %q here", id)
			}
			return companions.Known{ID: id, Agent: anna, AgentName: "Anna", Host: "PC-" + id, Key: public}, nil
		},
		Seen:   func(context.Context, string, string, string) error { return nil },
		AtWork: func(wire.AgentKey) bool { h.mu.Lock(); defer h.mu.Unlock(); return !h.away }})
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := h.room.Serve(w, r, "192.0.2.7"); err != nil {
			w.WriteHeader(http.StatusBadRequest)
		}
	}))
	h.url = srv.URL
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		h.room.Drain(ctx)
		srv.Close()
		h.mu.Lock()
		defer h.mu.Unlock()
		if len(h.subs) != 0 {
			t.Errorf("%d subscriptions are left", len(h.subs))
		}
	})
	return h
}

func (h *house) clock() time.Time { h.mu.Lock(); defer h.mu.Unlock(); return h.now }

func (h *house) wait(d time.Duration) { h.mu.Lock(); defer h.mu.Unlock(); h.now = h.now.Add(d) }

func (h *house) set(f func()) { h.mu.Lock(); defer h.mu.Unlock(); f() }

// commit writes a pop into the stream and returns the hint for it.
func (h *house) commit(p screenpop.Pop) wire.Hint {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.pops[p.ID] = p
	seq := int64(len(h.frames)) + 1
	f := wire.Frame{Type: wire.Pop, Seq: seq, Pop: &p}
	h.frames = append(h.frames, f)
	return wire.Hint{Agent: anna, Head: seq, Frames: []wire.Frame{f}}
}

func (h *house) publish(hint wire.Hint) {
	h.mu.Lock()
	var all []func(wire.Hint)
	for _, f := range h.subs {
		all = append(all, f)
	}
	h.mu.Unlock()
	for _, f := range all {
		f(hint)
	}
}

// pop returns a command or, with a holder, a text that is granted to it.
func (h *house) pop(id, holder string) screenpop.Pop {
	now := h.clock()
	p := screenpop.Pop{ID: id, RequestID: "r-" + id, AgentID: anna.ID, Kind: screenpop.KindCommand, Command: "dde", State: screenpop.PopPending,
		Vars: []screenpop.Var{{Name: "a", Value: "1"}}, CreatedAt: now, ExpiresAt: now.Add(15 * time.Second)}
	if holder != "" {
		p.Kind, p.Text, p.ClaimedBy = screenpop.KindClipboard, "text of "+id, holder
		p.ExpiresAt = now.Add(30 * time.Second)
	}
	return p
}

// ring commits a command and tells the room.
func (h *house) ring(id string) { h.publish(h.commit(h.pop(id, ""))) }

func (h *house) Head(context.Context, wire.AgentKey) (int64, int64, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return 1, int64(len(h.frames)), nil
}

func (h *house) Since(_ context.Context, _ wire.AgentKey, seq int64, limit int) ([]wire.Frame, bool, error) {
	h.mu.Lock()
	during := h.during
	h.during = nil
	defer func() {
		h.mu.Unlock()
		if during != nil {
			during()
		}
	}()
	h.reads++
	if seq < h.floor || seq > int64(len(h.frames)) {
		return nil, false, nil
	}
	all := h.frames[seq:]
	all = all[:min(limit, len(all))]
	h.readTo = max(h.readTo, seq+int64(len(all)))
	return slices.Clone(all), true, nil
}

func (h *house) Snapshot(context.Context, wire.AgentKey) (wire.Frame, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	f := wire.Frame{Type: wire.Snapshot, Seq: int64(len(h.frames))}
	for _, one := range h.frames {
		if one.Type == wire.Pop {
			f.Pops = append(f.Pops, h.pops[one.Pop.ID])
		}
	}
	return f, nil
}

func (h *house) Pop(_ context.Context, _, id string) (screenpop.Pop, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	p, ok := h.pops[id]
	if !ok {
		return p, screenpop.Errorf(screenpop.CodeNotFound, "not-found", "no pop %q here", id)
	}
	return p, nil
}

func (h *house) Subscribe(_ wire.AgentKey, f func(wire.Hint)) func() {
	h.mu.Lock()
	defer h.mu.Unlock()
	id := len(h.frames)*100 + len(h.subs)
	for h.subs[id] != nil {
		id++
	}
	h.subs[id] = f
	return func() { h.mu.Lock(); defer h.mu.Unlock(); delete(h.subs, id) }
}

func (h *house) Claim(_ context.Context, _ wire.AgentKey, popID, by string) (bool, string, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	p := h.pops[popID]
	if p.ClaimedBy == "" && p.State.Open() {
		p.ClaimedBy = by
		h.pops[popID] = p
	}
	return p.ClaimedBy == by, p.ClaimedBy, nil
}

func (h *house) Receipt(_ context.Context, _ wire.AgentKey, r screenpop.Receipt) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.failing {
		return screenpop.Errorf(screenpop.CodeUnavailable, "storage", "the disk is full")
	}
	p := h.pops[r.PopID]
	p.State, p.Detail = p.State.Next(r.State), r.Detail
	h.pops[r.PopID] = p
	h.receipts = append(h.receipts, fmt.Sprintf("%s %s %q", r.PopID, r.State, r.Detail))
	return nil
}

// until waits for a condition.
func (h *house) until(what string, ok func() bool) {
	h.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !ok(); {
		if time.Now().After(deadline) {
			h.t.Fatalf("waited in vain for %s; receipts %q", what, h.got())
		}
		select {
		case <-h.t.Context().Done():
			h.t.FailNow()
		case <-time.After(5 * time.Millisecond): // between two looks
		}
	}
}

func (h *house) got() []string { h.mu.Lock(); defer h.mu.Unlock(); return slices.Clone(h.receipts) }

// client is a companion.
type client struct {
	h  *house
	ws *websocket.Conn
}

// connect connects a companion and waits until the room follows its stream.
func (h *house) connect(id string) *client {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(h.t.Context(), 10*time.Second)
	defer cancel()
	ws, _, err := websocket.Dial(ctx, h.url, nil)
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { ws.CloseNow() })
	c := &client{h, ws}
	ch := c.next()
	sig := ed25519.Sign(h.key, wire.CompanionProof(ch.Nonce, ch.Server, id))
	c.say(wire.CompanionFrame{Type: wire.CompanionHello, ID: id, Signature: base64.RawURLEncoding.EncodeToString(sig)})
	if f := c.next(); f.Type != wire.CompanionWelcome || f.AgentName != "Anna" {
		h.t.Fatalf("the proof was answered with %+v", f)
	}
	return c
}

func (c *client) say(f wire.CompanionFrame) {
	c.h.t.Helper()
	ctx, cancel := context.WithTimeout(c.h.t.Context(), 10*time.Second)
	defer cancel()
	if err := c.ws.Write(ctx, websocket.MessageText, wire.EncodeCompanion(f)); err != nil {
		c.h.t.Fatalf("say %s: %v", f.Type, err)
	}
}

// next returns the next frame that is no ping.
func (c *client) next() wire.CompanionFrame {
	c.h.t.Helper()
	ctx, cancel := context.WithTimeout(c.h.t.Context(), 20*time.Second)
	defer cancel()
	for {
		_, b, err := c.ws.Read(ctx)
		if err != nil {
			c.h.t.Fatalf("read: %v", err)
		}
		f, err := wire.DecodeCompanion(b)
		if err != nil {
			c.h.t.Fatal(err)
		}
		if f.Type != wire.Ping {
			return f
		}
	}
}

// runs expects to be told of commands, in this order.
func (c *client) runs(want ...string) {
	c.h.t.Helper()
	var got []string
	for range want {
		f := c.next()
		got = append(got, string(f.Type)+" "+f.PopID)
	}
	for i, id := range want {
		want[i] = "run " + id
	}
	if !slices.Equal(got, want) {
		c.h.t.Errorf("the companion was told %q, want %q", got, want)
	}
}

func TestCommandsArriveAlsoWhenHintsAreLost(t *testing.T) {
	h := newHouse(t, time.Hour)
	h.commit(h.pop("before", ""))
	c := h.connect("c1")
	c.runs("before")
	h.ring("live")
	c.runs("live")
	h.commit(h.pop("lost", ""))
	h.ring("found")
	c.runs("lost", "found")
	for range 100 { // none of its business, and no reason to read the record
		p := h.pop("page", "tab")
		p.Kind = screenpop.KindURL
		h.publish(h.commit(p))
	}
	h.set(func() { h.reads = 0 })
	h.ring("after")
	c.runs("after")
	h.set(func() {
		if h.reads != 0 {
			t.Errorf("the record was read %d times for live frames", h.reads)
		}
	})
	bare := h.commit(h.pop("bare", ""))
	bare.Frames = nil
	h.publish(bare)
	c.runs("bare")
	h.set(func() { h.floor = int64(len(h.frames)) }) // the stream no longer reaches back
	h.commit(h.pop("gap", ""))
	h.set(func() { h.floor = int64(len(h.frames)) })
	h.ring("behind-gap")
	c.runs("gap", "behind-gap")
	if got := h.got(); len(got) != 0 {
		t.Errorf("receipts %q before anything was answered", got)
	}
}

func TestHintThatComesDuringAReadIsNotLost(t *testing.T) {
	h := newHouse(t, time.Hour)
	h.set(func() { h.during = func() { h.ring("p1") } })
	c := h.connect("c1")
	c.runs("p1")
}

func TestCommandWhoseHintNeverCameIsFoundWithTheNextPing(t *testing.T) {
	h := newHouse(t, 20*time.Millisecond)
	c := h.connect("c1")
	h.until("the first read", func() bool { h.mu.Lock(); defer h.mu.Unlock(); return h.reads == 1 })
	h.commit(h.pop("lost", ""))
	c.runs("lost")
}

func TestOneCompanionGetsACommandThatNobodyHas(t *testing.T) {
	h := newHouse(t, time.Hour)
	one, two := h.connect("c1"), h.connect("c2")
	if s := h.room.Standing(anna); s.Holder != "companion:c2" {
		t.Errorf("Standing = %+v, want the newest", s)
	}
	two.say(wire.CompanionFrame{Type: wire.CompanionPause, On: true})
	h.until("the pause", func() bool { return h.room.Standing(anna).Holder == "companion:c1" })
	h.ring("p1")
	one.runs("p1")
	two.say(wire.CompanionFrame{Type: wire.CompanionPause})
	h.until("the end of the pause", func() bool { return h.room.Standing(anna).Holder == "companion:c2" })
	var mu sync.Mutex
	told := map[string]int{}
	var wg sync.WaitGroup
	for _, c := range []*client{one, two} {
		wg.Go(func() {
			for {
				f := c.next()
				if f.Type == wire.Bye {
					return
				}
				mu.Lock()
				told[f.PopID]++
				mu.Unlock()
			}
		})
	}
	for i := range 20 {
		h.ring(fmt.Sprintf("both-%d", i))
	}
	h.until("all commands", func() bool { mu.Lock(); defer mu.Unlock(); return len(told) == 20 })
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	h.room.Drain(ctx)
	wg.Wait()
	for id, n := range told {
		if n != 1 {
			t.Errorf("%s was sent %d times", id, n)
		}
	}
}

func TestResultIsAnsweredOnlyOnceItIsWritten(t *testing.T) {
	h := newHouse(t, time.Hour)
	c := h.connect("c1")
	h.ring("p1")
	c.runs("p1")
	h.set(func() { h.failing = true })
	c.say(wire.CompanionFrame{Type: wire.CompanionResult, PopID: "p1", State: wire.ResultStarted})
	c.say(wire.CompanionFrame{Type: wire.CompanionPause, On: true})
	h.until("the pause, which was said after the result", func() bool { return h.room.Standing(anna).Paused })
	h.set(func() { h.failing = false })
	c.say(wire.CompanionFrame{Type: wire.CompanionResult, PopID: "p1", State: wire.ResultStarted})
	if f := c.next(); f.Type != wire.CompanionResultOK || f.PopID != "p1" {
		t.Errorf("answer %+v", f)
	}
	if got := h.got(); !slices.Equal(got, []string{`p1 ran "started on PC-c1"`}) {
		t.Errorf("receipts %q, want one: what the full disk did not take was not answered", got)
	}
}

func TestCommandIsHeldUntilThereIsAWorkspace(t *testing.T) {
	h := newHouse(t, time.Hour)
	h.set(func() { h.away = true })
	c := h.connect("c1")
	h.until("the first read", func() bool { h.mu.Lock(); defer h.mu.Unlock(); return h.reads == 1 })
	h.ring("p1")
	h.ring("withdrawn")
	h.ring("p2")
	h.ring("p3")
	h.set(func() {
		h.frames = append(h.frames, wire.Frame{Type: wire.Withdraw, Seq: int64(len(h.frames)) + 1, PopID: "withdrawn"})
	})
	h.publish(wire.Hint{Agent: anna, Head: 5})
	h.until("the withdrawal to be read", func() bool { h.mu.Lock(); defer h.mu.Unlock(); return h.readTo == 5 })
	h.set(func() { h.away = false })
	c.runs("p1", "p2", "p3")
	h.set(func() { h.away = true })
	late := h.pop("late", "")
	late.ClaimedBy = "companion:c1"
	h.publish(h.commit(late))
	h.wait(15 * time.Second)
	h.until("its end", func() bool { return len(h.got()) > 0 })
	if got := h.got(); !slices.Equal(got, []string{`late failed "no workspace was open, and a command runs only beside one"`}) {
		t.Errorf("receipts %q", got)
	}
}

func TestTextThatIsNotCopiedIsTheBrowsersAgain(t *testing.T) {
	h := newHouse(t, time.Hour)
	c := h.connect("c1")
	h.publish(h.commit(h.pop("slow", "companion:c1")))
	h.publish(h.commit(h.pop("foreign", "tab-1")))
	if f := c.next(); f.Type != wire.CompanionCopy || f.Text != "text of slow" {
		t.Errorf("came %+v", f)
	}
	h.wait(3 * time.Second)
	h.ring("nudge")
	c.runs("nudge")
	h.until("the text to wait", func() bool {
		return slices.Equal(h.got(), []string{`slow waiting "the companion on PC-c1 did not answer"`})
	})
	old := h.pop("old", "companion:c1")
	h.wait(15 * time.Second)
	h.publish(h.commit(old))
	h.until("the old text to wait", func() bool { return slices.Contains(h.got(), `old waiting "the companion on PC-c1 came too late"`) })
	h.publish(h.commit(h.pop("gone", "companion:c1")))
	c.next()
	c.ws.CloseNow()
	h.until("the last text to wait", func() bool { return slices.Contains(h.got(), `gone waiting "the companion on PC-c1 went away"`) })
}

func TestSilentCompanionIsSentAway(t *testing.T) {
	h := newHouse(t, 50*time.Millisecond)
	c := h.connect("c1")
	for range 3 { // it answers, and stays
		if _, b, err := c.ws.Read(t.Context()); err != nil || string(b) != `{"type":"ping"}` {
			t.Fatalf("read %s, %v", b, err)
		}
		c.say(wire.CompanionFrame{Type: wire.Pong})
	}
	for {
		_, b, err := c.ws.Read(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		f, err := wire.DecodeCompanion(b)
		if err != nil {
			t.Fatal(err)
		}
		if f.Type == wire.Bye {
			if f.Code != wire.ByeSilent {
				t.Errorf("came %+v", f)
			}
			return
		}
		h.wait(time.Minute) // and no pong
	}
}

func TestNewerSocketOfACompanionReplacesTheOlder(t *testing.T) {
	h := newHouse(t, time.Hour)
	old := h.connect("c1")
	c := h.connect("c1")
	if f := old.next(); f.Type != wire.Bye || f.Code != wire.ByeReplaced {
		t.Errorf("the older got %+v", f)
	}
	h.ring("p1")
	c.runs("p1")
}

func TestPairingThatEndsWhileACompanionConnectsIsSeen(t *testing.T) {
	h := newHouse(t, time.Hour)
	c := h.connect("c1")
	h.set(func() { h.ids = []string{"c2"} })
	h.room.Revoke(anna, "c1")
	if f := c.next(); f.Type != wire.Bye || f.Code != wire.ByeSignOut {
		t.Errorf("the revoked companion got %+v", f)
	}
	h.until("it to be gone", func() bool { return len(h.room.Connected(anna)) == 0 })
	if s := h.room.Standing(anna); s.Connected || s.Holder != "" {
		t.Errorf("Standing = %+v after the only companion was revoked", s)
	}
}
