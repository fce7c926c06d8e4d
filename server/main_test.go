//go:build !js

package main_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	server "github.com/crmpop/crmpop/server"
)

// output is written by the program and watched by the test.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(b)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

// after returns what follows label on its line.
func (o *output) after(label string) string {
	for line := range strings.Lines(o.String()) {
		if rest, ok := strings.CutPrefix(line, label); ok {
			return strings.TrimSpace(rest)
		}
	}
	return ""
}

// program is a running server.
type program struct {
	t              *testing.T
	stdout, stderr *output
	url            string
	stop           context.CancelFunc
	code           chan int
}

// start runs the program until the test ends or stop is called.
func start(t *testing.T, args ...string) *program {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	p := &program{t: t, stdout: &output{}, stderr: &output{}, stop: cancel, code: make(chan int, 1)}
	go func() {
		p.code <- server.Run(ctx, append([]string{"serve", "--listen", "127.0.0.1:0"}, args...),
			func(string) string { return "" }, p.stdout, p.stderr)
	}()
	t.Cleanup(func() { p.end() })
	p.until("it says where it listens", func() bool { return p.stdout.after("listening on ") != "" })
	p.url = p.stdout.after("listening on ")
	return p
}

// end stops the program and returns its exit code.
func (p *program) end() int {
	p.t.Helper()
	p.stop()
	select {
	case code := <-p.code:
		p.code <- code
		return code
	case <-time.After(30 * time.Second):
		p.t.Fatalf("the program did not stop:\n%s", p.stderr)
		return -1
	}
}

// until waits for a condition; the program may end while it waits.
func (p *program) until(what string, is func() bool) {
	p.t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !is(); time.Sleep(5 * time.Millisecond) {
		select {
		case code := <-p.code:
			p.code <- code
			p.t.Fatalf("the program ended with %d before %s:\n%s%s", code, what, p.stdout, p.stderr)
		default:
		}
		if time.Now().After(deadline) {
			p.t.Fatalf("not after 30 s: %s\n%s%s", what, p.stdout, p.stderr)
		}
	}
}

func (p *program) do(method, path, body, key string) (int, string) {
	p.t.Helper()
	r, err := http.NewRequestWithContext(p.t.Context(), method, p.url+path, strings.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	if key != "" {
		r.Header.Set("Authorization", "Bearer "+key)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		p.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return resp.StatusCode, string(b)
}

func TestDemoIsReadyToRing(t *testing.T) {
	data := t.TempDir()
	p := start(t, "--demo", "--data", data)
	for _, label := range []string{"workspace  ", "demo phone ", "demo CRM   ", "API key    "} {
		if p.stdout.after(label) == "" {
			t.Fatalf("stdout lacks %q:\n%s", label, p.stdout)
		}
	}
	file := p.stdout.after("API key ")
	info, err := os.Stat(file)
	if err != nil || file != filepath.Join(data, "demo-key") || info.Mode().Perm() != 0o600 {
		t.Fatalf("key file %s: %v, %v, want %s with mode 0600", file, info, err, filepath.Join(data, "demo-key"))
	}
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	key := strings.TrimSpace(string(b))
	status, body := p.do("POST", "/api/v1/events", `{"id":"evt-1","type":"ringing","request":{"id":"c-1","channel":"voice","agent":"anna@demo","anum":"+4722334455"}}`, key)
	var got struct{ Pops int }
	if json.Unmarshal([]byte(body), &got) != nil || status != 202 || got.Pops == 0 {
		t.Errorf("a call for anna: %d %s, want 202 and pops", status, body)
	}
	for _, path := range []string{"/api/v1/users", "/api/v1/sources", "/api/v1/requests/c-1/trace", "/api/v1/screenpopup/tenant/demo"} {
		if status, body := p.do("GET", path, "", key); status != 200 {
			t.Errorf("GET %s with the demo's key: %d %s, want 200", path, status, body)
		}
	}
	if status, body := p.do("POST", "/api/v1/session", `{"email":"anna@demo","password":"demo"}`, ""); status != 200 || !strings.Contains(body, `"phone_url":"`+p.stdout.after("demo phone ")+`"`) {
		t.Errorf("sign in: %d %s", status, body)
	}
	for _, url := range []string{p.stdout.after("demo phone "), p.stdout.after("demo CRM ")} {
		resp, err := http.Get(url)
		if err != nil || resp.StatusCode != 200 {
			t.Errorf("GET %s: %v, %v, want 200", url, resp, err)
			continue
		}
		resp.Body.Close()
	}
	if code := p.end(); code != 0 {
		t.Errorf("exit code %d, want 0 after an orderly stop:\n%s", code, p.stderr)
	}
	if strings.Contains(p.stderr.String(), "22334455") || strings.Contains(p.stderr.String(), key) {
		t.Errorf("the log shows a number or the key:\n%s", p.stderr)
	}
}

func TestDemoKeepsItsWorldOverARestart(t *testing.T) {
	data := t.TempDir()
	p := start(t, "--demo", "--data", data)
	key, err := os.ReadFile(filepath.Join(data, "demo-key"))
	if err != nil {
		t.Fatal(err)
	}
	p.do("POST", "/api/v1/events", `{"id":"evt-1","type":"ringing","request":{"id":"c-1","channel":"voice","agent":"anna@demo","anum":"1"}}`, strings.TrimSpace(string(key)))
	p.end()
	again := start(t, "--demo", "--data", data)
	if status, body := again.do("GET", "/api/v1/requests/c-1", "", strings.TrimSpace(string(key))); status != 200 {
		t.Errorf("after a restart: %d %s, want the request and the same key", status, body)
	}
	again.end()

	var out, errs output
	code := server.Run(t.Context(), []string{"serve", "--listen", "127.0.0.1:0", "--data", data}, func(string) string { return "" }, &out, &errs)
	if code != 1 || !strings.Contains(errs.String(), "passwords are known") {
		t.Errorf("the demo's folder without --demo: %d %s, want it refused", code, errs.String())
	}
}

func TestFirstStartPrintsAnOwnerLink(t *testing.T) {
	data := t.TempDir()
	p := start(t, "--data", data, "--admin-listen", "127.0.0.1:0")
	link := p.stdout.after("owner link ")
	if !strings.HasPrefix(link, p.url+"/welcome/") {
		t.Fatalf("owner link %q, want it below %s:\n%s", link, p.url, p.stdout)
	}
	if status, body := p.do("GET", strings.TrimPrefix(link, p.url), "", ""); status != 200 || !strings.Contains(body, "<form") {
		t.Errorf("the link: %d %s, want the form", status, body)
	}
	if status, body := p.do("GET", "/api/v1/session", "", ""); status != 401 || strings.Contains(body, "demo") {
		t.Errorf("session: %d %s, want a 401 that knows no demo", status, body)
	}
	if code := p.end(); code != 0 {
		t.Errorf("exit code %d:\n%s", code, p.stderr)
	}
}

func TestFaultsAtStart(t *testing.T) {
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Close()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		args []string
		code int
		want string
	}{
		{"bad flag", []string{"serve", "--listen", "nowhere"}, 2, "write it as 127.0.0.1:8000"},
		{"known passwords on the network", []string{"serve", "--demo", "--listen", "0.0.0.0:0"}, 2, "listen on 127.0.0.1 or drop --demo"},
		{"taken port", []string{"serve", "--listen", busy.Addr().String(), "--data", t.TempDir()}, 1, "choose with --listen"},
		{"data is a file", []string{"serve", "--listen", "127.0.0.1:0", "--data", file}, 1, "data folder"},
	} {
		var out, errs output
		code := server.Run(t.Context(), c.args, func(string) string { return "" }, &out, &errs)
		if code != c.code || !strings.Contains(errs.String(), c.want) {
			t.Errorf("%s: %d %s, want %d and %q", c.name, code, errs.String(), c.code, c.want)
		}
	}
}

func TestVersionAndDump(t *testing.T) {
	var out, errs output
	if code := server.Run(t.Context(), []string{"version"}, func(string) string { return "" }, &out, &errs); code != 0 || !strings.HasPrefix(out.String(), "crmpop ") {
		t.Errorf("version: %d %s%s", code, out.String(), errs.String())
	}
	var dump output
	if code := server.Run(t.Context(), []string{"serve", "--config-dump"}, func(string) string { return "" }, &dump, &errs); code != 0 || !strings.Contains(dump.String(), "127.0.0.1:8000") {
		t.Errorf("config dump: %d %s%s", code, dump.String(), errs.String())
	}
}
