package e2e_test

import (
	"encoding/json"
	"testing"

	"github.com/crmpop/crmpop/app/urltemplate"
	"github.com/crmpop/crmpop/app/urltemplate/urltemplatetest"
)

// read is an expanded URL with what a URL parser must read in it.
type read struct {
	URL      string   `json:"url"`
	Template string   `json:"template"`
	Origin   string   `json:"origin"`
	Path     []string `json:"path"`
	Keys     []string `json:"keys"`
	Query    []string `json:"query"`
	Fragment string   `json:"fragment"`
}

// judge is what Chromium makes of each URL: the same text again, the origin of
// the template, and every value whole in its own place. It returns the first
// cases that it reads otherwise.
const judge = `window.judge = cases => {
	const wrong = [];
	const same = (a, b) => a.length === b.length && a.every((x, i) => x === b[i]);
	for (const c of cases) {
		let why = "";
		try {
			const u = new URL(c.url, "https://workspace.example/agent?x#y");
			const pairs = u.search.slice(1).split("&").filter(p => p.includes("="));
			const keys = pairs.map(p => p.slice(0, p.indexOf("=")));
			const query = pairs.map(p => decodeURIComponent(p.slice(p.indexOf("=") + 1)));
			const path = u.pathname.slice(1).split("/").map(decodeURIComponent);
			if (u.href !== c.url) why = "rewritten as " + u.href;
			else if (u.origin !== c.origin) why = "origin " + u.origin;
			else if (u.username || u.password) why = "user " + u.username;
			else if (!same(path, c.path)) why = "path " + JSON.stringify(path);
			else if (!same(keys, c.keys)) why = "keys " + JSON.stringify(keys);
			else if (!same(query, c.query)) why = "query " + JSON.stringify(query);
			else if (decodeURIComponent(u.hash.slice(1)) !== c.fragment) why = "fragment " + u.hash;
		} catch (e) { why = String(e); }
		if (why && wrong.push({why, c}) > 4) break;
	}
	return JSON.stringify(wrong);
}; true`

// TestChromiumReadsExpandedURLsAsTheyWereMeant puts 100,000 random expansions to
// the URL parser that will open them.
func TestChromiumReadsExpandedURLsAsTheyWereMeant(t *testing.T) {
	t.Parallel()
	b := newPerson(t).first
	eval[bool](b, judge)
	const batch = 10_000
	var reads []read
	judged := 0
	for c := range urltemplatetest.Cases(2, 100_000) {
		if r, ok := expand(t, c); ok {
			reads = append(reads, r)
		}
		if len(reads) == batch {
			judged += put(t, b, reads)
			reads = reads[:0]
		}
	}
	judged += put(t, b, reads)
	if judged < 80_000 {
		t.Errorf("only %d URLs were judged; the generator has gone soft", judged)
	}
}

// expand returns the URL of a case; ok is false where the pop must be skipped.
func expand(t testing.TB, c urltemplatetest.Case) (read, bool) {
	t.Helper()
	tmpl, faults := urltemplate.Parse(urltemplate.URL, c.Template)
	if tmpl == nil {
		t.Fatalf("Parse(%q): %v", c.Template, faults)
	}
	res, err := tmpl.Expand(urltemplate.Values{Lookup: func(name string) (string, bool) {
		v, ok := c.Values[name]
		return v, ok
	}})
	if (err != nil) != (c.Err != "") {
		t.Fatalf("Expand(%q, %q): %v, want skip %q", c.Template, c.Values, err, c.Err)
	}
	return read{res.Text, c.Template, c.Origin, c.Path, c.Keys, c.Query, c.Fragment}, err == nil
}

func put(t testing.TB, b *tab, reads []read) int {
	t.Helper()
	cases, err := json.Marshal(reads)
	if err != nil {
		t.Fatal(err)
	}
	var wrong []struct {
		Why string `json:"why"`
		C   read   `json:"c"`
	}
	if err := json.Unmarshal([]byte(eval[string](b, "judge("+string(cases)+")")), &wrong); err != nil {
		t.Fatal(err)
	}
	for _, w := range wrong {
		t.Errorf("Chromium reads %q otherwise: %s\nwant %+v", w.C.URL, w.Why, w.C)
	}
	if len(wrong) > 0 {
		t.FailNow()
	}
	return len(reads)
}
