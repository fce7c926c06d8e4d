package store_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/wire"
	"github.com/crmpop/crmpop/server/store"
)

// victimPath names the database of the process that is killed.
const victimPath = "POP_STORE_VICTIM"

func TestMain(m *testing.M) {
	if path := os.Getenv(victimPath); path != "" {
		beVictim(path)
		return
	}
	os.Exit(m.Run())
}

// beVictim takes events in until it is killed, and writes each id that was
// acknowledged to standard output.
func beVictim(path string) {
	ctx, round := context.Background(), os.Getenv("POP_STORE_ROUND")
	s, err := store.Open(ctx, path, store.Options{})
	if err != nil {
		fmt.Println("error", err)
		return
	}
	var mu sync.Mutex // guards standard output
	for w := range 16 {
		go func() {
			for i := 0; ; i++ {
				id := fmt.Sprintf("r%s-w%d-e%d", round, w, i)
				got, err := s.Append(ctx, ring(id, "c-"+id, fmt.Sprint("agent", i%7)))
				if err != nil || got[0].Err != nil {
					fmt.Println("error", err)
					return
				}
				pop := got[0].Hints[0].Frames[1].Pop
				receipt := ""
				if i%3 == 0 {
					a := wire.AgentKey{Tenant: "t", ID: pop.AgentID}
					if _, err := s.Receive(ctx, a, screenpop.Receipt{ID: "x", PopID: pop.ID, State: screenpop.PopShown}); err == nil {
						receipt = pop.ID
					}
				}
				mu.Lock()
				fmt.Println("ack", id, receipt)
				mu.Unlock()
			}
		}()
	}
	select {}
}

func TestKilledProcessLosesNothingItAcknowledged(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pop.db")
	var acked, shown []string
	for round := range 10 {
		a, r := killOne(t, path, round)
		acked, shown = append(acked, a...), append(shown, r...)
		check(t, path, acked, shown)
	}
	if len(acked) < 100 {
		t.Errorf("only %d events were acknowledged in all rounds", len(acked))
	}
	t.Logf("%d events and %d receipts acknowledged, none lost", len(acked), len(shown))
}

// killOne runs a victim for a short while and returns what it acknowledged.
func killOne(t *testing.T, path string, round int) (acked, shown []string) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), victimPath+"="+path, fmt.Sprint("POP_STORE_ROUND=", round))
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	var timer *time.Timer
	for lines.Scan() {
		if timer == nil { // it is at work: it has a random while left
			timer = time.AfterFunc(time.Duration(20+rand.IntN(180))*time.Millisecond, func() { cmd.Process.Kill() })
		}
		f := strings.Split(lines.Text(), " ")
		if f[0] != "ack" || len(f) != 3 {
			t.Errorf("victim says %q", lines.Text())
			continue
		}
		if acked = append(acked, f[1]); f[2] != "" {
			shown = append(shown, f[2])
		}
	}
	cmd.Wait()
	return acked, shown
}

// check opens what the victim left.
func check(t *testing.T, path string, acked, shown []string) {
	t.Helper()
	start := time.Now()
	s, err := store.Open(t.Context(), path, store.Options{})
	if err != nil {
		t.Fatalf("Open after a kill: %v", err)
	}
	defer s.Close()
	if d := time.Since(start); d > 5*time.Second {
		t.Errorf("ready only after %v", d)
	}
	if got, err := s.Text(t.Context(), "pragma integrity_check"); got != "ok" || err != nil {
		t.Errorf("integrity check: %q, %v", got, err)
	}
	for _, id := range acked {
		if tr, err := s.Trace(t.Context(), "t", "c-"+id); err != nil || len(tr.Events) != 1 || len(tr.Pops) != 1 {
			t.Fatalf("event %s was acknowledged and is lost: %+v, %v", id, tr, err)
		}
	}
	for _, id := range shown {
		if p, err := s.Pop(t.Context(), "t", id); err != nil || p.State != screenpop.PopShown {
			t.Fatalf("receipt of pop %s was acknowledged and is lost: %+v, %v", id, p, err)
		}
	}
	for i := range 7 {
		a := wire.AgentKey{Tenant: "t", ID: fmt.Sprint("agent", i)}
		if _, ok, err := s.Since(t.Context(), a, 0, 1_000_000); !ok || err != nil {
			t.Errorf("stream of %s has a hole: %t, %v", a.ID, ok, err)
		}
	}
	if len(acked) > 0 {
		if got := mustAppend(t, s, ring(acked[0], "c-"+acked[0], "agent0")); !got[0].Duplicate {
			t.Errorf("event %s is not known to have come", acked[0])
		}
	}
}
