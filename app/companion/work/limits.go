//go:build !js

package work

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"
)

// How much is run at once, whatever the server asks for.
const (
	maxRunning = 4   // programs
	maxWaiting = 8   // commands of one name
	perSecond  = 2.0 // starts
	burst      = 5.0 // starts, after a quiet time
)

var errBusy = errors.New("as many of it run or wait as may")

// limits lets commands begin, in the order in which they came.
type limits struct {
	mu      sync.Mutex // guards all below
	running map[string]int
	total   int
	waiting []*ticket
	tokens  float64 // starts that are free
	counted time.Time
	timer   *time.Timer
}

// ticket is a command that waits to begin.
type ticket struct {
	name     string
	parallel int
	begun    chan struct{} // closed when it may
}

func newLimits() *limits {
	return &limits{running: map[string]int{}, tokens: burst, counted: time.Now()}
}

// enter waits until a command may begin; leave must follow. It returns errBusy if
// it may not even wait, or ctx's error.
func (l *limits) enter(ctx context.Context, name string, parallel int, queue bool) error {
	t := &ticket{name: name, parallel: parallel, begun: make(chan struct{})}
	l.mu.Lock()
	l.waiting = append(l.waiting, t)
	l.begin()
	wait := !t.hasBegun()
	if wait && (!queue || l.waits(name) > maxWaiting) {
		l.drop(t)
		l.mu.Unlock()
		return errBusy
	}
	l.mu.Unlock()
	if !wait {
		return nil
	}
	select {
	case <-t.begun:
		return nil
	case <-ctx.Done():
		return l.giveUp(t, ctx.Err())
	}
}

// giveUp takes a ticket back that nobody waits for any more.
func (l *limits) giveUp(t *ticket, err error) error {
	l.mu.Lock()
	begun := t.hasBegun()
	l.drop(t)
	l.mu.Unlock()
	if begun {
		l.leave(t.name)
	}
	return err
}

// leave makes room for the next.
func (l *limits) leave(name string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.total--
	if l.running[name]--; l.running[name] == 0 {
		delete(l.running, name)
	}
	l.begin()
}

// begin lets those begin that may. mu is held.
func (l *limits) begin() {
	now := time.Now()
	l.tokens = min(burst, l.tokens+now.Sub(l.counted).Seconds()*perSecond)
	l.counted = now
	for _, t := range slices.Clone(l.waiting) {
		if l.total >= maxRunning || l.running[t.name] >= t.parallel {
			continue
		}
		if l.tokens < 1 {
			l.later()
			return
		}
		l.tokens--
		l.total++
		l.running[t.name]++
		l.drop(t)
		close(t.begun)
	}
}

// later looks again when the next start is free. mu is held.
func (l *limits) later() {
	if l.timer != nil {
		l.timer.Stop()
	}
	// A little more than it takes, for a clock that rounds.
	missing := time.Duration((1-l.tokens)/perSecond*float64(time.Second)) + time.Millisecond
	l.timer = time.AfterFunc(missing, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.begin()
	})
}

func (l *limits) waits(name string) (n int) {
	for _, t := range l.waiting {
		if t.name == name {
			n++
		}
	}
	return n
}

func (l *limits) drop(t *ticket) {
	l.waiting = slices.DeleteFunc(l.waiting, func(o *ticket) bool { return o == t })
}

func (t *ticket) hasBegun() bool {
	select {
	case <-t.begun:
		return true
	default:
		return false
	}
}
