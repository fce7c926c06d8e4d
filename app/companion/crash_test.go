//go:build unix

package main_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/crmpop/crmpop/app/wire"
)

// The companion is killed hard at a hundred points around the start of a program,
// half of them exact, half of them anywhere, and asked again for the same pop
// afterwards: it is started once at most, and its end is told.
func TestAPopIsStartedOnceAtMostWhereverTheCompanionIsKilled(t *testing.T) {
	rounds := 100
	if testing.Short() {
		rounds = 14
	}
	p := newPC(t)
	p.maps(map[string]string{"ddesend": `}, "parallel": 4`})
	points := []string{"taken", "before", "noted", "ended", "recorded", "telling", "told"}
	random := rand.New(rand.NewPCG(1, 2))
	ended := map[string]string{} // state by pop
	for i := range rounds {
		pop, point := fmt.Sprint("p", i), ""
		if i%2 == 0 {
			point = points[i/2%len(points)]
		}
		crash(t, p, pop, point, time.Duration(random.IntN(30_000))*time.Microsecond)
		ended[pop] = revive(p, pop)
	}
	starts := map[string]int{}
	for _, s := range p.starts() {
		starts[s.Args[0]]++
	}
	states := map[string]int{}
	for i := range rounds {
		pop := fmt.Sprint("p", i)
		n, state := starts["n="+pop], ended[pop]
		states[state]++
		switch {
		case n > 1:
			t.Errorf("%s was started %d times", pop, n)
		case state == wire.ResultExited && n != 1:
			t.Errorf("%s has ended, they say, but was started %d times", pop, n)
		case state != wire.ResultExited && state != wire.ResultUnknown:
			t.Errorf("%s is %s, want exited or unknown", pop, state)
		case i%2 == 0 && (points[i/2%len(points)] == "noted" || points[i/2%len(points)] == "ended") != (state == wire.ResultUnknown):
			t.Errorf("%s, killed when %s, is %s", pop, points[i/2%len(points)], state)
		}
	}
	if states[wire.ResultUnknown] == 0 || states[wire.ResultExited] == 0 {
		t.Errorf("the ends are %v; no point was between the note and the start, or none was not", states)
	}
	t.Logf("%d crashes: %v", rounds, states)
}

// crash asks for a pop and kills the companion, at a point or after a time.
func crash(t *testing.T, p *pc, pop, point string, after time.Duration) {
	t.Helper()
	r := p.run("CRMPOP_END_AT=" + point)
	c := p.server.connected()
	c.send(runFrame(pop, "ddesend", "n", pop))
	if point == "" {
		time.Sleep(after) // anywhere: what is waited for is no condition
		r.kill()
		return
	}
	r.end(t)
}

// revive starts the companion again, asks for the pop twice more, and returns what
// became of it.
func revive(p *pc, pop string) string {
	r := p.run()
	defer r.kill()
	c := p.server.connected()
	c.send(runFrame(pop, "ddesend", "n", pop))
	c.send(runFrame(pop, "ddesend", "n", pop))
	state := c.result(pop).State
	c.send(wire.CompanionFrame{Type: wire.CompanionResultOK, PopID: pop})
	return state
}
