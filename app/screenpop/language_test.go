package screenpop_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/crmpop/crmpop/app/screenpop"
)

// What the lists say is what the parser takes, on every element that has the
// attribute.
func TestListedWordsAreThoseThatTheParserTakes(t *testing.T) {
	within := map[string]string{
		"url": `<url target="request" %s>https://a.example/</url>`, "clipboard": `<clipboard %s>a</clipboard>`,
		"webrequest": `<webrequest href="https://a.example/" %s><variable name="a">b</variable></webrequest>`, "command": `<command name="a" %s/>`,
	}
	for element, form := range within {
		for _, attribute := range screenpop.Attributes(element) {
			c, ok := screenpop.ChoiceOf(attribute)
			if !ok {
				continue
			}
			if c.Default != "" && !slices.Contains(c.Words, c.Default) {
				t.Errorf("the default of %s is %q, none of %q", attribute, c.Default, c.Words)
			}
			for _, word := range append(c.Words, "zzqqzz") {
				src := "<screenpopup>" + fmt.Sprintf(form, attribute+`="`+word+`"`) + "</screenpopup>"
				_, findings := screenpop.ParseDocument([]byte(src))
				refused := slices.ContainsFunc(findings, func(f screenpop.Finding) bool {
					return strings.Contains(f.Msg, attribute) && strings.Contains(f.Msg, `"`+word+`"`)
				})
				if refused != (word == "zzqqzz") {
					t.Errorf("<%s %s=%q>: refused %v, %v", element, attribute, word, refused, findings)
				}
			}
		}
	}
}

func TestListsOfTheLanguageAreCopies(t *testing.T) {
	c, _ := screenpop.ChoiceOf("on")
	c.Words[0], screenpop.Attributes("url")[0], screenpop.Comparisons()[0], screenpop.Children("url")[0] = "x", "x", "x", "x"
	again, _ := screenpop.ChoiceOf("on")
	if again.Words[0] == "x" || screenpop.Attributes("url")[0] == "x" || screenpop.Comparisons()[0] == "x" || screenpop.Children("url")[0] == "x" {
		t.Error("a caller could change the language")
	}
	if _, ok := screenpop.ChoiceOf("queue"); ok {
		t.Error("queue takes words of a list")
	}
	if slices.Contains(screenpop.ConditionVariables(), "time") || !slices.Contains(screenpop.ConditionVariables(), "anum") {
		t.Errorf("conditions look at %q", screenpop.ConditionVariables())
	}
}
