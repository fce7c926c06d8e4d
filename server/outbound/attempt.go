package outbound

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"sync"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/wire"
	"github.com/crmpop/crmpop/server/store"
)

// attempt sends a letter once and writes what came of it.
func (b *Outbound) attempt(ctx context.Context, l *lane, m *mail) {
	again, over := false, sync.OnceFunc(func() { b.makeRoom(l, m.Tenant) })
	defer func() {
		if p := recover(); p != nil {
			b.o.Log.Error("panic while sending", "pop_id", m.PopID, "panic", p, "stack", string(debug.Stack()))
		}
		over()
		b.settled(m, again)
	}()
	m.State, m.Attempts = store.LetterSending, m.Attempts+1
	b.note(ctx, m.posting()) // a crash before it is on disk sends the letter again all the same
	a := b.send(ctx, m)
	if ctx.Err() != nil { // the server stops; the record still has the letter on its way
		return
	}
	v := a.judge(m.Host)
	var inside errInside
	if errors.As(a.err, &inside) {
		b.o.Log.Error("send a web request", "pop_id", m.PopID, "err", inside.cause)
	}
	b.learn(l, v, a)
	over() // others need not wait for the disk
	again = b.conclude(ctx, m, a, v)
}

// learn tells the lane how its host behaves.
func (b *Outbound) learn(l *lane, v verdict, a answer) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case v.broken:
		l.breaker.failed(b.o.Now(), a.retryAfter)
	case a.status != 0:
		l.breaker.worked()
	}
}

// posting is the step that brought the letter where it is.
func (m *mail) posting() store.Posting {
	return store.Posting{Tenant: m.Tenant, PopID: m.PopID, State: m.State, Attempts: m.Attempts, Due: m.Due, Until: m.Until,
		Status: m.Status, Took: m.Took, Size: m.Size, Why: m.Why}
}

// conclude writes what an answer means, and reports whether the letter is to be
// sent again.
func (b *Outbound) conclude(ctx context.Context, m *mail, a answer, v verdict) (again bool) {
	m.Status, m.Took, m.Size, m.Why = a.status, a.took, int64(len(a.body)), v.words
	var pops []store.PlannedPop
	words := v.words
	switch wait := max(pause(m.Attempts), a.retryAfter); {
	case v.sent:
		m.State, m.Why = store.LetterSent, ""
		more := ""
		if pops, more = b.reply(ctx, m, a); more != "" {
			words += "; " + more
			m.Why = more
		}
	case v.again && b.o.Now().Add(wait).Before(m.Until):
		m.State, m.Due, again = store.LetterQueued, b.o.Now().Add(wait), true
		pops = b.instead(m, v.words)
	default:
		m.State = store.LetterFailed
		if v.again {
			words += "; given up after " + times(m.Attempts)
		}
		pops = b.instead(m, v.words)
	}
	p := m.posting()
	p.Pops = pops
	if !again {
		p.Receipt = receipt(m, map[bool]screenpop.PopState{true: screenpop.PopSent, false: screenpop.PopFailed}[v.sent], words)
	}
	return b.write(ctx, p) && again
}

func times(n int) string {
	if n == 1 {
		return "one attempt"
	}
	return fmt.Sprintf("%d attempts", n)
}

// expire ends a letter whose time was over before its turn came.
func (b *Outbound) expire(ctx context.Context, m *mail) {
	state, pop, words := store.LetterMissed, screenpop.PopMissed, "its time was over before it could be sent"
	if m.Attempts > 0 {
		state, pop, words = store.LetterFailed, screenpop.PopFailed, m.Why+"; given up after "+times(m.Attempts)
	}
	m.State, m.Why = state, words
	p := m.posting()
	p.Receipt, p.Pops = receipt(m, pop, words), b.instead(m, words)
	b.write(ctx, p)
	b.mu.Lock()
	defer b.mu.Unlock()
	m.disarm()
	delete(b.held, m.key())
}

func receipt(m *mail, s screenpop.PopState, words string) *screenpop.Receipt {
	return &screenpop.Receipt{ID: "outbox:" + strings.ToLower(rand.Text()[:10]), PopID: m.PopID, State: s, Detail: words}
}

// fall has the fallback pop because the answer is late; the letter goes its way.
func (b *Outbound) fall(ctx context.Context, m *mail, why string) {
	if pops := b.instead(m, why); len(pops) > 0 {
		b.write(ctx, store.Posting{Tenant: m.Tenant, PopID: m.PopID, Pops: pops})
	}
}

// instead returns the fallback, if its letter has one that has not popped and no
// answer has come.
func (b *Outbound) instead(m *mail, why string) []store.PlannedPop {
	b.mu.Lock()
	defer b.mu.Unlock()
	l := &m.Letter.Letter
	if l.Reply == "" || m.answered {
		return nil
	}
	m.answered = true
	m.disarm()
	if l.Fallback == nil {
		return nil
	}
	m.fell = true
	pop := *l.Fallback
	if pop.State == screenpop.PopPending {
		pop.Detail = "instead of the web request's answer: " + why
	}
	return []store.PlannedPop{b.planned(m, pop)}
}

// planned gives a pop to the agent of a letter.
func (b *Outbound) planned(m *mail, pop screenpop.Pop) store.PlannedPop {
	pop.AgentID, pop.RequestID = m.AgentID, m.RequestID
	p := store.PlannedPop{AgentID: m.AgentID, Pop: pop}
	if pop.State == screenpop.PopPending {
		p.ClaimFor = b.o.Leads(wire.AgentKey{Tenant: m.Tenant, ID: m.AgentID})
	}
	return p
}
