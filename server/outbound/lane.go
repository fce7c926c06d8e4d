package outbound

import (
	"container/heap"
	"context"
	"slices"
	"time"

	"github.com/crmpop/crmpop/server/store"
)

// laneKey is a host as one tenant knows it: what one tenant does to a host is no
// other's matter.
type laneKey struct{ tenant, host string }

// lane is the way to one host.
type lane struct {
	ready   []*mail // wait for their turn, the first first
	running int
	breaker breaker
}

func (b *Outbound) laneOf(m *mail) *lane {
	k := laneKey{m.Tenant, m.Host}
	if b.lanes[k] == nil {
		b.lanes[k] = &lane{}
	}
	return b.lanes[k]
}

// idle is how long nothing happens if nobody says so.
const idle = time.Minute

// pump starts what may start, ends what has waited too long, and returns when to
// look again.
func (b *Outbound) pump(ctx context.Context) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	now, next := b.o.Now(), idle
	for len(b.later) > 0 && !b.later[0].Due.After(now) {
		m := heap.Pop(&b.later).(*mail)
		b.laneOf(m).ready = append(b.laneOf(m).ready, m)
	}
	if len(b.later) > 0 {
		next = min(next, b.later[0].Due.Sub(now))
	}
	for k, l := range b.lanes {
		b.drop(ctx, l, now)
		for len(l.ready) > 0 && b.room(k, l) && l.breaker.lets(now) {
			m := l.ready[0]
			l.ready = l.ready[1:]
			b.start(ctx, l, m)
		}
		b.arm(ctx, l, now)
		for _, m := range l.ready {
			next = min(next, m.Until.Sub(now))
		}
		if len(l.ready) > 0 && !l.breaker.until.IsZero() {
			next = min(next, max(l.breaker.until.Sub(now), time.Millisecond))
		}
		if len(l.ready) == 0 && l.running == 0 && l.breaker.idle(now) {
			delete(b.lanes, k)
		}
	}
	return max(next, time.Millisecond)
}

// room reports whether one more attempt may be under way.
func (b *Outbound) room(k laneKey, l *lane) bool {
	return l.running < perHost && b.busy[k.tenant] < perTenant && b.total < perServer
}

// start sends a letter on its way.
func (b *Outbound) start(ctx context.Context, l *lane, m *mail) {
	l.running++
	b.busy[m.Tenant]++
	b.total++
	b.armOne(ctx, m, b.o.Now())
	b.work.Go(func() { b.attempt(ctx, l, m) })
}

// makeRoom lets another attempt begin in the place of one that is over.
func (b *Outbound) makeRoom(l *lane, tenant string) {
	b.mu.Lock()
	l.running--
	l.breaker.trying = false
	b.total--
	if b.busy[tenant]--; b.busy[tenant] == 0 {
		delete(b.busy, tenant)
	}
	b.mu.Unlock()
	b.look()
}

// settled lets go of a letter whose step is on disk. One that is queued again waits
// for its time.
func (b *Outbound) settled(m *mail, again bool) {
	b.mu.Lock()
	if again {
		b.queue(m)
	} else {
		m.disarm()
		delete(b.held, m.key())
	}
	b.mu.Unlock()
	b.look()
}

// drop ends letters of a lane whose time is over before their turn has come.
func (b *Outbound) drop(ctx context.Context, l *lane, now time.Time) {
	l.ready = slices.DeleteFunc(l.ready, func(m *mail) bool {
		if now.Before(m.Until) || m.State == store.LetterSending && m.Attempts < 2 { // a crash may have cut it off
			return false
		}
		b.work.Go(func() { b.expire(ctx, m) })
		return true
	})
}

// arm sees to it that the fallbacks of those who wait pop in time. While a host
// is held off there is nothing to wait for.
func (b *Outbound) arm(ctx context.Context, l *lane, now time.Time) {
	for _, m := range l.ready {
		if !l.breaker.until.IsZero() && m.Letter.Letter.Reply != "" && !m.answered {
			b.work.Go(func() { b.fall(ctx, m, "the host is held off after failures") })
			continue
		}
		b.armOne(ctx, m, now)
	}
}

// armOne has the letter's fallback pop when its answer is late.
func (b *Outbound) armOne(ctx context.Context, m *mail, now time.Time) {
	if m.Letter.Letter.Reply == "" || m.answered || m.timer != nil {
		return
	}
	m.timer = time.AfterFunc(max(0, m.CreatedAt.Add(ReplyTime).Sub(now)), func() {
		b.fall(ctx, m, "no answer in "+millis(ReplyTime))
	})
}

func (m *mail) disarm() {
	if m.timer != nil {
		m.timer.Stop()
	}
}

// schedule is a heap of letters by the time at which they are due.
type schedule []*mail

func (s *schedule) add(m *mail) { heap.Push(s, m) }

// Len, Less, Swap, Push and Pop make it a heap.Interface.
func (s schedule) Len() int           { return len(s) }
func (s schedule) Less(i, j int) bool { return s[i].Due.Before(s[j].Due) }
func (s schedule) Swap(i, j int)      { s[i], s[j] = s[j], s[i] }

// Push adds at the end.
func (s *schedule) Push(m any) { *s = append(*s, m.(*mail)) }

// Pop takes from the end.
func (s *schedule) Pop() any {
	last := len(*s) - 1
	m := (*s)[last]
	(*s)[last] = nil
	*s = (*s)[:last]
	return m
}
