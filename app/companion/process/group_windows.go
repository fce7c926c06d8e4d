package process

import (
	"fmt"
	"os/exec"
	"syscall"
	"unsafe"

	"golang.org/x/sys/windows"
)

// group is a job object.
type group struct {
	cmd *exec.Cmd
	job windows.Handle
}

func newGroup(cmd *exec.Cmd) *group {
	cmd.SysProcAttr = &syscall.SysProcAttr{
		CmdLine: CommandLine(cmd.Args),
		// Suspended until it is in the job, so that nothing it starts is outside.
		CreationFlags: windows.CREATE_SUSPENDED | windows.CREATE_NO_WINDOW | windows.CREATE_NEW_PROCESS_GROUP,
	}
	return &group{cmd: cmd}
}

func (g *group) start() error {
	job, err := newJob()
	if err != nil {
		return err
	}
	g.job = job
	if err := g.cmd.Start(); err != nil {
		return err
	}
	var inside error
	err = g.cmd.Process.WithHandle(func(h uintptr) { inside = release(job, windows.Handle(h)) })
	if err == nil {
		err = inside
	}
	if err != nil {
		_ = g.cmd.Process.Kill() // it has not begun; the error to tell is the first
		_ = g.cmd.Wait()
	}
	return err
}

// newJob returns a job whose processes end with its last handle, which is ours.
func newJob() (windows.Handle, error) {
	job, err := windows.CreateJobObject(nil, nil)
	if err != nil {
		return 0, fmt.Errorf("make a job: %w", err)
	}
	if err := limit(job, windows.JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE); err != nil {
		_ = windows.CloseHandle(job) // the error to tell is the first
		return 0, fmt.Errorf("limit a job: %w", err)
	}
	return job, nil
}

func limit(job windows.Handle, flags uint32) error {
	var info windows.JOBOBJECT_EXTENDED_LIMIT_INFORMATION
	info.BasicLimitInformation.LimitFlags = flags
	_, err := windows.SetInformationJobObject(job, windows.JobObjectExtendedLimitInformation,
		uintptr(unsafe.Pointer(&info)), uint32(unsafe.Sizeof(info)))
	return err
}

// release puts a suspended process into the job and lets it begin.
func release(job, process windows.Handle) error {
	if err := windows.AssignProcessToJobObject(job, process); err != nil {
		return fmt.Errorf("put it into a job: %w", err)
	}
	resume := windows.NewLazySystemDLL("ntdll.dll").NewProc("NtResumeProcess")
	if status, _, _ := resume.Call(uintptr(process)); status != 0 {
		return fmt.Errorf("let it begin: %w", windows.NTStatus(status))
	}
	return nil
}

// kill ends the program and all that it has started.
func (g *group) kill() error { return windows.TerminateJobObject(g.job, 1) }

// close lets the job go, and with it what a program that ended in time has left
// behind.
func (g *group) close() {
	if g.job != 0 {
		_ = limit(g.job, 0) // best effort, as is the next: nothing is left to be done about it
		_ = windows.CloseHandle(g.job)
	}
}

// apart makes a program outlive this one and its terminal.
func apart(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{CmdLine: CommandLine(cmd.Args), CreationFlags: windows.CREATE_NEW_PROCESS_GROUP}
}
