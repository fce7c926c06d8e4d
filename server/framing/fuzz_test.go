package framing_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/crmpop/crmpop/server/framing"
)

// FuzzEvaluate: nothing panics; a header that forbids framing never allows it,
// another ancestor never allows what one refused, and the reason names what decided.
func FuzzEvaluate(f *testing.F) {
	for _, c := range truths(f, "testdata/truth.json") {
		h := map[string]string{}
		for _, p := range c.Headers {
			h[p[0]] = p[1]
		}
		f.Add(c.Embedder, c.Page, h[csp], h["X-Frame-Options"])
	}
	f.Fuzz(func(t *testing.T, from, at, policy, options string) {
		ancestor, err := framing.ParseOrigin(from)
		if err != nil {
			return
		}
		page, err := framing.ParseOrigin(at)
		if err != nil {
			return
		}
		h := http.Header{}
		if policy != "" {
			h.Add(csp, policy)
		}
		if options != "" {
			h.Add("X-Frame-Options", options)
		}
		ancestors := []framing.Origin{ancestor}
		v := framing.Evaluate(ancestors, page, h)
		if v.Reason == "" || v.Header != "" && !strings.Contains(v.Header, ": ") {
			t.Errorf("%+v", v)
		}
		mustStayRefused(t, v, ancestors, page, with(h, csp, "frame-ancestors 'none'"), true)
		mustStayRefused(t, v, ancestors, page, with(h, "X-Frame-Options", "DENY"), false)
		if wider := framing.Evaluate(append(ancestors, framing.Origin{}), page, h); wider.Framed && !v.Framed {
			t.Errorf("%q refuses %s in %s, but not in more", h, page, ancestor)
		}
		if behind := framing.EvaluateRedirected(ancestors, page, h, 1); v.Framed && !behind.Framed {
			t.Errorf("%q refuses %s in %s behind a redirect only", h, page, ancestor)
		}
		if again, err := framing.ParseOrigin(ancestor.String()); err != nil || again != ancestor {
			t.Errorf("%q is read as %v and written as %s", from, ancestor, ancestor)
		}
	})
}

func with(h http.Header, name, v string) http.Header {
	h = h.Clone()
	h.Add(name, v)
	return h
}

// mustStayRefused: with a forbidding header more, refused stays refused; a
// frame-ancestors 'none' refuses whatever else there is.
func mustStayRefused(t *testing.T, v framing.Verdict, ancestors []framing.Origin, page framing.Origin, h http.Header, always bool) {
	t.Helper()
	if more := framing.Evaluate(ancestors, page, h); more.Framed && (always || !v.Framed) {
		t.Errorf("framed with %q: %s; without the last: %s", h, more.Reason, v.Reason)
	}
}

func FuzzHeaderLines(f *testing.F) {
	for _, c := range truths(f, "testdata/truth.json") {
		f.Add(c.raw())
	}
	f.Fuzz(func(t *testing.T, raw string) {
		v, err := framing.Check(t.Context(), framing.Question{URL: "https://crm.test", From: []string{"https://ws.test"}, Headers: strings.NewReader(raw)})
		if err == nil && v.Reason == "" {
			t.Errorf("no reason for %q", raw)
		}
	})
}
