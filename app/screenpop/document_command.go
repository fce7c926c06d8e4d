package screenpop

import (
	"strings"

	"github.com/crmpop/crmpop/app/urltemplate"
)

// pairsCure is what to write where a command's text is no list of values.
const pairsCure = "write name=value, several joined by &amp;, as anum={anum}&amp;queue_key={queue_key}"

func (c *compiler) command(e *element, p *Popup) {
	switch a := e.attr("name"); {
	case a == nil:
		c.fault(e.off, "<command> without a name", `write name="…", the name that the PC maps to a program`)
	case a.value == nil:
	case !isCommandName(a.value.s):
		c.fault(a.value.offset(0), "the command name "+quote(a.value.s), "a command's name holds a-z, 0-9, _ and -, at most 32; it is no path")
	default:
		p.Name = a.value.s
	}
	t := c.value(e)
	if t == nil {
		return
	}
	s, lead := t.trim()
	for at := lead; s != ""; {
		n := pairEnd(s)
		c.pair(t.part(at, at+n), p)
		if n == len(s) {
			break
		}
		at, s = at+n+1, s[n+1:]
		if s == "" {
			c.fault(t.offset(at-1), "an & with nothing behind it", "remove it, or write name=value behind it")
		}
	}
	if len(p.Vars) > MaxVars {
		c.fault(e.off, "a command with "+itoa(len(p.Vars))+" values", "at most "+itoa(MaxVars)+" are allowed")
	}
}

// pairEnd returns where the first & of s stands that is not between braces,
// the end of s if there is none.
func pairEnd(s string) int {
	within := false
	for i := 0; i < len(s); i++ {
		switch doubled := i+1 < len(s) && s[i+1] == s[i]; {
		case (s[i] == '{' || s[i] == '}') && doubled && !within: // the character itself
			i++
		case s[i] == '{':
			within = true
		case s[i] == '}':
			within = false
		case s[i] == '&' && !within:
			return i
		}
	}
	return len(s)
}

// pair reads one name=value.
func (c *compiler) pair(t *text, p *Popup) {
	name, _, found := strings.Cut(t.s, "=")
	name = strings.Trim(name, xmlSpace)
	switch at := t.offset(leadingSpace(t.s)); {
	case strings.HasPrefix(name, "-") || strings.HasPrefix(name, "/"):
		c.fault(at, "an argument that begins with "+name[:1], "begin with a name, as anum={anum}; options belong to the mapping on the PC")
	case !found || name == "":
		c.fault(at, "the text "+quote(t.s)+" where name=value belongs", pairsCure)
	case !urltemplate.ValidName(name):
		c.fault(at, "the name "+quote(name)+" of a command's value", "a name holds letters, digits, _ . and - and begins with a letter or _; only values hold {variables}")
	case named(p.Vars, name):
		c.fault(at, "the value "+quote(name)+" a second time", "keep one of them")
	default:
		from := strings.IndexByte(t.s, '=') + 1
		p.Vars = append(p.Vars, Field{Name: name, Value: c.template(urltemplate.Text, t.part(from, len(t.s)))})
	}
}

func named(fields []Field, name string) bool {
	for _, f := range fields {
		if f.Name == name {
			return true
		}
	}
	return false
}

func isCommandName(s string) bool { return isWord(s, 32, "_-") && s == strings.ToLower(s) }
