//go:build !js

// Package clipboard puts text on the clipboard of the desktop that the companion
// runs in. It never reads what is there.
package clipboard

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// MaxText is the longest text, in bytes.
const MaxText = 4 << 10

// wait bounds a clipboard that another program holds.
const wait = 2 * time.Second

// Clipboard is a desktop's.
type Clipboard struct {
	Tools []Tool // the first that is there and may be used is; none on Windows
	Env   []string
}

// Tool is a program that copies its standard input.
type Tool struct {
	Path  string
	Args  []string
	Needs string // a variable of the environment without which it cannot work
}

// Write puts text on the clipboard, made plain. The error is in words for people.
func (c Clipboard) Write(ctx context.Context, text string) error {
	if len(text) > MaxText {
		return fmt.Errorf("the text has %d bytes, at most %d", len(text), MaxText)
	}
	if text = Plain(text); text == "" {
		return errors.New("the text is empty")
	}
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	return c.write(ctx, text)
}

// Plain returns text on one line, without characters that are not seen. The
// server has done so as well; but what is pasted into a terminal is looked at
// where it is copied.
func Plain(text string) string {
	var b strings.Builder
	for i, r := range text {
		switch {
		case r == '\r' && strings.HasPrefix(text[i:], "\r\n"):
		case r == '\t' || r == '\n' || r == '\r':
			b.WriteByte(' ')
		case r == utf8.RuneError, r == '\u2028', r == '\u2029', unicode.In(r, unicode.Cc, unicode.Cf):
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
