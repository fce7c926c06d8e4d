package screenpop_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/google/go-cmp/cmp"
)

// outlined returns the places of a document that can be read.
func outlined(t testing.TB, src string) []screenpop.Place {
	t.Helper()
	places, findings := screenpop.Outline([]byte(src))
	if places == nil {
		t.Fatalf("Outline(%q): %v", src, findings)
	}
	return places
}

// cut returns a range of a document.
func cut(src string, r screenpop.Range) string { return src[r.From:r.To] }

func TestOutline(t *testing.T) {
	src := "\ufeff<?xml version='1.0'?>\n<screenpopup>\n" +
		"  <!-- the CRM -->\n  <!-- ask Kari -->\n" +
		"  <url id = 'crm' on=\"ringing\" title='a &amp; b'>\n    <when variable='anum' is=''/>\n    <![CDATA[ https://crm.example.com/?a=1&b ]]>\n  </url>\n" +
		"  <inherit/> <!-- not of the next -->\n" +
		"  <webrequest href='https://crm.example.com/' format='json'><variable name='a'>{anum}</variable></webrequest>\n\n" +
		"  <!-- far away -->\n\n  <clipboard></clipboard><!-- near --><command name='x'/>\n</screenpopup>"
	var got []string
	for _, p := range outlined(t, src) {
		got = append(got, fmt.Sprintf("%s %q %d:%d cdata=%v comment=%q %q", p.Element, p.Popup, p.Line, p.Column, p.CDATA, p.Comment, cut(src, p.CommentRange)))
		got = append(got, "  "+cut(src, p.Start)+" | "+cut(src, p.Content)+" | "+p.Text+" | "+cut(src, p.TextRange))
		for _, a := range p.Attributes {
			got = append(got, "  "+a.Name+"="+a.Value+" "+cut(src, a.Range)+" "+cut(src, a.ValueRange))
		}
		for _, c := range p.Children {
			got = append(got, "  child "+cut(src, c.Range)+" "+c.Text)
		}
	}
	want := []string{
		`url "crm" 5:3 cdata=true comment="the CRM\nask Kari" "<!-- the CRM -->\n  <!-- ask Kari -->"`,
		"  <url id = 'crm' on=\"ringing\" title='a &amp; b'> | \n    <when variable='anum' is=''/>\n    <![CDATA[ https://crm.example.com/?a=1&b ]]>\n   | https://crm.example.com/?a=1&b | https://crm.example.com/?a=1&b",
		"  id=crm id = 'crm' crm", `  on=ringing on="ringing" ringing`, "  title=a & b title='a &amp; b' a &amp; b",
		"  child <when variable='anum' is=''/> ",
		`inherit "" 9:3 cdata=false comment="" ""`, "  <inherit/> |  |  | ",
		`webrequest "2" 10:3 cdata=false comment="" ""`,
		"  <webrequest href='https://crm.example.com/' format='json'> | <variable name='a'>{anum}</variable> |  | ",
		"  href=https://crm.example.com/ href='https://crm.example.com/' https://crm.example.com/", "  format=json format='json' json",
		"  child <variable name='a'>{anum}</variable> {anum}",
		`clipboard "3" 14:3 cdata=false comment="" ""`, "  <clipboard> |  |  | ",
		`command "4" 14:39 cdata=false comment="near" "<!-- near -->"`, "  <command name='x'/> |  |  | ",
		"  name=x name='x' x",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// What is wrong but leaves no doubt about what is inside of what is outlined;
// the rest is not.
func TestOutlineOfFaultyDocuments(t *testing.T) {
	tests := []struct {
		name, src string
		want      string // id and element of each place, ! behind one whose tag is faulty; "nil"
	}{
		{"wrong words", in("<url on='rining' visible='true'>x</url><clipboard/>"), "1 url, 2 clipboard"},
		{"bare &", in("<url title='a & b'>https://crm.example.com/?a&b</url>"), "1 url"},
		{"unknown element", in("<ulr>x</ulr><clipboard>x</clipboard>"), "1 clipboard"},
		{"misspelt end", in("<url>x</ulr><clipboard>x</clipboard>"), "1 url, 2 clipboard"},
		{"end of nothing", in("</when><clipboard>x</clipboard>"), "1 clipboard"},
		{"attribute twice", in("<url title='a' title='b'>x</url><clipboard/>"), "1 url!, 2 clipboard"},
		{"no quotation marks", in("<url title=a>x</url><clipboard/>"), "1 url!, 2 clipboard"},
		{"namespace", in("<url x:a='b'>x</url><clipboard/>"), "1 url!, 2 clipboard"},
		{"two roots", in("<url>x</url>") + in("<clipboard>x</clipboard>"), "1 url"},
		{"bad id", in("<url id='a b'>x</url>"), "1 url"},
		{"empty", "<screenpopup/>", ""},
		{"not UTF-8", in("<url>\xff</url>"), "1 url"},
		{"not closed", in("<url>x<clipboard>x</clipboard>"), "nil"},
		{"not closed inside", in("<url><when></url>"), "nil"},
		{"tag not closed", in("<url title='a'"), "nil"},
		{"quotation mark not closed", in("<url title='a>x</url>"), "nil"},
		{"comment not closed", in("<url>x</url><!-- "), "nil"},
		{"another root", "<popups><url>x</url></popups>", "nil"},
		{"nothing", "", "nil"},
		{"too long", in("<clipboard>" + strings.Repeat("x", screenpop.MaxDocument) + "</clipboard>"), "nil"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			places, findings := screenpop.Outline([]byte(tt.src))
			var all []string
			for _, p := range places {
				s := p.Popup + " " + p.Element
				if p.Faulty {
					s += "!"
				}
				all = append(all, s)
			}
			got := strings.Join(all, ", ")
			if places == nil {
				got = "nil"
			}
			if got != tt.want {
				t.Errorf("Outline = %s, want %s", got, tt.want)
			}
			_, parsed := screenpop.ParseDocument([]byte(tt.src))
			if diff := cmp.Diff(parsed, findings); diff != "" {
				t.Errorf("findings differ from ParseDocument's:\n%s", diff)
			}
			_, err := screenpop.Apply([]byte(tt.src), screenpop.AddPopup{XML: "<clipboard>x</clipboard>"})
			if (err == nil) != (places != nil) && tt.name != "too long" {
				t.Errorf("Apply: %v, but the places are %v", err, places)
			}
		})
	}
}

func TestApply(t *testing.T) {
	is := func(v, s string) screenpop.Condition { return screenpop.Condition{Variable: v, Op: "is", Value: s} }
	first := screenpop.Spot{}
	tests := []struct {
		name string
		src  string // inside of <screenpopup>
		edit screenpop.Edit
		want string
	}{
		{"set an attribute", `<url  on = 'ringing'  title="x">u</url>`, screenpop.SetAttribute{Name: "on", Value: "hangup"}, `<url  on = 'hangup'  title="x">u</url>`},
		{"set the same", `<url title="&#97;">u</url>`, screenpop.SetAttribute{Name: "title", Value: "a"}, `<url title="&#97;">u</url>`},
		{"escape in double quotes", `<url title="x">u</url>`, screenpop.SetAttribute{Name: "title", Value: "\"<a>' & b\t\r\n"}, `<url title="&quot;&lt;a>' &amp; b&#9;&#13;&#10;">u</url>`},
		{"escape in single quotes", `<url title='x'>u</url>`, screenpop.SetAttribute{Name: "title", Value: `"<a>'`}, `<url title='"&lt;a>&apos;'>u</url>`},
		{"add an attribute", "<url\n  on='ringing' >u</url>", screenpop.SetAttribute{Name: "title", Value: "x"}, "<url\n  on='ringing' title='x' >u</url>"},
		{"add the first attribute", "<url>u</url>", screenpop.SetAttribute{Name: "title", Value: "x"}, `<url title="x">u</url>`},
		{"add to an empty element", "<command/>", screenpop.SetAttribute{Name: "name", Value: "x"}, `<command name="x"/>`},
		{"of a child", "<clipboard>a</clipboard><webrequest><when/><variable name='a'/></webrequest>", screenpop.SetAttribute{At: screenpop.Spot{Item: 1, Child: 2}, Name: "name", Value: "b"},
			"<clipboard>a</clipboard><webrequest><when/><variable name='b'/></webrequest>"},
		{"remove an attribute", "<url id='a'\n  on='ringing' title='x'>u</url>", screenpop.RemoveAttribute{Name: "on"}, "<url id='a' title='x'>u</url>"},
		{"remove what is not there", "<url >u</url>", screenpop.RemoveAttribute{Name: "on"}, "<url >u</url>"},

		{"set a text", "<clipboard>\n  a &amp; b\n</clipboard>", screenpop.SetText{Text: " c & <d> ]]> "}, "<clipboard>\n  c &amp; &lt;d> ]]&gt;\n</clipboard>"},
		{"the same text", "<clipboard>&#97;</clipboard>", screenpop.SetText{Text: "a"}, "<clipboard>&#97;</clipboard>"},
		{"a text in CDATA", "<clipboard> <![CDATA[ a ]]> </clipboard>", screenpop.SetText{Text: "b & c"}, "<clipboard> <![CDATA[ b & c ]]> </clipboard>"},
		{"what CDATA cannot hold", "<clipboard><![CDATA[a]]></clipboard>", screenpop.SetText{Text: "a]]>b\rc"}, "<clipboard><![CDATA[a]]]]><![CDATA[>b]]>&#13;<![CDATA[c]]></clipboard>"},
		{"in pieces of CDATA", "<clipboard> a<![CDATA[&]]>b </clipboard>", screenpop.SetText{Text: "&"}, "<clipboard> <![CDATA[&]]> </clipboard>"},
		{"CDATA in CDATA", "<clipboard><![CDATA[<![CDATA[ a]]></clipboard>", screenpop.SetText{Text: "b"}, "<clipboard><![CDATA[b]]></clipboard>"},
		{"empty CDATA", "<clipboard> <![CDATA[]]></clipboard>", screenpop.SetText{Text: "b"}, "<clipboard> <![CDATA[b]]></clipboard>"},
		{"no text", "<clipboard>a</clipboard>", screenpop.SetText{}, "<clipboard></clipboard>"},
		{"text where none is", "<clipboard></clipboard>", screenpop.SetText{Text: "a"}, "<clipboard>a</clipboard>"},
		{"text into <…/>", "<command name='x' />", screenpop.SetText{Text: "a"}, "<command name='x'>a</command>"},
		{"text behind children", "<url><when/></url>", screenpop.SetText{Text: "a"}, "<url><when/>a</url>"},
		{"text behind children on lines", "\n  <url>\n    <when/>\n  </url>\n", screenpop.SetText{Text: "a"}, "\n  <url>\n    <when/>\n    a\n  </url>\n"},
		{"text between lines", "\n  <url>\n  </url>\n", screenpop.SetText{Text: "a"}, "\n  <url>\n    a\n  </url>\n"},
		{"text of a child", "<webrequest><variable name='a'>b</variable></webrequest>", screenpop.SetText{At: screenpop.Spot{Child: 1}, Text: "c"}, "<webrequest><variable name='a'>c</variable></webrequest>"},
		{"text before a child", "<url>a<when/></url>", screenpop.SetText{Text: "b"}, "<url>b<when/></url>"},

		{"add in front", "\n\t<!-- a -->\n\t<url>a</url>\n", screenpop.AddPopup{XML: "<!-- n -->\n<clipboard>n</clipboard>"}, "\n\t<!-- n -->\n\t<clipboard>n</clipboard>\n\t<!-- a -->\n\t<url>a</url>\n"},
		{"add behind", "\n  <url>a</url> <!-- a -->\n  <!-- b -->\n", screenpop.AddPopup{Before: 1, XML: " <inherit/>\n"}, "\n  <url>a</url> <!-- a -->\n  <inherit/>\n  <!-- b -->\n"},
		{"add between", "\n  <url>a</url>\n\n  <!-- b -->\n  <url>b</url>\n", screenpop.AddPopup{Before: 1, XML: "<inherit/>"}, "\n  <url>a</url>\n\n  <inherit/>\n  <!-- b -->\n  <url>b</url>\n"},
		{"add in line", "<url>a</url><url>b</url>", screenpop.AddPopup{Before: 1, XML: "<inherit/>"}, "<url>a</url><inherit/><url>b</url>"},
		{"add in line, behind", "<url>a</url>", screenpop.AddPopup{Before: 1, XML: "<inherit/>"}, "<url>a</url><inherit/>"},
		{"add the first", "", screenpop.AddPopup{XML: "<inherit/>"}, "\n  <inherit/>\n"},
		{"add the first, lines", "\n\n", screenpop.AddPopup{XML: "<inherit/>"}, "\n\n  <inherit/>\n"},
		{"add the first, comment", "\n  <!-- none yet -->\n", screenpop.AddPopup{XML: "<inherit/>"}, "\n  <!-- none yet -->\n\n  <inherit/>\n"},
		{"add the first, comment in line", "<!-- none yet -->", screenpop.AddPopup{XML: "<inherit/>"}, "<!-- none yet -->\n\n  <inherit/>\n"},
		{"add the first, comment apart", "<!-- none yet -->\n\n", screenpop.AddPopup{XML: "<inherit/>"}, "<!-- none yet -->\n\n  <inherit/>\n"},
		{"add with CR LF", "\r\n  <url>a</url>\r\n", screenpop.AddPopup{Before: 1, XML: "<!-- n -->\n<clipboard>\nn</clipboard>"}, "\r\n  <url>a</url>\r\n  <!-- n -->\r\n  <clipboard>\r\nn</clipboard>\r\n"},

		{"remove a line", "\n  <!-- a -->\n  <url>a</url>  \n  <url>b</url>\n", screenpop.RemovePopup{}, "\n  <!-- a -->\n  <url>b</url>\n"},
		{"remove with its comment", "\n  <!-- a -->\n  <url>a</url>\n  <url>b</url>\n", screenpop.RemovePopup{WithComment: true}, "\n  <url>b</url>\n"},
		{"remove of several lines", "\r\n  <url>\r\na</url>\r\n", screenpop.RemovePopup{}, "\r\n"},
		{"remove in line", "<url>a</url> <url>b</url>", screenpop.RemovePopup{Item: 1}, "<url>a</url> "},

		{"move down", "\n  <!-- a -->\n  <url>a</url>\n  <url>b</url>\n", screenpop.MovePopup{To: 1, WithComment: true}, "\n  <url>b</url>\n  <!-- a -->\n  <url>a</url>\n"},
		{"move up", "\n  <!-- a -->\n  <url>a</url>\n  <!-- b -->\n  <url>b</url>\n", screenpop.MovePopup{Item: 1, WithComment: true}, "\n  <!-- b -->\n  <url>b</url>\n  <!-- a -->\n  <url>a</url>\n"},
		{"move without comment", "\n  <!-- a -->\n  <url>a</url>\n  <url>b</url>\n", screenpop.MovePopup{To: 1}, "\n  <!-- a -->\n  <url>b</url>\n  <url>a</url>\n"},
		{"move in line", "<url>a</url><url>b</url><url>c</url>", screenpop.MovePopup{Item: 2}, "<url>c</url><url>a</url><url>b</url>"},
		{"move nowhere", "<url>a</url>", screenpop.MovePopup{}, "<url>a</url>"},

		{"add a condition", "<url>a</url>", screenpop.AddWhen{When: is("anum", `"1"`)}, `<url><when variable="anum" is="&quot;1&quot;"/>a</url>`},
		{"add a condition to <…/>", "<command name='x'/>", screenpop.AddWhen{When: is("a", "b")}, `<command name='x'><when variable="a" is="b"/></command>`},
		{"add a second condition", "<url>\n    <when/>\n    a</url>", screenpop.AddWhen{When: is("a", "b")}, "<url>\n    <when/>\n    <when variable=\"a\" is=\"b\"/>\n    a</url>"},
		{"add a condition over a text", "<url>\n    a\n  </url>", screenpop.AddWhen{When: is("a", "b")}, "<url>\n    <when variable=\"a\" is=\"b\"/>\n    a\n  </url>"},
		{"set a condition", "<url><when variable='a' is='b' />a</url>", screenpop.SetWhen{At: screenpop.Spot{Child: 1}, When: screenpop.Condition{Variable: "c", Op: "matches", Value: "d*"}}, "<url><when variable='c' matches='d*' />a</url>"},
		{"set a faulty condition", "<url><when not='a' is='b'/>a</url>", screenpop.SetWhen{At: screenpop.Spot{Child: 1}, When: is("c", "d")}, "<url><when is='d' variable='c'/>a</url>"},
		{"set an empty condition", "<url><when/>a</url>", screenpop.SetWhen{At: screenpop.Spot{Child: 1}, When: is("c", "d")}, `<url><when variable="c" is="d"/>a</url>`},
		{"remove a condition", "<url>\n  <when/>\n  a</url>", screenpop.RemoveChild{At: screenpop.Spot{Child: 1}}, "<url>\n  a</url>"},
		{"add a variable", "<webrequest/>", screenpop.AddVariable{Name: "a", Text: " {anum} & "}, `<webrequest><variable name="a">{anum} &amp;</variable></webrequest>`},
		{"add a second variable", "<webrequest>\n    <variable name='a'/>\n    <when/></webrequest>", screenpop.AddVariable{Name: "b", Text: "x"}, "<webrequest>\n    <variable name='a'/>\n    <when/>\n    <variable name=\"b\">x</variable></webrequest>"},
		{"add a header", "<webrequest>\n    <variable name='a'/>\n</webrequest>", screenpop.AddHeader{Name: "X-Key", Text: "{secret:crm}"}, "<webrequest>\n    <variable name='a'/>\n    <header name=\"X-Key\">{secret:crm}</header>\n</webrequest>"},
		{"add a fallback", "<webrequest/>", screenpop.AddFallback{Target: "request", Text: "https://a/?b&c"}, `<webrequest><url target="request">https://a/?b&amp;c</url></webrequest>`},
		{"text of a fallback", "<webrequest><!-- why --><url target='request'>a</url><header name='x'>y</header></webrequest>", screenpop.SetText{At: screenpop.Spot{Child: 1}, Text: "b"}, "<webrequest><!-- why --><url target='request'>b</url><header name='x'>y</header></webrequest>"},
		{"remove a header", "<webrequest><header name='x'>y</header><!-- stays --></webrequest>", screenpop.RemoveChild{At: screenpop.Spot{Child: 1}}, "<webrequest><!-- stays --></webrequest>"},
		{"an element with a bare &", "<url title='a & b'>a?b&c</url>", screenpop.SetAttribute{At: first, Name: "title", Value: "c"}, "<url title='c'>a?b&c</url>"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := screenpop.Apply([]byte(in(tt.src)), tt.edit)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(in(tt.want), string(got)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestApplyToAnEmptyElement(t *testing.T) {
	got, err := screenpop.Apply([]byte("<screenpopup />"), screenpop.AddPopup{XML: "<inherit/>"}, screenpop.AddPopup{Before: 1, XML: "<clipboard>a</clipboard>"})
	if want := "<screenpopup>\n  <inherit/>\n  <clipboard>a</clipboard>\n</screenpopup>"; err != nil || string(got) != want {
		t.Errorf("Apply = %q, %v, want %q", got, err, want)
	}
}

func TestApplyRefuses(t *testing.T) {
	tests := []struct {
		name, src string
		edit      screenpop.Edit
		kind, msg string
	}{
		{"no such item", "<url>a</url>", screenpop.SetText{At: screenpop.Spot{Item: 1}}, "no-such-element", "the document has no item 1, it has 1; read its outline anew"},
		{"no such child", "<url>a</url>", screenpop.SetWhen{At: screenpop.Spot{Child: 1}}, "no-such-element", "<url> in line 1 has no child 1, it has 0; read the outline anew"},
		{"no place to add", "", screenpop.AddPopup{Before: 1, XML: "<inherit/>"}, "no-such-element", "there is no place 1 for a popup"},
		{"no place to move", "<url>a</url>", screenpop.MovePopup{To: 1}, "no-such-element", "the document has no item 1"},
		{"nothing to remove", "", screenpop.RemovePopup{}, "no-such-element", "the document has no item 0"},
		{"no child named", "<url>a</url>", screenpop.RemoveChild{}, "no-such-element", "no child is named"},
		{"attribute of nothing", "<url>a</url>", screenpop.SetAttribute{Name: "tilte", Value: "x"}, "unknown-attribute", `<url> has no attribute "tilte"; did you mean title?`},
		{"attribute of inherit", "<inherit/>", screenpop.SetAttribute{Name: "xyz", Value: "x"}, "unknown-attribute", `<inherit> has no attribute "xyz"; it takes none`},
		{"attribute of variable", "<webrequest><variable/></webrequest>", screenpop.RemoveAttribute{At: screenpop.Spot{Child: 1}, Name: "xyz"}, "unknown-attribute", "it takes name"},
		{"faulty tag", "<url title='a' title='b'>a</url>", screenpop.SetAttribute{Name: "title", Value: "x"}, "faulty-tag", "the tag <url> in line 1 has faults"},
		{"control character", "<url>a</url>", screenpop.SetText{Text: "a\x00"}, "bad-character", "the control character U+0000; remove it"},
		{"not UTF-8", "<url>a</url>", screenpop.SetAttribute{Name: "title", Value: "\xff"}, "bad-character", "bytes that are not UTF-8"},
		{"not XML", "<url>a</url>", screenpop.AddWhen{When: screenpop.Condition{Variable: "\uffff", Op: "is"}}, "bad-character", "U+FFFF"},
		{"control character in a variable", "<webrequest/>", screenpop.AddVariable{Name: "a", Text: "\x1b"}, "bad-character", "U+001B"},
		{"no comparison", "<url>a</url>", screenpop.AddWhen{When: screenpop.Condition{Variable: "a", Op: "like"}}, "bad-condition", `the comparison "like"; there are is, not, matches`},
		{"no comparison, set", "<url><when/>a</url>", screenpop.SetWhen{At: screenpop.Spot{Child: 1}}, "bad-condition", `the comparison ""`},
		{"text of inherit", "<inherit/>", screenpop.SetText{Text: "a"}, "no-text", "<inherit> holds no text"},
		{"text in pieces", "<url>a<when/>b</url>", screenpop.SetText{Text: "a"}, "text-in-pieces", "stands in two pieces"},
		{"condition of inherit", "<inherit/>", screenpop.AddWhen{When: screenpop.Condition{Variable: "a", Op: "is"}}, "no-such-element", "<inherit> holds no <when>"},
		{"variable of url", "<url>a</url>", screenpop.AddVariable{Name: "a"}, "no-such-element", "<url> holds no <variable>"},
		{"two popups", "", screenpop.AddPopup{XML: "<inherit/><inherit/>"}, "bad-popup", "this is not one popup"},
		{"no popup", "", screenpop.AddPopup{XML: "<!-- a -->"}, "bad-popup", "this is not one popup"},
		{"text beside a popup", "", screenpop.AddPopup{XML: "a<inherit/>"}, "bad-popup", "this is not one popup"},
		{"another element", "", screenpop.AddPopup{XML: "<ulr/>"}, "bad-popup", "this is not one popup"},
		{"another element beside it", "", screenpop.AddPopup{XML: "<ulr/><inherit/>"}, "bad-popup", "the element <ulr> beside the popup"},
		{"a popup that ends the document", "", screenpop.AddPopup{XML: "<inherit/></screenpopup><screenpopup>"}, "bad-popup", "the popup cannot be read"},
		{"a popup that is not closed", "", screenpop.AddPopup{XML: "<url>a"}, "bad-popup", "the popup cannot be read: <url> is not closed"},
		{"a bare &", "", screenpop.AddPopup{XML: "<url>https://a.example/?b&c</url>"}, "bad-popup", "the popup cannot be read: a bare &; write &amp;"},
		{"unreadable", "<url>", screenpop.RemovePopup{}, "unreadable-document", `the document cannot be edited in parts as it is: line 1, column 14: <url> is not closed`},
		{"too large", "<clipboard>a</clipboard>", screenpop.SetText{Text: strings.Repeat("a", screenpop.MaxDocument)}, "too-large", "at most 65536 are allowed"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			doc := in(tt.src)
			got, err := screenpop.Apply([]byte(doc), tt.edit)
			var e *screenpop.Error
			if !errors.As(err, &e) || e.Kind != tt.kind || !strings.Contains(e.Msg, tt.msg) || got != nil {
				t.Errorf("Apply = %q, %v, want the error %s: %s", got, err, tt.kind, tt.msg)
			}
		})
	}
}

func TestApplyOfNothingIsACopy(t *testing.T) {
	src := []byte("not XML at all")
	got, err := screenpop.Apply(src)
	if err != nil || string(got) != string(src) || &got[0] == &src[0] {
		t.Errorf("Apply = %q, %v", got, err)
	}
}
