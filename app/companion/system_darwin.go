package main

import (
	"errors"
	"os"
	"path/filepath"
)

// defaultFolder is where the administrator of a Mac writes.
const defaultFolder = "/Library/Application Support/CRMPop"

// leaveConsole does nothing: a LaunchAgent has none.
func leaveConsole() {}

func (p *program) autostartFile() (string, error) {
	home := p.getenv("HOME")
	if !filepath.IsAbs(home) {
		return "", errors.New("HOME says no folder")
	}
	return filepath.Join(home, "Library", "LaunchAgents", launchLabel+".plist"), nil
}

func (p *program) setAutostart(exe string) (string, error) {
	path, err := p.autostartFile()
	if err != nil {
		return "", err
	}
	return path, putFile(path, launchAgent(exe))
}

func (p *program) removeAutostart() error {
	path, err := p.autostartFile()
	if err != nil {
		return err
	}
	return os.Remove(path)
}
