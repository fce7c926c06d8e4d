//go:build !js

package clipboard_test

import (
	"testing"

	"github.com/crmpop/crmpop/app/companion/clipboard"
)

func TestPlainTextRunsNothingAndReadsAsItIs(t *testing.T) {
	for text, want := range map[string]string{
		"rm -rf /\n":     "rm -rf / ",
		"\x1b[201~x\r":   "[201~x ",
		"a\u202eb":       "ab",
		"a\u200bb\ufeff": "ab",
		"a\r\nb\tc":      "a b c",
		"a\u2028b\x00":   "ab",
		"\u009b31mx":     "31mx",
		"+47 22 Åse 👩":   "+47 22 Åse 👩",
		"a\xffb":         "ab",
	} {
		if got := clipboard.Plain(text); got != want {
			t.Errorf("Plain(%q) = %q, want %q", text, got, want)
		}
	}
}
