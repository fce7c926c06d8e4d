package session_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/session"
	"github.com/crmpop/crmpop/app/wire"
)

func TestNewPageResumesFromNothing(t *testing.T) {
	inBubble(t, session.Options{Tab: "a", Build: "b1", Lead: func() bool { return true }}, func(r *rig) {
		p := r.greeted(1)
		got := p.take()
		want := wire.Frame{Type: wire.Resume, Tab: "a", Build: "b1", Lead: true}
		if len(got) != 1 || string(wire.Encode(got[0])) != string(wire.Encode(want)) {
			t.Fatalf("client sent %+v, want only %+v", got, want)
		}
		p.send(wire.Frame{Type: wire.Snapshot, Epoch: 7, Seq: 41}, request(42))
		r.onPage("hello snapshot7/41 request42")
		if epoch, seq := r.s.Position(); epoch != 7 || seq != 42 {
			t.Errorf("Position() = %d, %d; want 7, 42", epoch, seq)
		}
	})
}

func TestStoredPositionResumesExactly(t *testing.T) {
	inBubble(t, session.Options{Epoch: 7, Seq: 40}, func(r *rig) {
		p := r.greeted(1)
		r.fromClient(p, "resume7/40")
		p.send(request(41))
		r.onPage("hello request41")
	})
}

func TestEachFrameIsPassedOnceAndInOrder(t *testing.T) {
	inBubble(t, session.Options{}, func(r *rig) {
		p := r.live(40)
		p.send(request(40), request(41), request(41), request(42), request(41), request(43))
		r.onPage("request41 request42 request43")
	})
}

func TestHoleIsAskedFor(t *testing.T) {
	inBubble(t, session.Options{}, func(r *rig) {
		p := r.live(40)
		p.send(request(41), request(43), request(44))
		r.fromClient(p, "ack41 resume7/41")
		r.onPage("request41")
		p.send(request(42), request(43), request(44), wire.Frame{Type: wire.Ping, Seq: 44})
		r.onPage("request42 request43 request44")
	})
}

func TestPingTellsOfAMissedFrame(t *testing.T) {
	inBubble(t, session.Options{}, func(r *rig) {
		p := r.live(40)
		p.send(wire.Frame{Type: wire.Ping, Seq: 41})
		r.fromClient(p, "pong resume7/40")
		p.send(request(41), wire.Frame{Type: wire.Ping, Seq: 41})
		r.onPage("request41")
		r.fromClient(p, "ack41 pong")
	})
}

// TestServerThatCannotFillAHole is for a server gone mad: no endless asking.
func TestServerThatCannotFillAHole(t *testing.T) {
	inBubble(t, session.Options{}, func(r *rig) {
		p := r.live(40)
		for range 3 {
			p.send(wire.Frame{Type: wire.Ping, Seq: 50})
		}
		r.fromClient(p, "pong resume7/40 pong resume7/40 pong resume0/0")
		p.send(wire.Frame{Type: wire.Snapshot, Epoch: 7, Seq: 50}, request(51))
		r.onPage("snapshot7/50 request51")
		for range 5 {
			p.send(wire.Frame{Type: wire.Ping, Seq: 60}, request(70))
		}
		if next := r.server(2); next == p {
			t.Error("the session stayed with a server that cannot fill a hole")
		}
	})
}

func TestFramesOfANewerServerAreSkippedButCounted(t *testing.T) {
	inBubble(t, session.Options{}, func(r *rig) {
		p := r.live(40)
		p.send(wire.Frame{Type: "note", Seq: 41}, wire.Frame{Type: "mood"}, request(42))
		r.onPage("request42")
		r.fromClient(p, "ack41")
	})
}

func TestPanicOnThePageIsAFaultAndNotTheEnd(t *testing.T) {
	o := session.Options{OnFrame: func(f wire.Frame) {
		if f.Seq == 41 {
			panic("no such tab")
		}
	}}
	inBubble(t, o, func(r *rig) {
		p := r.live(40)
		p.send(request(41), request(42))
		r.onPage("request41 request42")
		if len(r.faults) != 1 || !strings.Contains(r.faults[0].Error(), "no such tab") {
			t.Errorf("faults = %v, want the panic", r.faults)
		}
	})
}

func TestAcksAreGathered(t *testing.T) {
	inBubble(t, session.Options{}, func(r *rig) {
		p := r.live(0)
		for i := range 100 {
			p.send(request(int64(i + 1)))
			time.Sleep(10 * time.Millisecond)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		got := p.take()
		if len(got) < 9 || len(got) > 12 || got[len(got)-1].Seq != 100 {
			t.Errorf("100 frames in a second brought %q, want about ten acks, the last of 100", shape(got))
		}
	})
}

// TestAcksDoNotNeedTimers is for hidden tabs, whose timers come a minute late:
// the next ping brings the ack out.
func TestAcksComeWithThePing(t *testing.T) {
	inBubble(t, session.Options{}, func(r *rig) {
		p := r.live(0)
		p.send(request(1), request(2), wire.Frame{Type: wire.Ping, Seq: 2})
		r.fromClient(p, "ack1 pong ack2")
	})
}

func TestLastAckGoesOutBeforeTheEnd(t *testing.T) {
	inBubble(t, session.Options{}, func(r *rig) {
		p := r.live(0)
		p.send(request(1), request(2))
		synctest.Wait()
		r.s.Claim("p")
		synctest.Wait() // else the stop may be heard of first, and either order is right
		r.stop()
		synctest.Wait()
		r.expect("server", p.take(), "ack1 claim:p ack2")
		if err := <-r.done; !errors.Is(err, context.Canceled) {
			t.Errorf("Run = %v, want context.Canceled", err)
		}
		if !p.isClosed() || r.state().Phase != session.Ended {
			t.Errorf("closed = %v, phase %s; want true, ended", p.isClosed(), r.state().Phase)
		}
	})
}

func TestReconnectResumesWhereItWas(t *testing.T) {
	inBubble(t, session.Options{}, func(r *rig) {
		p := r.live(40)
		p.send(request(41))
		r.onPage("request41")
		p.cut()
		p = r.greeted(2)
		r.fromClient(p, "resume7/41")
		p.send(request(41), request(42))
		r.onPage("hello request42")
		if got, want := r.phases(), "connecting1 connected0 reconnecting1 connected0"; got != want {
			t.Errorf("states %q, want %q", got, want)
		}
	})
}

func TestBackOffDoublesWithFullJitter(t *testing.T) {
	for name, tc := range map[string]struct {
		random float64
		want   []time.Duration // in ms
	}{
		"longest":  {0.999, []time.Duration{500, 1000, 2000, 4000, 8000, 16000, 30000, 30000}},
		"half":     {0.5, []time.Duration{200, 500, 1000, 2000, 4000, 8000, 15000, 15000}},
		"shortest": {0.001, []time.Duration{0, 0, 0, 0, 0, 0, 0, 0}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRig(t, session.Options{Rand: func() float64 { return tc.random }})
				r.refuse(errors.New("connection refused"))
				r.run()
				time.Sleep(2 * time.Minute)
				r.stop()
				synctest.Wait()
				for i, want := range tc.want {
					gap := r.dials[i+1].Sub(r.dials[i]).Truncate(100 * time.Millisecond)
					if want *= time.Millisecond; gap < want-100*time.Millisecond || gap > want+100*time.Millisecond {
						t.Errorf("gap %d is %v, want %v", i+1, gap, want)
					}
				}
			})
		})
	}
}

func TestStateWithoutAServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, session.Options{})
		r.refuse(errors.New("connection refused"))
		start := time.Now()
		r.run()
		time.Sleep(3 * time.Minute)
		st := r.state()
		if st.Phase != session.Offline || st.Reason != "connect: connection refused" || st.Attempt < 5 || !st.Since.Equal(start) {
			t.Errorf("state %+v, want offline since %v, with the reason and the attempts", st, start)
		}
		if got := r.phases(); !strings.HasPrefix(got, "connecting1 reconnecting2 ") {
			t.Errorf("states %q, want connecting1 reconnecting2 and on", got)
		}
		r.stop()
		synctest.Wait()
	})
}

func TestOnlyAConnectionThatLastsEndsTheBackOff(t *testing.T) {
	inBubble(t, session.Options{Rand: func() float64 { return 0.999 }}, func(r *rig) {
		for i := 1; i <= 5; i++ { // accepted and sent away, five times
			r.greeted(i).send(wire.Frame{Type: wire.Bye, Code: wire.ByeInternal, Reason: "broken"})
		}
		start := time.Now()
		p := r.greeted(6)
		if took := time.Since(start); took < 7*time.Second {
			t.Errorf("the sixth attempt came after %v, want the back-off to have grown to 8 s", took)
		}
		time.Sleep(10 * time.Second)
		p.cut()
		start = time.Now()
		r.greeted(7)
		if took := time.Since(start); took > 700*time.Millisecond {
			t.Errorf("after a good connection the next attempt took %v, want 0.5 s", took)
		}
	})
}

func TestByesThatEndTheSession(t *testing.T) {
	for name, tc := range map[string]struct {
		code int
		want screenpop.Code
	}{
		"signed out": {wire.ByeSignOut, screenpop.CodeUnauthorized},
		"denied":     {wire.ByeDenied, screenpop.CodeDenied},
		"replaced":   {wire.ByeReplaced, screenpop.CodeConflict},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, session.Options{}, func(r *rig) {
				p := r.live(1)
				p.send(wire.Frame{Type: wire.Bye, Code: tc.code, Reason: "because"})
				err := <-r.done
				if screenpop.ErrorCode(err) != tc.want || !strings.Contains(err.Error(), "because") {
					t.Errorf("Run = %v, want %s with the reason", err, tc.want)
				}
				if st := r.state(); st.Phase != session.Ended || st.Code != tc.code || st.Reason != "because" {
					t.Errorf("state %+v, want ended with %d", st, tc.code)
				}
				time.Sleep(5 * time.Minute)
				synctest.Wait()
				if len(r.dials) != 1 || !p.isClosed() {
					t.Errorf("%d dials, closed = %v; want 1, true", len(r.dials), p.isClosed())
				}
			})
		})
	}
}

func TestByesToComeBackFrom(t *testing.T) {
	for _, code := range []int{wire.ByeSlow, wire.ByeSilent, wire.ByeRestart, wire.ByeInternal, wire.ByeProtocol} {
		inBubble(t, session.Options{}, func(r *rig) {
			p := r.live(3)
			p.send(wire.Frame{Type: wire.Bye, Code: code, Reason: "because"})
			if st := r.state(); st.Phase != session.Reconnecting || st.Code != code || st.Reason != "because" {
				t.Errorf("after bye %d the state is %+v, want reconnecting with code and reason", code, st)
			}
			r.fromClient(r.greeted(2), "resume7/3")
		})
	}
}

func TestRefusedAtTheDoor(t *testing.T) {
	inBubble(t, session.Options{}, func(r *rig) {
		r.server(1).send(wire.Frame{Type: wire.Bye, Code: wire.ByeSignOut, Reason: "sign in again"})
		if err := <-r.done; screenpop.ErrorCode(err) != screenpop.CodeUnauthorized {
			t.Errorf("Run = %v, want CodeUnauthorized", err)
		}
	})
}

func TestDrainWaitsForTheBye(t *testing.T) {
	inBubble(t, session.Options{}, func(r *rig) {
		p := r.live(3)
		p.send(wire.Frame{Type: wire.Drain, AfterMS: 4000})
		time.Sleep(3 * time.Second)
		p.send(request(4)) // still served
		r.onPage("drain request4")
		p.send(wire.Frame{Type: wire.Bye, Code: wire.ByeRestart, Reason: "restart"})
		r.fromClient(r.greeted(2), "resume7/4")
	})
}

func TestDrainWithoutAByeIsGivenUp(t *testing.T) {
	inBubble(t, session.Options{}, func(r *rig) {
		p := r.live(3)
		start := time.Now()
		p.send(wire.Frame{Type: wire.Drain, AfterMS: 4000})
		r.server(2)
		if took := time.Since(start); took < 8*time.Second || took > 10*time.Second {
			t.Errorf("reconnected %v after a drain of 4 s, want 9 to 10 s", took)
		}
	})
}

func TestProtocols(t *testing.T) {
	for name, tc := range map[string]struct {
		protocol int
		ok       bool
	}{
		"the same":    {wire.Protocol, true},
		"one newer":   {wire.Protocol + 1, true}, // such a server speaks ours too
		"much newer":  {wire.Protocol + 2, false},
		"older":       {wire.Protocol - 1, false},
		"none at all": {-1, false},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, session.Options{}, func(r *rig) {
				p := r.server(1)
				f := hello
				f.Protocol = tc.protocol
				p.send(f)
				st := r.state()
				if ok := st.Phase == session.Connected; ok != tc.ok {
					t.Errorf("protocol %d: state %+v, want connected = %v", tc.protocol, st, tc.ok)
				}
				if !tc.ok && (!strings.Contains(st.Reason, "reload the page") || len(p.take()) != 0) {
					t.Errorf("protocol %d: reason %q, want it to say reload, and nothing sent", tc.protocol, st.Reason)
				}
			})
		})
	}
}

func TestServerMustSayHelloInTime(t *testing.T) {
	inBubble(t, session.Options{}, func(r *rig) {
		start := time.Now()
		r.server(2)
		if took := time.Since(start); took < 10*time.Second || took > 11*time.Second {
			t.Errorf("gave up a server without hello after %v, want 10 s", took)
		}
	})
}

func TestGarbageEndsTheConnectionOnly(t *testing.T) {
	inBubble(t, session.Options{}, func(r *rig) {
		p := r.live(3)
		p.in <- []byte("<html>sign in to the hotel's network</html>")
		r.fromClient(r.greeted(2), "resume7/3")
	})
}

func TestSilentServerIsLeftAfter75Seconds(t *testing.T) {
	inBubble(t, session.Options{}, func(r *rig) {
		p := r.live(3)
		for range 5 {
			time.Sleep(33 * time.Second)
			p.send(wire.Frame{Type: wire.Ping, Seq: 3})
		}
		synctest.Wait()
		start := time.Now()
		r.server(2)
		if took := time.Since(start); took < 74*time.Second || took > 76*time.Second {
			t.Errorf("left a silent server after %v, want 75 s", took)
		}
		if st := r.state(); st.Reason != "nothing heard from the server" {
			t.Errorf("state %+v, want the reason", st)
		}
	})
}

func TestWakeMakesSureOfTheConnection(t *testing.T) {
	inBubble(t, session.Options{}, func(r *rig) {
		p := r.live(3)
		r.s.Wake()
		r.fromClient(p, "resume7/3")
		p.send(wire.Frame{Type: wire.Ping, Seq: 3})
		time.Sleep(20 * time.Second)
		synctest.Wait()
		if len(r.dials) != 1 {
			t.Fatal("the server answered, and the session left it all the same")
		}
		r.s.Wake() // now it is dead
		start := time.Now()
		r.server(2)
		if took := time.Since(start); took > 6*time.Second {
			t.Errorf("noticed a dead server %v after Wake, want 5 s", took)
		}
	})
}

func TestWakeEndsTheWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, session.Options{Rand: func() float64 { return 0.999 }})
		r.refuse(errors.New("no network"))
		r.run()
		time.Sleep(2 * time.Minute)
		r.refuse(nil)
		synctest.Wait()
		before := time.Now()
		r.s.Wake()
		r.greeted(1)
		if took := time.Since(before); took > 0 {
			t.Errorf("connected %v after Wake, want at once", took)
		}
		if st := r.state(); st.Phase != session.Connected {
			t.Errorf("state %+v, want connected", st)
		}
		r.stop()
		time.Sleep(time.Minute)
	})
}

func TestOffline(t *testing.T) {
	inBubble(t, session.Options{}, func(r *rig) {
		p := r.live(3)
		r.s.Offline(true) // wrongly: the connection answers
		p.send(wire.Frame{Type: wire.Ping, Seq: 3})
		time.Sleep(10 * time.Second)
		if st := r.state(); st.Phase != session.Connected {
			t.Fatalf("state %+v, want connected: the server still answers", st)
		}
		lost := time.Now()
		r.refuse(errors.New("no network"))
		p.cut()
		if st := r.state(); st.Phase != session.Offline || !st.Since.Equal(lost) {
			t.Errorf("state %+v, want offline since %v", st, lost)
		}
		r.refuse(nil)
		r.s.Offline(false)
		p = r.greeted(2)
		if st := r.state(); st.Phase != session.Connected {
			t.Errorf("state %+v, want connected", st)
		}
	})
}

func TestOfflineAfterTenSeconds(t *testing.T) {
	inBubble(t, session.Options{}, func(r *rig) {
		p := r.live(3)
		lost := time.Now()
		r.refuse(errors.New("no network"))
		p.cut()
		time.Sleep(9 * time.Second)
		if st := r.state(); st.Phase != session.Reconnecting || !st.Since.Equal(lost) {
			t.Errorf("after 9 s the state is %+v, want reconnecting since %v", st, lost)
		}
		time.Sleep(2 * time.Second)
		if st := r.state(); st.Phase != session.Offline || !st.Since.Equal(lost) {
			t.Errorf("after 11 s the state is %+v, want offline since %v", st, lost)
		}
	})
}

func TestStatesAreToldInOrderEvenFromTheirOwnCallback(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s *session.Session
		var told []session.Phase
		p := newPipe()
		s = session.New("ws://test", session.Options{
			Dial: func(context.Context, string) (session.Conn, error) { return p, nil },
			OnState: func(st session.State) {
				told = append(told, st.Phase)
				if len(told) == 1 {
					s.Offline(true) // told after this call, not within it
					if len(told) != 1 {
						t.Error("OnState was called within OnState")
					}
				}
			},
		})
		ctx, stop := context.WithCancel(context.Background())
		go s.Run(ctx)
		p.send(hello)
		synctest.Wait()
		stop()
		time.Sleep(time.Minute)
		synctest.Wait()
		want := []session.Phase{session.Connecting, session.Offline, session.Connected, session.Ended}
		if len(told) != 4 || told[1] != want[1] || told[2] != want[2] || told[3] != want[3] {
			t.Errorf("told %v, want %v", told, want)
		}
	})
}
