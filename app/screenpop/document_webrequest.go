package screenpop

import (
	"slices"
	"strings"

	"github.com/crmpop/crmpop/app/urltemplate"
)

func (c *compiler) webRequest(e *element, p *Popup, children []*element) {
	p.Method = choice[string](c, e, "method")
	p.Format = choice[string](c, e, "format")
	p.Reply = choice[string](c, e, "reply")
	if a := e.attr("format"); p.Method == "GET" && a != nil && p.Format != FormatForm {
		c.fault(a.off, "format "+quote(p.Format)+" with GET, which has no body", `write method="POST", or leave out format`)
	}
	c.href(e, p)
	c.noText(e, "text in <webrequest>", `put it into <variable name="…">`)
	names, headers := map[string]bool{}, map[string]bool{}
	for _, child := range children {
		switch child.name {
		case "variable":
			c.field(child, p, names)
		case "header":
			c.header(child, p, headers)
		case "url":
			c.fallback(child, p)
		}
	}
	if p.Format == FormatBody && len(names) != 1 {
		c.fault(e.off, `format "body" with `+itoa(len(names))+" variables", "write exactly one <variable>; its text is the body")
	}
}

// href reads where the request goes.
func (c *compiler) href(e *element, p *Popup) {
	a := e.attr("href")
	switch {
	case a == nil:
		c.fault(e.off, "<webrequest> without an address", `write href="https://…"`)
		return
	case a.value == nil:
		return
	}
	p.Href = c.parsed(urltemplate.URL, a.value, parseAddress)
	switch {
	case p.Href == nil:
	case p.Href.Origin() == "":
		c.fault(a.value.offset(0), "{url} as the address of a web request", "write the address in plain letters")
	case c.own != nil && c.own(p.Href.Origin()):
		c.fault(a.value.offset(0), "the address is of this server itself ("+p.Href.Origin()+"), which sends it nothing", "write the address of the CRM")
	}
}

// parseAddress is urltemplate.Parse with the words that fit what no browser opens.
func parseAddress(kind urltemplate.Kind, src string) (*urltemplate.Template, []urltemplate.Fault) {
	t, faults := urltemplate.Parse(kind, src)
	for i := range faults {
		if faults[i].Severity == SeverityWarning && strings.HasPrefix(faults[i].Msg, "http:// is not encrypted") {
			faults[i].Msg = "http:// is not encrypted: whoever stands on the way reads the web request, secrets and all"
		}
	}
	return t, faults
}

func (c *compiler) field(e *element, p *Popup, names map[string]bool) {
	c.attributes(e, "variable")
	c.children(e, "variable")
	f := Field{}
	switch a := e.attr("name"); {
	case a == nil:
		c.fault(e.off, "<variable> without a name", `write name="…"`)
	case a.value == nil:
	case !isWord(a.value.s, 64, "._-[]"):
		c.fault(a.value.offset(0), "the name "+quote(a.value.s), "a name holds letters, digits and . _ - [ ], at most 64")
	case names[a.value.s]:
		c.fault(a.value.offset(0), "the variable "+quote(a.value.s)+" a second time", "keep one of them")
	default:
		f.Name = a.value.s
		names[f.Name] = true
	}
	kind := urltemplate.Form
	switch p.Format {
	case FormatJSON:
		kind = urltemplate.JSON
	case FormatBody:
		kind = urltemplate.Text
	}
	if t := c.value(e); t != nil && p.Method == "GET" { // it becomes part of the address
		f.Value = c.template(kind, t)
	} else if t != nil {
		f.Value = c.secretTemplate(kind, t)
	}
	p.Fields = append(p.Fields, f)
}

// ownHeaders are those that the server itself writes, in lower case. What the
// body is goes by its format: a body that says to be something else would have
// values in it that are not escaped for that.
var ownHeaders = []string{"host", "content-length", "content-type", "content-encoding", "transfer-encoding", "connection", "keep-alive",
	"upgrade", "te", "trailer", "expect", "accept-encoding", "idempotency-key", "webhook-id", "webhook-timestamp", "webhook-signature"}

func (c *compiler) header(e *element, p *Popup, names map[string]bool) {
	c.attributes(e, "header")
	c.children(e, "header")
	f := Field{}
	switch a := e.attr("name"); {
	case a == nil:
		c.fault(e.off, "<header> without a name", `write name="Authorization"`)
	case a.value == nil:
	case !isWord(a.value.s, 64, "-_"):
		c.fault(a.value.offset(0), "the header name "+quote(a.value.s), "a header's name holds letters, digits, - and _, at most 64; variables never stand in it")
	case slices.Contains(ownHeaders, strings.ToLower(a.value.s)), strings.HasPrefix(strings.ToLower(a.value.s), "proxy-"):
		c.fault(a.value.offset(0), "the header "+quote(a.value.s)+", which the server itself writes", "remove it; format says what the body is")
	case names[strings.ToLower(a.value.s)]:
		c.fault(a.value.offset(0), "the header "+quote(a.value.s)+" a second time", "keep one of them")
	default:
		f.Name = a.value.s
		names[strings.ToLower(f.Name)] = true
	}
	switch t := c.value(e); {
	case t == nil:
	case strings.Trim(t.s, xmlSpace) == "":
		c.fault(e.off, "<header> without a value", "write it between <header> and </header>")
	default:
		f.Value = c.secretTemplate(urltemplate.Header, t)
	}
	p.Headers = append(p.Headers, f)
}

// ofFallback are the attributes of a fallback page: how it opens. When it does is
// the web request's matter.
var ofFallback = []string{"target", "title", "focus", "frame", "sandbox", "allow", "probe"}

// fallback reads the page that pops where the answer asks for none in time.
func (c *compiler) fallback(e *element, p *Popup) {
	switch {
	case p.Fallback != nil:
		c.fault(e.off, "a second <url> inside <webrequest>", "keep one; it pops where no usable answer comes in time")
		return
	case p.Reply == "":
		c.fault(e.off, "<url> inside a <webrequest> that waits for no answer", `write reply="json" on the <webrequest>, or move <url> out of it`)
	}
	f := &Popup{Kind: KindURL}
	f.Line, f.Column = c.lineOf(e.off)
	for _, a := range e.attrs {
		if slices.Contains(attributesOf["url"], a.name) && !slices.Contains(ofFallback, a.name) {
			c.fault(a.off, a.name+" on a <url> inside <webrequest>", "remove it; the page pops when the web request's answer fails, and takes "+strings.Join(ofFallback, ", "))
		}
	}
	c.attributes(e, "url")
	for _, child := range c.children(e, "url") {
		c.fault(child.off, "<"+child.name+"> in a <url> inside <webrequest>", "move it into the <webrequest>")
	}
	c.url(e, f)
	f.Visible, f.Via = true, ""
	p.Fallback = f
}
