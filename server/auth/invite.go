package auth

import (
	"encoding/base64"
	"fmt"
	"strings"
	"time"
)

// InviteTTL is how long a one-time link may be used.
const InviteTTL = 24 * time.Hour

const invitePrefix = "$invite$"

// MakeInvite returns the secret of a one-time link with which a user sets the
// first password, and what to store in the place of that password until then.
// Setting the password overwrites it: the link works once.
func MakeInvite(now time.Time) (secret, stored string) {
	secret = randomBase62(keySecret)
	until := now.Add(InviteTTL).Unix()
	return secret, fmt.Sprintf("%s%d$%s", invitePrefix, until, base64.RawStdEncoding.EncodeToString(digest(secret)))
}

// Invited reports whether stored stands in the place of a password that has not
// been set yet.
func Invited(stored string) bool { return strings.HasPrefix(stored, invitePrefix) }

// InviteMatches reports whether secret is the one of the stored invite, and the
// invite has not run out at now.
func InviteMatches(stored, secret string, now time.Time) bool {
	var until int64
	var key string
	rest, ok := strings.CutPrefix(stored, invitePrefix)
	if !ok {
		return false
	}
	if _, err := fmt.Sscanf(strings.Replace(rest, "$", " ", 1), "%d %s", &until, &key); err != nil {
		return false
	}
	hash, err := base64.RawStdEncoding.DecodeString(key)
	if err != nil {
		return false
	}
	return same(hash, digest(secret)) && now.Unix() < until
}
