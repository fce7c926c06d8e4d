package api

import (
	"crypto/rand"
	"fmt"
	"math/big"
	"strings"
	"sync"
	"time"

	"github.com/crmpop/crmpop/server/store"
)

// How long a code may be typed, how long it is known afterwards what became of
// it, how often the companion may ask, and how often somebody may look at it.
const (
	pairWait     = 10 * time.Minute
	pairKnown    = 10 * time.Minute
	pairInterval = 5 * time.Second
	codeLooks    = 5
	maxPairings  = 10_000
)

// codeLetters are without vowels and look-alikes: a code is no word, and is read
// aloud without mistakes.
const (
	codeLetters = "BCDFGHJKLMNPQRSTVWXZ"
	codeLength  = 8
)

// pairState is how a pairing stands.
type pairState string

const (
	pairWaiting   pairState = "waiting"
	pairConfirmed pairState = "confirmed"
	pairRefused   pairState = "refused"
	pairExpired   pairState = "expired"
)

// pairing is a companion that asks to be paired.
type pairing struct {
	id, code, number string
	asks             store.Companion // without tenant, id and agent
	until            time.Time
	state            pairState
	looks            int        // how often it was looked at
	by               store.User // who looked last, and the only one who may confirm it
	tenant           string     // the tenant's name, once confirmed
}

// pairings are those of late. They live in memory: a restart forgets them, and
// the companion asks anew.
type pairings struct {
	mu  sync.Mutex // guards all, and what it points at
	all map[string]*pairing
}

// begin takes in a companion that asks. ok is false while too many do.
func (k *pairings) begin(asks store.Companion, now time.Time) (p pairing, ok bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for id, old := range k.all {
		if now.Sub(old.until) > pairKnown {
			delete(k.all, id)
		}
	}
	if len(k.all) >= maxPairings {
		return p, false
	}
	if k.all == nil {
		k.all = map[string]*pairing{}
	}
	p = pairing{id: rand.Text(), number: fmt.Sprintf("%02d", random(100)), asks: asks, until: now.Add(pairWait), state: pairWaiting}
	for p.code = newCode(); k.typed(p.code) != nil; p.code = newCode() {
	}
	k.all[p.id] = &p
	return p, true
}

// newCode returns a code that nobody can guess: 20 to the power of 8 there are.
func newCode() string {
	b := make([]byte, codeLength)
	for i := range b {
		b[i] = codeLetters[random(len(codeLetters))]
	}
	return string(b)
}

// random returns a number from 0 to below n.
func random(n int) int {
	v, err := rand.Int(rand.Reader, big.NewInt(int64(n)))
	if err != nil { // crypto/rand ends the program instead
		panic(err)
	}
	return int(v.Int64())
}

// typed returns the pairing with a code. mu is held.
func (k *pairings) typed(code string) *pairing {
	for _, p := range k.all {
		if p.code == code {
			return p
		}
	}
	return nil
}

// of returns how a pairing stands; one that is not known has expired.
func (k *pairings) of(id string, now time.Time) pairing {
	k.mu.Lock()
	defer k.mu.Unlock()
	p, ok := k.all[id]
	if !ok {
		return pairing{state: pairExpired}
	}
	p.age(now)
	return *p
}

func (p *pairing) age(now time.Time) {
	if p.state == pairWaiting && !now.Before(p.until) {
		p.state = pairExpired
	}
}

// look returns what asks with a code, for somebody who then may confirm it. Who
// looks too often has the code end: somebody is trying to be quicker.
func (k *pairings) look(code string, by store.User, now time.Time) (pairing, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	p := k.typed(code)
	if p == nil {
		return pairing{}, false
	}
	p.age(now)
	if p.looks++; p.looks > codeLooks && p.state == pairWaiting {
		p.state = pairExpired
	}
	if p.state != pairWaiting {
		return pairing{}, false
	}
	p.by = by
	return *p, true
}

// settle ends a pairing as somebody says who has looked at it.
func (k *pairings) settle(code string, by store.User, state pairState, now time.Time) (pairing, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	p := k.typed(code)
	if p == nil || p.by.Tenant != by.Tenant || p.by.ID != by.ID {
		return pairing{}, false
	}
	if p.age(now); p.state != pairWaiting {
		return pairing{}, false
	}
	p.state = state
	return *p, true
}

// name notes what a confirmed pairing has become.
func (k *pairings) name(id, companion, tenant string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if p, ok := k.all[id]; ok {
		p.asks.ID, p.tenant = companion, tenant
	}
}

// spelled returns a code as it was made, however it was typed.
func spelled(code string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(codeLetters, r) {
			return r
		}
		return -1
	}, strings.ToUpper(code[:min(len(code), 64)]))
}
