//go:build !js

package journal_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/crmpop/crmpop/app/companion/journal"
	"github.com/crmpop/crmpop/app/wire"
)

func open(t *testing.T, path string) *journal.Journal {
	t.Helper()
	j, err := journal.Open(path, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { j.Close() })
	return j
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func state(t *testing.T, j *journal.Journal, popID, want string) {
	t.Helper()
	if e, ok := j.Find(popID); !ok || e.State != want {
		t.Errorf("%s is %q, %v; want %q", popID, e.State, ok, want)
	}
}

func TestWhatHadNoEndIsUnknownAndBeganOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "j")
	j := open(t, path)
	must(t, j.Begin("p1", "ddesend"))
	must(t, j.Begin("p2", "ddesend"))
	must(t, j.End(journal.Entry{PopID: "p2", State: wire.ResultExited, ExitCode: 3}))
	if err := j.Begin("p1", "ddesend"); err == nil {
		t.Error("p1 began twice")
	}
	j = open(t, path) // as after a crash: the first is not closed
	state(t, j, "p1", wire.ResultUnknown)
	state(t, j, "p2", wire.ResultExited)
	if e, _ := j.Find("p2"); e.ExitCode != 3 || e.Name != "ddesend" || e.At.IsZero() {
		t.Errorf("p2 is %+v", e)
	}
	if err := j.Begin("p1", "ddesend"); err == nil {
		t.Error("p1 began again after the crash")
	}
	if got := len(j.Untold()); got != 2 {
		t.Errorf("%d untold, want both", got)
	}
}

func TestTheFirstEndCounts(t *testing.T) {
	path := filepath.Join(t.TempDir(), "j")
	j := open(t, path)
	must(t, j.End(journal.Entry{PopID: "p", Name: "x", State: wire.ResultRefused, Detail: "a"}))
	must(t, j.End(journal.Entry{PopID: "p", Name: "x", State: wire.ResultExited}))
	state(t, j, "p", wire.ResultRefused)
	state(t, open(t, path), "p", wire.ResultRefused)
}

func TestConfirmedIsNotToldAgain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "j")
	j := open(t, path)
	must(t, j.Confirm("never heard of"))
	for _, id := range []string{"p1", "p2"} {
		must(t, j.End(journal.Entry{PopID: id, Name: "x", State: wire.ResultRefused}))
	}
	must(t, j.Confirm("p1"))
	for _, j := range []*journal.Journal{j, open(t, path)} {
		if all := j.Untold(); len(all) != 1 || all[0].PopID != "p2" {
			t.Errorf("untold %+v, want p2", all)
		}
	}
}

func TestHalfALineAtTheEndIsCutOff(t *testing.T) {
	path := filepath.Join(t.TempDir(), "j")
	j := open(t, path)
	must(t, j.Begin("p1", "x"))
	must(t, j.Close())
	whole, err := os.ReadFile(path)
	must(t, err)
	for n := range len(whole) { // every place where the power can have gone
		must(t, os.WriteFile(path, append(append([]byte{}, whole...), whole[:n]...), 0o600))
		j := open(t, path)
		state(t, j, "p1", wire.ResultUnknown)
		must(t, j.Begin("p2", "x"))
		must(t, j.Close())
		state(t, open(t, path), "p2", wire.ResultUnknown)
	}
}

func TestADamagedLineIsNotPassedOver(t *testing.T) {
	path := filepath.Join(t.TempDir(), "j")
	must(t, os.WriteFile(path, []byte("{\"pop\":\"p1\"}\n{\"po\x00\n{\"pop\":\"p3\"}\n"), 0o600))
	if _, err := journal.Open(path, time.Now); err == nil || !strings.Contains(err.Error(), "line 2") {
		t.Errorf("%v, want the line", err)
	}
}

func TestOldPopsAreForgottenAndRunningOnesNever(t *testing.T) {
	path := filepath.Join(t.TempDir(), "j")
	j := open(t, path)
	must(t, j.Begin("running", "x"))
	for i := range journal.Keep + journal.Keep/10 + 1 {
		must(t, j.End(journal.Entry{PopID: fmt.Sprint("p", i), Name: "x", State: wire.ResultRefused}))
	}
	if _, known := j.Find("p0"); known {
		t.Error("the oldest pop is still known")
	}
	if err := j.Begin("running", "x"); err == nil {
		t.Error("a pop that runs was forgotten and began again")
	}
	must(t, j.Compact())
	must(t, j.End(journal.Entry{PopID: "last", Name: "x", State: wire.ResultRefused}))
	j = open(t, path)
	state(t, j, "last", wire.ResultRefused)
	state(t, j, "running", wire.ResultUnknown)
	last, err := journal.Last(path, 2)
	if err != nil || len(last) != 2 || last[1].PopID != "last" {
		t.Errorf("last %+v, %v", last, err)
	}
}

func TestJournalIsTheUsersAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "j")
	open(t, path)
	info, err := os.Stat(path)
	must(t, err)
	if info.Mode().Perm()&0o077 != 0 {
		t.Errorf("mode %v", info.Mode())
	}
}
