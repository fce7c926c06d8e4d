package docs_test

import (
	"strings"
	"testing"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/server/framing"
)

// What the manual says to paste is what the editor says to paste.
func TestSnippetsOfTheManualAreThoseOfThePreflight(t *testing.T) {
	ws, err := framing.ParseOrigin("https://pop.example.com")
	must(t, err)
	manual := map[string]string{}
	for _, b := range blocks(t)["the-crm-stays-blank.md"] {
		manual[b.info] = b.text
	}
	all := framing.Snippets(ws, screenpop.PageVerdict{Verdict: screenpop.VerdictRefused})
	if len(all) != 4 {
		t.Fatalf("%d snippets, want four", len(all))
	}
	for _, s := range all {
		_, text, _ := strings.Cut(s.Text, "\n") // its first line is a comment
		if manual[s.Server] != text {
			t.Errorf("%s: the manual has %q, the preflight %q", s.Server, manual[s.Server], text)
		}
	}
}
