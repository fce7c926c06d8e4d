//go:build unix

package mapping_test

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/crmpop/crmpop/app/companion/mapping"
)

// safePlace returns a place below a folder that nobody else can write to, which
// the system's folder for temporary files is not.
func safePlace(t *testing.T) mapping.Place {
	t.Helper()
	for _, base := range []string{os.Getenv("HOME"), "/var/lib"} {
		dir, err := os.MkdirTemp(base, "crmpop-test-")
		if err != nil {
			continue
		}
		t.Cleanup(func() { os.RemoveAll(dir) })
		p := mapping.Place{Folder: dir, Owner: os.Getuid()}
		write(t, filepath.Join(dir, "probe"), "", 0o644)
		if p.Safe(filepath.Join(dir, "probe")) == nil {
			return p
		}
	}
	t.Skip("no folder here that nobody else can write to")
	return mapping.Place{}
}

func write(t *testing.T, path, content string, mode os.FileMode) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), mode); err != nil {
		t.Fatal(err)
	}
	chmod(t, path, mode) // whatever the umask is
}

func chmod(t *testing.T, path string, mode os.FileMode) {
	t.Helper()
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}

func refused(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%v, want %q", err, want)
	}
}

func TestMappingThatOthersCanWriteIsRefused(t *testing.T) {
	p := safePlace(t)
	file := filepath.Join(p.Folder, "commands.json")
	if c, err := p.Commands(); err != nil || len(c.Entries) != 0 || c.From != file {
		t.Errorf("without a file: %+v, %v", c, err)
	}
	write(t, file, `{"ddesend": "/opt/a"}`, 0o644)
	if c, err := p.Commands(); err != nil || len(c.Entries) != 1 {
		t.Errorf("a safe file: %+v, %v", c, err)
	}
	for _, mode := range []os.FileMode{0o666, 0o664, 0o646} {
		chmod(t, file, mode)
		_, err := p.Commands()
		refused(t, err, "mapping not safe: "+file+" can be written by others")
	}
	chmod(t, file, 0o644)
	for _, mode := range []os.FileMode{0o777, 0o1777, 0o775} {
		chmod(t, p.Folder, mode)
		_, err := p.Commands()
		refused(t, err, p.Folder+" can be written by others")
	}
	chmod(t, p.Folder, 0o755)
	if _, err := p.Commands(); err != nil {
		t.Errorf("made safe again: %v", err)
	}
}

func TestMappingBehindALinkIsRefused(t *testing.T) {
	p := safePlace(t)
	real := filepath.Join(p.Folder, "real")
	if err := os.Mkdir(real, 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(real, "commands.json"), `{}`, 0o644)
	if err := os.Symlink(filepath.Join(real, "commands.json"), filepath.Join(p.Folder, "commands.json")); err != nil {
		t.Fatal(err)
	}
	_, err := p.Commands()
	refused(t, err, "is a symbolic link")
	link := filepath.Join(p.Folder, "link")
	if err := os.Symlink(real, link); err != nil {
		t.Fatal(err)
	}
	_, err = mapping.Place{Folder: link, Owner: p.Owner}.Commands()
	refused(t, err, link+" is a symbolic link")
}

func TestMappingOfSomebodyElseIsRefused(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can give a file away")
	}
	p := safePlace(t)
	file := filepath.Join(p.Folder, "commands.json")
	write(t, file, `{}`, 0o644)
	if err := os.Chown(file, 12345, 0); err != nil {
		t.Fatal(err)
	}
	_, err := p.Commands()
	refused(t, err, "belongs to user 12345")
	if _, err := (mapping.Place{Folder: p.Folder, Owner: 12345}).Commands(); err != nil {
		t.Errorf("of the user who may own it: %v", err)
	}
}

func TestProgramIsCheckedBeforeEachStart(t *testing.T) {
	p := safePlace(t)
	exe := filepath.Join(p.Folder, "ddesend")
	write(t, exe, "one", 0o755)
	sum := sha256.Sum256([]byte("one"))
	e := mapping.Entry{Name: "ddesend", Exe: exe, SHA256: hex.EncodeToString(sum[:])}
	if err := p.Check(e); err != nil {
		t.Errorf("the program that was mapped: %v", err)
	}
	write(t, exe, "two", 0o755)
	refused(t, p.Check(e), "is not the one that was mapped")
	e.SHA256 = ""
	if err := p.Check(e); err != nil {
		t.Errorf("any program: %v", err)
	}
	chmod(t, exe, 0o777)
	refused(t, p.Check(e), "can be written by others (mode 0777)")
	chmod(t, exe, 0o755)
	chmod(t, p.Folder, 0o777)
	refused(t, p.Check(e), "can be written by others (mode 0777)")
	chmod(t, p.Folder, 0o755)
	refused(t, p.Check(mapping.Entry{Exe: p.Folder}), "is no file")
	refused(t, p.Check(mapping.Entry{Exe: filepath.Join(p.Folder, "gone")}), "no such file")
}

func TestServerOfTheAdministratorIsRead(t *testing.T) {
	p := safePlace(t)
	if s, err := p.Server(); s != "" || err != nil {
		t.Errorf("without a file: %q, %v", s, err)
	}
	file := filepath.Join(p.Folder, "companion.json")
	write(t, file, `{"server": "https://pop.example.com"}`, 0o644)
	if s, err := p.Server(); s != "https://pop.example.com" || err != nil {
		t.Errorf("%q, %v", s, err)
	}
	write(t, file, `{"serv": "https://pop.example.com"}`, 0o644)
	_, err := p.Server()
	refused(t, err, "serv: there is no such field")
	chmod(t, file, 0o666)
	_, err = p.Server()
	refused(t, err, "mapping not safe")
}

// The manual's companion.json is taken as it stands there.
func TestAdministratorsFileOfTheManualIsTaken(t *testing.T) {
	page, err := os.ReadFile("../../../web/docs/companion.md")
	if err != nil {
		t.Fatal(err)
	}
	_, below, _ := strings.Cut(string(page), "```json companion\n")
	text, _, ok := strings.Cut(below, "```")
	p := safePlace(t)
	write(t, filepath.Join(p.Folder, "companion.json"), text, 0o644)
	if s, err := p.Server(); !ok || s != "https://pop.example.com" || err != nil {
		t.Errorf("%q, %v", s, err)
	}
}
