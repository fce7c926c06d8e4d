package demo

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/crmpop/crmpop/app/screenpop"
)

// defaultPace is the time between two acts when nobody chose one.
const defaultPace = 4 * time.Second

// busy is how many requests may be open at once before something has to end.
const busy = 4

// step is one act of a day that plays by itself: a new request, or what happens
// to one that is there.
type step struct {
	begin *choice
	id    string
	act   string
}

// plan returns what happens next, given the requests that are open. Most days
// are calls; now and then one rings the colleague too, or nobody answers.
func plan(open []request, rnd *rand.Rand) step {
	if len(open) == 0 || len(open) < busy && rnd.IntN(3) == 0 {
		return step{begin: &choice{
			Channel: pick(rnd, screenpop.Voice, screenpop.Voice, screenpop.Voice, screenpop.Chat, screenpop.Email, screenpop.Social),
			Caller:  contacts[rnd.IntN(len(contacts))].ID,
			Agent:   pick(rnd, agents[0].Alias, agents[0].Alias, agents[1].Alias),
			Queue:   pick(rnd, "sales", "sales", "support", "support", "billing"),
		}}
	}
	r := open[len(open)-1-rnd.IntN(min(len(open), 2))] // one of the two oldest
	acts := next(r)
	a := acts[0]
	if rnd.IntN(6) == 0 {
		a = acts[rnd.IntN(len(acts))]
	}
	return step{id: r.ID, act: a.Name}
}

func pick[T any](rnd *rand.Rand, of ...T) T { return of[rnd.IntN(len(of))] }

// runAlone starts or stops the day that plays by itself.
func (p *phone) runAlone(on bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if on == (p.running != nil) || p.ctx.Err() != nil {
		return
	}
	if !on {
		p.running()
		p.running = nil
		return
	}
	ctx, cancel := context.WithCancel(p.ctx)
	p.running, p.begun = cancel, 0
	p.alone.Add(1)
	go p.play(ctx)
}

// play acts at the pace set until it is stopped, has begun as many requests as
// it may, or the API refuses.
func (p *phone) play(ctx context.Context) {
	defer p.alone.Done()
	pace := p.o.Pace
	if pace <= 0 {
		pace = defaultPace
	}
	tick := time.NewTicker(pace)
	defer tick.Stop()
	rnd := rand.New(rand.NewPCG(uint64(p.o.Now().UnixNano()), 1))
	for p.step(ctx, rnd) {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
	if ctx.Err() == nil {
		p.runAlone(false)
	}
}

// step does one act and reports whether there is more to do.
func (p *phone) step(ctx context.Context, rnd *rand.Rand) bool {
	p.mu.Lock()
	var open []request
	for _, r := range p.requests {
		if r.State != screenpop.StateClosed {
			open = append(open, r)
		}
	}
	begun := p.begun
	p.mu.Unlock()
	s := plan(open, rnd)
	if s.begin == nil {
		ans, err := p.act(ctx, s.id, s.act)
		return err != nil || ans.OK // somebody else may have closed it meanwhile
	}
	if begun >= maxAlone {
		return false
	}
	p.mu.Lock()
	p.begun++
	p.mu.Unlock()
	_, ans, err := p.begin(ctx, *s.begin)
	return err == nil && ans.OK
}
