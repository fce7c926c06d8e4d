package screenpop

import (
	"slices"
	"strings"

	"github.com/crmpop/crmpop/app/urltemplate"
)

// Explanation says what a popup makes of an event and why, for the test console
// and the command line. Expansions, Title, State and Detail are there also for
// a popup that does not match: then they are what would be.
type Explanation struct {
	Popup      string        `json:"popup"` // its id in its document
	Level      string        `json:"level,omitempty"`
	Kind       Kind          `json:"kind"`
	Line       int           `json:"line"`
	Column     int           `json:"column"`
	Matched    bool          `json:"matched"`
	Why        string        `json:"why"` // as Match says it
	Variables  []VariableUse `json:"variables"`
	Expansions []Expansion   `json:"expansions"`
	Title      string        `json:"title"`
	Target     string        `json:"target,omitempty"`
	State      PopState      `json:"state"`            // PopPending, or PopSkipped
	Detail     string        `json:"detail,omitempty"` // why it is skipped
	Request    *DryLetter    `json:"request,omitempty"`
}

// DryLetter is what the server would send for a popup, as it would be sent but
// for the secrets, which stand there by their names. What the server adds itself
// is left out: the Idempotency-Key and the signature.
type DryLetter struct {
	Method  string      `json:"method"`
	URL     string      `json:"url"`
	Headers []DryHeader `json:"headers"`
	Body    string      `json:"body,omitempty"`
	Secrets []string    `json:"secrets,omitempty"`
}

// DryHeader is a header of a DryLetter.
type DryHeader struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// VariableUse is one way in which a popup uses a variable, in a template or a
// condition, however often it does. Raw is the value as it is known, Value what
// the transforms make of it, as one line of text, before it is escaped.
type VariableUse struct {
	Name       string   `json:"name"`
	Transforms []string `json:"transforms,omitempty"` // in source form: "last:8"
	Source     Source   `json:"source"`
	Raw        string   `json:"raw"`
	Value      string   `json:"value"`
}

// String returns the use as it is written: "{anum|e164}".
func (u VariableUse) String() string {
	return "{" + strings.Join(append([]string{u.Name}, u.Transforms...), "|") + "}"
}

// Source says where a variable's value comes from.
type Source string

// The sources.
const (
	SourceEvent     Source = "event"     // the event says so
	SourceRequest   Source = "request"   // the event does not; it is known of the request
	SourceVariables Source = "variables" // the request's own variables
	SourceBuiltIn   Source = "built in"  // the product knows: the agent's name, the time of receipt
	SourceDefault   Source = "default"   // the value is empty, |default says what stands in for it
	SourceMissing   Source = "missing"   // nobody says; it is empty
)

// Expansion is one template of a popup and what comes out of it. Stopped says
// why nothing does.
type Expansion struct {
	Of        string  `json:"of"` // "title", "url", "text", "href", "header NAME", "variable NAME", "fallback title", "fallback url", "value NAME" or "argument"
	Template  string  `json:"template"`
	Result    string  `json:"result"`
	Parts     []Piece `json:"parts,omitempty"`
	Shortened bool    `json:"shortened,omitempty"`
	Stopped   string  `json:"stopped,omitempty"`
}

// Piece is a part of a result: literal text of the template, or the escaped
// value of Variable.
type Piece struct {
	Text     string `json:"text"`
	Variable string `json:"variable,omitempty"`
}

// Explain returns what popup p makes of the event in s. Like Match and Pop, on
// which it rests, it depends on nothing but the two.
func Explain(p *Popup, s Scope) Explanation {
	pop := p.Pop(s)
	e := Explanation{Popup: p.ID, Level: p.Level, Kind: p.Kind, Line: p.Line, Column: p.Column,
		Variables: []VariableUse{}, Expansions: []Expansion{},
		Title: pop.Title, Target: p.Target, State: pop.State, Detail: pop.Detail}
	e.Matched, e.Why = p.Match(s.Event.Type, s.Request)
	for _, c := range p.When {
		e.use(s, VariableUse{Name: c.Variable})
	}
	e.expand(s, "title", p.Title)
	e.expand(s, "url", p.URL)
	e.expand(s, "text", p.Text)
	e.expand(s, "href", p.Href)
	for _, h := range p.Headers {
		e.expand(s, "header "+h.Name, h.Value)
	}
	for _, f := range p.Fields {
		e.expand(s, "variable "+f.Name, f.Value)
	}
	if f := p.Fallback; f != nil {
		e.expand(s, "fallback title", f.Title)
		e.expand(s, "fallback url", f.URL)
	}
	if l, err := p.Letter(s); err == nil && l != nil {
		e.Request = l.dry()
	}
	for _, f := range p.Vars {
		e.expand(s, "value "+f.Name, f.Value)
	}
	e.argument(p, pop.Vars)
	return e
}

// argument adds what a PC passes to the program that it maps the command to.
func (e *Explanation) argument(p *Popup, vars []Var) {
	t := p.argument()
	if t == nil || vars == nil {
		return
	}
	x := Expansion{Of: "argument", Template: t.String()}
	res, err := t.Expand(urltemplate.Values{Lookup: func(name string) (string, bool) {
		for _, v := range vars {
			if v.Name == name {
				return v.Value, true
			}
		}
		return "", false
	}})
	if err != nil {
		x.Stopped = err.Error()
	}
	e.add(x, res)
}

// dry returns the letter as people may see it.
func (l *Letter) dry() *DryLetter {
	d := &DryLetter{Method: l.Method, URL: l.URL, Headers: []DryHeader{}, Body: l.Body.Masked(), Secrets: l.Secrets()}
	for _, h := range l.Headers {
		d.Headers = append(d.Headers, DryHeader{h.Name, h.Value.Masked()})
	}
	if l.Type != "" {
		d.Headers = append(d.Headers, DryHeader{"Content-Type", l.Type})
	}
	return d
}

func (e *Explanation) expand(s Scope, of string, t *urltemplate.Template) {
	if t == nil {
		return
	}
	for _, u := range t.Variables() {
		if urltemplate.SecretOf(u.Name) != "" {
			continue // which no event has a value for
		}
		e.use(s, VariableUse{Name: u.Name, Transforms: u.Transforms})
	}
	x := Expansion{Of: of, Template: t.String()}
	res, err := t.Expand(s.values())
	if err != nil {
		x.Stopped = err.Error()
	}
	e.add(x, res)
}

func (e *Explanation) add(x Expansion, res urltemplate.Result) {
	x.Result, x.Shortened = res.Text, res.Shortened
	x.Result = ""
	for _, part := range res.Parts {
		if urltemplate.SecretOf(part.Variable) != "" {
			part.Text = "{" + part.Variable + "}"
		}
		x.Parts = append(x.Parts, Piece(part))
		x.Result += part.Text
	}
	e.Expansions = append(e.Expansions, x)
}

// use adds a use that is not listed yet.
func (e *Explanation) use(s Scope, u VariableUse) {
	if slices.ContainsFunc(e.Variables, func(have VariableUse) bool { return have.String() == u.String() }) {
		return
	}
	u.Source = s.source(u.Name)
	u.Raw, _ = s.Variable(u.Name)
	u.Value = s.transformed(u)
	if u.Value != "" && s.transformed(withoutDefault(u)) == "" {
		u.Source = SourceDefault
	}
	e.Variables = append(e.Variables, u)
}

func withoutDefault(u VariableUse) VariableUse {
	u.Transforms = slices.DeleteFunc(slices.Clone(u.Transforms), func(t string) bool { return strings.HasPrefix(t, "default:") })
	return u
}

// transformed returns the value of a use, "" where |required stops it.
func (s Scope) transformed(u VariableUse) string {
	t, _ := urltemplate.Parse(urltemplate.Text, u.String())
	if t == nil {
		return ""
	}
	res, err := t.Expand(s.values())
	if err != nil {
		return ""
	}
	return res.Text
}

// source says who knows the value of a variable.
func (s Scope) source(name string) Source {
	value, known := s.Variable(name)
	if !known || value == "" {
		return SourceMissing
	}
	if !slices.Contains(Variables, name) {
		return SourceVariables
	}
	switch name {
	case "agent_name":
		return SourceBuiltIn
	case "event_id", "trigger", "agent":
		return SourceEvent
	case "time":
		if s.Event.Time.IsZero() {
			return SourceBuiltIn
		}
		return SourceEvent
	}
	said := Request{}.Apply(s.Event, s.Now)
	if s.Event.Request.Direction == "" {
		said.Direction = "" // it is In by default, not because the event says so
	}
	if v, _ := said.variable(name, s.Event.Type); v == value {
		return SourceEvent
	}
	return SourceRequest
}
