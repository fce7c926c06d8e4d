package store_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/crmpop/crmpop/app/wire"
	"github.com/crmpop/crmpop/server/store"
)

func TestBusBringsHintsToWhoeverSubscribed(t *testing.T) {
	b := store.NewBus()
	got := map[string][]int64{}
	take := func(name string) func(wire.Hint) {
		return func(h wire.Hint) { got[name] = append(got[name], h.Head) }
	}
	ola := wire.AgentKey{Tenant: "t", ID: "ola"}
	cancel := b.Subscribe(anna, take("first"))
	b.Subscribe(anna, take("second"))
	b.Subscribe(ola, take("ola"))
	b.Publish(wire.Hint{Agent: anna, Head: 1})
	cancel()
	cancel()
	b.Publish(wire.Hint{Agent: anna, Head: 2})
	b.Publish(wire.Hint{Agent: wire.AgentKey{Tenant: "other", ID: "anna"}, Head: 9})
	if want := "map[first:[1] second:[1 2]]"; fmt.Sprint(got) != want {
		t.Errorf("got %v, want %s", got, want)
	}
}

func TestSubscriberMayCancelWhileItIsCalled(t *testing.T) {
	b := store.NewBus()
	calls := 0
	var cancel func()
	cancel = b.Subscribe(anna, func(wire.Hint) { calls++; cancel() })
	b.Publish(wire.Hint{Agent: anna})
	b.Publish(wire.Hint{Agent: anna})
	if calls != 1 {
		t.Errorf("%d calls, want 1", calls)
	}
}

// lossy is a bus that loses 5 % of its hints.
type lossy struct {
	*store.LocalBus
	mu   sync.Mutex // guards the rest
	rand *rand.Rand
	lost int
}

func (l *lossy) Publish(h wire.Hint) {
	l.mu.Lock()
	lose := l.rand.IntN(100) < 5
	if lose {
		l.lost++
	}
	l.mu.Unlock()
	if !lose {
		l.LocalBus.Publish(h)
	}
}

// reader follows one agent's stream as a hub does: it subscribes, reads the
// record, then takes hints: what it has it drops, what is next it takes, and on a
// hole it reads the record.
type reader struct {
	s     *store.SQLite
	agent wire.AgentKey
	wake  chan struct{}

	mu    sync.Mutex // guards the rest
	hints []wire.Hint
	got   []wire.Frame
	holes int
}

func follow(ctx context.Context, t *testing.T, s *store.SQLite, bus store.Bus, a wire.AgentKey) (r *reader, cancel func()) {
	r = &reader{s: s, agent: a, wake: make(chan struct{}, 1)}
	unsubscribe := bus.Subscribe(a, r.offer)
	r.read(ctx, t)
	ctx, stop := context.WithCancel(ctx)
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			select {
			case <-ctx.Done():
				return
			case <-r.wake:
				r.drain(ctx, t)
			}
		}
	})
	return r, func() { unsubscribe(); stop(); wg.Wait() }
}

func (r *reader) offer(h wire.Hint) {
	r.mu.Lock()
	r.hints = append(r.hints, h)
	r.mu.Unlock()
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

func (r *reader) drain(ctx context.Context, t *testing.T) {
	r.mu.Lock()
	hints := r.hints
	r.hints = nil
	r.mu.Unlock()
	for _, h := range hints {
		for _, f := range h.Frames {
			r.take(f)
		}
		if h.Head > r.last() {
			r.mu.Lock()
			r.holes++
			r.mu.Unlock()
			r.read(ctx, t)
		}
	}
}

func (r *reader) take(f wire.Frame) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if f.Seq == int64(len(r.got))+1 {
		r.got = append(r.got, f)
	}
}

func (r *reader) last() int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return int64(len(r.got))
}

func (r *reader) read(ctx context.Context, t *testing.T) {
	for {
		frames, ok, err := r.s.Since(ctx, r.agent, r.last(), 16)
		if ctx.Err() != nil {
			return
		}
		if err != nil || !ok {
			t.Errorf("Since(%d): %t, %v", r.last(), ok, err)
			return
		}
		for _, f := range frames {
			r.take(f)
		}
		if len(frames) < 16 {
			return
		}
	}
}

func TestLostHintsLoseNothing(t *testing.T) {
	const agents, senders, each = 8, 16, 40
	s := temp(t)
	bus := &lossy{LocalBus: store.NewBus(), rand: rand.New(rand.NewPCG(1, 2))}
	readers := map[wire.AgentKey]*reader{}
	var keys []wire.AgentKey
	start := func(i int) {
		a := wire.AgentKey{Tenant: "t", ID: fmt.Sprint("agent", i)}
		r, cancel := follow(t.Context(), t, s, bus, a)
		readers[a], keys = r, append(keys, a)
		t.Cleanup(cancel)
	}
	for i := range agents / 2 {
		start(i)
	}
	var wg sync.WaitGroup
	for w := range senders {
		wg.Go(func() {
			for i := range each {
				id := fmt.Sprintf("w%d-e%d", w, i)
				got, err := s.Append(t.Context(), ring(id, "c-"+id, fmt.Sprint("agent", (w+i)%agents)))
				if err != nil || got[0].Err != nil {
					t.Errorf("Append: %v %v", got, err)
					return
				}
				for _, h := range got[0].Hints {
					bus.Publish(h)
				}
			}
		})
	}
	for i := agents / 2; i < agents; i++ { // these connect in the middle of it
		start(i)
	}
	wg.Wait()
	sweepUntilLevel(t, s, keys, readers)

	total, holes := 0, 0
	for a, r := range readers {
		r.mu.Lock()
		for i, f := range r.got {
			if f.Seq != int64(i)+1 {
				t.Errorf("frame %d of %s has seq %d", i, a.ID, f.Seq)
			}
		}
		total, holes = total+len(r.got), holes+r.holes
		r.mu.Unlock()
	}
	if want := senders * each * 2; total != want {
		t.Errorf("%d frames arrived, want %d", total, want)
	}
	if bus.lost == 0 {
		t.Error("no hint was lost: the test shows nothing")
	}
	t.Logf("%d hints lost, %d holes repaired, %d frames arrived", bus.lost, holes, total)
}

// sweepUntilLevel compares with the record's heads, as a hub does every 30 s,
// until every reader has everything.
func sweepUntilLevel(t *testing.T, s *store.SQLite, keys []wire.AgentKey, readers map[wire.AgentKey]*reader) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; {
		heads, err := s.Heads(t.Context(), keys)
		if err != nil {
			t.Fatal(err)
		}
		level := true
		for a, head := range heads {
			if readers[a].last() < head {
				level = false
				readers[a].offer(wire.Hint{Agent: a, Head: head})
			}
		}
		if level {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("readers do not catch up")
		}
		time.Sleep(time.Millisecond)
	}
}
