//go:build !js

package process_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/crmpop/crmpop/app/companion/process"
)

// takeApart is CommandLineToArgvW as Microsoft describes it, and where that is
// silent as the C library does it: in a quoted part "" is a quote.
func takeApart(line string) []string {
	i := 1 + strings.IndexByte(line[1:], '"') // the program is quoted
	argv := []string{line[1:i]}
	line = line[i+1:]
	for {
		line = strings.TrimLeft(line, " \t")
		if line == "" {
			return argv
		}
		var arg strings.Builder
		quoted := false
		for line != "" && (quoted || line[0] != ' ' && line[0] != '\t') {
			slashes := len(line) - len(strings.TrimLeft(line, `\`))
			line = line[slashes:]
			if !strings.HasPrefix(line, `"`) {
				arg.WriteString(strings.Repeat(`\`, slashes))
				if line != "" && (slashes == 0 || quoted || line[0] != ' ' && line[0] != '\t') {
					arg.WriteByte(line[0])
					line = line[1:]
				}
				continue
			}
			arg.WriteString(strings.Repeat(`\`, slashes/2))
			line = line[1:]
			switch {
			case slashes%2 == 1:
				arg.WriteByte('"')
			case quoted && strings.HasPrefix(line, `"`):
				arg.WriteByte('"')
				line = line[1:]
			default:
				quoted = !quoted
			}
		}
		argv = append(argv, arg.String())
	}
}

func TestTakeApartIsAsMicrosoftDescribesIt(t *testing.T) {
	for line, want := range map[string][]string{
		`"p.exe" "a b c" d e`:     {"p.exe", "a b c", "d", "e"},
		`"p.exe" "ab\"c" "\\" d`:  {"p.exe", `ab"c`, `\`, "d"},
		`"p.exe" a\\\b d"e f"g h`: {"p.exe", `a\\\b`, "de fg", "h"},
		`"p.exe" a\\\"b c d`:      {"p.exe", `a\"b`, "c", "d"},
		`"p.exe" a\\\\"b c" d e`:  {"p.exe", `a\\b c`, "d", "e"},
	} {
		if got := takeApart(line); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", line, got, want)
		}
	}
}

func TestCommandLineComesApartAsItWasJoined(t *testing.T) {
	const of = `ab \\\"" 	&|<>^%'/-`
	r := rand.New(rand.NewPCG(1, 2))
	n := 1_000_000
	if testing.Short() {
		n = 10_000
	}
	for range n {
		argv := []string{`c:\windows\ddesend.exe`}
		for range r.IntN(4) {
			b := make([]byte, r.IntN(8))
			for i := range b {
				b[i] = of[r.IntN(len(of))]
			}
			argv = append(argv, string(b))
		}
		if got := takeApart(process.CommandLine(argv)); !slices.Equal(got, argv) {
			t.Fatalf("%q joined to %s and came apart as %q", argv, process.CommandLine(argv), got)
		}
	}
}

func FuzzCommandLine(f *testing.F) {
	f.Add("anum=2149&calc.exe", `\"`)
	f.Add("", `a\\`)
	f.Fuzz(func(t *testing.T, a, b string) {
		argv := []string{`c:\d.exe`, a, b}
		line := process.CommandLine(argv)
		if got := takeApart(line); !slices.Equal(got, argv) {
			t.Fatalf("%q joined to %s and came apart as %q", argv, line, got)
		}
	})
}

// The seed's own example is what BatBadBut is about: no & may stand outside of
// quotes.
func TestAmpersandIsAlwaysQuoted(t *testing.T) {
	if got, want := process.CommandLine([]string{`c:\d.exe`, "anum=2149&queue_key=sales"}), `"c:\d.exe" "anum=2149&queue_key=sales"`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
