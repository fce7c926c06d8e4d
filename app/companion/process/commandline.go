//go:build !js

package process

import "strings"

// CommandLine joins a program and its arguments as CommandLineToArgvW and the
// Microsoft C library take them apart again. Each is quoted, also where Go's own
// joining would not: an & never stands outside of quotes.
func CommandLine(argv []string) string {
	var b strings.Builder
	for i, arg := range argv {
		if i == 0 {
			// A program's own name knows no escapes, and no path holds a quote.
			b.WriteString(`"` + arg + `"`)
			continue
		}
		b.WriteByte(' ')
		quote(&b, arg)
	}
	return b.String()
}

// quote doubles the backslashes before a quote and at the end, where they would
// escape it.
func quote(b *strings.Builder, arg string) {
	b.WriteByte('"')
	slashes := 0
	for i := range len(arg) {
		switch arg[i] {
		case '\\':
			slashes++
		case '"':
			b.WriteString(strings.Repeat(`\`, slashes+1))
			slashes = 0
		default:
			slashes = 0
		}
		b.WriteByte(arg[i])
	}
	b.WriteString(strings.Repeat(`\`, slashes))
	b.WriteByte('"')
}
