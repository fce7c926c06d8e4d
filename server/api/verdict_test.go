package api_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/wire"
	"github.com/crmpop/crmpop/server/framing"
	"github.com/crmpop/crmpop/server/store"
)

// noNames finds no name: tests ask nobody outside.
var noNames = &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
	return nil, errors.New("tests ask nobody outside")
}}

// watching returns a watch that asks pages on this machine, as an operator's
// --allow-private 127.0.0.0/8 lets it.
func (d *door) watching(o framing.WatchOptions) *framing.Watch {
	d.t.Helper()
	p, err := framing.NewPreflight(d.url, framing.PreflightOptions{Now: o.Now,
		Open: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, Names: noNames})
	d.must(err)
	o.Look, o.Workspace = p, p.Workspace()
	o.Popups = func(ctx context.Context, tenant string) (all []screenpop.Popup, err error) {
		documents, err := d.dir.Documents(ctx, tenant)
		for _, r := range documents {
			if doc, _ := screenpop.ParseDocument([]byte(r.Document)); doc != nil {
				all = append(all, screenpop.Effective(screenpop.LevelDocument{Doc: doc})...)
			}
		}
		return all, err
	}
	return framing.NewWatch(o)
}

// pages is as much of the answer as the tests look at.
type pages struct {
	Workspace string `json:"workspace"`
	Pages     []struct {
		PopupID  string `json:"popup_id"`
		Line     int    `json:"line"`
		URL      string `json:"url"`
		Verdict  string `json:"verdict"`
		Reason   string `json:"reason"`
		Snippets []struct {
			Server, Text string
		} `json:"snippets"`
		CheckedAt *string `json:"checked_at"`
	} `json:"pages"`
}

func (a answer) pages(t *testing.T) (p pages) {
	t.Helper()
	if err := json.Unmarshal(a.body, &p); err != nil || a.StatusCode != 200 {
		t.Fatalf("%d %s, %v", a.StatusCode, a.body, err)
	}
	return p
}

// crm is a page that forbids frames at /deny and nowhere else.
func crm(t *testing.T) (url string, asked func() int) {
	t.Helper()
	seen := make(chan string, 100)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen <- r.URL.String()
		if r.URL.Path == "/deny" {
			w.Header().Set("X-Frame-Options", "DENY")
		}
	}))
	t.Cleanup(s.Close)
	return s.URL, func() int { return len(seen) }
}

const checkPath = "/api/v1/screenpopup/tenant/acme/verdicts"

func TestPagesOfADraftAreChecked(t *testing.T) {
	d := open(t)
	url, asked := crm(t)
	admin := cookie(d.session(acme, "admin"))
	draft := fmt.Sprintf("<screenpopup>\n<url id=\"a\" target=\"request\">%s/ok?p={anum}</url>\n<url id=\"b\" target=\"request\">%s/deny</url>\n"+
		"<url id=\"c\" probe=\"no\">%s/new</url>\n<url id=\"d\">{url}</url>\n</screenpopup>", url, url, url)
	got := d.do("POST", checkPath+"/check", draft, admin, asXML).pages(t)
	var verdicts []string
	for _, p := range got.Pages {
		verdicts = append(verdicts, fmt.Sprint(p.PopupID, " ", p.Line, " ", p.Verdict, " ", len(p.Snippets), " ", p.CheckedAt != nil))
	}
	want := []string{"a 2 allowed 0 true", "b 3 refused 4 true", "c 4 unknown 0 false", "d 5 unknown 0 false"}
	if diff := cmp.Diff(want, verdicts); diff != "" || got.Workspace != d.url || asked() != 2 {
		t.Errorf("%d asked\n%s", asked(), diff)
	}
	if !strings.Contains(got.Pages[1].Reason, "X-Frame-Options: DENY at "+url) || !strings.Contains(got.Pages[1].Snippets[0].Text, d.url) {
		t.Errorf("%+v", got.Pages[1])
	}
	// It is kept, but the draft is not the document.
	if p := d.do("GET", checkPath, "", admin).pages(t); len(p.Pages) != 1 || p.Pages[0].Verdict != "unknown" || asked() != 2 {
		t.Errorf("the document that holds: %+v", p)
	}
}

func TestPagesOfABadDraftAreNotChecked(t *testing.T) {
	d := open(t)
	admin := cookie(d.session(acme, "admin"))
	a := d.do("POST", checkPath+"/check", "<screenpopup><url>https://{anum}</url></screenpopup>", admin, asXML)
	if a.StatusCode != 422 || a.kind(t) != "bad-document" {
		t.Errorf("%d %s", a.StatusCode, a.body)
	}
	if a := d.do("POST", checkPath+"/check", "{}", admin, asJSON); a.StatusCode != 415 {
		t.Errorf("JSON: %d %s", a.StatusCode, a.body)
	}
}

// The answer to a PUT does not wait for pages, and they are looked at after it.
func TestPublishedPagesAreCheckedBehindTheAnswer(t *testing.T) {
	d := open(t)
	life, end := context.WithCancel(t.Context())
	ended, hold, asked := make(chan bool), make(chan bool), make(chan bool, 1)
	page := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		asked <- true
		<-hold
	}))
	t.Cleanup(page.Close)
	document := fmt.Sprintf(`<screenpopup><url target="request">%s/x</url></screenpopup>`, page.URL)
	admin := cookie(d.session(acme, "admin"))
	for _, tenant := range []string{acme, evil} { // their own pages are elsewhere
		d.must(second(d.dir.Publish(t.Context(), store.Revision{Tenant: tenant, Level: "tenant", LevelID: tenant}, -1)))
	}
	go func() { d.watch.Run(life); close(ended) }()
	if a := d.do("PUT", "/api/v1/screenpopup/tenant/acme", document, admin, asXML); a.StatusCode != 200 {
		t.Fatalf("%d %s", a.StatusCode, a.body)
	}
	<-asked // and the answer is here already
	// A stop in the middle: nothing is half known, and the next start asks again.
	end()
	close(hold)
	<-ended
	if p := d.do("GET", checkPath, "", admin).pages(t); p.Pages[0].Verdict != "unknown" || p.Pages[0].CheckedAt != nil {
		t.Errorf("after a stop: %+v", p)
	}
	life, end = context.WithCancel(t.Context())
	defer end()
	kept := make(chan bool, 1)
	again := d.watching(framing.WatchOptions{Shelf: d.dir, Now: d.clock.now, Changed: func(string) { kept <- true }})
	go again.Run(life)
	<-kept
	if p := d.do("GET", checkPath, "", admin).pages(t); p.Pages[0].Verdict != "allowed" || p.Pages[0].CheckedAt == nil {
		t.Errorf("after the next start: %+v", p)
	}
}

func second[T any](_ T, err error) error { return err }

func asXML(r *http.Request)  { r.Header.Set("Content-Type", "application/xml") }
func asJSON(r *http.Request) { r.Header.Set("Content-Type", "application/json") }

func TestATestSaysWhatIsKnownOfThePage(t *testing.T) {
	d := open(t)
	url, _ := crm(t)
	admin := cookie(d.session(acme, "admin"))
	draft := fmt.Sprintf(`<screenpopup><clipboard on="ringing">x</clipboard><url on="ringing" target="request">%s/deny</url></screenpopup>`, url)
	d.do("POST", checkPath+"/check", draft, admin, asXML).pages(t)
	state, err := json.Marshal(map[string]any{"level": "tenant", "id": acme, "document": draft, "channel": "voice", "trigger": "ringing", "request": map[string]string{}})
	d.must(err)
	a := d.do("POST", "/api/v1/tests", string(state), admin)
	var out struct {
		Pages []*struct{ Verdict, Reason string } `json:"pages"`
	}
	if err := json.Unmarshal(a.body, &out); err != nil || len(out.Pages) != 2 || out.Pages[0] != nil || out.Pages[1] == nil || out.Pages[1].Verdict != "refused" {
		t.Errorf("%d %s, %v", a.StatusCode, a.body, err)
	}
}

// What agents have found blank stands with the page, and an admin may have it
// forgotten, which the audit tells.
func TestBlankVotesAreToldAndForgotten(t *testing.T) {
	d := open(t)
	url, _ := crm(t)
	admin := cookie(d.session(acme, "admin"))
	d.must(second(d.dir.Publish(t.Context(), store.Revision{Tenant: acme, Level: "tenant", LevelID: acme,
		Document: fmt.Sprintf(`<screenpopup><url id="a" on="ringing" target="request">%s/ok?p={anum}</url></screenpopup>`, url)}, -1)))
	key := url + "/ok"
	d.blank(acme, key, "anna", "ola", "kim")
	blank := func(a answer) (n int, last string) {
		t.Helper()
		var out struct {
			Pages []struct {
				Key   string
				Blank struct {
					Agents int
					Last   string
				}
			}
		}
		if err := json.Unmarshal(a.body, &out); err != nil || a.StatusCode != 200 || len(out.Pages) != 1 || out.Pages[0].Key != key {
			t.Fatalf("%d %s, %v", a.StatusCode, a.body, err)
		}
		return out.Pages[0].Blank.Agents, out.Pages[0].Blank.Last
	}
	if n, last := blank(d.do("GET", checkPath, "", admin)); n != 3 || last == "" {
		t.Errorf("%d agents at %q, want 3", n, last)
	}
	if a := d.do("POST", checkPath+"/forget", `{}`, admin, asJSON); a.StatusCode != 400 || a.kind(t) != "missing-field" {
		t.Errorf("without a key: %d %s", a.StatusCode, a.body)
	}
	if n, _ := blank(d.do("POST", checkPath+"/forget", fmt.Sprintf(`{"key":%q}`, key), admin, asJSON)); n != 0 {
		t.Errorf("%d agents after they were forgotten", n)
	}
	entries, _, err := d.dir.Audit(t.Context(), acme, store.AuditFilter{Limit: 10})
	if d.must(err); entries[0].Action != "screenpopup.forget-blank" || entries[0].Object != "page "+key {
		t.Errorf("audit: %+v", entries[0])
	}
}

// blank has agents say that the pages of a key are blank.
func (d *door) blank(tenant, key string, agents ...string) {
	d.t.Helper()
	for _, agent := range agents {
		id := "blank-" + agent
		plan := store.Plan{Requests: []screenpop.Request{{ID: id, AgentID: agent, Channel: screenpop.Voice}},
			Pops: []store.PlannedPop{{AgentID: agent, Once: "x", Pop: screenpop.Pop{ID: id, FrameKey: key, State: screenpop.PopPending}}}}
		d.must(second(d.dir.Append(d.t.Context(), store.Intake{Tenant: tenant, Source: "s", Event: screenpop.Event{ID: id, Type: screenpop.Ringing,
			Request: screenpop.RequestReport{ID: id}}, Plan: func(store.Current) store.Plan { return plan }})))
		d.must(d.dir.VoteBlank(d.t.Context(), wire.AgentKey{Tenant: tenant, ID: agent}, id))
	}
}
