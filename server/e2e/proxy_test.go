package e2e_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync"
	"testing"
)

// cable is what lies between the browser and the server, and can be pulled. It
// rewrites Host and Origin, so that the server takes the browser for its own.
type cable struct {
	url   string
	proxy http.Handler // to the server, for own paths that let something through

	mu     sync.Mutex // guards what follows
	pulled bool
	conns  map[net.Conn]bool
	cuts   int
}

// plug puts a cable before a server. Paths in own are answered by the cable
// itself.
func plug(t testing.TB, s *server, own map[string]http.HandlerFunc) *cable {
	t.Helper()
	return plugBy(t, s, own, (*httptest.Server).Start)
}

// plugTLS is plug for a workspace over https, as agents have it.
func plugTLS(t testing.TB, s *server) *cable {
	t.Helper()
	return plugBy(t, s, nil, (*httptest.Server).StartTLS)
}

func plugBy(t testing.TB, s *server, own map[string]http.HandlerFunc, start func(*httptest.Server)) *cable {
	t.Helper()
	c := &cable{conns: map[net.Conn]bool{}}
	to, err := url.Parse(s.url)
	if err != nil {
		t.Fatal(err)
	}
	proxy := &httputil.ReverseProxy{
		FlushInterval: -1,
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(to)
			r.Out.Host = to.Host
			if r.In.Header.Get("Origin") == c.url {
				r.Out.Header.Set("Origin", s.url)
			}
		},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) {
			http.Error(w, "the server is away: "+err.Error(), http.StatusBadGateway)
		},
	}
	c.proxy = proxy
	mux := http.NewServeMux()
	mux.Handle("/", proxy)
	for pattern, h := range own {
		mux.HandleFunc(pattern, h)
	}
	ts := httptest.NewUnstartedServer(mux)
	ts.Listener = &cableListener{Listener: ts.Listener, cable: c}
	start(ts)
	c.url = ts.URL
	t.Cleanup(func() {
		c.pull()
		ts.Close()
	})
	return c
}

// pull cuts every connection and lets no new one through.
func (c *cable) pull() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.pulled = true
	for conn := range c.conns {
		conn.Close()
		c.cuts++
	}
	clear(c.conns)
}

// mend lets connections through again.
func (c *cable) mend() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.pulled = false
}

// take keeps a new connection, or refuses it while the cable is pulled.
func (c *cable) take(conn net.Conn) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.pulled {
		return false
	}
	c.conns[conn] = true
	return true
}

type cableListener struct {
	net.Listener
	cable *cable
}

func (l *cableListener) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err != nil || l.cable.take(conn) {
			return conn, err
		}
		conn.Close()
	}
}
