package framing_test

import (
	"encoding/xml"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/server/framing"
)

// policies are those that pages have already, with what else they must still say.
var policies = map[string][]string{
	"":                       nil,
	"frame-ancestors 'none'": nil,
	"default-src 'self'; script-src 'self' https://cdn.example/$a\"b":                                {"default-src 'self'", "script-src 'self' https://cdn.example/"},
	"frame-ancestors 'self' https://old.example; frame-ancestors 'none'; img-src *":                  {"https://old.example", "img-src *"},
	"default-src 'self', frame-ancestors https://a.example;report-uri /r?a=1&b=%41, ,;":              {"default-src 'self'", "https://a.example", "report-uri /r?a=1&b=%41"},
	"Frame-Ancestors\t'self'  'none' foo!bar ;; upgrade-insecure-requests":                           {"upgrade-insecure-requests"},
	"frame-ancestors https://ws.example; form-action 'self' {x}; require-trusted-types-for 'script'": {"form-action 'self' {x}", "require-trusted-types-for 'script'"},
}

func TestSnippetsAllowTheWorkspaceAndKeepTheRest(t *testing.T) {
	ws, page := origin(t, "https://pop.example.com"), origin(t, "https://crm.example.com")
	for policy, kept := range policies {
		v := screenpop.PageVerdict{Verdict: screenpop.VerdictRefused, Details: screenpop.PageDetails{Policy: policy}}
		all := framing.Snippets(ws, v)
		if len(all) != 4 {
			t.Fatalf("%d snippets, want four", len(all))
		}
		for _, s := range all {
			got := read[s.Server](t, s.Text)
			h := http.Header{"Content-Security-Policy": {got}}
			if v := framing.Evaluate([]framing.Origin{ws}, page, h); !v.Framed {
				t.Errorf("%s for %q: %s", s.Server, policy, v.Reason)
			}
			if v := framing.Evaluate([]framing.Origin{page}, page, h); !v.Framed {
				t.Errorf("%s for %q shuts the page's own frames out: %s", s.Server, policy, v.Reason)
			}
			if v := framing.Evaluate([]framing.Origin{origin(t, "https://evil.example")}, page, h); v.Framed {
				t.Errorf("%s for %q lets strangers in: %s", s.Server, policy, v.Reason)
			}
			for _, k := range kept {
				if !strings.Contains(got, k) {
					t.Errorf("%s for %q: %q lacks %q", s.Server, policy, got, k)
				}
			}
			if !strings.Contains(s.Text, "X-Frame-Options") {
				t.Errorf("%s does not take X-Frame-Options out", s.Server)
			}
		}
	}
}

// read finds the policy in a snippet as its server does.
var read = map[string]func(t *testing.T, text string) string{
	"nginx":  quoted(`add_header Content-Security-Policy "((?:[^"\\]|\\.)*)" always;`, strings.NewReplacer(`\\`, `\`, `\"`, `"`)),
	"apache": quoted(`Header set Content-Security-Policy "((?:[^"\\]|\\.)*)"`, strings.NewReplacer(`\\`, `\`, `\"`, `"`, `%%`, `%`)),
	"caddy":  quoted(`\tContent-Security-Policy "((?:[^"\\]|\\.)*)"`, strings.NewReplacer(`\\`, `\`, `\"`, `"`, `\{`, `{`)),
	"iis": func(t *testing.T, text string) string {
		var c struct {
			Add struct {
				Name  string `xml:"name,attr"`
				Value string `xml:"value,attr"`
			} `xml:"system.webServer>httpProtocol>customHeaders>add"`
		}
		if err := xml.Unmarshal([]byte(text), &c); err != nil || c.Add.Name != "Content-Security-Policy" {
			t.Fatalf("%q: %+v, %v", text, c, err)
		}
		return c.Add.Value
	},
}

func quoted(pattern string, plain *strings.Replacer) func(*testing.T, string) string {
	return func(t *testing.T, text string) string {
		t.Helper()
		m := regexp.MustCompile(pattern).FindStringSubmatch(text)
		if m == nil || strings.Contains(m[1], "$") && strings.HasPrefix(pattern, "add_header") {
			t.Fatalf("no policy in %q", text)
		}
		return plain.Replace(m[1])
	}
}

func TestSnippetsKeepAPolicyThatMoves(t *testing.T) {
	ws := origin(t, "https://pop.example.com")
	const own = "frame-ancestors 'self' https://pop.example.com"
	for header, want := range map[string]string{
		"Content-Security-Policy: frame-ancestors 'none'": `edit* Content-Security-Policy "frame-ancestors[^;,]*" "` + own + `"`,
		"X-Frame-Options: DENY":                           `add Content-Security-Policy "` + own + `"`,
	} {
		v := screenpop.PageVerdict{Verdict: screenpop.VerdictRefused, Details: screenpop.PageDetails{Moving: true, Header: header}}
		all := framing.Snippets(ws, v)
		if len(all) != 3 || !strings.Contains(all[0].Text, want) || all[2].Server != "page" {
			t.Errorf("for %s: %+v, want …%s…", header, all, want)
		}
	}
}

func TestWhereNoHeaderHelpsThereIsNoSnippet(t *testing.T) {
	for _, v := range []screenpop.PageVerdict{
		{Verdict: screenpop.VerdictAllowed},
		{Verdict: screenpop.VerdictRefused, Details: screenpop.PageDetails{Mixed: "http://crm.example/"}},
		{Verdict: screenpop.VerdictRefused, Details: screenpop.PageDetails{Download: "application/pdf"}},
	} {
		if all := framing.Snippets(origin(t, "https://pop.example.com"), v); len(all) > 0 {
			t.Errorf("%+v has %d snippets", v, len(all))
		}
	}
}

func TestAnswersAreJudgedTheSameAfterAPreflight(t *testing.T) {
	page := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Security-Policy", "script-src 'nonce-abc'; frame-ancestors 'none'")
	})
	if v := look(t, page); !v.Details.Moving || v.Details.Policy != "" || v.Verdict != screenpop.VerdictRefused {
		t.Errorf("%+v, want it refused with a policy that moves", v)
	}
}
