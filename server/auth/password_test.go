package auth_test

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/crmpop/crmpop/server/auth"
)

func TestPasswordChecks(t *testing.T) {
	p := auth.NewPasswords(1)
	phc := auth.HashPassword("correct horse")
	if want := "$argon2id$v=19$m=19456,t=2,p=1$"; !strings.HasPrefix(phc, want) {
		t.Fatalf("HashPassword = %q, want it to begin %q", phc, want)
	}
	if phc == auth.HashPassword("correct horse") {
		t.Error("two hashes of one password are alike: no salt")
	}
	for _, c := range []struct {
		name, phc, password string
		want                bool
	}{
		{"right", phc, "correct horse", true},
		{"wrong", phc, "correct hors", false},
		{"empty", phc, "", false},
		{"user nobody knows", "", "correct horse", false},
		{"pending invite", "$invite$1$abc", "correct horse", false},
		{"other algorithm", strings.Replace(phc, "argon2id", "argon2i", 1), "correct horse", false},
		{"huge memory", strings.Replace(phc, "m=19456", "m=99999999", 1), "correct horse", false},
		{"no passes", strings.Replace(phc, "t=2", "t=0", 1), "correct horse", false},
		{"no lanes", strings.Replace(phc, "p=1", "p=0", 1), "correct horse", false},
		{"short key", phc[:len(phc)-40], "correct horse", false},
		{"too long", auth.HashPassword(strings.Repeat("a", auth.MaxPassword)), strings.Repeat("a", auth.MaxPassword+1), false},
	} {
		got, err := p.Check(t.Context(), c.phc, c.password)
		if err != nil || got != c.want {
			t.Errorf("%s: Check = %v, %v, want %v", c.name, got, err, c.want)
		}
	}
}

// An attacker who measures must not learn which addresses have an account.
func TestUnknownUserTakesAsLong(t *testing.T) {
	p := auth.NewPasswords(1)
	phc := auth.HashPassword("correct horse")
	var known, unknown []time.Duration
	for range 9 { // interleaved, so that the machine's load falls on both
		known = append(known, timeCheck(t, p, phc))
		unknown = append(unknown, timeCheck(t, p, ""))
	}
	slices.Sort(known)
	slices.Sort(unknown)
	a, b := known[0], unknown[0] // the fastest of each: the least disturbed
	if ratio := float64(b) / float64(a); ratio < 0.5 || ratio > 2 {
		t.Errorf("known user %v, unknown user %v: one can be told from the other", a, b)
	}
}

func timeCheck(t *testing.T, p *auth.Passwords, phc string) time.Duration {
	t.Helper()
	start := time.Now()
	if ok, err := p.Check(t.Context(), phc, "wrong"); ok || err != nil {
		t.Fatalf("Check = %v, %v, want false, nil", ok, err)
	}
	return time.Since(start)
}

// 200 sign-ins at once would take 3.8 GB without seats.
func TestManySignInsStayWithinTheirSeats(t *testing.T) {
	p := auth.NewPasswords(2)
	phc := auth.HashPassword("correct horse")
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	var wg sync.WaitGroup
	for range 40 {
		wg.Go(func() {
			if ok, err := p.Check(context.Background(), phc, "wrong"); ok || err != nil {
				t.Errorf("Check = %v, %v, want false, nil", ok, err)
			}
		})
	}
	wg.Wait()
	runtime.ReadMemStats(&after)
	if grown := int64(after.Sys) - int64(before.Sys); grown > 200<<20 {
		t.Errorf("40 sign-ins at once took %d MB from the system, want at most 200", grown>>20)
	}
}

func TestCheckGivesUpWithItsCaller(t *testing.T) {
	p := auth.NewPasswords(1)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	phc := auth.HashPassword("correct horse")
	for range 50 { // with a free seat either may win; an error must be ctx's
		if _, err := p.Check(ctx, phc, "wrong"); err != nil {
			if !errors.Is(err, context.Canceled) {
				t.Errorf("Check = %v, want context.Canceled", err)
			}
			return
		}
	}
	t.Error("Check never gave up, though its context had ended")
}

func TestInviteWorksUntilItsTime(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	secret, stored := auth.MakeInvite(now)
	_, other := auth.MakeInvite(now)
	if !auth.Invited(stored) || auth.Invited("") || auth.Invited(auth.HashPassword("x")) {
		t.Error("Invited does not tell an invite from a password")
	}
	if strings.Contains(stored, secret) {
		t.Error("the invite is stored with its secret")
	}
	for _, c := range []struct {
		name, stored, secret string
		at                   time.Time
		want                 bool
	}{
		{"at once", stored, secret, now, true},
		{"a minute before its end", stored, secret, now.Add(auth.InviteTTL - time.Minute), true},
		{"after its end", stored, secret, now.Add(auth.InviteTTL), false},
		{"other secret", stored, "x" + secret[1:], now, false},
		{"no secret", stored, "", now, false},
		{"another's", other, secret, now, false},
		{"password set", auth.HashPassword("x"), secret, now, false},
		{"nothing stored", "", secret, now, false},
		{"broken", "$invite$x$y", secret, now, false},
	} {
		if got := auth.InviteMatches(c.stored, c.secret, c.at); got != c.want {
			t.Errorf("%s: InviteMatches = %v, want %v", c.name, got, c.want)
		}
	}
}
