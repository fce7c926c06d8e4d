package admin

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/crmpop/crmpop/app/screenpop"
)

// orElse returns s, other where s is empty.
func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// plural counts: "1 user", "214 users".
func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// kib returns a size: "0.4 KiB", "12 KiB".
func kib(bytes int) string {
	k := float64(bytes) / 1024
	if k < 9.95 {
		return fmt.Sprintf("%.1f KiB", k)
	}
	return fmt.Sprintf("%.0f KiB", k)
}

// sentence begins with a capital, unless its first word is no word of a language
// (an address, a name in quotes), and ends with a full stop.
func sentence(s string) string {
	if s == "" {
		return ""
	}
	word, _, _ := strings.Cut(s, " ")
	if first, size := utf8.DecodeRuneInString(s); strings.Trim(word, "abcdefghijklmnopqrstuvwxyz,") == "" {
		s = string(unicode.ToUpper(first)) + s[size:]
	}
	if !strings.ContainsAny(s[len(s)-1:], ".!?") {
		s += "."
	}
	return s
}

// joined joins the parts that are not empty.
func joined(by string, parts ...string) string {
	var some []string
	for _, p := range parts {
		if p != "" {
			some = append(some, p)
		}
	}
	return strings.Join(some, by)
}

// levelWords name a level.
var levelWords = map[string]string{levelTenant: "Company", levelGroup: "Group", levelUser: "User"}

// channelWords name a channel.
var channelWords = map[screenpop.Channel]string{
	screenpop.Voice: "Call", screenpop.Chat: "Chat", screenpop.Email: "E-mail", screenpop.Social: "Social message",
}

// channelIcons name the icon of a channel.
var channelIcons = map[screenpop.Channel]string{
	screenpop.Voice: "phone", screenpop.Chat: "chat", screenpop.Email: "mail", screenpop.Social: "social",
}

// clock returns the time of day to the thousandth of a second.
func clock(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Local().Format("15:04:05.000")
}

// stamp returns a date and time.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Local().Format("2 Jan 15:04:05")
}

// millis returns a duration as it is read beside others: "12 ms", "1.4 s".
func millis(d time.Duration) string {
	if d < 0 {
		d = 0
	}
	if d < 10*time.Second {
		if d < time.Second {
			return fmt.Sprintf("%d ms", d.Milliseconds())
		}
		return fmt.Sprintf("%.1f s", d.Seconds())
	}
	if d < 10*time.Minute {
		return fmt.Sprintf("%d s", d.Round(time.Second)/time.Second)
	}
	if d < 2*time.Hour {
		return fmt.Sprintf("%d min", d.Round(time.Minute)/time.Minute)
	}
	return fmt.Sprintf("%d h", d.Round(time.Hour)/time.Hour)
}

// words returns the parts of s that are not empty, without the space around them.
func words(s, by string) []string {
	all := []string{}
	for part := range strings.SplitSeq(s, by) {
		if part = strings.TrimSpace(part); part != "" {
			all = append(all, part)
		}
	}
	return all
}
