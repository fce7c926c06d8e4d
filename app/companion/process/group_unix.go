//go:build unix

package process

import (
	"os"
	"os/exec"
	"syscall"
)

// group is a process group.
type group struct{ process *os.Process }

func newGroup(cmd *exec.Cmd) *group {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return &group{}
}

func (g *group) start(cmd *exec.Cmd) error {
	err := cmd.Start()
	g.process = cmd.Process
	return err
}

// kill ends the program and all that it has started, unless they have left the
// group on purpose.
func (g *group) kill() error { return syscall.Kill(-g.process.Pid, syscall.SIGKILL) }

func (g *group) close() {}

// apart makes a program outlive this one and its terminal.
func apart(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} }
