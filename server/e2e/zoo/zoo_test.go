package zoo_test

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/crmpop/crmpop/server/e2e/zoo"
	"github.com/crmpop/crmpop/server/framing"
)

// TestManualNamesWhatOpensInATab holds the manual to the list of pages that could
// be framed and are not.
func TestManualNamesWhatOpensInATab(t *testing.T) {
	manual, err := os.ReadFile(filepath.Join("..", "..", "..", "web", "docs", "the-crm-stays-blank.md"))
	if err != nil {
		t.Fatal(err)
	}
	excuses := 0
	for _, p := range zoo.Pages() {
		if p.Excuse == "" {
			continue
		}
		if excuses++; p.End != zoo.Refused {
			t.Errorf("%s is excused from being framed, and ends %s", p.Name, p.End)
		}
		if !strings.Contains(string(manual), p.Excuse) {
			t.Errorf("the manual does not say of %s: %s", p.Name, p.Excuse)
		}
	}
	if excuses == 0 {
		t.Error("no page is excused; this test has lost its way")
	}
}

// TestVerdictsFitTheEnds asks for every page as a frame does and judges the answer:
// what is to be shown is allowed, and what is to be refused is refused, unless it
// is excused.
func TestVerdictsFitTheEnds(t *testing.T) {
	const workspace = "https://pop.example"
	z, err := zoo.Open(workspace)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	client := &http.Client{Transport: &http.Transport{
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true},
		DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			_, port, err := net.SplitHostPort(addr)
			if err != nil {
				return nil, err
			}
			return new(net.Dialer).DialContext(ctx, network, net.JoinHostPort("127.0.0.1", port))
		},
	}}
	from := origin(t, workspace)
	judged := 0
	for _, p := range zoo.Pages() {
		if p.Unknown || p.Unasked || p.Name == "csp-any-port" { // which names the tests' own host
			continue
		}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, z.Address(p)+"?call=x", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Sec-Fetch-Dest", "iframe")
		resp, err := client.Do(req)
		if err != nil {
			if p.End != zoo.Refused {
				t.Errorf("%s: %v", p.Name, err)
			}
			continue // it hangs up, or leads in circles
		}
		resp.Body.Close()
		v := framing.Evaluate([]framing.Origin{from}, origin(t, resp.Request.URL.String()), resp.Header)
		judged++
		if want := p.End != zoo.Refused || p.Excuse != ""; v.Framed != want && p.Name != "no-frame" {
			t.Errorf("%s ends %s: framed %v, want %v; %s", p.Name, p.End, v.Framed, want, v.Reason)
		}
		if p.Name == "no-frame" && v.Framed {
			t.Errorf("%s: the server's look does not tell what the browser's question does not: %s", p.Name, v.Reason)
		}
	}
	if judged < 50 {
		t.Errorf("only %d pages were judged", judged)
	}
}

func origin(t *testing.T, s string) framing.Origin {
	t.Helper()
	o, err := framing.ParseOrigin(s)
	if err != nil {
		t.Fatal(err)
	}
	return o
}
