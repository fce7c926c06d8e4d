package docs_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/urltemplate"
	"github.com/crmpop/crmpop/server/ingest"
)

func TestEveryEventIsAccepted(t *testing.T) {
	for _, page := range blocks(t) {
		for _, b := range page {
			if b.info != "json" {
				continue
			}
			media := "application/json"
			if strings.Contains(b.text, `"specversion"`) {
				media = "application/cloudevents+json"
			}
			batch, err := ingest.Native().Read(http.Header{"Content-Type": {media}}, []byte(b.text))
			if err != nil {
				t.Errorf("%s: %v", b, err)
			}
			for _, it := range batch.Items {
				if it.Err != nil {
					t.Errorf("%s: %v", b, it.Err)
				}
			}
		}
	}
}

// knownTo returns the words that the reader of events lists when it meets another.
func knownTo(t *testing.T, event string) []string {
	t.Helper()
	_, err := ingest.Native().Read(http.Header{"Content-Type": {"application/json"}}, []byte(event))
	if err == nil {
		t.Fatalf("%s is accepted", event)
	}
	_, list, ok := strings.Cut(err.Msg, "known: ")
	if !ok {
		t.Fatalf("%s: %s does not say what is known", event, err.Msg)
	}
	list, _, _ = strings.Cut(list, ";")
	return strings.Split(list, ", ")
}

func TestTheManualKnowsEveryFieldOfAnEvent(t *testing.T) {
	var event, request []string
	meaning := map[string]string{}
	for _, r := range cells(t, "events.md", "## The fields") {
		name := spans(r[0])[0]
		meaning[name] = r[1]
		if inner, ok := strings.CutPrefix(name, "request."); ok {
			request = append(request, inner)
		} else {
			event = append(event, name)
		}
	}
	same(t, "fields of an event", append(event, "request"), knownTo(t, `{"zzqqzz":1}`))
	same(t, "fields of a request", request, knownTo(t, `{"request":{"zzqqzz":1}}`))
	same(t, "types", words(meaning["type"]), words("`"+join(screenpop.EventTypes)+"`"))
	same(t, "channels", words(meaning["request.channel"]), words("`"+join(screenpop.Channels)+"`"))
	same(t, "directions", words(meaning["request.direction"]), []string{string(screenpop.In), string(screenpop.Out)})
	var moments []string
	for _, r := range cells(t, "events.md", "## The moments") {
		moments = append(moments, spans(r[0])[0])
	}
	same(t, "moments", moments, words("`"+join(screenpop.EventTypes)+"`"))
	for _, want := range []string{fmt.Sprintf("at most %d KiB", ingest.MaxEvent>>10), fmt.Sprintf("at most %d events", ingest.MaxEvents)} {
		if !strings.Contains(pages(t)["events.md"], want) {
			t.Errorf("web/docs/events.md does not say %q", want)
		}
	}
}

func join[T ~string](all []T) string { return strings.ReplaceAll(screenpop.JoinWords(all), ",", "") }

// The examples of transforms go the whole way: published, sent, popped.
func TestTransformsMakeWhatTheManualSays(t *testing.T) {
	c := acme(t)
	for i, r := range cells(t, "variables-and-transforms.md", "## What comes out") {
		written, value, want := spans(r[0])[0], span(r[1]), span(r[2])
		c.publish(`<screenpopup><url target="request">https://crm.example.com/find?q=` + strings.ReplaceAll(written, "&", "&amp;") + `</url></screenpopup>`)
		event := map[string]any{"id": fmt.Sprint("e-", i), "type": "ringing", "request": map[string]any{
			"id": fmt.Sprint("r-", i), "channel": "voice", "agent": "2149", "variables": map[string]string{"v": value}}}
		body, err := json.Marshal(event)
		must(t, err)
		if status, b := c.do("POST", "/api/v1/events", "application/json", string(body)); status != http.StatusAccepted {
			t.Fatalf("send %s: %d %s", body, status, b)
		}
		var trace struct{ Pops []screenpop.Pop }
		_, b := c.do("GET", fmt.Sprint("/api/v1/requests/r-", i, "/trace"), "", "")
		must(t, json.Unmarshal(b, &trace))
		if len(trace.Pops) != 1 || trace.Pops[0].URL != "https://crm.example.com/find?q="+want {
			t.Errorf("%s of %q: the manual says %q; the pop is %+v", written, value, want, trace.Pops)
		}
	}
}

// span returns the words between backquotes, "" for a cell without.
func span(cell string) string { return append(spans(cell), "")[0] }

func TestValuesAreEscapedAsTheManualSays(t *testing.T) {
	kinds := map[string]urltemplate.Kind{"path": urltemplate.URL, "query": urltemplate.URL, "behind #": urltemplate.URL,
		"title, clipboard": urltemplate.Text, "form value": urltemplate.Form, "JSON value": urltemplate.JSON, "command argument": urltemplate.Argv}
	for _, r := range cells(t, "variables-and-transforms.md", "## By place") {
		kind, ok := kinds[r[0]]
		if !ok {
			t.Errorf("the test does not know the place %q", r[0])
			continue
		}
		tmpl, faults := urltemplate.Parse(kind, span(r[1]))
		if len(faults) > 0 {
			t.Errorf("%s: %v", r[1], faults)
			continue
		}
		res, err := tmpl.Expand(urltemplate.Values{Lookup: func(string) (string, bool) { return "a/b c&d", true }})
		if err != nil || res.Text != span(r[2]) {
			t.Errorf("%s: %s comes out as %q, %v, the manual says %s", r[0], r[1], res.Text, err, r[2])
		}
	}
}

var (
	asked   = regexp.MustCompile("((?:GET|POST|PUT|PATCH|DELETE)`?(?:(?:,| and) `(?:GET|POST|PUT|PATCH|DELETE)`?)*) (/(?:api/v1|in)/[^` ,]+)")
	methods = regexp.MustCompile("[A-Z]+")
	inCurly = regexp.MustCompile(`\{[^}]*\}`)
)

// What the manual says can be asked for stands in openapi.json.
func TestTheAPIHasWhatTheManualNames(t *testing.T) {
	src, err := os.ReadFile("../api/openapi.json")
	must(t, err)
	var spec struct{ Paths map[string]map[string]any }
	must(t, json.Unmarshal(src, &spec))
	have := map[string]bool{}
	for at, of := range spec.Paths {
		for method := range of {
			have[strings.ToUpper(method)+" "+inCurly.ReplaceAllString(at, "{}")] = true
		}
	}
	named := 0
	for page, text := range pages(t) {
		for _, m := range asked.FindAllStringSubmatch(text, -1) {
			at, err := url.Parse(m[2])
			must(t, err)
			for _, method := range methods.FindAllString(m[1], -1) {
				named++
				if what := method + " " + inCurly.ReplaceAllString(at.Path, "{}"); !have[what] {
					t.Errorf("web/docs/%s names %s, which there is not", page, what)
				}
			}
		}
	}
	if named < 3 {
		t.Errorf("%d addresses of the API found in the manual; look at the test", named)
	}
}

var keyRow = regexp.MustCompile(`\{("[^"]*"|key[A-Z][a-z]*), "([^"]*)"\}`)

func TestTheManualKnowsEveryKey(t *testing.T) {
	src, err := os.ReadFile("../../app/workspace/keys.go")
	must(t, err)
	_, list, _ := strings.Cut(string(src), "var keyList = ")
	list, _, _ = strings.Cut(list, "\n}\n")
	var inCode, inManual []string
	for _, m := range keyRow.FindAllStringSubmatch(list, -1) {
		key := strings.Trim(m[1], `"`)
		if name, ok := strings.CutPrefix(m[1], "key"); ok {
			value := regexp.MustCompile(`key` + name + `\s+= "([^"]*)"`).FindStringSubmatch(string(src))
			key = value[1]
		}
		inCode = append(inCode, key+": "+m[2])
	}
	if len(inCode) < 5 {
		t.Fatalf("keys found in the code: %q", inCode)
	}
	for _, r := range cells(t, "keyboard.md", "# Keyboard") {
		inManual = append(inManual, r[0]+": "+r[1])
	}
	if !slices.Equal(inCode, inManual) {
		same(t, "keys", inManual, inCode)
	}
}
