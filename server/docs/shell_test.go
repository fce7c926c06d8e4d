package docs_test

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/crmpop/crmpop/server/config"
	"github.com/crmpop/crmpop/server/configfile"
	"github.com/crmpop/crmpop/server/framing"
)

// commands returns the commands of an example, each split into its words as a
// shell does it: '…' as it is, "…" and bare words with $NAME filled in.
func commands(text string, env map[string]string) [][]string {
	var all [][]string
	var words []string
	var word strings.Builder
	in, quote := false, rune(0)
	end := func() {
		if in {
			words = append(words, word.String())
		}
		word.Reset()
		in = false
	}
	text = strings.ReplaceAll(text, "\\\n", " ")
	for i := 0; i < len(text); i++ {
		c := rune(text[i])
		switch {
		case quote != 0 && c == quote:
			quote = 0
		case quote == '\'', quote == '"' && c != '$':
			word.WriteByte(text[i])
		case quote == 0 && (c == '\'' || c == '"'):
			in, quote = true, c
		case c == '$':
			n := 1
			for i+n < len(text) && strings.ContainsRune("ABCDEFGHIJKLMNOPQRSTUVWXYZ_", rune(text[i+n])) {
				n++
			}
			word.WriteString(env[text[i+1:i+n]])
			in = true
			i += n - 1
		case c == ' ':
			end()
		case c == '\n':
			end()
			if len(words) > 0 {
				all, words = append(all, words), nil
			}
		default:
			word.WriteByte(text[i])
			in = true
		}
	}
	end()
	if len(words) > 0 {
		all = append(all, words)
	}
	return all
}

func TestWordsOfACommand(t *testing.T) {
	got := commands("a 'b c' \"d $X\" \\\n  e'f'\n\ng \"\"", map[string]string{"X": "y"})
	want := [][]string{{"a", "b c", "d y", "ef"}, {"g", ""}}
	if len(got) != 2 || strings.Join(got[0], "|") != strings.Join(want[0], "|") || len(got[1]) != 2 {
		t.Errorf("commands = %q, want %q", got, want)
	}
}

// Every line that starts the program, in an example or in a service's file.
func TestEveryCommandLineIsTaken(t *testing.T) {
	none := func(string) string { return "" }
	for _, page := range blocks(t) {
		for _, b := range page {
			for line := range strings.Lines(b.text) {
				line = strings.TrimPrefix(strings.TrimSpace(line), "ExecStart=/usr/local/bin/")
				if !strings.HasPrefix(line, "crmpop ") || b.info == "findings" || b.info == "output" {
					continue
				}
				words := commands(line, nil)[0]
				if _, err := config.Parse(words[1:], none, io.Discard, io.Discard); err != nil {
					t.Errorf("%s: %s: %v", b, line, err)
				}
			}
		}
	}
}

// frame-check is run on the headers that the manual shows, and prints what the
// manual says. Without headers it would ask a page that is not there.
func TestFrameChecksSayWhatTheManualSays(t *testing.T) {
	checks := 0
	for _, page := range blocks(t) {
		headers := filepath.Join(t.TempDir(), "headers.txt")
		for i, b := range page {
			if b.info == "headers" {
				if err := os.WriteFile(headers, []byte(b.text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if b.info != "sh" || !strings.HasPrefix(b.text, "crmpop frame-check") {
				continue
			}
			args := commands(strings.ReplaceAll(b.text, "headers.txt", headers), nil)[0][2:]
			if !strings.Contains(b.text, "--headers") {
				args = append(args, "--headers", os.DevNull)
			}
			var out, fault bytes.Buffer
			exit := framing.Command(t.Context(), args, &out, &fault)
			if exit == 2 {
				t.Errorf("%s: %s", b, fault.String())
			}
			if i+1 == len(page) || page[i+1].info != "output" {
				continue
			}
			checks++
			if got, want := out.String(), page[i+1].text; got != want || exit != 0 {
				t.Errorf("%s prints, with %d, %s%s\nthe manual says %s", b, exit, got, fault.String(), want)
			}
		}
	}
	if checks < 2 {
		t.Errorf("%d checks in the manual, want one that allows and one that refuses", checks)
	}
}

// config is run on the document and the event that stand before it.
func TestConfigSaysWhatTheManualSays(t *testing.T) {
	runs := 0
	for _, page := range blocks(t) {
		t.Chdir(t.TempDir())
		for i, b := range page {
			if name := map[string]string{"xml": "screenpopup.xml", "json": "event.json"}[b.info]; name != "" {
				must(t, os.WriteFile(name, []byte(b.text), 0o600))
			}
			if b.info != "sh" || !strings.HasPrefix(b.text, "crmpop config") {
				continue
			}
			runs++
			var out, fault bytes.Buffer
			args := commands(b.text, nil)[0][2:]
			exit := configfile.Command(t.Context(), args, strings.NewReader(""), &out, &fault)
			if exit > 1 || i+1 == len(page) || page[i+1].info != "output" || out.String() != page[i+1].text {
				t.Errorf("%s prints, with %d, %s%s\nthe manual says something else", b, exit, out.String(), fault.String())
			}
		}
	}
	if runs < 2 {
		t.Errorf("%d runs of config in the manual", runs)
	}
}

// Each verdict begins as one of those that the manual explains, or ends so.
func TestVerdictsAreExplained(t *testing.T) {
	page := strings.Split(pages(t)["the-crm-stays-blank.md"], "## What the verdicts mean")[1]
	var said []string
	for _, r := range tables(page) {
		said = append(said, r[0])
	}
	for _, c := range []struct{ from, page, headers string }{
		{"https://pop.example.com", "https://crm.example.com", ""},
		{"https://pop.example.com", "https://crm.example.com", "X-Frame-Options: DENY"},
		{"https://pop.example.com", "https://crm.example.com", "Content-Security-Policy: frame-ancestors 'self'"},
		{"https://pop.example.com", "https://crm.example.com", "Content-Disposition: attachment"},
		{"https://pop.example.com", "http://crm.example.com", ""},
		{"https://pop.example.com", "https://localhost", ""},
	} {
		v, err := framing.Check(t.Context(), framing.Question{URL: c.page, From: []string{c.from},
			Headers: strings.NewReader("HTTP/1.1 200 OK\r\n" + c.headers + "\r\n\r\n")})
		if err != nil || !slices.ContainsFunc(said, func(s string) bool { return strings.HasPrefix(v.Reason, s) || strings.HasSuffix(v.Reason, s) }) {
			t.Errorf("%s with %q: %q, %v is not explained", c.page, c.headers, v.Reason, err)
		}
	}
}

func TestTheManualKnowsEveryOption(t *testing.T) {
	cmd, err := config.Parse([]string{"serve", "--config-dump"}, func(string) string { return "" }, io.Discard, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	without := map[string]string{"--config-dump": ""}
	for line := range strings.Lines(cmd.Dump) {
		text, _, _ := strings.Cut(line, "#")
		name, value, _ := strings.Cut(strings.TrimSpace(text), " ")
		without["--"+name] = strings.Trim(strings.TrimSpace(value), "[]")
	}
	delete(without, "--")
	var inManual, inCode []string
	for _, r := range cells(t, "running-it.md", "## Options") {
		name := spans(r[0])[0]
		inManual = append(inManual, name)
		want := without[name]
		if got := append(spans(r[2]), "")[0]; got != want && want != "false" {
			t.Errorf("%s: without it the manual says %q, the program %q", name, got, want)
		}
	}
	for name := range without {
		inCode = append(inCode, name)
	}
	same(t, "options of serve", inManual, inCode)
}
