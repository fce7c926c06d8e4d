package screenpop_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/google/go-cmp/cmp"
)

// in wraps popups into a document whose first line is all theirs.
func in(popups string) string { return "<screenpopup>" + popups + "</screenpopup>" }

// place is a finding in short: "1:14 error the fault; the cure".
func place(f screenpop.Finding) string {
	return fmt.Sprintf("%d:%d %s %s; %s", f.Line, f.Column, f.Severity, f.Msg, f.Cure)
}

func places(findings []screenpop.Finding) []string {
	var all []string
	for _, f := range findings {
		all = append(all, place(f))
	}
	return all
}

const page = "https://crm.example.com/"

// The documents of X1: what encoding/xml lets pass or says without a place.
func TestStrictXML(t *testing.T) {
	tests := []struct {
		name string
		src  string
		want []string // place, severity and fault; the cure may be left out
	}{
		{"empty", "", []string{"1:1 error the document is empty"}},
		{"only space", " \n ", []string{"1:1 error the document is empty"}},
		{"only text", "hello", []string{"1:1 error text outside of <screenpopup>"}},
		{"byte order mark", "\ufeff<screenpopup/>", nil},
		{"declaration", "<?xml version='1.0' encoding='UTF-8'?>\n<screenpopup/>", nil},
		{"declaration of another encoding", "<?xml version=\"1.0\" encoding=\"latin1\"?><screenpopup/>", []string{"1:1 error an XML declaration of another version or encoding"}},
		{"declaration too late", "\n<?xml version=\"1.0\"?><screenpopup/>", []string{"2:1 error a processing instruction"}},
		{"processing instruction", in("<?php x ?>"), []string{"1:14 error a processing instruction"}},
		{"document type", "<!DOCTYPE x [<!ENTITY a \"b\">]>\n<screenpopup/>", []string{"1:1 error a document type declaration"}},
		{"external entity", "<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><screenpopup><clipboard>&e;</clipboard></screenpopup>",
			[]string{"1:1 error a document type declaration", "1:79 error the entity &e;, which is not known here"}},
		{"unknown entity", in("<clipboard>a&nbsp;b</clipboard>"), []string{"1:26 error the entity &nbsp;, which is not known here"}},
		{"duplicate attribute", in(`<url target="_blank" target="evil">` + page + `</url>`), []string{"1:35 error the attribute target a second time"}},
		{"duplicate unknown attribute", in(`<url x="1" x="2">` + page + `</url>`), []string{`1:19 error unknown attribute "x" of <url>`, "1:25 error the attribute x a second time"}},
		{"namespace of an attribute", in(`<url x:target="evil">` + page + `</url>`), []string{"1:19 error the namespace in x:target"}},
		{"namespace of an element", in(`<x:url>` + page + `</x:url>`), []string{"1:15 error the namespace in x:url"}},
		{"namespace declared", `<screenpopup xmlns="urn:x"/>`, []string{"1:14 error the namespace in xmlns"}},
		{"namespace prefix declared", `<screenpopup xmlns:x="urn:x"/>`, []string{"1:14 error the namespace in xmlns:x"}},
		{"comment in a value", in("<url>https://crm<!-- -->.evil.example/</url>"), []string{"1:30 error a comment inside <url>", "1:38 error the text of <url> in two pieces"}},
		{"comment beside a value", in("<clipboard>a<!-- x --></clipboard>"), []string{"1:26 error a comment inside <clipboard>"}},
		{"comment between popups", in("<!-- a --><clipboard>a</clipboard><!-- b -->") + "<!-- c -->", nil},
		{"comment with --", in("<!-- a -- b -->"), []string{"1:21 error -- inside a comment"}},
		{"comment not closed", in("<!-- a"), []string{"1:14 error a comment that is not closed"}},
		{"nested text", in("<url>https://crm<b>x</b>.evil.example/</url>"), []string{"1:30 error unknown element <b>", "1:38 error the text of <url> in two pieces"}},
		{"unknown element", in("<iframe/>"), []string{"1:14 error unknown element <iframe>"}},
		{"unknown element, nearly", in("<ulr/>"), []string{"1:14 error unknown element <ulr>; did you mean <url>?"}},
		{"element in capitals", in("<URL>" + page + "</URL>"), []string{"1:14 error unknown element <URL>; did you mean <url>?"}},
		{"element in the wrong place", in("<when variable=\"a\" is=\"b\"/>"), []string{"1:14 error <when> inside <screenpopup>"}},
		{"element in an empty element", in("<inherit><url/></inherit>"), []string{"1:23 error <url> inside <inherit>; remove it; <inherit> holds no elements"}},
		{"unknown attribute", in(`<url Target="_blank">` + page + `</url>`), []string{`1:19 error unknown attribute "Target" of <url>; did you mean target?`}},
		{"attribute of another element", in(`<clipboard target="_blank">a</clipboard>`), []string{`1:25 error unknown attribute "target" of <clipboard>; <clipboard> takes id, on, channel, queue, direction, again`}},
		{"attribute of the root", `<screenpopup version="1"/>`, []string{`1:14 error unknown attribute "version" of <screenpopup>; remove it; <screenpopup> takes none`}},
		{"another root", "<screenpop><clipboard></clipboard></screenpop>", []string{"1:1 error the element <screenpop> around everything; write <screenpopup>", "1:12 error <clipboard> without a text"}},
		{"quite another root", "<html><b/></html>", []string{"1:1 error the element <html> around everything"}},
		{"trailing document", "<screenpopup/>\n<screenpopup/>", []string{"2:1 error a second element <screenpopup> behind the document's end"}},
		{"trailing text", "<screenpopup/>\n x", []string{"2:2 error text outside of <screenpopup>"}},
		{"trailing CDATA", "<screenpopup/><![CDATA[x]]>", []string{"1:15 error text outside of <screenpopup>"}},
		{"trailing end tag", "<screenpopup/></url>", []string{"1:15 error </url> closes nothing"}},
		{"text between popups", in("<clipboard>a</clipboard> b "), []string{"1:39 error text outside of a popup"}},
		{"NUL", in("<clipboard>a\x00b</clipboard>"), []string{"1:26 error the control character U+0000"}},
		{"not UTF-8", in("<clipboard>æ\xffb</clipboard>"), []string{"1:26 error bytes that are not UTF-8"}},
		{"UTF-16", "\xff\xfe<\x00s\x00", []string{"1:1 error the document is UTF-16"}},
		{"forbidden character", in("<clipboard>\uffff</clipboard>"), []string{"1:25 error the character U+FFFF, which XML forbids"}},
		{"reference to NUL", in("<clipboard>&#0;x</clipboard>"), []string{"1:25 error the character &#0;, which XML does not have"}},
		{"reference to a surrogate", in("<clipboard>x&#xD800;</clipboard>"), []string{"1:26 error the character &#xD800;, which XML does not have"}},
		{"bare ampersand", in("<url>" + page + "?a=1&b=2</url>"), []string{"1:47 error a bare &; write &amp; instead, or put the text into <![CDATA[ ]]>"}},
		{"bare ampersands", in("<url>" + page + "?a=1&b=2&c;</url>"), []string{"1:47 error a bare &", "1:51 error the entity &c;, which is not known here"}},
		{"bare ampersand in an attribute", in(`<webrequest href="` + page + `?a&b"/>`), []string{"1:58 error a bare &"}},
		{"bare less-than", in("<clipboard>a < b</clipboard>"), []string{"1:27 error a bare <"}},
		{"less-than in a value", in(`<url title="a<b">` + page + `</url>`), []string{"1:27 error a bare < in a value"}},
		{"]]> in text", in("<clipboard>a]]>b</clipboard>"), []string{"1:26 error ]]> outside of CDATA"}},
		{"CDATA not closed", in("<clipboard><![CDATA[x"), []string{"1:25 error a CDATA section that is not closed"}},
		{"value without quotation marks", in("<url target=_blank>" + page + "</url>"), []string{"1:26 error the value of target without quotation marks"}},
		{"typographic quotation marks", in("<url target=“_blank”>" + page + "</url>"), []string{"1:26 error a typographic quotation mark"}},
		{"attribute without a value", in("<url visible>" + page + "</url>"), []string{"1:19 error the attribute visible without a value"}},
		{"quotation mark not closed", in("<url target=\"_blank>" + page + "</url>"), []string{"1:14 error the tag <url is not closed", "1:26 error a quotation mark that is not closed"}},
		{"no space between attributes", in(`<url target="a"title="b">` + page + `</url>`), []string{"1:29 error no space before an attribute"}},
		{"stray character in a tag", in(`<clipboard ,>a</clipboard>`), []string{"1:25 error the character , in the tag <clipboard>"}},
		{"tag not closed", in(`<clipboard on="ringing"`), []string{"1:14 error the tag <clipboard is not closed"}},
		{"element not closed", "<screenpopup>\n <clipboard>a\n</screenpopup>", []string{"2:2 error <clipboard> is not closed"}},
		{"nothing closed", "<screenpopup>\n <clipboard>a", []string{"1:1 error <screenpopup> is not closed", "2:2 error <clipboard> is not closed"}},
		{"misspelt end tag", in("<clipboard>a</clipbord><command/>"), []string{"1:28 error </clipbord> does not close <clipboard>; did you mean </clipboard>?", "1:37 error <command> without a name"}},
		{"end tag of nothing", in("</when><command/>"), []string{"1:14 error </when> closes nothing", "1:21 error <command> without a name"}},
		{"too deep", in(strings.Repeat("<url>", 9) + strings.Repeat("</url>", 9)), []string{"1:14 error <url> without a URL", "1:19 error <url> inside <url>", "1:49 error elements more than 8 deep"}},
		{"too many elements", in(strings.Repeat("<clipboard>a</clipboard>", 200)), []string{"1:4790 error more than 200 elements"}},
		{"too many attributes", in("<clipboard" + strings.Repeat(" on='ringing'", 3) + ">a</clipboard>"), []string{"1:38 error the attribute on a second time", "1:51 error the attribute on a second time"}},
		{"too large", in(strings.Repeat(" ", screenpop.MaxDocument)), []string{"1:65537 error the document has 65563 bytes"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			doc, findings := screenpop.ParseDocument([]byte(tt.src))
			compare(t, tt.src, findings, tt.want)
			if (doc == nil) != (len(tt.want) > 0) {
				t.Errorf("document is %v", doc)
			}
		})
	}
}

// compare holds findings to wanted ones, which may leave out the cure.
func compare(t *testing.T, src string, findings []screenpop.Finding, want []string) {
	t.Helper()
	got := places(findings)
	for i := range got {
		if i < len(want) && !strings.Contains(want[i], "; ") {
			got[i], _, _ = strings.Cut(got[i], "; ")
		}
		if findings[i].Cure == "" {
			t.Errorf("%s: no cure", got[i])
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("findings of %.300s (-want +got):\n%s", src, diff)
	}
}

// What stays within the size and goes on and on has few findings, each with its
// place and cure.
func TestEndlessDocumentsHaveFewFindings(t *testing.T) {
	for name, src := range map[string]string{
		"attributes of one name":     in("<url" + strings.Repeat(" a='1'", 10_000) + ">" + page + "</url>"),
		"elements in one another":    in(strings.Repeat("<url>", 5_000) + strings.Repeat("</url>", 5_000)),
		"elements that do not close": in(strings.Repeat("<a>", 20_000)),
		"bare ampersands":            in("<url>" + page + strings.Repeat("&", 60_000) + "</url>"),
		"documents":                  strings.Repeat("<screenpopup/>", 4_000),
	} {
		doc, findings := screenpop.ParseDocument([]byte(src))
		if doc != nil || len(findings) == 0 || len(findings) > screenpop.MaxFindings {
			t.Errorf("%s: %d findings, document %v", name, len(findings), doc)
		}
		for _, f := range findings {
			if f.Line != 1 || f.Column < 1 || f.Cure == "" {
				t.Errorf("%s: finding %+v", name, f)
			}
		}
	}
}

// What the server's own pages could do in a frame is why none is opened (W7).
func TestNoPopupOpensTheServerItself(t *testing.T) {
	own := func(origin string) bool { return origin == "https://pop.example.com" }
	for _, tt := range []struct {
		name, src string
		want      []string
	}{
		{"in a frame", in(`<url target="request">https://pop.example.com/admin</url>`),
			[]string{"1:36 error the URL is of this server itself (https://pop.example.com), whose pages could reach into the workspace; " +
				"write the address of the CRM; a page of your own has to be on another host or port"}},
		{"in a window", in("\n<url>\n https://pop.example.com:443/{anum}</url>"), []string{"3:2 error the URL is of this server itself (https://pop.example.com), whose pages could reach into the workspace"}},
		{"in capitals", in(`<url>https://POP.example.com/</url>`), []string{"1:19 error the URL is of this server itself (https://pop.example.com), whose pages could reach into the workspace"}},
		{"another port", in(`<url>https://pop.example.com:8443/</url>`), nil},
		{"the event's page", in(`<url>{url}</url>`), nil},
		{"a web request", in(`<webrequest href="https://pop.example.com/"/>`), []string{"1:32 error the address is of this server itself (https://pop.example.com), which sends it nothing; write the address of the CRM"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, findings := screenpop.ParseDocumentFor([]byte(tt.src), own)
			compare(t, tt.src, findings, tt.want)
		})
	}
}

func TestRulesOfPopups(t *testing.T) {
	url := func(attributes string) string { return in("<url " + attributes + ">" + page + "</url>") }
	tests := []struct {
		name string
		src  string
		want []string
	}{
		{"url without anything", in("<url>" + page + "</url>"), nil},
		{"url empty", in("<url> </url>"), []string{"1:14 error <url> without a URL; write it between <url> and </url>"}},
		{"visible without target", url(`visible="true"`), []string{`1:19 error visible="true" without a target`}},
		{"visible with target", url(`visible="true" target="request"`), nil},
		{"invisible", url(`visible="false"`), nil},
		{"invisible with target", url(`visible="false" target="_blank"`), []string{"1:35 warning target has no effect while the page is not visible"}},
		{"visible misspelt", url(`visible="True"`), []string{`1:28 error visible is "True"; did you mean true?`}},
		{"_self", url(`target="_self"`), []string{`1:27 error the target "_self", which would replace the workspace`}},
		{"_TOP", url(`target="_TOP"`), []string{`1:27 error the target "_TOP", which would replace the workspace`}},
		{"_parent", url(`target="_parent"`), []string{`1:27 error the target "_parent", which would replace the workspace`}},
		{"_blnak", url(`target="_blnak"`), []string{`1:27 error the target "_blnak"; did you mean _blank?`}},
		{"_new", url(`target="_new"`), []string{`1:27 error the target "_new"`}},
		{"Request", url(`target="Request"`), []string{`1:27 error the target "Request"; did you mean request?`}},
		{"window name", url(`target="kb-1_A"`), nil},
		{"window name with a space", url(`target="my window"`), []string{`1:27 error the target "my window"`}},
		{"empty target", url(`target=""`), []string{`1:27 error an empty target`}},
		{"on misspelt", url(`on="rining"`), []string{`1:23 error unknown word "rining" in on; did you mean ringing?`}},
		{"on second word", url(`on="ringing  hungup"`), []string{`1:32 error unknown word "hungup" in on; did you mean hangup?`}},
		{"on updated", url(`on="updated"`), []string{`1:23 error unknown word "updated" in on; there are offered, ringing, accepted, assigned, hangup, closed`}},
		{"on with commas", url(`on="ringing,hangup"`), []string{`1:23 error unknown word "ringing,hangup" in on; separate words with spaces`}},
		{"on twice the same", url(`on="ringing ringing"`), []string{`1:31 error "ringing" a second time in on`}},
		{"on empty", url(`on=" "`), []string{`1:19 error on without a word`}},
		{"channel misspelt", url(`channel="e-mail"`), []string{`1:28 error unknown word "e-mail" in channel; did you mean email?`}},
		{"queue empty", url(`queue=""`), []string{`1:19 error queue without a word`}},
		{"queue with commas", url(`queue="a,b"`), []string{`1:26 warning the queue "a,b" holds ","`}},
		{"direction", url(`direction="inbound"`), []string{`1:30 error direction is "inbound"; there are in, out`}},
		{"again", url(`again="true"`), []string{`1:26 error again is "true"; there are yes, no`}},
		{"focus", url(`target="request" focus="ifidle"`), []string{`1:43 error focus is "ifidle"; did you mean if-idle?`}},
		{"frame", url(`target="request" frame="never"`), nil},
		{"frame without effect", url(`frame="always"`), []string{`1:19 warning frame has no effect unless target is "request"`}},
		{"frame misspelt", url(`target="request" frame="alway"`), []string{`1:43 error frame is "alway"; did you mean always?`}},
		{"probe", url(`target="request" probe="false"`), []string{`1:43 error probe is "false"; there are yes, no`}},
		{"sandbox top navigation", url(`target="request" sandbox="allow-modals allow-top-navigation-by-user-activation"`), []string{`1:58 error "allow-top-navigation-by-user-activation" in sandbox, with which a page could replace the whole workspace`}},
		{"sandbox misspelt", url(`target="request" sandbox="allow-modal"`), []string{`1:45 error unknown word "allow-modal" in sandbox; did you mean allow-modals?`}},
		{"allow misspelt", url(`target="request" allow="camera micrphone"`), []string{`1:50 error unknown word "micrphone" in allow; did you mean microphone?`}},
		{"title empty", url(`title=""`), []string{"1:19 error an empty title"}},
		{"title with a fault", url(`title="a &amp; {anum|digit}"`), []string{`1:40 error unknown transform "digit"; did you mean digits?`}},
		{"unknown variable", in("<url>" + page + "{anumb}</url>"), []string{"1:43 warning unknown variable {anumb}; did you mean {anum}?"}},
		{"event's own variable", in("<url>" + page + "{customer_number}</url>"), []string{`1:43 warning unknown variable {customer_number}; it is empty unless events carry it in "variables"`}},
		{"fault behind an entity", in("<url>" + page + "?a=&amp;&#98;{x y}</url>"), []string{`1:57 error the variable name "x y"`}},
		{"fault in CDATA", in("<url>" + page + "?a=&amp;<![CDATA[&b=]]><![CDATA[{x y}]]></url>"), []string{`1:76 error the variable name "x y"`}},
		{"fault in the third line", "<screenpopup>\n <url>\r\n  https://crm.example.com/å\\b\r\n </url></screenpopup>", []string{`3:28 error a \, which browsers read as /`}},
		{"http", in("<url>http://crm.example.com/</url>"), []string{"1:19 warning http:// is not encrypted, and a page served over https:// cannot show it inside itself"}},
		{"variable host", in("<url>https://{queue_key}.crm.example/</url>"), []string{"1:27 error the variable {queue_key} in the host"}},
		{"script", in("<url>javascript:alert(1)</url>"), []string{`1:19 error the scheme "javascript:" is none that a popup opens`}},
		{"whole url", in("<url>{url}</url>"), nil},
		{"condition", in(`<url><when variable="queue_key" is="x"/>` + page + `</url>`), nil},
		{"condition behind the text", in(`<url>` + page + `<when variable="queue_key" is=""/></url>`), nil},
		{"condition between text", in(`<url>https:<when variable="queue_key" is=""/>//crm.example/</url>`), []string{"1:59 error the text of <url> in two pieces"}},
		{"condition on nothing", in(`<url><when is="x"/>` + page + `</url>`), []string{"1:19 error <when> without a variable"}},
		{"condition without comparison", in(`<url><when variable="queue_key"/>` + page + `</url>`), []string{"1:19 error <when> with 0 comparisons"}},
		{"condition with two comparisons", in(`<url><when variable="queue_key" is="a" not="b"/>` + page + `</url>`), []string{"1:19 error <when> with 2 comparisons"}},
		{"condition in braces", in(`<url><when variable="{anum}" is="x"/>` + page + `</url>`), []string{`1:35 error the variable name "{anum}"; write variable="anum"`}},
		{"condition on the event", in(`<url><when variable="time" is="x"/>` + page + `</url>`), []string{"1:35 error a condition on {time}"}},
		{"condition on an own variable", in(`<url><when variable="segment" is="x"/>` + page + `</url>`), []string{"1:35 warning unknown variable {segment}"}},
		{"condition with text", in(`<url><when variable="anum" is="x">y</when>` + page + `</url>`), []string{"1:48 error text in <when>"}},
		{"id", url(`id="kb.1_a-B"`), nil},
		{"id with a space", url(`id="a b"`), []string{`1:23 error the id "a b"`}},
		{"id twice", in("<clipboard id=\"a\">a</clipboard>\n<clipboard id=\"a\">a</clipboard>"), []string{`2:12 error the id "a" a second time (the popup in line 1 has it)`}},
		{"id of another's position", in("<clipboard id=\"2\">a</clipboard>\n<clipboard>a</clipboard>"), []string{`2:1 error the id "2" a second time (the popup in line 1 has it)`}},
		{"inherit", in("<inherit/>"), nil},
		{"inherit twice", in("<inherit/><inherit/>"), []string{"1:24 error <inherit/> a second time"}},
		{"inherit with text", in("<inherit>x</inherit>"), []string{"1:23 error text in <inherit>"}},
		{"clipboard empty", in("<clipboard/>"), []string{"1:14 error <clipboard> without a text"}},
		{"clipboard CDATA", in("<clipboard><![CDATA[<b>&{anum}</b>]]></clipboard>"), nil},
		{"webrequest", in(`<webrequest href="` + page + `"/>`), nil},
		{"webrequest without href", in(`<webrequest/>`), []string{"1:14 error <webrequest> without an address"}},
		{"webrequest to {url}", in(`<webrequest href="{url}"/>`), []string{"1:32 error {url} as the address of a web request"}},
		{"webrequest method", in(`<webrequest method="post" href="` + page + `"/>`), []string{`1:34 error method is "post"; did you mean POST?`}},
		{"webrequest GET with JSON", in(`<webrequest method="GET" format="json" href="` + page + `"/>`), []string{`1:39 error format "json" with GET, which has no body`}},
		{"webrequest text", in(`<webrequest href="` + page + `">x</webrequest>`), []string{"1:58 error text in <webrequest>"}},
		{"webrequest body", in(`<webrequest format="body" href="` + page + `"/>`), []string{`1:14 error format "body" with 0 variables`}},
		{"webrequest one body", in(`<webrequest format="body" href="` + page + `"><variable name="b">x</variable></webrequest>`), nil},
		{"variable without a name", in(`<webrequest href="` + page + `"><variable>x</variable></webrequest>`), []string{"1:58 error <variable> without a name"}},
		{"variable's name", in(`<webrequest href="` + page + `"><variable name="a=b">x</variable></webrequest>`), []string{`1:74 error the name "a=b"`}},
		{"variable twice", in(`<webrequest href="` + page + `"><variable name="a"/><variable name="a"/></webrequest>`), []string{`1:94 error the variable "a" a second time`}},
		{"variable with an element", in(`<webrequest href="` + page + `"><variable name="a"><b/></variable></webrequest>`), []string{"1:77 error unknown element <b>"}},
		{"command", in(`<command name="ddesend">anum={anum}&amp;queue_key={queue_key}</command>`), nil},
		{"command without argument", in(`<command name="ddesend"/>`), nil},
		{"command without a name", in(`<command/>`), []string{"1:14 error <command> without a name"}},
		{"command path", in(`<command name="c:\windows\ddesend.exe"/>`), []string{`1:29 error the command name "c:\\windows\\ddesend.exe"`}},
		{"command in capitals", in(`<command name="DDESend"/>`), []string{`1:29 error the command name "DDESend"`}},
		{"command with a bare text", in(`<command name="a">{anum}</command>`), []string{`1:32 error the text "{anum}" where name=value belongs`}},
		{"command with a variable as name", in(`<command name="a">{anum}=1</command>`), []string{`1:32 error the name "{anum}" of a command's value`}},
		{"command with one name twice", in(`<command name="a">a=1&amp;a=2</command>`), []string{`1:40 error the value "a" a second time`}},
		{"command with an & too many", in(`<command name="a">a=1&amp;</command>`), []string{"1:35 error an & with nothing behind it"}},
		{"command with an & inside braces", in(`<command name="a">a={anum|default:x&amp;y}&amp;b={{&amp;c=}}</command>`), nil},
		{"command with a bad value behind entities", in(`<command name="a">a=1&amp;b={anum</command>`), []string{"1:42 error a { that is not closed"}},
		{"command with too many values", in(`<command name="a">` + manyPairs(17) + `</command>`), []string{"1:14 error a command with 17 values"}},
		{"command option", in(`<command name="a">-x</command>`), []string{"1:32 error an argument that begins with -"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			doc, findings := screenpop.ParseDocument([]byte(tt.src))
			compare(t, tt.src, findings, tt.want)
			refused := strings.Contains(strings.Join(tt.want, "\n"), " error ")
			if (doc == nil) != refused {
				t.Errorf("document is %v", doc)
			}
		})
	}
}

// TestRepairs applies the repairs of a document until it has none.
func TestRepairs(t *testing.T) {
	tests := []struct{ name, src, want string }{
		{"ampersands", in("<url>" + page + "?a=1&b=&{anum}&c;</url>"), in("<url>" + page + "?a=1&amp;b=&amp;{anum}&amp;c;</url>")},
		{"less-than and ]]>", in("<clipboard>a < b ]]></clipboard>"), in("<clipboard>a &lt; b ]]&gt;</clipboard>")},
		{"end tag", in("<clipboard>a</clipbord>"), in("<clipboard>a</clipboard>")},
		{"declaration", `<?xml version="1.0" encoding="ascii"?><screenpopup/>`, `<?xml version="1.0" encoding="UTF-8"?><screenpopup/>`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			src := tt.src
			for range 10 {
				_, findings := screenpop.ParseDocument([]byte(src))
				if len(findings) == 0 {
					break
				}
				r := findings[0].Repair
				if r == nil {
					t.Fatalf("no repair for %s", findings[0])
				}
				src = src[:r.Offset] + r.Text + src[r.Offset+r.Length:]
			}
			if src != tt.want {
				t.Errorf("repaired to %s, want %s", src, tt.want)
			}
		})
	}
}

func TestFindingsNameTheirPopup(t *testing.T) {
	_, findings := screenpop.ParseDocument([]byte(in(`<clipboard>{a b}</clipboard><url id="kb">` + page + `?a&b{anum|digit}</url>`)))
	var got []string
	for _, f := range findings {
		got = append(got, f.String())
	}
	want := []string{
		`popup "1", line 1, column 26: the variable name "a b"; a name holds letters, digits, _ . and - and begins with a letter or _`,
		`popup "kb", line 1, column 81: a bare &; write &amp; instead, or put the text into <![CDATA[ ]]>`,
		`popup "kb", line 1, column 89: unknown transform "digit"; did you mean digits?`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestFloodOfFaultsIsCut(t *testing.T) {
	_, findings := screenpop.ParseDocument([]byte(in("<clipboard>" + strings.Repeat("&", 60000) + strings.Repeat("{x}", 1000) + "</clipboard>")))
	if len(findings) > 2*screenpop.MaxFindings || len(findings) < screenpop.MaxFindings {
		t.Errorf("%d findings", len(findings))
	}
}

// TestGoldenDocuments parses testdata/popup/*.xml; beside each stands what is
// found and read in it.
func TestGoldenDocuments(t *testing.T) {
	files, err := filepath.Glob("testdata/popup/*.xml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no golden files: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".xml"), func(t *testing.T) {
			src, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			doc, findings := screenpop.ParseDocument(src)
			got := strings.Join(places(findings), "\n") + "\n" + divider + describe(doc)
			golden := strings.TrimSuffix(file, ".xml") + ".txt"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", file, diff)
			}
		})
	}
}

// manyPairs returns n values of a command.
func manyPairs(n int) string {
	pairs := make([]string, n)
	for i := range pairs {
		pairs[i] = fmt.Sprintf("a%d=%d", i, i)
	}
	return strings.Join(pairs, "&amp;")
}
