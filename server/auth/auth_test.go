package auth_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/crmpop/crmpop/server/auth"
)

func TestSessionIDsAreLongAndStoredOnlyAsHash(t *testing.T) {
	id, hash := auth.NewSession()
	other, _ := auth.NewSession()
	if len(id) != 43 || id == other {
		t.Errorf("NewSession() = %q then %q, want two different ids of 43 characters", id, other)
	}
	got, ok := auth.SessionHash(id)
	if !ok || !bytes.Equal(got, hash) {
		t.Errorf("SessionHash(%q) = %x, %v, want %x, true", id, got, ok, hash)
	}
	if bytes.Contains(hash, []byte(id)) || len(hash) != 32 {
		t.Errorf("hash %x is not a SHA-256", hash)
	}
}

func TestSessionHashRefusesWhatIsNoID(t *testing.T) {
	for name, id := range map[string]string{
		"empty":     "",
		"short":     "abc",
		"long":      strings.Repeat("a", 86),
		"not a b64": strings.Repeat("!", 43),
		"padded":    strings.Repeat("a", 43) + "=",
	} {
		if _, ok := auth.SessionHash(id); ok {
			t.Errorf("%s: SessionHash(%q) is taken for an id", name, id)
		}
	}
}

func TestKeyComesApartAsItWasMade(t *testing.T) {
	k := auth.MakeKey()
	if !strings.HasPrefix(k.Token, "pop_"+k.ID+"_") || len(k.Token) < len("pop_")+len(k.ID)+1+32 {
		t.Fatalf("MakeKey().Token = %q, want pop_%s_ and at least 32 characters", k.Token, k.ID)
	}
	id, secret, ok := auth.ParseKey(k.Token)
	if !ok || id != k.ID {
		t.Fatalf("ParseKey(%q) = %q, %v, want %q, true", k.Token, id, ok, k.ID)
	}
	if !auth.KeyMatches(k.Hash, secret) {
		t.Error("KeyMatches refuses the key's own secret")
	}
	if bytes.Contains(k.Hash, []byte(secret)) {
		t.Error("the hash holds the secret")
	}
}

func TestKeyOfAnotherDoesNotMatch(t *testing.T) {
	a, b := auth.MakeKey(), auth.MakeKey()
	_, secret, _ := auth.ParseKey(b.Token)
	for name, guess := range map[string]string{
		"another key": secret, "nothing": "", "one letter off": "x" + secret[1:], "cut": secret[:20],
	} {
		if auth.KeyMatches(a.Hash, guess) {
			t.Errorf("%s: KeyMatches takes %q", name, guess)
		}
	}
	if auth.KeyMatches(nil, "") {
		t.Error("a key without a hash matches the empty secret")
	}
}

func TestParseKeyRefusesWhatIsNoKey(t *testing.T) {
	secret := strings.Repeat("a", 32)
	for name, token := range map[string]string{
		"empty":         "",
		"other prefix":  "ghp_abc_" + secret,
		"no id":         "pop__" + secret,
		"no secret":     "pop_abc_",
		"short secret":  "pop_abc_" + secret[1:],
		"odd letter":    "pop_abc_" + secret[1:] + "-",
		"third part":    "pop_abc_" + secret + "_x",
		"line break":    "pop_abc_" + secret + "\n",
		"odd id":        "pop_a.b_" + secret,
		"far too long":  "pop_abc_" + strings.Repeat("a", 1000),
		"without parts": "pop_" + secret,
	} {
		if _, _, ok := auth.ParseKey(token); ok {
			t.Errorf("%s: ParseKey(%q) is taken for a key", name, token)
		}
	}
}
