package config_test

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/crmpop/crmpop/server/config"
)

func TestLogMasksWhoIsCalling(t *testing.T) {
	for _, c := range []struct{ key, value, want string }{
		{"anum", "+4722334455", "+47••••••55"},
		{"dnis", "22334455", "22••••55"},
		{"dnis", "113", "•••"},
		{"alias", "anna@acme.example", "a•••@acme.example"},
		{"agent", "2149", "••••"},
		{"request_id", "c-8f2", "c-8f2"},
	} {
		var b bytes.Buffer
		config.NewLog(&b, "info", "text").Info("event taken in", c.key, c.value)
		if !strings.Contains(b.String(), c.key+"="+c.want+"\n") {
			t.Errorf("%s=%s is logged as %q, want %s", c.key, c.value, b.String(), c.want)
		}
	}
}

func TestMaskedHidesItselfUnderAnyKey(t *testing.T) {
	for _, format := range []string{"text", "json"} {
		var b bytes.Buffer
		config.NewLog(&b, "info", format).Info("x", "who", config.Masked("+4722334455"), slog.Group("g", "dnis", "+4721898989"))
		if strings.Contains(b.String(), "223344") || strings.Contains(b.String(), "218989") {
			t.Errorf("%s log shows a number: %s", format, b.String())
		}
	}
}

func TestLogCannotBeForged(t *testing.T) {
	for _, format := range []string{"text", "json"} {
		for _, evil := range []string{"a\nlevel=ERROR msg=forged", "a\x1b[31m", "a\u202eb", "a\u2028b", "a\u009bb", "a\x00b"} {
			var b bytes.Buffer
			log := config.NewLog(&b, "info", format)
			log.Info("x", "queue_key", evil, "err", errors.New(evil))
			if strings.Count(b.String(), "\n") != 1 || strings.ContainsAny(b.String(), "\x1b\u202e\u2028\u009b\x00") {
				t.Errorf("%s log of %q: %q", format, evil, b.String())
			}
			if strings.Contains(b.String(), `\u00`) || strings.Contains(b.String(), `\u20`) || strings.Contains(b.String(), `\x`) {
				t.Errorf("%s log of %q keeps it escaped: %q", format, evil, b.String())
			}
		}
	}
}

func TestLogLevel(t *testing.T) {
	var b bytes.Buffer
	config.NewLog(&b, "warn", "text").Info("quiet")
	config.NewLog(&b, "warn", "text").Warn("loud")
	if got := b.String(); strings.Contains(got, "quiet") || !strings.Contains(got, "loud") {
		t.Errorf("at level warn the log is %q", got)
	}
}
