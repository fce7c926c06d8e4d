package e2e_test

import (
	"bufio"
	"crypto/tls"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/crmpop/crmpop/server/framing"
)

var (
	framings    = flag.Int("framings", 60, "how many random answers TestVerdictsAreThisChromiums frames")
	framingSeed = flag.Uint64("framing-seed", uint64(time.Now().UnixNano()), "which ones")
)

// TestVerdictsAreThisChromiums sends pages with headers made at random, frames them
// in the browser that is here and compares what it does with the verdict. It says
// its seed, so that a difference can be looked at again.
func TestVerdictsAreThisChromiums(t *testing.T) {
	t.Parallel()
	l := newFrameLab(t)
	random := rand.New(rand.NewPCG(*framingSeed, 1))
	var all []*frameCase
	for i := range *framings {
		all = append(all, l.invent(random, i))
	}
	for batch := range slices.Chunk(all, 12) {
		l.frame(batch)
	}
	framed := 0
	for _, c := range all {
		v, err := framing.Check(t.Context(), framing.Question{URL: c.page, From: c.from, Headers: strings.NewReader(c.raw(l))})
		if err != nil {
			t.Errorf("%s: %v", c.page, err)
			continue
		}
		for try := 0; c.framed != v.Framed && try < 2; try++ { // a busy machine may have been slow
			l.frame([]*frameCase{c})
		}
		if c.framed != v.Framed {
			t.Errorf("framed %v, Chromium has %v; %s\nfrom %v, by %d redirects\n%q", v.Framed, c.framed, v.Reason, c.from, c.hops, c.lines)
		}
		if c.framed {
			framed++
		}
	}
	t.Logf("%d answers, %d of them framed; -framing-seed=%d", len(all), framed, *framingSeed)
}

// frameCase is an answer that is framed.
type frameCase struct {
	id     int
	page   string   // its final address
	first  string   // where the frame is sent
	hops   int      // redirects from first to page
	nest   string   // what stands between the embedder and the page
	from   []string // origins of the documents around it, innermost first
	lines  []string // of the header
	status int
	framed bool
}

// raw returns the header lines as they are sent, with those of the redirects.
func (c *frameCase) raw(l *frameLab) string {
	var b strings.Builder
	for range c.hops {
		fmt.Fprintf(&b, "HTTP/1.1 302 Found\r\nLocation: %s\r\n\r\n", c.page)
	}
	fmt.Fprintf(&b, "HTTP/1.1 %d X\r\n%s\r\n\r\n", c.status, strings.Join(c.lines, "\r\n"))
	return b.String()
}

// frameLab is a server that sends any header, over https and http, and a document
// on each that frames its pages.
type frameLab struct {
	t          testing.TB
	tls, plain int // ports
	docs       map[string]*tab

	mu    sync.Mutex // guards cases
	cases map[int]*frameCase
}

const framedScript = `<!doctype html><script>top.postMessage({framed: new URL(location.href).searchParams.get("case")}, "*")</script>`

// embedder frames what it is told to, and says which pages have run.
const embedder = `<!doctype html><meta charset="utf-8"><title>embedder</title><body><script>
const alive = new Set();
addEventListener("message", (e) => e.data.framed && alive.add(e.data.framed));
const wait = (n) => new Promise((r) => setTimeout(r, n));
const loaded = (f) => new Promise((r) => { f.onload = r; setTimeout(r, 3000) });
async function frame(one) {
	alive.delete(one.id);
	const f = document.createElement("iframe");
	const inside = '<iframe src="' + one.url.replaceAll("&", "&amp;").replaceAll('"', "&quot;") + '"></iframe>';
	switch (one.nest) {
	case "": f.src = one.url; break;
	case "srcdoc": f.srcdoc = inside; break;
	case "sandbox": f.sandbox = "allow-scripts"; f.srcdoc = inside; break;
	default: f.src = one.nest + "/nest?" + encodeURIComponent(one.url);
	}
	const done = loaded(f);
	document.body.append(f);
	await done;
	for (let i = 0; i < 15 && !alive.has(one.id); i++) await wait(20);
	f.remove();
	return alive.has(one.id);
}
</script>`

func newFrameLab(t *testing.T) *frameLab {
	t.Helper()
	l := &frameLab{t: t, cases: map[int]*frameCase{}, docs: map[string]*tab{}}
	ts := httptest.NewUnstartedServer(http.NotFoundHandler())
	ts.StartTLS() // for its certificate
	cert := ts.TLS.Certificates
	ts.Close()
	listen := func(config *tls.Config) int {
		in, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { in.Close() })
		port := in.Addr().(*net.TCPAddr).Port
		if config != nil {
			in = tls.NewListener(in, config)
		}
		go l.accept(in)
		return port
	}
	l.tls, l.plain = listen(&tls.Config{Certificates: cert}), listen(nil)
	for _, scheme := range []string{"https", "http"} {
		b := newPerson(t).first
		b.allow("") // the browser has much to say of such headers
		b.goTo(l.origin(scheme, "ws.test") + "/embedder")
		l.docs[scheme] = b
	}
	return l
}

func (l *frameLab) origin(scheme, host string) string {
	port := l.tls
	if scheme == "http" {
		port = l.plain
	}
	return scheme + "://" + net.JoinHostPort(strings.Trim(host, "[]"), strconv.Itoa(port))
}

func (l *frameLab) accept(in net.Listener) {
	for {
		conn, err := in.Accept()
		if err != nil {
			return // it was closed
		}
		go l.answer(conn)
	}
}

// answer writes the answer byte by byte as the case has it: no library would.
func (l *frameLab) answer(conn net.Conn) {
	defer conn.Close()
	req, err := http.ReadRequest(bufio.NewReader(conn))
	if err != nil {
		return
	}
	write := func(status int, lines []string, body string) {
		fmt.Fprintf(conn, "HTTP/1.1 %d X\r\nContent-Type: text/html\r\nConnection: close\r\nContent-Length: %d\r\n", status, len(body))
		for _, line := range lines {
			fmt.Fprintf(conn, "%s\r\n", line)
		}
		fmt.Fprintf(conn, "\r\n%s", body) // an error is the browser's going away
	}
	id, _ := strconv.Atoi(req.URL.Query().Get("case")) // 0 is a case too
	l.mu.Lock()
	c := l.cases[id]
	l.mu.Unlock()
	switch {
	case req.URL.Path == "/embedder":
		write(200, nil, embedder)
	case req.URL.Path == "/nest":
		inner, _ := url.QueryUnescape(req.URL.RawQuery) // what the embedder has escaped
		write(200, nil, `<!doctype html><iframe src="`+strings.ReplaceAll(inner, "&", "&amp;")+`"></iframe>`)
	case c == nil:
		write(404, nil, "")
	case req.URL.Path == "/hop":
		write(302, []string{"Location: " + c.page, "X-Frame-Options: DENY"}, "")
	default:
		write(c.status, c.lines, framedScript)
	}
}

// frame has the browser frame cases and notes which have run.
func (l *frameLab) frame(all []*frameCase) {
	l.t.Helper()
	for scheme, b := range l.docs {
		type one struct {
			ID   string `json:"id"`
			URL  string `json:"url"`
			Nest string `json:"nest"`
		}
		list, of := []one{}, []*frameCase{}
		for _, c := range all {
			if strings.HasPrefix(c.from[len(c.from)-1], scheme+":") {
				list, of = append(list, one{strconv.Itoa(c.id), c.first, c.nest}), append(of, c)
			}
		}
		text, err := json.Marshal(list)
		if err != nil {
			l.t.Fatal(err)
		}
		for i, is := range eval[[]bool](b, `Promise.all(`+string(text)+`.map(frame))`) {
			of[i].framed = is
		}
	}
}
