package store_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/server/store"
)

func TestOpenMakesWhatIsNotThereAndKeepsWhatIs(t *testing.T) {
	for _, name := range []string{"pop.db", "with space.db", "odd?name#1%20.db", "ø.db"} {
		path := filepath.Join(t.TempDir(), name)
		s := open(t, path, store.Options{})
		mustAppend(t, s, ring("e1", "c-1", "anna"))
		epoch, _, err := s.Head(t.Context(), anna)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(path); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		s = open(t, path, store.Options{})
		again, head, err := s.Head(t.Context(), anna)
		if err != nil || again != epoch || head != 2 {
			t.Errorf("%s opened again: epoch %d, head %d, %v; want %d, 2", name, again, head, err, epoch)
		}
	}
}

func TestEachRecordHasItsOwnEpoch(t *testing.T) {
	now := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	last := int64(0)
	for range 5 {
		s := open(t, filepath.Join(t.TempDir(), "pop.db"), store.Options{Now: func() time.Time { return now }})
		epoch, _, err := s.Head(t.Context(), anna)
		if err != nil || epoch <= last || epoch >= 1<<53 {
			t.Errorf("epoch %d after %d, %v; want a greater one that a browser's numbers hold", epoch, last, err)
		}
		last, now = epoch, now.Add(time.Millisecond)
	}
}

func TestOneProgramHasTheDatabase(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pop.db")
	s := open(t, path, store.Options{})
	_, err := store.Open(t.Context(), path, store.Options{})
	if screenpop.ErrorCode(err) != screenpop.CodeUnavailable || !strings.Contains(err.Error(), "another program") {
		t.Errorf("second Open = %v, want unavailable", err)
	}
	mustAppend(t, s, ring("e1", "c-1", "anna"))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	open(t, path, store.Options{})
}

func TestOpenSaysWhatIsWrongWithThePath(t *testing.T) {
	dir := t.TempDir()
	noDB := filepath.Join(dir, "text.db")
	if err := os.WriteFile(noDB, []byte(strings.Repeat("this is no database\n", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		filepath.Join(dir, "none", "pop.db"): "the folder",
		noDB:                                 "not a database",
		dir:                                  "unable to open",
	} {
		s, err := store.Open(t.Context(), path, store.Options{})
		if err == nil {
			s.Close()
		}
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), dir) {
			t.Errorf("Open(%s) = %v, want an error with %q and the path", path, err, want)
		}
	}
}

func TestOlderDatabaseIsBroughtUp(t *testing.T) {
	for _, from := range []int{0, 1} {
		path := filepath.Join(t.TempDir(), "pop.db")
		if from > 0 {
			if err := store.Migrate(t.Context(), path, store.Migrations, from); err != nil {
				t.Fatal(err)
			}
		} else if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		s := open(t, path, store.Options{})
		mustAppend(t, s, ring("e1", "c-1", "anna"))
		n, err := s.Integer(t.Context(), `select max(version) from schema_version`)
		if err != nil || n < 2 {
			t.Errorf("from version %d: version is %d, %v", from, n, err)
		}
	}
}

func TestNewerDatabaseIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pop.db")
	s := open(t, path, store.Options{})
	if err := s.Exec(t.Context(), `insert into schema_version values (9999, 'from the future', 0)`); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	_, err := store.Open(t.Context(), path, store.Options{})
	if screenpop.ErrorCode(err) != screenpop.CodeUnsupported || !strings.Contains(err.Error(), "9999") || !strings.Contains(err.Error(), "newer program") {
		t.Errorf("Open = %v, want unsupported, naming the version and the cure", err)
	}
}

func TestFailedMigrationLeavesTheVersionBefore(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pop.db")
	files := fstest.MapFS{
		"migrations/0001_a.sql": {Data: []byte(`create table a (x integer); insert into a values (1);`)},
		"migrations/0002_b.sql": {Data: []byte(`insert into a values (2); insert into nowhere values (1);`)},
	}
	err := store.Migrate(t.Context(), path, files, 0)
	if err == nil || !strings.Contains(err.Error(), "0002_b.sql") {
		t.Fatalf("Migrate = %v, want an error that names the migration", err)
	}
	files["migrations/0002_b.sql"].Data = []byte(`create table b as select count(*) as n from a;`)
	if err := store.Migrate(t.Context(), path, files, 0); err != nil {
		t.Errorf("Migrate when mended: %v", err)
	}
	delete(files, "migrations/0001_a.sql")
	if err := store.Migrate(t.Context(), path, files, 0); err == nil || !strings.Contains(err.Error(), "0001") {
		t.Errorf("Migrate with a gap = %v, want an error", err)
	}
}
