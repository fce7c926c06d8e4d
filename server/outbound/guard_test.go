package outbound_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/server/dial/dialtest"
	"github.com/crmpop/crmpop/server/outbound"
	"github.com/crmpop/crmpop/server/store"
)

// S1: no web request leads into a network that is not open. What addresses the
// guard knows its own test says.
func TestNoWebRequestLeadsIntoAPrivateNetwork(t *testing.T) {
	crm := newCRM(t, nil)
	for name, tt := range map[string]struct{ href, words string }{
		"private":  {crm.URL, "is at a private address; the operator opens its network with --allow-private"},
		"metadata": {"http://169.254.169.254", "gives away the secrets of a cloud machine"},
		"by name":  {strings.Replace(crm.URL, "127.0.0.1", "localhost", 1), "is at a private address"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, tt.href, callsDoc, func(o *outbound.Options) { o.Open = nil })
			r.send(screenpop.Hangup, "c-1")
			if l := r.letter(store.LetterFailed); !strings.Contains(l.Why, tt.words) || l.Attempts != 1 {
				t.Errorf("letter: %d attempts, %q", l.Attempts, l.Why)
			}
		})
	}
	if n := len(crm.received()); n > 0 {
		t.Errorf("%d requests arrived all the same", n)
	}
}

// S2: a name that was public when somebody looked and is private when it is
// dialled. A check before the dialling would have seen the first.
func TestANameThatTurnsPrivateIsNotFollowed(t *testing.T) {
	crm := newCRM(t, nil)
	_, port, _ := net.SplitHostPort(crm.host())
	names := dialtest.Names(t, "198.51.100.7", "127.0.0.1")
	if found, err := names.LookupHost(t.Context(), "crm.example.com"); err != nil || found[0] != "198.51.100.7" {
		t.Fatalf("at first the name is %v, %v", found, err)
	}
	r := newRig(t, "http://crm.example.com:"+port, callsDoc, func(o *outbound.Options) { o.Open, o.Names = nil, names })
	r.send(screenpop.Hangup, "c-1")
	if l := r.letter(store.LetterFailed); !strings.Contains(l.Why, "private address") || len(crm.received()) > 0 {
		t.Errorf("letter %q, %d requests arrived", l.Why, len(crm.received()))
	}
}

// S3: what the operator opens is open, and the server itself never is.
func TestTheServerSendsItselfNothing(t *testing.T) {
	self := newCRM(t, nil)
	at, err := netip.ParseAddrPort(self.host())
	must(t, err)
	r := newRig(t, self.URL, callsDoc, func(o *outbound.Options) { o.Ours = []netip.AddrPort{at} })
	r.send(screenpop.Hangup, "c-1")
	if l := r.letter(store.LetterFailed); !strings.Contains(l.Why, "this server itself") || len(self.received()) > 0 {
		t.Errorf("letter %q, %d requests arrived", l.Why, len(self.received()))
	}
}

// S4: a proxy of the environment would be all that the guard sees.
func TestTheProxyOfTheEnvironmentIsNotAsked(t *testing.T) {
	proxy, crm := newCRM(t, nil), newCRM(t, nil)
	_, port, _ := net.SplitHostPort(crm.host())
	for _, name := range []string{"HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"} {
		t.Setenv(name, proxy.URL)
	}
	// Go asks no proxy for loopback addresses; a name hides that it is one.
	names := dialtest.Names(t, "127.0.0.1")
	r := newRig(t, "http://crm.example.com:"+port, callsDoc, func(o *outbound.Options) { o.Names = names })
	r.send(screenpop.Hangup, "c-1")
	r.letter(store.LetterSent)
	if len(proxy.received()) > 0 || len(crm.received()) != 1 {
		t.Errorf("the proxy got %d requests, the CRM %d", len(proxy.received()), len(crm.received()))
	}
}

// S5: a redirect into a private network is an answer like any other.
func TestARedirectToAPrivateHostIsNotFollowed(t *testing.T) {
	inside := newCRM(t, nil)
	crm := newCRM(t, func(w http.ResponseWriter, r *http.Request, _ int) { http.Redirect(w, r, inside.URL+"/secret", 302) })
	r := newRig(t, crm.URL, callsDoc)
	r.send(screenpop.Hangup, "c-1")
	if l := r.letter(store.LetterFailed); l.Status != 302 || len(inside.received()) > 0 {
		t.Errorf("letter %+v, %d requests inside", l, len(inside.received()))
	}
}

// raw is a server that answers with bytes of its own.
func raw(t *testing.T, answer func(c net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				if _, err := http.ReadRequest(bufio.NewReader(c)); err == nil {
					answer(c)
				}
			}()
		}
	}()
	return "http://" + l.Addr().String()
}

// S5: headers without an end.
func TestAHeaderBombIsCutOff(t *testing.T) {
	var sent atomic.Int64
	crm := raw(t, func(c net.Conn) {
		io.WriteString(c, "HTTP/1.1 200 OK\r\n")
		line := "X-Filler: " + strings.Repeat("x", 1000) + "\r\n"
		for range 20_000 {
			n, err := io.WriteString(c, line)
			if sent.Add(int64(n)); err != nil {
				return
			}
		}
	})
	r := newRig(t, crm, callsDoc)
	r.send(screenpop.Hangup, "c-1")
	if l := r.letter(store.LetterFailed); !strings.Contains(l.Why, "headers of more than 65.5 kB") || l.Attempts != 1 {
		t.Errorf("letter %q after %d attempts", l.Why, l.Attempts)
	}
	if n := sent.Load(); n >= 20_000*1000 {
		t.Errorf("all of %d bytes of headers were taken", n)
	}
}

// S5: what unpacks to much is not unpacked, and no more than 64 KiB are read.
func TestABombInTheBodyIsNotUnpacked(t *testing.T) {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := z.Write(make([]byte, 200<<20)); err != nil {
		t.Fatal(err)
	}
	must(t, z.Close())
	crm := newCRM(t, func(w http.ResponseWriter, r *http.Request, _ int) {
		if r.Header.Get("Accept-Encoding") != "" {
			t.Errorf("the server offers to unpack %s", r.Header.Get("Accept-Encoding"))
		}
		w.Header().Set("Content-Encoding", "gzip")
		w.Write(packed.Bytes()) // the sender hangs up early, and may
	})
	r := newRig(t, crm.URL, callsDoc)
	r.send(screenpop.Hangup, "c-1")
	if l := r.letter(store.LetterSent); l.Size != 64<<10 {
		t.Errorf("%d bytes were read", l.Size)
	}
	if pop := r.pops("c-1")[0]; !strings.HasSuffix(pop.Detail, "more than 65.5 kB") {
		t.Errorf("pop %q", pop.Detail)
	}
}

// S5: a CRM that answers a byte a second has ten seconds like any other, and
// others do not wait for it.
func TestACRMThatTricklesIsCutOff(t *testing.T) {
	trickles := raw(t, func(c net.Conn) {
		io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
		for range time.Tick(time.Second) {
			if _, err := c.Write([]byte("x")); err != nil {
				return
			}
		}
	})
	crm := newCRM(t, nil)
	r := newRig(t, crm.URL, callsDoc+`<webrequest id="slow" on="ringing" href="`+trickles+`/"/>`)
	r.send(screenpop.Ringing, "c-1")
	find := func(id string) (pop screenpop.Pop) {
		for _, p := range r.pops("c-1") {
			if p.PopupID == "tenant:"+id {
				pop = p
			}
		}
		return pop
	}
	r.await("the other web request", func() bool { return find("log").State == screenpop.PopSent })
	if p := find("slow"); p.State != screenpop.PopPending {
		t.Errorf("the slow one is %s, %q before its time", p.State, p.Detail)
	}
	r.await("the end of the slow one", func() bool { return find("slow").State == screenpop.PopSent })
	if p := find("slow"); !strings.Contains(p.Detail, "cut off") {
		t.Errorf("the slow one: %q", p.Detail)
	}
}

// S7, and the binding of secrets to their hosts.
func TestASecretGoesToItsHostAlone(t *testing.T) {
	crm, evil := newCRM(t, nil), newCRM(t, nil)
	secrets := func(o *outbound.Options) {
		o.Secret = secretOf(map[string][2]string{"crm": {`s3"cr3t`, crm.host()}})
	}
	const doc = `<webrequest on="hangup" href="CRM/" format="json"><header name="Authorization">Bearer {secret:crm}</header><variable name="key">{secret:crm}</variable></webrequest>`
	r := newRig(t, crm.URL, doc, secrets)
	r.send(screenpop.Hangup, "c-1")
	r.letter(store.LetterSent)
	if got := crm.received()[0]; got.Header.Get("Authorization") != `Bearer s3"cr3t` || got.Body != `{"key":"s3\"cr3t"}` {
		t.Errorf("the CRM got %+v", got)
	}
	r = newRig(t, evil.URL, doc, secrets)
	r.send(screenpop.Hangup, "c-1")
	if l := r.letter(store.LetterFailed); l.Why != "the secret crm is for "+crm.host()+" and may not go to "+evil.host() {
		t.Errorf("to another host: %q", l.Why)
	}
	r = newRig(t, crm.URL, strings.ReplaceAll(doc, "secret:crm", "secret:other"), secrets)
	r.send(screenpop.Hangup, "c-1")
	if l := r.letter(store.LetterFailed); l.Why != "there is no secret other" {
		t.Errorf("a secret that is not there: %q", l.Why)
	}
	if len(evil.received()) > 0 {
		t.Error("the secret went to another host")
	}
}

// U5: a value cannot add a header.
func TestALineBreakInAHeadersValueSendsNothing(t *testing.T) {
	crm := newCRM(t, nil)
	r := newRig(t, crm.URL, `<webrequest on="ringing" href="CRM/"><header name="X-Number">{anum}</header></webrequest>`)
	r.send(screenpop.Ringing, "c-1", func(q *screenpop.RequestReport) { q.ANI = "a\r\nX: y" })
	pop := r.pops("c-1")[0]
	if pop.State != screenpop.PopSkipped || !strings.Contains(pop.Detail, "line break") || len(r.letters()) > 0 {
		t.Errorf("pop %s, %q, %d letters", pop.State, pop.Detail, len(r.letters()))
	}
}

func TestNoAddressOfACallerStandsInTheLog(t *testing.T) {
	var log syncBuffer
	closed := raw(t, func(net.Conn) {})
	r := newRig(t, closed, `<webrequest method="GET" on="ringing" href="CRM/find"><variable name="phone">{anum}</variable></webrequest>`, func(o *outbound.Options) { o.Log = log.logger() })
	r.send(screenpop.Ringing, "c-1", func(q *screenpop.RequestReport) { q.ANI = "+4799887766" })
	r.await("a failed attempt", func() bool { return len(r.letters()) > 0 && r.letters()[0].Why != "" })
	for _, s := range []string{log.String(), r.letters()[0].Why} {
		if strings.Contains(s, "99887766") {
			t.Errorf("the caller's number is in %q", s)
		}
	}
	u, err := url.Parse(closed)
	must(t, err)
	if why := r.letters()[0].Why; !strings.Contains(why, fmt.Sprintf("the connection to %s broke off", u.Host)) {
		t.Errorf("why %q", why)
	}
}
