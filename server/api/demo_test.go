package api_test

import (
	"context"
	"errors"
	"testing"

	"github.com/crmpop/crmpop/server/api"
)

func TestDemoPhoneRingsAtWhoeverAsks(t *testing.T) {
	var rung string
	var fault error
	d := open(t, func(o *api.Options) {
		o.Demo = &api.Demo{Ring: func(_ context.Context, agent string) error { rung = agent; return fault }}
	})
	id := cookie(d.session(acme, "agent"))
	if a := d.do("POST", "/demo/ring", "{}", id); a.StatusCode != 204 || rung != "agent@acme.example" {
		t.Errorf("ring: %d %s at %q, want 204 at the agent", a.StatusCode, a.body, rung)
	}
	fault = errors.New("no line")
	if a := d.do("POST", "/demo/ring", "{}", id); a.StatusCode != 503 || a.kind(t) != "demo-phone" {
		t.Errorf("ring without a line: %d %s, want 503", a.StatusCode, a.body)
	}
}
