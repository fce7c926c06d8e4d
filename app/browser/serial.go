package browser

import "sync"

// serial runs functions one after another, in the order they came, on a
// goroutine that lives only while there is something to run. What calls push
// never waits, so a callback of the browser may.
type serial struct {
	mu      sync.Mutex // guards waiting and running; never held while a function runs
	waiting []func()
	running bool
}

func (s *serial) push(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waiting = append(s.waiting, f)
	if !s.running {
		s.running = true
		go s.drain()
	}
}

func (s *serial) drain() {
	for {
		f := s.next()
		if f == nil {
			return
		}
		guarded(f)
	}
}

func (s *serial) next() func() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.waiting) == 0 {
		s.waiting, s.running = nil, false
		return nil
	}
	f := s.waiting[0]
	s.waiting = s.waiting[1:]
	return f
}
