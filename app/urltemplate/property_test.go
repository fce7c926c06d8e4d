package urltemplate_test

import (
	"errors"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/crmpop/crmpop/app/urltemplate"
	"github.com/crmpop/crmpop/app/urltemplate/urltemplatetest"
)

// TestRandomExpansions holds 100,000 random expansions against an independent
// account of what they must be, and against what net/url reads in them. The
// end-to-end tests put the same cases to Chromium.
func TestRandomExpansions(t *testing.T) {
	skipped, shortened := 0, 0
	for c := range urltemplatetest.Cases(1, 100_000) {
		tmpl, faults := urltemplate.Parse(urltemplate.URL, c.Template)
		if tmpl == nil {
			t.Fatalf("Parse(%q): %v", c.Template, faults)
		}
		if got := tmpl.Origin(); got != c.Origin {
			t.Fatalf("Origin of %q = %q, want %q", c.Template, got, c.Origin)
		}
		res, err := tmpl.Expand(urltemplate.Values{Lookup: func(name string) (string, bool) {
			v, ok := c.Values[name]
			return v, ok
		}})
		if c.Err != "" {
			var skip *urltemplate.SkipError
			if !errors.As(err, &skip) {
				t.Fatalf("Expand(%q, %q) = %q, %v, want a skip for %s", c.Template, c.Values, res.Text, err, c.Err)
			}
			skipped++
			continue
		}
		if err != nil || res.Text != c.Want || res.Shortened != c.Shortened {
			t.Fatalf("Expand(%q, %q) = %q, shortened %v, %v, want %q, %v", c.Template, c.Values, res.Text, res.Shortened, err, c.Want, c.Shortened)
		}
		if c.Shortened {
			shortened++
		}
		readBack(t, c)
	}
	if skipped < 500 || shortened < 5 {
		t.Errorf("%d cases were skipped and %d shortened; the generator has gone soft", skipped, shortened)
	}
}

// readBack checks what net/url sees in a URL.
func readBack(t *testing.T, c urltemplatetest.Case) {
	t.Helper()
	u, err := url.Parse(c.Want)
	if err != nil {
		t.Fatalf("net/url refuses %q: %v", c.Want, err)
	}
	if u.User != nil || u.Scheme+"://"+u.Host != c.Origin {
		t.Fatalf("net/url reads the origin of %q as %s://%s, user %v", c.Want, u.Scheme, u.Host, u.User)
	}
	var path, keys, values []string
	for s := range strings.SplitSeq(strings.TrimPrefix(u.EscapedPath(), "/"), "/") {
		decoded, err := url.PathUnescape(s)
		if err != nil {
			t.Fatal(err)
		}
		path = append(path, decoded)
	}
	for pair := range strings.SplitSeq(u.RawQuery, "&") {
		key, value, found := strings.Cut(pair, "=")
		if !found {
			continue
		}
		decoded, err := url.PathUnescape(value)
		if err != nil {
			t.Fatal(err)
		}
		keys, values = append(keys, key), append(values, decoded)
	}
	if len(path) != c.Segments || !slices.Equal(path, c.Path) || !slices.Equal(keys, c.Keys) || !slices.Equal(values, c.Query) || u.Fragment != c.Fragment {
		t.Fatalf("net/url reads %q as %q %q %q %q, want %q %q %q %q", c.Want, path, keys, values, u.Fragment, c.Path, c.Keys, c.Query, c.Fragment)
	}
}
