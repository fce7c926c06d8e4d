//go:build unix

package process

import (
	"os/exec"
	"syscall"
)

// group is a process group.
type group struct{ cmd *exec.Cmd }

func newGroup(cmd *exec.Cmd) *group {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return &group{cmd}
}

func (g *group) start() error { return g.cmd.Start() }

// kill ends the program and all that it has started, unless they have left the
// group on purpose. It may be called before start has returned.
func (g *group) kill() error { return syscall.Kill(-g.cmd.Process.Pid, syscall.SIGKILL) }

func (g *group) close() {}

// apart makes a program outlive this one and its terminal.
func apart(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} }
