package ingest

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"maps"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/crmpop/crmpop/app/screenpop"
)

// fields are the fields of a CTI report by name, however they were sent; a name
// is without the [] that forms put behind lists.
type fields map[string][]string

// ctiFields lists the fields that the dialect reads. Vendors add others, which are
// let through unread.
var ctiFields = []string{"event", "callId", "from", "to", "direction", "answeringNumber", "queue", "cause",
	"diversion", "origCallId", "user", "userId", "fullUserId", "caller"}

// readFields reads a form, a multipart form or a JSON object.
func readFields(h http.Header, body []byte) (fields, string, *screenpop.Error) {
	media, boundary, err := readable(h, mediaForm, mediaJSON, mediaMultipart)
	if err != nil {
		return nil, media, err
	}
	if err := fits(body, MaxEvent); err != nil {
		return nil, media, err
	}
	var f fields
	switch media {
	case mediaForm:
		f, err = readForm(body)
	case mediaMultipart:
		f, err = readMultipart(body, boundary)
	default:
		f, err = readObject(body)
	}
	if err != nil {
		return nil, media, err
	}
	return f, media, f.check()
}

func (f fields) check() *screenpop.Error {
	for _, name := range ctiFields {
		for _, v := range f[name] {
			switch {
			case !utf8.ValidString(v):
				return invalid("bad-utf8", down("", name), "this is not UTF-8; send the report in UTF-8")
			case strings.ContainsRune(v, 0):
				return invalid("bad-character", down("", name), "a text here holds the character NUL; leave it out")
			case len(v) > maxID:
				return tooLong(down("", name), len(v), maxID)
			}
		}
	}
	return nil
}

// one returns the value of a field that may stand once.
func (f fields) one(name string) (string, *screenpop.Error) {
	switch values := f[name]; len(values) {
	case 0:
		return "", nil
	case 1:
		return values[0], nil
	}
	return "", invalid("duplicate-key", down("", name), "%q has several values; send one", name)
}

// add adds values to a field that is read.
func (f fields) add(name string, values ...string) {
	name = strings.TrimSuffix(name, "[]")
	if slices.Contains(ctiFields, name) {
		f[name] = append(f[name], values...)
	}
}

func readForm(body []byte) (fields, *screenpop.Error) {
	if len(bytes.TrimSpace(body)) == 0 {
		return nil, invalid("empty-body", "", "the body is empty; send event, callId, from, to and direction as a form")
	}
	form, bad := url.ParseQuery(string(bytes.TrimRight(body, "\r\n")))
	if bad != nil {
		return nil, invalid("malformed-form", "", "the body is no form: %v; percent-encode the values", bad)
	}
	f := fields{}
	for _, name := range slices.Sorted(maps.Keys(form)) {
		f.add(name, form[name]...)
	}
	return f, nil
}

func readMultipart(body []byte, boundary string) (fields, *screenpop.Error) {
	if boundary == "" {
		return nil, invalid("malformed-form", "", "Content-Type names no boundary; send multipart/form-data with one")
	}
	f := fields{}
	parts := multipart.NewReader(bytes.NewReader(body), boundary)
	for {
		part, bad := parts.NextPart()
		if errors.Is(bad, io.EOF) {
			return f, nil
		}
		var v []byte
		if bad == nil {
			v, bad = io.ReadAll(io.LimitReader(part, MaxEvent))
		}
		if bad != nil {
			return nil, invalid("malformed-form", "", "the body is no multipart form: %s; send one part a field, ended by the boundary", clip(bad.Error()))
		}
		f.add(part.FormName(), string(v))
	}
}

func readObject(body []byte) (fields, *screenpop.Error) {
	if err := wellFormed(body); err != nil {
		return nil, err
	}
	v, err := scan(body, "")
	if err == nil {
		err = object(v, "", "a report is")
	}
	f := fields{}
	for _, m := range v.members {
		if err == nil {
			err = f.addValue(m.name, m.value)
		}
	}
	return f, err
}

// addValue adds a text, number, true or false, or each of a list of them.
func (f fields) addValue(name string, v value) *screenpop.Error {
	name = strings.TrimSuffix(name, "[]")
	values := v.items
	if v.form != isList {
		values = []value{v}
	}
	for _, v := range values {
		switch {
		case v.form == isNull || !slices.Contains(ctiFields, name):
		case v.form == isObject || v.form == isList:
			return invalid("wrong-type", down("", name), "this holds %s and must be a text; put it in quotes", v.form)
		default:
			f.add(name, v.text)
		}
	}
	return nil
}

func prefersJSON(h http.Header) bool {
	accept := strings.ToLower(strings.Join(h.Values("Accept"), ","))
	return strings.Contains(accept, mediaJSON) && !strings.Contains(accept, "xml")
}

// replyJSON is what Zammad's senders read: nothing to do.
func replyJSON(string) (string, []byte) { return mediaJSON, []byte("{}") }

// replyXML is what sipgate reads. It reports answer and hangup of a call only
// if the reply to newCall asks for them.
func replyXML(url string, subscribe bool) (string, []byte) {
	var b bytes.Buffer
	b.WriteString(xml.Header + "<Response")
	if subscribe && url != "" {
		var at bytes.Buffer
		if err := xml.EscapeText(&at, []byte(url)); err == nil { // a buffer does not fail
			b.WriteString(` onAnswer="` + at.String() + `" onHangup="` + at.String() + `"`)
		}
	}
	b.WriteString("/>\n")
	return "application/xml", b.Bytes()
}
