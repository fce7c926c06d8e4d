package urltemplate

import (
	"net/url"
	"strings"
)

// expandWhole returns the URL that raw, the value of {url}, stands for. It goes
// through the very checks that a template goes through, and then Go's parser must
// see the same host as a browser.
func expandWhole(raw string, hosts func(string) bool) (Result, error) {
	return Whole("the value of {url}", raw, hosts)
}

// Whole is the expansion of {url} alone for a raw value from elsewhere; what is
// how the reason of a *SkipError calls it.
func Whole(what, raw string, hosts func(string) bool) (Result, error) {
	skip := func(reason string) (Result, error) {
		return Result{}, &SkipError{Variable: "url", Reason: what + " " + reason}
	}
	raw = strings.Trim(raw, xmlSpace)
	switch {
	case raw == "":
		return skip("is empty")
	case len(raw) > MaxURL:
		return skip("is " + itoa(len(raw)) + " bytes long; at most " + itoa(MaxURL) + " are opened")
	}
	text, origin, fault := normalise(raw)
	if fault != nil {
		return skip("cannot be opened: " + fault.Msg)
	}
	_, host, _ := strings.Cut(origin, "://")
	u, err := url.Parse(text)
	switch {
	case len(text) > MaxURL:
		return skip("is longer than " + itoa(MaxURL) + " bytes")
	case err != nil || u.Host != host || u.User != nil || u.Opaque != "":
		return skip("is read differently by different programs")
	case hosts == nil || !hosts(host):
		return skip("leads to " + quote(host) + ", which is not on the list of hosts")
	}
	return Result{Text: text, Parts: []Part{{Text: text, Variable: "url"}}, Origin: origin}, nil
}

// normalise returns a URL as browsers write it, and its origin, or its first
// error.
func normalise(raw string) (text, origin string, fault *Fault) {
	origin, rest, faults := splitOrigin(raw)
	w := &walker{fault: func(off int, msg, cure string) {
		faults = append(faults, Fault{off, SeverityError, msg, cure})
	}}
	if rest >= 0 {
		text = w.begin(origin, raw[rest:], rest)
		w.end()
	}
	for i := range faults {
		if faults[i].Severity == SeverityError {
			return "", "", &faults[i]
		}
	}
	return text, origin, nil
}
