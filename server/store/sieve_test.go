package store_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/crmpop/crmpop/server/store"
)

func id(kind string, i int) string { return fmt.Sprintf("%s-%d", kind, i) }

func TestSieveNeverCallsAKnownKeyNew(t *testing.T) {
	fills := 0
	var s store.Sieves
	stored := 1000
	s = store.NewSieves(stored, func(add func(string), full func()) {
		fills++
		for i := range stored {
			add(id("stored", i))
		}
		if fills > 1 { // by now the tables have what was added before
			for i := range 100_001 {
				add(id("added", i))
			}
		}
		full()
	})
	if s.Fresh("anything") {
		t.Error("a key is called new before the sieve is filled")
	}
	s.Tend(0, 0)
	s.Tend(0, 0)
	const more = 200_000
	for i := range more {
		s.Add(id("added", i))
		if i == 100_000 {
			s.Tend(int64(i), 0) // it is too full: a larger one is to be filled once all so far is settled
			s.Tend(int64(i), int64(i)-1)
			if fills != 1 {
				t.Fatal("filled from tables that do not have everything yet")
			}
			s.Tend(int64(i), int64(i))
			s.Tend(int64(i), int64(i))
		}
	}
	if fills != 2 {
		t.Errorf("filled %d times, want 2", fills)
	}
	for i := range stored {
		if s.Fresh(id("stored", i)) {
			t.Fatalf("stored key %d is called new", i)
		}
	}
	for i := range more {
		if s.Fresh(id("added", i)) {
			t.Fatalf("added key %d is called new", i)
		}
	}
	known := 0
	for i := range 10_000 {
		if !s.Fresh(id("other", i)) {
			known++
		}
	}
	if known > 500 {
		t.Errorf("%d of 10,000 new keys are said to be known, want few", known)
	}
}

func TestWhatCameBeforeARestartIsKnownAfterIt(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pop.db")
	s := open(t, path, store.Options{})
	var in []store.Intake
	for i := range 500 {
		in = append(in, ring(id("e", i), id("c", i), "anna"))
	}
	mustAppend(t, s, in...)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, path, store.Options{})
	for round := range 2 { // before and after the sieve is filled
		for i, a := range mustAppend(t, s, in...) {
			if !a.Duplicate || a.Pops != 1 {
				t.Fatalf("round %d, event %d: %+v, want a duplicate", round, i, a)
			}
		}
		for i := range 500 {
			if a := mustAppend(t, s, ring(fmt.Sprintf("r%d-%d", round, i), id("c", i), "anna"))[0]; a.Pops != 0 {
				t.Fatalf("round %d: request %d pops again", round, i)
			}
		}
	}
}
