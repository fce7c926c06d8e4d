package store

import (
	"context"
	"database/sql/driver"
	"hash/maphash"
	"sync/atomic"
)

// sieve tells which keys are surely new, so that they need not be looked up: a
// Bloom filter. It forgets nothing, and of some keys that are new it says that
// they may be known.
type sieve struct {
	bits []atomic.Uint64
	room int // keys, past which too many are said to be known
	held int
	from int64 // keys of rows up to this one are filled in from the tables
	full atomic.Bool
}

const (
	sieveBits   = 12 // for each key
	sieveProbes = 4
	sieveRoom   = 1 << 16 // keys of the smallest
)

func newSieve(room, held int, from int64) *sieve {
	words := 1
	for words*64 < room*sieveBits {
		words *= 2
	}
	return &sieve{bits: make([]atomic.Uint64, words), room: room, held: held, from: from}
}

// at returns the place of a key's i-th bit.
func (s *sieve) at(hash uint64, i int) (word, bit uint64) {
	hash += uint64(i) * (hash>>32 | 1)
	return hash >> 6 & uint64(len(s.bits)-1), 1 << (hash & 63)
}

func (s *sieve) add(hash uint64) {
	for i := range sieveProbes {
		word, bit := s.at(hash, i)
		s.bits[word].Or(bit)
	}
}

// fresh reports whether the key is surely not among those added.
func (s *sieve) fresh(hash uint64) bool {
	for i := range sieveProbes {
		if word, bit := s.at(hash, i); s.bits[word].Load()&bit == 0 {
			return true
		}
	}
	return false
}

// sieves holds the sieve in use and, while it grows, the one that takes over.
// What the writer adds goes into both; what was there before the new one is
// filled in from the tables beside the writer's work.
type sieves struct {
	seed    maphash.Seed
	now     *sieve // nil until the first is filled
	next    *sieve // being filled, or waiting to be
	filling bool
	fill    func(*sieve) // starts filling a sieve from the tables, which marks it full
}

func newSieves(keys int, from int64, fill func(*sieve)) *sieves {
	return &sieves{seed: maphash.MakeSeed(), next: newSieve(max(2*keys, sieveRoom), keys, from), fill: fill}
}

// tend takes a filled sieve into use and has a larger one made in time. The
// writer calls it before it plans: n is its newest row, settled how far the
// tables are.
func (s *sieves) tend(n, settled int64) {
	switch {
	case s.next == nil && s.now.held > s.now.room:
		s.next = newSieve(4*s.now.room, s.now.held, n)
	case s.next == nil:
	case s.next.full.Load():
		s.now, s.next, s.filling = s.next, nil, false
	case !s.filling && settled >= s.next.from:
		s.filling = true
		s.fill(s.next)
	}
}

// fresh reports whether a key is surely in no table.
func (s *sieves) fresh(hash uint64) bool { return s.now != nil && s.now.fresh(hash) }

func (s *sieves) add(hash uint64) {
	for _, v := range []*sieve{s.now, s.next} {
		if v != nil {
			v.add(hash)
			v.held++
		}
	}
}

func (s *sieves) event(k eventKey) uint64 { return maphash.Comparable(s.seed, k) }

func (s *sieves) request(k requestKey) uint64 { return maphash.Comparable(s.seed, k) }

// fillSieve starts to add to v every key that the tables hold. If it fails, or is
// ended by Close, v is never used.
func (s *SQLite) fillSieve(ctx context.Context, v *sieve) {
	s.aside.Go(func() {
		err := s.look(ctx, func(r reader) error {
			return r.each(`select tenant, source, id from event_key`, func(row []driver.Value) error {
				v.add(s.w.sieves.event(eventKey{text(row[0]), text(row[1]), text(row[2])}))
				return nil
			})
		})
		if err == nil {
			err = s.look(ctx, func(r reader) error {
				return r.each(`select distinct tenant, id from request`, func(row []driver.Value) error {
					v.add(s.w.sieves.request(requestKey{text(row[0]), text(row[1])}))
					return nil
				})
			})
		}
		if err != nil && ctx.Err() == nil {
			s.o.Log.Error("read which events and requests are known; each will be looked up", "err", err)
		}
		v.full.Store(err == nil)
	})
}
