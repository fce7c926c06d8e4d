package demo

import (
	"slices"

	"github.com/crmpop/crmpop/app/screenpop"
)

// agents are the people of the demo as events may name them: by e-mail address,
// login name or extension. The last is somebody nobody knows, to see what
// becomes of such an event.
var agents = []agent{
	{Alias: "anna@demo", Name: "Anna"},
	{Alias: "ola@demo", Name: "Ola"},
	{Alias: "201", Name: "Anna, by her extension"},
	{Alias: "nobody@demo", Name: "Somebody not known here"},
}

type agent struct{ Alias, Name string }

// colleague returns the agent a request goes to when it is passed on.
func colleague(alias string) agent {
	if alias == "ola@demo" {
		return agents[0]
	}
	return agents[1]
}

// queues are the queues the demo's popup configuration knows, with what they show.
var queues = []queue{
	{"sales", "sales"},
	{"support", "support"},
	{"billing", "billing: a page that refuses frames, and a browser tab"},
	{"legal", "legal: a page that refuses frames by CSP"},
	{"slow", "slow: a page that never answers"},
	{"files", "files: a sign-in in between, a page not to be asked, a download"},
}

type queue struct{ Key, Label string }

// act is something the telephone system can report of a request.
type act struct {
	Name  string
	Label string
	Type  screenpop.Trigger
	Main  bool // the next sensible one
	Pass  bool // to the colleague of the agent who has it
}

// start returns the act that begins a request of channel c.
func start(c screenpop.Channel) act {
	if c == screenpop.Voice {
		return act{Name: "ring", Label: "Ring", Type: screenpop.Ringing, Main: true}
	}
	return act{Name: "offer", Label: "Offer", Type: screenpop.Offered, Main: true}
}

// next returns what may happen to r now, the sensible first; none once it is closed.
func next(r request) []act {
	to := colleague(r.Agent).Name
	closing := act{Name: "close", Label: "Close", Type: screenpop.Closed}
	switch r.State {
	case screenpop.StateOffered, screenpop.StateRinging:
		return append(answers(r.Channel, to), closing)
	case screenpop.StateAccepted:
		pass := act{Name: "transfer", Label: "Transfer to " + to, Type: screenpop.Accepted, Pass: true}
		if r.Channel == screenpop.Voice {
			return []act{{Name: "hangup", Label: "Hang up", Type: screenpop.Hangup, Main: true}, pass}
		}
		closing.Main = true
		return []act{closing, pass}
	case screenpop.StateHangup:
		closing.Main = true
		return []act{closing}
	}
	return nil
}

// answers returns what may happen to a request that waits for its agent.
func answers(c screenpop.Channel, to string) []act {
	switch c {
	case screenpop.Voice:
		return []act{
			{Name: "accept", Label: "Accept", Type: screenpop.Accepted, Main: true},
			{Name: "ring-too", Label: "Ring " + to + " too", Type: screenpop.Ringing, Pass: true},
			{Name: "answered-by", Label: "Answered by " + to, Type: screenpop.Accepted, Pass: true},
			{Name: "hangup", Label: "Hang up", Type: screenpop.Hangup},
		}
	case screenpop.Chat:
		return []act{{Name: "assign", Label: "Assign", Type: screenpop.Assigned, Main: true}}
	}
	return []act{{Name: "accept", Label: "Accept", Type: screenpop.Accepted, Main: true}}
}

// actNamed returns the act of that name, if it may happen to r now.
func actNamed(r request, name string) (act, bool) {
	all := next(r)
	i := slices.IndexFunc(all, func(a act) bool { return a.Name == name })
	if i < 0 {
		return act{}, false
	}
	return all[i], true
}
