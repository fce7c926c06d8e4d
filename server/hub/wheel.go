package hub

import (
	"context"
	"fmt"
	"math"
	"runtime/debug"
	"sync"
	"time"

	"github.com/crmpop/crmpop/app/wire"
)

const never = math.MaxInt64 // a session's due time before its resume

// Run keeps the sockets alive and the streams whole until ctx ends: one
// goroutine pings, one compares with the record's heads.
func (h *Hub) Run(ctx context.Context) {
	var both sync.WaitGroup
	both.Go(func() { h.every(ctx, min(time.Second, h.o.Heartbeat/10), h.beat) })
	both.Go(func() { h.every(ctx, h.o.Sweep, func() { h.sweep(ctx) }) })
	both.Wait()
}

// every calls f at each tick; a panic in it costs that tick.
func (h *Hub) every(ctx context.Context, d time.Duration, f func()) {
	tick := time.NewTicker(d)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			h.guarded(f)
		}
	}
}

func (h *Hub) guarded(f func()) {
	defer func() {
		if p := recover(); p != nil {
			h.log.Error("panic in hub", "in", "wheel", "panic", p, "stack", string(debug.Stack()))
		}
	}()
	f()
}

// beat pings whoever is due and sends away whoever has been silent for too long.
func (h *Hub) beat() {
	now := h.clock()
	tooLong := h.o.Heartbeat*3/2 - min(time.Second, h.o.Heartbeat/10) // cut within 1.5 heartbeats, tick included
	for _, s := range h.dueBy(now, tooLong) {
		if silent := now - time.Duration(s.heard.Load()); silent >= tooLong {
			s.bye(wire.ByeSilent, fmt.Sprintf("nothing heard from this browser for %v", silent.Round(time.Second)))
			continue
		}
		s.due.Store(int64(now + h.nextPing()))
		s.ping()
	}
}

// dueBy returns the sessions to look at now, about one in thirty each second.
func (h *Hub) dueBy(now, tooLong time.Duration) (due []*session) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	for _, all := range h.agents {
		for _, s := range all {
			at := s.due.Load()
			if at <= int64(now) || at != never && s.heard.Load() <= int64(now-tooLong) {
				due = append(due, s)
			}
		}
	}
	return due
}

// nextPing spreads pings by ± 10 %.
func (h *Hub) nextPing() time.Duration {
	return time.Duration(float64(h.o.Heartbeat) * (0.9 + 0.2*h.o.Rand()))
}

// firstPing spreads the clients of a reconnect storm over the whole heartbeat.
func (h *Hub) firstPing() time.Duration {
	return time.Duration(float64(h.o.Heartbeat) * (0.25 + 0.75*h.o.Rand()))
}

// sweep finds the frames whose hints were lost.
func (h *Hub) sweep(ctx context.Context) {
	for agents := h.served(); len(agents) > 0; {
		some := agents[:min(len(agents), sweepSize)]
		agents = agents[len(some):]
		if err := h.sweepSome(ctx, some); err != nil {
			h.log.Warn("sweep", "agents", len(some), "err", err)
			return
		}
	}
}

func (h *Hub) sweepSome(ctx context.Context, agents []wire.AgentKey) error {
	ctx, cancel := context.WithTimeout(ctx, actTimeout)
	defer cancel()
	before := map[*session]int64{}
	for _, s := range h.of(agents) {
		before[s] = s.position()
	}
	heads, err := h.rec.Heads(ctx, agents)
	if err != nil {
		return fmt.Errorf("read heads: %w", err)
	}
	for s, last := range before {
		head, ok := heads[s.key]
		if ok && head < last { // the record was put back to an older state
			s.rewind(-1, 0)
		} else if ok {
			s.offer(wire.Hint{Agent: s.key, Head: head})
		}
	}
	return nil
}

// position returns how far the session's stream has come.
func (s *session) position() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.compare {
		return 0 // the client's word, not yet compared
	}
	return s.last
}

func (h *Hub) served() []wire.AgentKey {
	h.mu.RLock()
	defer h.mu.RUnlock()
	agents := make([]wire.AgentKey, 0, len(h.agents))
	for a := range h.agents {
		agents = append(agents, a)
	}
	return agents
}

func (h *Hub) of(agents []wire.AgentKey) (all []*session) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	for _, a := range agents {
		for _, s := range h.agents[a] {
			if !s.gone() {
				all = append(all, s)
			}
		}
	}
	return all
}
