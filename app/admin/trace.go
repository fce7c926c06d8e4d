package admin

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/crmpop/crmpop/app/screenpop"
)

// trace is everything that happened to a request, and why.
type trace struct {
	Requests []screenpop.Request `json:"requests"`
	Events   []tracedEvent       `json:"events"`
	Pops     []screenpop.Pop     `json:"pops"`

	raw string // as it came, for whoever copies it
}

// UnmarshalJSON keeps the text beside what is read from it.
func (t *trace) UnmarshalJSON(b []byte) error {
	type plain trace
	if err := json.Unmarshal(b, (*plain)(t)); err != nil {
		return err
	}
	t.raw = string(b)
	return nil
}

// tracedEvent is an event with what was decided on it.
type tracedEvent struct {
	Source     string          `json:"source"`
	Event      screenpop.Event `json:"event"`
	ReceivedAt time.Time       `json:"received_at"`
	AgentIDs   []string        `json:"agent_ids"`
	Unmapped   string          `json:"unmapped"`
	Decisions  []decision      `json:"decisions"`
	Seen       []seen          `json:"seen"`
}

// decision says whether a popup matched, and why.
type decision struct {
	AgentID string `json:"agent_id"`
	PopupID string `json:"popup_id"`
	Title   string `json:"title"`
	Matched bool   `json:"matched"`
	Why     string `json:"why"`
	PopID   string `json:"pop_id"`
}

// seen is what held for an agent at the instant of an event.
type seen struct {
	AgentID   string `json:"agent_id"`
	Connected []struct {
		Tab   string `json:"tab"`
		Build string `json:"build"`
		Leads bool   `json:"leads"`
	} `json:"connected"`
	Revisions []struct {
		Level    string `json:"level"`
		ID       string `json:"id"`
		Revision int64  `json:"revision"`
	} `json:"revisions"`
}

// popsOf returns the pops that an event made.
func (t trace) popsOf(e tracedEvent) []screenpop.Pop {
	var all []screenpop.Pop
	for _, d := range e.Decisions {
		for _, p := range t.Pops {
			if d.PopID != "" && p.ID == d.PopID {
				all = append(all, p)
			}
		}
	}
	return all
}

// newest returns the copy of the request that stands for it; where nobody has one
// yet, what its events say.
func (t trace) newest() screenpop.Request {
	var r screenpop.Request
	for _, q := range t.Requests {
		if r.ID == "" || (r.TakenBy != "" && q.TakenBy == "") || (q.TakenBy == r.TakenBy && q.UpdatedAt.After(r.UpdatedAt)) {
			r = q
		}
	}
	if r.ID == "" {
		for _, e := range t.Events {
			r = r.Apply(e.Event, e.ReceivedAt)
		}
	}
	return r
}

// connectedWords says which workspaces an agent had open.
func (s seen) connectedWords() string {
	switch n := len(s.Connected); {
	case n == 0:
		return "no workspace was open"
	case n == 1:
		return "1 workspace was open" + leading(s)
	default:
		return fmt.Sprintf("%d workspaces were open", n) + leading(s)
	}
}

func leading(s seen) string {
	for _, c := range s.Connected {
		if c.Leads {
			return ""
		}
	}
	return ", none of which opens pops"
}

// revisionWords says which documents the configuration was made of.
func (s seen) revisionWords() string {
	var all []string
	for _, r := range s.Revisions {
		if r.Revision > 0 {
			all = append(all, fmt.Sprintf("%s revision %d", strings.ToLower(orElse(levelWords[r.Level], r.Level)), r.Revision))
		}
	}
	return orElse(strings.Join(all, ", "), "no document at any level")
}

// eventFacts are what an event says of its request, in the order people read it.
func eventFacts(e screenpop.Event) [][2]string {
	r := e.Request
	all := [][2]string{
		{"channel", string(r.Channel)}, {"direction", string(r.Direction)}, {"agent", r.Agent}, {"anum", r.ANI}, {"dnis", r.DNIS},
		{"name", r.Name}, {"queue_key", r.QueueKey}, {"customer_key", r.CustomerKey}, {"subject", r.Subject}, {"url", r.URL},
	}
	var facts [][2]string
	for _, f := range all {
		if f[1] != "" {
			facts = append(facts, f)
		}
	}
	for _, name := range sortedKeys(r.Variables) {
		facts = append(facts, [2]string{name, r.Variables[name]})
	}
	return facts
}

// text writes the trace as people paste it into a ticket.
func (t trace) text(names people) string {
	var s strings.Builder
	r := t.newest()
	fmt.Fprintf(&s, "Request %s: %s %s, %s\n", r.ID, r.Channel, r.Caller(), r.State)
	for _, e := range t.Events {
		fmt.Fprintf(&s, "\n%s  %s from %s (event %s)\n", e.ReceivedAt.UTC().Format(time.RFC3339Nano), e.Event.Type, e.Source, e.Event.ID)
		for _, f := range eventFacts(e.Event) {
			fmt.Fprintf(&s, "    %s: %s\n", f[0], f[1])
		}
		if e.Unmapped != "" {
			fmt.Fprintf(&s, "  nobody has the alias %q\n", e.Unmapped)
		}
		for _, id := range e.AgentIDs {
			fmt.Fprintf(&s, "  agent: %s\n", names.userName(id))
		}
		for _, w := range e.Seen {
			fmt.Fprintf(&s, "  %s: %s; %s\n", names.userName(w.AgentID), w.connectedWords(), w.revisionWords())
		}
		for _, d := range e.Decisions {
			mark := "no match"
			if d.Matched {
				mark = "match"
			}
			fmt.Fprintf(&s, "  popup %s: %s: %s\n", d.PopupID, mark, d.Why)
		}
		for _, p := range t.popsOf(e) {
			t.writePop(&s, p)
		}
	}
	return s.String()
}

func (t trace) writePop(s *strings.Builder, p screenpop.Pop) {
	fmt.Fprintf(s, "  pop %s (%s): %s\n", orElse(p.Title, p.PopupID), p.ID, joined(" ", string(p.State), p.Detail))
	if what := popHolds(p); what != "" {
		fmt.Fprintf(s, "    %s\n", what)
	}
	for _, c := range p.Receipts {
		fmt.Fprintf(s, "    %s  +%s  %s\n", c.At.UTC().Format(time.RFC3339Nano), millis(c.At.Sub(p.CreatedAt)), joined(": ", string(c.State), c.Detail))
	}
}

// popHolds returns what a pop opens, copies, or tells a program.
func popHolds(p screenpop.Pop) string {
	if p.Command == "" {
		return orElse(p.URL, p.Text)
	}
	parts := []string{p.Command}
	for _, v := range p.Vars {
		parts = append(parts, v.Name+"="+v.Value)
	}
	return strings.Join(parts, " ")
}
