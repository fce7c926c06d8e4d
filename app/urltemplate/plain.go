package urltemplate

import "unicode/utf8"

// hasControl reports whether s holds what cannot stand in the value of a header.
func hasControl(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] == 0x7f {
			return true
		}
	}
	return false
}

// plain compiles the pieces of text, a header's value, a form value or a JSON
// string: literal text is text like the values and is escaped as they are.
func (p *parser) plain(t *Template, pieces []piece) {
	for _, piece := range pieces {
		if piece.use != nil {
			t.nodes = append(t.nodes, node{use: piece.use})
			continue
		}
		if p.kind == Header && hasControl(piece.text) {
			p.fault(piece.off, "a line break or another control character in a header", "write it in one line")
		}
		t.literal(piece.text, string(p.kind.escape(nil, piece.text)))
	}
}

// argv compiles the pieces of an argument. Its literal text is structure; what is
// special to no query is percent-encoded, so that a program that decodes the
// argument gets it back.
func (p *parser) argv(t *Template, pieces []piece) {
	w := &walker{fault: p.fault, pos: inQueryOf}
	begun := false // by literal text; before it values may be empty
	for i, piece := range pieces {
		if piece.use != nil {
			t.nodes = append(t.nodes, node{use: piece.use})
			continue
		}
		out := p.argument(w, piece)
		if option := out != "" && (out[0] == '-' || out[0] == '/'); option && i == 0 {
			p.fault(piece.off, "an argument that begins with "+out[:1], "begin with a name, as anum={anum}; options belong to the mapping on the PC")
		} else if option && !begun {
			out = string(percent(nil, out[0])) + out[1:]
		}
		begun = true
		t.literal(out, out)
	}
}

func (p *parser) argument(w *walker, piece piece) string {
	var out []byte
	for i := 0; i < len(piece.text); {
		c, n := piece.text[i], 1
		switch {
		case inQuery.has(c):
			out = append(out, c)
		case c == '%':
			n = w.triplet(piece.text[i:], piece.off+i)
			out = append(out, piece.text[i:i+n]...)
		case c < ' ' || c == 0x7f:
			p.fault(piece.off+i, "the control character "+character(rune(c)), "remove it")
		case c >= utf8.RuneSelf:
			out, n = w.beyond(out, piece.text[i:], piece.off+i)
		default:
			out = percent(out, c)
		}
		i += n
	}
	return string(out)
}
