package ui

import (
	"strconv"
	"time"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"
)

// Ago returns when t was as people say it: "just now", "12 s ago", "2 min ago",
// and from an hour on the time of day, with the date if it was another day.
func Ago(t, now time.Time) string {
	d := now.Sub(t)
	switch {
	case t.IsZero():
		return ""
	case d < 5*time.Second:
		return "just now"
	case d < time.Minute:
		return strconv.Itoa(int(d/time.Second)) + " s ago"
	case d < time.Hour:
		return strconv.Itoa(int(d/time.Minute)) + " min ago"
	}
	return "at " + TimeOfDay(t, now)
}

// TimeOfDay returns the time of day of t, after its date if that is not today's.
func TimeOfDay(t, now time.Time) string {
	t = t.In(now.Location())
	if t.Format(time.DateOnly) == now.Format(time.DateOnly) {
		return t.Format("15:04")
	}
	return t.Format("2 Jan 15:04")
}

// When returns t as people say it, with the exact time as its tooltip.
func When(t, now time.Time) goapp.UI {
	return goapp.Time().
		Class("when").
		DateTime(t.UTC().Format(time.RFC3339)).
		Title(t.In(now.Location()).Format("2 Jan 2006 15:04:05")).
		Text(Ago(t, now))
}

// Seconds returns a short duration: "0.3 s", "12 s".
func Seconds(d time.Duration) string {
	s := d.Seconds()
	if s < 0 {
		s = 0
	}
	if s < 9.95 {
		return strconv.FormatFloat(s, 'f', 1, 64) + " s"
	}
	return strconv.Itoa(int(s+0.5)) + " s"
}
