//go:build !js

package work_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/crmpop/crmpop/app/companion/work"
)

// begun is when commands have begun.
type begun struct {
	mu sync.Mutex // guards at
	at []time.Duration
}

func (b *begun) note(at time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.at = append(b.at, at)
}

func (b *begun) all() []time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.at)
}

// enter starts n commands of a name that wait to begin.
func enter(t *testing.T, l *work.Limits, n int, name string, parallel int, b *begun) {
	t.Helper()
	start := time.Now()
	for range n {
		go func() {
			if err := l.Enter(t.Context(), name, parallel, true); err == nil {
				b.note(time.Since(start))
			}
		}()
		synctest.Wait()
	}
}

func TestNoMoreThanFourRunAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := work.NewLimits()
		var b begun
		for _, name := range []string{"a", "b", "c", "d", "e", "f"} {
			enter(t, l, 1, name, 4, &b)
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		if len(b.all()) != 4 {
			t.Fatalf("%d run, want 4", len(b.all()))
		}
		l.Leave("a")
		synctest.Wait()
		if len(b.all()) != 5 {
			t.Errorf("after one left %d have begun, want 5", len(b.all()))
		}
		for range 5 {
			l.Leave("b")
			synctest.Wait()
		}
	})
}

func TestStartsAreFiveAndThenTwoASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := work.NewLimits()
		var b begun
		for i := range 9 {
			enter(t, l, 1, string(rune('a'+i)), 4, &b)
			if i < 5 {
				l.Leave(string(rune('a' + i)))
			}
		}
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if len(b.all()) != 9 {
			t.Fatalf("%d have begun, want 9", len(b.all()))
		}
		for i, at := range b.all() {
			want := time.Duration(max(0, i-4)) * 500 * time.Millisecond
			if at < want || at > want+100*time.Millisecond {
				t.Errorf("start %d after %v, want %v", i+1, at, want)
			}
		}
	})
}

func TestOneOfANameRunsAndEightWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := work.NewLimits()
		var b begun
		enter(t, l, 9, "a", 1, &b)
		if len(b.all()) != 1 {
			t.Fatalf("%d of one name run, want 1", len(b.all()))
		}
		if err := l.Enter(t.Context(), "a", 1, true); !errors.Is(err, work.ErrBusy) {
			t.Errorf("the tenth: %v, want busy", err)
		}
		if err := l.Enter(t.Context(), "b", 1, false); err != nil {
			t.Errorf("another name: %v", err)
		}
		for range 9 {
			l.Leave("a")
			time.Sleep(time.Second)
			synctest.Wait()
		}
		if len(b.all()) != 9 {
			t.Errorf("%d have begun in the end, want 9", len(b.all()))
		}
	})
}

func TestDropDoesNotWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := work.NewLimits()
		if err := l.Enter(t.Context(), "a", 1, false); err != nil {
			t.Fatal(err)
		}
		if err := l.Enter(t.Context(), "a", 1, false); !errors.Is(err, work.ErrBusy) {
			t.Errorf("%v, want busy", err)
		}
		l.Leave("a")
		if err := l.Enter(t.Context(), "a", 1, false); err != nil {
			t.Errorf("after the first has left: %v", err)
		}
	})
}

func TestWhoGivesUpLeavesRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := work.NewLimits()
		if err := l.Enter(t.Context(), "a", 1, true); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := l.Enter(ctx, "a", 1, true); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v, want the deadline", err)
		}
		l.Leave("a")
		if err := l.Enter(t.Context(), "a", 1, true); err != nil {
			t.Error(err)
		}
	})
}
