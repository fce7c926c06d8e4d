package main_test

import (
	"fmt"
	"os"
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
