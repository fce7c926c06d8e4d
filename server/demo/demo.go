// Package demo is a small world to try the product in: a tenant with users and
// a popup configuration, a CRM on an origin of its own, and a telephone system
// that reports its events through the public API like any other would. It
// listens on loopback only.
package demo

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"time"
)

// Options are what Seed and Start work with; each field names who reads it.
type Options struct {
	// CRMURL is the origin of the demo CRM, as Demo.URL returns it. Seed needs it.
	CRMURL string
	// HashPassword turns a password into what the store keeps. Seed needs it.
	HashPassword func(password string) (string, error)
	// KeyFile holds the API key with all scopes. Seed writes it (mode 0600) if it
	// is not there, and keeps the key in it valid if it is. Seed needs it.
	KeyFile string

	// Listen is a loopback address. Without it Start takes the port after
	// WorkspaceURL's, or any free one if that is taken.
	Listen string
	// APIBase is where the telephone system sends its events: the origin of the
	// product, such as "http://127.0.0.1:8000". Start needs it.
	APIBase string
	// WorkspaceURL is what the demo's pages link to; APIBase if it is empty.
	WorkspaceURL string
	// Key is the API key the telephone system sends its events with. It may come
	// later, by Demo.UseKey.
	Key string
	// Pace is the time between two acts of the telephone system when it runs by
	// itself; 4 s if it is zero.
	Pace time.Duration
	// Now is the clock; time.Now if it is nil.
	Now func() time.Time
	// Log takes what the demo has to say; nothing is said if it is nil.
	Log *slog.Logger
}

// Demo is the running CRM and telephone system. Close stops it.
type Demo struct {
	url    string
	server *http.Server
	phone  *phone
	crm    *crm
	cancel context.CancelFunc
	done   chan struct{}
}

// Start opens the listener and serves until Close or the end of ctx. It refuses
// an address that is not loopback.
func Start(ctx context.Context, o Options) (*Demo, error) {
	o.WorkspaceURL = cmp.Or(o.WorkspaceURL, o.APIBase)
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	l, err := listen(o.Listen, o.WorkspaceURL)
	if err != nil {
		return nil, err
	}
	d := &Demo{url: "http://" + l.Addr().String(), done: make(chan struct{})}
	ctx, d.cancel = context.WithCancel(ctx)
	d.crm = newCRM(o.WorkspaceURL, o.Now)
	d.phone = newPhone(o, d.url)
	d.server = &http.Server{
		Handler:           d.routes(l.Addr().(*net.TCPAddr).Port),
		ReadHeaderTimeout: 5 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    32 << 10,
		BaseContext:       func(net.Listener) context.Context { return ctx },
	}
	context.AfterFunc(ctx, func() { d.server.Close() })
	go func() {
		defer close(d.done)
		if err := d.server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			o.Log.Error("serve the demo", "err", err)
		}
	}()
	return d, nil
}

// URL returns the origin of the demo CRM, without a slash at its end. The
// telephone system is at URL() + "/phone".
func (d *Demo) URL() string { return d.url }

// UseKey sets the API key that the telephone system sends its events with.
func (d *Demo) UseKey(key string) { d.phone.useKey(key) }

// Close stops the demo and waits for its listener to be gone. Pages that wait
// for the slow one are cut.
func (d *Demo) Close() error {
	d.cancel()
	d.phone.stop()
	<-d.done
	return nil
}

// listen opens a loopback listener.
func listen(addr, workspace string) (net.Listener, error) {
	if addr == "" {
		if l, err := net.Listen("tcp", besideWorkspace(workspace)); err == nil {
			return l, nil
		}
		addr = "127.0.0.1:0"
	}
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fmt.Errorf("demo address %q: %w; write it as 127.0.0.1:8001", addr, err)
	}
	if !loopback(host) {
		return nil, fmt.Errorf("demo address %q is not loopback: the demo has known passwords; use 127.0.0.1", addr)
	}
	return net.Listen("tcp", addr)
}

// besideWorkspace returns the address one port after the workspace's, so that
// the CRM keeps its origin when the product is restarted.
func besideWorkspace(workspace string) string {
	if req, err := http.NewRequest(http.MethodGet, workspace, nil); err == nil {
		if port, err := strconv.Atoi(req.URL.Port()); err == nil && port < 65535 {
			return net.JoinHostPort("127.0.0.1", strconv.Itoa(port+1))
		}
	}
	return "127.0.0.1:0"
}

func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
