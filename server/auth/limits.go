package auth

import (
	"net/netip"
	"strings"
	"sync"
	"time"
)

// How often somebody may guess. An account has a handful of tries a minute, an
// address more, since a whole office may share it; who uses them up waits, and
// twice as long each time.
const (
	accountTries = 5
	addressTries = 30
	tryWindow    = time.Minute
	firstWait    = 30 * time.Second
	longestWait  = 15 * time.Minute
	maxBuckets   = 100_000 // of each kind; about 10 MB
)

// Limits counts failed sign-ins by account and by address. An IPv6 address
// counts as its /64, which is what one household or server gets.
type Limits struct {
	now func() time.Time

	mu        sync.Mutex // guards both maps
	accounts  map[string]*bucket
	addresses map[string]*bucket
}

// bucket holds the tries that are left; it fills up again over tryWindow.
type bucket struct {
	left    float64
	at      time.Time // when left was true
	strikes int       // how often it ran empty since the last success
	until   time.Time // no try before
}

// NewLimits returns limits that read the time from now.
func NewLimits(now func() time.Time) *Limits {
	return &Limits{now: now, accounts: map[string]*bucket{}, addresses: map[string]*bucket{}}
}

// Take takes one try of account from address. When there is none left it returns
// how long to wait, rounded up to whole seconds; refused tries cost nothing, so
// that nobody can keep an account locked by trying on.
func (l *Limits) Take(account string, address netip.Addr) (wait time.Duration, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	a := take(l.accounts, accountKey(account), accountTries, now)
	b := take(l.addresses, addressKey(address), addressTries, now)
	wait = max(a.wait(now), b.wait(now))
	if wait > 0 {
		return (wait + time.Second - 1).Truncate(time.Second), false
	}
	a.spend(now)
	b.spend(now)
	return 0, true
}

// Pass gives back the try of a sign-in that succeeded, and forgives the account.
func (l *Limits) Pass(account string, address netip.Addr) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.accounts, accountKey(account))
	if b, ok := l.addresses[addressKey(address)]; ok {
		b.left = min(b.left+1, addressTries)
		b.until = time.Time{}
	}
}

// take returns the key's bucket, filled up to now.
func take(all map[string]*bucket, key string, tries float64, now time.Time) *bucket {
	b, ok := all[key]
	if !ok {
		if len(all) >= maxBuckets {
			forget(all, tries, now)
		}
		b = &bucket{left: tries, at: now}
		all[key] = b
	}
	b.fill(tries, now)
	return b
}

func (b *bucket) fill(tries float64, now time.Time) {
	b.left = min(tries, b.left+tries*float64(now.Sub(b.at))/float64(tryWindow))
	b.at = now
	if b.left == tries && now.Sub(b.until) > longestWait {
		b.strikes = 0
	}
}

func (b *bucket) wait(now time.Time) time.Duration { return max(0, b.until.Sub(now)) }

// spend takes a try; with the last one the wait begins.
func (b *bucket) spend(now time.Time) {
	b.left--
	if b.left >= 1 {
		return
	}
	b.until = now.Add(min(longestWait, firstWait<<min(b.strikes, 10)))
	b.strikes++
}

// forget drops the buckets that say nothing any more, or all when every one
// still does: then somebody floods us with names, and memory comes first.
func forget(all map[string]*bucket, tries float64, now time.Time) {
	for key, b := range all {
		if b.fill(tries, now); b.left == tries && b.strikes == 0 {
			delete(all, key)
		}
	}
	if len(all) >= maxBuckets {
		clear(all)
	}
}

// accountKey cuts what is longer than an e-mail address may be: no account has
// it, and it would only take memory.
func accountKey(account string) string {
	account = strings.ToLower(strings.TrimSpace(account))
	return account[:min(len(account), 254)]
}

func addressKey(a netip.Addr) string {
	a = a.Unmap().WithZone("")
	if a.Is6() {
		if p, err := a.Prefix(64); err == nil {
			return p.String()
		}
	}
	return a.String()
}
