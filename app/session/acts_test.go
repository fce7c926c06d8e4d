package session_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/session"
	"github.com/crmpop/crmpop/app/wire"
)

func TestReceiptIsKeptUntilConfirmed(t *testing.T) {
	stored := newBox()
	inBubble(t, session.Options{Receipts: stored, Build: "b1"}, func(r *rig) {
		p := r.live(1)
		r.s.Receipt("p1", screenpop.PopShown, "shown in the request")
		synctest.Wait()
		got := p.take()
		if len(got) != 1 || got[0].PopID != "p1" || got[0].State != screenpop.PopShown || got[0].Build != "b1" || got[0].Detail != "shown in the request" {
			t.Fatalf("client sent %+v, want one receipt", got)
		}
		if len(stored.All()) != 1 {
			t.Fatal("the receipt is not in the box before it is confirmed")
		}
		p.send(wire.Frame{Type: wire.ReceiptOK, ID: got[0].ID})
		synctest.Wait()
		if n := len(stored.All()); n != 0 {
			t.Errorf("%d receipts in the box after the confirmation", n)
		}
		p.send(wire.Frame{Type: wire.Ping, Seq: 1})
		r.fromClient(p, "pong")
	})
}

func TestReceiptsAreResentInOrderAfterAReconnect(t *testing.T) {
	inBubble(t, session.Options{}, func(r *rig) {
		p := r.live(1)
		p.cut()
		synctest.Wait()
		for i := range 30 { // while there is no connection
			r.s.Receipt(fmt.Sprint("p", i), screenpop.PopShown, "")
		}
		p = r.greeted(2)
		want := "resume7/1"
		for i := range 30 {
			want += fmt.Sprintf(" receipt:p%d:shown", i)
		}
		r.fromClient(p, want)
		p.cut()
		r.fromClient(r.greeted(3), want)
	})
}

func TestReceiptsOfAnEarlierPageAreSent(t *testing.T) {
	stored := newBox()
	inBubble(t, session.Options{Receipts: stored}, func(r *rig) {
		r.s.Receipt("p1", screenpop.PopShown, "")
		r.s.Receipt("p1", screenpop.PopRefused, "the agent says it is blank")
	})
	stored.Put("junk", []byte("{"))
	stored.Put("other", wire.Encode(wire.Frame{Type: wire.Receipt, ID: "another", PopID: "p", State: screenpop.PopShown}))
	inBubble(t, session.Options{Receipts: stored}, func(r *rig) {
		r.fromClient(r.greeted(1), "resume0/0 receipt:p1:shown receipt:p1:refused")
		if len(r.faults) != 2 || len(stored.All()) != 2 {
			t.Errorf("faults %v, %d receipts left; want 2 faults for what is no receipt, and 2 left", r.faults, len(stored.All()))
		}
	})
}

func TestUnansweredReceiptIsResentWithAPing(t *testing.T) {
	inBubble(t, session.Options{}, func(r *rig) {
		p := r.live(1)
		r.s.Receipt("p1", screenpop.PopShown, "")
		r.fromClient(p, "receipt:p1:shown")
		p.send(wire.Frame{Type: wire.Ping, Seq: 1})
		r.fromClient(p, "pong")
		time.Sleep(30 * time.Second)
		p.send(wire.Frame{Type: wire.Ping, Seq: 1})
		r.fromClient(p, "pong receipt:p1:shown")
	})
}

func TestLongDetailIsCutBetweenCharacters(t *testing.T) {
	inBubble(t, session.Options{}, func(r *rig) {
		p := r.live(1)
		r.s.Receipt("p1", screenpop.PopFailed, "x"+strings.Repeat("ø", 400))
		synctest.Wait()
		if got := p.take()[0].Detail; got != "x"+strings.Repeat("ø", 249) {
			t.Errorf("detail is %d bytes, want 499 whole characters' worth", len(got))
		}
	})
}

func TestClaimIsAskedAgainUntilAnswered(t *testing.T) {
	inBubble(t, session.Options{}, func(r *rig) {
		p := r.live(1)
		r.s.Claim("p1")
		r.fromClient(p, "claim:p1")
		p.cut()
		p = r.greeted(2)
		r.fromClient(p, "resume7/1 claim:p1")
		p.send(wire.Frame{Type: wire.Claimed, PopID: "p1", OK: true, By: "a"})
		r.onPage("hello claimed:p1")
		p.cut()
		r.fromClient(r.greeted(3), "resume7/1")
	})
}

func TestCloseIsAskedAgainUntilTheRequestIsClosed(t *testing.T) {
	closed := wire.Frame{Type: wire.Request, Seq: 2, Request: &screenpop.Request{ID: "c-1", State: screenpop.StateClosed}}
	for name, answer := range map[string]wire.Frame{
		"by its frame":                 closed,
		"by a snapshot without it":     {Type: wire.Snapshot, Epoch: 7, Seq: 9},
		"by a snapshot that has it so": {Type: wire.Snapshot, Epoch: 7, Seq: 9, Requests: []screenpop.Request{*closed.Request}},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, session.Options{}, func(r *rig) {
				p := r.live(1)
				r.s.Close("c-1")
				r.fromClient(p, "close:c-1")
				p.cut()
				p = r.greeted(2)
				r.fromClient(p, "resume7/1 close:c-1")
				p.send(answer)
				synctest.Wait()
				p.cut()
				p = r.greeted(3)
				synctest.Wait()
				if got := shape(p.take()); strings.Contains(got, "close") {
					t.Errorf("after the request was closed the client sent %q", got)
				}
			})
		})
	}
}

func TestLeadIsSaidAtOnceAndWithEachResume(t *testing.T) {
	inBubble(t, session.Options{}, func(r *rig) {
		p := r.live(1)
		r.s.Lead(true)
		r.fromClient(p, "lead:true")
		p.cut()
		p = r.greeted(2)
		synctest.Wait()
		if got := p.take(); !got[0].Lead {
			t.Errorf("after Lead(true) the client resumed with %+v", got[0])
		}
	})
}

func TestMethodsNeverBlock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, session.Options{})
		r.s.Wake() // before Run
		r.s.Offline(true)
		r.s.Offline(false)
		r.s.Claim("p")
		r.s.Close("c")
		r.s.Lead(true)
		r.s.Receipt("p", screenpop.PopShown, "")
		r.run()
		p := r.greeted(1)
		r.fromClient(p, "resume0/0 receipt:p:shown claim:p close:c")
		r.stop()
		time.Sleep(time.Minute)
		r.s.Claim("q") // after Run
		r.s.Wake()
		r.s.Offline(true)
		r.s.Receipt("p", screenpop.PopShown, "")
		if st := r.state(); st.Phase != session.Ended {
			t.Errorf("state %+v, want ended", st)
		}
	})
}
