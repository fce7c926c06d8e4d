//go:build unix

package mapping

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
)

// Place is where the administrator of this PC writes, and who that is.
type Place struct {
	Folder string // of commands.json and companion.json
	Owner  int    // the user who may own what is believed, besides root
}

// Commands reads the mapping. A PC without one has no commands.
func (p Place) Commands() (Commands, error) {
	path := filepath.Join(p.Folder, "commands.json")
	src, err := p.readSafe(path)
	if err != nil || src == nil {
		return Commands{From: path}, err
	}
	return Decode(src, path, runtime.GOOS)
}

// Server returns the server that the administrator has fixed, "" if none.
func (p Place) Server() (string, error) {
	path := filepath.Join(p.Folder, "companion.json")
	src, err := p.readSafe(path)
	if err != nil || src == nil {
		return "", err
	}
	server, err := decodeAdmin(src)
	if err != nil {
		return "", fmt.Errorf("%s: %w", path, err)
	}
	return server, nil
}

// Safe says why a file could have been put there by somebody else than the
// administrator: itself, or a folder above it.
func (p Place) Safe(path string) error {
	for at := path; ; at = filepath.Dir(at) {
		info, err := os.Lstat(at)
		if err != nil {
			return err
		}
		if err := p.judge(at, info, at == path); err != nil {
			return err
		}
		if at == filepath.Dir(at) {
			return nil
		}
	}
}

func (p Place) judge(at string, info fs.FileInfo, leaf bool) error {
	mode := info.Mode()
	stat := info.Sys().(*syscall.Stat_t) // always, on a unix
	owner, group := int(stat.Uid), int(stat.Gid)
	switch {
	case mode&fs.ModeSymlink != 0:
		return fmt.Errorf("%s is a symbolic link; write where it leads", at)
	case leaf && !mode.IsRegular():
		return fmt.Errorf("%s is no file", at)
	case owner != 0 && owner != p.Owner:
		return fmt.Errorf("%s belongs to user %d, not to the administrator; chown root it", at, owner)
	case mode&0o002 != 0, mode&0o020 != 0 && !trustedGroup(group):
		return fmt.Errorf("%s can be written by others (mode %#o); chmod go-w it", at, mode.Perm())
	}
	return nil
}

// trustedGroup reports whether all of a group may do what they like anyway. On
// macOS the group admin may write to /Applications, and use sudo.
func trustedGroup(group int) bool {
	return runtime.GOOS == "darwin" && (group == 0 || group == 80)
}
