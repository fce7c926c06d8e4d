package e2e_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/server/store"
)

// server is the program as a process of its own, in demo mode, with its own
// data folder.
type server struct {
	t    testing.TB
	data string
	addr string // stays the same over restarts
	url  string
	crm  string // origin of the demo CRM
	key  string // API key with all scopes
	cmd  *exec.Cmd
	done chan struct{}

	mu  sync.Mutex // guards log and n
	log bytes.Buffer
	n   int
}

// serve starts a server on a free port and waits until it says that it listens.
func serve(t testing.TB) *server {
	t.Helper()
	s := &server{t: t, data: t.TempDir(), addr: "127.0.0.1:0"}
	s.start()
	t.Cleanup(func() {
		s.stop(syscall.SIGTERM)
		if t.Failed() {
			s.mu.Lock()
			defer s.mu.Unlock()
			t.Logf("the server said:\n%s", s.log.String())
		}
	})
	b, err := os.ReadFile(filepath.Join(s.data, "demo-key"))
	if err != nil {
		t.Fatal(err)
	}
	s.key = strings.TrimSpace(string(b))
	s.crm = s.findCRM()
	return s
}

var listening = regexp.MustCompile(`listening on (http://(\S+?))/?(\s|$)`)

func (s *server) start() {
	s.t.Helper()
	s.cmd = exec.Command(binary, "serve", "--demo", "--listen", s.addr, "--data", s.data)
	r, w, err := os.Pipe()
	if err != nil {
		s.t.Fatal(err)
	}
	s.cmd.Stdout, s.cmd.Stderr = w, w
	if err := s.cmd.Start(); err != nil {
		s.t.Fatalf("start %s: %v", binary, err)
	}
	w.Close()
	ready := make(chan struct{})
	s.done = make(chan struct{})
	go s.read(r, ready)
	select {
	case <-ready:
	case <-s.done:
		s.t.Fatalf("the server ended before it listened:\n%s", s.said())
	case <-time.After(patience):
		s.t.Fatalf("the server does not listen after %v:\n%s", patience, s.said())
	}
}

// read keeps what the server says, and closes ready when it says where it listens.
func (s *server) read(r io.ReadCloser, ready chan struct{}) {
	defer close(s.done)
	defer r.Close()
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		s.mu.Lock()
		s.log.WriteString(lines.Text() + "\n")
		s.mu.Unlock()
		if m := listening.FindStringSubmatch(lines.Text()); m != nil && ready != nil {
			s.url, s.addr = m[1], m[2]
			close(ready)
			ready = nil
		}
	}
}

func (s *server) said() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.log.String()
}

// stop ends the process by a signal and waits until it is gone.
func (s *server) stop(sig syscall.Signal) {
	if s.cmd.ProcessState != nil {
		return
	}
	s.cmd.Process.Signal(sig) // it may be gone already
	timer := time.AfterFunc(patience, func() { s.cmd.Process.Kill() })
	defer timer.Stop()
	s.cmd.Wait() // its exit code is of no interest: it was told to end
	<-s.done
}

// kill ends the process as a power cut does.
func (s *server) kill() { s.stop(syscall.SIGKILL) }

// api sends a request with the key of all scopes and returns the answer.
func (s *server) api(method, path string, body []byte) (int, []byte) {
	s.t.Helper()
	status, b, err := s.tryAPI(method, path, body)
	if err != nil {
		s.t.Fatalf("%s %s: %v", method, path, err)
	}
	return status, b
}

func (s *server) tryAPI(method, path string, body []byte) (int, []byte, error) {
	req, err := http.NewRequestWithContext(s.t.Context(), method, s.url+path, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("Authorization", "Bearer "+s.key)
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	return resp.StatusCode, b, err
}

// findCRM reads the CRM's origin from the configuration that the demo published.
func (s *server) findCRM() string {
	s.t.Helper()
	status, doc := s.api(http.MethodGet, "/api/v1/screenpopup/tenant/demo", nil)
	m := regexp.MustCompile(`(http://127\.0\.0\.1:\d+)/contact`).FindSubmatch(doc)
	if m == nil {
		s.t.Fatalf("no CRM address in the demo's configuration: %d\n%s", status, doc)
	}
	return string(m[1])
}

// publish makes doc the company's popup configuration.
func (s *server) publish(doc string) (int, []byte) {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodPut, s.url+"/api/v1/screenpopup/tenant/demo", strings.NewReader(doc))
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+s.key)
	req.Header.Set("Content-Type", "application/xml")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return resp.StatusCode, b
}

// event makes an event of a new id.
func (s *server) event(typ screenpop.Trigger, request string) screenpop.Event {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.n++
	return screenpop.Event{ID: fmt.Sprintf("e2e-%d", s.n), Type: typ, Request: screenpop.RequestReport{ID: request}}
}

// send has the server accept an event and returns how many pops it made.
func (s *server) send(e screenpop.Event) int {
	s.t.Helper()
	b, err := json.Marshal(e)
	if err != nil {
		s.t.Fatal(err)
	}
	status, body := s.api(http.MethodPost, "/api/v1/events", b)
	var ans struct {
		Pops int `json:"pops"`
	}
	if status != http.StatusAccepted || json.Unmarshal(body, &ans) != nil {
		s.t.Fatalf("event %s = %d %s", b, status, body)
	}
	return ans.Pops
}

// caller is somebody whom the demo's CRM knows.
type caller struct{ name, number, email, handle string }

var (
	kari    = caller{"Kari Nordmann", "+4722334455", "kari@fjellheim.example", "@kari.n"}
	ingrid  = caller{"Ingrid Solberg", "+4777601234", "ingrid.solberg@post.example", "@ingridoutside"}
	harriet = caller{"Harriet Wells", "+442079460112", "harriet@peakguides.example", "@hwells"}
	maya    = caller{"Maya Patel", "+61255501234", "maya@sctreks.example", "@mayaup"}
)

// crmPage is the title that the demo's configuration gives a caller's page.
func (c caller) crmPage() string { return "CRM " + c.number }

// report returns what an event for a new request of a channel says.
func (c caller) report(channel screenpop.Channel, agent, queue string) screenpop.RequestReport {
	r := screenpop.RequestReport{Channel: channel, Agent: agent, QueueKey: queue, Name: c.name, ANI: c.number}
	switch channel {
	case screenpop.Email, screenpop.Chat:
		r.ANI = c.email
	case screenpop.Social:
		r.ANI = c.handle
	}
	return r
}

// ring announces a call of somebody for an agent and returns how many pops it made.
func (s *server) ring(request string, c caller, agent, queue string) int {
	s.t.Helper()
	e := s.event(screenpop.Ringing, request)
	e.Request = c.report(screenpop.Voice, agent, queue)
	e.Request.ID = request
	return s.send(e)
}

// then reports what happens next to a request that is known.
func (s *server) then(typ screenpop.Trigger, request string) int {
	s.t.Helper()
	return s.send(s.event(typ, request))
}

// trace returns all that the record knows of a request.
func (s *server) trace(request string) store.Trace {
	s.t.Helper()
	status, b := s.api(http.MethodGet, "/api/v1/requests/"+request+"/trace", nil)
	var tr store.Trace
	if err := json.Unmarshal(b, &tr); err != nil || status != http.StatusOK {
		s.t.Fatalf("trace of %s = %d %s (%v)", request, status, b, err)
	}
	return tr
}

// state returns the state of a request's pop by the popup's id, "" for none.
func (s *server) state(request, popup string) screenpop.PopState {
	s.t.Helper()
	for _, p := range s.trace(request).Pops {
		if p.PopupID == "tenant:"+popup {
			return p.State
		}
	}
	return ""
}

// untilState waits until a request's pop has come to one of the states.
func (s *server) untilState(request, popup string, want ...screenpop.PopState) {
	s.t.Helper()
	until(s.t, fmt.Sprintf("pop %s of %s to be %v", popup, request, want), func() (bool, string) {
		got := s.state(request, popup)
		for _, w := range want {
			if got == w {
				return true, ""
			}
		}
		return false, string(got)
	})
}

// loads returns how often pages whose address contains part were loaded into
// frames of the workspace, by the CRM's own count.
func (s *server) loads(part string) int { return s.loadsAs("iframe", part) }

func (s *server) loadsAs(dest, part string) int {
	s.t.Helper()
	resp, err := http.Get(s.crm + "/loads")
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	var all struct {
		Loads []struct {
			URL, Dest string
			Count     int
		}
	}
	if err := json.NewDecoder(resp.Body).Decode(&all); err != nil {
		s.t.Fatalf("read the CRM's loads: %v", err)
	}
	n := 0
	for _, l := range all.Loads {
		if l.Dest == dest && strings.Contains(l.URL, part) {
			n += l.Count
		}
	}
	return n
}
