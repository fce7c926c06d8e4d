package outbound_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/server/outbound"
	"github.com/crmpop/crmpop/server/store"
)

func listed(host string) bool { return host == "crm.example.com" }

func TestReadReply(t *testing.T) {
	const page = "https://crm.example.com/c/7"
	open := func(more string) string { return `{"action":"open","url":"` + page + `"` + more + `}` }
	want := outbound.Page{URL: page, Origin: "https://crm.example.com"}
	for _, tt := range []struct {
		name, body string
		pages      []outbound.Page
		left       int
		err        string
	}{
		{"nothing", "", nil, 0, ""},
		{"no match", " [] ", nil, 0, ""},
		{"one", open(""), []outbound.Page{want}, 0, ""},
		{"one with all", open(`,"title":" Kari\n\u202eN ","target":"kb"`), []outbound.Page{{URL: page, Origin: want.Origin, Title: "Kari N", Target: "kb"}}, 0, ""},
		{"several", "[" + open("") + "," + open("") + "]", []outbound.Page{want, want}, 0, ""},
		{"one of two", "[" + open("") + `,{"action":"open","url":"https://evil.example/"}]`, []outbound.Page{want}, 1, ""},
		{"eleven", "[" + strings.Repeat(open("")+",", 10) + open("") + "]", nil, 0, "asks for 11 pages; at most 10"},
		{"another host", `{"action":"open","url":"https://evil.example/"}`, nil, 0, `leads to "evil.example", which is not on the list of hosts`},
		{"a script", `{"action":"open","url":"javascript:alert(1)"}`, nil, 0, "the address in the answer cannot be opened"},
		{"no host", `{"action":"open","url":"https:///crm.example.com/"}`, nil, 0, "cannot be opened"},
		{"a user", `{"action":"open","url":"https://crm.example.com@evil.example/"}`, nil, 0, "cannot be opened"},
		{"dots", `{"action":"open","url":"https://crm.example.com/a/../b"}`, nil, 0, "cannot be opened"},
		{"no address", `{"action":"open"}`, nil, 0, "is empty"},
		{"another action", `{"action":"run","url":"` + page + `"}`, nil, 0, `the action "run"; there is only open`},
		{"the workspace's place", open(`,"target":"_top"`), nil, 0, `the target "_top"`},
		{"no JSON", "<html>", nil, 0, "not the JSON"},
		{"more behind", open("") + "{}", nil, 0, "not the JSON"},
		{"a number", "7", nil, 0, "not the JSON"},
		{"bytes", "\xff", nil, 0, "not UTF-8"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			pages, left, err := outbound.ReadReply([]byte(tt.body), listed)
			if diff := cmp.Diff(tt.pages, pages); diff != "" || len(left) != tt.left {
				t.Errorf("%d left out; pages (-want +got):\n%s", len(left), diff)
			}
			if (err == nil) != (tt.err == "") || err != nil && !strings.Contains(err.Error(), tt.err) {
				t.Errorf("error %v, want %q", err, tt.err)
			}
		})
	}
}

// FuzzReadReply: whatever a CRM answers, what may open is at most ten pages of the
// hosts that it may lead to, with plain titles.
func FuzzReadReply(f *testing.F) {
	for _, s := range []string{"", "[]", `{"action":"open","url":"https://crm.example.com/"}`, `[{"action":"open","url":"http://crm.example.com/","title":"x","target":"_blank"}]`,
		`{"action":"open","url":"https://crm.example.com/?a=%2e%2e#x"}`, "[[", `{"action":"open","url":"//evil"}`, "\xff\xfe", "null"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		pages, left, err := outbound.ReadReply(body, listed)
		if len(pages)+len(left) > 10 || err != nil && len(pages) > 0 {
			t.Fatalf("%d pages, %d left out, error %v", len(pages), len(left), err)
		}
		for _, p := range pages {
			if p.Origin != "https://crm.example.com" && p.Origin != "http://crm.example.com" || !strings.HasPrefix(p.URL, p.Origin+"/") {
				t.Fatalf("page %+v", p)
			}
			if !utf8.ValidString(p.Title) || len(p.Title) > 200 || strings.ContainsAny(p.Title, "\n\r\t\x00\u202e") {
				t.Fatalf("title %q", p.Title)
			}
			if p.Target != "" && !screenpop.ValidTarget(p.Target) {
				t.Fatalf("target %q", p.Target)
			}
		}
	})
}

const askDoc = `<webrequest id="find" on="ringing" href="CRM/find" reply="json"><variable name="phone">{anum}</variable>
	<url target="request" title="Search">CRM/search?q={anum}</url></webrequest>`

// answering is a rig whose CRM answers in a way; CRM in it is its address.
func answering(t *testing.T, doc, answer string) *rig {
	t.Helper()
	var crm *fakeCRM
	crm = newCRM(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
		io.WriteString(w, strings.ReplaceAll(answer, "CRM", crm.URL))
	})
	r := newRig(t, crm.URL, doc)
	r.send(screenpop.Ringing, "c-1")
	return r
}

// said is a pop as a test compares it.
type said struct{ Title, Path, Target, State string }

func (r *rig) said(request string) []said {
	var all []said
	for _, p := range r.pops(request) {
		if p.From != "" {
			path := p.URL
			for range 3 {
				_, path, _ = strings.Cut(path, "/")
			}
			all = append(all, said{p.Title, "/" + path, p.Target, string(p.State)})
		}
	}
	return all
}

func TestAnAnswerOpensPages(t *testing.T) {
	for _, tt := range []struct {
		name, answer string
		want         []said
		words        string
	}{
		{"one", `{"action":"open","url":"CRM/c/7","title":"Kari"}`, []said{{"Kari", "/c/7", "request", "pending"}}, "; opens a page"},
		{"none", `[]`, nil, "; nothing to open"},
		{"two to choose from", `[{"action":"open","url":"CRM/c/7","title":"Kari"},{"action":"open","url":"CRM/c/8","title":"Ola","target":"_blank"}]`,
			[]said{{"Kari", "/c/7", "request", "waiting"}, {"Ola", "/c/8", "_blank", "waiting"}}, "; 2 pages to choose from"},
		{"no use", `sorry`, []said{{"Search", "/search?q=22334455", "request", "pending"}}, "; the answer is not the JSON that belongs there; the fallback pops"},
		{"elsewhere", `{"action":"open","url":"https://evil.example/"}`, []said{{"Search", "/search?q=22334455", "request", "pending"}},
			`; the address in the answer leads to "evil.example", which is not on the list of hosts; the fallback pops`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := answering(t, askDoc, tt.answer)
			r.letter(store.LetterSent)
			if diff := cmp.Diff(tt.want, r.said("c-1")); diff != "" {
				t.Errorf("pops (-want +got):\n%s", diff)
			}
			if pop := r.pops("c-1")[0]; pop.State != screenpop.PopSent || !strings.HasSuffix(pop.Detail, tt.words) {
				t.Errorf("pop %s, %q; want …%s", pop.State, pop.Detail, tt.words)
			}
		})
	}
}

func TestWithoutAFallbackABadAnswerOpensNothing(t *testing.T) {
	r := answering(t, `<webrequest on="ringing" href="CRM/find" reply="json"/>`, "sorry")
	r.letter(store.LetterSent)
	if pops := r.pops("c-1"); len(pops) != 1 || !strings.HasSuffix(pops[0].Detail, "nothing opens") {
		t.Errorf("pops %+v", pops)
	}
}

func TestALateAnswerLeavesTheFallback(t *testing.T) {
	answer := make(chan struct{})
	crm := newCRM(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
		<-answer
		io.WriteString(w, `{"action":"open","url":"http://127.0.0.1/","title":"late"}`)
	})
	r := newRig(t, crm.URL, askDoc)
	r.send(screenpop.Ringing, "c-1")
	fallback := []said{{"Search", "/search?q=22334455", "request", "pending"}}
	r.await("the fallback", func() bool { return len(r.said("c-1")) > 0 })
	if diff := cmp.Diff(fallback, r.said("c-1")); diff != "" {
		t.Error(diff)
	}
	if pop := r.pops("c-1")[1]; !strings.HasSuffix(pop.Detail, "no answer in 800 ms") {
		t.Errorf("the fallback says %q", pop.Detail)
	}
	close(answer)
	r.letter(store.LetterSent)
	if diff := cmp.Diff(fallback, r.said("c-1")); diff != "" {
		t.Errorf("after the late answer: %s", diff)
	}
	if pop := r.pops("c-1")[0]; !strings.HasSuffix(pop.Detail, "its answer came late, the fallback has popped") {
		t.Errorf("pop %q", pop.Detail)
	}
}

func TestAFailedAttemptDoesNotHaveTheFallbackWait(t *testing.T) {
	crm := newCRM(t, func(w http.ResponseWriter, _ *http.Request, nth int) {
		if nth == 1 {
			w.WriteHeader(500)
			return
		}
		io.WriteString(w, `{"action":"open","url":"http://127.0.0.1/"}`)
	})
	r := newRig(t, crm.URL, askDoc)
	r.send(screenpop.Ringing, "c-1")
	r.letter(store.LetterSent)
	if got := r.said("c-1"); len(got) != 1 || got[0].Title != "Search" {
		t.Errorf("pops %+v", got)
	}
}
