package screenpop

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// Match reports whether the popup pops for a request that has reached trigger t,
// and why, in words: of what does not fit, the first, in the order on, channel,
// queue, direction, conditions.
func (p *Popup) Match(t Trigger, r Request) (ok bool, why string) {
	switch {
	case len(p.On) == 0 && t != DefaultTrigger(r.Channel):
		return false, `on is "` + string(DefaultTrigger(r.Channel)) + `" (the default for ` + string(r.Channel) + `), the trigger was "` + string(t) + `"`
	case len(p.On) > 0 && !slices.Contains(p.On, t):
		return false, `on is "` + words(p.On) + `", the trigger was "` + string(t) + `"`
	case len(p.Channels) > 0 && !slices.Contains(p.Channels, r.Channel):
		return false, `channel is "` + words(p.Channels) + `", the request's was "` + string(r.Channel) + `"`
	case len(p.Queues) > 0 && !anyGlob(p.Queues, r.QueueKey):
		return false, `queue is "` + strings.Join(p.Queues, " ") + `", the request's queue_key was "` + shorten(r.QueueKey) + `"`
	case p.Direction != "" && p.Direction != r.Direction:
		return false, `direction is "` + string(p.Direction) + `", the request's was "` + string(r.Direction) + `"`
	}
	for _, c := range p.When {
		if v, _ := r.variable(c.Variable, t); !c.holds(v) {
			return false, "when " + c.String() + `, it was "` + shorten(v) + `"`
		}
	}
	return true, p.whyMatched(t)
}

// whyMatched lists what was asked for and held.
func (p *Popup) whyMatched(t Trigger) string {
	why := `the trigger was "` + string(t) + `"`
	if len(p.Channels) > 0 {
		why += `, channel is "` + words(p.Channels) + `"`
	}
	if len(p.Queues) > 0 {
		why += `, queue is "` + strings.Join(p.Queues, " ") + `"`
	}
	if p.Direction != "" {
		why += `, direction is "` + string(p.Direction) + `"`
	}
	for _, c := range p.When {
		why += ", " + c.String()
	}
	return why
}

// String returns the condition in words: `segment must be "gold"`.
func (c Condition) String() string {
	verb := " must be "
	switch c.Op {
	case "not":
		verb = " must not be "
	case "matches":
		verb = " must match "
	}
	return c.Variable + verb + `"` + c.Value + `"`
}

func (c Condition) holds(value string) bool {
	switch c.Op {
	case "not":
		return value != c.Value
	case "matches":
		return glob(c.Value, value)
	}
	return value == c.Value
}

func words[T ~string](all []T) string {
	s := string(all[0])
	for _, w := range all[1:] {
		s += " " + string(w)
	}
	return s
}

func anyGlob(patterns []string, s string) bool {
	for _, p := range patterns {
		if glob(p, s) {
			return true
		}
	}
	return false
}

// glob reports whether all of s matches pattern, in which * stands for any
// characters and ? for one. It goes back to the last * only, so the time is at
// most the product of the two lengths.
func glob(pattern, s string) bool {
	star, from := -1, 0 // the last *, and where its match ended
	p, i := 0, 0
	for i < len(s) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, from = p, i
			p++
		case p < len(pattern) && pattern[p] == '?':
			_, n := utf8.DecodeRuneInString(s[i:])
			p, i = p+1, i+n
		case p < len(pattern) && pattern[p] == s[i]:
			p, i = p+1, i+1
		case star >= 0:
			_, n := utf8.DecodeRuneInString(s[from:])
			from += n
			p, i = star+1, from
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}
