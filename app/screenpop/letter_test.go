package screenpop_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/google/go-cmp/cmp"
)

// sentLetter is what a test compares of a letter.
type sentLetter struct{ Method, URL, Type, Body, Headers string }

func letter(t *testing.T, src string, s screenpop.Scope) *screenpop.Letter {
	t.Helper()
	l, err := popups(t, in(src))[0].Letter(s)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestALetterIsWhatTheElementSays(t *testing.T) {
	const variables = `<variable name="phone">{anum}</variable><variable name="call[subject]">{subject}</variable>`
	tests := []struct {
		name, src string
		want      sentLetter
	}{
		{"form", `<webrequest href="https://crm.example.com/c">` + variables + `</webrequest>`,
			sentLetter{"POST", "https://crm.example.com/c", "application/x-www-form-urlencoded", "phone=%2B47+22+33+44+55&call%5Bsubject%5D=s+%26+t", ""}},
		{"JSON", `<webrequest href="https://crm.example.com/c" format="json">` + variables + `</webrequest>`,
			sentLetter{"POST", "https://crm.example.com/c", "application/json", `{"phone":"+47 22 33 44 55","call[subject]":"s \u0026 t"}`, ""}},
		{"JSON of nothing", `<webrequest href="https://crm.example.com/c" format="json"/>`,
			sentLetter{"POST", "https://crm.example.com/c", "application/json", "{}", ""}},
		{"body", `<webrequest href="https://crm.example.com/c" format="body"><variable name="x">Call: {anum}, {subject}</variable></webrequest>`,
			sentLetter{"POST", "https://crm.example.com/c", "text/plain; charset=utf-8", "Call: +47 22 33 44 55, s & t", ""}},
		{"GET", `<webrequest method="GET" href="https://crm.example.com/c?a={queue_key}">` + variables + `</webrequest>`,
			sentLetter{"GET", "https://crm.example.com/c?a=sales&phone=%2B47+22+33+44+55&call%5Bsubject%5D=s+%26+t", "", "", ""}},
		{"GET with a fragment", `<webrequest method="GET" href="https://crm.example.com/c#x"><variable name="a">b</variable></webrequest>`,
			sentLetter{"GET", "https://crm.example.com/c?a=b", "", "", ""}},
		{"headers", `<webrequest href="https://crm.example.com/c"><header name="Authorization">Bearer {secret:crm}</header><header name="X-Queue">{queue_key}</header></webrequest>`,
			sentLetter{"POST", "https://crm.example.com/c", "application/x-www-form-urlencoded", "", "Authorization: Bearer {secret:crm}\nX-Queue: sales\n"}},
		{"a page by the server", `<url visible="false" via="server">https://crm.example.com/{anum}</url>`,
			sentLetter{"GET", "https://crm.example.com/%2B47%2022%2033%2044%2055", "", "", ""}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := letter(t, tt.src, call())
			got := sentLetter{l.Method, l.URL, l.Type, l.Body.Masked(), ""}
			for _, h := range l.Headers {
				got.Headers += h.Name + ": " + h.Value.Masked() + "\n"
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestSecretsAreFilledInWhereTheyStandAndEscapedThere(t *testing.T) {
	l := letter(t, `<webrequest href="https://crm.example.com/" format="json"><header name="Authorization">Bearer {secret:crm}</header>
		<variable name="key">a{secret:crm}b</variable><variable name="phone">{anum}</variable></webrequest>`, call())
	kept, err := json.Marshal(l)
	if err != nil {
		t.Fatal(err)
	}
	var back screenpop.Letter
	if err := json.Unmarshal(kept, &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(*l, back); diff != "" {
		t.Errorf("kept as JSON (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"crm"}, back.Secrets()); diff != "" {
		t.Error(diff)
	}
	secret := func(string) (string, error) { return `q"uote`, nil }
	if body, err := back.Body.Fill(secret); err != nil || body != `{"key":"aq\"uoteb","phone":"+47 22 33 44 55"}` {
		t.Errorf("body %s, %v", body, err)
	}
	if header, err := back.Headers[0].Value.Fill(secret); err != nil || header != `Bearer q"uote` {
		t.Errorf("header %s, %v", header, err)
	}
	gone := errors.New("gone")
	if _, err := back.Body.Fill(func(string) (string, error) { return "", gone }); !errors.Is(err, gone) {
		t.Errorf("error %v, want that of the secret", err)
	}
}

func TestAnEventCannotNameASecret(t *testing.T) {
	s := call()
	s.Request.Subject = "{secret:crm}"
	s.Request.Variables = map[string]string{"secret:crm": "x"}
	l := letter(t, `<webrequest href="https://crm.example.com/" format="json"><header name="X-A">{subject}</header><variable name="a">{subject}</variable></webrequest>`, s)
	if names := l.Secrets(); len(names) > 0 {
		t.Errorf("a value of an event became the secrets %v", names)
	}
}

func TestALetterIsTriedAsLongAsSomebodyWaits(t *testing.T) {
	const src = `<webrequest on="ringing hangup" href="https://crm.example.com/"/>`
	s := call()
	if l := letter(t, src, s); l.Until != now.Add(30*time.Second) {
		t.Errorf("while it rings it is tried until %v", l.Until)
	}
	s.Event.Type = screenpop.Hangup
	if l := letter(t, src, s); l.Until != now.Add(24*time.Hour) {
		t.Errorf("after the hangup it is tried until %v", l.Until)
	}
}

func TestTheFallbackPageIsMadeOfTheSameEvent(t *testing.T) {
	l := letter(t, `<webrequest id="w" href="https://crm.example.com/" reply="json"><url target="request" title="Search {anum}">https://crm.example.com/find?q={queue_key}</url></webrequest>`, call())
	f := l.Fallback
	if f == nil || f.URL != "https://crm.example.com/find?q=sales" || f.Title != "Search +47 22 33 44 55" || f.Target != screenpop.TargetRequest || !f.Visible {
		t.Fatalf("fallback %+v", f)
	}
	own := screenpop.PopID("acme", "pbx", "evt-81", "tenant:w", "u1")
	if f.From != own || f.ID == own || f.PopupID != "tenant:w" {
		t.Errorf("fallback %s of %s by %s, want another pop of the web request %s", f.ID, f.From, f.PopupID, own)
	}
}

func TestTooLargeALetterIsSkipped(t *testing.T) {
	var src strings.Builder
	src.WriteString(`<webrequest href="https://crm.example.com/" format="json">`)
	for i := range 40 {
		src.WriteString(`<variable name="v` + string(rune('A'+i%26)) + string(rune('a'+i/26)) + `">{subject}</variable>`)
	}
	s := call()
	s.Request.Subject = strings.Repeat("x", 2000)
	pop := popups(t, in(src.String()+`</webrequest>`))[0].Pop(s)
	if pop.State != screenpop.PopSkipped || !strings.Contains(pop.Detail, "at most 65536 are sent") {
		t.Errorf("pop %s: %s", pop.State, pop.Detail)
	}
}
