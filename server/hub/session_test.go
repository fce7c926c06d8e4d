package hub_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/wire"
	"github.com/crmpop/crmpop/server/hub"
)

func TestHeartbeatComesEveryThirtySecondsTenPercentEitherWay(t *testing.T) {
	inBubble(t, hub.Options{}, func(b *bench) {
		c := b.resumed(anna, 7, 0, "a")
		c.take()
		var pings []time.Time
		for len(pings) < 50 {
			time.Sleep(time.Second)
			c.say(wire.Frame{Type: wire.Pong})
			got, at := c.takeTimed() // in one step: a ping may come at this very instant
			if len(got) > 1 || len(got) == 1 && got[0].Type != wire.Ping {
				t.Fatalf("client got %q, want a ping", shape(got))
			}
			pings = append(pings, at...)
		}
		seen := map[time.Duration]bool{}
		for i := 1; i < len(pings); i++ {
			gap := pings[i].Sub(pings[i-1])
			if seen[gap] = true; gap < 26*time.Second || gap > 34*time.Second {
				t.Errorf("ping %d came %v after the one before", i, gap)
			}
		}
		if len(seen) < 3 {
			t.Errorf("pings come at fixed gaps: %v", seen)
		}
	})
}

func TestSilentClientIsSentAwayWithin45Seconds(t *testing.T) {
	inBubble(t, hub.Options{}, func(b *bench) {
		c := b.resumed(anna, 7, 0, "a")
		time.Sleep(200 * time.Millisecond)
		c.say(wire.Frame{Type: wire.Pong})
		start := time.Now()
		for !c.isCut() && time.Since(start) < 2*time.Minute {
			time.Sleep(100 * time.Millisecond)
		}
		if took := time.Since(start); took < 40*time.Second || took > 45*time.Second {
			t.Errorf("the silent client was cut after %v, want 40 to 45 s", took)
		}
		got := shape(c.take())
		if !strings.HasSuffix(got, "bye4410") {
			t.Errorf("client got %q, want bye 4410 at the end", got)
		}
	})
}

func TestClientThatAnswersStays(t *testing.T) {
	inBubble(t, hub.Options{}, func(b *bench) {
		c := b.resumed(anna, 7, 0, "a")
		for range 600 {
			time.Sleep(time.Second)
			for _, f := range c.take() {
				if f.Type == wire.Ping {
					c.say(wire.Frame{Type: wire.Pong})
				}
			}
		}
		if b.hub.Sessions() != 1 {
			t.Error("a client that answers each ping was cut")
		}
	})
}

func TestLongActIsNoSilence(t *testing.T) {
	inBubble(t, hub.Options{}, func(b *bench) {
		c := b.resumed(anna, 7, 0, "a")
		wait := make(chan struct{})
		b.acts.set(func() { b.acts.wait = wait })
		c.say(wire.Frame{Type: wire.Close, RequestID: "c-1"})
		time.Sleep(40 * time.Second)
		close(wait)
		time.Sleep(30 * time.Second)
		if b.hub.Sessions() != 1 {
			t.Error("the client was cut while the server was at work for it")
		}
	})
}

func TestClientThatDoesNotResumeIsSentAway(t *testing.T) {
	inBubble(t, hub.Options{}, func(b *bench) {
		c := b.open(anna)
		time.Sleep(9 * time.Second)
		b.expect(c, "hello7/0")
		time.Sleep(2 * time.Second)
		b.expect(c, "bye4400")
	})
}

func TestMalformedFramesAreAnsweredInWords(t *testing.T) {
	for name, tc := range map[string]struct{ in, want string }{
		"not json":             {`pong`, "decode frame: invalid character"},
		"no type":              {`{}`, `"type" is missing`},
		"unknown state":        {`{"type":"receipt","id":"r","pop_id":"p","state":"gone"}`, `unknown state "gone"`},
		"the server's to send": {`{"type":"snapshot"}`, "a snapshot frame is the server's to send"},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, hub.Options{}, func(b *bench) {
				c := b.resumed(anna, 7, 0, "a")
				c.take()
				c.s.Receive([]byte(tc.in))
				synctest.Wait()
				got := c.take()
				if len(got) != 1 || got[0].Code != wire.ByeProtocol || !strings.Contains(got[0].Reason, tc.want) {
					t.Errorf("client got %+v, want bye 4400 with %q", got, tc.want)
				}
			})
		})
	}
}

func TestResumeComesFirst(t *testing.T) {
	inBubble(t, hub.Options{}, func(b *bench) {
		c := b.open(anna)
		synctest.Wait()
		c.say(wire.Frame{Type: wire.Pong}) // harmless
		c.say(wire.Frame{Type: wire.Claim, PopID: "p"})
		b.expect(c, "hello7/0 bye4400")
		if said := b.acts.all(); len(said) != 0 {
			t.Errorf("before the resume the client did %q", said)
		}
	})
}

func TestUnknownFrameIsSkipped(t *testing.T) {
	inBubble(t, hub.Options{}, func(b *bench) {
		c := b.resumed(anna, 7, 0, "a")
		c.take()
		c.s.Receive([]byte(`{"type":"mood","colour":"red"}`))
		c.say(wire.Frame{Type: wire.Claim, PopID: "p"})
		b.expect(c, "claimed:p:true:a")
	})
}

func TestClaimGoesToOneTab(t *testing.T) {
	inBubble(t, hub.Options{}, func(b *bench) {
		first, second := b.resumed(anna, 7, 0, "a"), b.resumed(anna, 7, 0, "b")
		first.take()
		second.take()
		first.say(wire.Frame{Type: wire.Claim, PopID: "p"})
		synctest.Wait()
		second.say(wire.Frame{Type: wire.Claim, PopID: "p"})
		b.expect(first, "claimed:p:true:a")
		b.expect(second, "claimed:p:false:a")
	})
}

func TestClaimIsAnsweredEvenIfItFails(t *testing.T) {
	for name, err := range map[string]error{
		"gone":   screenpop.Errorf(screenpop.CodeNotFound, "not-found", "no pop"),
		"broken": errors.New("disk full"),
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, hub.Options{}, func(b *bench) {
				b.acts.err = err
				c := b.resumed(anna, 7, 0, "a")
				c.take()
				c.say(wire.Frame{Type: wire.Claim, PopID: "p"})
				synctest.Wait()
				if got := c.take(); len(got) != 1 || got[0].OK || got[0].Reason == "" {
					t.Errorf("client got %+v, want claimed with ok false and a reason", got)
				}
			})
		})
	}
}

func TestReceiptIsConfirmedOnceItIsWritten(t *testing.T) {
	for name, tc := range map[string]struct {
		err  error
		want string
	}{
		"written":     {nil, "receipt_ok:r1"},
		"unknown pop": {screenpop.Errorf(screenpop.CodeNotFound, "not-found", "no pop"), "receipt_ok:r1"},
		"never valid": {screenpop.Errorf(screenpop.CodeInvalid, "bad", "bad"), "receipt_ok:r1"},
		"disk full":   {errors.New("disk full"), ""},
		"unavailable": {screenpop.Errorf(screenpop.CodeUnavailable, "storage", "full"), ""},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, hub.Options{}, func(b *bench) {
				b.acts.err = tc.err
				c := b.resumed(anna, 7, 0, "a")
				c.take()
				c.say(wire.Frame{Type: wire.Receipt, ID: "r1", PopID: "p", State: screenpop.PopShown})
				b.expect(c, tc.want)
			})
		})
	}
}

func TestReceiptCarriesBuildTimeAndAShortDetail(t *testing.T) {
	inBubble(t, hub.Options{}, func(b *bench) {
		c := b.open(anna)
		c.say(wire.Frame{Type: wire.Resume, Tab: "a", Build: "b2"})
		c.say(wire.Frame{Type: wire.Receipt, ID: "r1", PopID: "p", State: screenpop.PopFailed, Detail: strings.Repeat("ø", 400)})
		synctest.Wait()
		want := []screenpop.Receipt{{ID: "r1", PopID: "p", State: screenpop.PopFailed, Build: "b2",
			Detail: strings.Repeat("ø", 250), At: time.Now()}}
		if diff := cmp.Diff(want, b.acts.receipts); diff != "" {
			t.Errorf("receipts (-want +got):\n%s", diff)
		}
	})
}

func TestAcksAreGatheredAndBounded(t *testing.T) {
	inBubble(t, hub.Options{}, func(b *bench) {
		b.rec.add(anna.Key, 5)
		c := b.resumed(anna, 7, 0, "a")
		wait := make(chan struct{})
		b.acts.set(func() { b.acts.wait = wait })
		for _, seq := range []int64{1, 2, 4, 3, 99} { // 99 was never sent
			c.say(wire.Frame{Type: wire.Ack, Seq: seq})
			synctest.Wait()
		}
		b.acts.set(func() { b.acts.wait = nil })
		close(wait)
		c.say(wire.Frame{Type: wire.Ack, Seq: 5}) // known already
		synctest.Wait()
		if diff := cmp.Diff([]string{"ack 1", "ack 5"}, b.acts.all()); diff != "" {
			t.Errorf("acts (-want +got):\n%s", diff)
		}
	})
}

func TestActsAreDoneInOrderAndAFloodWaits(t *testing.T) {
	inBubble(t, hub.Options{}, func(b *bench) {
		c := b.resumed(anna, 7, 0, "a")
		wait := make(chan struct{})
		b.acts.set(func() { b.acts.wait = wait })
		var want []string
		var sent int
		var mu sync.Mutex
		for i := range 200 {
			want = append(want, fmt.Sprintf("close c-%d", i))
		}
		go func() {
			for i := range 200 {
				c.say(wire.Frame{Type: wire.Close, RequestID: fmt.Sprintf("c-%d", i)})
				mu.Lock()
				sent++
				mu.Unlock()
			}
		}()
		synctest.Wait()
		mu.Lock()
		if sent > 70 {
			t.Errorf("the reader took %d acts while the first was not done", sent)
		}
		mu.Unlock()
		b.acts.set(func() { b.acts.wait = nil })
		close(wait)
		synctest.Wait()
		if diff := cmp.Diff(want, b.acts.all()); diff != "" {
			t.Errorf("acts (-want +got):\n%s", diff)
		}
	})
}

func TestWhatWasSaidBeforeTheConnectionBrokeIsDone(t *testing.T) {
	inBubble(t, hub.Options{}, func(b *bench) {
		c := b.resumed(anna, 7, 0, "a")
		c.say(wire.Frame{Type: wire.Receipt, ID: "r1", PopID: "p", State: screenpop.PopShown})
		c.say(wire.Frame{Type: wire.Close, RequestID: "c-1"})
		c.Cut()
		synctest.Wait()
		if diff := cmp.Diff([]string{"receipt r1 p shown", "close c-1"}, b.acts.all()); diff != "" {
			t.Errorf("acts (-want +got):\n%s", diff)
		}
	})
}

func TestPanicInAnActCostsOneReconnect(t *testing.T) {
	inBubble(t, hub.Options{}, func(b *bench) {
		other := b.resumed(hub.Who{Key: wire.AgentKey{Tenant: "t1", ID: "u-ola"}}, 7, 0, "o")
		c := b.resumed(anna, 7, 0, "a")
		b.acts.set(func() { b.acts.panics = true })
		c.say(wire.Frame{Type: wire.Close, RequestID: "c-1"})
		synctest.Wait()
		if !c.isCut() || other.isCut() || b.hub.Sessions() != 1 {
			t.Errorf("after a panic: cut = %v, other cut = %v, %d sessions; want true, false, 1", c.isCut(), other.isCut(), b.hub.Sessions())
		}
	})
}

func TestPanicInTheRecordCostsOneReconnect(t *testing.T) {
	inBubble(t, hub.Options{}, func(b *bench) {
		c := b.open(anna)
		b.rec.set(func() { b.rec.onHead = func() { panic("record is broken") } })
		c.say(wire.Frame{Type: wire.Resume, Tab: "a"})
		synctest.Wait()
		if !c.isCut() || b.hub.Sessions() != 0 {
			t.Errorf("after a panic: cut = %v, %d sessions; want true, 0", c.isCut(), b.hub.Sessions())
		}
	})
}

func TestNinthSocketReplacesTheOldest(t *testing.T) {
	inBubble(t, hub.Options{}, func(b *bench) {
		var all []*client
		for i := range 10 {
			all = append(all, b.resumed(anna, 7, 0, fmt.Sprint(i)))
		}
		other := b.resumed(hub.Who{Key: wire.AgentKey{Tenant: "t1", ID: "u-ola"}}, 7, 0, "o")
		synctest.Wait()
		for i, c := range all {
			if replaced := strings.HasSuffix(shape(c.take()), "bye4409"); replaced != (i < 2) {
				t.Errorf("socket %d of 10 replaced = %v, want %v", i+1, replaced, i < 2)
			}
		}
		if n := b.hub.Sessions(); n != 9 || other.isCut() {
			t.Errorf("Sessions() = %d, want 8 of anna and 1 of ola", n)
		}
	})
}

func TestSignOutCutsItsSocketsWithinASecond(t *testing.T) {
	inBubble(t, hub.Options{}, func(b *bench) {
		elsewhere := anna
		elsewhere.Login = "login-2"
		c, deaf, stays := b.resumed(anna, 7, 0, "a"), b.resumed(anna, 7, 0, "b"), b.resumed(elsewhere, 7, 0, "c")
		c.take()
		deaf.stall()
		b.bus.publish(b.rec.add(anna.Key, 1)) // the deaf one's write hangs
		synctest.Wait()
		b.hub.SignOut("login-1")
		b.expect(c, "request1 bye4401")
		time.Sleep(time.Second)
		synctest.Wait()
		if !c.isCut() || !deaf.isCut() || stays.isCut() {
			t.Errorf("a second after sign-out: cut = %v, deaf cut = %v, other sign-in cut = %v", c.isCut(), deaf.isCut(), stays.isCut())
		}
		c.say(wire.Frame{Type: wire.Close, RequestID: "c-1"})
		synctest.Wait()
		if said := b.acts.all(); slices.Contains(said, "close c-1") {
			t.Error("a signed-out client could still act")
		}
		b.hub.SignOut("") // a socket without a sign-in is nobody's
		if b.hub.Sessions() != 1 {
			t.Errorf("Sessions() = %d, want 1", b.hub.Sessions())
		}
	})
}

func TestSocketThatIsJustOpeningIsSignedOutToo(t *testing.T) {
	inBubble(t, hub.Options{}, func(b *bench) {
		b.hub.SignOut("login-1") // after the sign-in of the next was checked
		_, err := b.hub.Open(anna, newLink(), 7, 0)
		if screenpop.ErrorCode(err) != screenpop.CodeUnauthorized {
			t.Errorf("Open = %v, want CodeUnauthorized", err)
		}
		again := anna
		again.Login = "login-2"
		b.resumed(again, 7, 0, "a")
		if b.hub.Sessions() != 1 {
			t.Error("a new sign-in was kept out")
		}
	})
}

func TestLeaderIsTheNewestSessionThatLeads(t *testing.T) {
	inBubble(t, hub.Options{}, func(b *bench) {
		is := func(want string) {
			t.Helper()
			synctest.Wait()
			if got := b.hub.Leader(anna.Key); got != want {
				t.Errorf("Leader = %q, want %q", got, want)
			}
		}
		is("")
		first := b.resumed(anna, 7, 0, "a")
		is("a")
		second := b.open(anna)
		is("a")
		second.say(wire.Frame{Type: wire.Resume, Tab: "b"})
		is("a")
		second.say(wire.Frame{Type: wire.Lead, Lead: true})
		is("b")
		first.say(wire.Frame{Type: wire.Lead})
		second.Cut()
		is("")
		first.say(wire.Frame{Type: wire.Lead, Lead: true})
		is("a")
		first.Cut()
		is("")
	})
}

func TestDrainSpreadsAndLosesNothing(t *testing.T) {
	inBubble(t, hub.Options{}, func(b *bench) {
		b.rec.add(anna.Key, 3)
		var all []*client
		var left []time.Duration
		var mu sync.Mutex
		start := time.Now()
		for i := range 40 {
			c := b.resumed(hub.Who{Key: wire.AgentKey{Tenant: "t1", ID: fmt.Sprint(i)}}, 7, 0, "a")
			all = append(all, c)
			go func() {
				<-c.cut
				mu.Lock()
				defer mu.Unlock()
				left = append(left, time.Since(start))
			}()
		}
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		b.hub.Drain(ctx)
		took := time.Since(start)
		synctest.Wait()
		mu.Lock()
		defer mu.Unlock()
		if took > 11*time.Second || len(left) != 40 {
			t.Fatalf("Drain took %v and sent %d of 40 away", took, len(left))
		}
		if spread := left[39] - left[0]; spread < 5*time.Second {
			t.Errorf("all left within %v", spread)
		}
		for i, c := range all {
			got := c.take()
			if s := shape(got); !strings.Contains(s, "drain") || !strings.HasSuffix(s, "bye4412") {
				t.Fatalf("client %d got %q, want drain and then bye 4412", i, s)
			}
			after := time.Duration(got[len(got)-2].AfterMS) * time.Millisecond
			if after < 0 || after >= 10*time.Second {
				t.Errorf("client %d was told %v", i, after)
			}
		}
	})
}

func TestDrainEndsWithItsContext(t *testing.T) {
	inBubble(t, hub.Options{}, func(b *bench) {
		for i := range 20 {
			c := b.resumed(hub.Who{Key: wire.AgentKey{Tenant: "t1", ID: fmt.Sprint(i)}}, 7, 0, "a")
			c.stall()
		}
		ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
		defer cancel()
		start := time.Now()
		b.hub.Drain(ctx)
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("Drain took %v of its 3 s", took)
		}
	})
}
