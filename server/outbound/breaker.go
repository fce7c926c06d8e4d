package outbound

import (
	"math/rand/v2"
	"time"
)

const (
	breakAfter = 5 // failures in a row
	breakFirst = 5 * time.Second
	breakMost  = time.Minute
)

// breaker holds a host off that fails, so that its letters do not keep attempts
// busy that others need. After a while one attempt tries whether it is back.
type breaker struct {
	failures int
	until    time.Time     // held off until then; zero for not
	pause    time.Duration // how long it was held off last
	trying   bool          // the one attempt is under way
}

// lets reports whether an attempt may start, and takes it for started.
func (k *breaker) lets(now time.Time) bool {
	switch {
	case k.until.IsZero():
		return true
	case now.Before(k.until) || k.trying:
		return false
	}
	k.trying = true
	return true
}

// idle reports whether there is nothing to remember.
func (k *breaker) idle(now time.Time) bool {
	return k.failures == 0 && k.until.IsZero() || !k.until.IsZero() && now.After(k.until.Add(breakMost))
}

// worked notes that the host has answered.
func (k *breaker) worked() { *k = breaker{} }

// failed notes that it has not; retryAfter is how long it asks to be left alone,
// 0 for not at all.
func (k *breaker) failed(now time.Time, retryAfter time.Duration) {
	k.failures++
	tried := k.trying
	k.trying = false
	switch {
	case retryAfter > 0:
		k.until = later(k.until, now.Add(min(retryAfter, breakMost)))
	case tried || k.failures >= breakAfter && k.until.IsZero():
		k.pause = min(max(2*k.pause, breakFirst), breakMost)
		k.until = now.Add(k.pause + rand.N(k.pause/4))
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
