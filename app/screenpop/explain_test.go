package screenpop_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/google/go-cmp/cmp"
)

// told is call with an event that says what the request holds, but for the
// queue, which an earlier one said.
func told() screenpop.Scope {
	s := call()
	s.Event.Request.Channel, s.Event.Request.ANI = screenpop.Voice, s.Request.ANI
	s.Event.Request.Subject, s.Event.Request.Variables = s.Request.Subject, s.Request.Variables
	return s
}

func TestExplain(t *testing.T) {
	p := popups(t, in(`<url id="crm" on="ringing" target="request" title="CRM {name|default:customer}">`+
		`<when variable="queue_key" matches="sales*"/>`+page+`{customer_number}?p={anum|digits|last:8}&amp;q={subject}&amp;p2={anum|digits|last:8}</url>`))[0]
	s := told()
	s.Request.Name = ""
	want := screenpop.Explanation{
		Popup: "crm", Level: "tenant", Kind: screenpop.KindURL, Line: 1, Column: 14, Matched: true,
		Why: `the trigger was "ringing", queue_key must match "sales*"`,
		Variables: []screenpop.VariableUse{
			{Name: "queue_key", Source: screenpop.SourceRequest, Raw: "sales", Value: "sales"},
			{Name: "name", Transforms: []string{"default:customer"}, Source: screenpop.SourceDefault, Value: "customer"},
			{Name: "customer_number", Source: screenpop.SourceVariables, Raw: "12345", Value: "12345"},
			{Name: "anum", Transforms: []string{"digits", "last:8"}, Source: screenpop.SourceEvent, Raw: "+47 22 33 44 55", Value: "22334455"},
			{Name: "subject", Source: screenpop.SourceEvent, Raw: "s & t", Value: "s & t"},
		},
		Expansions: []screenpop.Expansion{
			{Of: "title", Template: "CRM {name|default:customer}", Result: "CRM customer",
				Parts: []screenpop.Piece{{Text: "CRM "}, {Text: "customer", Variable: "name"}}},
			{Of: "url", Template: page + "{customer_number}?p={anum|digits|last:8}&q={subject}&p2={anum|digits|last:8}",
				Result: page + "12345?p=22334455&q=s%20%26%20t&p2=22334455",
				Parts: []screenpop.Piece{{Text: page}, {Text: "12345", Variable: "customer_number"}, {Text: "?p="}, {Text: "22334455", Variable: "anum"},
					{Text: "&q="}, {Text: "s%20%26%20t", Variable: "subject"}, {Text: "&p2="}, {Text: "22334455", Variable: "anum"}}},
		},
		Title: "CRM customer", Target: screenpop.TargetRequest, State: screenpop.PopPending,
	}
	if diff := cmp.Diff(want, screenpop.Explain(&p, s)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// The source of each variable, and what becomes of its value.
func TestExplainNamesTheSourceOfEachVariable(t *testing.T) {
	tests := []struct {
		use    string
		change func(*screenpop.Scope)
		want   string // source: raw → value
	}{
		{"{anum}", nil, "event: +47 22 33 44 55 → +47 22 33 44 55"},
		{"{anum|digits}", nil, "event: +47 22 33 44 55 → 4722334455"},
		{"{dnis}", nil, "request: 21898989 → 21898989"},
		{"{customer_number}", nil, "variables: 12345 → 12345"},
		{"{none}", nil, "missing:  → "},
		{"{none|default:x|upper}", nil, "default:  → X"},
		{"{none|required}", nil, "missing:  → "},
		{"{anum|default:x}", nil, "event: +47 22 33 44 55 → +47 22 33 44 55"},
		{"{subject|digits|default:none}", nil, "default: s & t → none"},
		{"{name}", func(s *screenpop.Scope) { s.Request.Name = "" }, "missing:  → "},
		{"{direction}", nil, "request: in → in"},
		{"{direction}", func(s *screenpop.Scope) { s.Event.Request.Direction = screenpop.In }, "event: in → in"},
		{"{event_id}", nil, "event: evt-81 → evt-81"},
		{"{request_id}", nil, "event: c-8f2 → c-8f2"},
		{"{trigger}", nil, "event: ringing → ringing"},
		{"{agent}", nil, "event: anna@acme.example → anna@acme.example"},
		{"{agent_name}", nil, "built in: Anna → Anna"},
		{"{time}", nil, "event: 2026-11-22T10:15:29Z → 2026-11-22T10:15:29Z"},
		{"{time}", func(s *screenpop.Scope) { s.Event.Time = time.Time{} }, "built in: 2026-11-22T10:15:30Z → 2026-11-22T10:15:30Z"},
	}
	for _, tt := range tests {
		s := told()
		if tt.change != nil {
			tt.change(&s)
		}
		p := popups(t, in("<clipboard>"+tt.use+"</clipboard>"))[0]
		got := screenpop.Explain(&p, s).Variables
		if len(got) != 1 {
			t.Fatalf("%s has %d variables", tt.use, len(got))
		}
		if is := string(got[0].Source) + ": " + got[0].Raw + " → " + got[0].Value; is != tt.want || got[0].String() != tt.use {
			t.Errorf("%s is %s %s, want %s", tt.use, got[0], is, tt.want)
		}
	}
}

func TestExplainWhatDoesNotMatchOrIsStopped(t *testing.T) {
	tests := []struct {
		name, src string
		matched   bool
		want      string // why, and the expansions
	}{
		{"does not match", `<clipboard on="hangup">{anum}</clipboard>`, false,
			`on is "hangup", the trigger was "ringing" | text=+47 22 33 44 55`},
		{"stopped", `<url title="T">` + page + `{none|required}</url>`, true,
			`the trigger was "ringing" | title=T url= stopped by required variable none is empty`},
		{"whole", `<url>{url}</url>`, true, `the trigger was "ringing" | url=https://mail.example.com/m/7`},
		{"web request", `<webrequest format="json" href="` + page + `"><variable name="a">{subject}</variable><variable name="b">1</variable></webrequest>`, true,
			`the trigger was "ringing" | href=` + page + ` variable a=s \u0026 t variable b=1`},
		{"command", `<command name="ddesend">q={queue_key}</command>`, true,
			`the trigger was "ringing" | value q=sales argument=q=sales`},
		{"command with what a query would take apart", `<command name="ddesend">who={subject}&amp;q={queue_key}</command>`, true,
			`the trigger was "ringing" | value who=s & t value q=sales argument=who=s%20%26%20t&q=sales`},
		{"command without an argument", `<command name="ddesend"/>`, true, `the trigger was "ringing" |`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := popups(t, in(tt.src))[0]
			e := screenpop.Explain(&p, call())
			got := e.Why + " |"
			for _, x := range e.Expansions {
				got += " " + x.Of + "=" + x.Result
				if x.Stopped != "" {
					got += " stopped by " + x.Stopped
				}
			}
			if e.Matched != tt.matched || got != tt.want {
				t.Errorf("Explain = %v %s\nwant      %v %s", e.Matched, got, tt.matched, tt.want)
			}
		})
	}
}

// An explanation is the pop, told at length: each result is its parts joined and
// the URL is the one that pops, for every popup of the golden documents.
func TestExplainAgreesWithPop(t *testing.T) {
	for name, src := range goldenDocuments(t) {
		doc, _ := screenpop.ParseDocument(src)
		if doc == nil {
			continue
		}
		for _, p := range screenpop.Effective(screenpop.LevelDocument{Level: "tenant", Doc: doc}) {
			pop, e := p.Pop(told()), screenpop.Explain(&p, told())
			if e.State != pop.State || e.Detail != pop.Detail || e.Title != pop.Title {
				t.Errorf("%s: Explain(%s) = %+v, Pop = %+v", name, p.ID, e, pop)
			}
			for _, x := range e.Expansions {
				joined := ""
				for _, part := range x.Parts {
					joined += part.Text
				}
				if joined != x.Result || x.Of == "url" && x.Result != pop.URL {
					t.Errorf("%s: the %s of %s is %q in parts, %q whole, %q in the pop", name, x.Of, p.ID, joined, x.Result, pop.URL)
				}
			}
		}
	}
}

func TestExplanationIsJSONWithoutNull(t *testing.T) {
	p := popups(t, in("<command name='a'/>"))[0]
	b, err := json.Marshal(screenpop.Explain(&p, call()))
	if err != nil || strings.Contains(string(b), "null") {
		t.Errorf("Marshal = %s, %v", b, err)
	}
}
