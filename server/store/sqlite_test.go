package store_test

import (
	"path/filepath"
	"testing"

	"github.com/crmpop/crmpop/server/store"
	"github.com/crmpop/crmpop/server/store/storetest"
)

func open(t *testing.T, path string, o store.Options) *store.SQLite {
	t.Helper()
	s, err := store.Open(t.Context(), path, o)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return s
}

func TestSQLiteKeepsTheContract(t *testing.T) {
	storetest.Run(t, func(t *testing.T, o store.Options) storetest.Store {
		return open(t, filepath.Join(t.TempDir(), "pop.db"), o)
	})
}
