package docs_test

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/urltemplate"
)

const language = "popup-language.md"

// The parser itself says what there is: its cure for a word that it does not know
// lists those that it does.
const nonsense = "zzqqzz"

// within are the smallest documents with something of each element that is not
// known; %s is the place for it.
var within = map[string]struct{ attribute, child string }{
	"screenpopup": {`<screenpopup %s></screenpopup>`, `<screenpopup>%s</screenpopup>`},
	"url":         {`<screenpopup><url %s>https://a.example/</url></screenpopup>`, `<screenpopup><url>%s</url></screenpopup>`},
	"clipboard":   {`<screenpopup><clipboard %s>a</clipboard></screenpopup>`, `<screenpopup><clipboard>%s</clipboard></screenpopup>`},
	"webrequest":  {`<screenpopup><webrequest %s href="https://a.example/"/></screenpopup>`, `<screenpopup><webrequest>%s</webrequest></screenpopup>`},
	"command":     {`<screenpopup><command name="a" %s/></screenpopup>`, `<screenpopup><command>%s</command></screenpopup>`},
	"inherit":     {`<screenpopup><inherit %s/></screenpopup>`, `<screenpopup><inherit>%s</inherit></screenpopup>`},
	"when":        {`<screenpopup><url><when %s/>https://a.example/</url></screenpopup>`, `<screenpopup><url><when>%s</when></url></screenpopup>`},
	"header":      {`<screenpopup><webrequest><header %s/></webrequest></screenpopup>`, `<screenpopup><webrequest><header>%s</header></webrequest></screenpopup>`},
	"variable":    {`<screenpopup><webrequest><variable %s/></webrequest></screenpopup>`, `<screenpopup><webrequest><variable>%s</variable></webrequest></screenpopup>`},
}

// cure returns what the parser says to do about msg, "" if it does not say msg.
func cure(src, msg string) string {
	_, findings := screenpop.ParseDocument([]byte(src))
	for _, f := range findings {
		if strings.Contains(f.Msg, msg) {
			return f.Cure
		}
	}
	return ""
}

// attributes returns those that an element takes.
func attributes(t *testing.T, element string) []string {
	t.Helper()
	src := fmt.Sprintf(within[element].attribute, nonsense+`="1"`)
	c := cure(src, "unknown attribute")
	if c == "remove it; <"+element+"> takes none" {
		return nil
	}
	list, ok := strings.CutPrefix(c, "<"+element+"> takes ")
	if !ok {
		t.Fatalf("the parser does not say what <%s> takes: %q", element, c)
	}
	return strings.Split(list, ", ")
}

// elements returns those that an element holds.
func elements(t *testing.T, element string) []string {
	t.Helper()
	c := cure(fmt.Sprintf(within[element].child, "<"+nonsense+"/>"), "unknown element")
	if c == "remove it; <"+element+"> holds no elements" {
		return nil
	}
	list, ok := strings.CutPrefix(c, "<"+element+"> may hold ")
	if !ok {
		t.Fatalf("the parser does not say what <%s> holds: %q", element, c)
	}
	return strings.Split(strings.NewReplacer("<", "", ">", "").Replace(list), ", ")
}

// values returns the words that an attribute knows, nil if it takes any text.
func values(element, attribute string) []string {
	src := fmt.Sprintf(within[element].attribute, attribute+`="`+nonsense+`"`)
	c := cure(src, nonsense)
	if only, ok := strings.CutPrefix(c, "there is only "); ok {
		return []string{only}
	}
	list, ok := strings.CutPrefix(c, "there are ")
	if !ok {
		return nil
	}
	return strings.Split(list, ", ")
}

// same compares two sets.
func same(t *testing.T, what string, manual, code []string) {
	t.Helper()
	manual, code = slices.Compact(slices.Sorted(slices.Values(manual))), slices.Compact(slices.Sorted(slices.Values(code)))
	if diff := cmp.Diff(code, manual); diff != "" {
		t.Errorf("%s (- the code, + the manual):\n%s", what, diff)
	}
}

func TestTheManualKnowsEveryElement(t *testing.T) {
	var inManual, inCode []string
	for _, r := range cells(t, language, "## Elements") {
		name := strings.Trim(spans(r[0])[0], "</>")
		inManual = append(inManual, name)
		var holds []string
		for _, span := range spans(r[2]) {
			holds = append(holds, strings.Trim(strings.Fields(span)[0], "</>"))
		}
		same(t, "what <"+name+"> holds", holds, elements(t, name))
	}
	for name := range within {
		inCode = append(inCode, elements(t, name)...)
	}
	same(t, "elements", inManual, inCode)
}

// sections are the tables of attributes, and the element of which each is.
var sections = map[string]string{
	"## `<url>`": "url", "## `<webrequest>`": "webrequest", "## `<command>`": "command", "## `<when>`": "when",
	"## When a popup pops": "clipboard", // which has what all have, and nothing more
}

func TestTheManualKnowsEveryAttribute(t *testing.T) {
	shared := attributes(t, "clipboard")
	for heading, element := range sections {
		var inManual []string
		for _, r := range cells(t, language, heading) {
			inManual = append(inManual, words(r[0])...)
		}
		inCode := attributes(t, element)
		if element != "clipboard" {
			inCode = slices.DeleteFunc(inCode, func(a string) bool { return slices.Contains(shared, a) })
		}
		same(t, "attributes of <"+element+">", inManual, inCode)
	}
	same(t, "attributes of <variable>", []string{"name"}, attributes(t, "variable"))
	same(t, "attributes of <screenpopup> and <inherit>", nil, append(attributes(t, "screenpopup"), attributes(t, "inherit")...))
}

func TestTheManualKnowsEveryValue(t *testing.T) {
	var names []string
	for element := range within {
		names = append(names, attributes(t, element)...)
	}
	for heading, element := range sections {
		for _, r := range cells(t, language, heading) {
			attribute := words(r[0])[0]
			known := values(element, attribute)
			if known == nil {
				continue
			}
			inManual := words(r[1])
			for _, v := range known {
				if !slices.Contains(inManual, v) {
					t.Errorf("%s of <%s>: the manual does not name %s", attribute, element, v)
				}
			}
			for _, w := range inManual {
				if !slices.Contains(known, w) && !slices.Contains(names, w) && w != "GET" {
					t.Errorf("%s of <%s>: the manual names %s, which there is not", attribute, element, w)
				}
			}
		}
	}
}

func popup(t *testing.T, src string) *screenpop.Popup {
	t.Helper()
	doc, findings := screenpop.ParseDocument([]byte("<screenpopup>" + src + "</screenpopup>"))
	if doc == nil {
		t.Fatal(findings)
	}
	return doc.Items[0].Popup
}

func yesNo(yes bool) string {
	if yes {
		return "yes"
	}
	return "no"
}

func TestTheManualKnowsEveryDefault(t *testing.T) {
	url := popup(t, `<url>https://a.example/</url>`)
	web := popup(t, `<webrequest href="https://a.example/"/>`)
	for _, c := range []struct{ heading, attribute, want string }{
		{"## `<url>`", "target", url.Target},
		{"## `<url>`", "visible", strconv.FormatBool(url.Visible)},
		{"## `<url>`", "focus", string(url.Focus)},
		{"## `<url>`", "frame", url.Frame},
		{"## `<url>`", "probe", yesNo(url.Probe)},
		{"## When a popup pops", "again", yesNo(url.Again)},
		{"## `<webrequest>`", "method", web.Method},
		{"## `<webrequest>`", "format", web.Format},
	} {
		for _, r := range cells(t, language, c.heading) {
			if words(r[0])[0] != c.attribute {
				continue
			}
			if got := append(spans(r[2]), "")[0]; got != c.want {
				t.Errorf("%s: without it the manual says %q, the code %q", c.attribute, got, c.want)
			}
		}
	}
	on := cells(t, language, "## When a popup pops")[0][2]
	for name, channel := range map[string]screenpop.Channel{"voice": screenpop.Voice, "e-mail and social": screenpop.Email, "chat": screenpop.Chat} {
		if want := name + " `" + string(screenpop.DefaultTrigger(channel)) + "`"; !strings.Contains(on, want) {
			t.Errorf("on: without it the manual says %q, want %s", on, want)
		}
	}
	if screenpop.DefaultTrigger(screenpop.Social) != screenpop.DefaultTrigger(screenpop.Email) {
		t.Error("social and e-mail have different defaults; the manual says them as one")
	}
}

func TestTheManualKnowsEveryVariableAndTransform(t *testing.T) {
	var variables, transforms []string
	for _, r := range cells(t, language, "## Variables") {
		for _, s := range spans(r[0]) {
			variables = append(variables, strings.Trim(s, "{}"))
		}
	}
	same(t, "variables", variables, screenpop.Variables)
	_, behind, _ := strings.Cut(pages(t)[language], "Transforms follow a `|`")
	for _, r := range tables(behind)[2:] {
		for _, s := range spans(r[0]) {
			name, _, _ := strings.Cut(s, ":")
			transforms = append(transforms, name)
		}
	}
	same(t, "transforms", transforms, urltemplate.Transforms)
}

func TestTheManualKnowsTheLimits(t *testing.T) {
	src := pages(t)[language]
	for _, want := range []string{
		fmt.Sprintf("at most %d KiB and %d elements, %d deep", screenpop.MaxDocument>>10, screenpop.MaxElements, screenpop.MaxDepth),
		fmt.Sprintf("A value is at most %d KiB and an address %d KiB", urltemplate.MaxValue>>10, urltemplate.MaxURL>>10),
		fmt.Sprintf("one line of at most %d KiB", urltemplate.MaxText>>10),
		fmt.Sprintf("has at most %d characters", urltemplate.MaxName),
		fmt.Sprintf("Voice %.0f seconds", screenpop.TTL(screenpop.Voice).Seconds()),
		fmt.Sprintf("chat %.0f minutes", screenpop.TTL(screenpop.Chat).Minutes()),
		fmt.Sprintf("e-mail and social %.0f hours", screenpop.TTL(screenpop.Email).Hours()),
	} {
		if !strings.Contains(src, want) {
			t.Errorf("web/docs/%s does not say %q", language, want)
		}
	}
}

var (
	inText  = regexp.MustCompile("`<([a-z]+)((?: [a-z]+(?:=\"[^\"]*\")?)*)")
	inBrace = regexp.MustCompile("`[^`]*`")
	place   = regexp.MustCompile(`\{([A-Za-z_][^{}]*)\}`)
)

// Wherever the manual speaks of the language, it speaks of what there is.
func TestNoPageNamesWhatThereIsNot(t *testing.T) {
	for page, src := range pages(t) {
		if page == "problems.md" || page == "changelog.md" {
			continue
		}
		for _, m := range inText.FindAllStringSubmatch(src, -1) {
			known, is := within[m[1]]
			if !is && m[1] != "meta" {
				t.Errorf("web/docs/%s names the element <%s>", page, m[1])
			}
			for _, a := range strings.Fields(m[2]) {
				name, _, _ := strings.Cut(a, "=")
				if is && known.attribute != "" && !slices.Contains(attributes(t, m[1]), name) {
					t.Errorf("web/docs/%s names the attribute %s of <%s>", page, name, m[1])
				}
			}
		}
		for _, code := range inBrace.FindAllString(strings.ReplaceAll(src, `\|`, "|"), -1) {
			for _, m := range place.FindAllStringSubmatch(code, -1) {
				if strings.Contains(code, "/api/v1/") || strings.Contains(code, "/admin/") {
					continue
				}
				if _, faults := urltemplate.ParseSecret(urltemplate.Text, m[0]); len(faults) > 0 {
					t.Errorf("web/docs/%s: %s: %v", page, m[0], faults)
				}
			}
		}
	}
}

// The documents are parsed as they stand. A warning of a variable that is not
// built in needs no findings: the text around says where it comes from.
func TestEveryDocumentIsTakenOrToldWhatTheManualSays(t *testing.T) {
	for _, page := range blocks(t) {
		for i, b := range page {
			if b.info != "xml" {
				continue
			}
			var want, got []string
			if i+1 < len(page) && page[i+1].info == "findings" {
				want = strings.Split(strings.TrimSpace(page[i+1].text), "\n")
			}
			_, findings := screenpop.ParseDocument([]byte(b.text))
			for _, f := range findings {
				if len(want) > 0 || f.Severity == screenpop.SeverityError || !strings.HasPrefix(f.Msg, "unknown variable") {
					got = append(got, f.String())
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s (- the manual, + the parser):\n%s", b, diff)
			}
		}
	}
}
