package screenpop_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/crmpop/crmpop/app/screenpop"
)

// least is the least that an element must have besides: its attributes by name,
// and its text.
var least = map[string]struct {
	attributes map[string]string
	text       string
}{
	"url":        {map[string]string{"target": "request"}, "https://crm.example/"},
	"clipboard":  {nil, "x"},
	"webrequest": {map[string]string{"href": "https://crm.example/"}, ""},
	"command":    {map[string]string{"name": "x"}, "a="},
	"when":       {map[string]string{"variable": "anum", "is": "x"}, ""},
	"variable":   {map[string]string{"name": "x"}, "x"},
	"header":     {map[string]string{"name": "x"}, "x"},
}

// parents says in which element another is tried.
var parents = map[string]string{"when": "url", "variable": "webrequest", "header": "webrequest"}

// document writes the least document with an element, one of its attributes set,
// its text and its content replaced if they are given.
func document(element, attribute, value, text string) string {
	l := least[element]
	var tag strings.Builder
	for name, v := range l.attributes {
		comparison := slices.Contains(screenpop.Comparisons(), name) && slices.Contains(screenpop.Comparisons(), attribute)
		hidden := attribute == "visible" && value == "false" // such a page has no target
		hidden = hidden || attribute == "via"
		if name != attribute && !comparison && !hidden {
			fmt.Fprintf(&tag, " %s=%q", name, v)
		}
	}
	if attribute == "via" { // of a page that nobody sees
		tag.WriteString(` visible="false"`)
	}
	if attribute != "" {
		fmt.Fprintf(&tag, " %s=%q", attribute, value)
	}
	if text == "" {
		text = l.text
	}
	if attribute == "format" && value == screenpop.FormatBody {
		text += `<variable name="x">x</variable>`
	}
	inner := fmt.Sprintf("<%s%s>%s</%s>", element, &tag, text, element)
	if parent := parents[element]; parent != "" {
		inner = strings.TrimPrefix(strings.TrimSuffix(document(parent, "", "", least[parent].text+inner), "</screenpopup>"), "<screenpopup>")
	}
	return "<screenpopup>" + inner + "</screenpopup>"
}

// TestEveryWordOfTheVocabularyIsAccepted writes each word that completion offers
// where it offers it: the parser may have nothing against any.
func TestEveryWordOfTheVocabularyIsAccepted(t *testing.T) {
	v := screenpop.Words()
	accepts := func(doc string) {
		t.Helper()
		if _, findings := screenpop.ParseDocument([]byte(doc)); len(findings) > 0 {
			t.Errorf("%s\n\t%v", doc, findings)
		}
	}
	accepts("<" + v.Root + "/>")
	for name, e := range v.Elements {
		for _, child := range e.Children {
			if name == v.Root && child != "inherit" {
				accepts(document(child, "", "", ""))
			} else if name == v.Root {
				accepts("<screenpopup><inherit/></screenpopup>")
			} else if child == "url" { // which pops where a reply does not come
				accepts(document(name, "reply", "json", `<url target="request">https://crm.example/</url>`))
			} else {
				accepts(document(name, "", "", least[name].text+strings.NewReplacer("<screenpopup>", "", "</screenpopup>", "").Replace(inside(child))))
			}
		}
		for _, a := range e.Attributes {
			for _, value := range values(v, a) {
				accepts(document(name, a.Name, value, ""))
			}
		}
		if e.Template {
			for _, use := range uses(v) {
				accepts(document(name, "", "", least[name].text+use))
			}
		}
	}
}

// inside writes a child of a popup alone.
func inside(child string) string {
	doc := document(child, "", "", least[child].text)
	return doc[strings.LastIndex(doc, "<"+child):strings.LastIndex(doc, "</"+parents[child])]
}

// values returns what is offered for an attribute, or something plain.
func values(v screenpop.Vocabulary, a screenpop.VocabularyAttribute) []string {
	out := slices.Clone(a.Values)
	if a.List {
		out = append(out, strings.Join(a.Values, " "))
	}
	if a.Template {
		before := ""
		if a.Name == "href" {
			before = "https://crm.example/?x="
		}
		for _, use := range uses(v) {
			out = append(out, before+use)
		}
	}
	if len(out) == 0 {
		out = []string{"x"}
	}
	return out
}

// uses returns each variable and each transform in its braces.
func uses(v screenpop.Vocabulary) []string {
	var out []string
	for _, name := range v.Variables {
		out = append(out, "{"+name+"}")
	}
	for _, transform := range v.Transforms {
		out = append(out, "{anum|"+transform+"}")
	}
	return out
}

// TestTheVocabularyHasEveryWord looks for words that the parser knows and the
// vocabulary does not: an attribute that refuses a made-up word takes words of a
// list, and offers them.
func TestTheVocabularyHasEveryWord(t *testing.T) {
	v := screenpop.Words()
	for name, e := range v.Elements {
		for _, a := range e.Attributes {
			_, findings := screenpop.ParseDocument([]byte(document(name, a.Name, "qqqq", "")))
			for _, f := range findings {
				if strings.Contains(f.Cure, "there are ") && len(a.Values) == 0 {
					t.Errorf("%s of <%s> offers nothing, and refuses a word: %v", a.Name, name, f)
				}
			}
			_, findings = screenpop.ParseDocument([]byte(document(name, a.Name, "https://x.example/{nobody}", "")))
			template := slices.ContainsFunc(findings, func(f screenpop.Finding) bool { return strings.Contains(f.Msg, "unknown variable {nobody}") })
			if template != a.Template {
				t.Errorf("%s of <%s> holds variables: %v, the vocabulary says %v", a.Name, name, template, a.Template)
			}
		}
		_, findings := screenpop.ParseDocument([]byte(document(name, "", "", least[name].text+"https://x.example/{nobody}")))
		template := slices.ContainsFunc(findings, func(f screenpop.Finding) bool { return strings.Contains(f.Msg, "unknown variable {nobody}") })
		if name != v.Root && template != e.Template {
			t.Errorf("the text of <%s> holds variables: %v, the vocabulary says %v", name, template, e.Template)
		}
	}
}
