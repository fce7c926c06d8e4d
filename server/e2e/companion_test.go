package e2e_test

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/wire"
)

// commands publishes a command, and a text for the clipboard.
func commands(s *server) {
	s.t.Helper()
	status, b := s.publish(`<screenpopup>
  <command id="dde" on="ringing" name="ddesend">anum={anum|digits}&amp;queue_key={queue_key}&amp;name={name}</command>
  <clipboard id="number" on="ringing">{anum|e164}</clipboard>
</screenpopup>`)
	if status != 200 {
		s.t.Fatalf("publish = %d %s", status, b)
	}
}

// pair pairs a companion as its agent does: from the user menu, with the code
// that the companion shows, after the numbers were compared.
func (w *workspace) pair(c *pc) *tab {
	w.t.Helper()
	page := w.openComputer()
	page.lookUp(c.code[:4] + "-" + c.code[4:])
	page.says("Does the program show " + c.seen + "?")
	page.says("PC-7")
	page.says(`DEMO\anna`)
	page.clickExact("button", "Yes, pair")
	page.says("Paired with PC-7.")
	c.untilPaired(anna)
	return page
}

// openComputer opens the page on which PCs are paired.
func (w *workspace) openComputer() *tab {
	w.t.Helper()
	w.click("button", "Anna")
	w.clickExact("link", "This computer")
	page := w.person.opened("/admin/computer")
	page.findExact("heading", "This computer")
	return page
}

// lookUp has the page look up a code, typed as people type.
func (b *tab) lookUp(code string) {
	b.t.Helper()
	b.write("textbox", "Code", strings.ToLower(code))
	b.clickExact("button", "Look it up")
}

// untilCompanion waits until the page says how a companion stands.
func (b *tab) untilCompanion(state string) {
	b.t.Helper()
	b.untilJS("a companion that is "+state, `[...document.querySelectorAll(".outcome")].some(e => e.textContent === "`+state+`")`)
}

// TestCommandRunsOnThePairedPC goes the whole way: a PC is paired in the browser,
// a ringing call reaches its companion with the exact values, what the companion
// says stands in the timeline and in the trace, and unpairing ends it.
func TestCommandRunsOnThePairedPC(t *testing.T) {
	t.Parallel()
	s := serve(t)
	commands(s)
	w := signIn(t, s, anna)
	c := newPC(t, s)
	page := w.pair(c)
	page.says("not connected")
	c.connect()
	page.untilCompanion("connected")

	s.ring("runs", kari, anna, "sales")
	run := c.next(wire.CompanionRun)
	want := []wire.CompanionVar{{Name: "anum", Value: "4722334455"}, {Name: "queue_key", Value: "sales"}, {Name: "name", Value: kari.name}}
	if diff := cmp.Diff(want, run.Vars); diff != "" || run.Name != "ddesend" || run.RequestID != "runs" {
		t.Errorf("%s for %s with (-want +got):\n%s", run.Name, run.RequestID, diff)
	}
	c.ends(wire.CompanionFrame{PopID: run.PopID, State: wire.ResultExited, MS: 210})
	text := s.trace("runs").Pops[1]
	c.ends(wire.CompanionFrame{PopID: text.ID, State: wire.ResultCopied})
	w.says("Copied “" + kari.number + "”.")
	w.show(kari.name)
	w.says("Command ddesend ran, exited 0 on PC-7 in 0.2 s")
	w.says("Clipboard copied by the companion on PC-7")

	s.ring("refused", harriet, anna, "sales")
	run = c.next(wire.CompanionRun)
	c.ends(wire.CompanionFrame{PopID: run.PopID, State: wire.ResultRefused, Detail: "the mapping can be written by others"})
	w.show(harriet.name)
	w.says("Command ddesend failed: refused on PC-7: the mapping can be written by others")

	o := newOffice(t, s, admin, "demo")
	o.goTo(s.url + "/admin/requests/refused")
	o.says("refused on PC-7: the mapping can be written by others")
	o.follow("Companions", "Companions")
	o.page().says("PC-7")
	o.says(`DEMO\anna`)
	o.clickExact("button", "Revoke")
	o.within(`document.querySelector('[role=dialog]')`).clickExact("button", "Revoke")
	o.says("PC-7 is unpaired.")
	if bye := c.next(wire.Bye); bye.Code != wire.ByeSignOut {
		t.Errorf("the revoked companion is told %+v", bye)
	}
	s.ring("late", maya, anna, "sales")
	w.show(maya.name)
	w.says("no companion is paired for Anna: pair one under This computer")
}

// TestCommandSurvivesTheServer kills the server between the event's 202 and the
// companion's hearing of it. The command is sent once both are back, in its time.
func TestCommandSurvivesTheServer(t *testing.T) {
	t.Parallel()
	s := serve(t)
	commands(s)
	w := signIn(t, s, anna)
	w.allow("WebSocket", "ERR_CONNECTION", "ERR_EMPTY_RESPONSE", "Failed to load resource")
	c := newPC(t, s)
	w.pair(c).goTo("about:blank")
	s.ring("killed", kari, anna, "sales") // no companion is connected
	s.kill()
	s.start()
	c.connect()
	w.untilConnected()
	run := c.next(wire.CompanionRun)
	if run.RequestID != "killed" || run.TTLms <= 0 || run.TTLms > 15000 {
		t.Errorf("the companion was sent %+v", run)
	}
	c.ends(wire.CompanionFrame{PopID: run.PopID, State: wire.ResultStarted})
	s.untilState("killed", "dde", screenpop.PopRan)
	s.kill() // after the companion had its answer
	s.start()
	if got := s.state("killed", "dde"); got != screenpop.PopRan {
		t.Errorf("after a second kill the command is %s", got)
	}
}

// TestComputerScreens draws the pages, if pictures are asked for.
func TestComputerScreens(t *testing.T) {
	t.Parallel()
	dir := *screens
	if dir == "" {
		dir = t.TempDir()
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	s := serve(t)
	commands(s)
	w := signIn(t, s, anna)
	c, next := newPC(t, s), newPC(t, s)
	page := w.pair(c)
	c.connect()
	page.emulate("prefers-color-scheme", "light")
	page.untilCompanion("connected")
	page.write("textbox", "Code", next.code)
	page.clickExact("button", "Look it up")
	page.says("Does the program show " + next.seen + "?")
	page.keep(dir, "computer")
	page.emulate("prefers-color-scheme", "dark")
	page.resize(1024, 700)
	page.keep(dir, "computer-dark")
	s.ring("looks", kari, anna, "sales")
	run := c.next(wire.CompanionRun)
	c.ends(wire.CompanionFrame{PopID: run.PopID, State: wire.ResultRefused, Detail: "the mapping can be written by others"})
	o := newOffice(t, s, admin, "demo")
	o.emulate("prefers-color-scheme", "light")
	o.open("/admin/companions", "Companions")
	o.says("PC-7")
	o.keep(dir, "portal-companions")
}
