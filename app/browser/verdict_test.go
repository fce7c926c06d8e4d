package browser_test

import (
	"strings"
	"testing"
	"time"

	"github.com/crmpop/crmpop/app/browser"
)

func TestVerdictsRunOut(t *testing.T) {
	const key = "https://crm.example/c/{anum}"
	tests := []struct {
		name  string
		learn func(v browser.Verdicts)
		after time.Duration
		want  string
		by    string
	}{
		{"nothing is known", func(v browser.Verdicts) {}, 0, "", ""},
		{"allowed for a day", func(v browser.Verdicts) { v.Allow(key) }, 24*time.Hour - time.Second, "allowed", "browser"},
		{"and not longer", func(v browser.Verdicts) { v.Allow(key) }, 24 * time.Hour, "", ""},
		{"refused for ten minutes", func(v browser.Verdicts) { v.Refuse(key, words) }, 10*time.Minute - time.Second, "refused", "browser"},
		{"and not longer", func(v browser.Verdicts) { v.Refuse(key, words) }, 10 * time.Minute, "", ""},
		{"agent's word for 30 days", func(v browser.Verdicts) { v.AgentRefuses(key, words) }, 30*24*time.Hour - time.Second, "refused", "agent"},
		{"and not longer", func(v browser.Verdicts) { v.AgentRefuses(key, words) }, 30 * 24 * time.Hour, "", ""},
		{"agent's word outweighs the browser's", func(v browser.Verdicts) {
			v.AgentRefuses(key, words)
			v.Allow(key)
			v.Refuse(key, "other")
		}, 0, "refused", "agent"},
		{"what is mended is allowed", func(v browser.Verdicts) { v.Refuse(key, words); v.Allow(key) }, 0, "allowed", "browser"},
		{"what is forgotten is unknown", func(v browser.Verdicts) { v.Refuse(key, words); v.Forget(key) }, 0, "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			now := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
			v := browser.NewVerdicts(browser.Shelf{}, func() time.Time { return now })
			tt.learn(v)
			now = now.Add(tt.after)
			what, by, why := v.Of(key)
			if what != tt.want || by != tt.by {
				t.Errorf("Of = %q by %q, want %q by %q", what, by, tt.want, tt.by)
			}
			if what == "refused" && why != words {
				t.Errorf("why = %q, want %q", why, words)
			}
		})
	}
}

func TestVerdictsOfNoKeyAreNotKept(t *testing.T) {
	shelf := browser.Shelf{}
	v := browser.NewVerdicts(shelf, time.Now)
	v.Allow("")
	v.AgentRefuses("", words)
	v.Forget("")
	if what, _, _ := v.Of(""); what != "" || len(shelf) != 0 {
		t.Errorf("kept %q", shelf)
	}
}

func TestVerdictsSurviveWhatStandsOnTheShelf(t *testing.T) {
	shelf := browser.Shelf{
		"crmpop.verdict.a": "", "crmpop.verdict.b": "allowed\tbrowser\tsoon\t", "crmpop.verdict.c": "perhaps\tbrowser\t99999999999\t",
		"crmpop.verdict.old": "allowed\tbrowser\t1\t", "crmpop.verdict.good": "allowed\tbrowser\t99999999999\t", "other": "x",
	}
	v := browser.NewVerdicts(shelf, time.Now)
	v.Sweep()
	if len(shelf) != 2 || shelf["other"] != "x" {
		t.Errorf("after the sweep: %q, want good and other", shelf)
	}
	v.Refuse("long", strings.Repeat("é\t", 1000))
	if _, _, why := v.Of("long"); len([]rune(why)) != 300 || strings.Contains(why, "\t") {
		t.Errorf("why has %d characters, want 300 and no tab", len([]rune(why)))
	}
}
