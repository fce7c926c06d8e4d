package e2e_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/crmpop/crmpop/app/screenpop"
)

// desk is a CRM of the customer's own, to which web requests go.
type crmDesk struct {
	*httptest.Server
	mu     sync.Mutex // guards what follows
	got    []string   // method, path and body of each
	keys   map[string]int
	answer func(w http.ResponseWriter, path string)
}

func newDesk(t testing.TB) *crmDesk {
	t.Helper()
	d := &crmDesk{keys: map[string]int{}, answer: func(http.ResponseWriter, string) {}}
	d.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		d.mu.Lock()
		d.got = append(d.got, r.Method+" "+r.URL.Path+" "+string(body)+" "+r.Header.Get("X-Api-Key"))
		d.keys[r.Header.Get("Idempotency-Key")]++
		answer := d.answer
		d.mu.Unlock()
		answer(w, r.URL.Path)
	}))
	t.Cleanup(d.Close)
	return d
}

func (d *crmDesk) host() string { return strings.TrimPrefix(d.URL, "http://") }

func (d *crmDesk) answers(f func(w http.ResponseWriter, path string)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.answer = f
}

func (d *crmDesk) received() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]string{}, d.got...)
}

// posts publishes popups that send web requests to the desk.
func (s *server) posts(d *crmDesk) {
	s.t.Helper()
	crm := s.findCRM()
	status, b := s.publish(strings.NewReplacer("DESK", d.URL, "CRM", crm).Replace(`<screenpopup>
  <webrequest id="log" on="ringing hangup" again="yes" href="DESK/calls" format="json">
    <header name="X-Api-Key">{secret:desk}</header>
    <variable name="phone">{anum|e164}</variable><variable name="event">{trigger}</variable></webrequest>
  <webrequest id="find" on="ringing" href="DESK/find" reply="json"><variable name="phone">{anum|e164}</variable>
    <url target="request" title="Search">CRM/contact?phone={anum|e164}</url></webrequest>
</screenpopup>`))
	if status != 200 {
		s.t.Fatalf("publish = %d %s", status, b)
	}
}

// TestWebRequestsFromTheSecretToTheOutbox writes a secret, has a call send web
// requests, lets the agent choose among what the answer found, and sends a dead
// letter again.
func TestWebRequestsFromTheSecretToTheOutbox(t *testing.T) {
	t.Parallel()
	s, d := serve(t), newDesk(t)
	d.answers(func(w http.ResponseWriter, path string) {
		if path == "/find" {
			fmt.Fprintf(w, `[{"action":"open","url":%q,"title":"Kari N."},{"action":"open","url":%q,"title":"Karin Berg","target":"_blank"},{"action":"open","url":%q}]`,
				d.URL+"/contact/1", d.URL+"/contact/2", "https://elsewhere.example/")
		}
	})
	o := newOffice(t, s, admin, "demo")
	w := signIn(t, s, anna)
	s.posts(d)

	o.follow("Secrets", "Secrets")
	o.write("textbox", "Name", "desk")
	o.write("textbox", "Host", d.host())
	o.write("textbox", "Value", "k-123")
	o.clickExact("button", "Write secret")
	o.toast("Wrote {secret:desk} for " + d.host())
	o.page().find("cell", "{secret:desk}")

	s.ring("w-1", kari, anna, "sales")
	s.untilState("w-1", "log", screenpop.PopSent)
	until(t, "the web request with its secret", func() (bool, string) {
		got := d.received()
		return len(got) >= 2 && strings.Contains(strings.Join(got, "\n"), `POST /calls {"phone":"`+kari.number+`","event":"ringing"} k-123`), fmt.Sprint(got)
	})
	w.show(kari.name)
	w.says("Kari N., one of 2 that " + d.host() + " found.")
	w.says("2 pages to choose from; 1 left out")
	w.says("sent, 200 in")
	w.view("Kari N.")
	w.clickExact("button", "Open")
	w.untilSeen("Kari N.")
	w.view("Request")
	w.says("Karin Berg, one of 2") // the other stays one click away

	d.answers(func(w http.ResponseWriter, _ string) { w.WriteHeader(404) })
	s.then(screenpop.Hangup, "w-1")
	o.open("/admin/outbox?state=dead", "Outbox")
	until(t, "the dead letter", func() (bool, string) {
		o.clickExact("button", "Refresh")
		rows := eval[int](o.tab, `document.querySelectorAll("tbody tr").length`)
		return rows == 1, strconv.Itoa(rows)
	})
	o.says("404 in")
	d.answers(func(http.ResponseWriter, string) {})
	o.clickExact("button", "Replay")
	o.toast("Sent again to " + d.host())
	until(t, "the replayed letter", func() (bool, string) {
		last := d.received()[len(d.received())-1]
		return strings.Contains(last, `"event":"hangup"`) && len(d.received()) >= 4, last
	})
	o.open("/admin/outbox", "Outbox")
	o.says("2 pages to choose from")
}

// TestKilledServerSendsEveryWebRequest kills the server again and again under a
// load of events: each that was accepted is sent at least once, and each under one
// key however often.
func TestKilledServerSendsEveryWebRequest(t *testing.T) {
	t.Parallel()
	s, d := serve(t), newDesk(t)
	status, b := s.publish(`<screenpopup><webrequest id="log" on="hangup ringing" href="` + d.URL + `/calls" format="json"><variable name="call">{request_id}</variable></webrequest></screenpopup>`)
	if status != 200 {
		t.Fatalf("publish = %d %s", status, b)
	}
	accepted := map[string]bool{}
	for round := range 5 {
		ids := make(chan string, 1000)
		var senders sync.WaitGroup
		for sender := range 4 {
			senders.Go(func() {
				for n := range 60 {
					id := fmt.Sprintf("k-%d-%d-%d", round, sender, n)
					body := fmt.Sprintf(`{"id":%q,"type":"hangup","request":{"id":%q,"channel":"voice","agent":%q,"anum":"22334455"}}`, id, id, anna)
					status, _, err := s.tryAPI(http.MethodPost, "/api/v1/events", []byte(body))
					if err != nil {
						return // it was killed
					}
					if status == http.StatusAccepted {
						ids <- id
					}
				}
			})
		}
		for range 40 + 20*round {
			accepted[<-ids] = true
		}
		s.kill()
		senders.Wait()
		close(ids)
		for id := range ids {
			accepted[id] = true
		}
		s.start()
	}
	until(t, "every accepted web request", func() (bool, string) {
		got := strings.Join(d.received(), "\n")
		missing := 0
		for id := range accepted {
			if !strings.Contains(got, strconv.Quote(id)) {
				missing++
			}
		}
		return missing == 0, fmt.Sprintf("%d of %d are missing", missing, len(accepted))
	})
	d.mu.Lock()
	defer d.mu.Unlock()
	calls := map[string]bool{}
	for _, one := range d.got {
		calls[one] = true
	}
	if len(d.keys) != len(calls) {
		t.Errorf("%d calls came under %d keys", len(calls), len(d.keys))
	}
	t.Logf("%d accepted, %d received, %d of them again", len(accepted), len(d.got), len(d.got)-len(calls))
}
