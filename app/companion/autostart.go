//go:build !js

package main

import (
	"encoding/xml"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// install has the companion started in the user's own session. It is never a
// service: services have no desktop, and more rights than the user.
func (p *program) install() error {
	exe, err := ownPath()
	if err != nil {
		return err
	}
	where, err := p.setAutostart(exe)
	if err != nil {
		return fmt.Errorf("install: %w", err)
	}
	fmt.Fprintf(p.stdout, "It starts with your next sign-in (%s). Start it now with: crmpop-companion run\n", where)
	return nil
}

// uninstall takes that back.
func (p *program) uninstall() error {
	if err := p.removeAutostart(); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("uninstall: %w", err)
	}
	fmt.Fprintln(p.stdout, "It no longer starts with your sign-in. The pairing stays until: crmpop-companion unpair")
	return nil
}

func ownPath() (string, error) {
	exe, err := os.Executable()
	if err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(exe)
}

// desktopEntry is the file that starts a program with a desktop session (XDG).
func desktopEntry(exe string) string {
	// Quoted twice: as an argument of Exec, and as a text of the file.
	exe = strings.NewReplacer(`\`, `\\\\`, `"`, `\\"`, "`", "\\\\`", `$`, `\\$`, `%`, `%%`).Replace(exe)
	return `[Desktop Entry]
Type=Application
Name=CRM Pop companion
Comment=Starts what CRM Pop asks this PC for
Exec="` + exe + `" run --background
NoDisplay=true
Terminal=false
`
}

const launchLabel = "com.crmpop.companion"

// launchAgent is the file that starts a program with a session of macOS.
func launchAgent(exe string) string {
	var name strings.Builder
	_ = xml.EscapeText(&name, []byte(exe)) // a Builder takes everything
	return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
	<key>Label</key><string>` + launchLabel + `</string>
	<key>ProgramArguments</key>
	<array><string>` + name.String() + `</string><string>run</string><string>--background</string></array>
	<key>RunAtLoad</key><true/>
	<key>KeepAlive</key><dict><key>SuccessfulExit</key><false/></dict>
	<key>ThrottleInterval</key><integer>30</integer>
	<key>ProcessType</key><string>Interactive</string>
	<key>LimitLoadToSessionType</key><string>Aqua</string>
</dict>
</plist>
`
}

// putFile writes a file that starts the companion.
func putFile(path, content string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, []byte(content), 0o644)
}
