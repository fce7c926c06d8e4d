// Package auth is who somebody is: passwords, session ids, API keys, one-time
// links, limits on guessing and the check of a browser's origin. It keeps
// nothing but its limits; the record belongs to whoever calls it.
package auth

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
)

// sessionBytes is the size of a session id: 256 bit.
const sessionBytes = 32

// NewSession returns a fresh session id, 43 characters fit for a cookie, and
// the hash under which to store it. The id itself is to be kept nowhere.
func NewSession() (id string, hash []byte) {
	raw := make([]byte, sessionBytes)
	rand.Read(raw) // never fails: crypto/rand ends the program instead
	id = base64.RawURLEncoding.EncodeToString(raw)
	return id, digest(id)
}

// SessionHash returns the hash of a session id that somebody presents, and
// whether it has the form of one at all.
func SessionHash(id string) (hash []byte, ok bool) {
	raw, err := base64.RawURLEncoding.DecodeString(id)
	if err != nil || len(raw) != sessionBytes {
		return nil, false
	}
	return digest(id), true
}

// digest is enough for secrets of 128 random bits and more: nobody can guess
// them, so a slow hash would only cost us time.
func digest(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}

func same(a, b []byte) bool { return subtle.ConstantTimeCompare(a, b) == 1 }
