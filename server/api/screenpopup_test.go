package api_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/crmpop/crmpop/server/auth"
	"github.com/crmpop/crmpop/server/store"
)

func xml(r *http.Request) { r.Header.Set("Content-Type", "application/xml") }

const tenantDoc = "/api/v1/screenpopup/tenant/acme"

func TestPublishedDocumentHoldsFromTheNextEventOn(t *testing.T) {
	d := open(t)
	key := bearer(d.key(acme, auth.ScopeConfigRead, auth.ScopeConfigWrite))
	old := d.do("GET", tenantDoc, "", key)
	if old.StatusCode != 200 || string(old.body) != document || old.Header.Get("ETag") != `"1"` ||
		!strings.HasPrefix(old.Header.Get("Content-Type"), "application/xml") {
		t.Fatalf("GET: %d %s, ETag %s", old.StatusCode, old.body, old.Header.Get("ETag"))
	}
	d.ring(acme, "c-1", "ext-agent") // so that the old one is in use
	fresh := strings.Replace(document, "find?phone", "search?number", 1)
	put := d.do("PUT", tenantDoc+"?note=better", fresh, key, xml, with("If-Match", `"1"`))
	if got := put.json(t); put.StatusCode != 200 || got["revision"] != 2.0 || put.Header.Get("ETag") != `"2"` || len(got["findings"].([]any)) != 0 {
		t.Fatalf("PUT: %d %s", put.StatusCode, put.body)
	}
	d.ring(acme, "c-2", "ext-agent")
	trace, err := d.dir.Trace(t.Context(), acme, "c-2")
	if err != nil || len(trace.Pops) != 1 || !strings.Contains(trace.Pops[0].URL, "search?number=") {
		t.Errorf("pops after publishing = %+v, %v, want the new URL", trace.Pops, err)
	}
	var revisions []store.Revision
	d.must(json.Unmarshal(d.do("GET", tenantDoc+"/revisions", "", key).body, &revisions))
	if len(revisions) != 2 || revisions[0].Revision != 2 || revisions[0].Note != "better" || revisions[0].Author != "key test" ||
		revisions[0].Document != fresh || revisions[1].Document != document {
		t.Errorf("revisions = %+v, want both, the newest first", revisions)
	}
}

// A page of ours in a frame of ours could do whatever the agent may (W7).
func TestNoDocumentLeadsToTheServerItself(t *testing.T) {
	d := open(t)
	admin := cookie(d.session(acme, "admin"))
	doc := "<screenpopup>\n <url target=\"request\">" + d.url + "/admin</url>\n</screenpopup>"
	quoted, err := json.Marshal(doc)
	d.must(err)
	for name, a := range map[string]answer{
		"publish": d.do("PUT", tenantDoc, doc, admin, xml),
		"stage":   d.do("POST", tenantDoc+"/stage", `{"group":"sales","document":`+string(quoted)+`}`, admin),
		"try":     d.do("POST", "/api/v1/tests", `{"channel":"voice","trigger":"ringing","document":`+string(quoted)+`,"request":{}}`, admin),
		"check":   d.do("POST", "/api/v1/screenpopup/check", doc, admin, xml),
		"import":  d.do("POST", "/api/v1/import?dry_run=yes", `{"crmpop_bundle":1,"documents":[{"level":"tenant","name":"","document":`+string(quoted)+`}]}`, admin),
	} {
		if !strings.Contains(string(a.body), `"line":2,"column":24,"severity":"error","message":"the URL is of this server itself`) {
			t.Errorf("%s: %d %s", name, a.StatusCode, a.body)
		}
	}
	if got := d.do("GET", tenantDoc, "", admin); string(got.body) != document {
		t.Errorf("the document is %s", got.body)
	}
}

func TestStaleDocumentIsAConflict(t *testing.T) {
	d := open(t)
	admin := cookie(d.session(acme, "admin"))
	d.must(statusIs(d.do("PUT", tenantDoc, document+"\n", admin, xml, with("If-Match", `"1"`)), 200))
	a := d.do("PUT", tenantDoc, document+"\n\n", admin, xml, with("If-Match", `"1"`))
	if a.StatusCode != 409 || a.kind(t) == "" {
		t.Errorf("edited from an older revision: %d %s, want 409", a.StatusCode, a.body)
	}
	d.must(statusIs(d.do("PUT", tenantDoc, document, admin, xml), 200))
	d.must(statusIs(d.do("PUT", tenantDoc, document, admin, xml, with("If-Match", "*")), 200))
	for _, bad := range []string{"2", `W/"2"`, `"x"`, `"-1"`, `"2", "3"`} {
		if a := d.do("PUT", tenantDoc, document, admin, xml, with("If-Match", bad)); a.StatusCode != 400 || a.kind(t) != "bad-if-match" {
			t.Errorf("If-Match %s: %d %s, want 400", bad, a.StatusCode, a.body)
		}
	}
}

func TestFaultyDocumentIsRefusedWithEveryFinding(t *testing.T) {
	d := open(t)
	admin := cookie(d.session(acme, "admin"))
	a := d.do("PUT", tenantDoc, `<screenpopup>
  <url on="rings" target="request">https://crm.example.com/?a=1&b={anum}</url>
  <url on="ringing" target="_self">javascript:alert(1)</url>
</screenpopup>`, admin, xml)
	m := a.json(t)
	findings, _ := m["findings"].([]any)
	if a.StatusCode != 422 || a.kind(t) != "bad-document" || len(findings) < 4 {
		t.Fatalf("PUT: %d %s, want 422 and at least four findings", a.StatusCode, a.body)
	}
	for _, f := range findings {
		f := f.(map[string]any)
		if f["line"] == 0.0 || f["column"] == 0.0 || f["message"] == "" || f["severity"] == "" {
			t.Errorf("finding %v lacks its place, fault or severity", f)
		}
	}
	if got := d.do("GET", tenantDoc, "", admin); string(got.body) != document || got.Header.Get("ETag") != `"1"` {
		t.Errorf("after a refused save: %s, ETag %s, want the old document", got.body, got.Header.Get("ETag"))
	}
}

func TestWarningsComeWithSuccess(t *testing.T) {
	d := open(t)
	doc := `<screenpopup><url on="ringing" target="request">https://crm.example.com/?p={segmnt}</url></screenpopup>`
	a := d.do("PUT", tenantDoc, doc, cookie(d.session(acme, "admin")), xml)
	if findings, _ := a.json(t)["findings"].([]any); a.StatusCode != 200 || len(findings) == 0 {
		t.Errorf("PUT: %d %s, want 200 with a warning about {segmnt}", a.StatusCode, a.body)
	}
}

func TestLevels(t *testing.T) {
	d := open(t)
	admin := cookie(d.session(acme, "admin"))
	for _, path := range []string{"/api/v1/screenpopup/group/sales", "/api/v1/screenpopup/user/agent"} {
		empty := d.do("GET", path, "", admin)
		if empty.StatusCode != 200 || len(empty.body) != 0 || empty.Header.Get("ETag") != `"0"` {
			t.Errorf("GET %s: %d %q, ETag %s, want an empty document at revision 0", path, empty.StatusCode, empty.body, empty.Header.Get("ETag"))
		}
		d.must(statusIs(d.do("PUT", path, document, admin, xml, with("If-Match", `"0"`)), 200))
		d.must(statusIs(d.do("PUT", path, "", admin, xml), 200)) // inherits again
		if got := d.do("GET", path, "", admin); len(got.body) != 0 {
			t.Errorf("GET %s after an empty PUT: %q", path, got.body)
		}
	}
	for _, path := range []string{"tenant/evil", "tenant/other", "group/nobody", "user/nobody", "company/acme", "tenant/"} {
		if a := d.do("GET", "/api/v1/screenpopup/"+path, "", admin); a.StatusCode != 404 || a.kind(t) == "" {
			t.Errorf("GET %s: %d %s, want 404", path, a.StatusCode, a.body)
		}
	}
}

func TestPublishRefusesWhatIsNoDocument(t *testing.T) {
	d := open(t)
	admin := cookie(d.session(acme, "admin"))
	for _, c := range []struct {
		name, path, body, contentType string
		status                        int
		kind                          string
	}{
		{"JSON", tenantDoc, "{}", "application/json", 415, "media-type"},
		{"no type", tenantDoc, document, "", 415, "media-type"},
		{"larger than a document", tenantDoc, "<screenpopup>" + strings.Repeat(" ", 70<<10) + "</screenpopup>", "application/xml", 422, "bad-document"},
		{"much larger", tenantDoc, strings.Repeat(" ", 300<<10), "application/xml", 413, "too-large"},
		{"a long note", tenantDoc + "?note=" + strings.Repeat("x", 300), document, "text/xml", 400, "note-too-long"},
	} {
		a := d.do("PUT", c.path, c.body, admin, func(r *http.Request) { r.Header.Set("Content-Type", c.contentType) })
		if a.StatusCode != c.status || a.kind(t) != c.kind {
			t.Errorf("%s: %d %s, want %d %s", c.name, a.StatusCode, a.body, c.status, c.kind)
		}
	}
}
