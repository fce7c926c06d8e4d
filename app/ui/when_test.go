package ui_test

import (
	"testing"
	"time"

	"github.com/crmpop/crmpop/app/ui"
)

func TestAgo(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	tests := []struct {
		name string
		t    time.Time
		want string
	}{
		{"now", now, "just now"},
		{"the server's clock is ahead", now.Add(time.Second), "just now"},
		{"seconds", now.Add(-12 * time.Second), "12 s ago"},
		{"minutes", now.Add(-2 * time.Minute), "2 min ago"},
		{"just under an hour", now.Add(-59*time.Minute - 59*time.Second), "59 min ago"},
		{"an hour", now.Add(-time.Hour), "at 11:00"},
		{"another day", now.Add(-24 * time.Hour), "at 21 Nov 12:00"},
		{"never", time.Time{}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := ui.Ago(tt.t, now); got != tt.want {
				t.Errorf("Ago(%v) = %q, want %q", tt.t, got, tt.want)
			}
		})
	}
}

func TestSpan(t *testing.T) {
	tests := []struct {
		d    time.Duration
		want string
	}{
		{0, "0:00"}, {-time.Second, "0:00"}, {42 * time.Second, "0:42"}, {12*time.Minute + 5*time.Second, "12:05"},
		{time.Hour + 2*time.Minute + 9*time.Second, "1:02:09"},
	}
	for _, tt := range tests {
		if got := ui.Span(tt.d); got != tt.want {
			t.Errorf("Span(%v) = %q, want %q", tt.d, got, tt.want)
		}
	}
}

func TestSeconds(t *testing.T) {
	tests := []struct {
		d    time.Duration
		want string
	}{
		{300 * time.Millisecond, "0.3 s"}, {0, "0.0 s"}, {-time.Second, "0.0 s"}, {9940 * time.Millisecond, "9.9 s"},
		{9960 * time.Millisecond, "10 s"}, {12 * time.Second, "12 s"},
	}
	for _, tt := range tests {
		if got := ui.Seconds(tt.d); got != tt.want {
			t.Errorf("Seconds(%v) = %q, want %q", tt.d, got, tt.want)
		}
	}
}
