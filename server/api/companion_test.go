package api_test

import (
	"crypto/ed25519"
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/wire"
)

func TestCompanionIsPairedByWhoeverConfirmsItsCode(t *testing.T) {
	d := open(t)
	c, asks := d.askToPair()
	if !regexp.MustCompile(`^[BCDFGHJKLMNPQRSTVWXZ]{8}$`).MatchString(asks.code) || !regexp.MustCompile(`^\d\d$`).MatchString(asks.number) || len(asks.id) < 26 {
		t.Errorf("asked: %+v", asks)
	}
	if got := d.pairing(asks)["state"]; got != "waiting" {
		t.Errorf("before anybody looked it is %v", got)
	}
	agent := d.session(acme, "agent")
	a := d.code("code", strings.ToLower(asks.code[:4]+"-"+asks.code[4:]), agent)
	d.must(statusIs(a, 200))
	if m := a.json(t); m["host"] != "PC-7" || m["os"] != "windows" || m["os_user"] != `ACME\anna` || m["address"] != "127.0.0.1" || m["near"] != true || m["number"] != asks.number {
		t.Errorf("what asks: %s, want it as it said, with the number %s", a.body, asks.number)
	}
	d.must(statusIs(d.code("confirm", asks.code, agent), 201))
	m := d.pairing(asks)
	if m["state"] != "confirmed" || m["agent"] != "agent@acme.example" || m["agent_name"] != "agent" || m["tenant"] != "ACME" {
		t.Errorf("the companion is told %v", m)
	}
	if !d.audited(t, acme, "agent@acme.example", "companion.pair") {
		t.Error("the pairing is not in the audit")
	}
	c.id, _ = m["companion_id"].(string)
	if w := c.connect(); w.Agent != "agent@acme.example" || w.AgentName != "agent" || w.HeartbeatS != 30 {
		t.Errorf("welcome = %+v", w)
	}
	if a := d.code("code", asks.code, agent); a.StatusCode != 404 || a.kind(t) != "unknown-code" {
		t.Errorf("a used code: %d %s", a.StatusCode, a.body)
	}
}

func TestCodeIsConfirmedOnlyByWhoeverLookedAtIt(t *testing.T) {
	d := open(t)
	_, asks := d.askToPair()
	if a := d.code("confirm", asks.code, d.session(acme, "agent")); a.StatusCode != 404 {
		t.Errorf("confirmed unseen: %d %s", a.StatusCode, a.body)
	}
	d.must(statusIs(d.code("code", asks.code, d.session(acme, "agent")), 200))
	for _, who := range [][2]string{{acme, "other"}, {evil, "agent"}} {
		if a := d.code("confirm", asks.code, d.session(who[0], who[1])); a.StatusCode != 404 {
			t.Errorf("confirmed by %v: %d %s", who, a.StatusCode, a.body)
		}
	}
	d.must(statusIs(d.code("refuse", asks.code, d.session(acme, "agent")), 204))
	if got := d.pairing(asks)["state"]; got != "refused" {
		t.Errorf("after a no it is %v", got)
	}
	if got := d.listed(acme, "owner", "?all=1"); len(got) != 0 {
		t.Errorf("companions %v, want none", got)
	}
}

func TestCodeEndsAfterTenMinutes(t *testing.T) {
	d := open(t)
	_, asks := d.askToPair()
	d.clock.advance(10 * time.Minute)
	if a := d.code("code", asks.code, d.session(acme, "agent")); a.StatusCode != 404 {
		t.Errorf("an old code: %d %s", a.StatusCode, a.body)
	}
	if got := d.pairing(asks)["state"]; got != "expired" {
		t.Errorf("after ten minutes it is %v", got)
	}
	if got := d.pairing(asking{id: "made-up"})["state"]; got != "expired" {
		t.Errorf("one that never was is %v", got)
	}
}

func TestCodesCannotBeGuessed(t *testing.T) {
	d := open(t)
	agent := d.session(acme, "agent")
	for i := range 5 {
		if a := d.code("code", "BBBBBBBB", agent); a.StatusCode != 404 {
			t.Fatalf("guess %d: %d %s", i, a.StatusCode, a.body)
		}
	}
	_, asks := d.askToPair()
	a := d.code("code", asks.code, agent)
	if a.StatusCode != 429 || a.kind(t) != "too-many-codes" || a.Header.Get("Retry-After") == "" {
		t.Errorf("after 5 guesses: %d %s", a.StatusCode, a.body)
	}
	for range 5 { // others may look, but not for ever
		d.must(statusIs(d.code("code", asks.code, d.session(acme, "other")), 200))
	}
	if a := d.code("code", asks.code, d.session(acme, "owner")); a.StatusCode != 404 {
		t.Errorf("looked at for the sixth time: %d %s", a.StatusCode, a.body)
	}
	if got := d.pairing(asks)["state"]; got != "expired" {
		t.Errorf("a code that was looked at too often is %v", got)
	}
}

func TestAskingForCodesIsLimited(t *testing.T) {
	d := open(t)
	for range 5 {
		d.askToPair()
	}
	key := strings.Repeat("A", 43)
	if a := d.do("POST", "/api/v1/companion/pair", `{"public_key":"`+key+`","host":"PC-7","os":"linux","os_user":"x","version":"1"}`); a.StatusCode != 429 || a.kind(t) != "too-many-codes" {
		t.Errorf("a sixth code for one PC: %d %s", a.StatusCode, a.body)
	}
	for name, body := range map[string]string{
		"/public_key": `{"public_key":"AAAA","host":"a","os":"linux","os_user":"x","version":"1"}`,
		"/host":       `{"public_key":"` + key + `","host":"\u202e\n","os":"linux","os_user":"x","version":"1"}`,
		"/os_user":    `{"public_key":"` + key + `","host":"b","os":"linux","os_user":"` + strings.Repeat("x", 101) + `","version":"1"}`,
	} {
		if a := d.do("POST", "/api/v1/companion/pair", body); a.StatusCode != 400 || a.kind(t) != "bad-companion" || a.json(t)["pointer"] != name {
			t.Errorf("%s: %d %s", name, a.StatusCode, a.body)
		}
	}
	if a := d.do("POST", "/api/v1/companion/pair", `{"host":"`+strings.Repeat("x", 5<<10)+`"}`); a.StatusCode != 413 {
		t.Errorf("5 KiB: %d %s", a.StatusCode, a.body)
	}
}

func TestOnlyTheOwnKeyOpensACompanionsSocket(t *testing.T) {
	d := open(t)
	c := d.paired(acme, "agent")
	_, other, err := ed25519.GenerateKey(nil)
	d.must(err)
	replayed := c.open()
	for name, prove := range map[string]func(ch wire.CompanionFrame) wire.CompanionFrame{
		"another key": func(ch wire.CompanionFrame) wire.CompanionFrame { return c.prove(other, c.id, ch.Nonce, ch.Server) },
		"another id":  func(ch wire.CompanionFrame) wire.CompanionFrame { return c.prove(c.key, "nobody", ch.Nonce, ch.Server) },
		"an old challenge": func(wire.CompanionFrame) wire.CompanionFrame {
			return c.prove(c.key, c.id, replayed.Nonce, replayed.Server)
		},
		"for another server": func(ch wire.CompanionFrame) wire.CompanionFrame {
			return c.prove(c.key, c.id, ch.Nonce, "https://pop.example.com")
		},
		"no proof but a word": func(wire.CompanionFrame) wire.CompanionFrame {
			c.say(wire.CompanionFrame{Type: wire.CompanionPause})
			return c.next()
		},
	} {
		if got := prove(c.open()); got.Type != wire.Bye || got.Code != wire.ByeSignOut {
			t.Errorf("%s: %+v, want a bye with %d", name, got, wire.ByeSignOut)
		}
	}
	if _, resp, err := d.dial("/api/v1/companion/connect", http.Header{"Origin": {d.url}}); resp == nil || resp.StatusCode != 403 {
		t.Errorf("a browser's page: %v, %v, want 403", resp, err)
	}
	if a := d.do("GET", "/api/v1/companion/connect", ""); a.StatusCode != 400 || a.kind(t) != "not-a-websocket" {
		t.Errorf("no websocket: %d %s", a.StatusCode, a.body)
	}
	c.connect()
}

func TestCommandReachesTheCompanionAndItsEndTheAgent(t *testing.T) {
	d := open(t)
	d.commands(acme)
	c := d.paired(acme, "agent")
	w := d.workspace(acme, "agent")
	c.connect()
	d.ring(acme, "c-1", "ext-agent")
	run, text := c.next(), c.next()
	if run.Type != wire.CompanionRun {
		run, text = text, run
	}
	want := wire.CompanionFrame{Type: wire.CompanionRun, PopID: d.popped(acme, "c-1", "dde").ID, RequestID: "c-1", Name: "ddesend",
		Vars: []wire.CompanionVar{{Name: "anum", Value: "+4722334455"}, {Name: "queue_key"}}}
	if ttl := run.TTLms; ttl <= 0 || ttl > 15000 {
		t.Errorf("the command may wait %d ms, want at most 15000", ttl)
	}
	run.TTLms = 0
	if diff := cmp.Diff(want, run); diff != "" {
		t.Errorf("run frame (-want +got):\n%s", diff)
	}
	if text.Type != wire.CompanionCopy || text.Text != "+4722334455" || text.RequestID != "c-1" {
		t.Errorf("copy frame %+v", text)
	}
	c.answers(wire.CompanionFrame{PopID: run.PopID, State: wire.ResultExited, MS: 210})
	c.answers(wire.CompanionFrame{PopID: text.PopID, State: wire.ResultCopied})
	c.answers(wire.CompanionFrame{PopID: run.PopID, State: wire.ResultExited, MS: 210}) // said again, as after a lost answer
	for popup, end := range map[string][2]string{"dde": {"ran", "exited 0 on PC-7 in 0.2 s"}, "copy": {"copied", "by the companion on PC-7"}} {
		if p := d.popped(acme, "c-1", popup); string(p.State) != end[0] || p.Detail != end[1] || p.ClaimedBy != "companion:"+c.id {
			t.Errorf("%s is %s %q, of %q, want %v", popup, p.State, p.Detail, p.ClaimedBy, end)
		}
	}
	for seen := ""; seen != "ran"; { // the workspace is told, and never what the values are
		f := d.frame(w, wire.Pop)
		if f.Pop.Kind == screenpop.KindCommand {
			seen = string(f.Pop.State)
		}
		if f.Pop.Vars != nil {
			t.Errorf("the workspace got %+v", f.Pop.Vars)
		}
	}
}

func TestWhatACompanionSaysOfACommandIsSaidToTheAgent(t *testing.T) {
	d := open(t)
	d.commands(acme)
	c := d.paired(acme, "agent")
	d.workspace(acme, "agent")
	c.connect()
	for i, tt := range []struct {
		says  wire.CompanionFrame
		state screenpop.PopState
		words string
	}{
		{wire.CompanionFrame{State: wire.ResultStarted}, screenpop.PopRan, "started on PC-7"},
		{wire.CompanionFrame{State: wire.ResultExited, ExitCode: 3, MS: 1400}, screenpop.PopFailed, "exited 3 on PC-7 in 1.4 s"},
		{wire.CompanionFrame{State: wire.ResultRefused, Detail: "mapping not safe\x1b[31m\u202e"}, screenpop.PopFailed, "refused on PC-7: mapping not safe [31m"},
		{wire.CompanionFrame{State: wire.ResultBusy}, screenpop.PopFailed, "PC-7 is busy"},
		{wire.CompanionFrame{State: wire.ResultTimeout, MS: 15000}, screenpop.PopFailed, "stopped on PC-7 after 15.0 s"},
		{wire.CompanionFrame{State: wire.ResultFailed, Detail: "no such file"}, screenpop.PopFailed, "could not be started on PC-7: no such file"},
		{wire.CompanionFrame{State: wire.ResultUnknown}, screenpop.PopFailed, "the companion on PC-7 ended while starting it; it is not started again"},
		{wire.CompanionFrame{State: "flown"}, screenpop.PopFailed, "the companion on PC-7 says flown"},
	} {
		request := "c-" + string(rune('1'+i))
		d.ring(acme, request, "ext-agent")
		for _, f := range []wire.CompanionFrame{c.next(), c.next()} {
			tt.says.PopID = f.PopID
			c.answers(tt.says)
		}
		if p := d.popped(acme, request, "dde"); p.State != tt.state || p.Detail != tt.words {
			t.Errorf("%s: %s %q, want %s %q", tt.says.State, p.State, p.Detail, tt.state, tt.words)
		}
		if p := d.popped(acme, request, "copy"); p.State != screenpop.PopWaiting || !strings.HasPrefix(p.Detail, "the companion on PC-7 did not copy it") {
			t.Errorf("%s: the text is %s %q, want it to wait for the agent", tt.says.State, p.State, p.Detail)
		}
	}
}

func TestCommandRunsOnlyBesideTheAgentsOwnWorkspace(t *testing.T) {
	d := open(t)
	d.commands(acme)
	d.commands(evil)
	c := d.paired(acme, "agent")
	c.connect()
	d.workspace(acme, "other")
	d.workspace(evil, "agent")
	d.ring(acme, "c-away", "ext-agent")  // no workspace
	d.ring(acme, "c-other", "ext-other") // another agent's request
	d.ring(evil, "c-evil", "ext-agent")  // another tenant's
	if p := d.popped(acme, "c-away", "dde"); p.State != screenpop.PopPending || p.Detail != "agent has no workspace open, and a command runs only beside one" {
		t.Errorf("without a workspace: %s %q", p.State, p.Detail)
	}
	for _, one := range []struct{ tenant, request, name string }{{acme, "c-other", "other"}, {evil, "c-evil", "agent"}} {
		if p := d.popped(one.tenant, one.request, "dde"); p.State != screenpop.PopFailed || p.Detail != "no companion is paired for "+one.name+": pair one under This computer" {
			t.Errorf("%s: %s %q", one.request, p.State, p.Detail)
		}
	}
	key, _, err := d.dial("/api/v1/connect?agent=ext-agent", http.Header{"Authorization": {"Bearer " + d.key(acme, "connect")}})
	d.must(err)
	d.frame(key, wire.Hello)
	d.send(key, wire.Frame{Type: wire.Resume, Tab: "program", Lead: true})
	d.frame(key, wire.Snapshot)
	d.ring(acme, "c-program", "ext-agent") // a program is nobody at work
	d.workspace(acme, "agent")             // within their 15 s: now they are done
	var got []string
	for len(got) < 2 {
		if f := c.next(); f.Type == wire.CompanionRun {
			got = append(got, f.RequestID)
		}
	}
	slices.Sort(got)
	if !slices.Equal(got, []string{"c-away", "c-program"}) {
		t.Errorf("the companion was told of %v", got)
	}
	// It cannot speak for pops that are not its own.
	for _, p := range []screenpop.Pop{d.popped(acme, "c-other", "copy"), d.popped(evil, "c-evil", "copy")} {
		c.answers(wire.CompanionFrame{PopID: p.ID, State: wire.ResultCopied})
	}
	if p := d.popped(acme, "c-other", "copy"); p.State == screenpop.PopCopied {
		t.Errorf("another agent's text is %s by a foreign companion", p.State)
	}
}

func TestCommandWaitsForTheCompanionUntilItsTimeIsOver(t *testing.T) {
	d := open(t)
	d.commands(acme)
	c := d.paired(acme, "agent")
	d.workspace(acme, "agent")
	d.ring(acme, "c-1", "ext-agent")
	c.connect()
	if f := c.next(); f.Type != wire.CompanionRun || f.RequestID != "c-1" || f.TTLms > 15000 {
		t.Errorf("after connecting came %+v, want the command that waits", f)
	}
	c.ws.CloseNow()
	c.connect() // as after a lost connection: it is told again, and its journal knows
	if f := c.next(); f.Type != wire.CompanionRun || f.RequestID != "c-1" {
		t.Errorf("after connecting anew came %+v, want the command that has no end yet", f)
	}
	c.ws.CloseNow()
	d.clock.advance(15 * time.Second)
	_, err := d.dir.Expire(t.Context(), d.clock.now())
	d.must(err)
	c.connect()
	d.ring(acme, "c-2", "ext-agent")
	for f := c.next(); f.RequestID != "c-2"; f = c.next() {
		t.Errorf("after its time came %+v", f)
	}
}

func TestPausedCompanionIsLeftAlone(t *testing.T) {
	d := open(t)
	d.commands(acme)
	c := d.paired(acme, "agent")
	d.workspace(acme, "agent")
	c.connect()
	c.say(wire.CompanionFrame{Type: wire.CompanionPause, On: true})
	for a := (answer{}); !strings.Contains(string(a.body), `"paused":true`); {
		a = d.do("GET", "/api/v1/companions", "", cookie(d.session(acme, "agent")))
	}
	d.ring(acme, "c-1", "ext-agent")
	if p := d.popped(acme, "c-1", "dde"); p.State != screenpop.PopFailed || p.Detail != "the companion of agent is paused; it goes on from its own menu" {
		t.Errorf("paused: %s %q", p.State, p.Detail)
	}
	if p := d.popped(acme, "c-1", "copy"); p.ClaimedBy != "tab-agent" {
		t.Errorf("the text is granted to %q, want the workspace", p.ClaimedBy)
	}
	c.say(wire.CompanionFrame{Type: wire.CompanionPause})
	for a := (answer{}); !strings.Contains(string(a.body), `"paused":false`); {
		a = d.do("GET", "/api/v1/companions", "", cookie(d.session(acme, "agent")))
	}
	d.ring(acme, "c-2", "ext-agent")
	if f := c.next(); f.RequestID != "c-2" {
		t.Errorf("came %+v, want only what popped after the pause", f)
	}
}

// A text is the browser's again when the companion does not copy it.
func TestTextWaitsForTheAgentWhenTheCompanionGoes(t *testing.T) {
	d := open(t)
	d.commands(acme)
	c := d.paired(acme, "agent")
	d.workspace(acme, "agent")
	c.connect()
	d.ring(acme, "c-1", "ext-agent")
	for f := c.next(); f.Type != wire.CompanionCopy; f = c.next() {
	}
	c.ws.CloseNow()
	if p := d.ends(acme, "c-1", "copy", screenpop.PopWaiting); p.Detail != "the companion on PC-7 went away" {
		t.Errorf("the text waits: %q", p.Detail)
	}
}

func TestUnpairedCompanionIsSentAwayAtOnce(t *testing.T) {
	d := open(t)
	d.commands(acme)
	c, spare := d.paired(acme, "agent"), d.paired(acme, "agent")
	theirs := d.paired(evil, "agent")
	d.workspace(acme, "agent")
	spare.connect()
	c.connect()
	for who, want := range map[[2]string]int{{acme, "other"}: 404, {acme, "supervisor"}: 404, {evil, "owner"}: 404} {
		if a := d.do("DELETE", "/api/v1/companions/"+c.id, "", cookie(d.session(who[0], who[1]))); a.StatusCode != want {
			t.Errorf("%v revokes: %d %s", who, a.StatusCode, a.body)
		}
	}
	if got := d.listed(acme, "agent", ""); len(got) != 2 || slices.Contains(got, theirs.id) {
		t.Errorf("the agent sees %v", got)
	}
	if got := d.listed(acme, "other", ""); len(got) != 0 {
		t.Errorf("another agent sees %v", got)
	}
	if a := d.do("GET", "/api/v1/companions?all=1", "", cookie(d.session(acme, "supervisor"))); a.StatusCode != 403 {
		t.Errorf("a supervisor asks for all: %d %s", a.StatusCode, a.body)
	}
	var all []map[string]any
	d.must(json.Unmarshal(d.do("GET", "/api/v1/companions?all=1", "", cookie(d.session(acme, "admin"))).body, &all))
	if len(all) != 2 || all[0]["connected"] != true || all[0]["agent_email"] != "agent@acme.example" || all[0]["version"] != "0.6" {
		t.Errorf("an admin sees %v", all)
	}
	d.must(statusIs(d.do("DELETE", "/api/v1/companions/"+c.id, "", cookie(d.session(acme, "admin"))), 204))
	if f := c.next(); f.Type != wire.Bye || f.Code != wire.ByeSignOut {
		t.Errorf("the revoked companion got %+v, want a bye", f)
	}
	if !d.audited(t, acme, "admin@acme.example", "companion.revoke") {
		t.Error("the revoking is not in the audit")
	}
	d.ring(acme, "c-1", "ext-agent")
	if f := spare.next(); f.RequestID != "c-1" {
		t.Errorf("the other companion got %+v", f)
	}
	ch := c.open()
	if f := c.prove(c.key, c.id, ch.Nonce, ch.Server); f.Type != wire.Bye || f.Code != wire.ByeSignOut {
		t.Errorf("the revoked companion connects: %+v", f)
	}
}
