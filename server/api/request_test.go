package api_test

import (
	"net/url"
	"testing"
)

func TestRequestComesWithItsPops(t *testing.T) {
	d := open(t)
	d.ring(acme, "c-1", "ext-agent")
	got := d.do("GET", "/api/v1/requests/c-1", "", cookie(d.session(acme, "admin"))).json(t)
	pops, _ := got["pops"].([]any)
	if got["id"] != "c-1" || got["state"] != "ringing" || got["agent_id"] != "agent" || got["anum"] != "+4722334455" || len(pops) != 1 || got["copies"] != nil {
		t.Fatalf("request = %v", got)
	}
	id, _ := pops[0].(map[string]any)["id"].(string)
	pop := d.do("GET", "/api/v1/pops/"+id, "", cookie(d.session(acme, "agent"))).json(t)
	if pop["id"] != id || pop["request_id"] != "c-1" || pop["title"] != "CRM" || pop["agent_id"] != "agent" {
		t.Errorf("pop = %v", pop)
	}
	trace := d.do("GET", "/api/v1/requests/c-1/trace", "", cookie(d.session(acme, "agent"))).json(t)
	events, _ := trace["events"].([]any)
	if len(events) != 1 || len(events[0].(map[string]any)["decisions"].([]any)) == 0 {
		t.Errorf("trace = %v, want one event with its decisions", trace)
	}
}

// Two agents are rung at: each sees the own copy and pops, an admin all.
func TestAgentSeesTheOwnCopyOnly(t *testing.T) {
	d := open(t)
	d.ring(acme, "c-1", "ext-agent")
	d.ring(acme, "c-1", "ext-other")
	for _, agent := range []string{"agent", "other"} {
		got := d.do("GET", "/api/v1/requests/c-1", "", cookie(d.session(acme, agent))).json(t)
		pops, _ := got["pops"].([]any)
		if got["agent_id"] != agent || got["copies"] != nil || len(pops) != 1 || pops[0].(map[string]any)["agent_id"] != agent {
			t.Errorf("request as %s = %v, want the own copy and pop", agent, got)
		}
		trace := d.do("GET", "/api/v1/requests/c-1/trace", "", cookie(d.session(acme, agent))).json(t)
		if requests, events := trace["requests"].([]any), trace["events"].([]any); len(requests) != 1 || len(events) != 1 {
			t.Errorf("trace as %s = %v, want one copy and one event", agent, trace)
		}
	}
	all := d.do("GET", "/api/v1/requests/c-1", "", cookie(d.session(acme, "admin"))).json(t)
	if copies, pops := all["copies"].([]any), all["pops"].([]any); len(copies) != 2 || len(pops) != 2 {
		t.Errorf("request as admin = %v, want both copies and pops", all)
	}
}

func TestRequestIDsMayHoldAnything(t *testing.T) {
	d := open(t)
	id := "a/b?c d%æ"
	d.ring(acme, id, "ext-agent")
	got := d.do("GET", "/api/v1/requests/"+url.PathEscape(id), "", cookie(d.session(acme, "admin"))).json(t)
	if got["id"] != id {
		t.Errorf("request = %v, want %q", got, id)
	}
}
