package store_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/wire"
	"github.com/crmpop/crmpop/server/store"
)

// pair pairs a companion with a user, whom it makes where there is none.
func (l *library) pair(tenant, id, agent string) store.Companion {
	l.t.Helper()
	ctx := l.t.Context()
	m := store.Companion{Tenant: tenant, ID: id, Agent: agent, PublicKey: []byte("\x00key of " + id), Host: "PC-7", OS: "windows",
		OSUser: `ACME\anna`, Version: "0.5", Address: "192.0.2.7", CreatedAt: l.now, SeenAt: l.now}
	for _, err := range []error{
		l.PutTenant(ctx, store.Tenant{ID: tenant, Name: tenant}),
		l.PutGroup(ctx, store.Group{ID: "g", Tenant: tenant, Name: "Sales"}),
		l.PutUser(ctx, store.User{ID: agent, Tenant: tenant, Email: agent + "@" + tenant + ".example", Group: "g", Role: store.AgentRole}),
		l.AddCompanion(ctx, m),
	} {
		if err != nil {
			l.t.Fatal(err)
		}
	}
	return m
}

func (l *library) companions(tenant, agent string, want ...store.Companion) {
	l.t.Helper()
	got, err := l.Companions(l.t.Context(), wire.AgentKey{Tenant: tenant, ID: agent})
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		l.t.Errorf("companions of %s %q: %v (-want +got):\n%s", tenant, agent, err, diff)
	}
}

func TestCompanionsAreTheirAgentsAlone(t *testing.T) {
	l := newLibrary(t)
	mine := l.pair("t", "c1", "anna")
	l.now = l.now.Add(time.Minute)
	second, other := l.pair("t", "c2", "anna"), l.pair("t", "c3", "ola")
	theirs := l.pair("u", "c4", "anna")
	l.companions("t", "anna", second, mine)
	l.companions("t", "", second, other, mine)
	l.companions("u", "", theirs)
	if got, err := l.Companion(t.Context(), "c4"); err != nil || !cmp.Equal(got, theirs) {
		t.Errorf("Companion = %+v, %v, want %+v", got, err, theirs)
	}
	if err := l.DeleteCompanion(t.Context(), "t", "c4"); screenpop.ErrorCode(err) != screenpop.CodeNotFound {
		t.Errorf("deleting another tenant's companion: %v, want that it is not there", err)
	}
	if err := l.DeleteCompanion(t.Context(), "t", "c1"); err != nil {
		t.Fatal(err)
	}
	l.companions("t", "anna", second)
	if _, err := l.Companion(t.Context(), "c1"); screenpop.ErrorCode(err) != screenpop.CodeNotFound {
		t.Errorf("a deleted companion: %v, want that it is not there", err)
	}
}

func TestCompanionNeedsAUserAndAnIDOfItsOwn(t *testing.T) {
	l := newLibrary(t)
	m := l.pair("t", "c1", "anna")
	if err := l.AddCompanion(t.Context(), m); err == nil {
		t.Error("a second companion got the same id")
	}
	m.ID, m.Agent = "c2", "nobody"
	if err := l.AddCompanion(t.Context(), m); screenpop.ErrorCode(err) != screenpop.CodeNotFound {
		t.Errorf("a companion of nobody: %v", err)
	}
}

func TestCompanionThatNobodyUsesIsForgotten(t *testing.T) {
	l := newLibrary(t)
	ctx := t.Context()
	l.pair("t", "unused", "anna")
	used := l.pair("t", "used", "anna")
	l.now = l.now.Add(30 * 24 * time.Hour)
	used.Version, used.Address, used.SeenAt = "0.6", "192.0.2.8", l.now
	if err := l.SeeCompanion(ctx, "used", "0.6", "192.0.2.8", l.now); err != nil {
		t.Fatal(err)
	}
	l.now = l.now.Add(60 * 24 * time.Hour)
	l.companions("t", "", used) // before anything is pruned, too
	if _, err := l.Companion(ctx, "unused"); screenpop.ErrorCode(err) != screenpop.CodeNotFound {
		t.Errorf("unused for 90 days: %v, want that it is not there", err)
	}
	if err := l.Prune(ctx, l.now); err != nil {
		t.Fatal(err)
	}
	if err := l.SeeCompanion(ctx, "unused", "0.6", "", l.now); err != nil {
		t.Fatal(err)
	}
	l.companions("t", "", used)
}
