package main

import (
	"errors"
	"os"
	"path/filepath"
)

// defaultFolder is where the administrator of a Linux PC writes.
const defaultFolder = "/etc/crmpop"

// leaveConsole does nothing: a desktop session has none.
func leaveConsole() {}

func (p *program) autostartFile() (string, error) {
	config := p.getenv("XDG_CONFIG_HOME")
	if !filepath.IsAbs(config) {
		if config = p.getenv("HOME"); !filepath.IsAbs(config) {
			return "", errors.New("HOME says no folder")
		}
		config = filepath.Join(config, ".config")
	}
	return filepath.Join(config, "autostart", "crmpop-companion.desktop"), nil
}

// setAutostart writes an entry for the desktop session, not for systemd: what it
// starts is to have the desktop's environment, its display and its clipboard.
func (p *program) setAutostart(exe string) (string, error) {
	path, err := p.autostartFile()
	if err != nil {
		return "", err
	}
	return path, putFile(path, desktopEntry(exe))
}

func (p *program) removeAutostart() error {
	path, err := p.autostartFile()
	if err != nil {
		return err
	}
	return os.Remove(path)
}
