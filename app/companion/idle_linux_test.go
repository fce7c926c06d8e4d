package main_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// memory returns a process's resident memory, and of that what it does not share
// with the file of its program, in kB.
func memory(tb testing.TB, pid int) (rss, anonymous int) {
	tb.Helper()
	src, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		tb.Fatal(err)
	}
	for line := range strings.Lines(string(src)) {
		fields := strings.Fields(line)
		if len(fields) < 2 {
			continue
		}
		n, _ := strconv.Atoi(fields[1]) // other lines hold no number
		switch fields[0] {
		case "VmRSS:":
			rss = n
		case "RssAnon:":
			anonymous = n
		}
	}
	return rss, anonymous
}

// settled waits until a process's memory has been the same for two seconds.
func settled(tb testing.TB, pid int) (rss, anonymous int) {
	tb.Helper()
	for last := -1; ; time.Sleep(2 * time.Second) {
		if rss, anonymous = memory(tb, pid); rss == last {
			return rss, anonymous
		}
		last = rss
	}
}

// strip builds a program as it is given out, for the memory depends on its size.
func strip(tb testing.TB, name, of, ldflags string) string {
	tb.Helper()
	out := filepath.Join(programs.dir, name)
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w "+ldflags, "-o", out, of)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if b, err := cmd.CombinedOutput(); err != nil {
		tb.Fatalf("build %s: %v\n%s", of, err, b)
	}
	return out
}

// maxIdle is the most that an idle companion may hold, in kB.
const maxIdle = 15_000

// BenchmarkIdle measures the companion, connected over TLS and with nothing to do,
// after it has run a command; and a program beside it that holds such a websocket
// and does nothing else.
func BenchmarkIdle(b *testing.B) {
	if programs.dir == "" {
		b.Skip("no folder here that nobody else can write to")
	}
	for b.Loop() {
		p := newPC(b)
		was := programs.companion
		programs.companion = strip(b, "stripped", ".", fmt.Sprintf("-X main.systemFolder=%s/etc -X main.systemOwner=%d", programs.dir, os.Getuid()))
		p.maps(map[string]string{"ddesend": plain})
		roots, _ := os.ReadFile("/etc/ssl/certs/ca-certificates.crt") // as many as on a PC, where there are some
		ca := "SSL_CERT_FILE=" + p.overTLS(string(roots))
		r := p.run(ca)
		programs.companion = was
		p.server.connected().run("p", "ddesend", "anum", "2149")
		rss, own := settled(b, r.cmd.Process.Pid)

		bare := exec.Command(strip(b, "bare", "./testdata/bare", ""), "ws"+strings.TrimPrefix(p.server.origin, "http")+"/api/v1/companion/connect")
		bare.Env = p.env(ca)
		if err := bare.Start(); err != nil {
			b.Fatal(err)
		}
		bareRSS, bareOwn := settled(b, bare.Process.Pid)
		_ = bare.Process.Kill() // it has no other end
		_ = bare.Wait()
		b.ReportMetric(float64(rss)/1000, "MB-companion")
		b.ReportMetric(float64(own)/1000, "MB-companion-own")
		b.ReportMetric(float64(bareRSS)/1000, "MB-bare")
		b.ReportMetric(float64(bareOwn)/1000, "MB-bare-own")
		b.ReportMetric(float64(rss)/float64(bareRSS), "x-bare")
		if rss > maxIdle {
			b.Errorf("idle with %d kB, want %d at most", rss, maxIdle)
		}
	}
}
