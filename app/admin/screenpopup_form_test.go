package admin_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"github.com/crmpop/crmpop/app/admin"
	"github.com/crmpop/crmpop/app/screenpop"
)

// mixed is a document with all that a form has to leave as it is.
const mixed = `<?xml version="1.0"?>
<screenpopup>
	<!-- the CRM,
	     for calls -->
  <url on='ringing' title='A &amp; "B"'  channel="voice" ><![CDATA[https://crm.example/?a=1&p={anum}]]></url>

  <!-- alone -->

  <inherit/>
  <webrequest
      href="https://crm.example/calls" format="json">
    <when variable="queue_key" matches="sales*"/><variable name="n">{anum}</variable>
  </webrequest><clipboard>{anum}</clipboard> <!-- beside -->
  <command name="dde"/>
  <!-- end -->
</screenpopup>
`

const broken = "<screenpopup>\n  <url on=\"ringing\"\n</screenpopup>\n"

var formFaulty = "<screenpopup>\n  <inherit/>\n" +
	"  <url on=\"rining\" target=\"_top\" title=\"CRM\" probe=\"maybe\"><when variable=\"{anum}\" is=\"x\"/>https://crm.example/?p={anumb}&q=1</url>\n" +
	"  <webrequest chanel=\"voice\"><variable name=\"a b\">{x y}</variable></webrequest>\n  <clipboard/>\n  <inherit/>\n</screenpopup>\n"

var formScenes = map[string]func() goapp.UI{
	"form_empty": func() goapp.UI {
		return admin.NewTestOffice("/admin/screenpopup/user/u2?view=form").Form("", "", everybody)
	},
	"form_no_popups": func() goapp.UI {
		return admin.NewTestOffice("/admin/screenpopup/tenant/acme?view=form").Form("", "<screenpopup/>", everybody)
	},
	"form": func() goapp.UI {
		demo, err := os.ReadFile("../../server/demo/screenpopup.xml")
		if err != nil {
			panic(err)
		}
		return admin.NewTestOffice("/admin/screenpopup/tenant/acme?view=form").Form(string(demo), string(demo), everybody, 4, 7)
	},
	"form_kinds": func() goapp.UI {
		return admin.NewTestOffice("/admin/screenpopup/group/g1?view=form").Form("", mixed, everybody, 0, 1, 2, 3, 4)
	},
	"form_findings": func() goapp.UI {
		return admin.NewTestOffice("/admin/screenpopup/user/u2?view=form").Form("", formFaulty, everybody, 1, 2)
	},
	"form_unreadable": func() goapp.UI {
		return admin.NewTestOffice("/admin/screenpopup/group/g1?view=form").Form("", broken, everybody)
	},
}

func init() {
	for name, draw := range formScenes {
		scenes[name] = draw
	}
}

var popups = []string{"url", "clipboard", "webrequest", "command"}

func TestEveryAttributeHasAFieldOnTheCard(t *testing.T) {
	for _, element := range popups {
		var fields []string
		for _, f := range admin.FieldsOf(element) {
			if f.Name != "text" {
				fields = append(fields, f.Name)
			}
		}
		attributes := screenpop.Attributes(element)
		slices.Sort(fields)
		slices.Sort(attributes)
		if diff := cmp.Diff(attributes, fields); diff != "" {
			t.Errorf("<%s> (-takes +has fields):\n%s", element, diff)
		}
	}
}

func TestEveryKindCanBeAdded(t *testing.T) {
	var elements []string
	for _, xml := range admin.Kinds() {
		out, err := screenpop.Apply([]byte("<screenpopup/>"), screenpop.AddPopup{XML: xml})
		if err != nil {
			t.Fatal(err)
		}
		places, _ := screenpop.Outline(out)
		elements = append(elements, places[0].Element)
	}
	if diff := cmp.Diff(popups, elements); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestChoicesOfferAllWordsAndCallOneTheDefault(t *testing.T) {
	for _, f := range admin.FieldsOf("url") {
		of, ok := screenpop.ChoiceOf(f.Name)
		if !ok || of.Several {
			continue
		}
		var words []string
		defaults := 0
		for _, c := range admin.ChoicesOf(f.Name, "odd", f.Empty) {
			words = append(words, c[0])
			if strings.HasSuffix(c[1], "(default)") {
				defaults++
			}
		}
		if defaults != 1 {
			t.Errorf("%s has %d defaults", f.Name, defaults)
		}
		for _, w := range append(of.Words, "odd") {
			if !slices.Contains(words, w) {
				t.Errorf("%s does not offer %q: %q", f.Name, w, words)
			}
		}
	}
}

func TestChangesOfFields(t *testing.T) {
	tests := []struct {
		name, src    string
		item, child  int
		field, value string
		want         string
	}{
		{"title", `<url title="A">u</url>`, 0, 0, "title", `B "&`, `<url title="B &quot;&amp;">u</url>`},
		{"title emptied", `<url  title='A' id="x">u</url>`, 0, 0, "title", "", `<url id="x">u</url>`},
		{"title comes", `<url>u</url>`, 0, 0, "title", "T", `<url title="T">u</url>`},
		{"the default goes", `<url focus="always">u</url>`, 0, 0, "focus", "never", `<url>u</url>`},
		{"another choice", `<url>u</url>`, 0, 0, "frame", "never", `<url frame="never">u</url>`},
		{"direction of both", `<url direction="in">u</url>`, 0, 0, "direction", "", `<url>u</url>`},
		{"the request's tab", `<url>u</url>`, 0, 0, "target", "request", `<url target="request">u</url>`},
		{"a new tab is the default", `<url target="request">u</url>`, 0, 0, "target", "_blank", `<url>u</url>`},
		{"a new tab where it must be said", `<url visible="true" target="request">u</url>`, 0, 0, "target", "_blank", `<url visible="true" target="_blank">u</url>`},
		{"a window", `<url target="request">u</url>`, 0, 0, "target", "named", `<url target="window">u</url>`},
		{"a window that has a name", `<url target="kb">u</url>`, 0, 0, "target", "named", `<url target="kb">u</url>`},
		{"a window's name", `<url target="window">u</url>`, 0, 0, "window", "kb", `<url target="kb">u</url>`},
		{"address", `<url><when variable="a" is="b"/> u </url>`, 0, 0, "text", "https://x/?a&b", `<url><when variable="a" is="b"/> https://x/?a&amp;b </url>`},
		{"address in CDATA", `<url><![CDATA[u&]]></url>`, 0, 0, "text", "https://x/?a&b", `<url><![CDATA[https://x/?a&b]]></url>`},
		{"href emptied stays", `<webrequest href="u"/>`, 0, 0, "href", "", `<webrequest href=""/>`},
		{"a command's name emptied stays", `<command name="u"/>`, 0, 0, "name", "", `<command name=""/>`},
		{"format", `<webrequest href="u" format="json"/>`, 0, 0, "format", "form", `<webrequest href="u"/>`},
		{"condition's variable", `<url><when is="b"/>u</url>`, 0, 1, "variable", "a", `<url><when is="b" variable="a"/>u</url>`},
		{"condition's variable emptied", `<url><when variable="a" is="b"/>u</url>`, 0, 1, "variable", "", `<url><when variable="" is="b"/>u</url>`},
		{"condition's comparison", `<url><when is="b" variable="a"/>u</url>`, 0, 1, "op", "not", `<url><when not="b" variable="a"/>u</url>`},
		{"condition's value", `<url><when matches='b' variable="a"/>u</url>`, 0, 1, "value", "c'", `<url><when matches='c&apos;' variable="a"/>u</url>`},
		{"condition's value emptied", `<url><when not="b" variable="a"/>u</url>`, 0, 1, "value", "", `<url><when not="" variable="a"/>u</url>`},
		{"condition with two comparisons", `<url><when variable="a" is="b" not="c"/>u</url>`, 0, 1, "value", "d", `<url><when variable="a" is="d"/>u</url>`},
		{"variable's name", `<webrequest href="u"><variable name="a">b</variable></webrequest>`, 0, 1, "name", "c", `<webrequest href="u"><variable name="c">b</variable></webrequest>`},
		{"variable's value", `<webrequest href="u"><variable name="a"/></webrequest>`, 0, 1, "text", "{anum}", `<webrequest href="u"><variable name="a">{anum}</variable></webrequest>`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			before, after := "<screenpopup><!-- a -->\n\t", "\n<!-- b -->  <clipboard>x</clipboard></screenpopup>"
			s := admin.NewTestOffice("/admin/screenpopup/tenant/acme").FormScreen(before+tt.src+after, everybody)
			got := s.Do(admin.Set(tt.item, tt.child, tt.field, tt.value))
			if diff := cmp.Diff(before+tt.want+after, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestTicks(t *testing.T) {
	tests := []struct{ name, tag, field, word, want string }{
		{"the first", `<url>`, "on", "ringing", `<url on="ringing">`},
		{"in the order of the language", `<url on="ringing hangup">`, "on", "accepted", `<url on="ringing accepted hangup">`},
		{"what it is not stays", `<url on="rining closed">`, "on", "hangup", `<url on="rining hangup closed">`},
		{"out", `<url on=" ringing  hangup">`, "on", "ringing", `<url on="hangup">`},
		{"the last goes", `<url id="a" channel='chat'>`, "channel", "chat", `<url id="a">`},
		{"a wrong word out", `<url channel="chad voice">`, "channel", "chad", `<url channel="voice">`},
		{"sandbox", `<url sandbox="allow-forms">`, "sandbox", "allow-modals", `<url sandbox="allow-forms allow-modals">`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			doc := func(tag string) string { return "<screenpopup>" + tag + "https://a.example/</url></screenpopup>" }
			s := admin.NewTestOffice("/admin/screenpopup/tenant/acme").FormScreen(doc(tt.tag), everybody)
			if got := s.Do(admin.Tick(0, tt.field, tt.word)); got != doc(tt.want) {
				t.Errorf("got %s, want %s", got, doc(tt.want))
			}
		})
	}
}

// documents are those that the form has to cope with.
func documents(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{"mixed": mixed, "mixed, CRLF": strings.ReplaceAll(mixed, "\n", "\r\n"), "faulty": formFaulty}
	files, _ := filepath.Glob("../screenpop/testdata/popup/*.xml")
	for _, file := range append(files, "../../server/demo/screenpopup.xml") {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if places, _ := screenpop.Outline(b); len(places) > 0 {
			all[filepath.Base(file)] = string(b)
		}
	}
	if len(all) < 5 {
		t.Fatalf("%d documents; look at the test", len(all))
	}
	return all
}

// views returns what all cards show.
func views(t *testing.T, text string) []admin.PopupView {
	t.Helper()
	places, _ := screenpop.Outline([]byte(text))
	all := make([]admin.PopupView, len(places))
	for i, p := range places {
		all[i] = admin.ViewOf(p)
	}
	return all
}

// Each field of each card, changed: the card says so, nothing else in the document
// does, and changed back the text is what it was.
func TestEachFieldChangesItselfAlone(t *testing.T) {
	for name, src := range documents(t) {
		was := views(t, src)
		for item, v := range was {
			for _, f := range admin.FieldsOf(v.Element) {
				if v.Element == "inherit" || v.Faulty {
					continue
				}
				at := screenpop.Spot{Item: item}
				value := "new <&> \"value\""
				if of, ok := screenpop.ChoiceOf(f.Name); ok && !of.Several {
					value = of.Words[0]
				}
				out, err := screenpop.Apply([]byte(src), v.Change(at, f.Name, value))
				if err != nil {
					if !strings.Contains(err.Error(), "two pieces") {
						t.Errorf("%s: item %d, %s: %v", name, item, f.Name, err)
					}
					continue
				}
				is := views(t, string(out))
				checkAlone(t, fmt.Sprintf("%s: item %d, %s", name, item, f.Name), was, is, item, f.Name)
				if of, _ := screenpop.ChoiceOf(f.Name); f.Name != "target" && value != of.Default && is[item].Shows(f.Name) != value {
					t.Errorf("%s: item %d, %s says %q, want %q", name, item, f.Name, is[item].Shows(f.Name), value)
				}
				if _, had := v.Set[f.Name]; had || f.Name == "text" || f.Name == "target" || f.Name == "href" || f.Name == "name" {
					continue // what must be there stays, and is empty
				}
				back, err := screenpop.Apply(out, is[item].Change(at, f.Name, ""))
				if err != nil || string(back) != src {
					t.Errorf("%s: item %d, %s and back (%v):\n%s", name, item, f.Name, err, cmp.Diff(src, string(back)))
				}
			}
		}
	}
}

// checkAlone sees that of all cards only one field of one has changed.
func checkAlone(t *testing.T, where string, was, is []admin.PopupView, item int, field string) {
	t.Helper()
	if len(was) != len(is) {
		t.Fatalf("%s: %d cards became %d", where, len(was), len(is))
	}
	strip := func(all []admin.PopupView) []admin.PopupView {
		all = slices.Clone(all)
		v := all[item]
		set := map[string]string{}
		for name, value := range v.Set {
			if name != field {
				set[name] = value
			}
		}
		v.Set = set
		if field == "text" {
			v.Text = ""
		}
		if field == "id" {
			v.ID = ""
		}
		all[item] = v
		return all
	}
	if diff := cmp.Diff(strip(was), strip(is)); diff != "" {
		t.Errorf("%s changed something else:\n%s", where, diff)
	}
}

func TestFindingsStandAtTheirFields(t *testing.T) {
	places, _ := screenpop.Outline([]byte(formFaulty))
	_, findings := screenpop.ParseDocument([]byte(formFaulty))
	cards, rest := admin.PlaceFindings(formFaulty, places, findings)
	var got []string
	for item, all := range cards {
		for _, f := range all {
			got = append(got, fmt.Sprintf("%d/%d %s: %s", item, f.Child, f.Field, f.Msg))
		}
	}
	want := []string{
		`1/0 on: unknown word "rining" in on`,
		`1/0 target: the target "_top", which would replace the workspace`,
		`1/0 probe: probe has no effect unless target is "request"`,
		`1/0 probe: probe is "maybe"`,
		`1/1 variable: the variable name "{anum}"`,
		`1/0 text: unknown variable {anumb}`,
		`1/0 text: a bare &`,
		`2/0 href: <webrequest> without an address`,
		`2/0 *: unknown attribute "chanel" of <webrequest>`,
		`2/1 name: the name "a b"`,
		`2/1 text: the variable name "x y"`,
		`3/0 text: <clipboard> without a text`,
		`4/0 *: <inherit/> a second time`,
	}
	for i := range got {
		got[i], _, _ = strings.Cut(got[i], ";")
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if len(rest) > 0 {
		t.Errorf("outside of all cards: %v", rest)
	}
}

func TestClosedCardsSayWhenWhereAndWhat(t *testing.T) {
	tests := []struct{ src, when, where, what string }{
		{`<url>https://a.example/</url>`, "ringing (voice), assigned (chat), accepted (email, social)", "A new browser tab", "https://a.example/"},
		{`<url channel="email social" target="request">u</url>`, "accepted · email, social", "The request's tab", "u"},
		{`<url on="ringing hangup" channel="voice" queue="a b*" direction="in" target="kb"><when variable="x" not=""/>u</url>`,
			"ringing, hangup · voice · queue a b* · in · if x not empty", "The window kb", "u"},
		{`<url visible="false" on="closed">u</url>`, "closed", "Not shown", "u"},
		{`<webrequest on="closed" href="u"/>`, "closed", "", "POST u"},
		{`<command on="closed" name="dde">{anum}</command>`, "closed", "", "dde {anum}"},
	}
	for _, tt := range tests {
		when, where, what := views(t, "<screenpopup>"+tt.src+"</screenpopup>")[0].Said()
		if diff := cmp.Diff([]string{tt.when, tt.where, tt.what}, []string{when, where, what}); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.src, diff)
		}
	}
}
