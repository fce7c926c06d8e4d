package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/crmpop/crmpop/server/auth"
	"github.com/crmpop/crmpop/server/store"
)

// admin returns a sender of requests in an admin's session of a tenant.
func (d *door) admin(tenant string) func(method, path, body string, more ...func(*http.Request)) answer {
	c := cookie(d.session(tenant, "admin"))
	return func(method, path, body string, more ...func(*http.Request)) answer {
		d.t.Helper()
		return d.do(method, path, body, append(more, c)...)
	}
}

// is fails the test unless a has the status and, if it is a problem, the kind.
func (d *door) is(a answer, status int, kind string) answer {
	d.t.Helper()
	if got := a.kind(d.t); a.StatusCode != status || got != kind {
		d.t.Fatalf("%s %s: %d %s, want %d %s", a.Request.Method, a.Request.URL.Path, a.StatusCode, a.body, status, kind)
	}
	return a
}

// read decodes the body.
func read[T any](d *door, a answer) (v T) {
	d.t.Helper()
	d.must(json.Unmarshal(a.body, &v))
	return v
}

func TestCheckSaysWhatIsWrongAndWritesNothing(t *testing.T) {
	d := open(t)
	send := d.admin(acme)
	d.must(statusIs(send("PUT", "/api/v1/screenpopup/group/sales", `<screenpopup><inherit/><url id="kb" on="accepted" target="_blank">https://kb.example.com/</url></screenpopup>`, xml), 200))
	for _, c := range []struct {
		name, path, doc    string
		findings, outlined int
	}{
		{"alone", "", document, 0, 1},
		{"with what it inherits", "?level=group&id=sales", `<screenpopup><inherit/><url target="request">https://a.example.com/</url></screenpopup>`, 0, 2},
		{"of a user, with both levels above", "?level=user&id=agent", `<screenpopup><inherit/><url target="request">https://a.example.com/</url></screenpopup>`, 0, 3},
		{"empty, which inherits", "?level=user&id=agent", "", 0, 2},
		{"with faults", "", `<screenpopup><url visible="true">https://x/?a=1&b={anumb</url></screenpopup>`, 2, 0},
	} {
		a := read[struct{ Findings, Outline []map[string]any }](d, d.is(send("POST", "/api/v1/screenpopup/check"+c.path, c.doc, xml), 200, ""))
		if len(a.Outline) != c.outlined || (len(a.Findings) > 0) != (c.findings > 0) {
			t.Errorf("%s: %v", c.name, a)
		}
	}
	d.is(send("POST", "/api/v1/screenpopup/check?level=group&id=nobody", document, xml), 404, "not-found")
	if got := read[[]store.Revision](d, send("GET", tenantDoc+"/revisions", "")); len(got) != 1 {
		t.Errorf("%d revisions after checks, want 1", len(got))
	}
}

func TestTheSecondToSaveIsShownBoth(t *testing.T) {
	d := open(t)
	send := d.admin(acme)
	d.must(statusIs(send("PUT", tenantDoc+"?note=mine", document+"\n", xml, with("If-Match", `"1"`)), 200))
	a := d.is(send("PUT", tenantDoc, document, xml, with("If-Match", `"1"`)), 409, "revision")
	got := read[struct{ Active store.Revision }](d, a).Active
	if got.Revision != 2 || got.Document != document+"\n" || got.Author != "admin@acme.example" || got.Note != "mine" || got.At.IsZero() {
		t.Errorf("active = %+v, want the other admin's", got)
	}
}

func TestRollbackMakesAnOldDocumentTheNewest(t *testing.T) {
	d := open(t)
	send := d.admin(acme)
	d.must(statusIs(send("PUT", tenantDoc, `<screenpopup/>`, xml), 200))
	d.is(send("POST", tenantDoc+"/rollback", `{"revision":1}`, with("If-Match", `"1"`)), 409, "revision")
	a := d.is(send("POST", tenantDoc+"/rollback", `{"revision":1}`, with("If-Match", `"2"`)), 200, "")
	if a.Header.Get("ETag") != `"3"` {
		t.Errorf("ETag %s, want 3", a.Header.Get("ETag"))
	}
	got := read[store.Revision](d, send("GET", tenantDoc+"/revisions/3", ""))
	if got.Document != document || got.Note != "back to revision 1" {
		t.Errorf("revision 3 = %+v", got)
	}
	d.is(send("POST", tenantDoc+"/rollback", `{"revision":99}`), 404, "not-found")
	d.is(send("GET", tenantDoc+"/revisions/x", ""), 404, "not-found")
}

func TestEffectiveConfigurationNamesTheLevels(t *testing.T) {
	d := open(t)
	send := d.admin(acme)
	d.must(statusIs(send("PUT", "/api/v1/screenpopup/group/sales", `<screenpopup><url id="kb" on="accepted" channel="email" queue="sup*" target="kb" title="KB">https://kb.example.com/?q={subject}</url>
<inherit/></screenpopup>`, xml), 200))
	got := string(d.is(send("GET", "/api/v1/users/agent/screenpopup", ""), 200, "").body)
	want := `[{"popup_id":"kb","level":"group","line":1,"kind":"url","on":["accepted"],"channel":["email"],"queue":["sup*"],"target":"kb","title":"KB","template":"https://kb.example.com/?q={subject}"},` +
		`{"popup_id":"1","level":"tenant","line":2,"kind":"url","on":["ringing"],"channel":["voice"],"queue":[],"target":"request","title":"CRM","template":"https://crm.example.com/find?phone={anum}"}]`
	if strings.TrimSpace(got) != want {
		t.Errorf("effective:\n%s\nwant\n%s", got, want)
	}
}

func TestAGroupTriesADocumentFirst(t *testing.T) {
	d := open(t)
	send := d.admin(acme)
	path := tenantDoc + "/stage"
	d.is(send("POST", path, `{"group":"sales"}`), 400, "stage-what")
	d.is(send("POST", path, `{"group":"nobody","revision":1}`), 404, "not-found")
	d.is(send("POST", path, `{"group":"sales","document":"<screenpopup"}`), 422, "bad-document")
	d.is(send("POST", "/api/v1/screenpopup/group/sales/stage", `{"group":"sales","revision":1}`), 400, "stage-level")
	d.is(send("POST", path, `{"group":"sales","document":"<screenpopup><url id=\"new\" target=\"request\">https://new.example.com/</url></screenpopup>","note":"try it"}`), 201, "")
	d.is(send("POST", path, `{"group":"sales","revision":1}`), 409, "staged")
	if got := read[[]map[string]any](d, send("GET", path, "")); len(got) != 1 || got[0]["group_name"] != "Sales" || got[0]["note"] != "try it" {
		t.Errorf("stages = %v", got)
	}
	if got := string(send("GET", "/api/v1/users/agent/screenpopup", "").body); !strings.Contains(got, "new.example.com") || strings.Contains(got, "crm.example.com") {
		t.Errorf("effective during the try-out: %s", got)
	}
	d.is(send("DELETE", path+"/sales", ""), 200, "")
	if got := string(send("GET", "/api/v1/users/agent/screenpopup", "").body); !strings.Contains(got, "crm.example.com") {
		t.Errorf("effective after the try-out: %s", got)
	}
	d.is(send("DELETE", path+"/sales", ""), 404, "not-found")
}

func TestEveryWriteIsAudited(t *testing.T) {
	d := open(t)
	send := d.admin(acme)
	id, _ := d.is(send("POST", "/api/v1/users", `{"email":"new@acme.example","name":"New","group":"sales","password":"a good password"}`), 201, "").json(t)["id"].(string)
	d.is(send("PATCH", "/api/v1/users/"+id, `{"name":"Newer","role":"supervisor"}`), 200, "")
	d.is(send("POST", "/api/v1/groups", `{"name":"Support"}`), 201, "")
	d.is(send("PATCH", "/api/v1/groups/sales", `{"name":"Salg"}`), 200, "")
	d.is(send("PATCH", "/api/v1/company", `{"region":"se","hosts":["CRM.example.com"]}`), 200, "")
	source, _ := d.is(send("POST", "/api/v1/sources", `{"name":"PBX","dialect":"cti"}`), 201, "").json(t)["id"].(string)
	d.is(send("POST", "/api/v1/sources/"+source+"/token", ""), 200, "")
	key := d.is(send("POST", "/api/v1/keys", `{"name":"K","source":"native","scopes":["events:write"]}`), 201, "").json(t)
	d.is(send("DELETE", "/api/v1/keys/"+key["id"].(string), ""), 204, "")
	d.is(send("PUT", tenantDoc+"?note=why", document, xml), 200, "")
	d.is(send("POST", "/api/v1/unmapped/map", `{"alias":"ext-9","user_id":"agent"}`), 200, "")
	d.testLink(acme)

	page := read[struct {
		Entries []store.AuditEntry
		Next    string
	}](d, d.is(send("GET", "/api/v1/audit?limit=200", ""), 200, ""))
	var actions []string
	for _, e := range page.Entries {
		actions = append(actions, e.Action)
		if e.Actor != "admin@acme.example" || e.At.IsZero() {
			t.Errorf("entry %+v lacks who or when", e)
		}
	}
	want := []string{"test.link", "unmapped.map", "screenpopup.publish", "key.delete", "key.add", "source.token", "source.add",
		"company.change", "group.change", "group.add", "user.change", "user.add"}
	if !slices.Equal(actions, want) {
		t.Errorf("actions %v, want %v", actions, want)
	}
	change := page.Entries[slices.Index(want, "user.change")]
	if change.Before != "name New, role agent" || change.After != "name Newer, role supervisor" {
		t.Errorf("user.change: before %q, after %q", change.Before, change.After)
	}
	if publish := page.Entries[slices.Index(want, "screenpopup.publish")]; publish.Before != "revision 1" || publish.After != "revision 2: why" {
		t.Errorf("screenpopup.publish: before %q, after %q", publish.Before, publish.After)
	}
	if s := fmt.Sprint(page.Entries); strings.Contains(s, "a good password") || strings.Contains(s, key["key"].(string)) {
		t.Errorf("a secret is in the audit: %s", s)
	}
	first := read[struct {
		Entries []store.AuditEntry
		Next    string
	}](d, send("GET", "/api/v1/audit?q=user.&limit=1", ""))
	if len(first.Entries) != 1 || first.Next == "" {
		t.Fatalf("first page %+v", first)
	}
	if a := d.admin(evil)("GET", "/api/v1/audit", ""); !strings.Contains(string(a.body), `"entries":[]`) {
		t.Errorf("another tenant's audit: %s", a.body)
	}
	d.is(send("GET", "/api/v1/audit?cursor=x", ""), 400, "bad-cursor")
	d.is(send("GET", "/api/v1/audit?limit=0", ""), 400, "bad-limit")
	d.is(send("GET", "/api/v1/audit?from=yesterday", ""), 400, "bad-time")
}

func TestBadChangesOfUsersSayWhatIsWrong(t *testing.T) {
	d := open(t)
	send := d.admin(acme)
	owner := func(method, path, body string) answer {
		return d.do(method, path, body, cookie(d.session(acme, "owner")))
	}
	for _, c := range []struct {
		name   string
		a      answer
		status int
		kind   string
	}{
		{"no address", send("POST", "/api/v1/users", `{"name":"x","group":"sales"}`), 400, "missing-field"},
		{"no name", send("POST", "/api/v1/users", `{"email":"x@y.example","group":"sales"}`), 400, "missing-field"},
		{"a bad address", send("PATCH", "/api/v1/users/agent", `{"email":"Anna <a@b.example>"}`), 400, "bad-email"},
		{"another's address", send("PATCH", "/api/v1/users/agent", `{"email":"OTHER@acme.example"}`), 409, "email-taken"},
		{"another's alias", send("PATCH", "/api/v1/users/agent", `{"aliases":["ext-other"]}`), 409, "alias-taken"},
		{"an empty alias", send("PATCH", "/api/v1/users/agent", `{"aliases":[" "]}`), 400, "bad-alias"},
		{"a group that is not there", send("PATCH", "/api/v1/users/agent", `{"group":"x"}`), 400, "bad-group"},
		{"a role that is not there", send("PATCH", "/api/v1/users/agent", `{"role":"boss"}`), 400, "bad-role"},
		{"an admin makes an owner", send("PATCH", "/api/v1/users/agent", `{"role":"owner"}`), 403, "owners-only"},
		{"an admin changes an owner", send("PATCH", "/api/v1/users/owner", `{"name":"x"}`), 403, "owners-only"},
		{"the last owner", owner("PATCH", "/api/v1/users/owner", `{"role":"agent"}`), 409, "last-owner"},
		{"a short password", send("PATCH", "/api/v1/users/agent", `{"password":"x"}`), 400, "bad-password"},
		{"a field that is none", send("PATCH", "/api/v1/users/agent", `{"tenant":"evil"}`), 400, "bad-json"},
		{"a key makes an admin", d.do("PATCH", "/api/v1/users/agent", `{"role":"admin"}`, bearer(d.key(acme, auth.ScopeDirectoryWrite))), 403, "owners-only"},
		{"a region", send("PATCH", "/api/v1/company", `{"region":"Norway"}`), 400, "bad-region"},
		{"a host", send("PATCH", "/api/v1/company", `{"hosts":["https://crm.example.com/"]}`), 400, "bad-host"},
		{"a dialect", send("POST", "/api/v1/sources", `{"name":"x","dialect":"klingon"}`), 400, "bad-dialect"},
		{"a token of a native source", send("POST", "/api/v1/sources/native/token", ""), 400, "no-token"},
		{"a scope", send("POST", "/api/v1/keys", `{"name":"x","source":"native","scopes":["all"]}`), 400, "bad-scope"},
		{"a source", send("POST", "/api/v1/keys", `{"name":"x","source":"y","scopes":["events:write"]}`), 400, "bad-source"},
		{"a name", send("POST", "/api/v1/groups", `{"name":" "}`), 400, "bad-name"},
		{"a user for an alias", send("POST", "/api/v1/unmapped/map", `{"alias":"x","user_id":"y"}`), 400, "bad-user"},
		{"hours", send("GET", "/api/v1/requests/times?hours=999", ""), 400, "bad-hours"},
		{"an outcome", send("GET", "/api/v1/requests?outcome=great", ""), 400, "bad-outcome"},
	} {
		if got := c.a.kind(t); c.a.StatusCode != c.status || got != c.kind {
			t.Errorf("%s: %d %s, want %d %s", c.name, c.a.StatusCode, c.a.body, c.status, c.kind)
		}
	}
}

func TestUsersAreFoundAndChanged(t *testing.T) {
	d := open(t)
	send := d.admin(acme)
	names := func(q string) (all []string) {
		for _, u := range read[[]struct {
			ID        string
			GroupName string `json:"group_name"`
		}](d, d.is(send("GET", "/api/v1/users?q="+q, ""), 200, "")) {
			all = append(all, u.ID+"/"+u.GroupName)
		}
		return all
	}
	if got := names("EXT-agent"); !slices.Equal(got, []string{"agent/Sales"}) {
		t.Errorf("by alias: %v", got)
	}
	if got := names("sales+other"); !slices.Equal(got, []string{"other/Sales"}) {
		t.Errorf("by group and name: %v", got)
	}
	old := cookie(d.session(acme, "agent"))
	d.is(send("PATCH", "/api/v1/users/agent", `{"password":"another password","aliases":["2149"]}`), 200, "")
	d.is(d.do("GET", "/api/v1/session", "", old), 401, "session-expired")
	if a := d.do("POST", "/api/v1/session", `{"email":"agent@acme.example","password":"another password"}`); a.StatusCode != 200 {
		t.Errorf("sign in with the new password: %d", a.StatusCode)
	}
	if got := d.ring(acme, "c-1", "2149"); got["pops"] != float64(1) {
		t.Errorf("ring at the new alias: %v, want one pop", got)
	}
}

func TestANewKeyAndAnOldTokenWorkAsSaid(t *testing.T) {
	d := open(t)
	send := d.admin(acme)
	key := d.is(send("POST", "/api/v1/keys", `{"name":"K","source":"native","scopes":["events:write"]}`), 201, "").json(t)
	token, _ := key["key"].(string)
	d.is(d.do("POST", "/api/v1/events", anEvent, bearer(token)), 202, "")
	if a := send("GET", "/api/v1/keys", ""); strings.Contains(string(a.body), token) || !strings.Contains(string(a.body), key["id"].(string)) {
		t.Errorf("keys: %s", a.body)
	}
	d.is(send("DELETE", "/api/v1/keys/"+key["id"].(string), ""), 204, "")
	d.is(d.do("POST", "/api/v1/events", anEvent, bearer(token)), 401, "unknown-key")

	form := func(r *http.Request) { r.Header.Set("Content-Type", "application/x-www-form-urlencoded") }
	call := "event=newCall&direction=in&from=22334455&to=21898989&callId=1&user=ext-agent"
	d.must(statusIs(d.do("POST", "/in/"+d.tokens[acme], call, form), 200))
	path, _ := d.is(send("POST", "/api/v1/sources/cti/token", ""), 200, "").json(t)["path"].(string)
	if a := d.do("POST", "/in/"+d.tokens[acme], call, form); a.StatusCode != 404 {
		t.Errorf("the old token: %d", a.StatusCode)
	}
	d.must(statusIs(d.do("POST", path, call, form), 200))
}

func TestMappingAnAliasPopsWhatIsFresh(t *testing.T) {
	d := open(t)
	send := d.admin(acme)
	if got := d.ring(acme, "c-1", "ghost"); got["unmapped"] != true {
		t.Fatalf("ring at a ghost: %v", got)
	}
	d.clock.advance(time.Minute)
	if got := d.ring(acme, "c-2", "GHOST"); got["unmapped"] != true {
		t.Fatalf("ring at a ghost: %v", got)
	}
	a := d.is(send("POST", "/api/v1/unmapped/map", `{"alias":"ghost","user_id":"agent"}`), 200, "")
	if got := a.json(t); got["events"] != float64(2) || got["pops"] != float64(2) {
		t.Errorf("map: %v, want two events and two pops", got)
	}
	for id, want := range map[string]string{"c-1": "missed", "c-2": "pending"} {
		v := read[struct{ Pops []struct{ State string } }](d, send("GET", "/api/v1/requests/"+id, ""))
		if len(v.Pops) != 1 || v.Pops[0].State != want {
			t.Errorf("%s: %+v, want its pop %s", id, v, want)
		}
	}
	if got := string(send("GET", "/api/v1/unmapped", "").body); strings.TrimSpace(got) != "[]" {
		t.Errorf("unmapped: %s", got)
	}
}

func TestRequestsAreSearched(t *testing.T) {
	d := open(t)
	d.ring(acme, "c-1", "ext-agent")
	d.ring(acme, "c-2", "ext-other")
	d.ring(evil, "c-3", "ext-agent")
	send := d.admin(acme)
	for q, want := range map[string]string{"": "c-2 c-1", "q=c-1": "c-1", "agent=other": "c-2", "caller=22334455": "c-2 c-1",
		"outcome=pending": "c-2 c-1", "outcome=failed": "", "q=c-3": ""} {
		page := read[struct {
			Requests []struct {
				ID        string
				AgentName string `json:"agent_name"`
				Pops      []map[string]any
			}
		}](d, d.is(send("GET", "/api/v1/requests?"+q, ""), 200, ""))
		var ids []string
		for _, r := range page.Requests {
			ids = append(ids, r.ID)
			if r.AgentName == "" || len(r.Pops) != 1 || r.Pops[0]["title"] != "CRM" {
				t.Errorf("%q: %+v lacks the agent's name or the pop", q, r)
			}
		}
		if got := strings.Join(ids, " "); got != want {
			t.Errorf("%q finds %q, want %q", q, got, want)
		}
	}
	first := read[struct{ Next string }](d, send("GET", "/api/v1/requests?limit=1", ""))
	second := send("GET", "/api/v1/requests?limit=1&cursor="+first.Next, "")
	if !strings.Contains(string(second.body), `"c-1"`) || strings.Contains(string(second.body), `"next"`) {
		t.Errorf("second page: %s", second.body)
	}
	times := read[struct {
		Count   int
		Buckets []any
	}](d, d.is(send("GET", "/api/v1/requests/times", ""), 200, ""))
	if times.Count != 0 || len(times.Buckets) == 0 {
		t.Errorf("times: %+v, want none, in buckets", times)
	}
}

func TestBundleGoesOutAndComesBack(t *testing.T) {
	d := open(t)
	send := d.admin(acme)
	d.must(statusIs(send("PUT", "/api/v1/screenpopup/group/sales", `<screenpopup><inherit/></screenpopup>`, xml), 200))
	out := d.is(send("GET", "/api/v1/export", ""), 200, "").body
	statuses := func(a answer) (all []string) {
		for _, r := range read[struct {
			Results []struct{ Level, Status string }
		}](d, a).Results {
			all = append(all, r.Level+" "+r.Status)
		}
		return all
	}
	if got := statuses(d.is(send("POST", "/api/v1/import", string(out)), 200, "")); !slices.Equal(got, []string{"tenant same", "group same"}) {
		t.Errorf("back again: %v", got)
	}
	other := d.admin(evil)
	d.must(statusIs(other("PUT", "/api/v1/screenpopup/tenant/evil", `<screenpopup/>`, xml), 200))
	want := []string{"tenant changed", "group new"}
	if got := statuses(d.is(other("POST", "/api/v1/import?dry_run=1", string(out)), 200, "")); !slices.Equal(got, want) {
		t.Errorf("dry run elsewhere: %v", got)
	}
	if got := other("GET", "/api/v1/screenpopup/tenant/evil", ""); string(got.body) != `<screenpopup/>` {
		t.Errorf("a dry run wrote %s", got.body)
	}
	if got := statuses(d.is(other("POST", "/api/v1/import", string(out)), 200, "")); !slices.Equal(got, want) {
		t.Errorf("elsewhere: %v", got)
	}
	if got := other("GET", "/api/v1/screenpopup/tenant/evil", ""); string(got.body) != document {
		t.Errorf("after the import: %s", got.body)
	}
	bad := `{"crmpop_bundle":1,"documents":[{"level":"tenant","document":"<screenpopup/>"},{"level":"group","name":"nobody","document":""},{"level":"user","name":"AGENT@acme.example","document":"<x/>"}]}`
	a := d.is(send("POST", "/api/v1/import", bad), 422, "bad-bundle")
	if got := statuses(a); !slices.Equal(got, []string{"tenant changed", "group unknown", "user bad"}) {
		t.Errorf("a bad bundle: %v", got)
	}
	if got := send("GET", tenantDoc, ""); string(got.body) != document {
		t.Errorf("a bad bundle wrote %s", got.body)
	}
	d.is(send("POST", "/api/v1/import", `{"crmpop_bundle":2,"documents":[]}`), 400, "bad-bundle")
}
