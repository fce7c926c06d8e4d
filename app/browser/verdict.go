package browser

import (
	"strconv"
	"strings"
	"time"
)

// How long a verdict is believed. A refusal may be a passing fault of the page,
// so it is soon asked again; what the agent has seen with own eyes stays.
const (
	allowedFor      = 24 * time.Hour
	refusedFor      = 10 * time.Minute
	agentsWordFor   = 30 * 24 * time.Hour
	verdictPrefix   = "crmpop.verdict."
	verdictAllowed  = "allowed"
	verdictRefused  = "refused"
	verdictBrowser  = "browser"
	verdictAgent    = "agent"
	verdictFields   = 4 // what, by whom, until when, why
	longestVerdict  = 300
	verdictFieldSep = "\t"
)

// shelf is where verdicts are kept between visits.
type shelf interface {
	Load(key string) (string, bool)
	Save(key, value string) bool
	Delete(key string)
	Keys(prefix string) []string
}

// verdict is what is known of pages of one key.
type verdict struct {
	what  string // verdictAllowed, verdictRefused, or "" for unknown
	by    string
	until time.Time
	why   string
}

// verdicts remembers which pages may be framed. An empty key is never remembered.
type verdicts struct {
	shelf shelf
	now   func() time.Time
}

// of returns what is known of key; the zero verdict is unknown.
func (v verdicts) of(key string) verdict {
	if key == "" {
		return verdict{}
	}
	text, ok := v.shelf.Load(verdictPrefix + key)
	if !ok {
		return verdict{}
	}
	known := readVerdict(text)
	if !v.now().Before(known.until) {
		v.forget(key)
		return verdict{}
	}
	return known
}

// allow remembers that pages of key can be framed. The agent's word outweighs it.
func (v verdicts) allow(key string) {
	if v.of(key).by == verdictAgent {
		return
	}
	v.keep(key, verdict{what: verdictAllowed, by: verdictBrowser, until: v.now().Add(allowedFor)})
}

// refuse remembers for a while that pages of key cannot be framed.
func (v verdicts) refuse(key, why string) {
	if v.of(key).by == verdictAgent {
		return
	}
	v.keep(key, verdict{what: verdictRefused, by: verdictBrowser, until: v.now().Add(refusedFor), why: why})
}

// agentRefuses remembers for long that the agent finds pages of key blank.
func (v verdicts) agentRefuses(key, why string) {
	v.keep(key, verdict{what: verdictRefused, by: verdictAgent, until: v.now().Add(agentsWordFor), why: why})
}

// agentAllows remembers for long that the agent wants pages of key framed although
// others have found them blank.
func (v verdicts) agentAllows(key string) {
	v.keep(key, verdict{what: verdictAllowed, by: verdictAgent, until: v.now().Add(agentsWordFor)})
}

// forget makes key unknown.
func (v verdicts) forget(key string) {
	if key != "" {
		v.shelf.Delete(verdictPrefix + key)
	}
}

// sweep takes away what is no longer believed.
func (v verdicts) sweep() {
	for _, full := range v.shelf.Keys(verdictPrefix) {
		v.of(strings.TrimPrefix(full, verdictPrefix))
	}
}

func (v verdicts) keep(key string, d verdict) {
	if key == "" {
		return
	}
	v.shelf.Save(verdictPrefix+key, d.String())
}

// String is the form on the shelf.
func (d verdict) String() string {
	why := []rune(strings.ReplaceAll(d.why, verdictFieldSep, " "))
	if len(why) > longestVerdict {
		why = why[:longestVerdict]
	}
	return strings.Join([]string{d.what, d.by, strconv.FormatInt(d.until.Unix(), 10), string(why)}, verdictFieldSep)
}

// readVerdict reads the form on the shelf; what it cannot read is a verdict that
// has long run out.
func readVerdict(text string) verdict {
	fields := strings.SplitN(text, verdictFieldSep, verdictFields)
	if len(fields) != verdictFields || (fields[0] != verdictAllowed && fields[0] != verdictRefused) {
		return verdict{}
	}
	until, err := strconv.ParseInt(fields[2], 10, 64)
	if err != nil {
		return verdict{}
	}
	return verdict{what: fields[0], by: fields[1], until: time.Unix(until, 0), why: fields[3]}
}
