//go:build !js

package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// unavailable says why the packages cannot be had here.
type unavailable struct{ why string }

func (u *unavailable) Error() string { return u.why }

// npmPatience is how long npm may take: 17 small packages.
const npmPatience = 3 * time.Minute

// npmCI are npm's arguments. What cannot be reached is tried twice, not for minutes.
var npmCI = []string{"ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error",
	"--fetch-retries=1", "--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=5000", "--fetch-timeout=30000"}

// install has npm fetch the packages of the lock file, unless they are there.
func install(src string) error {
	lock, err := os.ReadFile(filepath.Join(src, "package-lock.json"))
	if err != nil {
		return fmt.Errorf("read the editor's lock file: %w", err)
	}
	sum := sha256.Sum256(lock)
	want := hex.EncodeToString(sum[:])
	note := filepath.Join(src, "node_modules", ".of-lock")
	if have, err := os.ReadFile(note); err == nil && string(have) == want {
		return nil
	}
	npm, err := exec.LookPath("npm")
	if err != nil {
		return &unavailable{"npm is not installed here"}
	}
	if err := fetch(npm, src); err != nil {
		return err
	}
	return write(note, []byte(want))
}

func fetch(npm, src string) error {
	ctx, cancel := context.WithTimeout(context.Background(), npmPatience)
	defer cancel()
	var said bytes.Buffer
	cmd := exec.CommandContext(ctx, npm, npmCI...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = src, &said, &said
	cmd.WaitDelay = 5 * time.Second // its children may hold the pipes
	err := cmd.Run()
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return &unavailable{fmt.Sprintf("npm has not fetched the packages within %v", npmPatience)}
	}
	return judge(said.String(), err)
}

// ours are the codes of npm that tell of a fault here or of packages that are not
// those of the lock file; nobody may go on over them.
var ours = []string{"EINTEGRITY", "EUSAGE", "EJSONPARSE"}

// judge returns the fault that npm's words tell of.
func judge(said string, err error) error {
	for _, code := range ours {
		if strings.Contains(said, code) {
			return fmt.Errorf("npm ci: %w\n%s", err, strings.TrimSpace(said))
		}
	}
	return &unavailable{"npm cannot fetch the packages" + because(said)}
}

// because returns the first of npm's lines that says something, in brackets.
func because(said string) string {
	for line := range strings.Lines(said) {
		line = strings.TrimSpace(line)
		for _, prefix := range []string{"npm error", "npm ERR!"} {
			if words, ok := strings.CutPrefix(line, prefix); ok && strings.TrimSpace(words) != "" {
				return " (" + strings.TrimSpace(words) + ")"
			}
		}
	}
	return ""
}
