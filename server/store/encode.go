package store

import (
	"encoding/json"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/crmpop/crmpop/app/screenpop"
)

// The documents that each event leaves in the record are written by hand:
// encoding/json took a fifth of the writer's time. What they write is read with
// encoding/json; a test fills every field of each type and compares.

// object is a JSON object being written. A field with its zero value is left out.
type object struct{ b []byte }

func (o *object) open() { o.b = append(o.b, '{') }

func (o *object) close() { o.b = append(o.b, '}') }

// key writes a field's name, which needs no escaping.
func (o *object) key(name string) {
	if o.b[len(o.b)-1] != '{' {
		o.b = append(o.b, ',')
	}
	o.b = append(append(append(o.b, '"'), name...), '"', ':')
}

func (o *object) text(name, v string) {
	if v != "" {
		o.key(name)
		o.b = appendText(o.b, v)
	}
}

func (o *object) yes(name string, v bool) {
	if v {
		o.key(name)
		o.b = append(o.b, "true"...)
	}
}

func (o *object) time(name string, v time.Time) {
	if !v.IsZero() {
		o.key(name)
		o.b = append(v.UTC().AppendFormat(append(o.b, '"'), time.RFC3339Nano), '"')
	}
}

func (o *object) texts(name string, v map[string]string) {
	if len(v) == 0 {
		return
	}
	o.key(name)
	o.open()
	for k, v := range v {
		if o.b[len(o.b)-1] != '{' {
			o.b = append(o.b, ',')
		}
		o.b = append(appendText(o.b, k), ':')
		o.b = appendText(o.b, v)
	}
	o.close()
}

// appendText writes a string. What is not plain ASCII is left to encoding/json.
func appendText(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf {
			return append(b, encode(s)...)
		}
	}
	return append(append(append(b, '"'), s...), '"')
}

// encode returns v as JSON. What the record stores holds nothing that JSON
// cannot carry.
func encode(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("encode %T: %v", v, err))
	}
	return string(b)
}

// encodeEvent returns an event as JSON.
func encodeEvent(e screenpop.Event) string {
	o := object{make([]byte, 0, 512)}
	o.open()
	o.text("id", e.ID)
	o.text("type", string(e.Type))
	o.time("time", e.Time)
	o.key("request")
	o.open()
	r := e.Request
	o.text("id", r.ID)
	o.text("channel", string(r.Channel))
	o.text("direction", string(r.Direction))
	o.text("agent", r.Agent)
	o.text("anum", r.ANI)
	o.text("dnis", r.DNIS)
	o.text("queue_key", r.QueueKey)
	o.text("customer_key", r.CustomerKey)
	o.text("subject", r.Subject)
	o.text("url", r.URL)
	o.text("name", r.Name)
	o.texts("variables", r.Variables)
	o.close()
	o.close()
	return string(o.b)
}

// encodeRequest returns an agent's copy of a request as JSON.
func encodeRequest(r screenpop.Request) string {
	o := object{make([]byte, 0, 768)}
	o.open()
	o.text("id", r.ID)
	o.text("channel", string(r.Channel))
	o.text("direction", string(r.Direction))
	o.text("agent_id", r.AgentID)
	o.text("anum", r.ANI)
	o.text("dnis", r.DNIS)
	o.text("queue_key", r.QueueKey)
	o.text("customer_key", r.CustomerKey)
	o.text("subject", r.Subject)
	o.text("url", r.URL)
	o.text("name", r.Name)
	o.texts("variables", r.Variables)
	o.text("state", string(r.State))
	o.text("taken_by", r.TakenBy)
	o.yes("test", r.Test)
	o.time("created_at", r.CreatedAt)
	o.time("accepted_at", r.AcceptedAt)
	o.time("ended_at", r.EndedAt)
	o.time("updated_at", r.UpdatedAt)
	if len(r.Timeline) > 0 {
		o.key("timeline")
		for i, e := range r.Timeline {
			o.b = append(o.b, "[,"[min(i, 1)])
			o.open()
			o.text("id", e.ID)
			o.text("type", string(e.Type))
			o.time("at", e.At)
			o.close()
		}
		o.b = append(o.b, ']')
	}
	o.close()
	return string(o.b)
}

// encodePop returns a pop as planned: not what changes later, nor what it has
// columns for.
func encodePop(p screenpop.Pop) string {
	o := object{make([]byte, 0, 768)}
	o.open()
	o.text("event_id", p.EventID)
	o.text("popup_id", p.PopupID)
	o.text("kind", string(p.Kind))
	o.text("trigger", string(p.Trigger))
	o.text("title", p.Title)
	o.text("url", p.URL)
	o.text("text", p.Text)
	o.text("command", p.Command)
	if len(p.Vars) > 0 {
		o.key("vars")
		for i, v := range p.Vars {
			o.b = append(o.b, "[,"[min(i, 1)])
			o.open()
			o.text("name", v.Name)
			o.text("value", v.Value)
			o.close()
		}
		o.b = append(o.b, ']')
	}
	o.text("target", p.Target)
	o.yes("visible", p.Visible)
	o.text("focus", string(p.Focus))
	o.text("frame", p.Frame)
	o.text("sandbox", p.Sandbox)
	o.text("allow", p.Allow)
	o.yes("probe", p.Probe)
	o.text("via", p.Via)
	o.text("from", p.From)
	o.text("frame_key", p.FrameKey)
	o.text("refused", p.Refused)
	if p.Blank {
		o.yes("blank", true)
	}
	o.yes("shortened", p.Shortened)
	o.text("detail", p.Detail)
	o.time("created_at", p.CreatedAt)
	o.time("expires_at", p.ExpiresAt)
	o.close()
	return string(o.b)
}

// encodeDecisions returns what was decided on an event as JSON.
func encodeDecisions(all []Decision) string {
	o := object{make([]byte, 0, 64+128*len(all))}
	o.b = append(o.b, '[')
	for i, d := range all {
		if i > 0 {
			o.b = append(o.b, ',')
		}
		o.open()
		o.text("agent_id", d.AgentID)
		o.text("popup_id", d.PopupID)
		o.text("title", d.Title)
		o.yes("matched", d.Matched)
		o.text("why", d.Why)
		o.text("pop_id", d.PopID)
		o.close()
	}
	return string(append(o.b, ']'))
}
