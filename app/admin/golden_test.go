package admin_test

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"github.com/crmpop/crmpop/app/admin"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestMain(m *testing.M) {
	time.Local = time.UTC // the golden files hold times of day
	os.Exit(m.Run())
}

// What the server says in the scenes.
const (
	everybody = `{"Users":[{"id":"u1","email":"berit@acme.example","name":"Berit Moen","role":"admin","group":"g2","group_name":"Office","aliases":["berit"]},
		{"id":"u2","email":"anna@acme.example","name":"Anna Berg","role":"agent","group":"g1","group_name":"Sales","aliases":["anna","201"]}],
		"Groups":[{"id":"g1","name":"Sales"},{"id":"g2","name":"Office"}]}`
	oneTrace = `{"requests":[{"id":"c-1","channel":"voice","direction":"in","agent_id":"u2","anum":"+4722334455","queue_key":"sales","name":"Kari Nordmann","state":"accepted","created_at":"2026-11-22T10:00:00Z","updated_at":"2026-11-22T10:00:06Z"}],
		"events":[{"source":"pbx","received_at":"2026-11-22T10:00:00.25Z","agent_ids":["u2"],
			"event":{"id":"e1","type":"ringing","time":"2026-11-22T09:59:55Z","request":{"id":"c-1","channel":"voice","agent":"201","anum":"+4722334455","queue_key":"sales","variables":{"segment":"gold","note":"50% <b>"}}},
			"seen":[{"agent_id":"u2","connected":[{"tab":"t","leads":true}],"revisions":[{"level":"tenant","id":"acme","revision":7},{"level":"user","id":"u2","revision":0}]}],
			"decisions":[{"agent_id":"u2","popup_id":"tenant:crm","title":"CRM","matched":true,"why":"the trigger was \"ringing\"","pop_id":"p1"},
				{"agent_id":"u2","popup_id":"tenant:kb","matched":false,"why":"on is \"accepted\", the trigger was \"ringing\""}]},
		 {"source":"pbx","received_at":"2026-11-22T10:00:06Z","unmapped":"ghost","event":{"id":"e2","type":"accepted","request":{"id":"c-1"}},"decisions":null}],
		"pops":[{"id":"p1","request_id":"c-1","agent_id":"u2","event_id":"e1","popup_id":"tenant:crm","kind":"url","trigger":"ringing","title":"CRM","url":"https://crm.example/?p=%2B4722334455","state":"shown","created_at":"2026-11-22T10:00:00.25Z","expires_at":"2026-11-22T10:00:30Z","ttl_ms":0,"visible":true,"probe":true,
			"receipts":[{"id":"r1","pop_id":"p1","state":"delivered","at":"2026-11-22T10:00:00.27Z"},{"id":"r2","pop_id":"p1","state":"shown","detail":"0.3 s","at":"2026-11-22T10:00:00.6Z"}]}]}`
	found = `{"requests":[{"id":"c-1","channel":"voice","direction":"in","agent_id":"u2","agent_name":"Anna Berg","caller":"Kari Nordmann","anum":"+4722334455","name":"Kari Nordmann","queue_key":"sales","state":"accepted","created_at":"2026-11-22T10:13:00Z","outcome":"done","pops":[{"title":"CRM","state":"shown"}]},
		{"id":"m/2","channel":"email","direction":"in","caller":"ola@example.com","state":"new","created_at":"2026-11-22T10:00:00Z","outcome":"unmapped","pops":[]}],"next":"more"}`
	judged = `{"workspace":"https://pop.example.com","pages":[
		{"popup_id":"kb","line":2,"title":"Wiki","template":"https://kb.example/","target":"request","url":"https://kb.example/","verdict":"allowed","reason":"allowed by Content-Security-Policy: frame-ancestors https: at https://kb.example","details":{"redirects":0,"status":200},"snippets":[],"checked_at":"2026-11-22T10:12:00Z","key":"https://kb.example/","blank":{"agents":3,"last":"2026-11-20T09:14:00Z"}},
		{"popup_id":"crm","line":3,"template":"https://crm.example/?p={anum}","target":"request","url":"https://crm.example/?p=%2B4700000000","verdict":"unknown","reason":"the page needs a sign-in","cure":"have agents sign in first",
			"details":{"redirects":2,"status":200,"final":"https://login.example/in","header":"X-Frame-Options: DENY","sign_in":{"host":"login.example","verdict":"refused","reason":"refused by X-Frame-Options: DENY"},
				"cookies":[{"name":"sid","host":"crm.example","lost":"frame","why":"SameSite=Lax"}]},
			"snippets":[{"server":"nginx","name":"nginx, inside the server block","text":"a"},{"server":"caddy","name":"Caddy, inside the site's block","text":"header <b>"}],"checked_at":"2026-11-22T09:00:00Z"},
		{"popup_id":"4","line":4,"template":"https://old.example/","target":"_blank","url":"https://old.example/","verdict":"refused","reason":"refused by X-Frame-Options: DENY at https://old.example","cure":"change the header","details":{"redirects":0},"snippets":[],"checked_at":null,"key":"https://old.example/","blank":{"agents":1,"last":"2026-11-22T09:14:00Z"}}]}`
	paired = `[{"id":"c1","agent_id":"u2","agent_name":"Anna Berg","agent_email":"anna@acme.example","host":"PC-7","os":"windows","os_user":"ACME\\anna","version":"0.6","address":"192.0.2.7","created_at":"2026-11-20T10:00:00Z","seen_at":"2026-11-22T10:14:00Z","connected":true,"paused":true},
		{"id":"c2","agent_id":"u1","agent_email":"berit@acme.example","host":"PC-8 50%","os":"linux","os_user":"berit","version":"0.5","address":"192.0.2.8","created_at":"2026-11-20T10:00:00Z","seen_at":"2026-11-22T10:14:50Z","connected":true},
		{"id":"c3","agent_id":"gone","host":"mac","os":"darwin","os_user":"x","version":"0.5","address":"192.0.2.9","created_at":"2026-11-20T10:00:00Z","seen_at":"2026-11-02T10:00:00Z"}]`
	document = "<screenpopup>\n  <url on=\"ringing\" title=\"CRM\">https://crm.example/?p={anum|e164}</url>\n</screenpopup>\n"
	faulty   = "<screenpopup>\n  <url on=\"ringing\" title=\"CRM\">https://crm.example/?p={anumb}&q=1</url>\n  <url>https://x.example/{anumb}</url>\n</screenpopup>\n"
)

// scenes are the screens of the portal, as they are drawn.
var scenes = map[string]func() goapp.UI{
	"signed_out": func() goapp.UI { return admin.NewTestOffice("/admin").SignedOut().Portal() },
	"agent":      func() goapp.UI { return admin.NewTestOffice("/admin").As("agent").Portal() },
	"supervisor": func() goapp.UI { return admin.NewTestOffice("/admin/requests").As("supervisor").Portal() },
	"no_page":    func() goapp.UI { return admin.NewTestOffice("/admin/nowhere").Portal() },
	"not_for_supervisors": func() goapp.UI {
		return admin.NewTestOffice("/admin/users").As("supervisor").Portal()
	},
	"requests": func() goapp.UI {
		return admin.NewTestOffice("/admin/requests?outcome=done&q=kari").Requests(found, everybody)
	},
	"no_requests": func() goapp.UI { return admin.NewTestOffice("/admin/requests").Requests(`{"requests":[]}`, everybody) },
	"times": func() goapp.UI {
		return admin.NewTestOffice("/admin").Times(`{"count":3,"p50_ms":310,"p95_ms":1400,"p99_ms":12000,"buckets":[{"at":"2026-11-22T09:00:00Z","count":0},{"at":"2026-11-22T09:30:00Z","count":3,"p50_ms":310,"p95_ms":1400}]}`)
	},
	"request": func() goapp.UI { return admin.NewTestOffice("/admin/requests/c-1").Request(oneTrace, everybody) },
	"editor": func() goapp.UI {
		return admin.NewTestOffice("/admin/screenpopup/tenant/acme").Editor(document, document, "", everybody)
	},
	"editor_faulty": func() goapp.UI {
		return admin.NewTestOffice("/admin/screenpopup/group/g1").Editor(document, faulty, "", everybody)
	},
	"editor_inherits": func() goapp.UI {
		return admin.NewTestOffice("/admin/screenpopup/user/u2").Editor("", "", "", everybody)
	},
	"publish": func() goapp.UI {
		return admin.NewTestOffice("/admin/screenpopup/tenant/acme").Editor("", document, "publish", everybody)
	},
	"publish_first": func() goapp.UI {
		return admin.NewTestOffice("/admin/screenpopup/tenant/acme").TryOut(document, "publish", "g2", everybody)
	},
	"end_try": func() goapp.UI {
		return admin.NewTestOffice("/admin/screenpopup/tenant/acme").TryOut(document, "end-try", "", everybody)
	},
	"import": func() goapp.UI {
		return admin.NewTestOffice("/admin/company").Bundle(`[{"level":"tenant","status":"changed"},{"level":"group","name":"Sales","status":"new"},{"level":"user","name":"anna@acme.example","status":"same"}]`)
	},
	"import_refused": func() goapp.UI {
		return admin.NewTestOffice("/admin/company").Bundle(`[{"level":"group","name":"Night","status":"unknown","detail":"there is no group \"Night\" here"},{"level":"tenant","status":"bad","findings":[{"line":2,"column":5,"severity":"error","msg":"unknown element","cure":"write url"}]}]`)
	},
	"rollback": func() goapp.UI {
		return admin.NewTestOffice("/admin/screenpopup/tenant/acme").Editor(document, faulty, "rollback", everybody)
	},
	"conflict": func() goapp.UI {
		return admin.NewTestOffice("/admin/screenpopup/tenant/acme").Editor(document, document+"<!-- mine -->\n", "conflict", everybody)
	},
	"effective": func() goapp.UI {
		return admin.NewTestOffice("/admin").Effective(`[{"popup_id":"crm","level":"group","line":2,"kind":"url","on":["ringing"],"channel":["voice"],"queue":["sales*"],"target":"request","title":"CRM","template":"https://crm.example/{anum}"}]`)
	},
	"pages": func() goapp.UI {
		return admin.NewTestOffice("/admin/screenpopup/tenant/acme").Pages(judged, "crm")
	},
	"users":    func() goapp.UI { return admin.NewTestOffice("/admin/users").Users(everybody) },
	"user":     func() goapp.UI { return admin.NewTestOffice("/admin/users/u2").Users(everybody) },
	"user_new": func() goapp.UI { return admin.NewTestOffice("/admin/users/new").Users(everybody) },
	"groups":   func() goapp.UI { return admin.NewTestOffice("/admin/groups").Groups(everybody) },
	"company": func() goapp.UI {
		return admin.NewTestOffice("/admin/company").Company(`{"id":"acme","name":"Acme","region":"NO","hosts":["mail.example.com"]}`)
	},
	"unmapped": func() goapp.UI {
		return admin.NewTestOffice("/admin/unmapped").Unmapped(`[{"alias":"anna","source":"pbx","events":1,"last_at":"2026-11-22T10:14:00Z","request_id":"c-1"},{"alias":"x9","source":"pbx","events":3,"last_at":"2026-11-22T10:14:00Z","request_id":"c-2"}]`, everybody)
	},
	"sources": func() goapp.UI {
		return admin.NewTestOffice("/admin/sources").Sources(`[{"id":"api","name":"API","dialect":"native","path":"/api/v1/events"},{"id":"pbx","name":"PBX","dialect":"cti","path":"/in/abcdefghijklmnop"}]`,
			`[{"id":"k1","name":"PBX","source":"api","scopes":["events:write"],"created_at":"2026-11-22T10:14:00Z"}]`, "pop_secret", "key/k1")
	},
	"audit": func() goapp.UI {
		return admin.NewTestOffice("/admin/audit").Audit(`{"entries":[{"at":"2026-11-22T10:14:00Z","actor":"berit","action":"user.change","object":"user anna","before":"role agent","after":"role admin"}],"next":"9"}`)
	},
	"companions": func() goapp.UI {
		return admin.NewTestOffice("/admin/companions?q=pc").Companions(paired, "c2")
	},
	"computer": func() goapp.UI { return admin.NewTestOffice("/admin/computer").Computer("[]", "", "") },
	"computer_asks": func() goapp.UI {
		return admin.NewTestOffice("/admin/computer").Computer(paired, `{"host":"PC-50%","os":"windows","os_user":"ACME\\anna","version":"0.6","address":"192.0.2.7","near":false,"number":"07"}`, "c1")
	},
	"computer_of_an_agent": func() goapp.UI { return admin.NewTestOffice("/admin/computer").As("agent").Portal() },
	"outbox": func() goapp.UI {
		return admin.NewTestOffice("/admin/outbox?state=dead").Outbox(`{"letters":[
			{"id":"p3","request_id":"c-3","popup_id":"tenant:log","trigger":"hangup","method":"POST","host":"crm.example","address":"https://crm.example/calls","state":"failed","attempts":7,"status":503,"took_ms":52,"size":1200,"why":"503 in 52 ms, 1.2 kB","created_at":"2026-11-22T10:14:00Z"},
			{"id":"p2","request_id":"c-2","popup_id":"tenant:log","trigger":"ringing","method":"POST","host":"crm.example","address":"https://crm.example/calls","state":"queued","attempts":1,"due":"2026-11-22T10:15:00Z","why":"crm.example refuses connections","created_at":"2026-11-22T10:13:00Z"},
			{"id":"p1","request_id":"c-1","popup_id":"tenant:log","trigger":"ringing","method":"GET","host":"crm.example","address":"https://crm.example/calls?q={anum}","state":"sent","attempts":1,"status":200,"took_ms":52,"size":312,"why":"2 pages to choose from","created_at":"2026-11-22T10:12:00Z"}],"next":"7"}`)
	},
	"no_outbox": func() goapp.UI { return admin.NewTestOffice("/admin/outbox").Outbox(`{"letters":[]}`) },
	"secrets": func() goapp.UI {
		return admin.NewTestOffice("/admin/secrets").Secrets(`[{"name":"crm","host":"crm.example","author":"berit@acme.example","at":"2026-11-22T10:14:00Z"}]`,
			`{"at":"2026-11-22T10:14:00Z","before_until":"2026-11-23T10:14:00Z"}`, "whsec_c2VjcmV0", "")
	},
	"secret_delete": func() goapp.UI {
		return admin.NewTestOffice("/admin/secrets").Secrets(`[{"name":"crm","host":"crm.example","author":"berit@acme.example","at":"2026-11-22T10:14:00Z"}]`, `{}`, "", "secret/crm")
	},
	"test": func() goapp.UI {
		return admin.NewTestOffice("/admin/test").Console(`{"level":"tenant","id":"acme","channel":"voice","trigger":"ringing","request":{"anum":"+4722334455","variables":{"b":"2","a":"1"}}}`, "", "", everybody)
	},
	"test_asks": func() goapp.UI {
		return admin.NewTestOffice("/admin/test").Asking(`{"level":"tenant","id":"acme","agent_id":"u2","channel":"voice","trigger":"ringing","request":{}}`,
			`{"ask_id":"a1","agent_id":"u2","state":"waiting","after_ms":41500}`, "Anna Berg", everybody)
	},
	"test_asked": func() goapp.UI {
		return admin.NewTestOffice("/admin/test").Asking(`{"level":"tenant","id":"acme","agent_id":"u2","channel":"voice","trigger":"ringing","request":{}}`,
			`{"ask_id":"a1","agent_id":"u2","state":"accepted","request_id":"test-1"}`, "Anna Berg", everybody)
	},
	"test_tried": func() goapp.UI {
		return admin.NewTestOffice("/admin/test").Console(`{"level":"tenant","id":"acme","request_id":"c-1","event_id":"e1","request":{}}`,
			`{"pages":[null,{"verdict":"refused","reason":"refused by X-Frame-Options: DENY at https://crm.example"}],"popups":[{"popup":"kb","kind":"url","line":3,"column":1,"matched":false,"why":"on is \"accepted\"","variables":[],"expansions":[],"title":"KB","state":"pending"},
				{"popup":"crm","kind":"url","line":2,"column":1,"matched":true,"why":"the trigger was \"ringing\"","title":"CRM","state":"pending",
				"variables":[{"name":"anum","transforms":["e164"],"source":"event","raw":"22334455","value":"+4722334455"}],
				"expansions":[{"of":"url","template":"https://crm.example/?p={anum|e164}","result":"https://crm.example/?p=%2B4722334455","parts":[{"text":"https://crm.example/?p="},{"text":"%2B4722334455","variable":"anum"}]}]}],
				"diff":{"did":[],"would":[{"popup_id":"crm","title":"CRM","result":"https://crm.example/","state":"pending"}]}}`, "", everybody)
	},
	"test_command": func() goapp.UI {
		return admin.NewTestOffice("/admin/test").Console(`{"level":"tenant","id":"acme","channel":"voice","trigger":"ringing","request":{}}`,
			`{"pages":[null],"popups":[{"popup":"dde","kind":"command","line":2,"column":1,"matched":true,"why":"the trigger was \"ringing\"","title":"Command ddesend","state":"pending","variables":[],
				"expansions":[{"of":"value anum","template":"{anum}","result":"22 33","parts":[{"text":"22 33","variable":"anum"}]},
					{"of":"argument","template":"anum={anum}","result":"anum=22%2033","parts":[{"text":"anum="},{"text":"22%2033","variable":"anum"}]}]}]}`, "", everybody)
	},
	"test_link": func() goapp.UI {
		return admin.NewTestOffice("/admin/test/tok").Console(`{"level":"tenant","id":"acme","channel":"voice","trigger":"ringing","document":"x","request":{}}`, "",
			`{"author":"ola@acme.example","popped":true,"state":{"request":{}}}`, everybody)
	},
}

func TestScreensAreDrawnAsTheyWere(t *testing.T) {
	for name, draw := range scenes {
		t.Run(name, func(t *testing.T) { golden(t, name, draw()) })
	}
}

func TestWhatIsPrerenderedKnowsNobody(t *testing.T) {
	golden(t, "starting", &admin.Portal{Office: admin.NewOffice()})
}

// TestRenderSurvivesTheEngine mounts what is drawn, and draws another screen in
// its place, as the page does.
func TestRenderSurvivesTheEngine(t *testing.T) {
	for name, draw := range scenes {
		t.Run(name, func(t *testing.T) {
			engine := goapp.NewTestEngine()
			for range 2 {
				c, ok := draw().(goapp.Composer)
				if !ok {
					t.Fatalf("%s is no component", name)
				}
				if err := engine.Load(c); err != nil {
					t.Fatal(err)
				}
				engine.ConsumeAll()
			}
		})
	}
}

func TestNothingIsStyledInline(t *testing.T) {
	for name, draw := range scenes {
		if html := goapp.HTMLString(draw()); strings.Contains(html, "style=") || strings.Contains(html, "<style") {
			t.Errorf("%s has inline styles, which the Content-Security-Policy forbids", name)
		}
	}
}

func TestEveryIconThatIsDrawnIsThere(t *testing.T) {
	css, err := os.ReadFile("../../web/css/icons.css")
	if err != nil {
		t.Fatal(err)
	}
	names := regexp.MustCompile(`icon icon-([a-z-]+)`)
	for scene, draw := range scenes {
		for _, m := range names.FindAllStringSubmatch(goapp.HTMLString(draw()), -1) {
			if !strings.Contains(string(css), ".icon-"+m[1]+" ") && !strings.Contains(string(css), ".icon-"+m[1]+",") {
				t.Errorf("%s draws the icon %s, which has no style", scene, m[1])
			}
		}
	}
}

func golden(t *testing.T, name string, ui goapp.UI) {
	t.Helper()
	got := sorted(goapp.HTMLString(ui)) + "\n"
	path := filepath.Join("testdata", name+".html")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (write it with -update)", err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs; look at it, then write it anew with -update (-want +got):\n%s", path, diff)
	}
}

// sorted sorts the attributes of every tag: go-app writes them in any order.
func sorted(html string) string {
	tag := regexp.MustCompile(`<[a-z][^<>]*>`)
	attribute := regexp.MustCompile(`[a-zA-Z0-9-]+(="(?:[^"\\]|\\.)*")?`)
	return tag.ReplaceAllStringFunc(html, func(s string) string {
		parts := attribute.FindAllString(s[1:len(s)-1], -1)
		slices.Sort(parts[1:])
		return "<" + strings.Join(parts, " ") + ">"
	})
}
