package outbound

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/server/dial"
)

// The caps of an attempt.
const (
	connectTime = 3 * time.Second
	sendTime    = 10 * time.Second // from the first byte out to the last one in
	maxHeaders  = 64 << 10
	maxBody     = 64 << 10 // of an answer, read; of the rest nothing is
)

// newTransport returns what leaves the house: each connection is checked when it
// is dialled, whatever its name was said to be, and no proxy of the environment
// stands in between, for the check would see nothing but that.
func newTransport(open []netip.Prefix, ours []netip.AddrPort, names *net.Resolver) http.RoundTripper {
	dialer := &net.Dialer{Timeout: connectTime, Control: dial.Guard(open).Without(ours...), Resolver: names}
	return &http.Transport{
		Proxy:                  nil,
		DialContext:            dialer.DialContext,
		TLSHandshakeTimeout:    connectTime,
		ResponseHeaderTimeout:  sendTime,
		MaxResponseHeaderBytes: maxHeaders,
		DisableCompression:     true, // what is small on the way must not be large here
		ForceAttemptHTTP2:      true,
		MaxIdleConns:           perServer,
		MaxIdleConnsPerHost:    perHost,
		IdleConnTimeout:        30 * time.Second,
	}
}

// newClient returns a client that follows no redirect and keeps no cookie.
func newClient(t http.RoundTripper) *http.Client {
	return &http.Client{Transport: t, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// answer is what came of one attempt.
type answer struct {
	status     int // 0 for none
	body       []byte
	more       bool // there is more of the body than was read
	retryAfter time.Duration
	took       time.Duration
	err        error
}

// send makes one attempt.
func (b *Outbound) send(ctx context.Context, m *mail) (a answer) {
	ctx, cancel := context.WithTimeout(ctx, sendTime)
	defer cancel()
	begun := b.o.Now()
	defer func() { a.took = b.o.Now().Sub(begun) }()
	req, err := b.request(ctx, m)
	if err != nil {
		return answer{err: err}
	}
	resp, err := b.client.Do(req)
	if err != nil {
		return answer{err: err}
	}
	defer resp.Body.Close() // what is left unread ends the connection
	a.status = resp.StatusCode
	a.retryAfter = retryAfter(resp, begun)
	a.body, a.err = io.ReadAll(io.LimitReader(resp.Body, maxBody+1))
	if a.more = len(a.body) > maxBody; a.more {
		a.body = a.body[:maxBody]
	}
	return a
}

// request makes a letter a request, with its secrets, and signs it.
func (b *Outbound) request(ctx context.Context, m *mail) (*http.Request, error) {
	l := &m.Letter.Letter
	secret := func(name string) (string, error) { return b.secret(ctx, m, name) }
	body, err := l.Body.Fill(secret)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, l.Method, l.URL, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	if body == "" {
		req.Body, req.GetBody, req.ContentLength = http.NoBody, nil, 0
	}
	req.Header.Set("User-Agent", "CRM-Pop")
	req.Header.Set("Accept", "*/*")
	if l.Reply == screenpop.ReplyJSON {
		req.Header.Set("Accept", "application/json")
	}
	for _, h := range l.Headers {
		value, err := h.Value.Fill(secret)
		if err != nil {
			return nil, err
		}
		req.Header.Set(h.Name, value)
	}
	if l.Type != "" {
		req.Header.Set("Content-Type", l.Type)
	}
	req.Header.Set("Idempotency-Key", m.PopID)
	keys, err := b.o.Keys(ctx, m.Tenant)
	if err != nil {
		return nil, errInside{"the signing secret could not be read", err}
	}
	sign(req.Header, m.PopID, b.o.Now(), body, keys)
	return req, nil
}

// secret returns the value of a secret, if it may go where the letter goes.
func (b *Outbound) secret(ctx context.Context, m *mail, name string) (string, error) {
	if b.o.Secret == nil {
		return "", errFinal("there is no secret " + name)
	}
	value, host, err := b.o.Secret(ctx, m.Tenant, name)
	switch {
	case screenpop.ErrorCode(err) == screenpop.CodeNotFound:
		return "", errFinal("there is no secret " + name)
	case err != nil:
		return "", errInside{"the secret " + name + " could not be read", err}
	case host != m.Host:
		return "", errFinal("the secret " + name + " is for " + host + " and may not go to " + m.Host)
	}
	return value, nil
}

// errFinal says why an attempt was not made and no later one will be.
type errFinal string

// Error returns the reason.
func (e errFinal) Error() string { return string(e) }

// errInside says that the fault lies with this server: words for people, and the
// cause for the log.
type errInside struct {
	words string
	cause error
}

// Error returns the words.
func (e errInside) Error() string { return e.words }

// Unwrap returns the cause.
func (e errInside) Unwrap() error { return e.cause }

// retryAfter returns how long an answer asks to be left alone, 0 for not at all.
func retryAfter(resp *http.Response, now time.Time) time.Duration {
	if resp.StatusCode != http.StatusTooManyRequests && resp.StatusCode != http.StatusServiceUnavailable {
		return 0
	}
	text := resp.Header.Get("Retry-After")
	if seconds, err := strconv.Atoi(text); err == nil {
		return time.Duration(max(0, min(seconds, 86400))) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(0, min(at.Sub(now), 24*time.Hour))
	}
	return 0
}
