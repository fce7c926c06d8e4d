package screenpop

import (
	"strings"

	"github.com/crmpop/crmpop/app/urltemplate"
)

// word is one word of an attribute's value, and where it stands in it.
type word struct {
	s  string
	at int
}

func wordsOf(t *text) []word {
	var all []word
	for at := 0; at < len(t.s); {
		at += leadingSpace(t.s[at:])
		n := strings.IndexAny(t.s[at:], xmlSpace)
		if n < 0 {
			n = len(t.s) - at
		}
		if n > 0 {
			all = append(all, word{t.s[at : at+n], at})
		}
		at += n
	}
	return all
}

// list reads an attribute of space-separated words of known; nil if the element
// has none.
func list[T ~string](c *compiler, e *element, name string, known []T) []T {
	a := e.attr(name)
	if a == nil || a.value == nil {
		return nil
	}
	var all []T
	for _, w := range wordsOf(a.value) {
		v := T(w.s)
		switch {
		case !oneOf(v, known):
			c.fault(a.value.offset(w.at), "unknown word "+quote(w.s)+" in "+name, wordCure(w.s, strs(known)))
		case oneOf(v, all):
			c.fault(a.value.offset(w.at), quote(w.s)+" a second time in "+name, "remove it")
		default:
			all = append(all, v)
		}
	}
	if len(wordsOf(a.value)) == 0 {
		c.fault(a.off, name+" without a word", "leave "+name+" out, or write one or more of "+JoinWords(known))
	}
	return all
}

// choice reads an attribute that is one word of its list; its default if the
// element has none, or another.
func choice[T ~string](c *compiler, e *element, name string) T {
	of := choices[name]
	a := e.attr(name)
	if a == nil || a.value == nil {
		return T(of.Default)
	}
	if oneOf(a.value.s, of.Words) {
		return T(a.value.s)
	}
	c.fault(a.value.offset(0), name+" is "+quote(a.value.s), wordCure(a.value.s, of.Words))
	return T(of.Default)
}

func strs[T ~string](all []T) []string {
	out := make([]string, len(all))
	for i, v := range all {
		out[i] = string(v)
	}
	return out
}

// wordCure says what may stand where s does.
func wordCure(s string, known []string) string {
	if strings.ContainsAny(s, ",;|") {
		return "separate words with spaces"
	}
	if near := urltemplate.Nearest(strings.TrimSpace(s), known); near != "" {
		return "did you mean " + near + "?"
	}
	if len(known) == 1 {
		return "there is only " + known[0]
	}
	return "there are " + strings.Join(known, ", ")
}

// globs reads the queue attribute.
func (c *compiler) globs(e *element) []string {
	a := e.attr("queue")
	if a == nil || a.value == nil {
		return nil
	}
	var all []string
	for _, w := range wordsOf(a.value) {
		if strings.ContainsAny(w.s, ",;|") {
			c.warn(a.value.offset(w.at), "the queue "+quote(w.s)+" holds "+quote(w.s[strings.IndexAny(w.s, ",;|"):][:1]), "separate queues with spaces")
		}
		all = append(all, w.s)
	}
	if len(all) == 0 {
		c.fault(a.off, "queue without a word", "leave queue out, or write one or more queue keys; * stands for any characters")
	}
	return all
}
