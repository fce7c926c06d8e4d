package session_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/crmpop/crmpop/app/session"
	"github.com/crmpop/crmpop/app/wire"
)

// asks notes what a page is told of asks.
type asks struct {
	mu   sync.Mutex
	told []string
}

func (a *asks) note(all []session.Ask) {
	a.mu.Lock()
	defer a.mu.Unlock()
	one := "-"
	for i, ask := range all {
		if i == 0 {
			one = ""
		}
		one += fmt.Sprintf("%s by %s: %s %v;", ask.ID, ask.By, ask.Detail, time.Until(ask.Until).Round(time.Millisecond))
	}
	a.told = append(a.told, one)
}

func (a *asks) expect(t *testing.T, want ...string) {
	t.Helper()
	synctest.Wait()
	a.mu.Lock()
	defer a.mu.Unlock()
	if got := strings.Join(a.told, " "); got != strings.Join(want, " ") {
		t.Errorf("page was told %q, want %q", got, strings.Join(want, " "))
	}
	a.told = nil
}

func ask(id string, left time.Duration) wire.Frame {
	return wire.Frame{Type: wire.Ask, ID: id, By: "Mia", Detail: "a call", AfterMS: left.Milliseconds()}
}

func over(id string) wire.Frame { return wire.Frame{Type: wire.Ask, ID: id} }

func TestAskIsToldUntilItIsOver(t *testing.T) {
	var a asks
	inBubble(t, session.Options{OnAsks: a.note}, func(r *rig) {
		p := r.live(1)
		p.send(ask("a1", time.Minute), ask("a2", 30*time.Second))
		a.expect(t, "a1 by Mia: a call 1m0s;", "a1 by Mia: a call 1m0s;a2 by Mia: a call 30s;")
		p.send(over("a1"), over("a1"), over("unknown"))
		synctest.Wait()
		a.mu.Lock()
		last := a.told[len(a.told)-1]
		a.told = nil
		a.mu.Unlock()
		if last != "a2 by Mia: a call 30s;" {
			t.Errorf("page was told %q last, want a2 alone", last)
		}
		time.Sleep(30 * time.Second)
		a.expect(t, "-")
		r.onPage("") // asks are no frames of the page's
	})
}

func TestAnswerIsSentOnceAndEndsTheAsk(t *testing.T) {
	var a asks
	inBubble(t, session.Options{OnAsks: a.note}, func(r *rig) {
		p := r.live(1)
		p.send(ask("a1", time.Minute))
		a.expect(t, "a1 by Mia: a call 1m0s;")
		r.s.Answer("a1", true)
		r.s.Answer("a1", false)
		r.s.Answer("unknown", true)
		synctest.Wait()
		got := p.take()
		if len(got) != 1 || got[0].Type != wire.Answer || got[0].ID != "a1" || !got[0].OK {
			t.Errorf("client sent %+v, want one answer", got)
		}
		a.expect(t, "-")
	})
}

func TestAskOutlastsALostConnection(t *testing.T) {
	var a asks
	inBubble(t, session.Options{OnAsks: a.note}, func(r *rig) {
		p := r.live(1)
		p.send(ask("a1", time.Minute), ask("a2", time.Minute), ask("a3", time.Minute))
		synctest.Wait()
		a.told = nil
		p.cut()
		synctest.Wait()
		r.s.Answer("a1", true) // while there is no connection
		p = r.greeted(2)
		p.take()
		a.told = nil
		p.send(ask("a1", 40*time.Second), ask("a2", 40*time.Second))
		synctest.Wait()
		got := p.take()
		if len(got) != 1 || got[0].ID != "a1" || !got[0].OK {
			t.Errorf("client sent %+v, want the answer again", got)
		}
		a.told = nil
		p.send(wire.Frame{Type: wire.Ping, Seq: 1}) // a3 has ended meanwhile
		synctest.Wait()
		if len(a.told) != 1 || strings.Count(a.told[0], ";") != 1 || !strings.HasPrefix(a.told[0], "a2 ") {
			t.Errorf("page was told %q, want a2 alone", a.told)
		}
		a.told = nil
		p.send(wire.Frame{Type: wire.Ping, Seq: 1})
		a.expect(t)
	})
}

func TestAskEndsWithTheSession(t *testing.T) {
	var a asks
	inBubble(t, session.Options{OnAsks: a.note}, func(r *rig) {
		p := r.live(1)
		p.send(ask("a1", time.Minute))
		a.expect(t, "a1 by Mia: a call 1m0s;")
		p.send(wire.Frame{Type: wire.Bye, Code: wire.ByeSignOut, Reason: "signed out"})
		a.expect(t, "-")
	})
}

func TestPageIsToldWhyNothingPopped(t *testing.T) {
	inBubble(t, session.Options{}, func(r *rig) {
		p := r.live(1)
		p.send(wire.Frame{Type: wire.Ask, ID: "a1", Reason: "this link has popped already"})
		if got := r.took(); len(got) != 1 || got[0].Reason != "this link has popped already" {
			t.Errorf("page got %+v, want the reason", got)
		}
	})
}

func TestAnswerMayBeGivenFromOnAsks(t *testing.T) {
	var s *session.Session
	o := session.Options{OnAsks: func(all []session.Ask) {
		for _, a := range all {
			s.Answer(a.ID, false)
		}
	}}
	inBubble(t, o, func(r *rig) {
		s = r.s
		p := r.live(1)
		p.send(ask("a1", time.Minute))
		r.fromClient(p, "answer")
	})
}
