package screenpop_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

// written is an element as a person would describe it, without places.
type written struct {
	Element, Text, Comment string
	Attributes             []attribute
	Children               []written
}

type attribute struct{ Name, Value string }

func read(places []screenpop.Place) []written {
	var all []written
	for _, p := range places {
		w := written{Element: p.Element, Text: p.Text, Comment: p.Comment, Children: read(p.Children)}
		for _, a := range p.Attributes {
			w.Attributes = append(w.Attributes, attribute{a.Name, a.Value})
		}
		all = append(all, w)
	}
	return all
}

func (w *written) set(name, value string) {
	for i := range w.Attributes {
		if w.Attributes[i].Name == name {
			w.Attributes[i].Value = value
			return
		}
	}
	w.Attributes = append(w.Attributes, attribute{name, value})
}

func (w *written) remove(name string) {
	w.Attributes = slices.DeleteFunc(w.Attributes, func(a attribute) bool { return a.Name == name })
}

// compare makes op the one comparison of a condition, where the first one stood.
func (w *written) compare(op, value string) {
	others := slices.DeleteFunc([]string{"is", "not", "matches"}, func(s string) bool { return s == op })
	has := slices.ContainsFunc(w.Attributes, func(a attribute) bool { return a.Name == op })
	for i, a := range w.Attributes {
		if !has && slices.Contains(others, a.Name) {
			w.Attributes[i].Name, has = op, true
		}
	}
	w.set(op, value)
	for _, name := range others {
		w.remove(name)
	}
}

const xmlSpace = " \t\r\n"

// expected is what an outline must show after an edit.
func expected(t rapid.TB, all []written, e screenpop.Edit) []written {
	at := func(s screenpop.Spot) *written {
		if s.Child > 0 {
			return &all[s.Item].Children[s.Child-1]
		}
		return &all[s.Item]
	}
	switch e := e.(type) {
	case screenpop.SetAttribute:
		at(e.At).set(e.Name, e.Value)
	case screenpop.RemoveAttribute:
		at(e.At).remove(e.Name)
	case screenpop.SetText:
		at(e.At).Text = strings.Trim(e.Text, xmlSpace)
	case screenpop.AddPopup:
		places, findings := screenpop.Outline([]byte(in(e.XML)))
		if len(places) != 1 {
			t.Fatal(findings)
		}
		return slices.Insert(all, e.Before, read(places)...)
	case screenpop.RemovePopup:
		return slices.Delete(all, e.Item, e.Item+1)
	case screenpop.MovePopup:
		w := all[e.Item]
		return slices.Insert(slices.Delete(all, e.Item, e.Item+1), e.To, w)
	case screenpop.AddWhen:
		w := &all[e.Item]
		last := 0
		for i, c := range w.Children {
			if c.Element == "when" {
				last = i + 1
			}
		}
		w.Children = slices.Insert(w.Children, last, written{Element: "when", Attributes: []attribute{{"variable", e.When.Variable}, {e.When.Op, e.When.Value}}})
	case screenpop.SetWhen:
		w := at(e.At)
		w.set("variable", e.When.Variable)
		w.compare(e.When.Op, e.When.Value)
	case screenpop.AddVariable:
		w := &all[e.Item]
		w.Children = append(w.Children, written{Element: "variable", Text: strings.Trim(e.Text, xmlSpace), Attributes: []attribute{{"name", e.Name}}})
	case screenpop.RemoveChild:
		w := &all[e.At.Item]
		w.Children = slices.Delete(w.Children, e.At.Child-1, e.At.Child)
	}
	return all
}

// item returns the item that an edit stays inside of, -1 if it moves items.
func item(e screenpop.Edit) int {
	switch e := e.(type) {
	case screenpop.SetAttribute:
		return e.At.Item
	case screenpop.RemoveAttribute:
		return e.At.Item
	case screenpop.SetText:
		return e.At.Item
	case screenpop.SetWhen:
		return e.At.Item
	case screenpop.RemoveChild:
		return e.At.Item
	case screenpop.AddWhen:
		return e.Item
	case screenpop.AddVariable:
		return e.Item
	}
	return -1
}

var (
	comments = regexp.MustCompile(`<!--[\s\S]*?-->`)
	spaces   = regexp.MustCompile(`[ \t\r\n]+`)
)

// checkOutside holds an edit to changing nothing besides what it is about.
func checkOutside(t rapid.TB, before, after string, e screenpop.Edit) {
	t.Helper()
	old, now := mustOutline(t, before), mustOutline(t, after)
	if i := item(e); i >= 0 {
		checkInside(t, before, after, old[i], now[i], e)
		return
	}
	var kept, left []string // the items that stay, as they are written
	for i, p := range old {
		if r, ok := e.(screenpop.RemovePopup); !ok || r.Item != i {
			kept = append(kept, cut(before, p.Range))
		}
	}
	for i, p := range now {
		if a, ok := e.(screenpop.AddPopup); !ok || a.Before != i {
			left = append(left, cut(after, p.Range))
		}
	}
	if m, ok := e.(screenpop.MovePopup); ok {
		raw := kept[m.Item]
		kept = slices.Insert(slices.Delete(kept, m.Item, m.Item+1), m.To, raw)
	}
	if diff := cmp.Diff(kept, left, cmpopts.EquateEmpty()); diff != "" {
		t.Fatalf("%#v changes other items:\n%s", e, diff)
	}
	// What is neither item nor comment stays but for space.
	rest := func(doc string, places []screenpop.Place) string {
		for _, p := range slices.Backward(places) {
			doc = doc[:p.Range.From] + doc[p.Range.To:]
		}
		doc = spaces.ReplaceAllString(comments.ReplaceAllString(doc, ""), "")
		return strings.Replace(doc, "<screenpopup/>", "<screenpopup></screenpopup>", 1)
	}
	if a, b := rest(before, old), rest(after, now); a != b {
		t.Fatalf("%#v changes %q to %q", e, a, b)
	}
}

// checkInside: the same bytes before and behind the item; inside of it the same
// attributes, text and children besides what the edit names.
func checkInside(t rapid.TB, before, after string, old, now screenpop.Place, e screenpop.Edit) {
	t.Helper()
	if before[:old.Range.From] != after[:now.Range.From] || before[old.Range.To:] != after[now.Range.To:] {
		t.Fatalf("%#v changes more than its element:\n%s\n%s", e, before, after)
	}
	tags := func(doc string, p screenpop.Place) (all []string) {
		for _, a := range p.Attributes {
			all = append(all, cut(doc, a.Range))
		}
		return all
	}
	a, b := tags(before, old), tags(after, now)
	switch e := e.(type) {
	case screenpop.SetAttribute:
		if e.At.Child > 0 {
			break
		}
		same := func(s string) bool {
			return strings.HasPrefix(s, e.Name) && strings.Trim(s[len(e.Name):], xmlSpace)[0] == '='
		}
		a, b = slices.DeleteFunc(a, same), slices.DeleteFunc(b, same)
	case screenpop.RemoveAttribute:
		if e.At.Child == 0 {
			a = slices.DeleteFunc(a, func(s string) bool { return !slices.Contains(b, s) })
		}
	}
	if diff := cmp.Diff(a, b, cmpopts.EquateEmpty()); diff != "" {
		t.Fatalf("%#v changes other attributes:\n%s", e, diff)
	}
	if s, ok := e.(screenpop.SetText); (!ok || s.At.Child > 0) && cut(before, old.TextRange) != cut(after, now.TextRange) {
		t.Fatalf("%#v changes the text", e)
	}
}

func mustOutline(t rapid.TB, doc string) []screenpop.Place {
	t.Helper()
	places, findings := screenpop.Outline([]byte(doc))
	if places == nil {
		t.Fatalf("cannot be outlined: %v\n%s", findings, doc)
	}
	return places
}

// nasty are texts that XML has its own mind about.
var nasty = rapid.OneOf(
	rapid.StringOf(rapid.RuneFrom([]rune("ab &<>'\"]{}=/!-\t\n\ræ😀;#"))),
	rapid.SampledFrom([]string{"", "]]>", "<![CDATA[", "<!-- a -->", "&amp;", "&#13;", " a ", "]]]]>>", "\r\n", "</url>"}),
)

var someCondition = rapid.Custom(func(t *rapid.T) screenpop.Condition {
	return screenpop.Condition{Variable: nasty.Draw(t, "variable"), Op: rapid.SampledFrom([]string{"is", "not", "matches"}).Draw(t, "op"), Value: nasty.Draw(t, "value")}
})

var newPopups = []string{"<inherit/>", "<clipboard>{anum}</clipboard>", "<!-- new -->\n<url target=\"request\">https://new.example/</url>",
	"<webrequest href='https://new.example/'>\n  <variable name='a'/>\n</webrequest>"}

var attributesOf = map[string][]string{"url": {"id", "on", "title", "target", "focus"}, "clipboard": {"id", "queue"}, "webrequest": {"href", "again"},
	"command": {"name", "direction"}, "when": {"variable", "not"}, "variable": {"name"}}

// anEdit draws an edit that fits the places; nil where the draw fits nothing.
func anEdit(t *rapid.T, places []screenpop.Place) screenpop.Edit {
	n := len(places)
	kind := rapid.IntRange(0, 9).Draw(t, "kind")
	if kind == 0 || n == 0 {
		return screenpop.AddPopup{Before: rapid.IntRange(0, n).Draw(t, "before"), XML: rapid.SampledFrom(newPopups).Draw(t, "xml")}
	}
	i := rapid.IntRange(0, n-1).Draw(t, "item")
	switch kind {
	case 1:
		return screenpop.RemovePopup{Item: i, WithComment: rapid.Bool().Draw(t, "comment")}
	case 2, 3:
		return screenpop.MovePopup{Item: i, To: rapid.IntRange(0, n-1).Draw(t, "to"), WithComment: rapid.Bool().Draw(t, "comment")}
	case 4:
		if places[i].Element != "inherit" {
			return screenpop.AddWhen{Item: i, When: someCondition.Draw(t, "when")}
		}
		return nil
	case 5:
		if places[i].Element == "webrequest" {
			return screenpop.AddVariable{Item: i, Name: nasty.Draw(t, "name"), Text: nasty.Draw(t, "text")}
		}
		return nil
	}
	return editInside(t, places[i], screenpop.Spot{Item: i, Child: rapid.IntRange(0, len(places[i].Children)).Draw(t, "child")}, kind)
}

func editInside(t *rapid.T, p screenpop.Place, at screenpop.Spot, kind int) screenpop.Edit {
	if at.Child > 0 {
		p = p.Children[at.Child-1]
	}
	holdsText := slices.Contains([]string{"url", "clipboard", "command", "variable"}, p.Element)
	switch {
	case kind == 6 && p.Element == "when" && !p.Faulty:
		return screenpop.SetWhen{At: at, When: someCondition.Draw(t, "when")}
	case kind == 7 && at.Child > 0:
		return screenpop.RemoveChild{At: at}
	case kind == 8 && holdsText:
		return screenpop.SetText{At: at, Text: nasty.Draw(t, "text")}
	case p.Faulty || len(attributesOf[p.Element]) == 0:
		return nil
	}
	name := rapid.SampledFrom(attributesOf[p.Element]).Draw(t, "name")
	if kind == 6 {
		return screenpop.RemoveAttribute{At: at, Name: name}
	}
	return screenpop.SetAttribute{At: at, Name: name, Value: nasty.Draw(t, "value")}
}

// settleComments forgets the comments that an edit leaves behind, on its line or
// above: they may be another item's now. One that goes along does not.
func settleComments(e screenpop.Edit, want, got []written) {
	along := -1
	switch e := e.(type) {
	case screenpop.RemovePopup:
	case screenpop.MovePopup:
		if e.WithComment {
			along = e.To
		}
	default:
		return
	}
	for _, all := range [][]written{want, got} {
		for i := range all {
			if i != along {
				all[i].Comment = ""
			}
		}
	}
}

// documents are the golden ones that can be edited, and some written oddly.
func documents(t testing.TB) []string {
	all := []string{
		in(""), "<screenpopup/>", in("<url>a</url><!-- a --><clipboard><![CDATA[b]]></clipboard> <inherit/>"),
		"<screenpopup>\r\n\t<!-- a\r\n\tb -->\r\n\t<url id='a' title = \"&#x41;\">\r\n\t\t<when variable='a' is='b'/>\r\n\t\thttps://a.example/\r\n\t</url> <!-- c -->\r\n\r\n\t<command name='x' /></screenpopup>\r\n",
	}
	for _, src := range goldenDocuments(t) {
		all = append(all, string(src))
	}
	slices.Sort(all)
	return all
}

// Random edits on documents: the outline shows exactly the edit, and nothing
// else has changed.
func TestEditsChangeWhatTheySayAndNothingElse(t *testing.T) {
	docs := documents(t)
	rapid.Check(t, func(t *rapid.T) {
		doc := rapid.SampledFrom(docs).Draw(t, "document")
		for range rapid.IntRange(1, 4).Draw(t, "edits") {
			places := mustOutline(t, doc)
			e := anEdit(t, places)
			if e == nil {
				continue
			}
			want := expected(t, read(places), e)
			b, err := screenpop.Apply([]byte(doc), e)
			if err != nil {
				t.Fatalf("Apply(%#v) = %v", e, err)
			}
			got := read(mustOutline(t, string(b)))
			settleComments(e, want, got)
			if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Fatalf("%#v of\n%s\ngives\n%s\n(-want +got):\n%s", e, doc, b, diff)
			}
			checkOutside(t, doc, string(b), e)
			checkComments(t, doc, string(b), e, places)
			doc = string(b)
		}
	})
}

// checkComments: no comment is lost, but with its popup; none is changed.
func checkComments(t rapid.TB, before, after string, e screenpop.Edit, places []screenpop.Place) {
	t.Helper()
	list := func(doc string) []string {
		all := []string{}
		places := mustOutline(t, doc)
		for _, p := range slices.Backward(places) { // values may hold what looks like one
			doc = doc[:p.Range.From] + doc[p.Range.To:]
		}
		all = append(all, comments.FindAllString(doc, -1)...)
		slices.Sort(all)
		return all
	}
	old, now := list(before), list(after)
	switch e := e.(type) {
	case screenpop.RemovePopup:
		if e.WithComment {
			gone := cut(before, places[e.Item].CommentRange)
			for _, c := range comments.FindAllString(gone, -1) {
				i := slices.Index(old, c)
				old = slices.Delete(old, i, i+1)
			}
		}
	case screenpop.AddPopup:
		old = append(old, comments.FindAllString(e.XML, -1)...)
		slices.Sort(old)
	}
	if diff := cmp.Diff(old, now, cmpopts.EquateEmpty()); diff != "" {
		t.Fatalf("%#v changes comments:\n%s", e, diff)
	}
}

// A valid edit of a valid document gives a valid document.
func TestValidDocumentsStayValid(t *testing.T) {
	var docs []string
	for _, doc := range documents(t) {
		if parsed, _ := screenpop.ParseDocument([]byte(doc)); parsed != nil {
			docs = append(docs, doc)
		}
	}
	if len(docs) < 4 {
		t.Fatalf("%d valid documents", len(docs))
	}
	rapid.Check(t, func(t *rapid.T) {
		doc := rapid.SampledFrom(docs).Draw(t, "document")
		for range rapid.IntRange(1, 5).Draw(t, "edits") {
			e := aValidEdit(t, mustOutline(t, doc))
			b, err := screenpop.Apply([]byte(doc), e)
			if err != nil {
				t.Fatalf("Apply(%#v) = %v", e, err)
			}
			if parsed, findings := screenpop.ParseDocument(b); parsed == nil {
				t.Fatalf("%#v of\n%s\ngives\n%s\nwith %v", e, doc, b, findings)
			}
			doc = string(b)
		}
	})
}

var validText = map[string][]string{
	"url":       {"https://crm.example.com/{customer_key}?a=1&b={subject}#x", "https://h.example/?q=]]%3E", "{url}"},
	"clipboard": {"{anum}", "a & b < c > \"d\" 'e' ]]>", "{{{name}}}"},
	"command":   {"anum={anum}&q={queue_key}", ""},
}

func aValidEdit(t *rapid.T, places []screenpop.Place) screenpop.Edit {
	n := len(places)
	add := screenpop.AddPopup{Before: rapid.IntRange(0, n).Draw(t, "before"),
		XML: rapid.SampledFrom([]string{"<clipboard>{anum}</clipboard>", "<!-- & -->\n<url target=\"kb\">https://kb.example/?a&amp;b</url>"}).Draw(t, "xml")}
	if n == 0 {
		return add
	}
	i := rapid.IntRange(0, n-1).Draw(t, "item")
	at, p := screenpop.Spot{Item: i}, places[i]
	kind := rapid.IntRange(0, 7).Draw(t, "kind")
	switch {
	case kind == 0:
		return add
	case kind == 1:
		return screenpop.RemovePopup{Item: i, WithComment: rapid.Bool().Draw(t, "comment")}
	case kind == 2 || p.Element == "inherit":
		return screenpop.MovePopup{Item: i, To: rapid.IntRange(0, n-1).Draw(t, "to"), WithComment: rapid.Bool().Draw(t, "comment")}
	case kind == 3:
		return screenpop.AddWhen{Item: i, When: screenpop.Condition{Variable: "anum", Op: "matches", Value: nasty.Draw(t, "value")}}
	case kind == 4 && len(validText[p.Element]) > 0:
		return screenpop.SetText{At: at, Text: rapid.SampledFrom(validText[p.Element]).Draw(t, "text")}
	case kind == 5:
		return screenpop.RemoveAttribute{At: at, Name: rapid.SampledFrom([]string{"on", "channel", "queue", "direction", "again"}).Draw(t, "name")}
	case kind == 6:
		return screenpop.SetAttribute{At: at, Name: "queue", Value: rapid.SampledFrom([]string{"a", "sales* 'x' \"y\"", "<&>"}).Draw(t, "value")}
	}
	return screenpop.SetAttribute{At: at, Name: "on", Value: rapid.SampledFrom([]string{"ringing", "offered\tclosed"}).Draw(t, "value")}
}
