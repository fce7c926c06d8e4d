package outbound_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/wire"
	"github.com/crmpop/crmpop/server/dispatch"
	"github.com/crmpop/crmpop/server/outbound"
	"github.com/crmpop/crmpop/server/store"
)

var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}

// rig is an Outbound on a real record, fed by a real dispatch.
type rig struct {
	t        testing.TB
	store    *store.SQLite
	dispatch *dispatch.Dispatch
	out      *outbound.Outbound
	news     chan struct{}
	end      func() // of what runs

	mu sync.Mutex // guards n
	n  int
}

// newRig begins to send what doc says. CRM in it is the address of a CRM.
func newRig(t testing.TB, crm, doc string, change ...func(*outbound.Options)) *rig {
	t.Helper()
	r := &rig{t: t, news: make(chan struct{}, 1)}
	s, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "pop.db"), store.Options{})
	must(t, err)
	t.Cleanup(func() { s.Close() })
	r.store = s
	must(t, s.PutTenant(t.Context(), store.Tenant{ID: "t", Name: "Acme", Region: "NO"}))
	must(t, s.PutGroup(t.Context(), store.Group{ID: "g", Tenant: "t", Name: "Sales"}))
	must(t, s.PutUser(t.Context(), store.User{ID: "anna", Tenant: "t", Email: "anna@acme.example", Name: "Anna", Role: store.AgentRole, Group: "g"}))
	_, err = s.Publish(t.Context(), store.Revision{Tenant: "t", Level: "tenant", LevelID: "t",
		Document: "<screenpopup>" + strings.ReplaceAll(doc, "CRM", crm) + "</screenpopup>", Author: "test"}, -1)
	must(t, err)
	o := outbound.Options{Record: s, Publish: func(wire.Hint) { r.tell() }, Open: loopback}
	for _, f := range change {
		f(&o)
	}
	r.out = outbound.New(o)
	r.dispatch = dispatch.New(dispatch.Options{Record: s, Directory: s, Bus: store.NewBus(), Post: func(all ...store.Letter) { r.out.Take(all...) }})
	r.run()
	return r
}

// run runs the Outbound until the test ends.
func (r *rig) run() {
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); r.out.Run(ctx) }()
	r.end = func() { stop(); <-done }
	r.t.Cleanup(r.end)
}

func (r *rig) tell() {
	select {
	case r.news <- struct{}{}:
	default:
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// await waits until the record says so.
func (r *rig) await(what string, is func() bool) {
	r.t.Helper()
	limit := time.After(20 * time.Second)
	for !is() {
		select {
		case <-r.news:
		case <-time.After(20 * time.Millisecond): // a step without news for an agent
		case <-limit:
			r.t.Fatalf("%s did not come about; outbox: %+v", what, r.letters())
		}
	}
}

// send takes an event in: of a call for anna, a new one unless it is named.
func (r *rig) send(typ screenpop.Trigger, request string, more ...func(*screenpop.RequestReport)) {
	r.t.Helper()
	r.mu.Lock()
	r.n++
	id := "e" + strconv.Itoa(r.n)
	r.mu.Unlock()
	q := screenpop.RequestReport{ID: request, Channel: screenpop.Voice, Agent: "anna@acme.example", ANI: "22334455", QueueKey: "sales"}
	for _, f := range more {
		f(&q)
	}
	res := r.dispatch.Ingest(r.t.Context(), "t", "pbx", []dispatch.Item{{Event: screenpop.Event{ID: id, Type: typ, Request: q}}})[0]
	if res.Err != nil {
		r.t.Fatal(res.Err)
	}
}

func (r *rig) letters() []store.Letter {
	r.t.Helper()
	all, _, err := r.store.Outbox(r.t.Context(), "t", store.OutboxFilter{Limit: 1000})
	must(r.t, err)
	return all
}

// letter returns the one letter there is, once it has come so far.
func (r *rig) letter(state store.LetterState) store.Letter {
	r.t.Helper()
	r.await("a letter that is "+string(state), func() bool {
		all := r.letters()
		return len(all) > 0 && all[0].State == state
	})
	return r.letters()[0]
}

// pops returns the pops of a request, oldest first.
func (r *rig) pops(request string) []screenpop.Pop {
	r.t.Helper()
	trace, err := r.store.Trace(r.t.Context(), "t", request)
	must(r.t, err)
	return trace.Pops
}

// fakeCRM keeps what it is sent, and answers as the test says.
type fakeCRM struct {
	*httptest.Server
	mu  sync.Mutex // guards got
	got []received
}

type received struct {
	Method, URI, Body string
	Header            http.Header
}

func newCRM(t testing.TB, answer func(w http.ResponseWriter, r *http.Request, nth int)) *fakeCRM {
	t.Helper()
	c := &fakeCRM{}
	c.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		c.mu.Lock()
		c.got = append(c.got, received{r.Method, r.RequestURI, string(body), r.Header.Clone()})
		n := len(c.got)
		c.mu.Unlock()
		if answer != nil {
			answer(w, r, n)
		}
	}))
	t.Cleanup(c.Close)
	return c
}

func (c *fakeCRM) received() []received {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]received{}, c.got...)
}

func (c *fakeCRM) host() string { return strings.TrimPrefix(c.URL, "http://") }

const callsDoc = `<webrequest id="log" on="ringing hangup" method="POST" href="CRM/calls" format="json" again="yes">
	<variable name="phone">{anum|e164}</variable><variable name="event">{trigger}</variable></webrequest>`

func TestAWebRequestIsSentAndItsPopSaysSo(t *testing.T) {
	crm := newCRM(t, func(w http.ResponseWriter, _ *http.Request, _ int) { io.WriteString(w, "noted") })
	r := newRig(t, crm.URL, callsDoc)
	r.send(screenpop.Ringing, "c-1")
	l := r.letter(store.LetterSent)
	got := crm.received()
	if len(got) != 1 || got[0].Method != "POST" || got[0].URI != "/calls" || got[0].Body != `{"phone":"+4722334455","event":"ringing"}` {
		t.Fatalf("the CRM got %+v", got)
	}
	h := got[0].Header
	if h.Get("Content-Type") != "application/json" || h.Get("Idempotency-Key") != l.PopID || h.Get("Webhook-Id") != l.PopID || h.Get("Accept-Encoding") != "" {
		t.Errorf("headers %v", h)
	}
	if l.Status != 200 || l.Size != 5 || l.Attempts != 1 || l.Took <= 0 || l.Host != crm.host() {
		t.Errorf("letter %+v", l)
	}
	pop := r.pops("c-1")[0]
	if pop.State != screenpop.PopSent || !strings.HasPrefix(pop.Detail, "200 in ") || !strings.HasSuffix(pop.Detail, " ms, 5 B") {
		t.Errorf("pop %s, %q", pop.State, pop.Detail)
	}
	r.send(screenpop.Hangup, "c-1")
	r.await("the second web request", func() bool { return len(crm.received()) == 2 })
	if got := crm.received()[1]; got.Body != `{"phone":"+4722334455","event":"hangup"}` || got.Header.Get("Idempotency-Key") == l.PopID {
		t.Errorf("on hangup the CRM got %+v", got)
	}
}

func TestAPageThatNobodySeesIsAskedForByTheServer(t *testing.T) {
	crm := newCRM(t, nil)
	r := newRig(t, crm.URL, `<url on="ringing" visible="false" via="server">CRM/rang?phone={anum}</url>`)
	r.send(screenpop.Ringing, "c-1")
	r.letter(store.LetterSent)
	if got := crm.received(); len(got) != 1 || got[0].Method != "GET" || got[0].URI != "/rang?phone=22334455" || got[0].Body != "" {
		t.Errorf("the CRM got %+v", got)
	}
	if pop := r.pops("c-1")[0]; pop.State != screenpop.PopSent {
		t.Errorf("pop %s, %q", pop.State, pop.Detail)
	}
}

func TestWhatIsRefusedForGoodIsNotSentAgain(t *testing.T) {
	elsewhere := newCRM(t, nil)
	for status, words := range map[int]string{
		404: "404 in ", 400: "400 in ", 302: "redirects are not followed", 307: "redirects are not followed"} {
		t.Run(strconv.Itoa(status), func(t *testing.T) {
			crm := newCRM(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
				w.Header().Set("Location", elsewhere.URL)
				w.WriteHeader(status)
			})
			r := newRig(t, crm.URL, callsDoc)
			r.send(screenpop.Hangup, "c-1")
			l := r.letter(store.LetterFailed)
			if l.Attempts != 1 || l.Status != status || !strings.Contains(l.Why, words) {
				t.Errorf("letter %+v", l)
			}
			if pop := r.pops("c-1")[0]; pop.State != screenpop.PopFailed || !strings.Contains(pop.Detail, words) {
				t.Errorf("pop %s, %q", pop.State, pop.Detail)
			}
		})
	}
	if n := len(elsewhere.received()); n > 0 {
		t.Errorf("%d redirects were followed", n)
	}
}

func TestWhatFailedForNowIsSentAgainUnderTheSameKey(t *testing.T) {
	crm := newCRM(t, func(w http.ResponseWriter, _ *http.Request, nth int) {
		if nth < 3 {
			w.WriteHeader(500)
		}
	})
	r := newRig(t, crm.URL, callsDoc)
	r.send(screenpop.Hangup, "c-1")
	if l := r.letter(store.LetterSent); l.Attempts != 3 {
		t.Errorf("%d attempts", l.Attempts)
	}
	keys := map[string]bool{}
	for _, g := range crm.received() {
		keys[g.Header.Get("Idempotency-Key")] = true
	}
	if len(keys) != 1 {
		t.Errorf("keys %v", keys)
	}
}

func TestRetryAfterIsHonoured(t *testing.T) {
	var mu sync.Mutex
	var at []time.Time
	crm := newCRM(t, func(w http.ResponseWriter, _ *http.Request, nth int) {
		mu.Lock()
		at = append(at, time.Now())
		mu.Unlock()
		if nth == 1 {
			w.Header().Set("Retry-After", "2")
			w.WriteHeader(503)
		}
	})
	r := newRig(t, crm.URL, callsDoc)
	r.send(screenpop.Hangup, "c-1")
	r.letter(store.LetterSent)
	if wait := at[1].Sub(at[0]); wait < 2*time.Second {
		t.Errorf("asked again after %v", wait)
	}
}

func TestWhatTheTimeIsOverForIsGivenUp(t *testing.T) {
	crm := newCRM(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
		w.Header().Set("Retry-After", "3600")
		w.WriteHeader(503)
	})
	r := newRig(t, crm.URL, callsDoc)
	r.send(screenpop.Ringing, "c-1") // nobody waits an hour for a ringing call
	if l := r.letter(store.LetterFailed); l.Attempts != 1 {
		t.Errorf("letter %+v", l)
	}
	if pop := r.pops("c-1")[0]; !strings.Contains(pop.Detail, "given up after one attempt") {
		t.Errorf("pop %q", pop.Detail)
	}
}

func TestALetterThatWasOnItsWayAtACrashIsSentAgain(t *testing.T) {
	crm := newCRM(t, nil)
	r := newRig(t, crm.URL, callsDoc, func(o *outbound.Options) { o.Transport = &deaf{} })
	r.send(screenpop.Ringing, "c-1")
	r.letter(store.LetterSending)
	key := r.letters()[0].PopID
	// The server is gone, and another one begins on its record.
	r.out = outbound.New(outbound.Options{Record: r.store, Publish: func(wire.Hint) { r.tell() }, Open: loopback})
	r.run()
	if l := r.letter(store.LetterSent); l.Attempts != 2 {
		t.Errorf("letter %+v", l)
	}
	if got := crm.received(); len(got) != 1 || got[0].Header.Get("Idempotency-Key") != key {
		t.Errorf("the CRM got %+v", got)
	}
}

// deaf never answers.
type deaf struct{}

func (*deaf) RoundTrip(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

func TestADeadLetterIsSentAgainByHand(t *testing.T) {
	crm := newCRM(t, func(w http.ResponseWriter, _ *http.Request, nth int) {
		if nth == 1 {
			w.WriteHeader(404)
		}
	})
	r := newRig(t, crm.URL, callsDoc)
	r.send(screenpop.Ringing, "c-1")
	dead := r.letter(store.LetterFailed)
	again, err := r.store.Resend(t.Context(), "t", dead.PopID)
	must(t, err)
	r.out.Take(again)
	r.letter(store.LetterSent)
	if pop := r.pops("c-1")[0]; pop.State != screenpop.PopSent || len(pop.Receipts) != 2 {
		t.Errorf("pop %s with receipts %+v", pop.State, pop.Receipts)
	}
	if got := crm.received(); got[0].Header.Get("Idempotency-Key") != got[1].Header.Get("Idempotency-Key") {
		t.Error("it was sent again under another key")
	}
}

func TestAHostThatHangsDelaysNoOther(t *testing.T) {
	release := make(chan struct{})
	hangs := newCRM(t, func(_ http.ResponseWriter, r *http.Request, _ int) {
		select {
		case <-release:
		case <-r.Context().Done():
		}
	})
	defer close(release)
	crm := newCRM(t, nil)
	r := newRig(t, crm.URL, callsDoc+`<webrequest id="hangs" on="ringing" href="`+hangs.URL+`/"/>`)
	const calls = 40
	for i := range calls {
		r.send(screenpop.Ringing, "c-"+strconv.Itoa(i))
	}
	r.await("all web requests to the other host", func() bool { return len(crm.received()) == calls })
	if n := len(hangs.received()); n > 8 {
		t.Errorf("%d requests hang at once, want 8 at most", n)
	}
}
