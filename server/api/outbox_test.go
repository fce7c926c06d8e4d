package api_test

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/server/api"
	"github.com/crmpop/crmpop/server/store"
	"github.com/crmpop/crmpop/server/vault"
)

// letter writes a web request of acme and returns the id of its pop.
func (d *door) letter(event string) string {
	d.t.Helper()
	id := screenpop.PopID(acme, "native", event, "tenant:log", "agent")
	_, err := d.dir.Append(d.t.Context(), store.Intake{Tenant: acme, Source: "native",
		Event: screenpop.Event{ID: event, Type: screenpop.Ringing, Request: screenpop.RequestReport{ID: "c-" + event, Channel: screenpop.Voice}},
		Plan: func(store.Current) store.Plan {
			return store.Plan{
				Requests: []screenpop.Request{{AgentID: "agent", Channel: screenpop.Voice, CreatedAt: d.clock.now()}},
				Pops: []store.PlannedPop{{AgentID: "agent", Once: "tenant:log", Pop: screenpop.Pop{ID: id, PopupID: "tenant:log", Kind: screenpop.KindWebRequest},
					Letter: &screenpop.Letter{Method: "POST", URL: "https://crm.example.com/calls?phone=99887766", Address: "https://crm.example.com/calls?phone={anum}",
						PopupID: "tenant:log", Title: "Web request to crm.example.com", Body: screenpop.Ink{{Text: "phone=99887766"}}}}},
			}
		}})
	d.must(err)
	return id
}

// deadLetter is letter that has failed.
func (d *door) deadLetter() string {
	d.t.Helper()
	id := d.letter("e" + strconv.FormatInt(time.Now().UnixNano(), 36))
	_, err := d.dir.Post(d.t.Context(), store.Posting{Tenant: acme, PopID: id, State: store.LetterFailed, Attempts: 3, Status: 404, Why: "404 in 2 ms, 9 B"})
	d.must(err)
	return id
}

func (d *door) secretOfAcme() string {
	d.t.Helper()
	d.must(d.dir.PutTenantSecret(d.t.Context(), store.TenantSecret{Tenant: acme, Name: "mine", Host: "crm.example.com", Sealed: []byte{1}}))
	return "mine"
}

func TestTheOutboxSaysWhatBecameOfWebRequestsAndNotWhatIsInThem(t *testing.T) {
	var posted []store.Letter
	d := open(t, func(o *api.Options) { o.Post = func(all ...store.Letter) { posted = append(posted, all...) } })
	send := d.admin(acme)
	waits, dead := d.letter("e-waits"), d.deadLetter()
	a := d.is(send("GET", "/api/v1/outbox", ""), 200, "")
	type page struct {
		Letters []struct{ ID, State, Host, Address, Why string }
		Next    string
	}
	if all := read[page](d, a).Letters; len(all) != 2 || all[0].ID != dead || all[1].ID != waits || all[0].Why != "404 in 2 ms, 9 B" || all[0].Address != "https://crm.example.com/calls?phone={anum}" {
		t.Errorf("outbox %s", a.body)
	}
	if strings.Contains(string(a.body), "99887766") {
		t.Errorf("the outbox shows what is in a web request: %s", a.body)
	}
	for query, want := range map[string]int{"state=dead": 1, "state=queued": 1, "state=sent": 0, "host=CRM.example.com": 2, "host=other.example": 0} {
		if got := read[page](d, send("GET", "/api/v1/outbox?"+query, "")).Letters; len(got) != want {
			t.Errorf("%s: %d, want %d", query, len(got), want)
		}
	}
	first := read[page](d, send("GET", "/api/v1/outbox?limit=1", ""))
	if rest := read[page](d, send("GET", "/api/v1/outbox?limit=1&after="+first.Next, "")); len(rest.Letters) != 1 || rest.Letters[0].ID != waits {
		t.Errorf("the second page: %+v", rest)
	}
	d.is(send("GET", "/api/v1/outbox?state=lost", ""), 400, "bad-letter-state")
	d.is(send("GET", "/api/v1/outbox?after=x", ""), 400, "bad-cursor")

	d.is(send("POST", "/api/v1/outbox/"+waits+"/replay", ""), 409, "letter-not-dead")
	d.is(send("POST", "/api/v1/outbox/"+dead+"/replay", ""), 202, "")
	if len(posted) != 1 || posted[0].PopID != dead || posted[0].State != store.LetterQueued {
		t.Errorf("posted again: %+v", posted)
	}
	if a := send("GET", "/api/v1/audit?q=outbox", ""); !strings.Contains(string(a.body), `"action":"outbox.replay"`) || !strings.Contains(string(a.body), dead) {
		t.Errorf("audit %s", a.body)
	}
}

func TestASecretIsWrittenAndNeverRead(t *testing.T) {
	d := open(t)
	send := d.admin(acme)
	const value = "a-secret-that-nobody-reads"
	d.is(send("PUT", "/api/v1/secrets/crm", `{"host":"CRM.example.com","value":"`+value+`"}`), 200, "")
	a := d.is(send("GET", "/api/v1/secrets", ""), 200, "")
	if !strings.Contains(string(a.body), `"name":"crm","host":"crm.example.com","author":"admin@acme.example"`) || strings.Contains(string(a.body), value) {
		t.Errorf("secrets %s", a.body)
	}
	v, err := d.dir.TenantSecret(t.Context(), acme, "crm")
	d.must(err)
	box := vault.New(d.folder)
	if got, err := box.Open(v.Sealed, vault.SecretPlace(acme, "crm", "crm.example.com")...); err != nil || got != value {
		t.Errorf("sealed: %q, %v", got, err)
	}
	if _, err := box.Open(v.Sealed, vault.SecretPlace(acme, "crm", "evil.example")...); err == nil {
		t.Error("it opens for another host")
	}
	for what, bad := range map[string][3]string{
		"no value":     {"crm", `{"host":"evil.example"}`, "bad-secret"},
		"a line break": {"crm", `{"host":"crm.example.com","value":"a\nb"}`, "bad-secret"},
		"no host":      {"crm", `{"host":"https://crm.example.com/","value":"x"}`, "bad-host"},
		"a name":       {"CRM", `{"host":"crm.example.com","value":"x"}`, "bad-secret-name"},
	} {
		t.Run(what, func(t *testing.T) { d.is(send("PUT", "/api/v1/secrets/"+bad[0], bad[1]), 400, bad[2]) })
	}
	files, err := filepath.Glob(filepath.Join(d.folder, "pop.db*"))
	d.must(err)
	for _, f := range files {
		if b, err := os.ReadFile(f); err != nil || strings.Contains(string(b), value) {
			t.Errorf("%s holds the secret, or cannot be read: %v", f, err)
		}
	}
	if s := string(send("GET", "/api/v1/audit?limit=200", "").body) + d.log.String(); strings.Contains(s, value) || !strings.Contains(s, "secret.write") {
		t.Error("the audit or the log holds the secret, or no word of it")
	}
	d.is(send("DELETE", "/api/v1/secrets/crm", ""), 204, "")
	d.is(send("DELETE", "/api/v1/secrets/crm", ""), 404, "not-found")
}

func TestASigningSecretIsShownOnce(t *testing.T) {
	d := open(t)
	send := d.admin(acme)
	if a := send("GET", "/api/v1/signing-secret", ""); strings.TrimSpace(string(a.body)) != "{}" {
		t.Errorf("before there is one: %s", a.body)
	}
	first := d.is(send("POST", "/api/v1/signing-secret", ""), 201, "").json(t)
	key, ok := strings.CutPrefix(first["secret"].(string), "whsec_")
	if raw, err := base64.StdEncoding.DecodeString(key); !ok || err != nil || len(raw) != 32 || first["before_until"] != nil {
		t.Errorf("the first: %v", first)
	}
	second := d.is(send("POST", "/api/v1/signing-secret", ""), 201, "").json(t)
	if second["secret"] == first["secret"] || second["before_until"] == nil {
		t.Errorf("the second: %v", second)
	}
	a := send("GET", "/api/v1/signing-secret", "")
	if strings.Contains(string(a.body), "whsec_") || a.json(t)["before_until"] == nil {
		t.Errorf("read: %s", a.body)
	}
}
