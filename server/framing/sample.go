package framing

import (
	"strings"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/urltemplate"
)

// Page is the page of a popup, as a check asks for it.
type Page struct {
	Popup *screenpop.Popup
	Key   string // the frame key; "" where the page has no address of its own
	URL   string // with values that mean nobody; "" if there is none
	Skip  string // why it is not asked for; "" if it is
	Cure  string // what can be done about that
}

// Pages returns the pages of popups, those that have one, in their order.
func Pages(popups []screenpop.Popup) []Page {
	var all []Page
	for i := range popups {
		if popups[i].Kind == screenpop.KindURL {
			all = append(all, pageOf(&popups[i]))
		}
	}
	return all
}

func pageOf(p *screenpop.Popup) Page {
	page := Page{Popup: p, Key: p.URL.FrameKey()}
	if page.Key == "" {
		page.Skip = "the address comes with each event, so there is none to ask before"
		page.Cure = "a browser finds out when the page pops, and remembers it"
		return page
	}
	res, err := p.URL.Expand(urltemplate.Values{Lookup: sample{p}.value})
	switch {
	case err != nil:
		page.Skip = "no address can be made without a real event: " + err.Error()
	default:
		page.URL = res.Text
	}
	switch {
	case !p.Probe:
		page.Skip = `it is not asked for: probe="no" says that opening the address does something`
		page.Cure = "a browser finds out when the page pops"
	case !p.Visible:
		page.Skip = "it is not asked for: a page that nobody sees is called for what the call does"
	}
	return page
}

// sample gives variables values that mean nobody, of the kind that each variable
// has. They are always the same: a CRM's log can be searched for them.
type sample struct{ popup *screenpop.Popup }

// The values that no real request has.
const (
	sampleNumber = "+4700000000"
	sampleMail   = "nobody@example.com"
	sampleHandle = "nobody"
	sampleTime   = "2026-01-01T00:00:00Z"
	sampleID     = "0"
	sampleText   = "test"
)

func (s sample) value(name string) (string, bool) {
	switch name {
	case "anum":
		return s.caller(), true
	case "dnis":
		return sampleNumber, true
	case "trigger":
		return string(first(s.popup.On, screenpop.DefaultTrigger(s.channel()))), true
	case "channel":
		return string(s.channel()), true
	case "direction":
		return string(screenpop.In), true
	case "queue_key":
		return strings.NewReplacer("*", "", "?", "").Replace(first(s.popup.Queues, sampleText)), true
	case "agent":
		return sampleMail, true
	case "time":
		return sampleTime, true
	case "subject", "name", "agent_name":
		return sampleText, true
	}
	return byName(name), true
}

// caller is by what the channel knows its callers.
func (s sample) caller() string {
	switch s.channel() {
	case screenpop.Email, screenpop.Chat:
		return sampleMail
	case screenpop.Social:
		return sampleHandle
	}
	return sampleNumber
}

func (s sample) channel() screenpop.Channel { return first(s.popup.Channels, screenpop.Voice) }

// byName guesses from the name of a variable what kind of value it has.
func byName(name string) string {
	name = strings.ToLower(name)
	for _, kind := range []struct {
		words []string
		value string
	}{
		{[]string{"mail"}, sampleMail},
		{[]string{"phone", "mobile", "tel", "msisdn", "caller"}, sampleNumber},
		{[]string{"date", "time"}, sampleTime},
		{[]string{"name", "subject", "title", "text", "segment"}, sampleText},
	} {
		for _, w := range kind.words {
			if strings.Contains(name, w) {
				return kind.value
			}
		}
	}
	return sampleID
}

func first[T any](all []T, other T) T {
	if len(all) == 0 {
		return other
	}
	return all[0]
}
