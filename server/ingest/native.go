package ingest

import (
	"bytes"
	"net/http"
	"strconv"

	"github.com/crmpop/crmpop/app/screenpop"
)

// Native returns the dialect of POST /api/v1/events: one event as a JSON
// object, a JSON array of at most MaxEvents, and CloudEvents 1.0 in structured,
// binary and batch mode. It is strict: what it would have to guess or to drop,
// it refuses.
func Native() Dialect { return native{} }

type native struct{}

// Read implements Dialect.
func (native) Read(h http.Header, body []byte) (Batch, *screenpop.Error) {
	media, _, err := readable(h, mediaJSON, mediaEvent, mediaBatch)
	if err != nil {
		return Batch{}, err
	}
	if err := fits(body, MaxBody); err != nil {
		return Batch{}, err
	}
	if err := wellFormed(body); err != nil {
		return Batch{}, err
	}
	var read reader = readEvent
	switch {
	case media != mediaJSON:
		read = readCloudEvent
	case h.Get("Ce-Specversion") != "":
		return binary(h, body)
	}
	isArray := bytes.TrimLeft(body, " \t\r\n")[0] == '['
	switch {
	case media == mediaBatch && !isArray:
		return Batch{}, invalid("wrong-type", "", "a CloudEvents batch is an array; send one event as %s", mediaEvent)
	case media == mediaEvent && isArray:
		return Batch{}, invalid("wrong-type", "", "this is an array; send several CloudEvents as %s", mediaBatch)
	case isArray:
		return array(body, read)
	}
	return single(body, read)
}

// reader reads one event from the value at a place in the body.
type reader func(v value, at string) (screenpop.Event, *screenpop.Error)

func single(body []byte, read reader) (Batch, *screenpop.Error) {
	it := item(body, "", read)
	if it.Err != nil {
		return Batch{}, it.Err
	}
	return Batch{Items: []Item{it}}, nil
}

func array(body []byte, read reader) (Batch, *screenpop.Error) {
	raw := split(body, MaxEvents)
	if len(raw) > MaxEvents {
		return Batch{}, fault(screenpop.CodeTooLarge, "too-many-events", "",
			"the array holds more than %d events; send them in several requests", MaxEvents)
	}
	b := Batch{Items: make([]Item, len(raw)), Array: true}
	for i, r := range raw {
		b.Items[i] = item(r, "/"+strconv.Itoa(i), read)
	}
	return b, nil
}

func item(raw []byte, at string, read reader) Item {
	if len(raw) > MaxEvent {
		return Item{Err: tooLarge(at, len(raw), MaxEvent)}
	}
	v, err := scan(raw, at)
	if err != nil {
		return Item{Err: err}
	}
	e, err := read(v, at)
	if err != nil {
		return Item{Err: err, Event: screenpop.Event{ID: e.ID, Request: screenpop.RequestReport{ID: e.Request.ID}}}
	}
	it := Item{Event: e}
	if e.Request.Agent != "" {
		it.Aliases = []string{e.Request.Agent}
	}
	return it
}

// fits returns the error for a body of more than most bytes.
func fits(body []byte, most int) *screenpop.Error {
	if len(body) > most {
		return tooLarge("", len(body), most)
	}
	return nil
}

func tooLarge(at string, size, most int) *screenpop.Error {
	return fault(screenpop.CodeTooLarge, "too-large", at, "%d bytes, at most %d; send less, or in several requests", size, most)
}
