//go:build !js

package main_test

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	main "github.com/crmpop/crmpop/app/companion"
	"github.com/crmpop/crmpop/app/companion/link"
	"github.com/crmpop/crmpop/app/companion/mapping"
	"github.com/crmpop/crmpop/app/wire"
)

// manual returns the manual's page and its examples by what they say they are.
func manual(t *testing.T) (page string, examples map[string][]string) {
	t.Helper()
	src, err := os.ReadFile("../../web/docs/companion.md")
	if err != nil {
		t.Fatal(err)
	}
	examples = map[string][]string{}
	for i, part := range strings.Split(string(src), "\n```") {
		if info, text, ok := strings.Cut(part, "\n"); ok && i%2 == 1 {
			examples[info] = append(examples[info], text)
		}
	}
	return string(src), examples
}

// example returns the only example of a kind.
func example(t *testing.T, kind string) string {
	t.Helper()
	_, all := manual(t)
	if len(all[kind]) != 1 {
		t.Fatalf("%d examples are %q, want one", len(all[kind]), kind)
	}
	return all[kind][0]
}

// cells returns the rows below the head of a table.
func cells(t *testing.T, head string) [][]string {
	t.Helper()
	page, _ := manual(t)
	_, below, ok := strings.Cut(page, "\n"+head+"\n")
	if !ok {
		t.Fatalf("there is no table %s", head)
	}
	var rows [][]string
	for _, line := range strings.Split(below, "\n")[1:] {
		if !strings.HasPrefix(line, "| ") {
			break
		}
		rows = append(rows, strings.Split(strings.Trim(line, "| "), " | "))
	}
	return rows
}

func TestMappingFileOfTheManualHasEveryFieldAndNoFault(t *testing.T) {
	src := example(t, "json commands")
	c, err := mapping.Decode([]byte(src), "commands.json", "linux")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"ddesend", "softphone"} {
		if _, err := c.Find(name); err != nil {
			t.Error(err)
		}
	}
	var all map[string]json.RawMessage
	var full map[string]json.RawMessage
	if err := json.Unmarshal([]byte(src), &all); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(all["softphone"], &full); err != nil {
		t.Fatal(err)
	}
	var explained []string
	for _, row := range cells(t, "| Field | Is | Without it |") {
		name := strings.Trim(row[0], "`")
		explained = append(explained, name)
		if full[name] == nil {
			t.Errorf("the field %q is explained and not shown", name)
		}
		without(t, name, row[2])
	}
	for name := range full {
		if !slices.Contains(explained, name) {
			t.Errorf("the field %q is shown and not explained", name)
		}
	}
}

// without checks what counts where a field is not there: what the manual says,
// written down, makes the same entry.
func without(t *testing.T, name, said string) {
	t.Helper()
	value := strings.Trim(said, "`")
	if value == said { // words
		return
	}
	if name == "timeout" || name == "mode" || name == "on_busy" {
		value = `"` + value + `"`
	}
	read := func(src string) mapping.Entry {
		c, err := mapping.Decode([]byte(src), "x", "linux")
		if err != nil {
			t.Fatal(err)
		}
		e, err := c.Find("a")
		if err != nil {
			t.Error(err)
		}
		return e
	}
	with, bare := read(`{"a": {"exe": "/opt/a", "`+name+`": `+value+`}}`), read(`{"a": "/opt/a"}`)
	if a, b := show(t, with), show(t, bare); a != b {
		t.Errorf("without %s it is %s, and with %s %s", name, b, value, a)
	}
}

func show(t *testing.T, e mapping.Entry) string {
	t.Helper()
	b, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestArgumentsOfTheManualAreThoseOfThePrograms(t *testing.T) {
	c, err := mapping.Decode([]byte(`{"a": "/opt/a"}`), "x", "linux")
	if err != nil {
		t.Fatal(err)
	}
	e, err := c.Find("a")
	if err != nil {
		t.Fatal(err)
	}
	rows := cells(t, "| Variables | Argument |")
	if len(rows) < 3 {
		t.Fatalf("%d rows", len(rows))
	}
	for _, row := range rows {
		var vars []wire.CompanionVar
		parts := strings.Split(row[0], "`")
		for i := 1; i+2 < len(parts); i += 4 { // `name` is `value`, …
			vars = append(vars, wire.CompanionVar{Name: parts[i], Value: parts[i+2]})
		}
		if argv, err := e.Argv(vars); err != nil || len(argv) != 1 || "`"+argv[0]+"`" != row[1] {
			t.Errorf("%s: %q, %v; the manual says %s", row[0], argv, err, row[1])
		}
	}
	for _, row := range cells(t, "| In `args` | Becomes |") {
		src := `{"a": {"exe": "/opt/a", "args": [` + strings.Trim(row[0], "`") + `]}}`
		if c, err := mapping.Decode([]byte(src), "x", "linux"); err != nil || c.Entries[0].Fault != nil {
			t.Errorf("%s: %v, %v", src, err, c.Entries[0].Fault)
		}
	}
}

// registry reads a file of regedit: texts by key and name.
func registry(t *testing.T, src string) map[string]map[string]string {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(src), "\n")
	if lines[0] != "Windows Registry Editor Version 5.00" {
		t.Errorf("the first line is %q", lines[0])
	}
	all, key := map[string]map[string]string{}, ""
	for _, line := range lines[1:] {
		switch {
		case strings.HasPrefix(line, "["):
			key = strings.Trim(line, "[]")
			all[key] = map[string]string{}
		case line != "":
			name, value, ok := strings.Cut(line, "=")
			if !ok || !strings.HasPrefix(value, `"`) || !strings.HasSuffix(value, `"`) {
				t.Fatalf("line %q is no text", line)
			}
			value = strings.NewReplacer(`\\`, `\`, `\"`, `"`).Replace(value[1 : len(value)-1])
			all[key][strings.Trim(name, `"@`)] = value
		}
	}
	return all
}

func TestRegistryFileOfTheManualIsTaken(t *testing.T) {
	all := registry(t, example(t, "reg"))
	var r mapping.Registry
	root := `HKEY_LOCAL_MACHINE\` + mapping.MachineKey
	commands := root + `\` + mapping.CommandsKey
	for name, text := range all[commands] {
		r.Machine = append(r.Machine, mapping.Value{Name: name, Text: text})
	}
	for key, values := range all {
		if name, below := strings.CutPrefix(key, commands+`\`); below {
			r.Machine = append(r.Machine, mapping.Value{Name: name, Text: values[""]})
		}
	}
	c := mapping.FromRegistry(r)
	if len(c.Entries) != 2 {
		t.Errorf("%d commands, want two", len(c.Entries))
	}
	if e, err := c.Find("ddesend"); err != nil || e.Exe != `c:\windows\ddesend.exe` {
		t.Errorf("ddesend is %q, %v", e.Exe, err)
	}
	if e, err := c.Find("softphone"); err != nil || e.Exe != `c:\Program Files\Phone\phone.exe` || e.Mode != mapping.Detach || len(e.Args) != 2 {
		t.Errorf("softphone is %+v, %v", e, err)
	}
	if _, err := link.ParseServer(all[root][mapping.ServerValue]); err != nil {
		t.Error(err)
	}
	run := all[`HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\Run`]["CRMPopCompanion"]
	if run != `"c:\Program Files\CRMPop\crmpop-companion.exe" run --background` {
		t.Errorf("it is started by %s", run)
	}
	page, _ := manual(t)
	for _, row := range cells(t, "| Key | Counts |") {
		if key := strings.Trim(row[0], "`"); !strings.Contains(key, mapping.MachineKey) && !strings.Contains(key, mapping.PoliciesKey) {
			t.Errorf("nobody reads %s", key)
		}
	}
	if !strings.Contains(page, "`"+mapping.AllowUser+"` (DWORD) is 1") {
		t.Errorf("the manual does not name %s", mapping.AllowUser)
	}
}

func TestCommandLinesOfTheManualAreTaken(t *testing.T) {
	_, all := manual(t)
	known := strings.Fields(strings.ReplaceAll(main.Usage, ",", " "))
	n := 0
	for _, text := range all["sh"] {
		for line := range strings.Lines(text) {
			words := strings.Fields(line)
			if words[0] != "crmpop-companion" || !slices.Contains(known, words[1]) {
				t.Errorf("%q is no command line", line)
			}
			n++
		}
	}
	if n < 8 {
		t.Errorf("%d command lines", n)
	}
}
