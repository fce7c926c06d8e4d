package screenpop_test

import (
	"encoding/xml"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/urltemplate"
)

// FuzzParseDocument: no document panics; findings are sorted and inside the
// source; what parses holds valid popups only, and encoding/xml reads the same.
func FuzzParseDocument(f *testing.F) {
	files, err := filepath.Glob("testdata/popup/*.xml")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(src)
	}
	for _, src := range []string{
		"", "<", "<screenpopup", in("<url>" + page + "?a&amp;&#x26;<![CDATA[&]]></url>"), "\ufeff<?xml version='1.0'?><screenpopup/>",
		in("<clipboard title=''>\r\n{anum}\r</clipboard><!-- - -->"), in("<command name='a'>{x|default:]]&gt;}</command>"),
		in("<url title='{name}' target='request'><when variable='anum' is='&lt;'/>{url}</url>"),
	} {
		f.Add([]byte(src))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		doc, findings := screenpop.ParseDocument(src)
		errors := checkFindings(t, src, findings)
		if (doc == nil) != (errors > 0) {
			t.Fatalf("%d errors, document %v", errors, doc)
		}
		if doc == nil {
			return
		}
		read := readWithEncodingXML(t, src)
		ids := map[string]bool{}
		for _, p := range screenpop.Effective(screenpop.LevelDocument{Level: "user", Doc: doc}) {
			checkPopup(t, &p)
			if ids[p.ID] {
				t.Fatalf("the id %q twice", p.ID)
			}
			ids[p.ID] = true
			if len(read) == 0 {
				t.Fatalf("encoding/xml reads fewer popups than %v", doc)
			}
			compareReadings(t, &p, read[0])
			read = read[1:]
			p.Pop(call())
			p.Match(screenpop.Ringing, call().Request)
		}
		if len(read) > 0 {
			t.Fatalf("encoding/xml reads %v besides", read)
		}
	})
}

// checkFindings returns the number of errors.
func checkFindings(t *testing.T, src []byte, findings []screenpop.Finding) int {
	t.Helper()
	lines := strings.Split(string(src), "\n")
	line, column, errors := 0, 0, 0
	for _, f := range findings {
		if f.Severity == screenpop.SeverityError {
			errors++
		}
		if f.Msg == "" || f.Cure == "" || !utf8.ValidString(f.Msg+f.Cure) {
			t.Fatalf("finding %+v", f)
		}
		if f.Line < line || f.Line == line && f.Column < column {
			t.Fatalf("findings are not sorted: %v", findings)
		}
		line, column = f.Line, f.Column
		if line < 1 || line > len(lines) || column < 1 || column > utf8.RuneCountInString(lines[line-1])+1 {
			t.Fatalf("finding %s is not inside the source %q", f, src)
		}
		if r := f.Repair; r != nil && (r.Offset < 0 || r.Length < 0 || r.Offset+r.Length > len(src)) {
			t.Fatalf("repair %+v is not inside the source", *r)
		}
	}
	return errors
}

func checkPopup(t *testing.T, p *screenpop.Popup) {
	t.Helper()
	ok := p.ID != "" && p.Line > 0 && p.Column > 0
	switch p.Kind {
	case screenpop.KindURL:
		ok = ok && p.URL != nil && p.Focus != "" && p.Frame != "" && (p.Target != "") == p.Visible && !strings.Contains(p.Sandbox, "top")
	case screenpop.KindClipboard:
		ok = ok && p.Text != nil
	case screenpop.KindWebRequest:
		ok = ok && p.Href != nil && p.Href.Origin() != "" && p.Method != "" && p.Format != ""
		for _, field := range p.Fields {
			ok = ok && field.Name != "" && field.Value != nil
		}
	case screenpop.KindCommand:
		ok = ok && p.Name != "" && len(p.Vars) <= screenpop.MaxVars
		for _, v := range p.Vars {
			ok = ok && urltemplate.ValidName(v.Name)
		}
	default:
		ok = false
	}
	for _, c := range p.When {
		ok = ok && c.Variable != "" && c.Op != ""
	}
	if !ok {
		t.Fatalf("popup %+v is not valid", *p)
	}
}

// reading is what encoding/xml sees of a popup.
type reading struct {
	name, text string
	attrs      map[string]string
}

func readWithEncodingXML(t *testing.T, src []byte) []reading {
	t.Helper()
	var popups []reading
	d := xml.NewDecoder(strings.NewReader(string(src)))
	d.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil }
	for depth := 0; ; {
		token, err := d.Token()
		if err == io.EOF {
			return popups
		}
		if err != nil {
			t.Fatalf("encoding/xml refuses %q: %v", src, err)
		}
		switch tok := token.(type) {
		case xml.StartElement:
			depth++
			if depth == 2 && tok.Name.Local != "inherit" {
				r := reading{name: tok.Name.Local, attrs: map[string]string{}}
				for _, a := range tok.Attr {
					r.attrs[a.Name.Local] = a.Value
				}
				popups = append(popups, r)
			}
		case xml.EndElement:
			depth--
		case xml.CharData:
			if depth == 2 {
				popups[len(popups)-1].text += string(tok)
			}
		}
	}
}

// compareReadings holds the popup to what encoding/xml has read.
func compareReadings(t *testing.T, p *screenpop.Popup, r reading) {
	t.Helper()
	same := func(what string, got *urltemplate.Template, kind urltemplate.Kind, src string) {
		want, _ := urltemplate.Parse(kind, strings.Trim(src, " \t\r\n"))
		if want == nil || got == nil || want.String() != got.String() {
			t.Fatalf("%s of popup %s is %q, encoding/xml reads %q", what, p.ID, got, src)
		}
	}
	if r.name != string(p.Kind) || r.attrs["id"] != "" && r.attrs["id"] != p.ID {
		t.Fatalf("popup %s %s, encoding/xml reads %+v", p.Kind, p.ID, r)
	}
	switch p.Kind {
	case screenpop.KindURL:
		same("the URL", p.URL, urltemplate.URL, r.text)
		if p.Title != nil || r.attrs["title"] != "" {
			same("the title", p.Title, urltemplate.Text, r.attrs["title"])
		}
		if target := r.attrs["target"]; target != "" && p.Visible && p.Target != target {
			t.Fatalf("target %q, encoding/xml reads %q", p.Target, target)
		}
	case screenpop.KindClipboard:
		same("the text", p.Text, urltemplate.Text, r.text)
	case screenpop.KindWebRequest:
		same("the address", p.Href, urltemplate.URL, r.attrs["href"])
	case screenpop.KindCommand:
		for _, v := range p.Vars {
			if v.Value != nil && !strings.Contains(r.text, v.Name) {
				t.Fatalf("the value %s=%q is not in what encoding/xml reads, %q", v.Name, v.Value, r.text)
			}
		}
	}
}
