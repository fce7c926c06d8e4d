package docs_test

import (
	"io/fs"
	"net/http"
	"net/http/httptest"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/crmpop/crmpop/server/docs"
	"github.com/crmpop/crmpop/web"
)

func manual(t *testing.T) *docs.Manual {
	t.Helper()
	m, err := docs.New(web.Files(), "v1")
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func get(h http.Handler, at string, header ...string) *http.Response {
	r := httptest.NewRequest(http.MethodGet, at, nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, h http.Handler, at string) string {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, at, nil)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		t.Fatalf("GET %s: %d, want 200", at, w.Code)
	}
	return w.Body.String()
}

func TestEveryFileIsAPage(t *testing.T) {
	m := manual(t)
	paths := m.Paths()
	err := fs.WalkDir(web.Files(), "docs", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path.Ext(name) != ".md" {
			return err
		}
		at := "/" + strings.TrimSuffix(strings.TrimSuffix(name, ".md"), "README")
		if !slices.Contains(paths, at) {
			t.Errorf("%s has no page at %s", name, at)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestPagesHoldNothingThatThePolicyForbids(t *testing.T) {
	m := manual(t)
	for _, at := range m.Paths() {
		html := body(t, m, at)
		for _, not := range []string{"<script", "<style", " style=", " onclick=", `="javascript:`, "raw HTML omitted", "http-equiv"} {
			if strings.Contains(html, not) {
				t.Errorf("%s holds %s", at, not)
			}
		}
		if n := strings.Count(html, "<h1"); n != 1 {
			t.Errorf("%s has %d titles", at, n)
		}
		if !strings.Contains(html, `href="/web/css/docs.css?v=v1"`) {
			t.Errorf("%s lacks its style sheet", at)
		}
	}
}

func TestEveryPageStandsInTheContents(t *testing.T) {
	m := manual(t)
	first := body(t, m, docs.Root)
	for _, at := range m.Paths() {
		if at == docs.Root || strings.HasPrefix(at, "/docs/adr/") && at != "/docs/adr/" {
			continue
		}
		if !strings.Contains(first, `href="`+at+`"`) {
			t.Errorf("README.md does not name %s", at)
		}
		if at != "/docs/adr/" && !strings.Contains(body(t, m, at), `href="`+at+`" aria-current="page"`) {
			t.Errorf("%s does not mark itself in the contents", at)
		}
	}
	if list := body(t, m, "/docs/adr/"); strings.Count(list, `href="/docs/adr/0`) < 10 {
		t.Errorf("/docs/adr/ does not list the decisions")
	}
}

var ids = regexp.MustCompile(` id="([^"]*)"`)

func TestAnchorsOfProblemsAreThere(t *testing.T) {
	m := manual(t)
	html := body(t, m, "/docs/problems")
	src, err := fs.ReadFile(web.Files(), "docs/problems.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range regexp.MustCompile(`(?m)^### (.+)$`).FindAllStringSubmatch(string(src), -1) {
		if !strings.Contains(html, `<h3 id="`+kind[1]+`">`) {
			t.Errorf("/docs/problems has no #%s", kind[1])
		}
	}
	for _, at := range m.Paths() {
		seen := map[string]bool{}
		for _, id := range ids.FindAllStringSubmatch(body(t, m, at), -1) {
			if seen[id[1]] {
				t.Errorf("%s has the id %q twice", at, id[1])
			}
			seen[id[1]] = true
		}
	}
}

func TestAnswers(t *testing.T) {
	m := manual(t)
	for _, c := range []struct {
		at     string
		status int
		to     string
	}{
		{"/docs/", 200, ""},
		{"/docs/problems", 200, ""},
		{"/docs/problems/", 301, "/docs/problems"},
		{"/docs/problems.md", 301, "/docs/problems"},
		{"/docs/README.md", 301, "/docs/"},
		{"/docs/README", 301, "/docs/"},
		{"/docs/adr", 301, "/docs/adr/"},
		{"/docs/adr/0001-we-keep-adrs", 200, ""},
		{"/docs/nothing", 404, ""},
		{"/docs/problems.txt", 404, ""},
		{"/docs/../css/base.css", 404, ""},
		{"/docs/img/nothing.png", 404, ""},
		{"/docs//", 301, "/docs/"},
	} {
		a := get(m, c.at)
		if a.StatusCode != c.status || a.Header.Get("Location") != c.to {
			t.Errorf("GET %s: %d to %q, want %d to %q", c.at, a.StatusCode, a.Header.Get("Location"), c.status, c.to)
		}
		if c.to == "" && a.Header.Get("Content-Type") != "text/html; charset=utf-8" {
			t.Errorf("GET %s: %s, want a page", c.at, a.Header.Get("Content-Type"))
		}
	}
}

func TestAPageIsSentOnce(t *testing.T) {
	m := manual(t)
	first := get(m, "/docs/levels")
	tag := first.Header.Get("ETag")
	if tag == "" || first.Header.Get("Cache-Control") != "no-cache" {
		t.Fatalf("headers %v, want an ETag and no-cache", first.Header)
	}
	if a := get(m, "/docs/levels", "If-None-Match", tag); a.StatusCode != http.StatusNotModified {
		t.Errorf("with its ETag: %d, want 304", a.StatusCode)
	}
	if other := get(m, "/docs/events").Header.Get("ETag"); other == tag {
		t.Error("two pages have one ETag")
	}
	if a := get(m, "/docs/nothing", "If-None-Match", tag); a.StatusCode != http.StatusNotFound || a.Header.Get("ETag") != "" {
		t.Errorf("a page that is not there: %d, ETag %q", a.StatusCode, a.Header.Get("ETag"))
	}
}

func file(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s)} }

func TestLinksThatLeadNowhereAreFaults(t *testing.T) {
	for _, c := range []struct{ name, page, want string }{
		{"a page that is not there", "[x](nothing.md)", "/docs/a leads to /docs/nothing, which is not there"},
		{"a heading that is not there", "[x](b.md#no)", `/docs/a leads to /docs/b, which has no "no"`},
		{"a heading of its own that is not there", "[x](#no)", `/docs/a leads to /docs/a, which has no "no"`},
		{"a picture that is not there", "![x](img/x.png)", "/docs/a shows /docs/img/x.png, which is not there"},
		{"no title", "", "a.md: it has no title"},
		{"all well", "[x](b.md#Two) [y](b.md#the-two) ![z](img/z.png) [w](https://example.com) [v](/api/v1/openapi.json)", `has no "Two"`},
		{"all well indeed", "[y](b.md#the-two) ![z](img/z.png) [w](https://example.com) [v](/api/v1/openapi.json)", ""},
	} {
		title := "# A\n\n"
		if c.page == "" {
			title = ""
		}
		_, err := docs.New(fstest.MapFS{"docs/README.md": file("# Manual\n\n## All\n\n- [A](a.md)\n- [B](b.md): two\n"),
			"docs/a.md": file(title + c.page), "docs/b.md": file("# B\n\n## The `two`\n"), "docs/img/z.png": file("png")}, "v1")
		if got := errorText(err); !strings.Contains(got, c.want) || c.want == "" && err != nil {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestAStatusIsNoNumberOfAList(t *testing.T) {
	m, err := docs.New(fstest.MapFS{"docs/README.md": file("# A\n\n404. There is `no` page.\n\nThen:\n\n1. One\n2. Two\n")}, "v1")
	if err != nil {
		t.Fatal(err)
	}
	html := body(t, m, "/docs/")
	if !strings.Contains(html, "<p>404. There is <code>no</code> page.</p>") || strings.Count(html, "<li>") != 2 {
		t.Errorf("page %s", html)
	}
}

func TestHTMLInAPageIsLeftOut(t *testing.T) {
	m, err := docs.New(fstest.MapFS{"docs/README.md": file("# A <b>title</b>\n\n<script>alert(1)</script>\n\n    <code>\n\n| a |\n|--:|\n| b |\n")}, "v1")
	if err != nil {
		t.Fatal(err)
	}
	html := body(t, m, "/docs/")
	if strings.Contains(html, "<script>") || strings.Contains(html, "style=") || !strings.Contains(html, "&lt;code&gt;") {
		t.Errorf("page %s", html)
	}
}
