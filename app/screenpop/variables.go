package screenpop

import (
	"time"

	"github.com/crmpop/crmpop/app/urltemplate"
)

// Variables lists the variables that every popup has. An event's own variables
// are used by their names; where one has the name of a built-in, the built-in
// counts.
var Variables = []string{"request_id", "event_id", "trigger", "channel", "direction", "agent", "agent_name",
	"anum", "dnis", "queue_key", "customer_key", "subject", "name", "url", "time"}

// ofEvent are the variables that an event has and a request has not; conditions
// cannot look at them.
var ofEvent = []string{"event_id", "agent", "agent_name", "time"}

// Agent is whom a pop is for: the user's id and name.
type Agent struct{ ID, Name string }

// Scope is all that a pop is made of besides its popup.
type Scope struct {
	Tenant, Source string
	Event          Event
	Request        Request // as it stands after the event
	Agent          Agent
	Now            time.Time
	Numbers        urltemplate.Numbers    // of the tenant's region; nil keeps digits and a leading +
	Hosts          func(host string) bool // those {url} may lead to; nil allows none
}

// Variable returns the value of a variable, and whether the scope knows it.
// {agent} is the alias in the event, {time} the event's own time in RFC 3339, in
// UTC, or else the time it was received.
func (s Scope) Variable(name string) (string, bool) {
	switch name {
	case "event_id":
		return s.Event.ID, true
	case "agent":
		return s.Event.Request.Agent, true
	case "agent_name":
		return s.Agent.Name, true
	case "time":
		at := s.Event.Time
		if at.IsZero() {
			at = s.Now
		}
		return at.UTC().Format(time.RFC3339), true
	}
	return s.Request.variable(name, s.Event.Type)
}

// variable returns what a request that trigger t has reached knows of name.
func (r *Request) variable(name string, t Trigger) (string, bool) {
	switch name {
	case "request_id":
		return r.ID, true
	case "trigger":
		return string(t), true
	case "channel":
		return string(r.Channel), true
	case "direction":
		return string(r.Direction), true
	case "anum":
		return r.ANI, true
	case "dnis":
		return r.DNIS, true
	case "queue_key":
		return r.QueueKey, true
	case "customer_key":
		return r.CustomerKey, true
	case "subject":
		return r.Subject, true
	case "name":
		return r.Name, true
	case "url":
		return r.URL, true
	}
	v, ok := r.Variables[name]
	return v, ok
}

func (s Scope) values() urltemplate.Values {
	return urltemplate.Values{Lookup: s.Variable, Numbers: s.Numbers, Hosts: s.Hosts}
}
