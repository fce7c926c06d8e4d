package framing

import (
	"strings"
)

const xfoName = "X-Frame-Options"

// frameOptions is what X-Frame-Options says.
type frameOptions struct {
	text string // all of it, as sent
	rule string // deny, sameorigin, allowall, "unknown", "conflict", or "" without the header
}

// parseFrameOptions reads the values of all X-Frame-Options headers as one list.
func parseFrameOptions(lines []string) frameOptions {
	o := frameOptions{text: strings.Join(lines, ", ")}
	for _, line := range lines {
		for _, v := range splitList(line) {
			rule := "unknown"
			switch v = lower(strings.Trim(v, white+"\v")); v {
			case "deny", "sameorigin", "allowall":
				rule = v
			}
			switch o.rule {
			case "":
				o.rule = rule
			case rule:
			default:
				o.rule = "conflict"
			}
		}
	}
	return o
}

// splitList splits a header at its commas, but not inside double quotes.
func splitList(line string) []string {
	var items []string
	start, quoted := 0, false
	for i := 0; i < len(line); i++ {
		switch {
		case line[i] == '"':
			quoted = !quoted
		case quoted && line[i] == '\\':
			i++
		case !quoted && line[i] == ',':
			items = append(items, line[start:i])
			start = i + 1
		}
	}
	return append(items, line[start:])
}

func (o frameOptions) verdict(ancestors []Origin, a answer) Verdict {
	header := xfoName + ": " + o.text
	switch o.rule {
	case "deny":
		return refused(header, "%s at %s", o.text, a.where())
	case "conflict":
		return refused(header, "%s at %s: the values contradict each other", o.text, a.where())
	case "sameorigin":
		for _, other := range ancestors {
			if !other.Same(a.page) {
				return refused(header, "%s at %s: %s is another origin", o.text, a.where(), other.inWords())
			}
		}
		return allowed(header, " by %s at %s: every ancestor has that origin", header, a.where())
	case "allowall", "unknown":
		return allowed(header, ": browsers do not heed %s at %s", header, a.where())
	}
	return allowed("", ": neither %s nor frame-ancestors at %s", xfoName, a.where())
}
