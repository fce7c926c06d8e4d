package hub_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/wire"
	"github.com/crmpop/crmpop/server/hub"
)

func TestHelloComesAtOnceAndSaysWhoAndWhere(t *testing.T) {
	inBubble(t, hub.Options{Build: "b1"}, func(b *bench) {
		b.rec.add(anna.Key, 3)
		c := b.open(anna)
		synctest.Wait()
		got := c.take()
		want := wire.Frame{Type: wire.Hello, Protocol: wire.Protocol, Build: "b1", Epoch: 7, Seq: 3,
			Agent: "anna@acme.example", AgentName: "Anna", Tenant: "Acme", HeartbeatS: 30}
		if len(got) != 1 || fmt.Sprint(got[0]) != fmt.Sprint(want) {
			t.Errorf("client got %+v, want only %+v", got, want)
		}
	})
}

func TestResume(t *testing.T) {
	for name, tc := range map[string]struct {
		epoch, seq int64
		want       string
	}{
		"new client":                    {0, 0, "snapshot7/5 ping5"},
		"up to date":                    {7, 5, "ping5"},
		"behind: exact replay":          {7, 3, "request4 request5 ping5"},
		"from the beginning":            {7, 2, "request3 request4 request5 ping5"},
		"older than the stream reaches": {7, 1, "snapshot7/5 ping5"},
		"another epoch":                 {6, 5, "snapshot7/5 ping5"},
		"a position of the future":      {7, 6, "snapshot7/5 ping5"},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, hub.Options{}, func(b *bench) {
				b.rec.add(anna.Key, 5)
				b.rec.pruned[anna.Key] = 2
				c := b.open(anna)
				b.expect(c, "hello7/5")
				c.say(wire.Frame{Type: wire.Resume, Epoch: tc.epoch, Seq: tc.seq, Tab: "a"})
				b.expect(c, tc.want)
			})
		})
	}
}

func TestEmptyStreamResumesExactly(t *testing.T) {
	inBubble(t, hub.Options{}, func(b *bench) {
		c := b.resumed(anna, 7, 0, "a")
		b.expect(c, "hello7/0 ping0")
		b.bus.publish(b.rec.add(anna.Key, 1))
		b.expect(c, "request1")
	})
}

func TestLiveFramesComeInOrderWithoutReadingTheRecord(t *testing.T) {
	inBubble(t, hub.Options{}, func(b *bench) {
		c := b.resumed(anna, 0, 0, "a")
		b.expect(c, "hello7/0 snapshot7/0 ping0")
		reads := b.rec.reads
		for range 3 {
			b.bus.publish(b.rec.add(anna.Key, 2))
		}
		b.expect(c, "request1 request2 request3 request4 request5 request6")
		if b.rec.reads != reads {
			t.Errorf("the record was read %d times for live frames", b.rec.reads-reads)
		}
	})
}

func TestHints(t *testing.T) {
	for name, tc := range map[string]struct {
		order []int // which of five one-frame hints come, in which order
		bare  bool  // without their frames
		want  string
	}{
		"doubled":            {order: []int{0, 0, 1, 1, 2, 1, 3, 4}, want: "request1 request2 request3 request4 request5"},
		"a hole":             {order: []int{0, 3}, want: "request1 request2 request3 request4 request5"},
		"swapped":            {order: []int{1, 0, 4, 3, 2}, want: "request1 request2 request3 request4 request5"},
		"without frames":     {order: []int{4}, bare: true, want: "request1 request2 request3 request4 request5"},
		"only the first two": {order: []int{0, 1}, want: "request1 request2"},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, hub.Options{}, func(b *bench) {
				c := b.resumed(anna, 0, 0, "a")
				c.take()
				var hints []wire.Hint
				for range 5 {
					h := b.rec.add(anna.Key, 1)
					if tc.bare {
						h.Frames = nil
					}
					hints = append(hints, h)
				}
				for _, i := range tc.order {
					b.bus.publish(hints[i])
					synctest.Wait()
				}
				b.expect(c, tc.want)
			})
		})
	}
}

func TestSweepFindsLostHints(t *testing.T) {
	inBubble(t, hub.Options{}, func(b *bench) {
		c := b.resumed(anna, 0, 0, "a")
		c.take()
		b.rec.add(anna.Key, 20) // the hint is lost
		time.Sleep(31 * time.Second)
		var got []wire.Frame
		for _, f := range c.take() {
			if f.Streamed() {
				got = append(got, f)
			}
		}
		if len(got) != 20 || got[0].Seq != 1 || got[19].Seq != 20 {
			t.Errorf("client got %q, want requests 1 to 20", shape(got))
		}
	})
}

func TestSweepLooksAtManyAgents(t *testing.T) {
	inBubble(t, hub.Options{}, func(b *bench) {
		var all []*client
		for i := range 1203 {
			who := hub.Who{Key: wire.AgentKey{Tenant: "t1", ID: fmt.Sprint(i)}}
			all = append(all, b.resumed(who, 7, 0, "a"))
			b.rec.add(who.Key, 1)
		}
		b.hub.Sweep()
		for _, c := range all {
			b.expect(c, "hello7/0 ping0 request1")
		}
	})
}

func TestRecordPutBackToAnOlderStateIsAnnounced(t *testing.T) {
	inBubble(t, hub.Options{}, func(b *bench) {
		b.rec.add(anna.Key, 5)
		c := b.resumed(anna, 7, 5, "a")
		b.expect(c, "hello7/5 ping5")
		b.rec.set(func() { b.rec.frames[anna.Key] = b.rec.frames[anna.Key][:2]; b.rec.epoch = 8 })
		b.hub.Sweep()
		b.expect(c, "snapshot8/2 ping2")
		b.bus.publish(b.rec.add(anna.Key, 1))
		b.expect(c, "request3")
	})
}

func TestWhatIsCommittedWhileConnectingIsNotMissed(t *testing.T) {
	inBubble(t, hub.Options{}, func(b *bench) {
		b.rec.add(anna.Key, 2)
		c := b.open(anna)
		committed := false
		b.rec.onHead = func() { // after the head was read, before the frames are
			if !committed {
				committed = true
				b.bus.publish(b.rec.add(anna.Key, 1))
			}
		}
		c.say(wire.Frame{Type: wire.Resume, Epoch: 7, Seq: 2, Tab: "a"})
		b.expect(c, "hello7/2 request3 ping3")
		b.bus.publish(b.rec.add(anna.Key, 1))
		b.expect(c, "request4")
	})
}

// TestHintDuringAnEmptyReadIsReadFor is for a pop that is committed after the
// record answered "nothing" and before the answer was looked at.
func TestHintDuringAnEmptyReadIsReadFor(t *testing.T) {
	inBubble(t, hub.Options{}, func(b *bench) {
		c := b.open(anna)
		wait := make(chan struct{})
		b.rec.set(func() { b.rec.wait = wait })
		c.say(wire.Frame{Type: wire.Resume, Epoch: 7, Tab: "a"})
		synctest.Wait()
		b.rec.set(func() { b.rec.wait = nil })
		b.bus.publish(b.rec.add(anna.Key, 1))
		close(wait)
		b.expect(c, "hello7/0 request1 ping1")
	})
}

func TestLongReplayIsPagedAndMixedWithLiveFrames(t *testing.T) {
	inBubble(t, hub.Options{}, func(b *bench) {
		b.rec.add(anna.Key, 1000)
		c := b.open(anna)
		c.say(wire.Frame{Type: wire.Resume, Epoch: 7, Seq: 0, Tab: "a"})
		for range 200 {
			b.bus.publish(b.rec.add(anna.Key, 1))
		}
		synctest.Wait()
		got := c.take()
		var next int64 = 1
		for _, f := range got {
			if f.Streamed() {
				if f.Seq != next {
					t.Fatalf("request %d came where %d was due", f.Seq, next)
				}
				next++
			}
		}
		if next != 1201 {
			t.Errorf("the last request was %d, want 1200", next-1)
		}
		if n := b.hub.Sessions(); n != 1 {
			t.Errorf("Sessions() = %d: the replay cut its client", n)
		}
	})
}

func TestResumeMayBeSentAgain(t *testing.T) {
	inBubble(t, hub.Options{}, func(b *bench) {
		b.rec.add(anna.Key, 4)
		c := b.resumed(anna, 7, 4, "a")
		b.expect(c, "hello7/4 ping4")
		c.say(wire.Frame{Type: wire.Resume, Epoch: 7, Seq: 2, Tab: "a"})
		b.expect(c, "request3 request4 ping4")
		c.say(wire.Frame{Type: wire.Resume})
		b.expect(c, "snapshot7/4 ping4")
		b.bus.publish(b.rec.add(anna.Key, 1))
		b.expect(c, "request5")
		if n := b.bus.subscribers(); n != 1 {
			t.Errorf("%d subscriptions after three resumes, want 1", n)
		}
	})
}

func TestGapInTheRecordBecomesASnapshot(t *testing.T) {
	inBubble(t, hub.Options{}, func(b *bench) {
		b.rec.add(anna.Key, 5)
		b.rec.set(func() { b.rec.frames[anna.Key][3].Seq = 9 })
		c := b.resumed(anna, 7, 1, "a")
		b.expect(c, "hello7/5 snapshot7/5 ping5")
	})
}

func TestHintOfMoreThanTheRecordHoldsDoesNotSpin(t *testing.T) {
	inBubble(t, hub.Options{}, func(b *bench) {
		c := b.resumed(anna, 7, 0, "a")
		c.take()
		b.bus.publish(wire.Hint{Agent: anna.Key, Head: 99})
		b.expect(c, "")
		b.bus.publish(b.rec.add(anna.Key, 1))
		b.expect(c, "request1")
	})
}

func TestRecordThatCannotBeReadSendsTheClientAway(t *testing.T) {
	inBubble(t, hub.Options{}, func(b *bench) {
		c := b.open(anna)
		b.rec.set(func() { b.rec.err = errors.New("disk gone") })
		c.say(wire.Frame{Type: wire.Resume, Tab: "a"})
		b.expect(c, "hello7/0 bye4411")
		if !c.isCut() || c.closed != wire.ByeInternal {
			t.Errorf("socket cut = %v with code %d, want closed with 4411", c.isCut(), c.closed)
		}
	})
}

func TestSlowClientIsCutAndResumesWithoutLoss(t *testing.T) {
	for name, tc := range map[string]struct{ hints, size int }{
		"by frames": {hub.MaxQueue + 2, 10},
		"by bytes":  {6, 60 << 10},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, hub.Options{}, func(b *bench) {
				c := b.resumed(anna, 7, 0, "a")
				c.take()
				goOn := c.stall()
				for range tc.hints {
					b.bus.publish(b.rec.addSized(anna.Key, 1, tc.size))
				}
				synctest.Wait()
				if n, bytes := c.s.Waiting(); n > 1 || bytes > 1024 {
					t.Errorf("%d frames, %d bytes wait for a client that was cut; want its bye at most", n, bytes)
				}
				if n := b.hub.Sessions(); n != 0 {
					t.Errorf("Sessions() = %d with the only one too slow", n)
				}
				goOn()
				synctest.Wait()
				got := c.take()
				if last := got[len(got)-1]; last.Type != wire.Bye || last.Code != wire.ByeSlow {
					t.Fatalf("client got %q, want bye 4408 at the end", shape(got))
				}
				var seen int64
				for _, f := range got {
					if f.Streamed() {
						seen = f.Seq
					}
				}
				again := b.resumed(anna, 7, seen, "a")
				for _, f := range again.take() {
					if f.Streamed() && f.Seq != seen+1 {
						t.Fatalf("request %d came where %d was due", f.Seq, seen+1)
					} else if f.Streamed() {
						seen = f.Seq
					}
				}
				if seen != int64(tc.hints) {
					t.Errorf("after resuming the client is at %d, want %d", seen, tc.hints)
				}
			})
		})
	}
}

func TestStalledReadersHoldNothingBackAndLittleMemory(t *testing.T) {
	inBubble(t, hub.Options{MaxSessions: 200}, func(b *bench) {
		well := b.resumed(anna, 7, 0, "well")
		well.take()
		var stalled []*client
		for i := range 100 {
			c := b.resumed(anna, 7, 0, fmt.Sprint(i))
			c.stall()
			stalled = append(stalled, c)
		}
		for i := range 200 {
			b.bus.publish(b.rec.addSized(anna.Key, 1, 4<<10))
			synctest.Wait()
			if got := well.take(); len(got) != 1 || got[0].Seq != int64(i+1) {
				t.Fatalf("with stalled neighbours, hint %d brought %q", i+1, shape(got))
			}
			for _, c := range stalled {
				if _, bytes := c.s.Waiting(); bytes > hub.MaxQueued {
					t.Fatalf("%d bytes wait for a stalled client, at most %d", bytes, hub.MaxQueued)
				}
			}
		}
		time.Sleep(11 * time.Second)
		for i, c := range stalled {
			if !c.isCut() {
				t.Errorf("stalled client %d is still connected", i)
			}
		}
		if n := b.hub.Sessions(); n != 1 {
			t.Errorf("Sessions() = %d, want the one that reads", n)
		}
	})
}

func TestLargeSnapshotFitsTheWire(t *testing.T) {
	f := wire.Frame{Type: wire.Snapshot, Epoch: 7, Seq: 1}
	big := string(make([]byte, 60<<10)) // each byte takes six in JSON
	for i := range 40 {
		id := fmt.Sprint("c-", i)
		f.Requests = append(f.Requests, screenpop.Request{ID: id, Subject: big, UpdatedAt: time.Unix(int64(100-i), 0)})
		f.Pops = append(f.Pops, screenpop.Pop{ID: "p-" + id, RequestID: id})
	}
	got, err := wire.Decode(hub.Fit(f, quiet(), anna.Key))
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Requests) == 0 || len(got.Requests) != len(got.Pops) || got.Reason == "" {
		t.Fatalf("fit kept %d requests, %d pops, reason %q; want as many of each and a reason", len(got.Requests), len(got.Pops), got.Reason)
	}
	if newest := got.Requests[len(got.Requests)-1].ID; newest != "c-0" {
		t.Errorf("the newest request kept is %s, want c-0", newest)
	}
	if len(f.Requests) != 40 {
		t.Errorf("fit changed the frame it was given")
	}
}

func TestDrainedHubTakesNobodyIn(t *testing.T) {
	inBubble(t, hub.Options{}, func(b *bench) {
		b.hub.Drain(context.Background())
		_, err := b.hub.Open(anna, newLink(), 7, 0)
		if screenpop.ErrorCode(err) != screenpop.CodeUnavailable {
			t.Errorf("Open after Drain = %v, want CodeUnavailable", err)
		}
	})
}

func TestPingIsEncodedAsTheWireDoes(t *testing.T) {
	for _, seq := range []int64{0, 1, 41, 1 << 60} {
		if got, want := string(hub.PingAt(seq)), string(wire.Encode(wire.Frame{Type: wire.Ping, Seq: seq})); got != want {
			t.Errorf("ping at %d is %s, want %s", seq, got, want)
		}
	}
}

// What a command is run with is for the companion alone.
func TestValuesOfCommandsAreNotSentToWorkspaces(t *testing.T) {
	pop := screenpop.Pop{ID: "p1", RequestID: "c-1", Kind: screenpop.KindCommand, Vars: []screenpop.Var{{Name: "anum", Value: "4722334455"}}}
	f := wire.Frame{Type: wire.Snapshot, Pops: []screenpop.Pop{{ID: "p0"}, pop}}
	if b := hub.Fit(f, quiet(), anna.Key); strings.Contains(string(b), "4722334455") {
		t.Errorf("a workspace's snapshot is %s", b)
	}
	if f.Pops[1].Vars == nil {
		t.Error("the values are gone for everybody")
	}
	inBubble(t, patient, func(b *bench) {
		c := b.resumed(anna, 0, 0, "one")
		b.rec.set(func() {
			b.rec.frames[anna.Key] = append(b.rec.frames[anna.Key], wire.Frame{Type: wire.Pop, Seq: 1, Pop: &pop})
		})
		b.bus.publish(wire.Hint{Agent: anna.Key, Head: 1, Frames: b.rec.frames[anna.Key]})
		synctest.Wait()
		all := c.take()
		if got := all[len(all)-1]; got.Pop == nil || got.Pop.ID != "p1" || got.Pop.Vars != nil {
			t.Errorf("live came %+v, want the pop without its values", got)
		}
		again := b.resumed(anna, 7, 0, "two")
		all = again.take()
		for _, got := range all {
			if got.Pop != nil && got.Pop.Vars != nil {
				t.Errorf("replayed came %+v", got.Pop)
			}
		}
		if shape(all) != "hello7/1 pop ping1" {
			t.Errorf("replayed came %q", shape(all))
		}
	})
}
