package urltemplate

import (
	"slices"
	"strings"
)

// Values is what a template is expanded with.
type Values struct {
	// Lookup returns the value of a variable, and false for one it does not know;
	// both that and an empty value expand to nothing. Bytes that are not UTF-8
	// become U+FFFD.
	Lookup func(name string) (string, bool)
	// Numbers is used by e164 and national. Without it they keep the digits and
	// a leading +.
	Numbers Numbers
	// Hosts reports whether {url} may lead to a host: in lower case, with :port
	// where that is not its scheme's own, an IPv6 address in brackets. Without it
	// no host may be led to.
	Hosts func(host string) bool
}

// Part is a piece of a result: literal text of the template, or the escaped
// value of Variable.
type Part struct {
	Text     string
	Variable string // "" for literal text
}

// Result is an expanded template. Its parts joined are its text. Shortened says
// that a value was cut to fit MaxValue, MaxText or MaxURL.
type Result struct {
	Text      string
	Parts     []Part
	Shortened bool
	Origin    string // scheme://host[:port] of a URL, {url} alone included
}

// SkipError says why a template must not be expanded with these values. Reason
// is a sentence for people that names the variable.
type SkipError struct {
	Variable string
	Reason   string
}

// Error returns the reason.
func (e *SkipError) Error() string { return e.Reason }

// Expand returns the template with the values in it. The only error is a
// *SkipError: a |required variable is empty, a value would make a path segment
// "." or "..", or the value of {url} is no URL that may be opened.
func (t *Template) Expand(v Values) (Result, error) {
	values := make([]string, 0, 8)
	for _, n := range t.nodes {
		if n.use == nil {
			continue
		}
		s, err := n.use.value(v)
		if err != nil {
			return Result{}, err
		}
		if t.kind == Header && hasControl(s) {
			return Result{}, &SkipError{Variable: n.use.name,
				Reason: "the value of " + n.use.name + " holds a line break or another control character, which no header can"}
		}
		values = append(values, s)
	}
	if t.whole {
		return expandWhole(values[0], v.Hosts)
	}
	// Values at their full length rarely make too long a text. Where they do, all
	// are cut shorter until it fits; without them it does, Parse has seen to that.
	out, ends := t.render(values, MaxValue)
	limit := MaxValue
	for ; len(out) > t.kind.max(); limit /= 2 {
		out, ends = t.render(values, limit/2)
	}
	res := t.result(string(out), ends)
	for _, s := range values {
		res.Shortened = res.Shortened || len(s) > limit
	}
	if (t.kind == Text || t.kind == Header) && !t.hasSecret() { // beside which space may mean something
		trimParts(&res)
	}
	if err := t.checkSegments(res); err != nil {
		return Result{}, err
	}
	return res, nil
}

// render returns the text with every value cut to limit bytes, and where each
// node ends in it.
func (t *Template) render(values []string, limit int) (out []byte, ends []int) {
	out = make([]byte, 0, 256)
	ends = make([]int, 0, len(t.nodes))
	for _, n := range t.nodes {
		if n.use == nil {
			out = append(out, n.out...)
		} else {
			out = t.kind.escape(out, cut(values[0], limit))
			values = values[1:]
		}
		ends = append(ends, len(out))
	}
	return out, ends
}

func (t *Template) result(text string, ends []int) Result {
	res := Result{Text: text, Parts: make([]Part, len(t.nodes)), Origin: t.origin}
	from := 0
	for i, n := range t.nodes {
		res.Parts[i].Text = text[from:ends[i]]
		if n.use != nil {
			res.Parts[i].Variable = n.use.name
		}
		from = ends[i]
	}
	return res
}

func (t *Template) hasSecret() bool {
	return slices.ContainsFunc(t.nodes, func(n node) bool { return n.use != nil && SecretOf(n.use.name) != "" })
}

// trimParts takes the space around the text away.
func trimParts(res *Result) {
	left := len(res.Text) - len(strings.TrimLeft(res.Text, " "))
	right := len(strings.TrimRight(res.Text, " "))
	right = max(left, right)
	at := 0
	for i, p := range res.Parts {
		from, to := min(max(at, left), right), max(min(at+len(p.Text), right), left)
		at += len(p.Text)
		res.Parts[i].Text = res.Text[from:to]
	}
	res.Text = res.Text[left:right]
}

// checkSegments refuses a URL in which a value has made a path segment that
// browsers would resolve. Segments without a value were looked at by Parse.
func (t *Template) checkSegments(res Result) error {
	if t.origin == "" {
		return nil
	}
	at := 0
	for i, n := range t.nodes {
		end := at + len(res.Parts[i].Text)
		if n.use != nil && n.path {
			from, to := strings.LastIndexByte(res.Text[:at], '/')+1, len(res.Text)
			if n := strings.IndexAny(res.Text[end:], "/?#"); n >= 0 {
				to = end + n
			}
			if isDots(res.Text[from:to]) {
				return &SkipError{Variable: n.use.name,
					Reason: "variable " + n.use.name + " would make the path segment " + quote(res.Text[from:to])}
			}
		}
		at = end
	}
	return nil
}
