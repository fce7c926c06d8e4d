//go:build !js

package main

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/crmpop/crmpop/app/companion/clipboard"
	"github.com/crmpop/crmpop/app/companion/home"
	"github.com/crmpop/crmpop/app/companion/link"
)

// answerWait bounds one answer of the server.
const answerWait = 20 * time.Second

// offer is what the server answers to a PC that wants to be paired.
type offer struct {
	PairingID string `json:"pairing_id"`
	UserCode  string `json:"user_code"`
	Number    string `json:"number"`
	ExpiresIn int    `json:"expires_in"`
	Interval  int    `json:"interval"`
}

// answer is how a pairing stands.
type answer struct {
	State       string `json:"state"`
	CompanionID string `json:"companion_id"`
	Agent       string `json:"agent"`
	AgentName   string `json:"agent_name"`
	Tenant      string `json:"tenant"`
}

// pair offers this PC to the server, shows the code, and waits for the agent to
// confirm it in the browser.
func (p *program) pair(ctx context.Context, args []string) error {
	var asked string
	if err := flags("pair", args, func(f *flag.FlagSet) { f.StringVar(&asked, "server", "", "") }); err != nil {
		return err
	}
	server, err := p.server(asked)
	if err != nil {
		return err
	}
	if was, paired, err := p.home.Pairing(); err != nil {
		return err
	} else if paired {
		return fmt.Errorf("this PC is paired already, with %s for %s; unpair it first", was.Server, plain(was.Agent))
	}
	key, err := p.home.MakeKey()
	if err != nil {
		return err
	}
	o, err := p.offer(ctx, server, key)
	if err != nil {
		return fmt.Errorf("ask %s to pair: %w", server, err)
	}
	p.show(server, o)
	a, err := await(ctx, server, o)
	if err != nil {
		return err
	}
	err = p.home.SetPairing(home.Pairing{Server: server, CompanionID: a.CompanionID, Agent: a.Agent, AgentName: a.AgentName, Tenant: a.Tenant, At: time.Now()})
	if err != nil {
		return fmt.Errorf("keep the pairing: %w", err)
	}
	fmt.Fprintf(p.stdout, "Paired: this PC is %s's.\n", who(a.AgentName, a.Agent))
	if p.running() {
		fmt.Fprintln(p.stdout, "The running companion connects by itself.")
	} else {
		fmt.Fprintln(p.stdout, "Start it with: crmpop-companion run\nStart it with each sign-in: crmpop-companion install")
	}
	return nil
}

// server returns the server to pair with: the administrator's, if there is one.
func (p *program) server(asked string) (string, error) {
	fixed, err := p.place.Server()
	switch {
	case err != nil:
		return "", err
	case fixed == "" && asked == "":
		return "", &usageError{"say the server: pair --server https://pop.example.com"}
	case fixed == "":
		return link.ParseServer(asked)
	}
	server, err := link.ParseServer(fixed)
	if err != nil {
		return "", fmt.Errorf("the server that the administrator has fixed: %w", err)
	}
	if asked != "" {
		if other, err := link.ParseServer(asked); err != nil || other != server {
			return "", fmt.Errorf("this PC's administrator has fixed the server: it is %s", server)
		}
	}
	return server, nil
}

func (p *program) offer(ctx context.Context, server string, key ed25519.PrivateKey) (o offer, err error) {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	body, err := json.Marshal(map[string]string{
		"public_key": base64.RawURLEncoding.EncodeToString(key.Public().(ed25519.PublicKey)),
		"host":       host, "os": runtime.GOOS, "os_user": osUser(p.getenv), "version": version(),
	})
	if err != nil {
		return o, err
	}
	if err := call(ctx, http.MethodPost, server+"/api/v1/companion/pair", body, &o); err != nil {
		return o, err
	}
	o.UserCode, o.Number = plain(o.UserCode), plain(o.Number)
	if o.PairingID == "" || o.UserCode == "" || o.Number == "" {
		return o, errors.New("its answer lacks the code")
	}
	o.Interval = min(max(o.Interval, 1), 60)
	o.ExpiresIn = min(max(o.ExpiresIn, 30), 3600)
	return o, nil
}

func osUser(getenv func(string) string) string {
	for _, name := range []string{"USER", "USERNAME", "LOGNAME"} {
		if user := getenv(name); user != "" {
			return user
		}
	}
	return "unknown"
}

func (p *program) show(server string, o offer) {
	code := o.UserCode
	if len(code) == 8 {
		code = code[:4] + "-" + code[4:]
	}
	fmt.Fprintf(p.stdout, `In CRM Pop, open This computer (%s/computer) and type this code:

    %s

The page then shows this PC and a number. Confirm only if the number is %s.
The code is good for %d minutes. Waiting …
`, server, code, o.Number, (o.ExpiresIn+59)/60)
}

// await asks until the agent has answered or the code's time is over. A server
// that cannot be reached meanwhile is asked again.
func await(ctx context.Context, server string, o offer) (a answer, err error) {
	ctx, cancel := context.WithTimeout(ctx, time.Duration(o.ExpiresIn)*time.Second)
	defer cancel()
	tick := time.NewTicker(time.Duration(o.Interval) * time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return a, errors.New("nobody confirmed the code; pair again")
		case <-tick.C:
		}
		a = answer{}
		err := call(ctx, http.MethodGet, server+"/api/v1/companion/pair/"+url.PathEscape(o.PairingID), nil, &a)
		var refused *problem
		switch {
		case errors.As(err, &refused) && refused.status < 500 && refused.status != http.StatusTooManyRequests:
			return a, fmt.Errorf("pair: %w", err)
		case err != nil || a.State == "waiting":
		case a.State == "confirmed" && a.CompanionID != "":
			return a, nil
		case a.State == "refused":
			return a, errors.New("the pairing was refused in the browser")
		default:
			return a, errors.New("the code's time is over; pair again")
		}
	}
}

// problem is an answer that is an error (RFC 9457).
type problem struct {
	status int
	detail string
}

func (p *problem) Error() string {
	if p.detail == "" {
		return fmt.Sprintf("the server answered %d %s", p.status, http.StatusText(p.status))
	}
	return fmt.Sprintf("%s (%d)", p.detail, p.status)
}

// call asks the server and reads its JSON.
func call(ctx context.Context, method, address string, body []byte, to any) error {
	req, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	res, err := link.Client(answerWait).Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(io.LimitReader(res.Body, 64<<10))
	if err != nil {
		return err
	}
	if res.StatusCode >= 300 {
		var d struct {
			Detail string `json:"detail"`
		}
		_ = json.Unmarshal(b, &d) // a proxy's page has no detail
		return &problem{res.StatusCode, plain(d.Detail)}
	}
	if err := json.Unmarshal(b, to); err != nil {
		return fmt.Errorf("the server's answer is no JSON: %w", err)
	}
	return nil
}

// flags reads the flags of a command that takes nothing else.
func flags(name string, args []string, define func(*flag.FlagSet)) error {
	f := flag.NewFlagSet(name, flag.ContinueOnError)
	f.SetOutput(io.Discard)
	define(f)
	if err := f.Parse(args); err != nil {
		return &usageError{err.Error()}
	}
	if f.NArg() > 0 {
		return &usageError{fmt.Sprintf("%s takes no %q", name, f.Arg(0))}
	}
	return nil
}

// plain makes what a server or a caller has said fit for a terminal.
func plain(s string) string { return clipboard.Plain(s) }

// who names an agent.
func who(name, id string) string {
	if name == "" || name == id {
		return plain(id)
	}
	return strings.TrimSpace(plain(name)) + " (" + plain(id) + ")"
}
