//go:build unix

package clipboard

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// write hands the text to the first tool there is. A tool may leave a program
// behind that holds the text until somebody pastes it; so there is no pipe that
// would have to end, and no group that is killed after a good end.
func (c Clipboard) write(ctx context.Context, text string) error {
	tool, err := c.pick()
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, tool.Path, tool.Args...)
	cmd.Env, cmd.Dir = append([]string{}, c.Env...), "/"
	cmd.Stdin = bytes.NewReader([]byte(text))
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = 500 * time.Millisecond
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s could not copy: %w", tool.Path, err)
	}
	return nil
}

func (c Clipboard) pick() (Tool, error) {
	var known []string
	for _, t := range c.Tools {
		known = append(known, t.Path)
		if info, err := os.Stat(t.Path); err != nil || info.Mode()&0o111 == 0 {
			continue
		}
		if t.Needs == "" || c.has(t.Needs) {
			return t, nil
		}
	}
	if len(known) == 0 {
		return Tool{}, errors.New("this PC has no clipboard that the companion knows")
	}
	return Tool{}, fmt.Errorf("no desktop to copy to, or none of %s is installed", strings.Join(known, ", "))
}

func (c Clipboard) has(name string) bool {
	for _, v := range c.Env {
		if strings.HasPrefix(v, name+"=") {
			return true
		}
	}
	return false
}
