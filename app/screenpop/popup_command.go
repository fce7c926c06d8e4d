package screenpop

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/crmpop/crmpop/app/urltemplate"
)

// MaxVars is how many values a command may have, and MaxVarsSize how long they
// may be together, in bytes, once they are filled in.
const (
	MaxVars     = 16
	MaxVarsSize = 4 << 10
)

// Pairs returns the values of a command as they are written, but for entities:
// "anum={anum}&queue_key={queue_key}".
func (p *Popup) Pairs() string {
	parts := make([]string, len(p.Vars))
	for i, f := range p.Vars {
		parts[i] = f.Name + "="
		if f.Value != nil {
			parts[i] += f.Value.String()
		}
	}
	return strings.Join(parts, "&")
}

// ttl returns how long a pop of the popup may do its work by itself. A command
// that starts late surprises whoever is at the PC.
func (p *Popup) ttl(c Channel) time.Duration {
	if p.Kind == KindCommand {
		return min(CommandTTL, TTL(c))
	}
	return TTL(c)
}

// vars returns the values of a command. They are as plain as the clipboard's
// text; the PC judges them once more, each by its own pattern.
func (p *Popup) vars(v urltemplate.Values) (vars []Var, shortened bool, err error) {
	size := 0
	for _, f := range p.Vars {
		one := Var{Name: f.Name}
		if f.Value != nil {
			res, err := f.Value.Expand(v)
			if err != nil {
				return nil, false, err
			}
			one.Value = cutText(res.Text, urltemplate.MaxValue)
			shortened = shortened || res.Shortened || one.Value != res.Text
		}
		vars = append(vars, one)
		size += len(one.Name) + len(one.Value)
	}
	if size > MaxVarsSize {
		return nil, false, &urltemplate.SkipError{Reason: "the command's values are " + itoa(size) + " bytes long together; at most " + itoa(MaxVarsSize) + " fit"}
	}
	return vars, shortened, nil
}

// cutText returns the longest beginning of s that ends at a character and has at
// most limit bytes.
func cutText(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return s[:limit]
}

// argument returns a template of the one argument that a PC makes of the values
// unless its mapping says otherwise: each value percent-encoded behind its name.
// It is nil for a command without values.
func (p *Popup) argument() *urltemplate.Template {
	parts := make([]string, len(p.Vars))
	for i, f := range p.Vars {
		parts[i] = f.Name + "={" + f.Name + "}"
	}
	if len(parts) == 0 {
		return nil
	}
	t, _ := urltemplate.Parse(urltemplate.Argv, strings.Join(parts, "&")) // names are checked when the document is read
	return t
}
