package auth

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"runtime"
	"strings"

	"golang.org/x/crypto/argon2"
)

// The cost of a password: 19 MiB, two passes, one lane; about 50 ms of a core.
const (
	argonMemory  = 19 * 1024 // KiB
	argonTime    = 2
	argonLanes   = 1
	argonSalt    = 16
	argonKey     = 32
	maxArgonMem  = 256 * 1024
	maxArgonTime = 16
)

// The lengths of a password, in bytes: the longest is a cap on work.
const (
	MinPassword = 10
	MaxPassword = 512
)

// errPHC is for a stored hash that is none; such a user has no password.
var errPHC = errors.New("not an argon2id hash")

// Passwords hashes and checks passwords, no more at a time than there are
// cores: sign-ins wait for one another and not the pops for them.
type Passwords struct {
	seats chan struct{}
	dummy string // checked for users nobody knows, so that both take as long
}

// NewPasswords returns a Passwords that works on at most seats at a time; 0
// means one a core.
func NewPasswords(seats int) *Passwords {
	if seats <= 0 {
		seats = runtime.GOMAXPROCS(0)
	}
	dummy := HashPassword(rand.Text())
	return &Passwords{seats: make(chan struct{}, seats), dummy: dummy}
}

// Check reports whether password is the one stored as phc. Where phc is not a
// hash ("" for a user nobody knows) it takes as long and says no. The error is
// ctx's, when it ended while waiting for a seat.
func (p *Passwords) Check(ctx context.Context, phc, password string) (bool, error) {
	select {
	case p.seats <- struct{}{}:
	case <-ctx.Done():
		return false, fmt.Errorf("wait to check a password: %w", context.Cause(ctx))
	}
	defer func() { <-p.seats }()
	if len(password) > MaxPassword {
		password = password[:MaxPassword]
		phc = ""
	}
	want, err := parsePHC(phc)
	if err != nil {
		if want, err = parsePHC(p.dummy); err != nil {
			return false, fmt.Errorf("check against the dummy: %w", err)
		}
		want.matches(password)
		return false, nil
	}
	return want.matches(password), nil
}

// Hash returns the PHC string of password, once there is a seat.
func (p *Passwords) Hash(ctx context.Context, password string) (string, error) {
	select {
	case p.seats <- struct{}{}:
	case <-ctx.Done():
		return "", fmt.Errorf("wait to hash a password: %w", context.Cause(ctx))
	}
	defer func() { <-p.seats }()
	return HashPassword(password), nil
}

// HashPassword returns the argon2id hash of password as a PHC string
// ($argon2id$v=19$m=19456,t=2,p=1$salt$key) with a salt of its own.
func HashPassword(password string) string {
	salt := make([]byte, argonSalt)
	rand.Read(salt) // never fails: crypto/rand ends the program instead
	key := argon2.IDKey([]byte(password), salt, argonTime, argonMemory, argonLanes, argonKey)
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version,
		argonMemory, argonTime, argonLanes, b64.EncodeToString(salt), b64.EncodeToString(key))
}

// phc is a hash taken apart.
type phc struct {
	memory, time uint32
	lanes        uint8
	salt, key    []byte
}

func (h phc) matches(password string) bool {
	got := argon2.IDKey([]byte(password), h.salt, h.time, h.memory, h.lanes, uint32(len(h.key)))
	return same(got, h.key)
}

// parsePHC refuses costs out of bounds: a stored hash must not be able to take
// the machine's memory.
func parsePHC(s string) (phc, error) {
	var h phc
	parts := strings.Split(s, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return h, errPHC
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &h.memory, &h.time, &h.lanes); err != nil {
		return h, fmt.Errorf("%w: %w", errPHC, err)
	}
	if h.memory > maxArgonMem || h.time < 1 || h.time > maxArgonTime || h.lanes < 1 {
		return h, fmt.Errorf("%w: cost out of bounds", errPHC)
	}
	var err error
	if h.salt, err = base64.RawStdEncoding.DecodeString(parts[4]); err != nil {
		return h, fmt.Errorf("%w: salt: %w", errPHC, err)
	}
	if h.key, err = base64.RawStdEncoding.DecodeString(parts[5]); err != nil || len(h.key) < 16 {
		return h, fmt.Errorf("%w: key", errPHC)
	}
	return h, nil
}
