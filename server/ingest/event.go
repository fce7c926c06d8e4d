package ingest

import (
	"strings"
	"time"
	"unicode"

	"github.com/crmpop/crmpop/app/screenpop"
)

// readEvent reads an event as DESIGN section 3 has it.
func readEvent(v value, at string) (screenpop.Event, *screenpop.Error) {
	var e screenpop.Event
	if err := object(v, at, "an event is"); err != nil {
		return e, err
	}
	for _, m := range v.members {
		here := down(at, m.name)
		var err *screenpop.Error
		switch m.name {
		case "id":
			e.ID, err = readID(m.value, here)
		case "type":
			e.Type, err = readType(m.value, here)
		case "time":
			e.Time, err = readTime(m.value, here)
		case "request":
			e.Request, err = readRequest(m.value, here)
		case "specversion":
			err = invalid("unknown-field", here, "this is a CloudEvent; send it with Content-Type %s", mediaEvent)
		default:
			err = unknown("field", here, m.name, []string{"id", "type", "time", "request"})
		}
		if err != nil {
			return e, err
		}
	}
	return e, missing(at, [][2]string{{"id", e.ID}, {"type", string(e.Type)}, {"request", e.Request.ID}})
}

// missing returns the error for the first field without a value.
func missing(at string, fields [][2]string) *screenpop.Error {
	for _, f := range fields {
		if f[1] == "" {
			return invalid("missing-field", down(at, f[0]), "%q is missing; every event must carry it", f[0])
		}
	}
	return nil
}

// requestTexts are the plain texts of a request and how long each may be.
var requestTexts = map[string]struct {
	most  int
	field func(*screenpop.RequestReport) *string
}{
	"agent":        {maxID, func(r *screenpop.RequestReport) *string { return &r.Agent }},
	"anum":         {maxText, func(r *screenpop.RequestReport) *string { return &r.ANI }},
	"dnis":         {maxText, func(r *screenpop.RequestReport) *string { return &r.DNIS }},
	"queue_key":    {maxText, func(r *screenpop.RequestReport) *string { return &r.QueueKey }},
	"customer_key": {maxText, func(r *screenpop.RequestReport) *string { return &r.CustomerKey }},
	"subject":      {maxText, func(r *screenpop.RequestReport) *string { return &r.Subject }},
	"url":          {maxText, func(r *screenpop.RequestReport) *string { return &r.URL }},
	"name":         {maxText, func(r *screenpop.RequestReport) *string { return &r.Name }},
}

var requestFields = []string{"id", "channel", "direction", "agent", "anum", "dnis", "queue_key",
	"customer_key", "subject", "url", "name", "variables"}

func readRequest(v value, at string) (screenpop.RequestReport, *screenpop.Error) {
	var r screenpop.RequestReport
	if err := object(v, at, "a request is"); err != nil {
		return r, err
	}
	for _, m := range v.members {
		if err := readRequestField(&r, m, down(at, m.name)); err != nil {
			return r, err
		}
	}
	return r, missing(at, [][2]string{{"id", r.ID}})
}

func readRequestField(r *screenpop.RequestReport, m member, at string) *screenpop.Error {
	if t, ok := requestTexts[m.name]; ok {
		text, err := readText(m.value, at, t.most)
		*t.field(r) = text
		return err
	}
	var err *screenpop.Error
	switch m.name {
	case "id":
		r.ID, err = readID(m.value, at)
	case "channel":
		var word string
		word, err = readText(m.value, at, maxText)
		if r.Channel = screenpop.Channel(word); err == nil && word != "" && !r.Channel.Valid() {
			err = unknown("channel", at, word, screenpop.Channels)
		}
	case "direction":
		var word string
		word, err = readText(m.value, at, maxText)
		if r.Direction = screenpop.Direction(word); err == nil && word != "" && !r.Direction.Valid() {
			err = unknown("direction", at, word, []screenpop.Direction{screenpop.In, screenpop.Out})
		}
	case "variables":
		r.Variables, err = readVariables(m.value, at)
	default:
		err = unknown("field", at, m.name, requestFields)
		err.Msg += `; what else is known of the request goes into "variables"`
	}
	return err
}

// readVariables takes texts, and numbers, true and false as they are written. A
// null says nothing.
func readVariables(v value, at string) (map[string]string, *screenpop.Error) {
	if v.form == isNull {
		return nil, nil
	}
	if err := object(v, at, "variables are"); err != nil {
		return nil, err
	}
	if len(v.members) > maxVariables {
		return nil, invalid("too-many-variables", at, "%d variables, at most %d; send fewer", len(v.members), maxVariables)
	}
	all := make(map[string]string, len(v.members))
	for _, m := range v.members {
		here := down(at, m.name)
		switch {
		case m.name == "" || len(m.name) > maxName || strings.ContainsFunc(m.name, unicode.IsControl):
			return nil, invalid("bad-name", here, "a variable's name is 1 to %d bytes without control characters; rename %q",
				maxName, clip(m.name))
		case m.value.form == isObject || m.value.form == isList:
			return nil, invalid("wrong-type", here, "a variable is a text, and this is %s; send a text", m.value.form)
		case len(m.value.text) > maxText:
			return nil, tooLong(here, len(m.value.text), maxText)
		case m.value.form != isNull:
			all[m.name] = m.value.text
		}
	}
	return all, nil
}

// object returns the error for a value that is no object. subject is what it
// should be, with its verb.
func object(v value, at, subject string) *screenpop.Error {
	if v.form == isObject {
		return nil
	}
	return invalid("wrong-type", at, "%s an object, and this is %s; send {…}", subject, v.form)
}

// readText returns a text of at most most bytes, and "" for null.
func readText(v value, at string, most int) (string, *screenpop.Error) {
	switch {
	case v.form == isNull:
		return "", nil
	case v.form != isText:
		return "", invalid("wrong-type", at, "this is %s and must be a text; put it in quotes", v.form)
	case len(v.text) > most:
		return "", tooLong(at, len(v.text), most)
	}
	return v.text, nil
}

func tooLong(at string, size, most int) *screenpop.Error {
	return invalid("too-long", at, "%d bytes, at most %d; shorten it", size, most)
}

func readID(v value, at string) (string, *screenpop.Error) {
	id, err := readText(v, at, maxID)
	if err == nil && strings.ContainsFunc(id, unicode.IsControl) {
		err = invalid("bad-character", at, "an id holds no control characters; leave them out of %q", clip(id))
	}
	return id, err
}

func readType(v value, at string) (screenpop.Trigger, *screenpop.Error) {
	word, err := readText(v, at, maxText)
	if err != nil || word == "" {
		return "", err
	}
	t := screenpop.Trigger(word)
	if !t.Valid() {
		err = unknown("type", at, word, screenpop.EventTypes)
	}
	return t, err
}

func readTime(v value, at string) (time.Time, *screenpop.Error) {
	word, err := readText(v, at, maxText)
	if err != nil || word == "" {
		return time.Time{}, err
	}
	return parseTime(word, at)
}

// parseTime reads RFC 3339. Years that no platform means are refused: they
// cannot be written back in every offset.
func parseTime(word, at string) (time.Time, *screenpop.Error) {
	t, bad := time.Parse(time.RFC3339Nano, word)
	if bad != nil || t.UTC().Year() < 1970 || t.UTC().Year() > 9000 {
		return time.Time{}, invalid("bad-time", at, "%q is not a time; write it as RFC 3339 has it, such as 2026-11-22T10:15:00Z", clip(word))
	}
	return t.UTC(), nil
}
