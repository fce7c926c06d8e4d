package hub

import (
	"context"
	"slices"
	"time"

	"github.com/crmpop/crmpop/app/wire"
)

const (
	drainSpread = 10 * time.Second // over which clients are sent away
	drainEnd    = time.Second      // kept of the caller's time for the last goodbyes
)

// Drain lets no more sockets in, tells every client a time of its own within
// the next 10 s, or less if ctx ends before, and sends it away then: so that
// not all come back at once. It returns when all are gone; when ctx ends, it
// cuts the rest and returns within two seconds.
func (h *Hub) Drain(ctx context.Context) {
	start := h.clock()
	spread := drainSpread
	if until, ok := ctx.Deadline(); ok {
		spread = max(0, min(spread, until.Sub(h.o.Now())-drainEnd))
	}
	for _, d := range h.announce(spread) {
		h.wait(ctx, start+d.after-h.clock())
		d.s.bye(wire.ByeRestart, restarts)
	}
	h.wait(ctx, byeWait)
	h.wait(context.WithoutCancel(ctx), drainEnd)
	for _, s := range h.sessions() {
		s.abort()
	}
	h.wait(context.WithoutCancel(ctx), drainEnd)
}

type departure struct {
	s     *session
	after time.Duration
}

// announce closes the door and returns when each session has to go, first to last.
func (h *Hub) announce(spread time.Duration) []departure {
	h.mu.Lock()
	if !h.draining && len(h.agents) == 0 {
		close(h.empty)
	}
	h.draining = true
	h.mu.Unlock()
	var all []departure
	for _, s := range h.sessions() {
		d := departure{s, time.Duration(h.o.Rand() * float64(spread))}
		s.send(wire.Frame{Type: wire.Drain, AfterMS: d.after.Milliseconds()})
		all = append(all, d)
	}
	slices.SortFunc(all, func(a, b departure) int { return int(a.after - b.after) })
	return all
}

// wait returns after d, when ctx ends, or when nobody is left.
func (h *Hub) wait(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	case <-h.empty:
	}
}
