package demo_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/server/demo"
)

// api is the product's API as the demo sees it.
type api struct {
	*httptest.Server
	mu     sync.Mutex // guards what follows
	events []screenpop.Event
	keys   []string
	refuse bool
	came   chan struct{} // one for each event
}

func newAPI(t *testing.T) *api {
	t.Helper()
	a := &api{came: make(chan struct{}, 10_000)}
	a.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a.mu.Lock()
		defer a.mu.Unlock()
		var e screenpop.Event
		if err := json.NewDecoder(r.Body).Decode(&e); err != nil || r.URL.Path != "/api/v1/events" {
			t.Errorf("%s %s: %v", r.Method, r.URL.Path, err)
		}
		a.events = append(a.events, e)
		a.keys = append(a.keys, r.Header.Get("Authorization"))
		a.came <- struct{}{}
		if a.refuse {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		w.WriteHeader(http.StatusAccepted)
		io.WriteString(w, `{"event_id":"`+e.ID+`","pops":2}`)
	}))
	t.Cleanup(a.Close)
	return a
}

func (a *api) taken() []screenpop.Event {
	a.mu.Lock()
	defer a.mu.Unlock()
	return append([]screenpop.Event(nil), a.events...)
}

func start(t *testing.T, o demo.Options) *demo.Demo {
	t.Helper()
	o.Listen = "127.0.0.1:0"
	d, err := demo.Start(t.Context(), o)
	if err != nil {
		t.Fatalf("Start: %v", err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

func get(t *testing.T, address string, header ...string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	return do(t, req, header)
}

func post(t *testing.T, address string, form url.Values, header ...string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return do(t, req, header)
}

func do(t *testing.T, req *http.Request, header []string) (*http.Response, string) {
	t.Helper()
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
		if header[i] == "Host" {
			req.Host = header[i+1]
		}
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(body)
}

func TestEveryPageSaysDemo(t *testing.T) {
	d := start(t, demo.Options{APIBase: "http://127.0.0.1:1"})
	for _, path := range []string{"/", "/contact?phone=%2B4722334455", "/contact?phone=1", "/profile/@kari.n", "/orders", "/billing?id=10231",
		"/mail?subject=x&from=y", "/kb?q=invoice", "/refuse/xfo", "/refuse/csp", "/login", "/case", "/phone"} {
		resp, body := get(t, d.URL()+path)
		if resp.StatusCode != http.StatusOK || !strings.Contains(body, ">demo<") {
			t.Errorf("GET %s = %d without the word demo:\n%s", path, resp.StatusCode, body)
		}
	}
}

func TestContactIsFound(t *testing.T) {
	d := start(t, demo.Options{APIBase: "http://127.0.0.1:1"})
	for name, tt := range map[string]struct{ path, want string }{
		"number":             {"/contact?phone=%2B442079460112", "Harriet Wells"},
		"number with spaces": {"/contact?phone=%2B44+20+7946+0112", "Harriet Wells"},
		"national number":    {"/contact?phone=77601234", "Ingrid Solberg"},
		"00 for +":           {"/contact?phone=0047+77601234", "Ingrid Solberg"},
		"shared number":      {"/contact?phone=22334455", `belongs to <a href="/contact?id=10488">Per Hansen`},
		"address":            {"/contact?email=ASTRID@norrsken.example", "Astrid Lindqvist"},
		"handle":             {"/profile/@baltoguiding", "Sámuel Balto"},
		"short number":       {"/contact?phone=4455", "Nobody known"},
		"markup":             {"/contact?phone=%3Cscript%3E", "&lt;script&gt;"},
		"nothing":            {"/contact", "Nobody known"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, body := get(t, d.URL()+tt.path); !strings.Contains(body, tt.want) {
				t.Errorf("GET %s lacks %q:\n%s", tt.path, tt.want, body)
			}
		})
	}
}

func TestPagesRefuseFramesAsTheySay(t *testing.T) {
	d := start(t, demo.Options{APIBase: "http://127.0.0.1:1"})
	for path, want := range map[string]struct{ header, part string }{
		"/refuse/xfo": {"X-Frame-Options", "DENY"},
		"/refuse/csp": {"Content-Security-Policy", "frame-ancestors 'none'"},
		"/login":      {"X-Frame-Options", "SAMEORIGIN"},
		"/phone":      {"Content-Security-Policy", "frame-ancestors 'none'"},
	} {
		resp, _ := get(t, d.URL()+path)
		if got := resp.Header.Get(want.header); !strings.Contains(got, want.part) {
			t.Errorf("GET %s: %s: %q, want %q in it", path, want.header, got, want.part)
		}
	}
	resp, _ := get(t, d.URL()+"/contact")
	if h := resp.Header; h.Get("X-Frame-Options") != "" || strings.Contains(h.Get("Content-Security-Policy"), "frame-ancestors") {
		t.Errorf("the contact page refuses frames: %v", h)
	}
}

func TestLoadsAreCountedByAddressAndDestination(t *testing.T) {
	d := start(t, demo.Options{APIBase: "http://127.0.0.1:1"})
	for range 2 {
		get(t, d.URL()+"/contact?phone=1", "Sec-Fetch-Dest", "iframe")
	}
	_, page := get(t, d.URL()+"/contact?phone=1", "Sec-Fetch-Dest", "document")
	if !strings.Contains(page, "loaded once") {
		t.Errorf("the page does not say that it was loaded once:\n%s", page)
	}
	_, body := get(t, d.URL()+"/loads")
	want := `{"loads":[{"url":"/contact?phone=1","dest":"document","count":1},{"url":"/contact?phone=1","dest":"iframe","count":2}]}`
	if diff := cmp.Diff(want, strings.TrimSpace(body)); diff != "" {
		t.Errorf("loads (-want +got):\n%s", diff)
	}
}

func TestCallsThatWebRequestsTellAreListedOnce(t *testing.T) {
	d := start(t, demo.Options{APIBase: "http://127.0.0.1:1"})
	tell := func(key, body string) int {
		req, err := http.NewRequestWithContext(t.Context(), "POST", d.URL()+"/calls", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Idempotency-Key", key)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		return resp.StatusCode
	}
	for range 2 {
		if status := tell("k1", `{"phone":"+4722334455","agent":"Anna <b>","queue":"sales"}`); status != http.StatusNoContent {
			t.Errorf("told: %d", status)
		}
	}
	if _, body := get(t, d.URL()+"/"); strings.Count(body, "Anna &lt;b&gt;, sales") != 1 {
		t.Errorf("the CRM lists\n%s", body)
	}
	for key, body := range map[string]string{"": `{}`, "k2": "no JSON", "k3": `{"phone":"` + strings.Repeat("1", 5000) + `"}`} {
		if status := tell(key, body); status != http.StatusBadRequest {
			t.Errorf("%q under key %q: %d", body[:min(len(body), 20)], key, status)
		}
	}
}

func TestNoteIsKept(t *testing.T) {
	d := start(t, demo.Options{APIBase: "http://127.0.0.1:1"})
	resp, body := post(t, d.URL()+"/notes", url.Values{"key": {"10231"}, "text": {"wants a <call> back"}, "outcome": {"Call back"}, "back": {"/contact?id=10231"}})
	if resp.Request.URL.Path != "/contact" || !strings.Contains(body, "wants a &lt;call&gt; back") {
		t.Errorf("after saving a note: %s\n%s", resp.Request.URL, body)
	}
	for name, form := range map[string]url.Values{
		"empty":    {"text": {" "}},
		"too long": {"text": {strings.Repeat("x", 5000)}},
	} {
		if resp, _ := post(t, d.URL()+"/notes", form); resp.StatusCode < 400 || resp.StatusCode >= 500 {
			t.Errorf("%s note: %s, want a refusal", name, resp.Status)
		}
	}
	resp, _ = post(t, d.URL()+"/notes", url.Values{"text": {"x"}, "back": {"//evil.example/"}})
	if resp.Request.URL.Path != "/" {
		t.Errorf("a note led back to %s, want the CRM's home", resp.Request.URL)
	}
}

func TestSlowPageNeverAnswers(t *testing.T) {
	d := start(t, demo.Options{APIBase: "http://127.0.0.1:1"})
	client := &http.Client{Timeout: 200 * time.Millisecond}
	if resp, err := client.Get(d.URL() + "/slow"); err == nil {
		t.Errorf("GET /slow = %s, want no answer", resp.Status)
	}
}

func TestOnlyOwnPagesMayDriveThePhone(t *testing.T) {
	a := newAPI(t)
	d := start(t, demo.Options{APIBase: a.URL})
	form := url.Values{"channel": {"voice"}, "caller": {"10231"}, "agent": {"anna@demo"}, "queue": {"sales"}}
	for name, header := range map[string][]string{
		"other site":   {"Sec-Fetch-Site", "cross-site"},
		"same site":    {"Sec-Fetch-Site", "same-site"},
		"other origin": {"Origin", "http://evil.example"},
		"other name":   {"Host", "evil.example:80"},
	} {
		if resp, _ := post(t, d.URL()+"/phone/begin", form, header...); resp.StatusCode < 400 {
			t.Errorf("%s: %s, want a refusal", name, resp.Status)
		}
	}
	if n := len(a.taken()); n != 0 {
		t.Errorf("%d events were sent", n)
	}
}

func TestPhoneRefusesToListenForOthers(t *testing.T) {
	for _, addr := range []string{"0.0.0.0:0", "192.0.2.1:80", "nonsense"} {
		if d, err := demo.Start(t.Context(), demo.Options{Listen: addr, APIBase: "http://127.0.0.1:1"}); err == nil {
			d.Close()
			t.Errorf("Start on %s succeeded", addr)
		}
	}
}

func TestCallIsReportedFromRingToClose(t *testing.T) {
	a := newAPI(t)
	d := start(t, demo.Options{APIBase: a.URL, Key: "k1"})
	_, body := post(t, d.URL()+"/phone/begin", url.Values{"channel": {"voice"}, "caller": {"10231"}, "agent": {"201"}, "queue": {"sales"}})
	id := a.taken()[0].Request.ID
	for _, act := range []string{"accept", "hangup", "close"} {
		if !strings.Contains(body, `name="act" value="`+act+`" class="primary"`) {
			t.Errorf("the page does not offer %q as the next act:\n%s", act, body)
		}
		_, body = post(t, d.URL()+"/phone/act", url.Values{"id": {id}, "act": {act}})
	}
	var types []screenpop.Trigger
	for _, e := range a.taken() {
		types = append(types, e.Type)
		if e.Request.ID != id || e.Request.Agent != "201" || e.Request.ANI != "+4722334455" || e.Request.Variables["customer_number"] != "10231" {
			t.Errorf("event %+v", e)
		}
	}
	want := []screenpop.Trigger{screenpop.Ringing, screenpop.Accepted, screenpop.Hangup, screenpop.Closed}
	if diff := cmp.Diff(want, types); diff != "" {
		t.Errorf("types (-want +got):\n%s", diff)
	}
	if a.keys[0] != "Bearer k1" || !strings.Contains(body, "202 Accepted") {
		t.Errorf("key %q; the page lacks the API's answer:\n%s", a.keys[0], body)
	}
}

func TestCallIsTakenByTheColleague(t *testing.T) {
	a := newAPI(t)
	d := start(t, demo.Options{APIBase: a.URL})
	post(t, d.URL()+"/phone/begin", url.Values{"channel": {"voice"}, "caller": {"10231"}, "agent": {"anna@demo"}})
	id := a.taken()[0].Request.ID
	for _, act := range []string{"ring-too", "answered-by", "transfer"} {
		post(t, d.URL()+"/phone/act", url.Values{"id": {id}, "act": {act}})
	}
	var got []string
	for _, e := range a.taken() {
		got = append(got, string(e.Type)+" "+e.Request.Agent)
	}
	want := []string{"ringing anna@demo", "ringing ola@demo", "accepted ola@demo", "accepted anna@demo"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

func TestRefusedEventDoesNotMoveTheRequest(t *testing.T) {
	a := newAPI(t)
	d := start(t, demo.Options{APIBase: a.URL})
	if err := d.Ring(t.Context(), "anna@demo"); err != nil {
		t.Fatalf("Ring: %v", err)
	}
	a.mu.Lock()
	a.refuse = true
	a.mu.Unlock()
	id := a.taken()[0].Request.ID
	_, body := post(t, d.URL()+"/phone/act", url.Values{"id": {id}, "act": {"accept"}})
	if !strings.Contains(body, "503 Service Unavailable") || !strings.Contains(body, `value="accept" class="primary"`) {
		t.Errorf("a refused act is not shown, or cannot be tried again:\n%s", body)
	}
	if err := d.Ring(t.Context(), "anna@demo"); err == nil || !strings.Contains(err.Error(), "503") {
		t.Errorf("Ring = %v, want the API's refusal", err)
	}
}

func TestBadFormsAreRefusedInWords(t *testing.T) {
	a := newAPI(t)
	d := start(t, demo.Options{APIBase: a.URL})
	for name, tt := range map[string]struct {
		path string
		form url.Values
		want string
	}{
		"channel":  {"/phone/begin", url.Values{"channel": {"fax"}, "agent": {"x"}, "caller": {"10231"}}, `channel &#34;fax&#34; is none of voice, chat, email, social`},
		"agent":    {"/phone/begin", url.Values{"channel": {"chat"}, "caller": {"10231"}}, "choose an agent"},
		"caller":   {"/phone/begin", url.Values{"channel": {"chat"}, "agent": {"x"}}, "choose one from the list"},
		"too long": {"/phone/begin", url.Values{"channel": {"chat"}, "agent": {"x"}, "typed": {strings.Repeat("1", 300)}}, "at most 200"},
		"request":  {"/phone/act", url.Values{"id": {"x"}, "act": {"accept"}}, "no request"},
	} {
		resp, body := post(t, d.URL()+tt.path, tt.form)
		if resp.StatusCode != http.StatusBadRequest || !strings.Contains(body, tt.want) {
			t.Errorf("%s: %s, want 400 with %q:\n%s", name, resp.Status, tt.want, body)
		}
	}
}

func TestDayPlaysByItselfAndStops(t *testing.T) {
	a := newAPI(t)
	d := start(t, demo.Options{APIBase: a.URL, Pace: time.Microsecond})
	post(t, d.URL()+"/phone/alone", url.Values{"on": {"yes"}})
	begun := map[string]bool{}
	deadline := time.After(20 * time.Second)
	for len(begun) < 200 {
		select {
		case <-a.came:
		case <-deadline:
			t.Fatalf("%d requests begun, want 200", len(begun))
		}
		for _, e := range a.taken() {
			begun[e.Request.ID] = true
		}
	}
	if err := d.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
	for _, e := range a.taken() {
		begun[e.Request.ID] = true
	}
	if len(begun) > 200 {
		t.Errorf("%d requests begun by itself, at most 200", len(begun))
	}
}
