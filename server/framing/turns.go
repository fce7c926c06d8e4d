package framing

import (
	"context"
	"sync"
)

// turns lets one in for each host. The zero value is ready.
type turns struct {
	mu    sync.Mutex // guards hosts
	hosts map[string]*turnstile
}

// turnstile is one host's; waiting counts who is in or in line.
type turnstile struct {
	free    chan struct{}
	waiting int
}

// enter waits for the host to be free. leave is to be called once.
func (t *turns) enter(ctx context.Context, host string) (leave func(), err error) {
	t.mu.Lock()
	if t.hosts == nil {
		t.hosts = map[string]*turnstile{}
	}
	s := t.hosts[host]
	if s == nil {
		s = &turnstile{free: make(chan struct{}, 1)}
		t.hosts[host] = s
	}
	s.waiting++
	t.mu.Unlock()
	select {
	case s.free <- struct{}{}:
		return func() { <-s.free; t.gone(host, s) }, nil
	case <-ctx.Done():
		t.gone(host, s)
		return nil, ctx.Err()
	}
}

func (t *turns) gone(host string, s *turnstile) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if s.waiting--; s.waiting == 0 {
		delete(t.hosts, host)
	}
}
