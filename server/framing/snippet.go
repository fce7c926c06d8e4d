package framing

import (
	"fmt"
	"slices"
	"strings"

	"github.com/crmpop/crmpop/app/screenpop"
)

// Snippet is what to paste into the configuration of the server that a page comes
// from, so that the workspace may frame it and nobody else new.
type Snippet struct {
	Server string `json:"server"` // nginx, apache, iis, caddy
	Name   string `json:"name"`   // for people, with where it belongs
	Text   string `json:"text"`
}

// Snippets returns what helps against a verdict, for each server we know; none
// where no header helps.
func Snippets(workspace Origin, v screenpop.PageVerdict) []Snippet {
	d := v.Details
	if v.Verdict == screenpop.VerdictAllowed || d.Mixed != "" || d.Download != "" {
		return nil
	}
	if d.Moving {
		return movingSnippets(workspace, strings.HasPrefix(d.Header, cspName))
	}
	policy := AllowIn(d.Policy, workspace)
	return []Snippet{
		{"nginx", "nginx, inside the server block", nginxSnippet(policy)},
		{"apache", "Apache, with mod_headers", apacheSnippet(policy)},
		{"iis", "IIS, in web.config", iisSnippet(policy)},
		{"caddy", "Caddy, inside the site's block", caddySnippet(policy)},
	}
}

// AllowIn returns a Content-Security-Policy that allows the workspace, and is
// otherwise as before: each of its policies keeps its directives, and the hosts
// that its frame-ancestors allows.
func AllowIn(policies string, workspace Origin) string {
	var all []string
	found := false
	for text := range strings.SplitSeq(policies, ",") {
		text, has := amend(trim(text), workspace)
		if found = found || has; text != "" {
			all = append(all, text)
		}
	}
	directive := frameAncestors("", workspace)
	switch {
	case len(all) == 0:
		return directive
	case !found:
		all[0] = strings.TrimRight(all[0], "; ") + "; " + directive
	}
	return strings.Join(all, ", ")
}

// amend rewrites the first frame-ancestors of a policy and drops later ones,
// which count for nothing.
func amend(policy string, workspace Origin) (amended string, has bool) {
	var kept []string
	for directive := range strings.SplitSeq(policy, ";") {
		directive = strings.Join(strings.FieldsFunc(directive, isWhite), " ")
		name, value, _ := strings.Cut(directive, " ")
		switch {
		case directive == "":
		case lower(name) != "frame-ancestors":
			kept = append(kept, directive)
		case !has:
			kept, has = append(kept, frameAncestors(value, workspace)), true
		}
	}
	return strings.Join(kept, "; "), has
}

// frameAncestors is the directive with what it allowed before and the workspace.
func frameAncestors(before string, workspace Origin) string {
	sources := []string{"frame-ancestors", "'self'"}
	for word := range strings.FieldsSeq(before) {
		_, ok := parseSource(word)
		if (ok || word == "*") && !strings.ContainsFunc(word, isForeign) && !slices.Contains(sources, word) {
			sources = append(sources, word)
		}
	}
	if own := workspace.String(); !slices.Contains(sources, own) {
		sources = append(sources, own)
	}
	return strings.Join(sources, " ")
}

func nginxSnippet(policy string) string {
	// nginx knows no way to write a $ that begins no variable; a URL has one.
	quoted := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "$", "%24").Replace(policy)
	return fmt.Sprintf(`# Take every other line out that adds X-Frame-Options.
proxy_hide_header X-Frame-Options;
proxy_hide_header Content-Security-Policy;
add_header Content-Security-Policy "%s" always;
`, quoted)
}

func apacheSnippet(policy string) string {
	quoted := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "%", "%%").Replace(policy)
	return fmt.Sprintf(`# Take every other line out that sets X-Frame-Options.
Header always unset X-Frame-Options
Header unset X-Frame-Options
Header always unset Content-Security-Policy
Header set Content-Security-Policy "%s"
`, quoted)
}

func iisSnippet(policy string) string {
	return fmt.Sprintf(`<!-- Take every other line out that adds X-Frame-Options. -->
<configuration>
  <system.webServer>
    <httpProtocol>
      <customHeaders>
        <remove name="X-Frame-Options" />
        <remove name="Content-Security-Policy" />
        <add name="Content-Security-Policy" value="%s" />
      </customHeaders>
    </httpProtocol>
  </system.webServer>
</configuration>
`, strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;").Replace(policy))
}

func caddySnippet(policy string) string {
	quoted := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "{", `\{`).Replace(policy)
	return fmt.Sprintf(`# Take every other line out that sets X-Frame-Options.
header {
	-X-Frame-Options
	Content-Security-Policy "%s"
	defer
}
`, quoted)
}

// movingSnippets are for a page whose policy cannot be written down, because it
// is another one each time. The server passes it on: it changes the
// frame-ancestors in it, or, where it has none, adds a policy of its own.
func movingSnippets(workspace Origin, has bool) []Snippet {
	own := frameAncestors("", workspace)
	page := Snippet{"page", "In the program that makes the page",
		"Send no X-Frame-Options, and in each Content-Security-Policy:\n" + own + ";\n"}
	apache, caddy := `Header always add Content-Security-Policy "`+own+`"`, `+Content-Security-Policy "`+own+`"`
	if has {
		const there = `Content-Security-Policy "frame-ancestors[^;,]*" "`
		apache = "Header always edit* " + there + own + "\"\nHeader edit* " + there + own + `"`
		caddy = there + own + `"`
	}
	const keeps = "# The page makes its policy anew for each answer: this keeps the rest of it.\n"
	return []Snippet{
		{"apache", "Apache, with mod_headers", keeps + "Header always unset X-Frame-Options\nHeader unset X-Frame-Options\n" + apache + "\n"},
		{"caddy", "Caddy, inside the site's block", keeps + "header {\n\t-X-Frame-Options\n\t" + caddy + "\n\tdefer\n}\n"},
		page,
	}
}
