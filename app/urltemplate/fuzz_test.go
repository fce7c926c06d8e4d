package urltemplate_test

import (
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/crmpop/crmpop/app/urltemplate"
)

// seeds calls add with kind, template and one value of each golden file.
func seeds(f *testing.F, add func(kind int, src, value string)) {
	f.Helper()
	files, err := filepath.Glob("testdata/expand/*.txt")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		in, _, _ := strings.Cut(string(content), divider)
		g := readGolden(f, in)
		value := "x"
		for _, v := range g.values {
			if len(v) < 100 {
				value = v
			}
		}
		add(int(g.kind), g.src, value)
	}
}

// anyKind makes a kind of any number.
func anyKind(n int) urltemplate.Kind { return urltemplate.Kind(uint(n) % 6) }

func always(value string) urltemplate.Values {
	return urltemplate.Values{
		Lookup: func(string) (string, bool) { return value, true },
		Hosts:  func(string) bool { return true },
	}
}

// FuzzParse: a template that parses has a source form that parses to the same.
func FuzzParse(f *testing.F) {
	seeds(f, func(kind int, src, _ string) { f.Add(kind, src) })
	f.Fuzz(func(t *testing.T, kind int, src string) {
		tmpl, faults := urltemplate.Parse(anyKind(kind), src)
		for _, fault := range faults {
			if fault.Offset < 0 || fault.Offset > len(src) || fault.Msg == "" || fault.Cure == "" {
				t.Fatalf("Parse(%q) has the fault %+v", src, fault)
			}
		}
		if tmpl == nil {
			return
		}
		again, faults := urltemplate.Parse(anyKind(kind), tmpl.String())
		if again == nil {
			t.Fatalf("Parse(%q).String() = %q does not parse: %v", src, tmpl, faults)
		}
		if again.String() != tmpl.String() || again.Origin() != tmpl.Origin() || again.FrameKey() != tmpl.FrameKey() {
			t.Fatalf("Parse(%q): %q becomes %q", src, tmpl, again)
		}
		a, errA := tmpl.Expand(always("v"))
		b, errB := again.Expand(always("v"))
		if a.Text != b.Text || (errA == nil) != (errB == nil) {
			t.Fatalf("%q expands to %q, its source form to %q", src, a.Text, b.Text)
		}
	})
}

// FuzzExpand: whatever the value, scheme and host are the template's, and the
// path has as many segments and the query as many keys as with a harmless value.
func FuzzExpand(f *testing.F) {
	seeds(f, func(kind int, src, value string) {
		if kind == int(urltemplate.URL) {
			f.Add(src, value)
		}
	})
	f.Fuzz(func(t *testing.T, src, value string) {
		tmpl, _ := urltemplate.Parse(urltemplate.URL, src)
		if tmpl == nil {
			return
		}
		res, err := tmpl.Expand(always(value))
		if err != nil {
			return
		}
		u, err := url.Parse(res.Text)
		if err != nil || u.User != nil || u.Scheme+"://"+u.Host != res.Origin || len(res.Text) > urltemplate.MaxURL {
			t.Fatalf("Expand(%q, %q) = %q: %v", src, value, res.Text, err)
		}
		if u.Scheme != "https" && u.Scheme != "http" {
			t.Fatalf("Expand(%q, %q) = %q", src, value, res.Text)
		}
		if tmpl.Origin() == "" {
			return
		}
		if res.Origin != tmpl.Origin() {
			t.Fatalf("Expand(%q, %q) leads to %q", src, value, res.Origin)
		}
		harmless, err := tmpl.Expand(always("v"))
		if err != nil {
			return // as with {x|last:1}. beside a dot
		}
		h, err := url.Parse(harmless.Text)
		if err != nil {
			t.Fatal(err)
		}
		for _, sep := range []string{"/", "?", "#", "&", "=", ";"} {
			if strings.Count(u.EscapedPath(), sep) != strings.Count(h.EscapedPath(), sep) ||
				strings.Count(u.RawQuery, sep) != strings.Count(h.RawQuery, sep) {
				t.Fatalf("Expand(%q, %q) = %q has another number of %q than %q", src, value, res.Text, sep, harmless.Text)
			}
		}
		for segment := range strings.SplitSeq(u.Path, "/") {
			if segment == "." || segment == ".." {
				if !strings.Contains(strings.ToLower(u.EscapedPath()), "%2f") { // an encoded slash is no slash
					t.Fatalf("Expand(%q, %q) = %q has a dot segment", src, value, res.Text)
				}
			}
		}
	})
}

// FuzzArgv: a value makes neither an option nor another parameter of an argument.
func FuzzArgv(f *testing.F) {
	seeds(f, func(kind int, src, value string) {
		if kind == int(urltemplate.Argv) {
			f.Add(src, value)
		}
	})
	f.Fuzz(func(t *testing.T, src, value string) {
		tmpl, _ := urltemplate.Parse(urltemplate.Argv, src)
		if tmpl == nil {
			return
		}
		res, err := tmpl.Expand(always(value))
		if err != nil {
			return
		}
		if strings.HasPrefix(res.Text, "-") || strings.HasPrefix(res.Text, "/") {
			t.Fatalf("Expand(%q, %q) = %q begins like an option", src, value, res.Text)
		}
		if !utf8.ValidString(res.Text) || strings.ContainsAny(res.Text, " \t\r\n\"'\\`|<>^\x00") || len(res.Text) > urltemplate.MaxText {
			t.Fatalf("Expand(%q, %q) = %q", src, value, res.Text)
		}
		for _, part := range res.Parts {
			if part.Variable != "" && strings.ContainsAny(part.Text, "&=+;,/?#@:") {
				t.Fatalf("Expand(%q, %q): the value %q has structure", src, value, part.Text)
			}
		}
		literal := strings.NewReplacer("{{", "", "}}", "").Replace(tmpl.String())
		if strings.Count(literal, "{") == 0 && strings.Count(res.Text, "&") != strings.Count(literal, "&") {
			t.Fatalf("Expand(%q, %q) = %q", src, value, res.Text)
		}
	})
}
