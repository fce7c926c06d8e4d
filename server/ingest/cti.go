package ingest

import (
	"net/http"
	"slices"
	"strings"
	"unicode"

	"github.com/crmpop/crmpop/app/screenpop"
)

// CTI returns the dialect that sipgate and Zammad's generic CTI share, and with
// them every phone system that offers "push to Zammad". It reports calls, not
// offers:
//
//   - newCall is ringing, one event for each user it names: the request is the
//     call (its callId) and each agent has a copy of it. Without a user the
//     agent is looked for by the own number: to, or from of an outgoing call.
//   - answer is accepted for the agent who answered; whoever else it rang at
//     loses the call by that.
//   - hangup is hangup for everybody who has the call, whatever its cause: it
//     names no leg. The cause is kept as a variable. The tab stays for work after
//     the call.
//   - what a machine does (a user named voicemail; dtmf, data) makes no event.
//
// Event ids are digests of the report's own fields, so a retry is the same event.
// Numbers stay as they are written; an anonymous caller has none, and the
// variable anonymous says so.
func CTI() Dialect { return cti{} }

type cti struct{}

// ctiEvents are the reports of the dialect that make events.
var ctiEvents = map[string]screenpop.Trigger{
	"newCall": screenpop.Ringing, "answer": screenpop.Accepted, "hangup": screenpop.Hangup,
}

// Read implements Dialect.
func (cti) Read(h http.Header, body []byte) (Batch, *screenpop.Error) {
	f, media, err := readFields(h, body)
	if err != nil {
		return Batch{}, err
	}
	c, err := readCall(f)
	if err != nil {
		return Batch{}, err
	}
	b := Batch{Items: c.items()}
	subscribe := c.event == "newCall" && len(b.Items) > 0
	b.Reply = replyJSON
	if media == mediaForm && !prefersJSON(h) {
		b.Reply = func(url string) (string, []byte) { return replyXML(url, subscribe) }
	}
	return b, nil
}

// call is one report of the dialect.
type call struct {
	event, id, from, to      string
	direction                screenpop.Direction
	users, userIDs, fullIDs  []string
	answering, queue         string
	cause, diversion, origin string
}

func readCall(f fields) (call, *screenpop.Error) {
	c := call{direction: screenpop.In}
	var direction string
	for _, field := range []struct {
		name string
		text *string
	}{
		{"event", &c.event}, {"callId", &c.id}, {"from", &c.from}, {"to", &c.to}, {"direction", &direction},
		{"answeringNumber", &c.answering}, {"queue", &c.queue}, {"cause", &c.cause},
		{"diversion", &c.diversion}, {"origCallId", &c.origin},
	} {
		var err *screenpop.Error
		if *field.text, err = f.one(field.name); err != nil {
			return c, err
		}
	}
	if direction != "" {
		c.direction = screenpop.Direction(direction)
	}
	c.users, c.userIDs, c.fullIDs = f["user"], f["userId"], f["fullUserId"]
	if len(c.users) == 0 {
		c.users = f["caller"] // newer Zammad manuals call the users so in answer
	}
	return c, c.check()
}

func (c call) check() *screenpop.Error {
	if err := missing("", [][2]string{{"event", c.event}, {"callId", c.id}}); err != nil {
		return err
	}
	known := []string{"newCall", "answer", "hangup", "dtmf", "data"}
	switch {
	case !slices.Contains(known, c.event):
		return unknown("type", "/event", c.event, known)
	case !c.direction.Valid():
		return unknown("direction", "/direction", string(c.direction), []screenpop.Direction{screenpop.In, screenpop.Out})
	case strings.ContainsFunc(c.id, unicode.IsControl):
		return invalid("bad-character", "/callId", "a callId holds no control characters; leave them out of %q", clip(c.id))
	case max(len(c.users), len(c.userIDs), len(c.fullIDs)) > maxUsers:
		return fault(screenpop.CodeTooLarge, "too-many-events", "/user", "the call rings at more than %d users; send fewer", maxUsers)
	}
	return nil
}

// items returns the events that the report makes.
func (c call) items() []Item {
	switch c.event {
	case "newCall":
		var items []Item
		for _, aliases := range c.ringing() {
			items = append(items, c.item(aliases))
		}
		return items
	case "answer":
		if len(c.users) == 1 && isMachine(c.users[0], nth(c.userIDs, 0)) {
			return nil
		}
		return []Item{c.item(c.answered())}
	case "hangup":
		return []Item{c.item(nil)}
	}
	return nil
}

// ringing returns the aliases of each user at whom the call rings.
func (c call) ringing() [][]string {
	var all [][]string
	machines := false
	for i := range max(len(c.users), len(c.userIDs), len(c.fullIDs)) {
		name, id := nth(c.users, i), nth(c.userIDs, i)
		if isMachine(name, id) {
			machines = true
			continue
		}
		aliases := names(nth(c.fullIDs, i), id, name)
		if len(aliases) > 0 && !slices.ContainsFunc(all, func(a []string) bool { return slices.Equal(a, aliases) }) {
			all = append(all, aliases)
		}
	}
	if len(all) > 0 || machines {
		return all
	}
	if own := names(c.own()); len(own) > 0 {
		return [][]string{own}
	}
	return [][]string{nil}
}

// answered returns the aliases of the user who answered. Reports list the users
// that rang beside the number that answered, so several users say nothing. Of an
// outgoing call the answering number is the other party's.
func (c call) answered() []string {
	answering := c.answering
	if c.direction == screenpop.Out {
		answering = ""
	}
	user := ""
	if len(c.users) == 1 {
		user = c.users[0]
	}
	if len(c.userIDs) == 1 || len(c.fullIDs) == 1 {
		return names(nth(c.fullIDs, 0), nth(c.userIDs, 0), user, answering)
	}
	return names(answering, user)
}

// own returns the number on our side of the call.
func (c call) own() string {
	own := c.to
	if c.direction == screenpop.Out {
		own = c.from
	}
	if isHidden(own) {
		return ""
	}
	return own
}

func (c call) item(aliases []string) Item {
	r := screenpop.RequestReport{ID: c.id, Channel: screenpop.Voice, Direction: c.direction,
		ANI: c.from, DNIS: c.to, QueueKey: c.queue, Variables: map[string]string{}}
	if len(aliases) > 0 {
		r.Agent = aliases[0]
	}
	if isHidden(r.ANI) {
		r.ANI = ""
		r.Variables["anonymous"] = "true"
	}
	for name, v := range map[string]string{"cause": c.cause, "diversion": c.diversion,
		"answering_number": c.answering, "orig_call_id": c.origin} {
		if v != "" {
			r.Variables[name] = v
		}
	}
	if len(r.Variables) == 0 {
		r.Variables = nil
	}
	parts := append([]string{c.event, c.id, string(c.direction), c.from, c.to, c.queue, c.cause, c.diversion}, aliases...)
	return Item{Event: screenpop.Event{ID: "cti-" + digest(parts...), Type: ctiEvents[c.event], Request: r}, Aliases: aliases}
}

// nth returns the i-th word, "" if there are fewer.
func nth(words []string, i int) string {
	if i < len(words) {
		return words[i]
	}
	return ""
}

// names returns the words that say something, each once.
func names(words ...string) []string {
	var all []string
	for _, w := range words {
		if w = strings.TrimSpace(w); w != "" && !slices.Contains(all, w) {
			all = append(all, w)
		}
	}
	return all
}

// isMachine reports whether the user is sipgate's name for a voice mailbox,
// which unlike a person has no id.
func isMachine(user, id string) bool { return strings.EqualFold(user, "voicemail") && id == "" }

// isHidden reports whether a number is a phone system's word for none.
func isHidden(number string) bool {
	switch strings.ToLower(strings.TrimSpace(number)) {
	case "anonymous", "anonym", "unknown", "restricted", "private", "withheld", "unavailable":
		return true
	}
	return false
}
