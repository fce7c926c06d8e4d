package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/crmpop/crmpop/app/screenpop"
)

// answer is what the product's API said to an event.
type answer struct {
	Sent   string // the event, indented
	Status string // "202 Accepted", or why there is no answer
	Body   string // indented if it is JSON
	OK     bool
	At     time.Time
}

// maxAnswer is how much of an answer is read, in bytes.
const maxAnswer = 16 << 10

// reporter sends events as any contact-centre platform would: over HTTP, with
// its own key.
type reporter struct {
	url    string
	client *http.Client
}

func newReporter(apiBase string) *reporter {
	return &reporter{url: apiBase + "/api/v1/events", client: &http.Client{
		Timeout:   10 * time.Second,
		Transport: &http.Transport{MaxIdleConnsPerHost: 4, IdleConnTimeout: time.Minute},
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		},
	}}
}

// send posts e and returns the answer. It never fails otherwise than in words.
func (r *reporter) send(ctx context.Context, key string, e screenpop.Event, now time.Time) answer {
	body, err := json.MarshalIndent(e, "", "  ")
	if err != nil {
		return answer{Status: "encode the event: " + err.Error(), At: now}
	}
	a := answer{Sent: string(body), At: now}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.url, bytes.NewReader(body))
	if err != nil {
		a.Status = "make the request: " + err.Error()
		return a
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+key)
	resp, err := r.client.Do(req)
	if err != nil {
		a.Status = fmt.Sprintf("no answer: %v", err)
		return a
	}
	defer resp.Body.Close()
	got, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		a.Status = "read the answer: " + err.Error()
		return a
	}
	a.Status, a.Body, a.OK = resp.Status, indent(got), resp.StatusCode == http.StatusAccepted
	return a
}

func indent(b []byte) string {
	var out bytes.Buffer
	if json.Indent(&out, bytes.TrimSpace(b), "", "  ") != nil {
		return string(b)
	}
	return out.String()
}
