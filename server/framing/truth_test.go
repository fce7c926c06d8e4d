package framing_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/crmpop/crmpop/server/framing"
)

// truth is one case of what Chromium did: a frame in embedder, inside the
// documents of nest (outermost first), asked for a page.
type truth struct {
	Name      string      `json:"name"`
	Embedder  string      `json:"embedder_origin"`
	Page      string      `json:"page_origin"`
	Headers   [][2]string `json:"headers"`
	Redirects []struct {
		Origin  string      `json:"origin"`
		Status  int         `json:"status"`
		Headers [][2]string `json:"headers"`
	} `json:"redirects"`
	Nest   []string `json:"nest"`
	Status int      `json:"status"`
	Framed bool     `json:"framed"`
}

func truths(t testing.TB, file string) []truth {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var all []truth
	if err := json.Unmarshal(b, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

// from returns the ancestors as --from takes them, innermost first.
func (c truth) from() []string {
	from := []string{c.Embedder}
	for _, n := range c.Nest {
		switch n {
		case "srcdoc":
			n = "about:srcdoc"
		case "blob":
			n = "blob:" + from[0] + "/6f1c2c1e"
		case "srcdoc-sandbox":
			n = "null"
		case "data":
			n = "data:text/html,x"
		}
		from = append([]string{n}, from...)
	}
	for i := len(from) - 2; i >= 0; i-- { // blob: in something without an origin
		if strings.HasPrefix(from[i], "blob:about:") {
			from[i] = "about:blank"
		}
	}
	return from
}

// raw returns the responses as header lines, the first redirect first.
func (c truth) raw() string {
	var b strings.Builder
	for i, hop := range c.Redirects {
		next := c.Page
		if i+1 < len(c.Redirects) {
			next = c.Redirects[i+1].Origin
		}
		fmt.Fprintf(&b, "HTTP/1.1 %d Moved\r\nLocation: %s/next\r\n", hop.Status, next)
		for _, h := range hop.Headers {
			fmt.Fprintf(&b, "%s: %s\r\n", h[0], h[1])
		}
		b.WriteString("\r\n")
	}
	if c.Status > 0 || len(c.Redirects) > 0 {
		fmt.Fprintf(&b, "HTTP/1.1 %d X\r\n", max(c.Status, 200))
	}
	for _, h := range append([][2]string{{"Content-Type", "text/html"}}, c.Headers...) {
		fmt.Fprintf(&b, "%s: %s\r\n", h[0], h[1])
	}
	return b.String()
}

func TestVerdictsAreChromiums(t *testing.T) {
	for _, file := range []string{"testdata/truth.json", "testdata/observed.json"} {
		all := truths(t, file)
		for _, c := range all {
			v, err := framing.Check(t.Context(), framing.Question{
				URL: c.Page + "/page?case=1", From: c.from(), Headers: strings.NewReader(c.raw())})
			if err != nil {
				t.Errorf("%s: %v", c.Name, err)
				continue
			}
			if v.Framed != c.Framed || v.Reason == "" {
				t.Errorf("%s: framed %v, Chromium has %v; %s\n%v > %s\n%s", c.Name, v.Framed, c.Framed, v.Reason, c.from(), c.Page, c.raw())
			}
		}
		t.Logf("%s: %d cases", file, len(all))
	}
}

func TestEvaluateAgreesWithCheck(t *testing.T) {
	for _, c := range truths(t, "testdata/truth.json") {
		if len(c.Redirects) > 0 {
			continue
		}
		var ancestors []framing.Origin
		for _, from := range c.from() {
			ancestors = append(ancestors, origin(t, from))
		}
		h := http.Header{}
		for _, p := range c.Headers {
			h.Add(p[0], p[1])
		}
		if v := framing.Evaluate(ancestors, origin(t, c.Page), h); v.Framed != c.Framed {
			t.Errorf("%s: framed %v, want %v; %s", c.Name, v.Framed, c.Framed, v.Reason)
		}
	}
}

func origin(t testing.TB, s string) framing.Origin {
	t.Helper()
	o, err := framing.ParseOrigin(s)
	if err != nil {
		t.Fatal(err)
	}
	return o
}
