package screenpop

import (
	"slices"
	"strconv"
	"strings"

	"github.com/crmpop/crmpop/app/urltemplate"
)

// readPopup reads one popup.
func (c *compiler) readPopup(e *element) {
	c.position++
	p := &Popup{ID: strconv.Itoa(c.position), Kind: Kind(e.name)}
	p.Line, p.Column = c.lineOf(e.off)
	c.id(e, p)
	c.report.popup = p.ID
	c.read = append(c.read, popupRange{e.off, e.end, p.ID})
	defer func() { c.report.popup = "" }()
	c.attributes(e, e.name)
	p.On = list(c, e, "on", Triggers)
	p.Channels = list(c, e, "channel", Channels)
	p.Queues = c.globs(e)
	p.Direction = choice[Direction](c, e, "direction")
	p.Again = choice[string](c, e, "again") == "yes"
	children := c.children(e, e.name)
	for _, child := range children {
		if child.name == "when" {
			c.when(child, p)
		}
	}
	switch p.Kind {
	case KindURL:
		c.url(e, p)
	case KindClipboard:
		c.clipboard(e, p)
	case KindWebRequest:
		c.webRequest(e, p, children)
	case KindCommand:
		c.command(e, p)
	}
	c.doc.Items = append(c.doc.Items, Item{Popup: p})
}

// id reads the id and sees that no other popup has it, explicit or by position.
func (c *compiler) id(e *element, p *Popup) {
	a := e.attr("id")
	at := e.off
	if a != nil && a.value != nil {
		at = a.off
		if !isWord(a.value.s, 64, "._-") {
			c.fault(a.value.offset(0), "the id "+quote(a.value.s), "an id holds letters, digits, . _ and -, at most 64")
			return
		}
		p.ID = a.value.s
	}
	if first, taken := c.ids[p.ID]; taken {
		line, _ := c.lineOf(first)
		c.fault(at, "the id "+quote(p.ID)+" a second time (the popup in line "+itoa(line)+" has it)", "give this popup another id")
		return
	}
	c.ids[p.ID] = e.off
}

func (c *compiler) clipboard(e *element, p *Popup) {
	t := c.value(e)
	if t == nil {
		return
	}
	if strings.Trim(t.s, xmlSpace) == "" {
		c.fault(e.off, "<clipboard> without a text", "write what to copy, as <clipboard>{anum}</clipboard>")
		return
	}
	p.Text = c.template(urltemplate.Text, t)
}

// when reads a condition.
func (c *compiler) when(e *element, p *Popup) {
	c.attributes(e, "when")
	c.empty(e)
	var w Condition
	ops := 0
	for _, op := range comparisons {
		if a := e.attr(op); a != nil {
			ops++
			w.Op = op
			if a.value != nil {
				w.Value = a.value.s
			}
		}
	}
	if ops != 1 {
		c.fault(e.off, "<when> with "+itoa(ops)+" comparisons", `write one of is="…", not="…" and matches="…"; several <when> must all hold`)
	}
	switch a := e.attr("variable"); {
	case a == nil:
		c.fault(e.off, "<when> without a variable", `write variable="queue_key"`)
	case a.value == nil:
	case !urltemplate.ValidName(a.value.s):
		name := strings.Trim(a.value.s, "{} ")
		cure := "a name holds letters, digits, _ . and -"
		if urltemplate.ValidName(name) {
			cure = `write variable="` + name + `"`
		}
		c.fault(a.value.offset(0), "the variable name "+quote(a.value.s), cure)
	case slices.Contains(ofEvent, a.value.s):
		c.fault(a.value.offset(0), "a condition on {"+a.value.s+"}", "conditions look at the request: "+strings.Join(requestVariables(), ", ")+" and its own variables")
	default:
		w.Variable = a.value.s
		if !slices.Contains(Variables, w.Variable) {
			c.unknownVariable(a.value.offset(0), w.Variable)
		}
	}
	p.When = append(p.When, w)
}

func requestVariables() []string {
	return slices.DeleteFunc(slices.Clone(Variables), func(v string) bool { return slices.Contains(ofEvent, v) })
}

// isWord reports whether s holds 1 to most ASCII letters, digits and characters
// of extra.
func isWord(s string, most int, extra string) bool {
	for i := range len(s) {
		if c := s[i]; !(c|0x20 >= 'a' && c|0x20 <= 'z') && !isDigitByte(c) && strings.IndexByte(extra, c) < 0 {
			return false
		}
	}
	return s != "" && len(s) <= most
}
