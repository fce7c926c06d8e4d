package screenpop_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// FuzzEdit: of whatever document, the places lie inside of it and of one
// another, the findings are the parser's, and an edit that is taken does what it
// says and nothing else.
func FuzzEdit(f *testing.F) {
	for i, src := range documents(f) {
		f.Add(src, "a <b> & ]]> 'c' \"d\"", uint(i), uint(i))
	}
	f.Add(in("<url title='a' title='b'>x<?p ?>y<![CDATA[z]]></url></when><clipboard>a</clipbord>"), "\r\n", uint(0), uint(1))
	f.Add(in("<url>a < b<!-- c --></url><!-- d -->\r<inherit/>"), "&#13;", uint(1), uint(2))
	f.Fuzz(func(t *testing.T, src, value string, which, kind uint) {
		places, findings := screenpop.Outline([]byte(src))
		if _, parsed := screenpop.ParseDocument([]byte(src)); !slices.EqualFunc(parsed, findings, sameFinding) {
			t.Fatalf("findings %v, ParseDocument has %v", findings, parsed)
		}
		if places == nil {
			return
		}
		checkPlaces(t, src, places, screenpop.Range{From: 0, To: len(src)})
		e := fuzzedEdit(places, value, which, kind)
		b, err := screenpop.Apply([]byte(src), e)
		if err != nil {
			checkRefusal(t, err)
			return
		}
		got := read(mustOutline(t, string(b)))
		want := expected(t, read(places), e)
		settleComments(e, want, got)
		if r, ok := e.(screenpop.RemoveChild); ok && want[r.At.Item].Text == "" {
			got[r.At.Item].Text = "" // what stood in two pieces around the child is one now
		}
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("%#v of\n%q\ngives\n%q\n(-want +got):\n%s", e, src, b, diff)
		}
		if i := item(e); i >= 0 {
			now := mustOutline(t, string(b))[i]
			if src[:places[i].Range.From] != string(b[:now.Range.From]) || src[places[i].Range.To:] != string(b[now.Range.To:]) {
				t.Fatalf("%#v of\n%q\nchanges more than its element:\n%q", e, src, b)
			}
		}
	})
}

// checkPlaces holds places to lie in order inside of a range.
func checkPlaces(t *testing.T, src string, places []screenpop.Place, inside screenpop.Range) {
	t.Helper()
	at := inside.From
	for _, p := range places {
		ok := at <= p.Range.From && p.Range.To <= inside.To && p.Range.From == p.Start.From && p.Start.To <= p.Content.From &&
			p.Content.From <= p.Content.To && p.Content.To <= p.Range.To && strings.HasPrefix(src[p.Range.From:], "<"+p.Element) &&
			src[p.Range.To-1] == '>' && p.Line > 0 && p.Column > 0 && p.CommentRange.To <= p.Range.From
		for _, a := range p.Attributes {
			ok = ok && p.Start.From < a.Range.From && a.Range.From < a.ValueRange.From && a.ValueRange.To == a.Range.To-1 && a.Range.To < p.Start.To &&
				strings.HasPrefix(src[a.Range.From:], a.Name) && src[a.ValueRange.From-1] == src[a.ValueRange.To]
		}
		if p.TextRange != (screenpop.Range{}) {
			ok = ok && p.Content.From <= p.TextRange.From && p.TextRange.From <= p.TextRange.To && p.TextRange.To <= p.Content.To
		}
		if !ok {
			t.Fatalf("the place %+v in %q", p, src)
		}
		checkPlaces(t, src, p.Children, p.Content)
		at = p.Range.To
	}
}

// fuzzedEdit is the kind'th edit on the which'th place.
func fuzzedEdit(places []screenpop.Place, value string, which, kind uint) screenpop.Edit {
	n := uint(len(places))
	if n == 0 || kind%9 == 0 {
		return screenpop.AddPopup{Before: int(which % (n + 1)), XML: newPopups[which%uint(len(newPopups))]}
	}
	i := int(which % n)
	p, at := places[i], screenpop.Spot{Item: i}
	if c := uint(len(p.Children)); c > 0 && kind%2 == 1 {
		at.Child = int(which%c) + 1
		p = p.Children[at.Child-1]
	}
	name := "id"
	if names := attributesOf[p.Element]; len(names) > 0 {
		name = names[kind%uint(len(names))]
	}
	when := screenpop.Condition{Variable: "a", Op: "not", Value: value}
	switch kind % 9 {
	case 1:
		return screenpop.RemovePopup{Item: i, WithComment: which%2 == 0}
	case 2:
		return screenpop.MovePopup{Item: i, To: int(kind % n), WithComment: which%2 == 0}
	case 3:
		return screenpop.AddWhen{Item: i, When: when}
	case 4:
		return screenpop.SetAttribute{At: at, Name: name, Value: value}
	case 5:
		if at.Child > 0 && p.Element == "when" {
			return screenpop.SetWhen{At: at, When: when}
		}
		return screenpop.AddVariable{Item: i, Name: value, Text: value}
	case 6:
		return screenpop.RemoveAttribute{At: at, Name: name}
	case 7:
		return screenpop.RemoveChild{At: at}
	}
	return screenpop.SetText{At: at, Text: value}
}

// checkRefusal: an edit that is refused says so in words.
func checkRefusal(t *testing.T, err error) {
	t.Helper()
	e, ok := err.(*screenpop.Error)
	if !ok || e.Kind == "" || e.Msg == "" || e.Code == "" || !utf8.ValidString(e.Msg) {
		t.Fatalf("refused with %#v", err)
	}
}

func sameFinding(a, b screenpop.Finding) bool { return a.String() == b.String() }
