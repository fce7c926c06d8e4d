//go:build !js

package session

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/crmpop/crmpop/app/wire"
)

// NewHTTP returns an HTTP for programs. Header goes with every request, with what
// says who asks; c's own timeout must leave room for streams and polls.
func NewHTTP(c *http.Client, header http.Header) *HTTP {
	own := *c
	own.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	n := &netHTTP{&own, header}
	return &HTTP{Events: n.events, Send: n.send}
}

type netHTTP struct {
	client *http.Client
	header http.Header
}

func (n *netHTTP) request(ctx context.Context, method, url string, body []byte) (*http.Request, error) {
	r, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	for name, values := range n.header {
		r.Header[name] = values
	}
	if len(body) > 0 {
		r.Header.Set("Content-Type", "application/json")
	}
	return r, nil
}

func (n *netHTTP) send(ctx context.Context, method, url string, body []byte) (Reply, error) {
	r, err := n.request(ctx, method, url, body)
	if err != nil {
		return Reply{}, err
	}
	resp, err := n.client.Do(r)
	if err != nil {
		return Reply{}, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(io.LimitReader(resp.Body, 2*wire.MaxFrame))
	return Reply{resp.StatusCode, resp.Header.Get("Content-Type"), b}, err
}

func (n *netHTTP) events(url string, heard func(string), ended func(error)) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		if err := n.listen(ctx, url, heard); ctx.Err() == nil {
			ended(err)
		}
	}()
	return cancel
}

// listen passes events on until the stream ends; it returns why, always.
func (n *netHTTP) listen(ctx context.Context, url string, heard func(string)) error {
	r, err := n.request(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	r.Header.Set("Accept", "text/event-stream")
	resp, err := n.client.Do(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK || !strings.HasPrefix(resp.Header.Get("Content-Type"), "text/event-stream") {
		return fmt.Errorf("no stream of events: status %d, %s", resp.StatusCode, resp.Header.Get("Content-Type"))
	}
	lines := bufio.NewScanner(resp.Body)
	lines.Buffer(nil, wire.MaxFrame+64)
	for lines.Scan() {
		if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok && ctx.Err() == nil {
			heard(data) // our server writes each event's data in one line
		}
	}
	if err := lines.Err(); err != nil {
		return err
	}
	return errors.New("the stream of events has ended")
}
