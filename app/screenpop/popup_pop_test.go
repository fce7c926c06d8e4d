package screenpop_test

import (
	"strings"
	"testing"
	"time"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/google/go-cmp/cmp"
)

var now = time.Date(2026, 11, 22, 10, 15, 30, 0, time.UTC)

// call is the scope of an event of a call.
func call() screenpop.Scope {
	return screenpop.Scope{
		Tenant: "acme", Source: "pbx",
		Event: screenpop.Event{ID: "evt-81", Type: screenpop.Ringing, Time: now.Add(-time.Second),
			Request: screenpop.RequestReport{ID: "c-8f2", Agent: "anna@acme.example"}},
		Request: screenpop.Request{ID: "c-8f2", Channel: screenpop.Voice, Direction: screenpop.In, ANI: "+47 22 33 44 55", DNIS: "21898989",
			QueueKey: "sales", CustomerKey: "k7", Subject: "s & t", URL: "https://mail.example.com/m/7", Name: "Kari",
			Variables: map[string]string{"customer_number": "12345", "anum": "shadow"}},
		Agent: screenpop.Agent{ID: "u1", Name: "Anna"},
		Now:   now,
		Hosts: func(host string) bool { return host == "mail.example.com" },
	}
}

func TestPopOfAURL(t *testing.T) {
	p := popups(t, in(`<url id="crm" target="request" title="CRM {anum}" focus="always" sandbox="allow-modals" allow="camera microphone" probe="no" frame="always">`+page+`{customer_number}?q={subject}</url>`))[0]
	want := screenpop.Pop{
		ID: screenpop.PopID("acme", "pbx", "evt-81", "tenant:crm", "u1"), RequestID: "c-8f2", EventID: "evt-81", PopupID: "tenant:crm",
		Kind: screenpop.KindURL, Trigger: screenpop.Ringing, Title: "CRM +47 22 33 44 55", URL: page + "12345?q=s%20%26%20t",
		Target: screenpop.TargetRequest, Visible: true, Focus: screenpop.FocusAlways, Frame: screenpop.FrameAlways,
		Sandbox: "allow-modals", Allow: "camera; microphone", FrameKey: page + "{customer_number}",
		State: screenpop.PopPending, CreatedAt: now, ExpiresAt: now.Add(30 * time.Second), TTLms: 30_000,
	}
	if diff := cmp.Diff(want, p.Pop(call())); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestPops(t *testing.T) {
	tests := []struct {
		name   string
		src    string
		change func(*screenpop.Scope)
		want   screenpop.Pop // the fields looked at
	}{
		{"title is the host", "<url>" + page + "</url>", nil, screenpop.Pop{State: screenpop.PopPending, Title: "crm.example.com", URL: page, FrameKey: page}},
		{"empty title is the host", "<url title='{none}'>" + page + "</url>", nil, screenpop.Pop{State: screenpop.PopPending, Title: "crm.example.com", URL: page, FrameKey: page}},
		{"whole URL", "<url>{url}</url>", nil, screenpop.Pop{State: screenpop.PopPending, Title: "mail.example.com", URL: "https://mail.example.com/m/7", FrameKey: "https://mail.example.com/{url}"}},
		{"whole URL of another host", "<url>{url}</url>", func(s *screenpop.Scope) { s.Request.URL = "https://evil.example/" },
			screenpop.Pop{State: screenpop.PopSkipped, Title: "Page", Detail: `the value of {url} leads to "evil.example", which is not on the list of hosts`}},
		{"no hosts", "<url title='E-mail'>{url}</url>", func(s *screenpop.Scope) { s.Hosts = nil },
			screenpop.Pop{State: screenpop.PopSkipped, Title: "E-mail", Detail: `the value of {url} leads to "mail.example.com", which is not on the list of hosts`}},
		{"required variable", "<url>" + page + "{customer_number|required}</url>", func(s *screenpop.Scope) { s.Request.Variables = nil },
			screenpop.Pop{State: screenpop.PopSkipped, Title: "crm.example.com", Detail: "required variable customer_number is empty"}},
		{"required variable of the title", "<url title='{none|required}'>" + page + "</url>", nil,
			screenpop.Pop{State: screenpop.PopSkipped, Title: "crm.example.com", Detail: "required variable none is empty"}},
		{"dots in the path", "<url>" + page + "{subject}/x</url>", func(s *screenpop.Scope) { s.Request.Subject = ".." },
			screenpop.Pop{State: screenpop.PopSkipped, Title: "crm.example.com", Detail: `variable subject would make the path segment ".."`}},
		{"invisible", "<url visible='false'>" + page + "</url>", nil,
			screenpop.Pop{State: screenpop.PopPending, Title: "crm.example.com", URL: page, FrameKey: page, Via: "fetch"}},
		{"invisible in a frame", "<url visible='false' via='frame'>" + page + "</url>", nil,
			screenpop.Pop{State: screenpop.PopPending, Title: "crm.example.com", URL: page, FrameKey: page, Via: "frame"}},
		{"clipboard", "<clipboard>{anum} {subject}</clipboard>", nil,
			screenpop.Pop{State: screenpop.PopPending, Title: "Clipboard", Text: "+47 22 33 44 55 s & t"}},
		{"web request", "<webrequest href='" + page + "'/>", nil,
			screenpop.Pop{State: screenpop.PopPending, Title: "Web request to crm.example.com"}},
		{"web request with a header that cannot be", "<webrequest href='" + page + "'><header name='X-Subject'>{subject}</header></webrequest>",
			func(s *screenpop.Scope) { s.Request.Subject = "a\r\nX: y" },
			screenpop.Pop{State: screenpop.PopSkipped, Title: "Web request to crm.example.com",
				Detail: "the value of subject holds a line break or another control character, which no header can"}},
		{"invisible by the server", "<url visible='false' via='server'>" + page + "</url>", nil,
			screenpop.Pop{State: screenpop.PopPending, Title: "crm.example.com", URL: page, FrameKey: page, Via: "server"}},
		{"command", "<command name='ddesend'/>", nil,
			screenpop.Pop{State: screenpop.PopPending, Title: "Command ddesend", Command: "ddesend"}},
		{"command with values", "<command name='ddesend'>anum={anum|digits}&amp;note=50% {subject}={none}&amp;x=</command>", func(s *screenpop.Scope) { s.Request.Subject = "a\u202e&b=\r\n\x1bc" },
			screenpop.Pop{State: screenpop.PopPending, Title: "Command ddesend", Command: "ddesend",
				Vars: []screenpop.Var{{Name: "anum", Value: "4722334455"}, {Name: "note", Value: "50% a&b= c="}, {Name: "x"}}}},
		{"command whose value is required", "<command name='ddesend'>a={none|required}</command>", nil,
			screenpop.Pop{State: screenpop.PopSkipped, Title: "Command ddesend", Command: "ddesend", Detail: "required variable none is empty"}},
		{"command with too much", "<command name='ddesend'>a={subject}{subject}&amp;b={subject}&amp;c={subject}</command>", func(s *screenpop.Scope) { s.Request.Subject = strings.Repeat("ø", 1024) },
			screenpop.Pop{State: screenpop.PopSkipped, Title: "Command ddesend", Command: "ddesend", Detail: "the command's values are 6147 bytes long together; at most 4096 fit"}},
		{"shortened", "<url>" + page + "?q={subject}</url>", func(s *screenpop.Scope) { s.Request.Subject = string(make([]byte, 5000)) },
			screenpop.Pop{State: screenpop.PopPending, Title: "crm.example.com", FrameKey: page, Shortened: true}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := call()
			if tt.change != nil {
				tt.change(&s)
			}
			got := popups(t, in(tt.src))[0].Pop(s)
			seen := screenpop.Pop{State: got.State, Title: got.Title, URL: got.URL, Text: got.Text, FrameKey: got.FrameKey, Detail: got.Detail, Via: got.Via, Shortened: got.Shortened, Command: got.Command, Vars: got.Vars}
			if got.Shortened {
				seen.URL = ""
			}
			if diff := cmp.Diff(tt.want, seen); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestVariables(t *testing.T) {
	s := call()
	want := map[string]string{"request_id": "c-8f2", "event_id": "evt-81", "trigger": "ringing", "channel": "voice", "direction": "in",
		"agent": "anna@acme.example", "agent_name": "Anna", "anum": "+47 22 33 44 55", "dnis": "21898989", "queue_key": "sales",
		"customer_key": "k7", "subject": "s & t", "name": "Kari", "url": "https://mail.example.com/m/7", "time": "2026-11-22T10:15:29Z",
		"customer_number": "12345"}
	for _, name := range append([]string{"customer_number"}, screenpop.Variables...) {
		if got, ok := s.Variable(name); !ok || got != want[name] || got == "" {
			t.Errorf("Variable(%q) = %q, %v, want %q", name, got, ok, want[name])
		}
	}
	if got, ok := s.Variable("none"); ok || got != "" {
		t.Errorf("Variable(none) = %q, %v", got, ok)
	}
	s.Event.Time = time.Time{}
	if got, _ := s.Variable("time"); got != "2026-11-22T10:15:30Z" {
		t.Errorf("without a time of its own, the event's is %q", got)
	}
}

func TestOnce(t *testing.T) {
	p := popups(t, in("<clipboard id='a' on='ringing accepted'>x</clipboard><clipboard id='b' again='yes'>x</clipboard>"))
	first, second := call(), call()
	second.Event.ID = "evt-82"
	if a, b := p[0].Once(first), p[0].Once(second); a != b || a != "tenant:a" {
		t.Errorf("Once = %q and %q, want the same for both events", a, b)
	}
	if a, b := p[1].Once(first), p[1].Once(second); a == b || a == p[1].Key() {
		t.Errorf("Once with again = %q and %q, want two", a, b)
	}
}

func TestCommandHasLessTimeThanAPage(t *testing.T) {
	for channel, want := range map[screenpop.Channel]time.Duration{screenpop.Voice: 15 * time.Second, screenpop.Email: 15 * time.Second} {
		s := call()
		s.Request.Channel = channel
		p := popups(t, in("<command name='a'/>"))[0].Pop(s)
		if got := p.ExpiresAt.Sub(p.CreatedAt); got != want || p.TTLms != want.Milliseconds() {
			t.Errorf("%s: a command may wait %v (%d ms), want %v", channel, got, p.TTLms, want)
		}
	}
}
