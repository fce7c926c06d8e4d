package screenpop_test

import (
	"regexp"
	"testing"
	"time"

	"github.com/crmpop/crmpop/app/screenpop"
)

func TestNext(t *testing.T) {
	const (
		pending, delivered, missed = screenpop.PopPending, screenpop.PopDelivered, screenpop.PopMissed
		waiting, refused, failed   = screenpop.PopWaiting, screenpop.PopRefused, screenpop.PopFailed
		shown, opened, copied      = screenpop.PopShown, screenpop.PopOpened, screenpop.PopCopied
		withdrawn, skipped         = screenpop.PopWithdrawn, screenpop.PopSkipped
	)
	tests := []struct {
		name           string
		from, by, want screenpop.PopState
	}{
		{"delivered", pending, delivered, delivered},
		{"shown", delivered, shown, shown},
		{"shown without delivery", pending, shown, shown},
		{"nothing yet", "", delivered, delivered},
		{"delivered too late", shown, delivered, shown},
		{"blocked", delivered, waiting, waiting},
		{"blocked, then clicked", waiting, opened, opened},
		{"refused", delivered, refused, refused},
		{"refused, then opened in a tab", refused, opened, opened},
		{"refused, then blocked", refused, waiting, waiting},
		{"blank although shown", shown, refused, refused},
		{"shown, then opened too", shown, opened, opened},
		{"opened stays opened", opened, shown, opened},
		{"opened is not refused", opened, refused, opened},
		{"missed", delivered, missed, missed},
		{"missed, then clicked", missed, opened, opened},
		{"shown is not missed", shown, missed, shown},
		{"waiting is not missed", waiting, missed, waiting},
		{"failed", delivered, failed, failed},
		{"failed, then copied by hand", failed, copied, copied},
		{"withdrawn", delivered, withdrawn, withdrawn},
		{"withdrawn while waiting", waiting, withdrawn, withdrawn},
		{"withdrawn after missed", missed, withdrawn, withdrawn},
		{"shown is not withdrawn", shown, withdrawn, shown},
		{"failed is not withdrawn", failed, withdrawn, failed},
		{"withdrawn, then opened by hand", withdrawn, opened, opened},
		{"withdrawn, then shown by hand", withdrawn, shown, shown},
		{"withdrawn is not missed", withdrawn, missed, withdrawn},
		{"skipped is final", skipped, opened, skipped},
		{"skipped is not withdrawn", skipped, withdrawn, skipped},
		{"skipped", pending, skipped, skipped},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.from.Next(tt.by); got != tt.want {
				t.Errorf("%q.Next(%q) = %q, want %q", tt.from, tt.by, got, tt.want)
			}
		})
	}
}

func TestReceiptsAreIdempotentAndEndSomewhere(t *testing.T) {
	for _, s := range screenpop.PopStates {
		if !s.Valid() {
			t.Errorf("%q is not valid", s)
		}
		for _, r := range screenpop.PopStates {
			once := s.Next(r)
			if twice := once.Next(r); twice != once {
				t.Errorf("%q: %q once gives %q, twice %q", s, r, once, twice)
			}
			if s != screenpop.PopPending && once == screenpop.PopPending {
				t.Errorf("%q.Next(%q) is pending again", s, r)
			}
		}
	}
	if screenpop.PopState("dancing").Valid() {
		t.Error(`"dancing" is valid`)
	}
}

func TestPopID(t *testing.T) {
	ids := map[string]string{}
	for _, key := range [][5]string{
		{"acme", "pbx", "evt", "tenant:1", "u1"}, {"acme2", "pbx", "evt", "tenant:1", "u1"}, {"acme", "pbx2", "evt", "tenant:1", "u1"},
		{"acme", "pbx", "evt2", "tenant:1", "u1"}, {"acme", "pbx", "evt", "tenant:2", "u1"}, {"acme", "pbx", "evt", "tenant:1", "u2"},
		{"acmep", "bx", "evt", "tenant:1", "u1"}, {"", "acme", "pbxevt", "tenant:1", "u1"},
	} {
		id := screenpop.PopID(key[0], key[1], key[2], key[3], key[4])
		if id != screenpop.PopID(key[0], key[1], key[2], key[3], key[4]) {
			t.Errorf("%q: two ids for the same", key)
		}
		if !regexp.MustCompile(`^[a-z2-7]{26}$`).MatchString(id) {
			t.Errorf("%q: id %q", key, id)
		}
		if other, taken := ids[id]; taken {
			t.Errorf("%q has the id of %s", key, other)
		}
		ids[id] = key[0]
	}
}

func TestTTL(t *testing.T) {
	for c, want := range map[screenpop.Channel]time.Duration{
		screenpop.Voice: 30 * time.Second, screenpop.Chat: 2 * time.Minute, screenpop.Email: 24 * time.Hour, screenpop.Social: 24 * time.Hour,
	} {
		if got := screenpop.TTL(c); got != want {
			t.Errorf("TTL(%s) = %v, want %v", c, got, want)
		}
	}
}
