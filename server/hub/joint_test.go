package hub_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/session"
	"github.com/crmpop/crmpop/app/wire"
	"github.com/crmpop/crmpop/server/hub"
)

// workspace is a real client and what it has seen.
type workspace struct {
	*session.Session
	mu     sync.Mutex
	seen   []int64 // seqs; a snapshot counts as all up to its own
	snaps  int
	claims []string // answers to claims
	state  session.State
	acked  map[string]bool // receipts not yet confirmed
	stop   func()          // waits for the end
	end    error           // of Run, once it has ended
}

// join starts a client of the site until the test ends.
func (s *site) join(agent, tab string) *workspace {
	return s.joinAt(s.url, agent, tab, nil)
}

// joinAt is join for a client that comes to the site at url, by HTTP if it must.
func (s *site) joinAt(url, agent, tab string, by *session.HTTP) *workspace {
	w := &workspace{acked: map[string]bool{}}
	w.Session = session.New(url+"/?agent="+agent, session.Options{
		Tab: tab, Rand: func() float64 { return 0.02 * rand.Float64() }, Receipts: w, HTTP: by,
		OnFrame: w.take, OnState: w.note, Lead: func() bool { return true },
	})
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		w.end = w.Run(ctx)
	}()
	w.stop = func() { stop(); <-done }
	s.Cleanup(w.stop)
	return w
}

func (w *workspace) take(f wire.Frame) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case f.Type == wire.Snapshot:
		w.snaps++
		w.seen = nil
		for seq := range f.Seq {
			w.seen = append(w.seen, seq+1)
		}
	case f.Streamed():
		w.seen = append(w.seen, f.Seq)
	case f.Type == wire.Claimed:
		w.claims = append(w.claims, fmt.Sprintf("%s %v", f.PopID, f.OK))
	}
}

func (w *workspace) note(st session.State) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.state = st
}

func (w *workspace) Put(id string, _ []byte) { w.with(func() { w.acked[id] = false }) }
func (w *workspace) Delete(id string)        { w.with(func() { delete(w.acked, id) }) }
func (w *workspace) All() map[string][]byte  { return nil }

func (w *workspace) with(f func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	f()
}

func (w *workspace) has(n int64) (ok bool) {
	w.with(func() { ok = len(w.seen) > 0 && w.seen[len(w.seen)-1] >= n })
	return ok
}

func (w *workspace) check(t *testing.T, who string, n int64) {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	for i, seq := range w.seen {
		if seq != int64(i+1) {
			t.Fatalf("%s: frame %d came where %d was due", who, seq, i+1)
		}
	}
	if int64(len(w.seen)) != n {
		t.Errorf("%s has %d frames, want %d", who, len(w.seen), n)
	}
}

// TestNothingIsLostOrDoubledWhateverBreaks cuts sockets without a word, loses
// one hint in twenty and swaps others, while frames and receipts go both ways.
func TestNothingIsLostOrDoubledWhateverBreaks(t *testing.T) {
	s := newSite(t, hub.Options{Sweep: 50 * time.Millisecond})
	const agents, frames = 12, 400
	random := rand.New(rand.NewPCG(1, 2))
	var clients []*workspace
	for i := range agents {
		clients = append(clients, s.join(fmt.Sprint("u-", i%10), fmt.Sprint("tab-", i))) // two agents with two tabs
	}
	s.eventually("all are connected", func() bool { return s.hub.Sessions() == agents })
	for n := range frames {
		for i := range 10 {
			h := s.rec.add(wire.AgentKey{Tenant: "t1", ID: fmt.Sprint("u-", i)}, 1)
			if random.IntN(20) > 0 {
				go s.bus.publish(h) // hints overtake one another
			}
		}
		if n%20 == 0 {
			for i, c := range clients {
				c.Receipt(fmt.Sprintf("p-%d-%d", i, n), screenpop.PopShown, "")
			}
		}
		if n%80 == 79 {
			s.door.slam()
		}
		time.Sleep(time.Millisecond)
	}
	for i, c := range clients {
		s.eventually(fmt.Sprintf("client %d has all frames", i), func() bool { return c.has(frames) })
		c.check(t, fmt.Sprint("client ", i), frames)
		s.eventually(fmt.Sprintf("the receipts of client %d are confirmed", i), func() (ok bool) {
			c.with(func() { ok = len(c.acked) == 0 })
			return ok
		})
		if c.snaps > 1 {
			t.Errorf("client %d got %d snapshots, want the first and exact replays since", i, c.snaps)
		}
	}
	s.checkReceipts(agents * frames / 20)
}

// checkReceipts compares the pops that receipts arrived for with how many were
// reported: each at least once, and under the same id if more often.
func (s *site) checkReceipts(want int) {
	s.Helper()
	ids, pops := map[string]bool{}, map[string]bool{}
	s.acts.set(func() {
		for _, r := range s.acts.receipts {
			ids[r.ID], pops[r.PopID] = true, true
		}
	})
	if len(pops) != want || len(ids) != want {
		s.Errorf("receipts of %d pops under %d ids arrived, want %d of each", len(pops), len(ids), want)
	}
}

func TestDrainedClientsComeBackWithoutLoss(t *testing.T) {
	first := newSite(t, hub.Options{})
	second := hub.New(first.rec, first.bus, first.acts, hub.Options{Log: quiet()}) // one record, two servers
	c := first.join("u-anna", "a")
	first.eventually("connected", func() bool { return first.hub.Sessions() == 1 })
	first.bus.publish(first.rec.add(anna.Key, 3))
	first.eventually("three frames", func() bool { return c.has(3) })

	over, cancel := context.WithTimeout(context.Background(), 1500*time.Millisecond)
	defer cancel()
	first.hub.Drain(over)
	if n := first.hub.Sessions(); n != 0 {
		t.Fatalf("Sessions() = %d after Drain", n)
	}
	first.rec.add(anna.Key, 2) // meanwhile
	first.lead(second)         // the address now leads to the other server
	first.eventually("all frames", func() bool { return c.has(5) })
	c.check(t, "client", 5)
	if c.snaps != 1 {
		t.Errorf("%d snapshots, want an exact replay", c.snaps)
	}
	over, cancel = context.WithTimeout(context.Background(), 0)
	defer cancel()
	second.Drain(over)
}

func TestReplacedClientStaysAway(t *testing.T) {
	s := newSite(t, hub.Options{MaxSessions: 2})
	var all []*workspace
	for i := range 3 {
		all = append(all, s.join("u-anna", fmt.Sprint(i)))
		s.eventually("connected", func() (ok bool) {
			all[i].with(func() { ok = all[i].state.Phase == session.Connected })
			return ok
		})
	}
	s.eventually("the first has ended", func() (ok bool) {
		all[0].with(func() { ok = all[0].state.Phase == session.Ended && all[0].state.Code == wire.ByeReplaced })
		return ok
	})
	if n := s.hub.Sessions(); n != 2 {
		t.Errorf("Sessions() = %d, want 2", n)
	}
}

func TestClaimAndCloseReachTheActs(t *testing.T) {
	s := newSite(t, hub.Options{})
	c := s.join("u-anna", "a")
	c.Claim("p1")
	c.Close("c-1")
	c.Receipt("p1", screenpop.PopShown, "")
	s.eventually("all acts are done", func() bool { return len(s.acts.all()) >= 3 })
	for _, want := range []string{"claim p1 a", "close c-1"} {
		if !slices.Contains(s.acts.all(), want) {
			t.Errorf("acts %q lack %q", s.acts.all(), want)
		}
	}
	if tab := s.hub.Leader(anna.Key); tab != "a" {
		t.Errorf("Leader = %q, want a", tab)
	}
}
