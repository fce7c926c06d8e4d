package workspace

import (
	"net/url"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/ui"
)

// Every sentence the agent reads is made here: what happened, then what to do.

// channelIcon returns the name of the channel's icon.
func channelIcon(c screenpop.Channel) string {
	switch c {
	case screenpop.Voice:
		return "phone"
	case screenpop.Chat:
		return "chat"
	case screenpop.Email:
		return "mail"
	}
	return "social"
}

// channelWords names the channel and direction: "Incoming call".
func channelWords(r screenpop.Request) string {
	noun := map[screenpop.Channel]string{
		screenpop.Voice: "call", screenpop.Chat: "chat", screenpop.Email: "e-mail", screenpop.Social: "social message",
	}[r.Channel]
	if noun == "" {
		noun = "request"
	}
	if r.Direction == screenpop.Out {
		return "Outgoing " + noun
	}
	return "Incoming " + noun
}

// stateWords returns the request's state in a word or two.
func stateWords(r screenpop.Request) string {
	switch {
	case r.TakenBy != "":
		return "taken by " + r.TakenBy
	case r.State == screenpop.StateOffered:
		return "offered"
	case r.State == screenpop.StateRinging && r.Channel == screenpop.Voice:
		return "ringing"
	case r.State == screenpop.StateRinging:
		return "waiting for you"
	case r.State == screenpop.StateAccepted && r.Channel == screenpop.Voice:
		return "talking"
	case r.State == screenpop.StateAccepted:
		return "in progress"
	case r.State == screenpop.StateHangup && r.Channel == screenpop.Voice:
		return "after call"
	case r.State == screenpop.StateHangup:
		return "ended"
	}
	return "new"
}

// edge returns which of the state colours a request wears: ring, talk, wrap, miss
// or none.
func edge(r screenpop.Request) string {
	switch {
	case r.TakenBy != "":
		return "wrap"
	case r.State == screenpop.StateOffered || r.State == screenpop.StateRinging:
		return "ring"
	case r.State == screenpop.StateAccepted:
		return "talk"
	case r.Ended() && r.AcceptedAt.IsZero():
		return "miss"
	case r.Ended():
		return "wrap"
	}
	return "none"
}

// tabName is the accessible name of a request's tab. It begins with what can be
// seen, as whoever speaks to the browser says that. It holds no running time: a
// screen reader would read it again each second.
func tabName(r screenpop.Request, badge int) string {
	parts := []string{r.Caller(), subtitle(r)}
	if r.Name != "" && r.ANI != "" {
		parts = append(parts, r.ANI)
	}
	parts = append(parts, string(r.Channel))
	if r.Subject != "" { // which stands where the queue stands of others
		parts = append(parts, r.QueueKey)
	}
	if badge > 0 {
		parts = append(parts, count(badge, "page not seen yet", "pages not seen yet"))
	}
	return joined(", ", parts...)
}

// subtitle is the second line of a request's tab: what it is about and how it
// stands. A subject may be too long for both, so until the request is being
// worked on its state comes first.
func subtitle(r screenpop.Request) string {
	switch {
	case r.Subject == "":
		return joined(" · ", r.QueueKey, stateWords(r))
	case r.State == screenpop.StateAccepted && r.TakenBy == "":
		return joined(" · ", r.Subject, stateWords(r))
	}
	return joined(" · ", stateWords(r), r.Subject)
}

// announcement is said once when a request arrives: "Call from +47 22 33 44 55, sales".
func announcement(r screenpop.Request) string {
	noun := map[screenpop.Channel]string{
		screenpop.Voice: "Call", screenpop.Chat: "Chat", screenpop.Email: "E-mail", screenpop.Social: "Message",
	}[r.Channel]
	if noun == "" {
		noun = "Request"
	}
	way := " from "
	if r.Direction == screenpop.Out {
		way = " to "
	}
	return joined(", ", noun+way+ui.Spoken(r.Caller()), r.QueueKey)
}

// eventWords says what an event of a request's timeline was.
func eventWords(t screenpop.Trigger, c screenpop.Channel) string {
	switch t {
	case screenpop.Offered:
		return "Offered"
	case screenpop.Ringing:
		return ui.Pick(c == screenpop.Voice, "Ringing", "Waiting for you")
	case screenpop.Accepted:
		return ui.Pick(c == screenpop.Voice, "Answered", "Accepted")
	case screenpop.Assigned:
		return "Assigned"
	case screenpop.Hangup:
		return ui.Pick(c == screenpop.Voice, "Hung up", "Ended")
	case screenpop.Closed:
		return "Closed"
	}
	return "Details updated"
}

// popWords tells a pop's way to its end: "SuperOffice shown, 0.3 s".
func popWords(p *page) string {
	subject := p.title()
	if subject == "" {
		subject = p.pop.PopupID
	}
	return subject + " " + strings.Join(steps(p.pop), ", ")
}

// steps returns the receipts of a pop in words, in order, without the ones that
// are only on the way and without repeats.
func steps(pop screenpop.Pop) []string {
	var words []string
	for _, r := range pop.Receipts {
		w := receiptWords(r.State, r.Detail)
		if !r.State.Open() && (len(words) == 0 || words[len(words)-1] != w) {
			words = append(words, w)
		}
	}
	if len(words) == 0 {
		words = append(words, receiptWords(pop.State, pop.Detail))
	}
	return words
}

func receiptWords(s screenpop.PopState, detail string) string {
	switch s {
	case screenpop.PopShown:
		return joined(", ", "shown", detail)
	case screenpop.PopOpened:
		return joined(" ", "opened", detail)
	case screenpop.PopWaiting:
		return "waits for your click"
	case screenpop.PopRefused:
		if detail == agentSaysSo {
			return "was blank"
		}
		return "refused to be framed" + bracketed(detail)
	case screenpop.PopCopied:
		return joined(" ", "copied", detail)
	case screenpop.PopSent:
		return joined(ui.Pick(detail > "9", " ", ", "), "sent", detail) // a status stands apart
	case screenpop.PopRan:
		return joined(", ", "ran", detail)
	case screenpop.PopFailed:
		return "failed" + after(": ", detail)
	case screenpop.PopMissed:
		return "came while you were away"
	case screenpop.PopWithdrawn:
		return "withdrawn" + after(": ", detail)
	case screenpop.PopSkipped:
		return "skipped" + after(": ", detail)
	}
	return "is on its way"
}

// popTone returns how the timeline colours a pop: ok, warn, bad or quiet.
func popTone(s screenpop.PopState) string {
	switch s {
	case screenpop.PopShown, screenpop.PopOpened, screenpop.PopCopied, screenpop.PopSent, screenpop.PopRan:
		return "ok"
	case screenpop.PopWaiting, screenpop.PopRefused, screenpop.PopMissed:
		return "warn"
	case screenpop.PopFailed:
		return "bad"
	}
	return "quiet"
}

// where says where a window has opened.
func where(target string) string {
	if target == screenpop.TargetBlank {
		return "in a browser tab"
	}
	return "in window " + target
}

// short cuts a title to n letters; the full one stands in the tooltip.
func short(title string, n int) string {
	letters := []rune(title)
	if len(letters) <= n {
		return title
	}
	return strings.TrimSpace(string(letters[:n-1])) + "…"
}

// host returns the host of an address, the address itself if it has none.
func host(address string) string {
	if u, err := url.Parse(address); err == nil && u.Host != "" {
		return u.Hostname()
	}
	return address
}

// documentTitle is the title of the browser tab: what rings comes first.
func documentTitle(tabs []tabGlance) string {
	unseen := 0
	for _, t := range tabs {
		if t.Edge == "ring" {
			return ui.Spoken(t.Caller) + " · CRM Pop"
		}
		unseen += t.Badge
	}
	if unseen > 0 {
		return "(" + number(unseen) + ") CRM Pop"
	}
	return "CRM Pop"
}

// connectedFor says since when the connection stands.
func connectedFor(since, now time.Time) string {
	if since.IsZero() {
		return ""
	}
	return "connected since " + ui.TimeOfDay(since, now)
}

// sentence makes a sentence of a reason in words.
func sentence(s string) string {
	if s == "" {
		return ""
	}
	first, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(first)) + strings.TrimSuffix(s[size:], ".") + "."
}

func bracketed(s string) string {
	if s == "" {
		return ""
	}
	return " (" + s + ")"
}

func after(mark, s string) string {
	if s == "" {
		return ""
	}
	return mark + s
}

// joined joins the parts that are not empty.
func joined(mark string, parts ...string) string {
	var kept []string
	for _, p := range parts {
		if p != "" {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, mark)
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return number(n) + " " + many
}
