package admin_test

import (
	"strings"
	"testing"

	"github.com/crmpop/crmpop/app/admin"
)

func TestEveryEndOfAnAskHasItsWords(t *testing.T) {
	for ask, want := range map[string]string{
		`{}`:                    "",
		`{"state":"waiting"}`:   "Nothing pops before Accept is pressed",
		`{"state":"accepted"}`:  "Anna Berg has accepted.",
		`{"state":"declined"}`:  "Anna Berg has declined. Nothing popped.",
		`{"state":"expired"}`:   "did not answer in time",
		`{"state":"withdrawn"}`: "You took it back.",
		`{"state":"gone"}`:      "Ask again.",
		`{"state":"failed","reason":"this link has popped already"}`: "nothing popped: This link has popped already.",
	} {
		if got := admin.AskWords(ask, "Anna Berg"); !strings.Contains(got, want) || (want == "") != (got == "") {
			t.Errorf("%s: %q, want %q", ask, got, want)
		}
	}
}
