package admin

import (
	"encoding/json"
	"net/url"
	"time"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"github.com/crmpop/crmpop/app/screenpop"
)

// Start is when tests begin.
var Start = time.Date(2026, 11, 22, 10, 15, 0, 0, time.UTC)

// The words and what is computed, for tests.
var (
	Diff       = diff
	OffsetOf   = offsetOf
	Marks      = marks
	Sentence   = sentence
	Plural     = plural
	Millis     = millis
	Link       = link
	Grouped    = grouped
	WithPreset = func(document, level string, p screenpop.Preset) (string, error) {
		return withPreset(document, level, p)
	}
)

// PlaceOf reads an address as "screen level id query".
func PlaceOf(address string) (screen, level, id, query string) {
	u, err := url.Parse(address)
	if err != nil {
		return err.Error(), "", "", ""
	}
	at := placeOf(u)
	return at.Screen, at.Level, at.ID, at.Query
}

// TestOffice is an office without a browser.
type TestOffice struct {
	*Office
	at place
}

// NewTestOffice returns the office of Berit, an admin of Acme, at an address.
func NewTestOffice(address string) *TestOffice {
	u, err := url.Parse(address)
	if err != nil {
		panic(err)
	}
	o := NewOffice()
	o.now = func() time.Time { return Start }
	o.phase = working
	o.account.User.ID, o.account.User.Name, o.account.User.Role = "u1", "Berit Moen", "admin"
	o.account.Tenant = named{"acme", "Acme"}
	return &TestOffice{o, placeOf(u)}
}

// As gives who is signed in another role.
func (t *TestOffice) As(role string) *TestOffice {
	t.account.User.Role = role
	if role == "agent" {
		t.phase = denied
	}
	return t
}

// SignedOut shows the way to the sign-in page.
func (t *TestOffice) SignedOut() *TestOffice {
	t.phase = signedOut
	return t
}

// Portal returns the page as it is drawn.
func (t *TestOffice) Portal() goapp.UI { return &Portal{Office: t.Office, at: t.at} }

// Screens that know what the server has said, read from JSON as it comes.

// Requests returns the list of requests.
func (t *TestOffice) Requests(found, people string) goapp.UI {
	return &requestList{Office: t.Office, At: t.at, opened: true, query: t.at.Query, found: read[foundRequests](found), people: readPeople(people)}
}

// Times returns the plot.
func (t *TestOffice) Times(s string) goapp.UI {
	return &timesPlot{Office: t.Office, times: read[times](s), known: true}
}

// Request returns the page of a request.
func (t *TestOffice) Request(s, people string) goapp.UI {
	return &requestPage{Office: t.Office, ID: t.at.ID, opened: t.at.ID, trace: read[trace](s), known: true, people: readPeople(people), all: map[int]bool{}}
}

// TraceText returns a trace as it is copied.
func TraceText(s, people string) string { return read[trace](s).text(readPeople(people)) }

// Editor returns the editor with a published and a written text, and a sheet.
func (t *TestOffice) Editor(published, text, sheet, people string) goapp.UI {
	d := t.draftOf(t.at.Level, t.at.ID)
	d.base, d.published, d.text, d.known, d.checked = 7, published, text, true, text
	_, d.findings = screenpop.ParseDocument([]byte(text))
	s := &screenpopup{Office: t.Office, At: t.at, opened: t.at, draft: d, people: readPeople(people), sheet: sheet, compared: 6}
	s.revisions = []revision{
		{Number: 7, Document: published, Author: "Berit", Note: "ServiceNow", At: Start.Add(-time.Hour)},
		{Number: 6, Document: "<screenpopup>\n</screenpopup>\n", Author: "Ola", At: Start.Add(-48 * time.Hour)},
	}
	s.theirs, s.rollTo = &revision{Number: 8, Document: published + "<!-- theirs -->\n", Author: "Ola", At: Start}, 6
	return s
}

// TryOut returns the company's editor with a group that tries a version, and the
// publish sheet for another group first.
func (t *TestOffice) TryOut(text, sheet, first, people string) goapp.UI {
	s := t.Editor(text, text+"<!-- new -->\n", sheet, people).(*screenpopup)
	s.stages = []stage{{Group: "g1", GroupName: "Sales", Author: "Berit", Note: "ServiceNow", At: Start.Add(-time.Hour)}}
	s.first, s.ending = first, "g1"
	return s
}

// Bundle returns the export and import with what a file would change.
func (t *TestOffice) Bundle(results string) goapp.UI {
	return &bundle{Office: t.Office, file: "{}", results: read[[]imported](results)}
}

// Users returns the list of users, or the form of one.
func (t *TestOffice) Users(people string) goapp.UI {
	return &users{Office: t.Office, At: t.at, asked: t.at.ID + "?" + t.at.Query, people: readPeople(people), known: true}
}

// Groups returns the list of groups.
func (t *TestOffice) Groups(people string) goapp.UI {
	return &groups{Office: t.Office, people: readPeople(people), known: true, edited: "g2"}
}

// Company returns the form of the company.
func (t *TestOffice) Company(s string) goapp.UI {
	return &company{Office: t.Office, facts: read[companyFacts](s), known: true}
}

// Unmapped returns the list of unmapped agents.
func (t *TestOffice) Unmapped(s, people string) goapp.UI {
	return &unmapped{Office: t.Office, At: t.at, aliases: read[[]unmappedAlias](s), known: true, people: readPeople(people)}
}

// Sources returns the lists of sources and keys with a key shown once.
func (t *TestOffice) Sources(s, keys, once, sheet string) goapp.UI {
	return &sources{Office: t.Office, sources: read[[]source](s), keys: read[[]apiKey](keys), known: true, once: once, sheet: sheet}
}

// Audit returns the list of changes.
func (t *TestOffice) Audit(s string) goapp.UI {
	return &audit{Office: t.Office, At: t.at, asked: "?" + t.at.Query, page: read[auditPage](s), known: true}
}

// Outbox returns the list of web requests.
func (t *TestOffice) Outbox(s string) goapp.UI {
	return &outbox{Office: t.Office, At: t.at, asked: "?" + t.at.Query, page: read[outboxPage](s), known: true}
}

// Secrets returns the list of secrets with what is asked and shown once.
func (t *TestOffice) Secrets(s, signed, once, sheet string) goapp.UI {
	return &secrets{Office: t.Office, all: read[[]secret](s), signing: read[signing](signed), known: true, once: once, sheet: sheet}
}

// Effective returns what counts for a user.
func (t *TestOffice) Effective(s string) goapp.UI {
	return &effective{Office: t.Office, User: "u2", popups: read[[]effectivePopup](s)}
}

// Pages returns the pages of the editor with one of them open.
func (t *TestOffice) Pages(s, open string) goapp.UI {
	return &popupPages{Office: t.Office, At: t.at, Text: "x", known: true, out: read[pageVerdicts](s), open: map[string]bool{open: true}, shown: "caddy"}
}

// Console returns the test console with what came of a try, and a link's words.
func (t *TestOffice) Console(state, out, linked, people string) goapp.UI {
	c := &console{Office: t.Office, At: t.at, opened: t.at, known: true, people: readPeople(people), state: read[testState](state)}
	if out != "" {
		v := read[explained](out)
		c.out = &v
	}
	if linked != "" {
		v := read[testLink](linked)
		c.link = &v
	}
	return c
}

// Asking returns the test console while another agent is asked, or after.
func (t *TestOffice) Asking(state, ask, name, people string) goapp.UI {
	c := t.Console(state, "", "", people).(*console)
	c.asking = read[asking](ask)
	c.asking.Name, c.asking.Until = name, Start.Add(time.Duration(c.asking.AfterMS)*time.Millisecond)
	return c
}

// AskWords says how an ask stands.
func AskWords(ask, name string) string {
	k := read[asking](ask)
	k.Name = name
	return k.words()
}

// Companions returns the list of the company's companions, with a sheet.
func (t *TestOffice) Companions(all, revoke string) goapp.UI {
	return &companions{Office: t.Office, At: t.at, all: read[[]companion](all), known: true, revoke: revoke}
}

// Computer returns the page of the own computer, with what asks to be paired.
func (t *TestOffice) Computer(all, asks, unpair string) goapp.UI {
	c := &computer{Office: t.Office, all: read[[]companion](all), known: true, unpair: unpair}
	if asks != "" {
		v := read[pairAsks](asks)
		c.asks, c.code = &v, "BCDF-GHJK"
	}
	return c
}

func readPeople(s string) people { return read[people](s) }

func read[T any](s string) T {
	var v T
	if s == "" {
		return v
	}
	if err := json.Unmarshal([]byte(s), &v); err != nil {
		panic(err)
	}
	return v
}
