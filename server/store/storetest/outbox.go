package storetest

import (
	"context"
	"time"

	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/server/store"
)

// post takes an event in that sends a web request, and returns its letter.
func (r *rig) post(event, request string, trigger screenpop.Trigger) store.Letter {
	r.Helper()
	a := r.append(r.mailing(event, request, trigger, plan{agents: []string{anna.ID}, once: []string{"log-" + event}}))
	if len(a.Letters) != 1 {
		r.Fatalf("event %s posted %d letters", event, len(a.Letters))
	}
	return a.Letters[0]
}

// mailing is an event whose pops are web requests.
func (r *rig) mailing(event, request string, trigger screenpop.Trigger, p plan) store.Intake {
	more := p.more
	p.more = func(cur store.Current, out *store.Plan) {
		for i := range out.Pops {
			pop := &out.Pops[i].Pop
			pop.Kind, pop.URL, pop.Target, pop.Visible, pop.Trigger = screenpop.KindWebRequest, "", "", false, trigger
			out.Pops[i].Letter = &screenpop.Letter{Method: "POST", URL: "https://crm.example.com/calls", Address: "https://crm.example.com/calls",
				Type: "application/json", Body: screenpop.Ink{{Text: `{"event":"` + event + `","key":"`}, {Secret: "crm"}, {Text: `"}`}},
				Until: r.clock().Add(30 * time.Second)}
		}
		if more != nil {
			more(cur, out)
		}
	}
	return r.event(event, request, p)
}

// due returns the letters that are due now.
func (r *rig) due() []store.Letter {
	r.Helper()
	found, err := r.DueLetters(r.ctx, r.clock(), 100)
	r.must(err)
	return found
}

// posting is a step of a letter with what the agent is told.
func (r *rig) posting(p store.Posting, s screenpop.PopState, detail string) []string {
	r.Helper()
	if s != "" {
		p.Receipt = &screenpop.Receipt{ID: "outbox:" + detail, PopID: p.PopID, State: s, Detail: detail}
	}
	hints, err := r.Post(r.ctx, p)
	r.must(err)
	return words(hinted(hints, anna))
}

func (r *rig) outbox(f store.OutboxFilter) []string {
	r.Helper()
	found, _, err := r.Outbox(r.ctx, anna.Tenant, f)
	r.must(err)
	var all []string
	for _, l := range found {
		all = append(all, string(l.State)+" "+l.RequestID)
	}
	return all
}

var outboxTests = []test{
	{name: "a letter stands in the outbox once its event is accepted", run: func(r *rig) {
		l := r.post("e1", "c-1", screenpop.Ringing)
		if l.PopID == "" || l.RequestID != "c-1" || l.AgentID != anna.ID || l.Host != "crm.example.com" || l.State != store.LetterQueued ||
			l.Until != r.clock().Add(30*time.Second) || l.Letter.Body.Masked() != `{"event":"e1","key":"{secret:crm}"}` {
			r.Errorf("letter %+v", l)
		}
		r.same("due", []store.Letter{l}, r.due())
		found, next, err := r.Outbox(r.ctx, anna.Tenant, store.OutboxFilter{})
		r.must(err)
		r.same("outbox", []store.Letter{l}, found)
		if next != 0 {
			r.Errorf("there is a next page after %d", next)
		}
		if found, _, _ := r.Outbox(r.ctx, stranger.Tenant, store.OutboxFilter{}); len(found) != 0 {
			r.Error("another tenant sees it")
		}
	}},
	{name: "an event that comes twice posts one letter", run: func(r *rig) {
		r.post("e1", "c-1", screenpop.Ringing)
		again := r.append(r.mailing("e1", "c-1", screenpop.Ringing, plan{agents: []string{anna.ID}, once: []string{"log"}}))
		if !again.Duplicate || len(again.Letters) != 0 || len(r.due()) != 1 {
			r.Errorf("repeated: %+v, %d due", again, len(r.due()))
		}
	}},
	{name: "a letter that is refused with its event is not posted", run: func(r *rig) {
		_, err := r.Append(r.ctx, r.mailing("e1", "c-1", screenpop.Ringing, plan{agents: []string{anna.ID}, once: []string{"log"},
			more: func(_ store.Current, p *store.Plan) {
				p.Reject = screenpop.Errorf(screenpop.CodeInvalid, "unknown-request", "no")
			}}))
		r.must(err)
		if len(r.due()) != 0 {
			r.Error("the letter of a refused event is due")
		}
	}},
	{name: "a letter goes its way, and its pop says so", run: func(r *rig) {
		l := r.post("e1", "c-1", screenpop.Ringing)
		p := store.Posting{Tenant: l.Tenant, PopID: l.PopID, State: store.LetterSending, Attempts: 1, Due: r.clock(), Until: l.Until}
		r.same("frames of sending", []string(nil), r.posting(p, "", ""))
		if got := r.due(); len(got) != 1 || got[0].State != store.LetterSending || got[0].Attempts != 1 {
			r.Errorf("on its way: %+v, want it due after a crash", got)
		}
		p.State, p.Status, p.Took, p.Size = store.LetterSent, 200, 52*time.Millisecond, 1200
		r.same("frames of sent", []string{"3 pop log-e1 sent"}, r.posting(p, screenpop.PopSent, "200 in 52 ms, 1.2 kB"))
		if len(r.due()) != 0 {
			r.Error("it is due when it was sent")
		}
		found, _, err := r.Outbox(r.ctx, anna.Tenant, store.OutboxFilter{})
		r.must(err)
		if got := found[0]; got.State != store.LetterSent || got.Status != 200 || got.Took != 52*time.Millisecond || got.Size != 1200 || got.Attempts != 1 {
			r.Errorf("in the outbox: %+v", got)
		}
		if got := r.state(l.PopID); got.State != screenpop.PopSent || got.Detail != "200 in 52 ms, 1.2 kB" {
			r.Errorf("pop %s, %q", got.State, got.Detail)
		}
	}},
	{name: "steps that are written together fail each alone", run: func(r *rig) {
		a, b := r.post("e1", "c-1", screenpop.Hangup), r.post("e2", "c-2", screenpop.Hangup)
		_, errs := r.PostAll(r.ctx, store.Posting{Tenant: a.Tenant, PopID: a.PopID, State: store.LetterSent},
			store.Posting{Tenant: a.Tenant, PopID: "none", State: store.LetterSent}, store.Posting{Tenant: b.Tenant, PopID: b.PopID, State: store.LetterFailed})
		r.must(errs[0])
		r.code("of no letter", errs[1], screenpop.CodeNotFound)
		r.must(errs[2])
		r.same("outbox", []string{"failed c-2", "sent c-1"}, r.outbox(store.OutboxFilter{}))
	}},
	{name: "a letter that waits for its next attempt is due then", run: func(r *rig) {
		l := r.post("e1", "c-1", screenpop.Hangup)
		r.posting(store.Posting{Tenant: l.Tenant, PopID: l.PopID, State: store.LetterQueued, Attempts: 1, Due: r.clock().Add(time.Minute), Until: l.Until, Why: "refused"}, "", "")
		if len(r.due()) != 0 {
			r.Error("it is due before its time")
		}
		r.wait(time.Minute)
		if got := r.due(); len(got) != 1 || got[0].Why != "refused" {
			r.Errorf("due: %+v", got)
		}
	}},
	{name: "neither time nor hangup nor closing ends what the server sends", run: func(r *rig) {
		l := r.post("e1", "c-1", screenpop.Ringing)
		r.wait(time.Hour)
		_, err := r.Expire(r.ctx, r.clock())
		r.must(err)
		r.append(r.event("e2", "c-1", plan{agents: []string{anna.ID}, more: func(_ store.Current, p *store.Plan) {
			p.Miss = []string{anna.ID}
			p.Withdraw = []store.Withdrawal{{AgentID: anna.ID, Reason: "closed"}}
		}}))
		_, err = r.CloseRequest(r.ctx, anna, "c-1")
		r.must(err)
		if got := r.state(l.PopID); got.State != screenpop.PopPending {
			r.Errorf("pop is %s: %s", got.State, got.Detail)
		}
	}},
	{name: "no workspace has a part in what the server sends", run: func(r *rig) {
		l := r.post("e1", "c-1", screenpop.Ringing)
		if ok, _, _, err := r.Claim(r.ctx, anna, l.PopID, "tab"); ok || err != nil {
			r.Errorf("claimed: %v, %v", ok, err)
		}
		r.must(r.Deliver(r.ctx, anna, r.head(anna)))
		if got := r.state(l.PopID); got.State != screenpop.PopPending || len(got.Receipts) != 0 {
			r.Errorf("pop is %s with %d receipts after an ack", got.State, len(got.Receipts))
		}
	}},
	{name: "pops that an answer asks for stand with its receipt, and once", run: func(r *rig) {
		l := r.post("e1", "c-1", screenpop.Ringing)
		found := r.pop(anna.Tenant, "e1", anna.ID, "found", plan{})
		found.Once = ""
		p := store.Posting{Tenant: l.Tenant, PopID: l.PopID, State: store.LetterSent, Pops: []store.PlannedPop{found}}
		r.same("frames", []string{"3 pop log-e1 sent", "4 pop found pending"}, r.posting(p, screenpop.PopSent, "one"))
		r.same("frames of a second answer", []string(nil), r.posting(p, "", ""))
		if got := r.state(found.Pop.ID); got.RequestID != "c-1" || got.AgentID != anna.ID {
			r.Errorf("pop %+v", got)
		}
		if ok, _, _, err := r.Claim(r.ctx, anna, found.Pop.ID, "tab"); !ok || err != nil {
			r.Errorf("claimed: %v, %v", ok, err)
		}
	}},
	{name: "an answer that comes after the request went on opens nothing", run: func(r *rig) {
		for state, want := range map[screenpop.State]screenpop.PopState{
			screenpop.StateClosed: screenpop.PopWithdrawn, screenpop.StateHangup: screenpop.PopMissed} {
			id := string(state)
			l := r.post(id, id, screenpop.Ringing)
			r.append(r.event(id+"2", id, plan{agents: []string{anna.ID}, state: state}))
			late := r.pop(anna.Tenant, id, anna.ID, "late", plan{})
			r.posting(store.Posting{Tenant: l.Tenant, PopID: l.PopID, Pops: []store.PlannedPop{late}}, "", "")
			if got := r.state(late.Pop.ID); got.State != want {
				r.Errorf("after %s the pop is %s, want %s", state, got.State, want)
			}
		}
	}},
	{name: "a dead letter is sent again by hand, and no other", run: func(r *rig) {
		l := r.post("e1", "c-1", screenpop.Ringing)
		_, err := r.Resend(r.ctx, l.Tenant, l.PopID)
		r.code("of a queued one", err, screenpop.CodeConflict)
		_, err = r.Resend(r.ctx, stranger.Tenant, l.PopID)
		r.code("of another tenant's", err, screenpop.CodeNotFound)
		r.posting(store.Posting{Tenant: l.Tenant, PopID: l.PopID, State: store.LetterFailed, Attempts: 3, Why: "404"}, screenpop.PopFailed, "404")
		if len(r.due()) != 0 {
			r.Error("a dead letter is due")
		}
		r.wait(time.Hour)
		ctx := store.Audited(r.ctx, &store.AuditEntry{Tenant: l.Tenant, Actor: "eva@acme.example", Action: "outbox.replay", Object: "web request"})
		got, err := r.Resend(ctx, l.Tenant, l.PopID)
		r.must(err)
		if got.State != store.LetterQueued || got.Attempts != 0 || got.Until != r.clock().Add(screenpop.LetterTries) {
			r.Errorf("sent again: %+v", got)
		}
		r.same("due", []store.Letter{got}, r.due(), cmpopts.IgnoreFields(store.Letter{}, "Letter"))
	}},
	{name: "the outbox is filtered and paged", run: func(r *rig) {
		var all []store.Letter
		for _, id := range []string{"a", "b", "c", "d"} {
			all = append(all, r.post(id, id, screenpop.Ringing))
			r.wait(time.Second)
		}
		for i, state := range []store.LetterState{store.LetterFailed, store.LetterSent, store.LetterMissed} {
			r.posting(store.Posting{Tenant: all[i].Tenant, PopID: all[i].PopID, State: state}, "", "")
		}
		r.same("all", []string{"queued d", "missed c", "sent b", "failed a"}, r.outbox(store.OutboxFilter{}))
		dead := []store.LetterState{store.LetterFailed, store.LetterMissed}
		r.same("the dead", []string{"missed c", "failed a"}, r.outbox(store.OutboxFilter{States: dead}))
		r.same("of no such host", []string(nil), r.outbox(store.OutboxFilter{Host: "other.example"}))
		r.same("of the host", []string{"failed a"}, r.outbox(store.OutboxFilter{Host: "crm.example.com", States: dead, After: all[1].N}))
		found, next, err := r.Outbox(r.ctx, anna.Tenant, store.OutboxFilter{Limit: 3})
		r.must(err)
		rest, end, err := r.Outbox(r.ctx, anna.Tenant, store.OutboxFilter{Limit: 3, After: next})
		r.must(err)
		if len(found) != 3 || len(rest) != 1 || end != 0 || rest[0].RequestID != "a" {
			r.Errorf("pages of %d and %d, then %d", len(found), len(rest), end)
		}
	}},
	{name: "letters go with their request", options: store.Options{KeepRequests: time.Hour, KeepFor: time.Hour, KeepKeys: time.Hour}, run: func(r *rig) {
		l := r.post("e1", "c-1", screenpop.Ringing)
		_, err := r.CloseRequest(r.ctx, anna, "c-1")
		r.must(err)
		r.wait(3 * time.Hour)
		r.must(r.Prune(r.ctx, r.clock()))
		if got := r.outbox(store.OutboxFilter{}); len(got) != 0 {
			r.Errorf("left in the outbox: %v", got)
		}
		_, err = r.Post(r.ctx, store.Posting{Tenant: l.Tenant, PopID: l.PopID, State: store.LetterSent})
		r.code("a step of a letter that is gone", err, screenpop.CodeNotFound)
	}},
	{name: "a step whose caller gives up is written or not, and breaks nothing", run: func(r *rig) {
		l := r.post("e1", "c-1", screenpop.Ringing)
		ctx, cancel := context.WithCancel(r.ctx)
		cancel()
		if _, err := r.Post(ctx, store.Posting{Tenant: l.Tenant, PopID: l.PopID, State: store.LetterSent}); err == nil {
			r.Error("a cancelled step was acknowledged")
		}
		r.post("e2", "c-2", screenpop.Ringing)
	}},
}
