package main_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// sockets returns the lines of /proc/net that are about a process's own sockets.
func sockets(t *testing.T, pid int) map[string][]string {
	t.Helper()
	own := map[string]bool{}
	fds, err := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", pid))
	must(t, err)
	for _, fd := range fds {
		if to, err := os.Readlink(fd); err == nil && strings.HasPrefix(to, "socket:[") {
			own[strings.Trim(to, "socket:[]")] = true
		}
	}
	found := map[string][]string{}
	for _, kind := range []string{"tcp", "tcp6", "udp", "udp6", "raw", "raw6", "unix", "packet", "netlink"} {
		src, err := os.ReadFile(fmt.Sprintf("/proc/%d/net/%s", pid, kind))
		if err != nil {
			continue
		}
		for line := range strings.Lines(string(src)) {
			for _, word := range strings.Fields(line) {
				if own[word] {
					found[kind] = append(found[kind], strings.TrimSpace(line))
				}
			}
		}
	}
	return found
}

func TestNothingListens(t *testing.T) {
	p := newPC(t)
	p.maps(map[string]string{"ddesend": plain})
	r := p.run()
	p.server.connected().run("p", "ddesend")
	all := sockets(t, r.cmd.Process.Pid)
	if len(all["tcp"]) != 1 || len(all) != 1 {
		t.Fatalf("sockets %v, want the one connection to the server", all)
	}
	const established = "01"
	if state := strings.Fields(all["tcp"][0])[3]; state != established {
		t.Errorf("the socket's state is %s, want %s", state, established)
	}
}

// The system itself is asked: what is not mapped, or has a path for a name, makes
// it execute nothing.
func TestNothingIsExecutedForWhatIsNotMapped(t *testing.T) {
	strace, err := exec.LookPath("strace")
	if err != nil {
		t.Skip("strace is not installed")
	}
	p := newPC(t)
	p.maps(map[string]string{"ddesend": plain})
	trace := filepath.Join(p.state, "trace")
	companion := programs.companion
	programs.companion = filepath.Join(p.state, "traced")
	defer func() { programs.companion = companion }()
	write(t, programs.companion, "#!/bin/sh\nexec "+strace+" -f -qq -e trace=execve,execveat -o "+trace+" "+companion+" \"$@\"\n", 0o755)
	r := p.run()
	select {
	case <-r.ended:
		t.Skipf("strace may not trace here: %s", r.out.String())
	case c := <-p.server.conns:
		for i, name := range []string{"softphone", "../recorder", "/bin/sh", "sh"} {
			c.run(fmt.Sprint("p", i), name, "anum", "1")
		}
		c.run("good", "ddesend")
	}
	src, err := os.ReadFile(trace)
	must(t, err)
	var executed []string
	for line := range strings.Lines(string(src)) {
		if strings.Contains(line, " execve(") || strings.Contains(line, " execveat(") { // not its "resumed"
			executed = append(executed, strings.TrimSpace(line))
		}
	}
	if len(executed) != 2 || !strings.Contains(executed[0], companion) || !strings.Contains(executed[1], programs.recorder) {
		t.Errorf("executed %q, want the companion and the one command that is mapped", executed)
	}
}
