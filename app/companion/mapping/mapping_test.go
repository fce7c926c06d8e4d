//go:build !js

package mapping_test

import (
	"strings"
	"testing"
	"time"

	"github.com/crmpop/crmpop/app/companion/mapping"
	"github.com/crmpop/crmpop/app/wire"
)

// find reads a file for a PC that runs goos and looks a command up in it.
func find(t *testing.T, goos, src, name string) (mapping.Entry, error) {
	t.Helper()
	c, err := mapping.Decode([]byte(src), "commands.json", goos)
	if err != nil {
		return mapping.Entry{}, err
	}
	return c.Find(name)
}

func TestShortFormIsAllDefaults(t *testing.T) {
	e, err := find(t, "linux", `{"ddesend": "/opt/crm/ddesend"}`, "ddesend")
	if err != nil {
		t.Fatal(err)
	}
	if e.Exe != "/opt/crm/ddesend" || e.Timeout != 15*time.Second || e.Mode != mapping.Run || e.Parallel != 1 || e.OnBusy != mapping.Queue || e.Capture != 0 {
		t.Errorf("entry %+v, want the defaults", e)
	}
}

func TestEveryFieldIsRead(t *testing.T) {
	e, err := find(t, "linux", `{"a": {"exe": "/opt/a", "sha256": "`+strings.Repeat("AB", 32)+`", "args": ["-x", {"var": "anum"}, {"query": ["b", "c"]}],
		"vars": {"anum": {"pattern": "[0-9]+"}}, "timeout": "2m", "mode": "run", "parallel": 3, "on_busy": "drop", "capture": 100,
		"workdir": "/tmp", "env": {"A": "b"}, "interpreter": false}}`, "a")
	if err != nil {
		t.Fatal(err)
	}
	if e.SHA256 != strings.Repeat("ab", 32) || len(e.Args) != 3 || e.Vars["anum"] == nil || e.Timeout != 2*time.Minute || e.Parallel != 3 ||
		e.OnBusy != mapping.Drop || e.Capture != 100 || e.Workdir != "/tmp" || e.Env["A"] != "b" {
		t.Errorf("entry %+v lacks what was written", e)
	}
}

func TestFaultsAreNamed(t *testing.T) {
	for _, c := range []struct{ name, src, want string }{
		{"no object", `[]`, "it is no JSON object"},
		{"nothing", ``, "it is no JSON object"},
		{"a name twice", `{"a": "/opt/a", "a": "/opt/b"}`, `"a" stands there twice`},
		{"more behind it", `{"a": "/opt/a"} {}`, "something stands behind the last }"},
		{"syntax", "{\"a\": \"/opt/a\",\n\"b\" \"x\"}", "line 2"},
		{"cut off", `{"a": "/opt/a"`, "it ends too early"},
		{"unknown field", `{"a": {"exe": "/opt/a", "argv": []}}`, "argv: there is no such field"},
		{"a field in capitals", `{"a": {"EXE": "/opt/a"}}`, "EXE: there is no such field"},
		{"a field twice", `{"a": {"exe": "/opt/a", "exe": "/opt/b"}}`, `"exe" stands there twice`},
		{"no program", `{"a": {}}`, "exe: it is missing"},
		{"null", `{"a": {"exe": null}}`, "exe: it is not a text"},
		{"relative", `{"a": "ddesend"}`, "has to be absolute"},
		{"dots", `{"a": "/opt/../bin/a"}`, "is not the shortest way"},
		{"control character", `{"a": "/opt/a\u0000"}`, "control character"},
		{"hash", `{"a": {"exe": "/opt/a", "sha256": "12"}}`, "64 hexadecimal digits"},
		{"argument", `{"a": {"exe": "/opt/a", "args": [1]}}`, "argument 1: it is no JSON object"},
		{"two forms", `{"a": {"exe": "/opt/a", "args": [{"query": ["a"], "var": "b"}]}}`, `it is a text, {"query"`},
		{"empty query", `{"a": {"exe": "/opt/a", "args": [{"query": []}]}}`, "its query is empty"},
		{"all and one", `{"a": {"exe": "/opt/a", "args": [{"query": ["*", "a"]}]}}`, "not for both"},
		{"pattern", `{"a": {"exe": "/opt/a", "vars": {"x": {"pattern": "("}}}}`, "missing closing )"},
		{"pattern that closes", `{"a": {"exe": "/opt/a", "vars": {"x": {"pattern": "a)|(b"}}}}`, "unexpected )"},
		{"no pattern", `{"a": {"exe": "/opt/a", "vars": {"x": "a"}}}`, `it is {"pattern": "…"}`},
		{"timeout", `{"a": {"exe": "/opt/a", "timeout": 15}}`, "timeout: it is not a text"},
		{"long timeout", `{"a": {"exe": "/opt/a", "timeout": "48h"}}`, "between"},
		{"mode", `{"a": {"exe": "/opt/a", "mode": "daemon"}}`, `it is not "run" or "detach"`},
		{"parallel", `{"a": {"exe": "/opt/a", "parallel": 5}}`, "a number from 1 to 4"},
		{"capture", `{"a": {"exe": "/opt/a", "capture": 5000}}`, "a number from 0 to 4096"},
		{"capture of the detached", `{"a": {"exe": "/opt/a", "capture": 1, "mode": "detach"}}`, "a detached program's output"},
		{"workdir", `{"a": {"exe": "/opt/a", "workdir": "x"}}`, "workdir: it has to be absolute"},
		{"env", `{"a": {"exe": "/opt/a", "env": {"A=B": "c"}}}`, "a name holds letters"},
		{"shell", `{"a": "/usr/bin/sh"}`, "runs what its arguments say"},
		{"version of an interpreter", `{"a": "/usr/bin/python3.12"}`, "runs what its arguments say"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := find(t, "linux", c.src, "a")
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: %v, want %q", c.src, err, c.want)
			}
		})
	}
}

func TestOneBadCommandLeavesTheOthers(t *testing.T) {
	if _, err := find(t, "linux", `{"bad": {"exe": 1}, "good": "/opt/a"}`, "good"); err != nil {
		t.Error(err)
	}
}

func TestNamesAreNoPaths(t *testing.T) {
	for _, name := range []string{"", "../ddesend", `..\ddesend`, "/bin/sh", "a/b", "a b", "DDESEND", "a\x00", "é", strings.Repeat("a", 33)} {
		if mapping.ValidName(name) {
			t.Errorf("the name %q is taken", name)
		}
		if _, err := find(t, "linux", `{"ddesend": "/opt/a"}`, name); err == nil || !strings.Contains(err.Error(), "a command's name holds") {
			t.Errorf("Find(%q): %v, want the rule of names", name, err)
		}
	}
	if !mapping.ValidName("dde-send_2") {
		t.Error("the name dde-send_2 is refused")
	}
}

func TestUnmappedSaysWhoMayMapIt(t *testing.T) {
	_, err := find(t, "linux", `{"ddesend": "/opt/a"}`, "softphone")
	if want := `the command "softphone" is not mapped on this PC; its administrator does that in commands.json`; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}

func TestWindowsProgramsAreExesAndNothingThatIsRunThroughCmd(t *testing.T) {
	for exe, want := range map[string]string{
		`c:\windows\ddesend.exe`:           "",
		`C:/Program Files/CRM/dde.exe`:     "",
		`c:\tools\d.bat`:                   "batch file",
		`c:\tools\d.CMD`:                   "batch file",
		`c:\tools\d.bat. .`:                "ends in dots or spaces",
		`c:\tools\d.exe.`:                  "ends in dots or spaces",
		`c:\tools\ddesend`:                 "is no .exe",
		`c:\tools\d.ps1`:                   "is no .exe",
		`c:\tools\d.exe:x.bat`:             "batch file",
		`c:\tools\d.exe:x.exe`:             "second colon",
		`\\server\share\d.exe`:             "has to be absolute",
		`\\?\c:\d.exe`:                     "has to be absolute",
		`ddesend.exe`:                      "has to be absolute",
		`%SystemRoot%\d.exe`:               "has to be absolute",
		`c:\%USERNAME%\d.exe`:              "a character that no path has",
		`c:\tools.\d.exe`:                  "ends in dots or spaces",
		`c:\windows\system32\cmd.exe`:      "runs what its arguments say",
		`c:\windows\system32\MSHTA.EXE`:    "runs what its arguments say",
		`c:\pf\PowerShell\7\pwsh.exe`:      "runs what its arguments say",
		`c:\windows\system32\rundll32.exe`: "runs what its arguments say",
	} {
		src := `{"a": "` + strings.ReplaceAll(exe, `\`, `\\`) + `"}`
		_, err := find(t, "windows", src, "a")
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v, want %q", exe, err, want)
		}
	}
}

func TestInterpreterNeedsPatternsThatLetNothingThrough(t *testing.T) {
	for _, c := range []struct{ name, rest, want string }{
		{"a query", ``, `an interpreter gets no "query"`},
		{"a variable without pattern", `, "args": [{"var": "anum"}]`, "an interpreter needs a pattern"},
		{"any character", `, "args": [{"var": "anum"}], "vars": {"anum": {"pattern": ".*"}}`, "lets"},
		{"no digits", `, "args": [{"var": "anum"}], "vars": {"anum": {"pattern": "\\D+"}}`, "lets"},
		{"an ampersand", `, "args": [{"var": "anum"}], "vars": {"anum": {"pattern": "[0-9]+&?"}}`, "lets"},
		{"a class with a percent", `, "args": [{"var": "anum"}], "vars": {"anum": {"pattern": "[!-9]+"}}`, "lets"},
		{"of a variable that is not used", `, "args": ["-x"], "vars": {"anum": {"pattern": ".*"}}`, "lets"},
		{"digits", `, "args": ["-f", "/opt/x", {"var": "anum"}], "vars": {"anum": {"pattern": "[0-9]{1,15}"}}`, ""},
		{"no variables", `, "args": ["/opt/x"]`, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := find(t, "linux", `{"a": {"exe": "/usr/bin/sh", "interpreter": true`+c.rest+`}}`, "a")
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
}

func TestRegistryIsReadAsItsKeysCount(t *testing.T) {
	value := func(name, text string) mapping.Value { return mapping.Value{Name: name, Text: text} }
	r := mapping.Registry{
		Policies: []mapping.Value{value("ddesend", `c:\policy\d.exe`)},
		Machine:  []mapping.Value{value("DDESend", `c:\machine\d.exe`), value("phone", `{"exe": "c:\\p.exe", "mode": "detach"}`), value("", "x"), value("twice", `c:\a.exe`), value("twice", `c:\b.exe`)},
		User:     []mapping.Value{value("mine", `c:\users\me\m.exe`), value("phone", `c:\users\me\p.exe`)},
	}
	c := mapping.FromRegistry(r)
	for name, want := range map[string]string{"ddesend": `c:\policy\d.exe`, "phone": `c:\p.exe`} {
		if e, err := c.Find(name); err != nil || e.Exe != want {
			t.Errorf("%s is %q, %v; want %q", name, e.Exe, err, want)
		}
	}
	if _, err := c.Find("mine"); err == nil {
		t.Error("the user's own command counts without AllowUserMapping")
	}
	if _, err := c.Find("twice"); err == nil || !strings.Contains(err.Error(), "it is there twice") {
		t.Errorf("twice: %v", err)
	}
	r.UserAllowed = true
	c = mapping.FromRegistry(r)
	if e, err := c.Find("mine"); err != nil || e.Exe != `c:\users\me\m.exe` {
		t.Errorf("with AllowUserMapping mine is %q, %v", e.Exe, err)
	}
	if e, _ := c.Find("phone"); e.Exe != `c:\p.exe` {
		t.Errorf("the user's phone %q counts before the machine's", e.Exe)
	}
}

// Rights as Windows has them: 0x2 write, 0x4 append, 0x40 delete a child, 0x10000
// delete, 0x40000 change the rights, 0x1200a9 read and execute.
func TestRightsThatLetOthersWriteAreFound(t *testing.T) {
	for _, c := range []struct {
		name                        string
		trusted, allow, inheritOnly bool
		mask                        uint32
		leaf, folder, above         bool // whether it is unsafe there
	}{
		{"others read", false, true, false, 0x1200a9, false, false, false},
		{"administrators do all", true, true, false, 0x1f01ff, false, false, false},
		{"others do all", false, true, false, 0x1f01ff, true, true, true},
		{"others write", false, true, false, 0x2, true, true, true},
		{"others add folders, as in c:\\", false, true, false, 0x4, true, true, false},
		{"others delete", false, true, false, 0x10000, true, true, true},
		{"others delete what is inside", false, true, false, 0x40, false, true, true},
		{"others change the rights", false, true, false, 0x40000, true, true, true},
		{"others in general", false, true, false, 0x10000000, true, true, true},
		{"only for what is made below", false, true, true, 0x1f01ff, false, false, false},
		{"others may not", false, false, false, 0x1f01ff, false, false, false},
	} {
		for at, want := range map[string]bool{"leaf": c.leaf, "folder": c.folder, "above": c.above} {
			got := mapping.Writer(c.trusted, c.allow, c.inheritOnly, c.mask, at == "leaf", at == "folder") != ""
			if got != want {
				t.Errorf("%s, at the %s: unsafe %v, want %v", c.name, at, got, want)
			}
		}
	}
}

func vars(pairs ...string) (all []wire.CompanionVar) {
	for i := 0; i+1 < len(pairs); i += 2 {
		all = append(all, wire.CompanionVar{Name: pairs[i], Value: pairs[i+1]})
	}
	return all
}
