package docs_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/crmpop/crmpop/app/check"
)

const checkPage = "check-this-browser.md"

// What the manual says to give to browsers is what the page /check has ready.
func TestPoliciesOfTheManualAreThoseOfTheCheck(t *testing.T) {
	all := check.Policies("https://pop.example.com", []string{"crm.example.com"})
	found := 0
	for _, b := range blocks(t)[checkPage] {
		if b.info == "policy" {
			found++
			if want := check.PolicyJSON(all) + "\n"; b.text != want {
				t.Errorf("%s is %s, the code has %s", b, b.text, want)
			}
		}
	}
	if found != 1 {
		t.Errorf("web/docs/%s has %d policies", checkPage, found)
	}
	var named []string
	for _, r := range tables(pages(t)[checkPage]) {
		if name := spans(r[0]); len(name) == 1 && all[name[0]] != nil {
			named = append(named, name[0])
		}
	}
	if len(named) != len(all) {
		t.Errorf("the table of policies names %q, the code has %d", named, len(all))
	}
}

// Policies that other pages of the manual name are ones that the check has.
func TestEveryPolicyInTheManualIsOneOfTheCheck(t *testing.T) {
	all := check.Policies("https://pop.example.com", nil)
	for page, src := range pages(t) {
		for _, name := range spans(src) {
			if strings.HasSuffix(name, "ForUrls") && all[name] == nil {
				t.Errorf("web/docs/%s names the policy %s, which the check does not have", page, name)
			}
		}
	}
}

// What the manual says that a line says, a line does say.
func TestEveryFindingInTheManualIsOneOfTheCheck(t *testing.T) {
	src := code(t, "../../app/check")
	n := 0
	for _, r := range tables(pages(t)[checkPage]) {
		for _, says := range spans(r[0]) {
			if !strings.Contains(says, " ") {
				continue
			}
			n++
			for piece := range strings.SplitSeq(says, "…") {
				if piece = strings.TrimSpace(piece); !strings.Contains(src, piece) {
					t.Errorf("the manual has %q; the code says nowhere %q", says, piece)
				}
			}
		}
	}
	if n < 6 {
		t.Errorf("%d findings found in the manual", n)
	}
}

func TestTheStatesOfTheManualAreThoseOfTheCheck(t *testing.T) {
	src := code(t, "../../app/check")
	var states []string
	for _, r := range cells(t, checkPage, "# Check this browser") {
		states = append(states, r[0])
		if !strings.Contains(src, `"`+r[0]+`"`) {
			t.Errorf("no line is %q", r[0])
		}
	}
	if want := []string{"OK", "To do", "Needs a click", "Not known"}; !slices.Equal(states, want) {
		t.Errorf("the manual knows the states %q, want %q", states, want)
	}
}
