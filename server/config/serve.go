package config

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"time"

	"github.com/crmpop/crmpop/server/auth"
)

// Serve holds the options of the serve command.
type Serve struct {
	Listen       string        `default:"127.0.0.1:8000" placeholder:"ADDR" help:"Address to serve on (${default}). Port 0 takes any free one."`
	AdminListen  string        `placeholder:"ADDR" help:"Address of /healthz and /readyz; none by default."`
	Data         string        `default:"./data" placeholder:"DIR" help:"Folder of the database (${default})."`
	Demo         bool          `help:"Run with a demo company, a demo CRM and a demo phone. Known passwords: loopback only."`
	PublicURL    string        `name:"public-url" placeholder:"URL" help:"Address that browsers see, if a proxy stands in front: https://pop.example.com"`
	Proxy        []string      `placeholder:"CIDR" help:"Addresses of proxies whose X-Forwarded-For is believed: 10.0.0.0/8"`
	AllowPrivate []string      `name:"allow-private" placeholder:"CIDR" help:"Networks of your own in which the pages of popups may be checked, and to which web requests may go: 10.20.0.0/16. Others that are not public are never asked."`
	NoPageChecks bool          `help:"Never ask the pages of popups whether they can be framed."`
	Heartbeat    time.Duration `default:"30s" placeholder:"TIME" help:"Time between heartbeats to workspaces, 10s to 55s (${default}). Shorter than your proxy's idle limit."`
	LogLevel     string        `default:"info" enum:"debug,info,warn,error" placeholder:"LEVEL" help:"debug, info, warn or error (${default})."`
	LogFormat    string        `default:"text" enum:"text,json" placeholder:"FORMAT" help:"text or json (${default})."`
	ConfigDump   bool          `help:"Print every option, its value and where it is from, and stop."`
}

// The limits of the heartbeat: below it costs agents' batteries, above it idle
// connections are cut by common proxies (60 s).
const (
	minHeartbeat = 10 * time.Second
	maxHeartbeat = 55 * time.Second
)

// validate returns every fault at once.
func (s *Serve) validate() error {
	return errors.Join(s.validateListen(), s.validatePublicURL(), s.validateRest())
}

func (s *Serve) validateListen() error {
	if _, _, err := net.SplitHostPort(s.Listen); err != nil {
		return fmt.Errorf("--listen %q: write it as 127.0.0.1:8000: %w", s.Listen, err)
	}
	if s.Loopback() {
		return nil
	}
	if s.Demo {
		return fmt.Errorf("--listen %s: the demo has known passwords: listen on 127.0.0.1 or drop --demo", s.Listen)
	}
	if s.PublicURL == "" {
		return fmt.Errorf("--listen %s: without TLS everybody on the network could read passwords and callers: "+
			"put a proxy with TLS in front and say --public-url https://…, or listen on 127.0.0.1", s.Listen)
	}
	return nil
}

func (s *Serve) validatePublicURL() error {
	if s.PublicURL == "" {
		return nil
	}
	if s.Demo {
		return errors.New("--public-url: the demo has known passwords and is for this machine only: drop --public-url or --demo")
	}
	origin, err := auth.ParseOrigin(s.PublicURL)
	if err != nil {
		return fmt.Errorf("--public-url: %w", err)
	}
	host := strings.TrimPrefix(origin, "http://")
	if host != origin && !auth.IsLoopback(host) {
		return fmt.Errorf("--public-url %s: browsers keep no session over plain http: use https", s.PublicURL)
	}
	s.PublicURL = origin
	return nil
}

func (s *Serve) validateRest() error {
	var faults []error
	if s.Heartbeat < minHeartbeat || s.Heartbeat > maxHeartbeat {
		faults = append(faults, fmt.Errorf("--heartbeat %v: choose between %v and %v", s.Heartbeat, minHeartbeat, maxHeartbeat))
	}
	if s.Data == "" {
		faults = append(faults, errors.New("--data: name a folder for the database"))
	}
	if s.AdminListen != "" {
		if _, _, err := net.SplitHostPort(s.AdminListen); err != nil {
			faults = append(faults, fmt.Errorf("--admin-listen %q: write it as 127.0.0.1:9000: %w", s.AdminListen, err))
		}
	}
	if _, err := s.Proxies(); err != nil {
		faults = append(faults, err)
	}
	if _, err := s.Private(); err != nil {
		faults = append(faults, err)
	}
	return errors.Join(faults...)
}

// Loopback reports whether only this machine can reach the server.
func (s *Serve) Loopback() bool { return auth.IsLoopback(s.Listen) }

// Proxies returns the networks whose X-Forwarded-For is believed; an address
// alone stands for itself.
func (s *Serve) Proxies() ([]netip.Prefix, error) {
	var all []netip.Prefix
	for _, text := range s.Proxy {
		p, err := prefix(text)
		if err != nil {
			return nil, fmt.Errorf("--proxy %q: write an address or a network as 10.0.0.0/8", text)
		}
		all = append(all, p)
	}
	return all, nil
}

// Private returns the networks that are not public and in which pages may be
// asked all the same; an address alone stands for itself. In a demo this machine
// is one: the demo's CRM runs there.
func (s *Serve) Private() ([]netip.Prefix, error) {
	texts := s.AllowPrivate
	if s.Demo {
		texts = append([]string{"127.0.0.0/8", "::1"}, texts...)
	}
	var all []netip.Prefix
	for _, text := range texts {
		p, err := prefix(text)
		if err != nil {
			return nil, fmt.Errorf("--allow-private %q: write an address or a network as 10.20.0.0/16", text)
		}
		if !isPrivate(p) {
			return nil, fmt.Errorf("--allow-private %s: that is no private network: public addresses need no leave, and others are never asked", text)
		}
		all = append(all, p.Masked())
	}
	return all, nil
}

// privateNetworks are those that can be an operator's own.
var privateNetworks = []string{"10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fc00::/7"}

func isPrivate(p netip.Prefix) bool {
	for _, own := range privateNetworks {
		if o := netip.MustParsePrefix(own); o.Bits() <= p.Bits() && o.Contains(p.Addr()) {
			return true
		}
	}
	return false
}

// prefix reads a network, or an address as one.
func prefix(text string) (netip.Prefix, error) {
	p, err := netip.ParsePrefix(text)
	if err == nil {
		return p, nil
	}
	a, err := netip.ParseAddr(text)
	if err != nil {
		return netip.Prefix{}, err
	}
	return a.Prefix(a.BitLen())
}

// Origins returns the origins of our own pages when the server listens at addr:
// that of the public URL if there is one, else the names of this machine.
func (s *Serve) Origins(addr string) auth.Origins {
	if s.PublicURL != "" {
		return auth.Origins{s.PublicURL}
	}
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil
	}
	var all auth.Origins
	for _, host := range []string{"127.0.0.1", "localhost", "[::1]"} {
		if o, err := auth.ParseOrigin("http://" + host + ":" + port); err == nil {
			all = append(all, o)
		}
	}
	return all
}
