package screenpop

import (
	"strings"
	"time"

	"github.com/crmpop/crmpop/app/urltemplate"
)

// Letter is a web request that is made of an event: all of it but its secrets,
// which only its sender knows. It is kept in the outbox as JSON.
type Letter struct {
	Method   string         `json:"method"`
	URL      string         `json:"url"`
	Address  string         `json:"address"` // the template of URL: what lists and logs may show
	Headers  []LetterHeader `json:"headers,omitempty"`
	Type     string         `json:"type,omitempty"` // the media type of Body; "" for none
	Body     Ink            `json:"body,omitempty"`
	Reply    string         `json:"reply,omitempty"`    // ReplyJSON, or ""
	Fallback *Pop           `json:"fallback,omitempty"` // what pops where no usable reply comes in time
	Until    time.Time      `json:"until,omitzero"`     // how long it is tried

	// Of its pop, for what its answer asks for, and for lists.
	PopupID string    `json:"popup_id"`
	EventID string    `json:"event_id"`
	Trigger Trigger   `json:"trigger"`
	Title   string    `json:"title,omitempty"`
	Opens   time.Time `json:"opens,omitzero"` // until when a page of its answer may open by itself
}

// LetterHeader is a header of a Letter.
type LetterHeader struct {
	Name  string `json:"name"`
	Value Ink    `json:"value"`
}

// Ink is text with places for secrets.
type Ink []Run

// Run is a piece of Ink: text as it is sent, or the place of a secret, which is
// escaped as Kind wants it.
type Run struct {
	Text   string           `json:"text,omitempty"`
	Secret string           `json:"secret,omitempty"`
	Kind   urltemplate.Kind `json:"kind,omitempty"`
}

// MaxLetter is the most bytes that the body of a web request has, before its
// secrets are filled in.
const MaxLetter = 64 << 10

// LetterTries is how long a web request is tried that goes out at the end of a
// request: nobody waits for it, and the CRM should have it once it is up again.
const LetterTries = 24 * time.Hour

// ByServer reports whether the server itself does what the pop asks for: no
// workspace has a part in it, and no hangup ends it.
func (p *Pop) ByServer() bool {
	return p.Kind == KindWebRequest || p.Kind == KindURL && p.Via == ViaServer
}

// Letter returns what the popup sends for an event, and nil for a popup that
// sends nothing from the server. The error says what stops it.
func (p *Popup) Letter(s Scope) (*Letter, error) {
	v := s.values()
	l := &Letter{Method: "GET", Until: s.Now.Add(p.tries(s)), PopupID: p.Key(), EventID: s.Event.ID, Trigger: s.Event.Type,
		Opens: s.Now.Add(TTL(s.Request.Channel))}
	switch {
	case p.Kind == KindURL && p.Via == ViaServer:
		res, err := p.URL.Expand(v)
		l.URL, l.Address = res.Text, p.URL.String()
		return l, err
	case p.Kind != KindWebRequest:
		return nil, nil
	}
	res, err := p.Href.Expand(v)
	if err != nil {
		return nil, err
	}
	l.Method, l.URL, l.Address, l.Reply = p.Method, res.Text, p.Href.String(), p.Reply
	for _, h := range p.Headers {
		value, err := inkOf(h.Value, v)
		if err != nil {
			return nil, err
		}
		l.Headers = append(l.Headers, LetterHeader{Name: h.Name, Value: value})
	}
	if err := p.write(l, v); err != nil {
		return nil, err
	}
	if p.Fallback != nil {
		l.Fallback = p.fallbackPop(s)
	}
	return l, nil
}

// tries returns how long the popup's sending is tried on an event.
func (p *Popup) tries(s Scope) time.Duration {
	if s.Event.Type == Hangup || s.Event.Type == Closed {
		return LetterTries
	}
	return TTL(s.Request.Channel)
}

// write puts the fields where the method and the format want them.
func (p *Popup) write(l *Letter, v urltemplate.Values) error {
	body := Ink{}
	for i, f := range p.Fields {
		value, err := inkOf(f.Value, v)
		if err != nil {
			return err
		}
		switch p.Format {
		case FormatForm:
			body = append(body, Run{Text: pick(i > 0, "&", "") + urltemplate.Form.Escape(f.Name) + "="})
		case FormatJSON:
			body = append(body, Run{Text: pick(i > 0, `",`, `{`) + `"` + urltemplate.JSON.Escape(f.Name) + `":"`})
		}
		body = append(body, value...)
	}
	l.Type = map[string]string{FormatForm: "application/x-www-form-urlencoded", FormatJSON: "application/json", FormatBody: "text/plain; charset=utf-8"}[p.Format]
	if p.Format == FormatJSON {
		body = append(body, Run{Text: pick(len(p.Fields) > 0, `"}`, "{}")})
	}
	body = body.joined()
	if size := len(body.Masked()); size > MaxLetter {
		return &urltemplate.SkipError{Reason: "the web request would have " + itoa(size) + " bytes; at most " + itoa(MaxLetter) + " are sent"}
	}
	if p.Method != "GET" {
		l.Body = body
		return nil
	}
	l.Type = ""
	return l.ask(body.Masked()) // a GET has no secrets in its fields
}

// ask puts fields into the query of the address.
func (l *Letter) ask(query string) error {
	address, _, _ := strings.Cut(l.URL, "#") // which is not sent
	if query != "" {
		mark := "?"
		if strings.Contains(address, "?") {
			mark = pick(strings.HasSuffix(address, "?") || strings.HasSuffix(address, "&"), "", "&")
		}
		address += mark + query
	}
	if len(address) > urltemplate.MaxURL {
		return &urltemplate.SkipError{Reason: "the address would have " + itoa(len(address)) + " bytes with its variables; at most " + itoa(urltemplate.MaxURL) + " are sent"}
	}
	l.URL = address
	return nil
}

// fallbackPop returns the page that pops where no usable reply comes in time.
func (p *Popup) fallbackPop(s Scope) *Pop {
	f := *p.Fallback
	f.ID, f.Level = p.ID, p.Level
	pop := f.Pop(s)
	pop.From = pop.ID
	pop.ID = PopID(s.Tenant, s.Source, s.Event.ID, p.Key()+"/fallback", s.Agent.ID)
	return &pop
}

// inkOf expands a template that may hold secrets.
func inkOf(t *urltemplate.Template, v urltemplate.Values) (Ink, error) {
	res, err := t.Expand(v)
	if err != nil {
		return nil, err
	}
	var ink Ink
	for _, part := range res.Parts {
		if name := urltemplate.SecretOf(part.Variable); name != "" {
			ink = append(ink, Run{Secret: name, Kind: t.Kind()})
		} else {
			ink = append(ink, Run{Text: part.Text})
		}
	}
	return ink.joined(), nil
}

// joined returns the ink with neighbouring texts in one run.
func (k Ink) joined() Ink {
	var out Ink
	for _, r := range k {
		switch n := len(out); {
		case r.Secret == "" && r.Text == "":
		case r.Secret == "" && n > 0 && out[n-1].Secret == "":
			out[n-1].Text += r.Text
		default:
			out = append(out, r)
		}
	}
	return out
}

// Fill returns the text with its secrets in it. The error is what secret says of
// one that it does not give.
func (k Ink) Fill(secret func(name string) (string, error)) (string, error) {
	var b strings.Builder
	for _, r := range k {
		b.WriteString(r.Text)
		if r.Secret == "" {
			continue
		}
		value, err := secret(r.Secret)
		if err != nil {
			return "", err
		}
		b.WriteString(r.Kind.Escape(value))
	}
	return b.String(), nil
}

// Masked returns the text with the names of its secrets in their place, for
// people.
func (k Ink) Masked() string {
	var b strings.Builder
	for _, r := range k {
		b.WriteString(r.Text)
		if r.Secret != "" {
			b.WriteString("{secret:" + r.Secret + "}")
		}
	}
	return b.String()
}

// Secrets returns the names of the secrets in a letter, each once.
func (l *Letter) Secrets() []string {
	var names []string
	for _, k := range append([]Ink{l.Body}, l.headerInk()...) {
		for _, r := range k {
			if r.Secret != "" && !oneOf(r.Secret, names) {
				names = append(names, r.Secret)
			}
		}
	}
	return names
}

func (l *Letter) headerInk() []Ink {
	all := make([]Ink, len(l.Headers))
	for i, h := range l.Headers {
		all[i] = h.Value
	}
	return all
}

func pick(is bool, yes, no string) string {
	if is {
		return yes
	}
	return no
}

// Host returns the host that the letter goes to, with its port unless that is
// its scheme's own.
func (l *Letter) Host() string {
	_, rest, _ := strings.Cut(l.URL, "://")
	if n := strings.IndexAny(rest, "/?#"); n >= 0 {
		rest = rest[:n]
	}
	return rest
}
