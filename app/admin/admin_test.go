package admin_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/crmpop/crmpop/app/admin"
	"github.com/crmpop/crmpop/app/screenpop"
)

func TestDiffShowsWhatWasTakenOutAndPutIn(t *testing.T) {
	tests := []struct{ name, from, to, want string }{
		{"equal", "a\nb\n", "a\nb\n", ""},
		{"from nothing", "", "a\nb\n", "+a +b"},
		{"to nothing", "a\nb\n", "", "-a -b"},
		{"a line changed", "a\nb\nc\n", "a\nx\nc\n", " a -b +x  c"},
		{"a line moved", "a\nb\nc\n", "b\nc\na\n", "-a  b  c +a"},
		{"far lines are left out", "1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\n5\n6\n7\n8\nx\n", "…  6  7  8 -9 +x"},
		{"the same line twice", "a\na\n", "a\n", " a -a"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, l := range admin.Diff(tt.from, tt.to) {
				got = append(got, string(l.Op)+l.Text)
			}
			if s := strings.Join(got, " "); s != tt.want {
				t.Errorf("diff = %q, want %q", s, tt.want)
			}
		})
	}
}

func TestDiffOfLargeTextsEndsSoon(t *testing.T) {
	var a, b strings.Builder
	for i := range 5000 {
		fmt.Fprintf(&a, "a%d\n", i)
		fmt.Fprintf(&b, "b%d\n", i)
	}
	if got := len(admin.Diff(a.String(), b.String())); got != 10000 {
		t.Errorf("diff has %d lines, want 10000", got)
	}
}

func TestOffsetOfLineAndColumn(t *testing.T) {
	const text = "ab\næøå\n😀x\n"
	tests := []struct{ line, column, want int }{
		{1, 1, 0}, {1, 3, 2}, {1, 9, 2}, {2, 1, 3}, {2, 3, 7}, {3, 2, 14}, {4, 1, 16}, {9, 1, 16}, {0, 0, 0},
	}
	for _, tt := range tests {
		if got := admin.OffsetOf(text, tt.line, tt.column); got != tt.want {
			t.Errorf("offsetOf(%d:%d) = %d, want %d", tt.line, tt.column, got, tt.want)
		}
	}
}

func TestPlaces(t *testing.T) {
	tests := []struct{ address, want string }{
		{"/admin", "requests|||"}, {"/admin/", "requests|||"}, {"/admin/requests/c-8f2", "requests||c-8f2|"},
		{"/admin/requests?q=kari", "requests|||q=kari"}, {"/admin/requests/a%2Fb", "requests||a/b|"},
		{"/admin/screenpopup", "screenpopup|||"}, {"/admin/screenpopup/user/u1", "screenpopup|user|u1|"}, {"/admin/screenpopup/user", "|||"},
		{"/admin/test/to.ken?x=1", "test||to.ken|x=1"}, {"/admin/users/new", "users||new|"},
	}
	for _, tt := range tests {
		screen, level, id, query := admin.PlaceOf(tt.address)
		if got := strings.Join([]string{screen, level, id, query}, "|"); got != tt.want {
			t.Errorf("placeOf(%q) = %q, want %q", tt.address, got, tt.want)
		}
	}
}

func TestFindingsThatSayTheSameStandTogether(t *testing.T) {
	all := []screenpop.Finding{
		{Line: 1, Column: 2, Severity: screenpop.SeverityWarning, Msg: "http"},
		{Line: 2, Column: 2, Severity: screenpop.SeverityError, Msg: "bare", Repair: &screenpop.Repair{Offset: 3}},
		{Line: 2, Column: 9, Severity: screenpop.SeverityError, Msg: "bare", Repair: &screenpop.Repair{Offset: 9}},
		{Line: 4, Column: 2, Severity: screenpop.SeverityWarning, Msg: "http"},
	}
	var got []string
	for _, g := range admin.Grouped(all) {
		got = append(got, fmt.Sprintf("%s×%d", g[0].Msg, len(g)))
	}
	if s := strings.Join(got, " "); s != "bare×1 bare×1 http×2" {
		t.Errorf("grouped = %q", s)
	}
	if got := admin.Marks(all); got != "1w 2e 4w" {
		t.Errorf("marks = %q", got)
	}
}

func TestTraceSaysWhatAProgramWasTold(t *testing.T) {
	ran := strings.NewReplacer(`"kind":"url"`, `"kind":"command","command":"dde","vars":[{"name":"anum","value":"22 33"},{"name":"q","value":""}]`,
		`"url":"https://crm.example/?p=%2B4722334455",`, "").Replace(oneTrace)
	if got := admin.TraceText(ran, everybody); !strings.Contains(got, "\n    dde anum=22 33 q=\n") {
		t.Errorf("the trace does not say what was run:\n%s", got)
	}
}

func TestPresetsGoIntoADocument(t *testing.T) {
	for _, p := range screenpop.Presets() {
		for level, start := range map[string]string{"tenant": "", "user": "", "group": document} {
			out, err := admin.WithPreset(start, level, p)
			if err != nil {
				t.Fatalf("%s: %v", p.Name, err)
			}
			if _, findings := screenpop.ParseDocument([]byte(out)); len(findings) > 0 {
				t.Errorf("%s: %v", p.Name, findings)
			}
			if inherits := strings.Contains(out, "<inherit/>"); inherits != (level == "user") {
				t.Errorf("%s at the level %s inherits: %v\n%s", p.Name, level, inherits, out)
			}
		}
	}
	if _, err := admin.WithPreset("<screenpopup>", "tenant", screenpop.Presets()[0]); err == nil {
		t.Error("a preset went into a document that cannot be read")
	}
}

func TestTraceIsCopiedAsText(t *testing.T) {
	got := admin.TraceText(oneTrace, everybody)
	for _, want := range []string{
		"Request c-1: voice Kari Nordmann, accepted", "ringing from pbx (event e1)", "anum: +4722334455", "segment: gold",
		"agent: Anna Berg", "1 workspace was open; company revision 7", "popup tenant:crm: match:", "popup tenant:kb: no match: on is \"accepted\"",
		"+350 ms  shown: 0.3 s", `nobody has the alias "ghost"`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the text lacks %q:\n%s", want, got)
		}
	}
}

func TestWords(t *testing.T) {
	for got, want := range map[string]string{
		admin.Sentence("a bare &"):               "A bare &.",
		admin.Sentence("http:// is not enough"):  "http:// is not enough.",
		admin.Sentence(""):                       "",
		admin.Sentence("Why?"):                   "Why?",
		admin.Plural(1, "user", "users"):         "1 user",
		admin.Plural(214, "user", "users"):       "214 users",
		admin.Millis(350 * time.Millisecond):     "350 ms",
		admin.Millis(1400 * time.Millisecond):    "1.4 s",
		admin.Millis(31 * time.Second):           "31 s",
		admin.Millis(-time.Second):               "0 ms",
		admin.Millis(25 * time.Hour):             "25 h",
		admin.Millis(100 * time.Minute):          "100 min",
		admin.Link("/a"):                         "/a",
		admin.Link("/a", "q", "x y&z", "no", ""): "/a?q=x+y%26z",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
