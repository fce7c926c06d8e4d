package hub_test

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"

	"github.com/crmpop/crmpop/app/session"
)

// proxy stands between clients and a site, and does one of the things that
// proxies do.
type proxy struct {
	url     string
	does    atomic.Value // one of the constants below
	sockets atomic.Int32 // websockets that were asked for
	client  *http.Client
}

const (
	passes     = "passes"     // everything
	refuses    = "refuses"    // answers 400 to upgrades
	strips     = "strips"     // takes the Upgrade header away
	mutes      = "mutes"      // accepts upgrades, and then nothing comes through
	buffers    = "buffers"    // refuses upgrades, and holds answers back until they are whole
	intercepts = "intercepts" // answers everything with a page of its own
	redirects  = "redirects"  // the same, by a redirect
)

// behind puts a proxy before the site. idle, if set, is after how long a silent
// connection is cut.
func (s *site) behind(does string, idle time.Duration) *proxy {
	s.Helper()
	p := &proxy{}
	p.does.Store(does)
	to, err := url.Parse(s.url)
	if err != nil {
		s.Fatal(err)
	}
	transport := &http.Transport{}
	pass := &httputil.ReverseProxy{
		Transport:     transport,
		FlushInterval: -1,
		Rewrite:       func(r *httputil.ProxyRequest) { r.SetURL(to) },
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) {
			http.Error(w, err.Error(), http.StatusBadGateway)
		},
	}
	over := make(chan struct{})
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		does, upgrade := p.does.Load(), r.Header.Get("Upgrade") != ""
		if upgrade {
			p.sockets.Add(1)
		}
		switch {
		case does == intercepts:
			w.Header().Set("Content-Type", "text/html")
			io.WriteString(w, "<html>Welcome to the hotel</html>")
		case does == redirects:
			http.Redirect(w, r, "http://portal.example/", http.StatusFound)
		case upgrade && does == strips:
			r.Header.Del("Upgrade")
			r.Header.Del("Connection")
			pass.ServeHTTP(w, r)
		case upgrade && does == mutes:
			if c, err := websocket.Accept(w, r, nil); err == nil {
				<-over
				c.CloseNow()
			}
		case upgrade && does != passes:
			http.Error(w, "no upgrades here", http.StatusBadRequest)
		case does == buffers:
			whole := httptest.NewRecorder()
			pass.ServeHTTP(whole, r)
			w.Header().Set("Content-Type", whole.Header().Get("Content-Type"))
			w.WriteHeader(whole.Code)
			w.Write(whole.Body.Bytes())
		default:
			pass.ServeHTTP(w, r)
		}
	}))
	srv.Listener = &idling{srv.Listener, idle}
	srv.Start()
	p.url = srv.URL
	p.client = &http.Client{Transport: &http.Transport{}}
	s.Cleanup(func() {
		close(over)
		p.client.CloseIdleConnections()
		srv.CloseClientConnections()
		srv.Close()
		transport.CloseIdleConnections()
	})
	return p
}

// http is what a client has to do without websockets, as a caller.
func (p *proxy) http() *session.HTTP { return session.NewHTTP(p.client, nil) }

// idling cuts connections that are silent for too long.
type idling struct {
	net.Listener
	idle time.Duration
}

func (l *idling) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil || l.idle == 0 {
		return c, err
	}
	return &idleConn{c, l.idle, time.AfterFunc(l.idle, func() { c.Close() })}, nil
}

type idleConn struct {
	net.Conn
	idle  time.Duration
	timer *time.Timer
}

func (c *idleConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if err == nil {
		c.timer.Reset(c.idle)
	}
	return n, err
}

func (c *idleConn) Write(b []byte) (int, error) {
	c.timer.Reset(c.idle)
	return c.Conn.Write(b)
}

func (c *idleConn) Close() error {
	c.timer.Stop()
	return c.Conn.Close()
}
