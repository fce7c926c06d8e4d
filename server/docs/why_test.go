package docs_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/crmpop/crmpop/app/screenpop"
)

const why = "why-did-it-not-pop.md"

// reasons returns what the page says that a trace says; … stands for anything.
func reasons(t *testing.T) []string {
	t.Helper()
	var all []string
	said := false
	for _, r := range tables(pages(t)[why]) {
		switch r[0] {
		case "The trace says":
			said = true
		case "State":
			said = false
		default:
			if said {
				all = append(all, spans(r[0])...)
			}
		}
	}
	return all
}

// sources returns the code that gives reasons, without its comments.
func sources(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	comment := regexp.MustCompile(`(?m)^\s*//.*$`)
	for _, dir := range []string{"../../app/screenpop", "../../app/urltemplate", "../../app/workspace", "../companions", "../dispatch", "../store", "../outbound"} {
		all.WriteString(comment.ReplaceAllString(code(t, dir), ""))
	}
	return strings.ReplaceAll(all.String(), `\"`, `"`)
}

// Each reason is put together of pieces that stand in the code.
func TestEveryReasonInTheManualIsOneOfTheCode(t *testing.T) {
	code := sources(t)
	all := reasons(t)
	if len(all) < 20 {
		t.Fatalf("%d reasons found in the manual: %q", len(all), all)
	}
	for _, r := range all {
		for _, piece := range strings.FieldsFunc(strings.Replace(r, "the value of {url} ", "…", 1), func(c rune) bool { return c == '…' }) {
			if piece = strings.Trim(piece, ` "():,`); !strings.Contains(code, piece) {
				t.Errorf("the manual has the reason %q; the code says nowhere %q", r, piece)
			}
		}
	}
	for _, said := range []string{"the browser stopped a new tab", "the agent found the page blank", "no answer in 8 s"} {
		if !strings.Contains(code, said) || !strings.Contains(pages(t)[why], "`"+said+"`") {
			t.Errorf("%q is not in both, the code and web/docs/%s", said, why)
		}
	}
}

// said reports whether the manual has a reason.
func said(all []string, got string) bool {
	return slices.ContainsFunc(all, func(r string) bool {
		return regexp.MustCompile("^" + strings.ReplaceAll(regexp.QuoteMeta(r), "…", ".*") + "$").MatchString(got)
	})
}

// Whatever Match and Pop can say against a popup stands in the manual.
func TestEveryReasonOfThePopupStandsInTheManual(t *testing.T) {
	all := reasons(t)
	r := screenpop.Request{ID: "c", Channel: screenpop.Voice, Direction: screenpop.In, QueueKey: "sales", Variables: map[string]string{"v": ".."}}
	scope := screenpop.Scope{Event: screenpop.Event{ID: "e", Type: screenpop.Ringing}, Request: r}
	for _, attributes := range []string{`on="hangup"`, `on="accepted hangup"`, `channel="chat"`, `queue="support* b"`, `direction="out"`} {
		ok, got := popup(t, `<url `+attributes+`>https://a.example/</url>`).Match(screenpop.Ringing, r)
		if ok || !said(all, got) {
			t.Errorf("%s: %q is not in web/docs/%s", attributes, got, why)
		}
	}
	if ok, got := popup(t, `<url>https://a.example/</url>`).Match(screenpop.Closed, r); ok || !said(all, got) {
		t.Errorf("the default: %q is not in web/docs/%s", got, why)
	}
	for _, when := range []string{`is="a"`, `not=".."`, `matches="a*"`} {
		ok, got := popup(t, `<url><when variable="v" `+when+`/>https://a.example/</url>`).Match(screenpop.Ringing, r)
		if ok || !said(all, got) {
			t.Errorf("%s: %q is not in web/docs/%s", when, got, why)
		}
	}
	for _, src := range []string{`<url>https://a.example/{v}</url>`, `<url>https://a.example/?a={none|required}</url>`, `<url>{url}</url>`,
		`<command name="a"/>`, `<clipboard>a</clipboard>`, `<webrequest href="https://a.example/"/>`, `<url visible="false">https://a.example/</url>`} {
		if pop := popup(t, src).Pop(scope); pop.State == screenpop.PopSkipped && !said(all, pop.Detail) {
			t.Errorf("%s: %q is not in web/docs/%s", src, pop.Detail, why)
		}
	}
	for _, url := range []string{"javascript:alert(1)", "https://other.example/", "crm"} {
		scope.Request.URL = url
		if pop := popup(t, `<url>{url}</url>`).Pop(scope); pop.State != screenpop.PopSkipped || !said(all, pop.Detail) {
			t.Errorf("{url} of %s: %s %q is not in web/docs/%s", url, pop.State, pop.Detail, why)
		}
	}
}

// literal finds the reasons that dispatch and store write down as they are.
var literal = regexp.MustCompile(`(?:Pop(?:Missed|Skipped),|id(?:Expired|Hangup),|Why:|d\.Why = false,|Reason:) "((?:[^"\\]|\\.)*)"`)

func TestEveryReasonOfTheServerStandsInTheManual(t *testing.T) {
	all, found := reasons(t), 0
	for _, dir := range []string{"../dispatch", "../store"} {
		for _, m := range literal.FindAllStringSubmatch(code(t, dir), -1) {
			got := strings.ReplaceAll(m[1], `\"`, `"`)
			found++
			whole := slices.ContainsFunc(all, func(r string) bool { return r == got })
			begins := slices.ContainsFunc(all, func(r string) bool { return strings.TrimRight(r, "…") == got && r != got })
			if !whole && !begins {
				t.Errorf("%s: %q is not in web/docs/%s", dir, got, why)
			}
		}
	}
	if found < 6 {
		t.Errorf("%d reasons found in the code; look at the test", found)
	}
}

func TestEveryStateStandsInTheManual(t *testing.T) {
	var inManual, inCode []string
	for _, r := range cells(t, why, "## 5. It matched. What became of the pop?") {
		inManual = append(inManual, spans(r[0])[0])
	}
	for _, s := range screenpop.PopStates {
		inCode = append(inCode, string(s))
	}
	same(t, "states of a pop", inManual, inCode)
}
