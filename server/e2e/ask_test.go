package e2e_test

import (
	"fmt"
	"strconv"
	"testing"
)

// console opens the test console as the demo's admin, with a test for Anna.
func console(t *testing.T, s *server) *tab {
	t.Helper()
	w := signIn(t, s, "admin@demo")
	w.goTo(s.url + "/admin/test")
	w.find("button", "Pop it in my workspace")
	w.untilJS("the agents to choose from", `[...document.querySelectorAll("#test-agent option")].some(o => o.text.startsWith("Anna"))`)
	eval[bool](w.tab, `(s => { s.value = [...s.options].find(o => o.text.startsWith("Anna")).value; return s.dispatchEvent(new Event("change", {bubbles: true})); })(document.getElementById("test-agent"))`)
	w.find("button", "Ask Anna")
	return w.tab
}

// askSays waits until the console says so of the ask.
func (b *tab) askSays(part string) {
	b.t.Helper()
	b.untilJS("the ask to say "+part, `document.querySelector('[role=status][aria-label=Ask]').textContent.includes(`+strconv.Quote(part)+`)`)
}

// TestAdminAsksAnAgentToLetATestPop: nothing pops before Accept, the test that
// pops is marked as one, and both sides see what became of it.
func TestAdminAsksAnAgentToLetATestPop(t *testing.T) {
	s := serve(t)
	admin := console(t, s)
	admin.allow("409 (Conflict)") // the browser's own words about an answer
	admin.click("button", "Ask Anna")
	admin.says("has no workspace open")

	agent := signIn(t, s, anna)
	look := func(name string) { // only where pictures are wanted
		for who, b := range map[string]*tab{"agent": agent.tab, "admin": admin} {
			for _, scheme := range []string{"light", "dark"} {
				if *screens != "" {
					b.emulate("prefers-color-scheme", scheme)
					b.keep(*screens, fmt.Sprintf("ask-%s-%s-%s", name, who, scheme))
				}
			}
		}
	}
	admin.click("button", "Ask Anna")
	admin.askSays("Nothing pops before Accept")
	agent.says("asks to pop a test here: a voice request that rings, from +4722334455, with what is published.")
	agent.find("region", "Test request")
	look("waiting")
	if n := agent.frames(); n != 0 {
		t.Errorf("%d pages popped before Accept", n)
	}
	if focus := eval[string](agent.tab, `document.activeElement.tagName`); focus != "BODY" {
		t.Errorf("the ask took the keyboard: it is on a %s", focus)
	}
	agent.clickExact("button", "Accept")
	agent.untilSeen(kari.crmPage())
	agent.tab.gone("button", "Accept")
	admin.askSays("has accepted")
	look("accepted")
	agent.requests().find("tab", "Test: ")
	admin.click("link", "See its trace")
	admin.says(kari.crmPage())

	popped := agent.frames()
	admin = console(t, s)
	admin.click("button", "Ask Anna")
	agent.find("region", "Test request")
	if *screens != "" {
		agent.resize(1024, 700)
		admin.resize(1024, 700)
		look("small")
	}
	agent.press("t", "KeyT", 84, 1) // Alt
	agent.untilJS("the keyboard on Accept", `document.activeElement.id === "ask-accept"`)
	agent.clickExact("button", "Decline")
	agent.tab.gone("button", "Decline")
	admin.askSays("has declined. Nothing popped.")
	if n := agent.frames(); n != popped {
		t.Errorf("%d pages after a declined ask, want the %d from before", n, popped)
	}

	admin.click("button", "Ask Anna")
	agent.findExact("button", "Accept")
	admin.clickExact("button", "Take back")
	agent.tab.gone("button", "Accept")
	admin.askSays("You took it back")
}
