package check

import (
	"fmt"
	"strings"
	"time"

	"github.com/crmpop/crmpop/app/wire"
)

// report returns the page as plain text for support. It names no person: neither
// who is here nor whom a request is about is known to it.
func (p *Page) report() string {
	var b strings.Builder
	fmt.Fprintf(&b, "CRM Pop: check of a browser\n\n")
	fmt.Fprintf(&b, "Workspace  %s\n", p.facts.Origin)
	fmt.Fprintf(&b, "Time       %s (of the server)\n", p.facts.Time.UTC().Format(time.RFC3339))
	fmt.Fprintf(&b, "Version    page %s, server %s, protocol %d of %d\n", p.build, p.facts.Build, wire.Protocol, p.facts.Protocol)
	fmt.Fprintf(&b, "Browser    %s\n", p.agent)
	fmt.Fprintf(&b, "Result     %s\n", p.summary())
	for _, g := range p.groups {
		fmt.Fprintf(&b, "\n%s\n", g.name)
		for _, l := range g.lines {
			fmt.Fprintf(&b, "  %-14s %s: %s\n", stateWords[l.State], l.Name, l.Says)
			if l.Cure != "" {
				fmt.Fprintf(&b, "  %-14s %s%s\n", "", l.Cure, policyWords(l.Policy))
			}
		}
	}
	return b.String()
}

func policyWords(name string) string {
	if name == "" {
		return ""
	}
	return " Policy: " + name + "."
}

// summary counts the lines in words.
func (p *Page) summary() string {
	by, all := count(p.groups)
	if by[running] > 0 {
		return fmt.Sprintf("Testing: %d of %d are done.", all-by[running], all)
	}
	if by[good] == all {
		return fmt.Sprintf("All %d tests are green: this browser is ready.", all)
	}
	words := []string{fmt.Sprintf("%d of %d are green", by[good], all)}
	for _, s := range []struct {
		state     state
		one, many string
	}{{todo, "thing to do", "things to do"}, {click, "test needs a click", "tests need a click"}, {unknown, "is not known", "are not known"}} {
		if n := by[s.state]; n > 0 {
			words = append(words, plural(n, s.one, s.many))
		}
	}
	return strings.Join(words, ", ") + "."
}
