package store

import (
	"slices"
	"sync"

	"github.com/crmpop/crmpop/app/wire"
)

// LocalBus is the Bus of one program. It holds nothing: Publish calls each
// subscriber, on the publisher's goroutine, so there is no queue that could
// fill. It loses nothing by itself, but nobody may rely on that.
type LocalBus struct {
	mu   sync.RWMutex // guards the map; the slices in it are replaced, never changed
	subs map[wire.AgentKey][]*subscriber
}

type subscriber struct{ f func(wire.Hint) }

// NewBus returns a bus without subscribers.
func NewBus() *LocalBus { return &LocalBus{subs: map[wire.AgentKey][]*subscriber{}} }

// Publish brings a hint to all who have subscribed to its agent. It returns when
// they have taken it.
func (b *LocalBus) Publish(h wire.Hint) {
	b.mu.RLock()
	subs := b.subs[h.Agent]
	b.mu.RUnlock()
	for _, s := range subs {
		s.f(h)
	}
}

// Subscribe calls f for each hint of agent a until cancel, perhaps from several
// goroutines at once, and perhaps once more while cancel returns. f must not
// block; it may cancel.
func (b *LocalBus) Subscribe(a wire.AgentKey, f func(wire.Hint)) (cancel func()) {
	s := &subscriber{f}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.subs[a] = append(slices.Clip(b.subs[a]), s)
	return func() { b.drop(a, s) }
}

func (b *LocalBus) drop(a wire.AgentKey, s *subscriber) {
	b.mu.Lock()
	defer b.mu.Unlock()
	rest := slices.DeleteFunc(slices.Clone(b.subs[a]), func(o *subscriber) bool { return o == s })
	if b.subs[a] = rest; len(rest) == 0 {
		delete(b.subs, a)
	}
}
