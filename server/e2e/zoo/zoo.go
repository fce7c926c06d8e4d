// Package zoo is a server of pages that make trouble: pages that refuse to be
// framed, lead elsewhere, never come or try to take the workspace's place. It is
// there for tests and for people who want to look.
//
// It has three hosts, each an origin and a site of its own: two over https with a
// certificate that nobody has signed, one over http. Browsers find the two by
// themselves, for all of localhost is this computer; the third has a name that is
// not, so that it counts as insecure, and must be resolved to 127.0.0.1.
package zoo

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// Host is one of the zoo's hosts.
type Host string

// The hosts.
const (
	CRM   Host = "crm.localhost"   // https; where the pages are asked for
	Login Host = "login.localhost" // https; where some of them lead
	Plain Host = "plain.test"      // http
)

// Zoo is the running server. Close ends it.
type Zoo struct {
	workspace string
	origins   map[Host]string
	servers   []*http.Server
	cancel    context.CancelFunc

	mu   sync.Mutex          // guards what follows
	hits map[[2]string][]Hit // by page and call
	told map[[2]string]int   // by call, and what was told
}

// Hit is a request for a page.
type Hit struct {
	Dest    string   // Sec-Fetch-Dest: iframe, object, document
	Cookies []string // the names of the cookies that came along
}

// Open starts the zoo on free ports of 127.0.0.1. workspace is the origin that
// pages allow which allow one.
func Open(workspace string) (*Zoo, error) {
	cert, err := certificate(CRM, Login)
	if err != nil {
		return nil, err
	}
	z := &Zoo{workspace: workspace, origins: map[Host]string{}, hits: map[[2]string][]Hit{}, told: map[[2]string]int{}}
	ctx, cancel := context.WithCancel(context.Background())
	z.cancel = cancel
	routes := z.routes()
	for _, host := range []Host{CRM, Login, Plain} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			z.Close()
			return nil, fmt.Errorf("open the zoo: %w", err)
		}
		s := &http.Server{Handler: routes, ReadHeaderTimeout: 5 * time.Second,
			ErrorLog:    log.New(io.Discard, "", 0), // browsers that go away in the middle are everyday life here
			BaseContext: func(net.Listener) context.Context { return ctx }}
		z.servers = append(z.servers, s)
		z.origins[host] = origin(host, l)
		go z.serve(s, l, host != Plain, cert)
	}
	return z, nil
}

func origin(host Host, l net.Listener) string {
	scheme := "https"
	if host == Plain {
		scheme = "http"
	}
	return scheme + "://" + net.JoinHostPort(string(host), strconv.Itoa(l.Addr().(*net.TCPAddr).Port))
}

func (z *Zoo) serve(s *http.Server, l net.Listener, secure bool, cert tls.Certificate) {
	var err error
	if secure {
		s.TLSConfig = &tls.Config{Certificates: []tls.Certificate{cert}}
		err = s.ServeTLS(l, "", "")
	} else {
		err = s.Serve(l)
	}
	if !errors.Is(err, http.ErrServerClosed) {
		panic(fmt.Sprintf("serve the zoo: %v", err)) // a free port that was listened to
	}
}

// Close ends the zoo with all that still waits for an answer.
func (z *Zoo) Close() {
	z.cancel()
	for _, s := range z.servers {
		s.Close() // what it could say is that somebody was still reading
	}
}

// At returns the address of a path on a host.
func (z *Zoo) At(host Host, path string) string { return z.origins[host] + "/" + path }

// Address returns the address of a page.
func (z *Zoo) Address(p Page) string {
	host := p.Host
	if host == "" {
		host = CRM
	}
	return z.At(host, p.Name)
}

// Hits returns the requests for a page on behalf of a call: what stands behind
// ?call= in its address.
func (z *Zoo) Hits(page, call string) []Hit {
	z.mu.Lock()
	defer z.mu.Unlock()
	return append([]Hit(nil), z.hits[[2]string{page, call}]...)
}

// What documents tell of themselves.
const (
	Alive   = "alive"   // a script of it runs
	Clicked = "clicked" // it was clicked into
	Grabbed = "grabbed" // it has tried to take the keyboard, twenty times
)

// Told returns how often documents for a call have told something.
func (z *Zoo) Told(call, what string) int {
	z.mu.Lock()
	defer z.mu.Unlock()
	return z.told[[2]string{call, what}]
}

func (z *Zoo) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", z.index)
	mux.HandleFunc("POST /~told/{what}", z.hear)
	mux.HandleFunc("GET /favicon.ico", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	for _, p := range append(Pages(), inner()...) {
		mux.HandleFunc("GET /"+p.Name, func(w http.ResponseWriter, r *http.Request) {
			z.count(p.Name, r)
			w.Header().Set("Cache-Control", "no-store")
			p.serve(visit{z, p, w, r})
		})
	}
	return mux
}

func (z *Zoo) count(page string, r *http.Request) {
	h := Hit{Dest: r.Header.Get("Sec-Fetch-Dest")}
	for _, c := range r.Cookies() {
		h.Cookies = append(h.Cookies, c.Name)
	}
	z.mu.Lock()
	defer z.mu.Unlock()
	key := [2]string{page, r.URL.Query().Get("call")}
	z.hits[key] = append(z.hits[key], h)
}

func (z *Zoo) hear(_ http.ResponseWriter, r *http.Request) {
	z.mu.Lock()
	defer z.mu.Unlock()
	z.told[[2]string{r.URL.Query().Get("call"), r.PathValue("what")}]++
}

// certificate makes one for hosts that nobody has signed.
func certificate(hosts ...Host) (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("make the zoo's key: %w", err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "zoo"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
	}
	for _, h := range hosts {
		template.DNSNames = append(template.DNSNames, string(h))
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("make the zoo's certificate: %w", err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, nil
}
