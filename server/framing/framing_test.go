package framing_test

import (
	"net/http"
	"testing"

	"github.com/crmpop/crmpop/server/framing"
	"github.com/google/go-cmp/cmp"
)

const csp = "Content-Security-Policy"

func headers(pairs ...string) http.Header {
	h := http.Header{}
	for i := 0; i < len(pairs); i += 2 {
		h.Add(pairs[i], pairs[i+1])
	}
	return h
}

func TestTheReasonNamesHeaderAndOrigin(t *testing.T) {
	ws, crm := origin(t, "https://ws.test"), origin(t, "https://crm.test")
	tests := []struct {
		name      string
		ancestors []framing.Origin
		page      framing.Origin
		header    http.Header
		redirects int
		want      framing.Verdict
	}{
		{"nothing", []framing.Origin{ws}, crm, nil, 0, framing.Verdict{Framed: true, Known: true,
			Reason: "allowed: neither X-Frame-Options nor frame-ancestors at https://crm.test"}},
		{"deny", []framing.Origin{ws}, crm, headers("X-Frame-Options", "DENY"), 0, framing.Verdict{Known: true,
			Header: "X-Frame-Options: DENY", Reason: "refused by X-Frame-Options: DENY at https://crm.test"}},
		{"sameorigin behind redirects", []framing.Origin{ws}, crm, headers("X-Frame-Options", "SAMEORIGIN"), 2, framing.Verdict{Known: true,
			Header: "X-Frame-Options: SAMEORIGIN",
			Reason: "refused by X-Frame-Options: SAMEORIGIN at https://crm.test, reached by 2 redirects: the ancestor https://ws.test is another origin"}},
		{"two lines", []framing.Origin{ws}, crm, headers("X-Frame-Options", "SAMEORIGIN", "X-Frame-Options", "foo"), 1, framing.Verdict{Known: true,
			Header: "X-Frame-Options: SAMEORIGIN, foo",
			Reason: "refused by X-Frame-Options: SAMEORIGIN, foo at https://crm.test, reached by a redirect: the values contradict each other"}},
		{"an unknown value", []framing.Origin{ws}, crm, headers("X-Frame-Options", "ALLOW-FROM https://x.test"), 0, framing.Verdict{Framed: true, Known: true,
			Header: "X-Frame-Options: ALLOW-FROM https://x.test",
			Reason: "allowed: browsers do not heed X-Frame-Options: ALLOW-FROM https://x.test at https://crm.test"}},
		{"sameorigin", []framing.Origin{ws}, ws, headers("X-Frame-Options", "sameorigin"), 0, framing.Verdict{Framed: true, Known: true,
			Header: "X-Frame-Options: sameorigin",
			Reason: "allowed by X-Frame-Options: sameorigin at https://ws.test: every ancestor has that origin"}},
		{"policy", []framing.Origin{ws}, crm, headers(csp, "img-src *;  Frame-Ancestors  'self'\thttps://other.test ; x"), 0, framing.Verdict{Known: true,
			Header: "Content-Security-Policy: Frame-Ancestors 'self' https://other.test",
			Reason: "refused by Content-Security-Policy: Frame-Ancestors 'self' https://other.test at https://crm.test: it does not list the ancestor https://ws.test"}},
		{"policy that allows", []framing.Origin{ws}, crm, headers(csp, "frame-ancestors https://*.test", "X-Frame-Options", "DENY"), 0, framing.Verdict{Framed: true, Known: true,
			Header: "Content-Security-Policy: frame-ancestors https://*.test",
			Reason: "allowed by Content-Security-Policy: frame-ancestors https://*.test at https://crm.test"}},
		{"an opaque ancestor", []framing.Origin{{}, ws}, crm, headers(csp, "frame-ancestors *"), 0, framing.Verdict{Known: true,
			Header: "Content-Security-Policy: frame-ancestors *",
			Reason: "refused by Content-Security-Policy: frame-ancestors * at https://crm.test: it does not list an ancestor without an origin (sandboxed or data:)"}},
		{"mixed", []framing.Origin{ws}, origin(t, "http://crm.test"), nil, 0, framing.Verdict{Known: true,
			Reason: "refused as mixed content: http://crm.test is not encrypted and stands in https://ws.test, which is; serve it over https"}},
		{"in the local network", []framing.Origin{ws}, origin(t, "http://10.1.2.3:8080"), nil, 0, framing.Verdict{Framed: true,
			Reason: "allowed: neither X-Frame-Options nor frame-ancestors at http://10.1.2.3:8080; the browser may ask for leave to reach the local network"}},
		{"local in local", []framing.Origin{origin(t, "http://pop.local")}, origin(t, "http://10.1.2.3:8080"), nil, 0, framing.Verdict{Framed: true, Known: true,
			Reason: "allowed: neither X-Frame-Options nor frame-ancestors at http://10.1.2.3:8080"}},
		{"a download", []framing.Origin{ws}, crm, headers("Content-Disposition", "attachment; filename=a.pdf"), 0, framing.Verdict{Known: true,
			Header: "Content-Disposition: attachment; filename=a.pdf",
			Reason: "refused by Content-Disposition: attachment; filename=a.pdf at https://crm.test: that is a download, not a page"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := framing.EvaluateRedirected(tt.ancestors, tt.page, tt.header, tt.redirects)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// The browser was asked about most of these too; here they stand with the rule.
func TestSourceExpressions(t *testing.T) {
	tests := []struct{ name, source, ancestor, page string }{ // a leading ! is refused
		{"scheme", "https:", "https://ws.test:9444", "https://crm.test"},
		{"scheme stands for its secure one", "http:", "https://ws.test", "https://crm.test"},
		{"secure scheme does not stand for the other", "!https:", "http://ws.test", "http://crm.test"},
		{"host without scheme has the page's", "!ws.test", "http://ws.test", "https://crm.test"},
		{"http page, https ancestor", "ws.test", "https://ws.test", "http://localhost"},
		{"port 80 stands for 443 with its scheme", "http://ws.test:80", "https://ws.test", "https://crm.test"},
		{"port 80 does not stand for 443 alone", "!ws.test:80", "https://ws.test", "https://crm.test"},
		{"other ports stand for themselves", "!http://ws.test:9444", "https://ws.test:9444", "https://crm.test"},
		{"any port", "http://ws.test:*", "https://ws.test:9444", "https://crm.test"},
		{"leading zeros", "ws.test:00443", "https://ws.test", "https://crm.test"},
		{"port 0", "!ws.test:0", "https://ws.test", "https://crm.test"},
		{"port beyond a number", "!ws.test:4294967739", "https://ws.test", "https://crm.test"},
		{"no port behind the colon", "!https://ws.test:/", "https://ws.test", "https://crm.test"},
		{"subdomain", "*.ws.test", "https://a.b.ws.test", "https://crm.test"},
		{"not the domain", "!*.ws.test", "https://ws.test", "https://crm.test"},
		{"not a longer name", "!*.ws.test", "https://xws.test", "https://crm.test"},
		{"star in the middle", "!a.*.test", "https://a.ws.test", "https://crm.test"},
		{"star in a label", "!w*.test", "https://ws.test", "https://crm.test"},
		{"empty label", "!ws..test", "https://ws.test", "https://crm.test"},
		{"trailing dot is another host", "!ws.test.", "https://ws.test", "https://crm.test"},
		{"trailing dot on both", "ws.test.", "https://ws.test.", "https://crm.test"},
		{"IPv4", "https://192.0.2.1", "https://192.0.2.1", "https://crm.test"},
		{"IPv4 with a star", "https://*.0.2.1", "https://192.0.2.1", "https://crm.test"},
		{"IPv6 cannot be named", "!https://[2001:db8::1]", "https://[2001:db8::1]", "https://crm.test"},
		{"IPv6 by scheme", "https:", "https://[2001:db8::1]", "https://crm.test"},
		{"IPv6 by star", "https://*", "https://[2001:db8::1]", "https://crm.test"},
		{"Punycode", "XN--BCHER-KVA.test", "https://bücher.test", "https://crm.test"},
		{"underscore", "!my_ws.test", "https://my_ws.test", "https://crm.test"},
		{"query", "https://ws.test/?q=1", "https://ws.test", "https://crm.test"},
		{"query without path", "!https://ws.test?q=1", "https://ws.test", "https://crm.test"},
		{"path", "!https://ws.test/app/", "https://ws.test", "https://crm.test"},
		{"self upgrades", "'self'", "https://localhost", "http://localhost"},
		{"self keeps the port", "!'self'", "https://ws.test:9444", "https://ws.test"},
		{"star is for the web", "!*", "chrome-extension://abcdef", "https://crm.test"},
		{"star and the page's scheme", "*", "app://x", "app://y"},
		{"quotes", "!\"https://ws.test\"", "https://ws.test", "https://crm.test"},
		{"user", "!https://u@ws.test", "https://ws.test", "https://crm.test"},
		{"one slash", "!https:/ws.test", "https://ws.test", "https://crm.test"},
		{"no host", "!https://", "https://ws.test", "https://crm.test"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			source, want := tt.source, true
			if source[0] == '!' {
				source, want = source[1:], false
			}
			v := framing.Evaluate([]framing.Origin{origin(t, tt.ancestor)}, origin(t, tt.page), headers(csp, "frame-ancestors "+source))
			if v.Framed != want {
				t.Errorf("frame-ancestors %s, %s in %s: framed %v, want %v", source, tt.page, tt.ancestor, v.Framed, want)
			}
		})
	}
}

func TestLettersThatLookLikeASCIIAreNot(t *testing.T) {
	ws := origin(t, "https://ws.test")
	for _, h := range []http.Header{
		headers("X-Frame-Options", "SAMEORİGİN"), headers("X-Frame-Options", "ſameorigin"), headers(csp, "frame-anceſtors 'none'"),
		headers(csp, "frame-ancestors 'none' \u00a0"), headers(csp, "frame-ancestors 'none' \xff"),
	} {
		if v := framing.Evaluate([]framing.Origin{ws}, origin(t, "https://crm.test"), h); !v.Framed {
			t.Errorf("%q: %s, want it not heeded", h, v.Reason)
		}
	}
}

func TestHeaderNamesMayBeWrittenInAnyCase(t *testing.T) {
	ws := origin(t, "https://ws.test")
	for _, h := range []http.Header{{"x-frame-options": {"DENY"}}, {"X-FRAME-OPTIONS": {"DENY"}}, {"content-security-policy": {"frame-ancestors"}}} {
		if v := framing.Evaluate([]framing.Origin{ws}, ws, h); v.Framed {
			t.Errorf("%v: framed, want it refused", h)
		}
	}
}

func TestWithoutAncestorsThereIsNothingToRefuse(t *testing.T) {
	v := framing.Evaluate(nil, origin(t, "http://crm.test"), headers("X-Frame-Options", "SAMEORIGIN", csp, "frame-ancestors 'none'"))
	if !v.Framed {
		t.Errorf("a page in a tab of its own: %s", v.Reason)
	}
}
