package main

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"
)

// defaultFolder is not used: the administrator of a Windows PC writes in the
// registry.
const defaultFolder = ""

const (
	runKey   = `Software\Microsoft\Windows\CurrentVersion\Run`
	runValue = "CRMPopCompanion"
)

// leaveConsole closes the window that Windows opens for a program that could
// write to one.
func leaveConsole() {
	_, _, _ = windows.NewLazySystemDLL("kernel32.dll").NewProc("FreeConsole").Call() // without one there is nothing to leave
}

func (p *program) setAutostart(exe string) (string, error) {
	k, _, err := registry.CreateKey(registry.CURRENT_USER, runKey, registry.SET_VALUE)
	if err != nil {
		return "", err
	}
	defer k.Close()
	return `HKCU\` + runKey, k.SetStringValue(runValue, `"`+exe+`" run --background`)
}

func (p *program) removeAutostart() error {
	k, err := registry.OpenKey(registry.CURRENT_USER, runKey, registry.SET_VALUE)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer k.Close()
	return k.DeleteValue(runValue)
}
