package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/wire"
	"github.com/crmpop/crmpop/server/store"
)

func TestPageVerdictsAreKeptByTenantAndKey(t *testing.T) {
	l := newLibrary(t)
	l.company()
	ctx := t.Context()
	if err := l.PutTenant(ctx, store.Tenant{ID: "u", Name: "Other"}); err != nil {
		t.Fatal(err)
	}
	old := screenpop.PageVerdict{Key: "https://crm.example/{id}", Verdict: screenpop.VerdictRefused, Reason: "refused by X-Frame-Options: DENY",
		Cure: "change the header", Hop: "https://crm.example", CheckedAt: l.now.UTC(),
		Details: screenpop.PageDetails{Status: 200, Header: "X-Frame-Options: DENY", Policy: "default-src 'self'",
			SignIn:  &screenpop.SignIn{Host: "login.example", Verdict: screenpop.VerdictAllowed},
			Cookies: []screenpop.PageCookie{{Name: "sid", Host: "crm.example", Lost: screenpop.LostInFrame, Why: "SameSite=Lax"}}}}
	newer := old
	newer.Verdict, newer.Details, newer.CheckedAt = screenpop.VerdictAllowed, screenpop.PageDetails{}, old.CheckedAt.Add(time.Hour)
	for _, v := range []screenpop.PageVerdict{newer, old} { // the older one comes late
		if err := l.PutPageVerdict(ctx, "t", v); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.PutPageVerdict(ctx, "u", old); err != nil {
		t.Fatal(err)
	}
	for tenant, want := range map[string]screenpop.PageVerdict{"t": newer, "u": old} {
		got, err := l.PageVerdicts(ctx, tenant)
		if diff := cmp.Diff(map[string]screenpop.PageVerdict{old.Key: want}, got); diff != "" || err != nil {
			t.Errorf("%s: %v\n%s", tenant, err, diff)
		}
	}
	if err := l.PutPageVerdict(ctx, "nobody", old); screenpop.ErrorCode(err) != screenpop.CodeNotFound {
		t.Errorf("for no tenant: %v", err)
	}
	if err := l.PutPageVerdict(ctx, "t", screenpop.PageVerdict{}); err == nil {
		t.Error("a verdict without a key was kept")
	}
}

func TestPageVerdictsThatNobodyRenewsAreDropped(t *testing.T) {
	l := newLibrary(t)
	l.company()
	ctx := t.Context()
	for key, at := range map[string]time.Time{"https://a.example/": l.now, "https://b.example/": l.now.Add(time.Hour)} {
		if err := l.PutPageVerdict(ctx, "t", screenpop.PageVerdict{Key: key, Verdict: screenpop.VerdictUnknown, CheckedAt: at}); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.DropPageVerdicts(ctx, "t", l.now.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	left, err := l.PageVerdicts(ctx, "t")
	if _, kept := left["https://b.example/"]; len(left) != 1 || !kept || err != nil {
		t.Errorf("%v are left, %v", left, err)
	}
	if all, err := l.Tenants(ctx); err != nil || !cmp.Equal(all, []string{"t"}) {
		t.Errorf("Tenants = %v, %v", all, err)
	}
}

func TestEachAgentHasOneVoteOnAPage(t *testing.T) {
	l := newLibrary(t)
	l.company()
	ctx := t.Context()
	const key = "https://crm.example/{id}"
	n := 0
	vote := func(agent string) {
		t.Helper()
		n++
		id := fmt.Sprint(agent, n)
		plan := store.Plan{Requests: []screenpop.Request{{ID: id, AgentID: agent, Channel: screenpop.Voice}},
			Pops: []store.PlannedPop{{AgentID: agent, Once: "x", Pop: screenpop.Pop{ID: id, FrameKey: key, State: screenpop.PopPending, ExpiresAt: l.now.Add(time.Minute)}}}}
		if _, err := l.Append(ctx, store.Intake{Tenant: "t", Source: "s", Event: screenpop.Event{ID: id, Type: screenpop.Ringing, Request: screenpop.RequestReport{ID: id}},
			Plan: func(store.Current) store.Plan { return plan }}); err != nil {
			t.Fatal(err)
		}
		if err := l.VoteBlank(ctx, wire.AgentKey{Tenant: "t", ID: agent}, id); err != nil {
			t.Fatal(err)
		}
	}
	votes := func() screenpop.BlankVotes {
		t.Helper()
		all, err := l.PageVerdicts(ctx, "t")
		if err != nil {
			t.Fatal(err)
		}
		return all[key].Blank
	}
	for range 5 {
		vote("anna")
	}
	if v := votes(); v.Agents != 1 || v.Decided() {
		t.Errorf("%+v after one agent's word", v)
	}
	l.now = l.now.Add(20 * 24 * time.Hour)
	vote("ola")
	vote("kim")
	if v := votes(); v.Agents != 3 || !v.Decided() || !v.Last.Equal(l.now) {
		t.Errorf("%+v after three agents' word", v)
	}
	if err := l.PutTenant(ctx, store.Tenant{ID: "u", Name: "Other"}); err != nil {
		t.Fatal(err)
	}
	if all, err := l.PageVerdicts(ctx, "u"); len(all) != 0 || err != nil {
		t.Errorf("another tenant knows %v, %v", all, err)
	}
	// A verdict that is learned beside them keeps them, and the other way round.
	if err := l.PutPageVerdict(ctx, "t", screenpop.PageVerdict{Key: key, Verdict: screenpop.VerdictAllowed, CheckedAt: l.now}); err != nil {
		t.Fatal(err)
	}
	if v := votes(); v.Agents != 3 {
		t.Errorf("%+v after a check", v)
	}
	l.now = l.now.Add(11 * 24 * time.Hour) // anna's word is too old
	if v := votes(); v.Agents != 2 || v.Decided() {
		t.Errorf("%+v after a month", v)
	}
	if err := l.ForgetBlank(ctx, "t", key); err != nil {
		t.Fatal(err)
	}
	if v := votes(); v.Agents != 0 {
		t.Errorf("%+v after they were forgotten", v)
	}
	if err := l.ForgetBlank(ctx, "t", ""); err == nil {
		t.Error("the votes of no page were forgotten")
	}
}
