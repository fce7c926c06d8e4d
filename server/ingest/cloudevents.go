package ingest

import (
	"crypto/sha256"
	"encoding/base32"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/crmpop/crmpop/app/screenpop"
)

// A CloudEvent names its trigger in the last part of its type, behind the last
// dot: "crmpop.request.ringing" and "com.acme.pbx.ringing" are both ringing. Its
// data is {"request":{…}} or the request itself. Its source and id are unique
// together, so both make the event's id: source, a space, id. Extensions are
// taken and not looked at.

// attributes are the context attributes of a CloudEvent that say something here.
type attributes struct {
	specversion, id, source, kind, time, contenttype string
}

// set puts a text where it belongs and reports whether the name is one that is
// read here.
func (a *attributes) set(name, text string) bool {
	field := map[string]*string{"specversion": &a.specversion, "id": &a.id, "source": &a.source,
		"type": &a.kind, "time": &a.time, "datacontenttype": &a.contenttype}[name]
	if field != nil {
		*field = text
	}
	return field != nil
}

// event returns the event without its request. place returns the pointer of an
// attribute, which is "" where attributes are headers.
func (a attributes) event(place func(name string) string) (screenpop.Event, *screenpop.Error) {
	var e screenpop.Event
	for _, f := range [][2]string{{"specversion", a.specversion}, {"id", a.id}, {"source", a.source}, {"type", a.kind}} {
		if f[1] == "" {
			return e, invalid("missing-field", place(f[0]), "the attribute %q is missing; every CloudEvent must carry it", f[0])
		}
	}
	kind := screenpop.Trigger(a.kind[strings.LastIndexByte(a.kind, '.')+1:])
	switch {
	case a.specversion != "1.0":
		return e, invalid("unknown-specversion", place("specversion"), "CloudEvents %q are not known here; send 1.0", clip(a.specversion))
	case len(a.id) > maxID:
		return e, tooLong(place("id"), len(a.id), maxID)
	case len(a.source) > maxText:
		return e, tooLong(place("source"), len(a.source), maxText)
	case strings.ContainsFunc(a.source, unspoken):
		return e, invalid("bad-character", place("source"), "%q is no URI reference; leave spaces and control characters out", clip(a.source))
	case strings.ContainsFunc(a.id, unicode.IsControl):
		return e, invalid("bad-character", place("id"), "an id holds no control characters; leave them out of %q", clip(a.id))
	case !kind.Valid():
		err := unknown("type", place("type"), string(kind), screenpop.EventTypes)
		err.Msg += "; it is what stands behind the last dot"
		return e, err
	}
	e.ID, e.Type = joinID(a.source, a.id), kind
	if a.time == "" {
		return e, nil
	}
	var err *screenpop.Error
	e.Time, err = parseTime(a.time, place("time"))
	return e, err
}

func unspoken(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }

// joinID returns the event id of a CloudEvent. A source holds no space, so no
// two pairs share one; what would be too long is hashed.
func joinID(source, id string) string {
	if len(source)+1+len(id) <= maxID {
		return source + " " + id
	}
	return "ce-" + digest(source, id)
}

// digest returns 26 characters of a-z and 2-7 that stand for the parts.
func digest(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		h.Write([]byte(p))
		h.Write([]byte{0})
	}
	return strings.ToLower(base32.StdEncoding.EncodeToString(h.Sum(nil)))[:26]
}

// readCloudEvent reads a CloudEvent in structured mode.
func readCloudEvent(v value, at string) (screenpop.Event, *screenpop.Error) {
	if err := object(v, at, "an event is"); err != nil {
		return screenpop.Event{}, err
	}
	var a attributes
	for _, m := range v.members {
		if err := readAttribute(&a, m, down(at, m.name)); err != nil {
			return screenpop.Event{}, err
		}
	}
	e, err := a.event(func(name string) string { return down(at, name) })
	if err != nil {
		return e, err
	}
	if !isJSON(a.contenttype) {
		return e, unsupported("unsupported-media-type", "data of type %q is not taken; send JSON", clip(a.contenttype)).At(down(at, "datacontenttype"))
	}
	data, ok := v.get("data")
	if !ok {
		return e, missing(at, [][2]string{{"data", ""}})
	}
	e.Request, err = readData(data, down(at, "data"))
	return e, err
}

func readAttribute(a *attributes, m member, at string) *screenpop.Error {
	switch {
	case m.name == "data":
		return nil
	case m.name == "data_base64":
		return unsupported("unsupported-media-type", "at %s: data in base64 is not taken; send JSON in data", at).At(at)
	case strings.Trim(m.name, "abcdefghijklmnopqrstuvwxyz0123456789") != "" || m.name == "":
		return unknown("field", at, m.name, []string{"specversion", "id", "source", "type", "time",
			"subject", "datacontenttype", "dataschema", "data"})
	}
	if !a.set(m.name, m.value.text) || m.value.form == isNull {
		return nil
	}
	_, err := readText(m.value, at, maxText)
	return err
}

// isJSON reports whether a datacontenttype is JSON, as it is when left out.
func isJSON(contenttype string) bool {
	if contenttype == "" {
		return true
	}
	media, _, err := mime.ParseMediaType(contenttype)
	return err == nil && (media == mediaJSON || strings.HasSuffix(media, "+json"))
}

// readData reads the data of a CloudEvent: {"request":{…}} or the request.
func readData(v value, at string) (screenpop.RequestReport, *screenpop.Error) {
	inner, ok := v.get("request")
	if !ok {
		return readRequest(v, at)
	}
	for _, m := range v.members {
		if m.name != "request" {
			return screenpop.RequestReport{}, unknown("field", down(at, m.name), m.name, []string{"request"})
		}
	}
	return readRequest(inner, down(at, "request"))
}

// binary reads a CloudEvent in binary mode: attributes in ce- headers, the data
// alone in the body.
func binary(h http.Header, body []byte) (Batch, *screenpop.Error) {
	var a attributes
	for name, values := range h {
		short, ok := strings.CutPrefix(strings.ToLower(name), "ce-")
		if !ok {
			continue
		}
		text, err := headerText(name, values)
		if err != nil {
			return Batch{}, err
		}
		a.set(short, text)
	}
	e, err := a.event(func(string) string { return "" })
	if err != nil {
		err.Msg = "in the ce- headers: " + err.Msg
		return Batch{}, err
	}
	return single(body, func(v value, at string) (screenpop.Event, *screenpop.Error) {
		request, err := readData(v, at)
		e.Request = request
		return e, err
	})
}

// headerText undoes the quoting and percent-encoding of a ce- header.
func headerText(name string, values []string) (string, *screenpop.Error) {
	if len(values) != 1 {
		return "", invalid("duplicate-key", "", "the header %s stands here %d times; send it once", clip(name), len(values))
	}
	text := strings.TrimSpace(values[0])
	if len(text) > 1 && text[0] == '"' && text[len(text)-1] == '"' {
		text = strings.NewReplacer(`\"`, `"`, `\\`, `\`).Replace(text[1 : len(text)-1])
	}
	text, bad := url.PathUnescape(text)
	if bad != nil || !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
		return "", invalid("bad-utf8", "", "the header %s is not percent-encoded UTF-8; encode it so", clip(name))
	}
	return text, nil
}
