package config

import (
	"io"
	"log/slog"
	"strings"
	"unicode"
)

// Masked is a number or address of a person, which logs show only in outline:
// +47••••••55, k•••@example.com.
type Masked string

// LogValue returns the outline.
func (m Masked) LogValue() slog.Value { return slog.StringValue(mask(string(m))) }

func mask(s string) string {
	if local, domain, ok := strings.Cut(s, "@"); ok && local != "" {
		return string([]rune(local)[:1]) + "•••@" + domain
	}
	r := []rune(s)
	head, tail := 2, 2
	if strings.HasPrefix(s, "+") {
		head = 3
	}
	if len(r) < head+tail+3 {
		return strings.Repeat("•", len(r))
	}
	return string(r[:head]) + strings.Repeat("•", len(r)-head-tail) + string(r[len(r)-tail:])
}

// personal are the attributes that hold what a caller or agent is called by,
// whoever logs them.
var personal = map[string]bool{"anum": true, "dnis": true, "alias": true, "agent": true, "email": true,
	"name": true, "subject": true, "customer_key": true}

// NewLog returns a logger on w that masks what is personal and drops control
// and format characters, so that no caller can forge a line or turn it around.
func NewLog(w io.Writer, level, format string) *slog.Logger {
	var l slog.Level
	if err := l.UnmarshalText([]byte(level)); err != nil {
		l = slog.LevelInfo // the flag's enum lets nothing else through
	}
	o := &slog.HandlerOptions{Level: l, ReplaceAttr: clean}
	if format == "json" {
		return slog.New(slog.NewJSONHandler(w, o))
	}
	return slog.New(slog.NewTextHandler(w, o))
}

func clean(_ []string, a slog.Attr) slog.Attr {
	v := a.Value.Resolve()
	text := ""
	switch v.Kind() {
	case slog.KindString:
		text = v.String()
	case slog.KindAny:
		err, ok := v.Any().(error)
		if !ok {
			return a
		}
		text = err.Error()
	default:
		return a
	}
	if personal[a.Key] {
		text = mask(text)
	}
	a.Value = slog.StringValue(printable(text))
	return a
}

// printable drops controls (line breaks become spaces) and format characters,
// which JSON output would let through (U+202E).
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return ' '
		case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp):
			return -1
		}
		return r
	}, s)
}
