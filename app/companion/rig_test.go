//go:build unix

package main_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/crmpop/crmpop/app/companion/home"
	"github.com/crmpop/crmpop/app/wire"
)

// patience bounds what must happen at once, on a machine that has much to do.
const patience = 60 * time.Second

// built are the programs under test, in a folder that nobody else can write to.
// They are built once, by TestMain.
type built struct {
	dir       string // "" if there is no such folder here
	companion string
	recorder  string
}

var programs built

func TestMain(m *testing.M) {
	var err error
	if programs, err = build(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	if programs.dir != "" {
		_ = os.RemoveAll(programs.dir)
	}
	os.Exit(code)
}

func build() (b built, err error) {
	for _, base := range []string{os.Getenv("HOME"), "/var/lib"} {
		if b.dir, err = os.MkdirTemp(base, "crmpop-test-"); err == nil && safeAbove(b.dir) {
			break
		}
		_ = os.RemoveAll(b.dir)
		b.dir = ""
	}
	if b.dir == "" {
		return b, nil
	}
	if err := os.Chmod(b.dir, 0o755); err != nil {
		return b, err
	}
	b.companion, b.recorder = filepath.Join(b.dir, "crmpop-companion"), filepath.Join(b.dir, "recorder")
	set := fmt.Sprintf("-X main.systemFolder=%s/etc -X main.systemOwner=%d", b.dir, os.Getuid())
	for _, args := range [][]string{
		{"build", "-tags", "failpoint", "-ldflags", set, "-o", b.companion, "."},
		{"build", "-o", b.recorder, "./testdata/recorder"},
	} {
		if out, err := exec.Command("go", args...).CombinedOutput(); err != nil {
			return b, fmt.Errorf("go %v: %w\n%s", args, err, out)
		}
	}
	return b, nil
}

func safeAbove(dir string) bool {
	for ; dir != "/"; dir = filepath.Dir(dir) {
		if info, err := os.Lstat(dir); err != nil || info.Mode()&(fs.ModeSymlink|0o022) != 0 {
			return false
		}
	}
	return true
}

// pc is an agent's PC: an administrator's folder, a user's, and a server.
type pc struct {
	t      testing.TB
	server *server
	state  string // XDG_STATE_HOME
	record string // what was started
}

// newPC returns a PC that is paired with a server. The administrator's folder is
// one for all: these tests do not run at the same time.
func newPC(t testing.TB) *pc {
	t.Helper()
	if programs.dir == "" {
		t.Skip("no folder here that nobody else can write to")
	}
	p := &pc{t: t, server: newServer(t), state: t.TempDir()}
	p.record = filepath.Join(p.state, "record")
	must(t, os.RemoveAll(p.etc("")))
	must(t, os.Mkdir(p.etc(""), 0o755))
	must(t, os.Chmod(p.etc(""), 0o755))
	f := p.home()
	key, err := f.MakeKey()
	must(t, err)
	p.server.know("c1", key.Public().(ed25519.PublicKey))
	must(t, f.SetPairing(home.Pairing{Server: p.server.origin, CompanionID: "c1", Agent: "anna", AgentName: "Anna", At: time.Now()}))
	return p
}

func (p *pc) home() home.Folder {
	p.t.Helper()
	f, err := home.Open(filepath.Join(p.state, "crmpop"))
	must(p.t, err)
	return f
}

func (p *pc) etc(name string) string { return filepath.Join(programs.dir, "etc", name) }

// maps writes the mapping. What is given of each command goes on in its env and has
// to close it: plain, or more variables and then more fields.
func (p *pc) maps(fields map[string]string) {
	p.t.Helper()
	var all []string
	for name, more := range fields {
		all = append(all, fmt.Sprintf(`%q: {"exe": %q, "env": {"RECORD": %q%s}`, name, programs.recorder, p.record, more))
	}
	write(p.t, p.etc("commands.json"), "{"+strings.Join(all, ",\n")+"}", 0o644)
}

// plain is a command with nothing said but its program.
const plain = "}"

// env is what the user's session has.
func (p *pc) env(more ...string) []string {
	return append([]string{"HOME=" + p.state, "XDG_STATE_HOME=" + p.state, "XDG_CONFIG_HOME=" + p.state, "PATH=/usr/bin:/bin", "USER=anna",
		"SECRET=of the session"}, more...)
}

// do runs a command of the companion to its end.
func (p *pc) do(args ...string) (stdout, stderr string, code int) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, programs.companion, args...)
	cmd.Env = p.env()
	var out, fault bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &fault
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		p.t.Fatal(err)
	}
	return out.String(), fault.String(), cmd.ProcessState.ExitCode()
}

// running is a companion that runs.
type running struct {
	cmd   *exec.Cmd
	ended chan struct{}
	out   lockedBuffer
}

// run starts the companion.
func (p *pc) run(more ...string) *running {
	p.t.Helper()
	r := &running{cmd: exec.Command(programs.companion, "run"), ended: make(chan struct{})}
	r.cmd.Env = p.env(more...)
	r.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	r.cmd.Stdout, r.cmd.Stderr = &r.out, &r.out
	must(p.t, r.cmd.Start())
	go func() {
		_ = r.cmd.Wait() // the tests look at the state
		close(r.ended)
	}()
	p.t.Cleanup(func() {
		r.kill()
		if p.t.Failed() {
			p.t.Logf("the companion said:\n%s", r.out.String())
		}
	})
	return r
}

// kill ends the companion hard, and what it runs under.
func (r *running) kill() {
	_ = syscall.Kill(-r.cmd.Process.Pid, syscall.SIGKILL) // it may have ended
	<-r.ended
}

// end waits for the end and returns the exit code.
func (r *running) end(t testing.TB) int {
	t.Helper()
	select {
	case <-r.ended:
	case <-time.After(patience):
		t.Fatal("the companion still runs")
	}
	return r.cmd.ProcessState.ExitCode()
}

// start is what a recorder has written down.
type start struct {
	What string
	At   int64
	Args []string
	Env  []string
	Dir  string
}

// starts returns what was started.
func (p *pc) starts() []start {
	p.t.Helper()
	src, err := os.ReadFile(p.record)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	must(p.t, err)
	var all []start
	for line := range bytes.Lines(src) {
		var s start
		must(p.t, json.Unmarshal(line, &s))
		all = append(all, s)
	}
	return all
}

// server is the other end: it pairs, challenges and asks.
type server struct {
	t      testing.TB
	http   *httptest.Server
	origin string // as it calls itself
	conns  chan *conn

	mu      sync.Mutex // guards all below
	keys    map[string]ed25519.PublicKey
	pairing string // the state of the one pairing
	offered map[string]string
	refuse  int // the code of the bye that answers every hello, 0 for a welcome
	hellos  int
}

func newServer(t testing.TB) *server {
	s := &server{t: t, conns: make(chan *conn, 1000), keys: map[string]ed25519.PublicKey{}, pairing: "waiting"}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /api/v1/companion/pair", s.offer)
	mux.HandleFunc("GET /api/v1/companion/pair/{id}", s.poll)
	mux.HandleFunc("GET /api/v1/companion/connect", s.connect)
	s.http = httptest.NewServer(mux)
	s.origin = s.http.URL
	t.Cleanup(s.http.Close)
	t.Cleanup(s.http.CloseClientConnections)
	return s
}

func (s *server) know(id string, key ed25519.PublicKey) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keys[id] = key
}

func (s *server) set(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
}

func (s *server) offer(w http.ResponseWriter, r *http.Request) {
	var body map[string]string
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil || r.Header.Get("Cookie")+r.Header.Get("Origin") != "" {
		http.Error(w, "no", http.StatusBadRequest)
		return
	}
	s.set(func() { s.offered = body })
	w.WriteHeader(http.StatusCreated)
	fmt.Fprint(w, `{"pairing_id":"pr1","user_code":"BCDFGHJK","number":"47","expires_in":600,"interval":1}`)
}

func (s *server) poll(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pairing == "gone" {
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(http.StatusNotFound)
		fmt.Fprint(w, `{"detail":"There is no such pairing."}`)
		return
	}
	if key, err := base64.RawURLEncoding.DecodeString(s.offered["public_key"]); err == nil && s.pairing == "confirmed" {
		s.keys["c2"] = key
	}
	fmt.Fprintf(w, `{"state":%q,"companion_id":"c2","agent":"anna@demo","agent_name":"Anna\u001b[31m Berg","tenant":"demo"}`, s.pairing)
}

// conn is a companion that has proved who it is.
type conn struct {
	t      testing.TB
	ws     *websocket.Conn
	frames chan wire.CompanionFrame // closed when it is lost
}

func (s *server) connect(w http.ResponseWriter, r *http.Request) {
	ws, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}
	defer ws.CloseNow()
	ctx := context.Background()
	c := &conn{t: s.t, ws: ws, frames: make(chan wire.CompanionFrame, 1000)}
	c.send(wire.CompanionFrame{Type: wire.CompanionChallenge, Nonce: "n1", Server: s.origin})
	hello, err := c.read(ctx)
	if err != nil {
		return
	}
	signature, err := base64.RawURLEncoding.DecodeString(hello.Signature)
	s.mu.Lock()
	s.hellos++
	ok := err == nil && wire.VerifyCompanion(s.keys[hello.ID], "n1", s.origin, hello.ID, signature)
	refuse := s.refuse
	s.mu.Unlock()
	if !ok {
		refuse = wire.ByeSignOut
	}
	if refuse != 0 {
		c.send(wire.CompanionFrame{Type: wire.Bye, Code: refuse, Reason: "refused"})
		return
	}
	c.send(wire.CompanionFrame{Type: wire.CompanionWelcome, Agent: "anna@demo", AgentName: "Anna", HeartbeatS: 30})
	s.conns <- c
	defer close(c.frames)
	for {
		f, err := c.read(ctx)
		if err != nil {
			return
		}
		c.frames <- f
	}
}

func (c *conn) read(ctx context.Context) (wire.CompanionFrame, error) {
	_, b, err := c.ws.Read(ctx)
	if err != nil {
		return wire.CompanionFrame{}, err
	}
	return wire.DecodeCompanion(b)
}

// send writes a frame. A companion that is gone is what some tests are about.
func (c *conn) send(f wire.CompanionFrame) {
	_ = c.ws.Write(context.Background(), websocket.MessageText, wire.EncodeCompanion(f))
}

// connected waits for a companion.
func (s *server) connected() *conn {
	s.t.Helper()
	select {
	case c := <-s.conns:
		return c
	case <-time.After(patience):
		s.t.Fatal("no companion connects")
		return nil
	}
}

// nextResult returns the next result, whatever else comes before.
func (c *conn) nextResult() wire.CompanionFrame {
	c.t.Helper()
	for {
		f, ok := c.next()
		if !ok {
			c.t.Fatal("the connection was lost before a result")
		}
		if f.Type == wire.CompanionResult {
			return f
		}
	}
}

// next returns the next frame, or false when the connection is lost.
func (c *conn) next() (wire.CompanionFrame, bool) {
	c.t.Helper()
	select {
	case f, ok := <-c.frames:
		return f, ok
	case <-time.After(patience):
		c.t.Fatal("the companion says nothing")
		return wire.CompanionFrame{}, false
	}
}

// result waits for a pop's result.
func (c *conn) result(popID string) wire.CompanionFrame {
	c.t.Helper()
	for {
		if f := c.nextResult(); f.PopID == popID {
			return f
		}
	}
}

// run asks for a command and returns its result.
func (c *conn) run(popID, name string, pairs ...string) wire.CompanionFrame {
	c.t.Helper()
	c.send(runFrame(popID, name, pairs...))
	return c.result(popID)
}

func runFrame(popID, name string, pairs ...string) wire.CompanionFrame {
	f := wire.CompanionFrame{Type: wire.CompanionRun, PopID: popID, RequestID: "r", Name: name, TTLms: 60_000}
	for i := 0; i+1 < len(pairs); i += 2 {
		f.Vars = append(f.Vars, wire.CompanionVar{Name: pairs[i], Value: pairs[i+1]})
	}
	return f
}

// pairedWith changes the server that the PC is paired with.
func (p *pc) pairedWith(origin string) {
	p.t.Helper()
	was, _, err := p.home().Pairing()
	must(p.t, err)
	was.Server = origin
	must(p.t, p.home().SetPairing(was))
}

// overTLS moves the server behind TLS and returns a file with the certificates to
// trust: the server's, and those in more.
func (p *pc) overTLS(more string) string {
	p.t.Helper()
	tls := httptest.NewTLSServer(p.server.http.Config.Handler)
	p.t.Cleanup(tls.Close)
	p.t.Cleanup(tls.CloseClientConnections)
	p.server.origin = tls.URL
	p.pairedWith(tls.URL)
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: tls.Certificate().Raw})
	file := filepath.Join(p.state, "ca.pem")
	write(p.t, file, string(ca)+more, 0o644)
	return file
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func write(t testing.TB, path, content string, mode os.FileMode) {
	t.Helper()
	must(t, os.WriteFile(path, []byte(content), mode))
	must(t, os.Chmod(path, mode))
}

// until waits for a condition.
func until(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !ok(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s does not come true", what)
		}
	}
}

// lockedBuffer is a buffer that may be read while it is written.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write appends.
func (l *lockedBuffer) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(b)
}

// String returns all that was written.
func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
