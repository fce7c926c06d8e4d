package docs_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"testing"

	"github.com/crmpop/crmpop/web"
)

// block is an example in the manual: what stands between two lines of ```. Its
// info says what it is:
//
//	xml          a popup document without faults, or with those of the findings behind it
//	findings     what the document before it is told, one a line
//	json         an event, or an array of them, as they are sent
//	json answer  what the curl before it is answered
//	sh           commands, which are run
//	output       what the command before it prints
//	policy       what a browser's policy file holds
//	json …, reg  what the companion reads on a PC; its own tests read them too
//	headers      a response's headers, in the file headers.txt of the commands behind it
type block struct {
	page string
	line int
	info string
	text string
}

// String names the place.
func (b block) String() string { return fmt.Sprintf("web/docs/%s, line %d", b.page, b.line) }

// pages returns the manual's own pages by name; decisions are none.
func pages(t *testing.T) map[string]string {
	t.Helper()
	names, err := fs.Glob(web.Files(), "docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, name := range names {
		src, err := fs.ReadFile(web.Files(), name)
		if err != nil {
			t.Fatal(err)
		}
		all[path.Base(name)] = string(src)
	}
	return all
}

// blocks returns the examples of every page, in order.
func blocks(t *testing.T) map[string][]block {
	t.Helper()
	all := map[string][]block{}
	for page, src := range pages(t) {
		var open *block
		n := 0
		for line := range strings.Lines(src) {
			n++
			bare := strings.TrimSpace(line)
			switch {
			case open == nil && strings.HasPrefix(bare, "```"):
				open = &block{page: page, line: n + 1, info: strings.TrimPrefix(bare, "```")}
			case open != nil && bare == "```":
				all[page] = append(all[page], *open)
				open = nil
			case open != nil:
				open.text += line
			}
		}
		if open != nil {
			t.Errorf("%s is not closed", open)
		}
	}
	return all
}

func TestEveryExampleSaysWhatItIs(t *testing.T) {
	known := []string{"xml", "findings", "json", "json answer", "json reply", "sh", "output", "headers", "nginx", "apache", "iis", "caddy", "ini", "policy", "reg", "json commands", "json companion"}
	for _, page := range blocks(t) {
		for _, b := range page {
			if !bytes.Contains([]byte(" "+strings.Join(known, "  ")+" "), []byte(" "+b.info+" ")) || b.info == "" {
				t.Errorf("%s is %q; nobody checks that", b, b.info)
			}
		}
	}
}

// cells returns the rows of the first table below a heading, without its head.
func cells(t *testing.T, page, heading string) [][]string {
	t.Helper()
	src := pages(t)[page]
	_, below, ok := strings.Cut("\n"+src, "\n"+heading+"\n")
	if !ok {
		t.Fatalf("web/docs/%s has no %q", page, heading)
	}
	var rows [][]string
	for line := range strings.Lines(below) {
		if !strings.HasPrefix(line, "|") {
			if len(rows) > 0 || strings.HasPrefix(line, "#") {
				break
			}
			continue
		}
		rows = append(rows, row(line))
	}
	if len(rows) < 3 {
		t.Fatalf("web/docs/%s has no table below %q", page, heading)
	}
	return rows[2:]
}

// tables returns the rows of all tables of a page.
func tables(src string) [][]string {
	var rows [][]string
	for line := range strings.Lines(src) {
		if strings.HasPrefix(line, "|") {
			rows = append(rows, row(line))
		}
	}
	return rows
}

func row(line string) []string {
	const bar = "\x00"
	parts := strings.Split(strings.ReplaceAll(strings.TrimSpace(line), `\|`, bar), "|")
	var all []string
	for _, p := range parts[1 : len(parts)-1] {
		all = append(all, strings.ReplaceAll(strings.TrimSpace(p), bar, "|"))
	}
	return all
}

// spans returns what stands between backquotes.
func spans(s string) []string {
	var all []string
	for i, part := range strings.Split(s, "`") {
		if i%2 == 1 {
			all = append(all, part)
		}
	}
	return all
}

// words returns the words between backquotes.
func words(s string) []string {
	var all []string
	for _, span := range spans(s) {
		all = append(all, strings.Fields(span)...)
	}
	return all
}
