package hub_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/wire"
	"github.com/crmpop/crmpop/server/hub"
)

// patient does not mind clients that answer no ping.
var patient = hub.Options{Heartbeat: 10 * time.Minute}

// asked notes what became of questions.
type asked struct {
	mu   sync.Mutex
	said []string
	err  error
}

// question returns a question that waits 60 s, by somebody.
func (a *asked) question(id, from string) hub.Question {
	return hub.Question{ID: id, From: from, By: "Mia", Detail: "a call", Wait: time.Minute,
		Done: func(_ context.Context, v hub.Verdict) error {
			a.mu.Lock()
			defer a.mu.Unlock()
			a.said = append(a.said, id+" "+string(v))
			return a.err
		}}
}

func (b *bench) ends(a *asked, want ...string) {
	b.Helper()
	synctest.Wait()
	a.mu.Lock()
	defer a.mu.Unlock()
	if !slices.Equal(a.said, want) {
		b.Errorf("asks ended as %q, want %q", a.said, want)
	}
	a.said = nil
}

// told returns what a client was told of asks: "a1/60s", or "a1/over".
func (b *bench) told(c *client) (all []string) {
	b.Helper()
	synctest.Wait()
	for _, f := range c.take() {
		if f.Type != wire.Ask {
			continue
		}
		one := f.ID + "/over"
		if f.AfterMS > 0 {
			one = fmt.Sprintf("%s/%v", f.ID, time.Duration(f.AfterMS)*time.Millisecond)
		}
		if f.Reason != "" {
			one += ": " + f.Reason
		}
		all = append(all, one)
	}
	return all
}

func (b *bench) hears(c *client, want ...string) {
	b.Helper()
	if got := b.told(c); !slices.Equal(got, want) {
		b.Errorf("client was told %q, want %q", got, want)
	}
}

func answer(id string, ok bool) wire.Frame { return wire.Frame{Type: wire.Answer, ID: id, OK: ok} }

func TestFirstAnswerToAnAskCountsAndTheOthersAreTold(t *testing.T) {
	inBubble(t, patient, func(b *bench) {
		var a asked
		one, two := b.resumed(anna, 0, 0, "one"), b.resumed(anna, 0, 0, "two")
		if err := b.hub.Ask(anna.Key, a.question("a1", "mia")); err != nil {
			t.Fatal(err)
		}
		b.hears(one, "a1/1m0s")
		b.hears(two, "a1/1m0s")
		two.say(answer("a1", true))
		b.ends(&a, "a1 accepted")
		b.hears(one, "a1/over")
		b.hears(two, "a1/over")
		one.say(answer("a1", false))
		b.hears(one, "a1/over")
		time.Sleep(2 * time.Minute)
		b.ends(&a)
	})
}

func TestAskEndsAfterItsTime(t *testing.T) {
	inBubble(t, patient, func(b *bench) {
		var a asked
		c := b.resumed(anna, 0, 0, "one")
		if err := b.hub.Ask(anna.Key, a.question("a1", "mia")); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute - time.Millisecond)
		b.ends(&a)
		b.hears(c, "a1/1m0s")
		time.Sleep(time.Millisecond)
		b.ends(&a, "a1 expired")
		b.hears(c, "a1/over")
		c.say(answer("a1", true))
		b.hears(c, "a1/over")
		b.ends(&a)
	})
}

func TestWhoComesWhileAnAskWaitsIsAskedToo(t *testing.T) {
	inBubble(t, patient, func(b *bench) {
		var a asked
		one := b.resumed(anna, 0, 0, "one")
		if err := b.hub.Ask(anna.Key, a.question("a1", "mia")); err != nil {
			t.Fatal(err)
		}
		one.Cut()
		time.Sleep(20 * time.Second)
		two := b.open(anna)
		two.say(wire.Frame{Type: wire.Resume, Tab: "two"})
		synctest.Wait()
		all := two.take()
		if got := shape(all); got != "hello7/0 ask snapshot7/0 ping0" {
			t.Errorf("client got %q, want the ask before the ping that ends the replay", got)
		}
		two.say(answer("a1", false))
		b.ends(&a, "a1 declined")
	})
}

func TestNobodyElseAnswersAnAsk(t *testing.T) {
	inBubble(t, patient, func(b *bench) {
		var a asked
		b.resumed(anna, 0, 0, "one")
		same := anna
		same.Key.Tenant = "t2" // another tenant's user of the same id
		ola := anna
		ola.Key.ID = "u-ola"
		program := anna
		program.Login = ""
		if err := b.hub.Ask(anna.Key, a.question("a1", "mia")); err != nil {
			t.Fatal(err)
		}
		for name, who := range map[string]hub.Who{"another tenant's": same, "another agent": ola, "a program": program} {
			c := b.resumed(who, 0, 0, name)
			b.hears(c)
			c.say(answer("a1", true))
			b.ends(&a)
		}
	})
}

func TestWhyAnAgentIsNotAsked(t *testing.T) {
	inBubble(t, patient, func(b *bench) {
		var a asked
		ask := func(id, from string, want error) {
			t.Helper()
			if err := b.hub.Ask(anna.Key, a.question(id, from)); !errors.Is(err, want) {
				t.Errorf("Ask %s of %s = %v, want %v", id, from, err, want)
			}
		}
		ask("a0", "mia", hub.ErrAway)
		program := anna
		program.Login = ""
		b.resumed(program, 0, 0, "program")
		ask("a0", "mia", hub.ErrAway)
		waits := b.open(anna)
		ask("a0", "mia", hub.ErrAway) // not resumed yet
		waits.say(wire.Frame{Type: wire.Resume, Tab: "one"})
		ask("a1", "mia", nil)
		ask("a2", "mia", hub.ErrAsked)
		ask("a3", "per", nil)
		ask("a4", "tor", nil)
		ask("a5", "una", hub.ErrAskedOften)
		waits.say(answer("a3", false))
		b.ends(&a, "a3 declined")
		ask("a5", "una", nil)
		time.Sleep(time.Minute)
		synctest.Wait()
		ask("a6", "mia", nil)
	})
}

func TestAgentIsToldWhyNothingPopped(t *testing.T) {
	inBubble(t, patient, func(b *bench) {
		a := asked{err: screenpop.Errorf(screenpop.CodeConflict, "link-spent", "this link has popped already")}
		c := b.resumed(anna, 0, 0, "one")
		if err := b.hub.Ask(anna.Key, a.question("a1", "mia")); err != nil {
			t.Fatal(err)
		}
		c.say(answer("a1", true))
		b.hears(c, "a1/1m0s", "a1/over", "a1/over: this link has popped already")
		q := a.question("a2", "mia")
		q.Done = func(context.Context, hub.Verdict) error { panic("broken") }
		if err := b.hub.Ask(anna.Key, q); err != nil {
			t.Fatal(err)
		}
		c.say(answer("a2", true))
		b.hears(c, "a2/1m0s", "a2/over", "a2/over: the server could not do it just now")
		c.say(wire.Frame{Type: wire.Claim, PopID: "p1"}) // the connection lives
		b.expect(c, "claimed:p1:true:one")
	})
}
