package store_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/crmpop/crmpop/server/store"
)

// TestLogBeginsAnewWhileOneThingAfterTheOtherIsDone has the writer carry out what
// must be alone, as bringing the list of requests up is, without a pause: the log
// must not grow for as long as that lasts.
func TestLogBeginsAnewWhileOneThingAfterTheOtherIsDone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pop.db")
	s := open(t, path, store.Options{})
	if err := s.Exec(t.Context(), `create table big (b blob); insert into big values (null)`); err != nil {
		t.Fatal(err)
	}
	size, same := int64(0), 0
	for i := 0; same < 12; i++ {
		if i == 400 {
			t.Fatalf("the log has %d MB and still grows", size>>20)
		}
		if err := s.Exec(t.Context(), `update big set b = randomblob(1000000)`); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(path + "-wal")
		if err != nil {
			t.Fatal(err)
		}
		if same++; info.Size() != size {
			size, same = info.Size(), 0
		}
	}
}
