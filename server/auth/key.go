package auth

import (
	"crypto/rand"
	"strings"
)

const (
	keyPrefix   = "pop_"
	keyIDLen    = 10
	keySecret   = 43 // of 62 letters: 256 bit
	maxKeyLen   = 128
	base62      = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	base62Limit = 256 - 256%len(base62) // bytes from here on would favour some letters
)

// NewKey is an API key on the only occasion when it is known whole.
type NewKey struct {
	ID    string // public: names the key in lists and logs
	Token string // pop_<id>_<secret>: what the caller sends as Bearer token
	Hash  []byte // SHA-256 of the secret, to be stored
}

// MakeKey returns a fresh API key with a secret of 256 bit.
func MakeKey() NewKey {
	id, secret := randomBase62(keyIDLen), randomBase62(keySecret)
	return NewKey{ID: id, Token: keyPrefix + id + "_" + secret, Hash: digest(secret)}
}

// ParseKey takes an API key apart. ok is false for anything that cannot be one.
func ParseKey(token string) (id, secret string, ok bool) {
	rest, ok := strings.CutPrefix(token, keyPrefix)
	if !ok || len(token) > maxKeyLen {
		return "", "", false
	}
	id, secret, ok = strings.Cut(rest, "_")
	if !ok || id == "" || len(secret) < 32 || !isBase62(id) || !isBase62(secret) {
		return "", "", false
	}
	return id, secret, true
}

// KeyMatches reports whether secret is the one stored as hash, in a time that
// does not depend on where they differ.
func KeyMatches(hash []byte, secret string) bool { return same(hash, digest(secret)) }

func isBase62(s string) bool {
	for i := range len(s) {
		if strings.IndexByte(base62, s[i]) < 0 {
			return false
		}
	}
	return true
}

func randomBase62(n int) string {
	out := make([]byte, 0, n)
	buf := make([]byte, n)
	for len(out) < n {
		rand.Read(buf) // never fails: crypto/rand ends the program instead
		for _, b := range buf {
			if int(b) < base62Limit && len(out) < n {
				out = append(out, base62[int(b)%len(base62)])
			}
		}
	}
	return string(out)
}

// tokenLen is the length of a source's token: 190 bit, and short enough for the
// address fields of telephone systems.
const tokenLen = 32

// NewToken returns a fresh secret for the path of an event source.
func NewToken() string { return randomBase62(tokenLen) }
