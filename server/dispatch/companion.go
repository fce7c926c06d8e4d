package dispatch

import (
	"fmt"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/wire"
)

// Companion is how the companions of an agent stand at an instant.
type Companion struct {
	Holder    string // what a pop is claimed for that can be done now; "" for none
	Connected bool   // there is at least one
	Paused    bool   // all that are connected are paused
	AtWork    bool   // the agent has a workspace open
}

// Why a command waits or has failed. Where it only waits, what it waits for is
// what it will have failed for.
const (
	notPaired    = "no companion is paired for %s: pair one under This computer"
	notConnected = "no companion is connected for %s: start it on the PC, or pair one under This computer"
	isPaused     = "the companion of %s is paused; it goes on from its own menu"
	notAtWork    = "%s has no workspace open, and a command runs only beside one"
)

// companion returns how the companions of a pop's agent stand.
func (p planner) companion(agent string) Companion {
	return p.d.o.Companion(wire.AgentKey{Tenant: p.tenant, ID: agent})
}

// command ends a command at once that cannot be run, or says what it waits for.
func (p planner) command(pop *screenpop.Pop, cfg *config) {
	name := cfg.agent.Name
	if name == "" {
		name = "this agent"
	}
	say := func(s screenpop.PopState, why string) {
		pop.State, pop.Detail = s, fmt.Sprintf(why, name)
	}
	switch c := p.companion(pop.AgentID); {
	case c.Paused:
		say(screenpop.PopFailed, isPaused)
	case !c.Connected && !cfg.paired:
		say(screenpop.PopFailed, notPaired)
	case !c.Connected:
		say(screenpop.PopPending, notConnected)
	case !c.AtWork:
		say(screenpop.PopPending, notAtWork)
	}
}
