package urltemplate_test

import (
	"encoding/json"
	"errors"
	"net/url"
	"strings"
	"testing"

	"github.com/crmpop/crmpop/app/urltemplate"
	"github.com/google/go-cmp/cmp"
)

func lookup(values map[string]string) urltemplate.Values {
	return urltemplate.Values{Lookup: func(name string) (string, bool) {
		v, ok := values[name]
		return v, ok
	}}
}

func parse(t testing.TB, kind urltemplate.Kind, src string) *urltemplate.Template {
	t.Helper()
	tmpl, faults := urltemplate.Parse(kind, src)
	if tmpl == nil {
		t.Fatalf("Parse(%q): %v", src, faults)
	}
	return tmpl
}

func TestStringOriginAndFrameKey(t *testing.T) {
	tests := []struct {
		name                  string
		kind                  urltemplate.Kind
		src                   string
		text, origin, framing string
	}{
		{"path and query", urltemplate.URL, "https://crm.example.com/c/{customer_number|trim|default:0}/edit?q={anum}",
			"https://crm.example.com/c/{customer_number|trim|default:0}/edit?q={anum}", "https://crm.example.com", "https://crm.example.com/c/{customer_number}/edit"},
		{"normalised", urltemplate.URL, " HTTPS://CRM.example.com:443?q=\"{{", "https://crm.example.com/?q=%22%7B", "https://crm.example.com", "https://crm.example.com/"},
		{"fragment", urltemplate.URL, "https://h:8443/a#b/{anum}", "https://h:8443/a#b/{anum}", "https://h:8443", "https://h:8443/a"},
		{"variable at the end of the path", urltemplate.URL, "https://h/{anum}", "https://h/{anum}", "https://h", "https://h/{anum}"},
		{"variable in the query alone", urltemplate.URL, "https://h?{anum}{dnis}", "https://h/?{anum}{dnis}", "https://h", "https://h/"},
		{"whole", urltemplate.URL, " {url|trim} ", "{url|trim}", "", ""},
		{"text", urltemplate.Text, "a {{b}} {anum|last:3}", "a {{b}} {anum|last:3}", "", ""},
		{"argument", urltemplate.Argv, "a={anum} b", "a={anum}%20b", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tmpl := parse(t, tt.kind, tt.src)
			if got := tmpl.String(); got != tt.text {
				t.Errorf("String() = %q, want %q", got, tt.text)
			}
			if got := tmpl.Origin(); got != tt.origin {
				t.Errorf("Origin() = %q, want %q", got, tt.origin)
			}
			if got := tmpl.FrameKey(); got != tt.framing {
				t.Errorf("FrameKey() = %q, want %q", got, tt.framing)
			}
		})
	}
}

func TestVariablesAreListedWithTheirPlaces(t *testing.T) {
	src := "https://h/{customer_number|trim|default:x}?ø={anum}"
	want := []urltemplate.Use{
		{Name: "customer_number", Offset: 10, Transforms: []string{"trim", "default:x"}, HasDefault: true},
		{Name: "anum", Offset: strings.Index(src, "{anum}")},
	}
	if diff := cmp.Diff(want, parse(t, urltemplate.URL, src).Variables()); diff != "" {
		t.Errorf("Variables of %q (-want +got):\n%s", src, diff)
	}
}

func TestUsesAreListedOfWhatDoesNotParse(t *testing.T) {
	want := []urltemplate.Use{{Name: "queue_key", Offset: 8}, {Name: "anum", Offset: 25}}
	if diff := cmp.Diff(want, urltemplate.Uses(urltemplate.URL, "https://{queue_key}.crm/ {anum|digit}{a b}")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestPartsTellLiteralTextFromValues(t *testing.T) {
	tests := []struct {
		name string
		kind urltemplate.Kind
		src  string
		want []urltemplate.Part
	}{
		{"url", urltemplate.URL, "https://h/a?b={anum}&c={none}", []urltemplate.Part{{Text: "https://h/a?b="}, {Text: "%2B1", Variable: "anum"}, {Text: "&c="}, {Variable: "none"}}},
		{"text loses the space around it", urltemplate.Text, " {none}  {anum} x {space}", []urltemplate.Part{{}, {Variable: "none"}, {}, {Text: "+1", Variable: "anum"}, {Text: " x"}, {Variable: "space"}}},
		{"only space", urltemplate.Text, " {space} ", []urltemplate.Part{{}, {Variable: "space"}, {}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			res, err := parse(t, tt.kind, tt.src).Expand(lookup(map[string]string{"anum": "+1", "space": "  "}))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, res.Parts); diff != "" {
				t.Errorf("parts of %q (-want +got):\n%s", tt.src, diff)
			}
			joined := ""
			for _, p := range res.Parts {
				joined += p.Text
			}
			if joined != res.Text {
				t.Errorf("parts join to %q, the text is %q", joined, res.Text)
			}
		})
	}
}

type norwegian struct{}

func (norwegian) E164(raw string) string     { return "+47" + raw }
func (norwegian) National(raw string) string { return strings.TrimPrefix(raw, "+47") }

func TestNumbersWriteThePhoneNumbers(t *testing.T) {
	tmpl := parse(t, urltemplate.Text, "{anum|e164} {dnis|national}")
	v := lookup(map[string]string{"anum": "22334455", "dnis": "+4721898989"})
	v.Numbers = norwegian{}
	if res, err := tmpl.Expand(v); err != nil || res.Text != "+4722334455 21898989" {
		t.Errorf("Expand = %q, %v", res.Text, err)
	}
	v.Numbers = nil
	if res, err := tmpl.Expand(v); err != nil || res.Text != "22334455 +4721898989" {
		t.Errorf("Expand without Numbers = %q, %v", res.Text, err)
	}
}

func TestWithoutLookupEverythingIsEmpty(t *testing.T) {
	res, err := parse(t, urltemplate.URL, "https://h/?a={anum}").Expand(urltemplate.Values{})
	if err != nil || res.Text != "https://h/?a=" {
		t.Errorf("Expand = %q, %v", res.Text, err)
	}
}

func TestSkipNamesTheVariable(t *testing.T) {
	for src, want := range map[string]string{
		"https://h/{a}/{b|required}": "b",
		"https://h/{a}/x{b}":         "",
		"https://h/.{a}{b}/{c}":      "a",
		"{url}":                      "url",
	} {
		_, err := parse(t, urltemplate.URL, src).Expand(lookup(map[string]string{"c": "1"}))
		got := ""
		var skip *urltemplate.SkipError
		if errors.As(err, &skip) {
			got = skip.Variable
		}
		if got != want {
			t.Errorf("Expand(%q) is stopped by %q (%v), want %q", src, got, err, want)
		}
	}
}

func TestValuesRoundTripInEveryKind(t *testing.T) {
	value := "a&b=c+d e%20\"\\/<>'\u00e6\u20ac\U0001F600\x7f\x01;,|"
	decode := map[urltemplate.Kind]func(string) (string, error){
		urltemplate.Form: url.QueryUnescape,
		urltemplate.Argv: url.PathUnescape,
		urltemplate.JSON: func(s string) (got string, err error) {
			err = json.Unmarshal([]byte(`"`+s+`"`), &got)
			return got, err
		},
	}
	for kind, decode := range decode {
		res, err := parse(t, kind, "{x}").Expand(lookup(map[string]string{"x": value}))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := decode(res.Text); err != nil || got != value {
			t.Errorf("kind %d: %q decodes to %q, %v, want %q", kind, res.Text, got, err, value)
		}
	}
}

func TestLiteralTextIsEscapedLikeValues(t *testing.T) {
	for kind, want := range map[urltemplate.Kind]string{
		urltemplate.Form: "a+%26+b%2F%7B",
		urltemplate.JSON: `a \u0026 b/{`,
		urltemplate.Text: "a & b/{",
	} {
		if res, err := parse(t, kind, "a & b/{{").Expand(urltemplate.Values{}); err != nil || res.Text != want {
			t.Errorf("kind %d expands to %q, %v, want %q", kind, res.Text, err, want)
		}
	}
}

func TestTooManyValuesAreAllCutUntilTheyFit(t *testing.T) {
	src := "https://h/?" + strings.Repeat("{x}", 2000)
	res, err := parse(t, urltemplate.URL, src).Expand(lookup(map[string]string{"x": strings.Repeat("é", 2000)}))
	if err != nil || len(res.Text) > urltemplate.MaxURL || !res.Shortened {
		t.Errorf("%d bytes, shortened %v, %v", len(res.Text), res.Shortened, err)
	}
}

func TestBadUTF8IsRefused(t *testing.T) {
	for kind := urltemplate.URL; kind <= urltemplate.Header; kind++ {
		tmpl, faults := urltemplate.Parse(kind, "https://h/a\xffb")
		if tmpl != nil || len(faults) != 1 || faults[0].Offset != 11 {
			t.Errorf("kind %d: %v, faults %v, want one at 11", kind, tmpl, faults)
		}
	}
}

func TestNearest(t *testing.T) {
	known := []string{"anum", "dnis", "agent", "agent_name", "customer_key"}
	for word, want := range map[string]string{
		"anumb": "anum", "ANUM": "anum", "naum": "anum", "agnet": "agent", "agentname": "agent_name",
		"customerkey": "customer_key", "customer_number": "", "x": "", "": "",
	} {
		if got := urltemplate.Nearest(word, known); got != want {
			t.Errorf("Nearest(%q) = %q, want %q", word, got, want)
		}
	}
}
